/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers: sockets in the namespaces of the laboratory.
 */
#include "inet_wire.h"
#include "peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t
read_address(const char *text, uint16_t port, union address *ret_address)
{
	memset(ret_address, 0, sizeof(*ret_address));
	if (inet_pton(AF_INET, text, &ret_address->v4.sin_addr) == 1) {
		ret_address->v4.sin_family = AF_INET;
		ret_address->v4.sin_port = htons(port);
		return sizeof(ret_address->v4);
	}
	if (inet_pton(AF_INET6, text, &ret_address->v6.sin6_addr) != 1)
		lab_fail("%s is no address", text);
	ret_address->v6.sin6_family = AF_INET6;
	ret_address->v6.sin6_port = htons(port);
	return sizeof(ret_address->v6);
}

static int
bound(enum lab_place place, int type, int protocol, const char *address, uint16_t port)
{
	union address own;
	socklen_t size = read_address(address, port, &own);
	int fd = lab_socket(place, own.any.sa_family, type, protocol), yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, &own.any, size) < 0)
		lab_fail("cannot bind %s port %u: %s", address, port, strerror(errno));
	return fd;
}

int
peer_udp(enum lab_place place, const char *address, uint16_t port)
{
	return bound(place, SOCK_DGRAM, 0, address, port);
}

int
peer_listen(enum lab_place place, const char *address, uint16_t port)
{
	int fd = bound(place, SOCK_STREAM, 0, address, port);

	if (listen(fd, 8) < 0)
		lab_fail("cannot listen: %s", strerror(errno));
	return fd;
}

/* 0 when the socket is ready, -ETIMEDOUT. */
static int
ready(int fd, short events, unsigned ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, (int)ms) > 0 ? 0 : -ETIMEDOUT;
}

static int
pending_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return -error;
}

int
peer_connect(enum lab_place place, const char *from, const char *to, uint16_t port, unsigned ms)
{
	union address other;
	socklen_t size = read_address(to, port, &other);
	int fd = bound(place, SOCK_STREAM, 0, from, 0), r = 0;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, &other.any, size) < 0) {
		r = errno == EINPROGRESS ? ready(fd, POLLOUT, ms) : -errno;
		if (r == 0)
			r = pending_error(fd);
	}
	fcntl(fd, F_SETFL, 0);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

bool
peer_can_connect(enum lab_place place, const char *from, const char *to, uint16_t port)
{
	int fd = peer_connect(place, from, to, port, PEER_DROP_MS);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int
peer_accept(int listener)
{
	int fd = ready(listener, POLLIN, PEER_PASS_MS) == 0 ? accept(listener, NULL, NULL) : -1;

	if (fd < 0)
		lab_fail("no connection to accept");
	return fd;
}

int
peer_pass(int from, int to, unsigned ms)
{
	char byte = 'x';

	if (send(from, &byte, 1, MSG_NOSIGNAL) < 0)
		return -errno;
	if (ready(to, POLLIN, ms) == 0 && recv(to, &byte, 1, 0) == 1)
		return 0;
	/* perhaps the sender knows more: it may have been reset */
	return ready(from, 0, ms) == 0 && pending_error(from) < 0 ? -ECONNRESET : -ETIMEDOUT;
}

bool
peer_datagram(int sender, const char *to, uint16_t port, int receiver)
{
	union address other;
	socklen_t size = read_address(to, port, &other);
	char byte;

	while (recv(receiver, &byte, 1, MSG_DONTWAIT) >= 0)
		;
	if (sendto(sender, "x", 1, 0, &other.any, size) < 0)
		return false;
	return ready(receiver, POLLIN, PEER_DROP_MS) == 0 && recv(receiver, &byte, 1, 0) == 1;
}

int
peer_refused(enum lab_place place, const char *from, const char *to, uint16_t port)
{
	union address other;
	socklen_t size = read_address(to, port, &other);
	int fd = bound(place, SOCK_DGRAM, 0, from, 0), r;
	char byte;

	if (connect(fd, &other.any, size) < 0 || send(fd, "x", 1, 0) < 0)
		lab_fail("cannot send: %s", strerror(errno));
	r = ready(fd, POLLIN, PEER_DROP_MS);
	if (r == 0 && recv(fd, &byte, 1, MSG_DONTWAIT) < 0)
		r = -errno;
	close(fd);
	return r;
}

int
peer_ping(enum lab_place place, const char *from, const char *to)
{
	static const uint8_t request4[8] = {8}, request6[8] = {128};
	union address other;
	socklen_t size = read_address(to, 0, &other);
	bool ipv4 = other.any.sa_family == AF_INET;
	int fd = bound(place, SOCK_DGRAM, ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, from, 0), r = 0;
	uint8_t answer[64];

	if (sendto(fd, ipv4 ? request4 : request6, 8, 0, &other.any, size) < 0)
		r = -errno;
	if (r == 0)
		r = ready(fd, POLLIN, PEER_DROP_MS);
	if (r == 0 && recv(fd, answer, sizeof(answer), 0) < 0)
		r = -errno;
	if (r == 0 && answer[0] != (ipv4 ? 0 : 129))
		r = -EPROTO;
	close(fd);
	return r;
}

int
peer_icmp(enum lab_place place, const char *to, uint8_t type, uint8_t answer)
{
	uint8_t packet[20] = {type, 0, 0, 0, 0x12, 0x34}, got[128];
	uint64_t end = lab_now_ms() + PEER_DROP_MS;
	union address other;
	socklen_t size = read_address(to, 0, &other);
	int fd = lab_socket(place, AF_INET, SOCK_RAW, IPPROTO_ICMP), r = -ETIMEDOUT;

	inet_put16(&packet[2], (uint16_t)~inet_sum(0, packet, sizeof(packet)));
	if (sendto(fd, packet, sizeof(packet), 0, &other.any, size) < 0)
		r = -errno;
	while (r == -ETIMEDOUT && lab_now_ms() < end) {
		if (ready(fd, POLLIN, 20) == 0 && recv(fd, got, sizeof(got), 0) >= 28 &&
		    got[20] == answer)
			r = 0;
	}
	close(fd);
	return r;
}

/* An IPv4 header in front of `length` bytes. */
static void
put_ipv4(uint8_t *packet, const char *from, const char *to, uint8_t protocol, size_t length)
{
	memset(packet, 0, 20);
	packet[0] = 0x45;
	inet_put16(&packet[2], (unsigned)(20 + length));
	packet[8] = 64;
	packet[9] = protocol;
	if (inet_pton(AF_INET, from, &packet[12]) != 1 || inet_pton(AF_INET, to, &packet[16]) != 1)
		lab_fail("%s or %s is no address", from, to);
	inet_put16(&packet[10], (uint16_t)~inet_sum(0, packet, 20));
}

/* Hand a packet to the gateway by a wire, past the routes of the place. */
static void
send_by(const struct peer_wire *wire, const uint8_t *packet, size_t size)
{
	struct sockaddr_ll gateway = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(packet[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6),
	    .sll_halen = 6,
	    .sll_addr = {2, 0, 0, 0, wire->number, 1}};
	int fd = lab_socket(wire->place, AF_PACKET, SOCK_DGRAM, 0);

	gateway.sll_ifindex = (int)if_nametoindex(wire->interface);
	if (sendto(fd, packet, size, 0, (struct sockaddr *)&gateway, sizeof(gateway)) < 0)
		lab_fail("cannot send a frame: %s", strerror(errno));
	close(fd);
}

static void
send_frame(enum lab_place place, const uint8_t *packet, size_t size)
{
	struct peer_wire wire = {place, "eth0", place == LAB_SUPERVISION ? 0x10 : 0x20};

	send_by(&wire, packet, size);
}

/* A UDP header without checksum and one byte. */
static void
put_udp(uint8_t *header, uint16_t from_port, uint16_t to_port)
{
	inet_put16(header, from_port);
	inet_put16(&header[2], to_port);
	inet_put16(&header[4], 9);
	inet_put16(&header[6], 0);
}

void
peer_forge(enum lab_place place, const char *from, const char *to, uint16_t port)
{
	uint8_t packet[20 + 8 + 1] = {0};

	put_ipv4(packet, from, to, IPPROTO_UDP, 9);
	put_udp(&packet[20], 4000, port);
	send_frame(place, packet, sizeof(packet));
}

void
peer_icmp_error(enum lab_place place, const char *from, uint16_t from_port, const char *to,
    uint16_t to_port, uint8_t type)
{
	uint8_t packet[20 + 8 + 20 + 8] = {0};

	put_ipv4(packet, from, to, IPPROTO_ICMP, sizeof(packet) - 20);
	packet[20] = type;
	put_ipv4(&packet[28], to, from, IPPROTO_UDP, 9);
	put_udp(&packet[48], to_port, from_port);
	inet_put16(&packet[22], (uint16_t)~inet_sum(0, &packet[20], sizeof(packet) - 20));
	send_frame(place, packet, sizeof(packet));
}

/* An IPv6 header in front of `length` bytes; the sum of what a checksum covers of it. */
static uint32_t
put_ipv6(uint8_t *packet, const char *from, const char *to, uint8_t protocol, size_t length)
{
	uint32_t sum = (uint32_t)length + protocol;

	memset(packet, 0, 40);
	packet[0] = 0x60;
	inet_put16(&packet[4], (unsigned)length);
	packet[6] = protocol;
	packet[7] = 64;
	if (inet_pton(AF_INET6, from, &packet[8]) != 1 || inet_pton(AF_INET6, to, &packet[24]) != 1)
		lab_fail("%s or %s is no address", from, to);
	for (size_t i = 8; i < 40; i += 2)
		sum += packet[i] * 256U + packet[i + 1];
	return sum;
}

void
peer_send_error(const struct peer_wire *wire, const struct peer_error *e)
{
	bool ipv4 = strchr(e->sender, ':') == NULL;
	size_t header = ipv4 ? 20 : 40, length = 8 + header + 9;
	uint8_t packet[40 + 8 + 40 + 9] = {0}, *icmp = &packet[header], *about = &icmp[8];
	uint32_t sum = 0;

	if (ipv4) {
		put_ipv4(packet, e->router, e->sender, IPPROTO_ICMP, length);
		put_ipv4(about, e->sender, e->receiver, IPPROTO_UDP, 9);
	} else {
		sum = put_ipv6(packet, e->router, e->sender, IPPROTO_ICMPV6, length);
		put_ipv6(about, e->sender, e->receiver, IPPROTO_UDP, 9);
	}
	icmp[0] = e->type;
	if (!ipv4 && e->type == 2) /* packet too big: the mtu */
		inet_put16(&icmp[6], 1300);
	put_udp(&about[header], e->sender_port, e->receiver_port);
	inet_put16(&icmp[2], (uint16_t)~inet_sum(sum, icmp, length));
	send_by(wire, packet, header + length);
}

void
peer_want_errors(int fd)
{
	int family, yes = 1;
	socklen_t size = sizeof(family);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0 ||
	    setsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
		family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &yes, sizeof(yes)) < 0)
		lab_fail("cannot ask for errors: %s", strerror(errno));
}

bool
peer_told(int fd, unsigned ms)
{
	char byte;

	if (ready(fd, 0, ms) < 0)
		return false;
	while (recv(fd, &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		;
	pending_error(fd);
	return true;
}

void
peer_reset(
    const char *from, uint16_t from_port, const char *to, uint16_t to_port, uint32_t sequence)
{
	int fd = lab_socket(LAB_GATEWAY, AF_INET, SOCK_RAW, IPPROTO_RAW);
	union address other;
	socklen_t size = read_address(to, 0, &other);
	uint8_t packet[40] = {0};
	uint32_t sum = IPPROTO_TCP + 20;

	put_ipv4(packet, from, to, IPPROTO_TCP, 20);
	inet_put16(&packet[20], from_port);
	inet_put16(&packet[22], to_port);
	inet_put16(&packet[24], sequence >> 16);
	inet_put16(&packet[26], sequence & 0xffff);
	packet[32] = 0x50;
	packet[33] = 4; /* RST */
	for (size_t i = 12; i < 20; i += 2)
		sum += packet[i] * 256U + packet[i + 1];
	inet_put16(&packet[36], (uint16_t)~inet_sum(sum, &packet[20], 20));
	if (sendto(fd, packet, sizeof(packet), 0, &other.any, size) < 0)
		lab_fail("cannot send a reset: %s", strerror(errno));
	close(fd);
}

int
peer_tap(enum lab_place place)
{
	struct sockaddr_ll own = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
	int fd = lab_socket(place, AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));

	own.sll_ifindex = (int)if_nametoindex("eth0");
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		lab_fail("cannot tap: %s", strerror(errno));
	return fd;
}

/* The next IPv4 packet without options of a protocol, or false at `end`. */
static bool
next_packet(int tap, uint8_t protocol, uint8_t *packet, size_t room, uint64_t end)
{
	uint64_t now;

	while ((now = lab_now_ms()) < end && ready(tap, POLLIN, (unsigned)(end - now)) == 0) {
		if (recv(tap, packet, room, 0) >= 28 && packet[0] == 0x45 && packet[9] == protocol)
			return true;
	}
	return false;
}

bool
peer_tapped(int tap, uint16_t port, unsigned flags, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;
	uint8_t packet[2048];

	while (next_packet(tap, IPPROTO_TCP, packet, sizeof(packet), end)) {
		if (packet[22] * 256 + packet[23] == port && packet[33] == flags)
			return true;
	}
	return false;
}

bool
peer_tapped_icmp(int tap, uint8_t type, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;
	uint8_t packet[2048];

	while (next_packet(tap, IPPROTO_ICMP, packet, sizeof(packet), end)) {
		if (packet[20] == type)
			return true;
	}
	return false;
}
