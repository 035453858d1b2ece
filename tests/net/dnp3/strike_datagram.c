/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What IP and UDP can do to the bytes of a message. See strike.h.
 *
 * Datagrams made by hand are IPv4 ones, from the address and port of the peer's own socket.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lab.h"
#include "strike.h"

enum { ANSWER_MS = 2000, MORE_FRAGMENTS = 0x2000, UDP_HEADER = 8, SMALL_MTU = 1280 };

/* A datagram; what is zero is as any sender would have it. */
struct datagram {
	struct wire payload;
	int length_shift; /* of the UDP header's length */
	bool bad_checksum;
	bool no_checksum;
	size_t fragment; /* bytes of each IP fragment, a multiple of 8; 0: no fragments */
	bool backwards;
};

static void
put16(struct wire *wire, unsigned value)
{
	wire_put(wire, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

static uint32_t
add16(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

/* UDP header and payload. */
static void
build_udp(const struct trial *t, const struct datagram *d, const uint8_t ends[8], struct wire *udp)
{
	unsigned length = (unsigned)((int)d->payload.length + UDP_HEADER + d->length_shift);
	uint32_t sum = add16(IPPROTO_UDP + length, ends, 8);

	udp->length = 0;
	put16(udp, t->peer.port);
	put16(udp, PORT_DNP3);
	put16(udp, length);
	put16(udp, 0);
	wire_put(udp, d->payload.bytes, d->payload.length);
	/* what lies behind the length is not part of the sum */
	sum = add16(sum, udp->bytes, length < udp->length ? length : udp->length);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	if (d->bad_checksum)
		sum ^= 0x5555;
	if (d->no_checksum)
		sum = 0;
	udp->bytes[6] = (uint8_t)(sum >> 8);
	udp->bytes[7] = (uint8_t)sum;
}

static void
send_ip(int fd, const struct sockaddr_in *to, const uint8_t ends[8], const struct wire *udp,
    size_t offset, size_t size, unsigned identity)
{
	bool more = offset + size < udp->length;
	struct wire ip = {.length = 0};

	if (!more)
		size = udp->length - offset;
	put16(&ip, 0x4500);
	put16(&ip, (unsigned)size + 20);
	put16(&ip, identity);
	put16(&ip, (unsigned)offset / 8 | (more ? MORE_FRAGMENTS : 0));
	wire_put(&ip, (const uint8_t[]){64, IPPROTO_UDP, 0, 0}, 4);
	wire_put(&ip, ends, 8);
	wire_put(&ip, &udp->bytes[offset], size);
	if (sendto(fd, ip.bytes, ip.length, 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
		lab_fail("cannot send a datagram");
}

static void
send_by_hand(struct trial *t, const struct datagram *d)
{
	static unsigned identity = 7;
	int fd = lab_socket(LAB_SUPERVISION, AF_INET, SOCK_RAW, IPPROTO_RAW);
	struct sockaddr_in own, to;
	socklen_t size = sizeof(own), to_size = sizeof(to);
	struct wire udp;
	uint8_t ends[8];
	size_t step, count;

	getsockname(t->peer.fd, (struct sockaddr *)&own, &size);
	getpeername(t->peer.fd, (struct sockaddr *)&to, &to_size);
	memcpy(ends, &own.sin_addr, 4);
	memcpy(&ends[4], &to.sin_addr, 4);
	to.sin_port = 0;
	build_udp(t, d, ends, &udp);
	identity++;
	step = d->fragment > 0 ? d->fragment : udp.length;
	count = (udp.length + step - 1) / step;
	for (size_t i = 0; i < count; i++)
		send_ip(
		    fd, &to, ends, &udp, (d->backwards ? count - 1 - i : i) * step, step, identity);
	t->peer.sent += d->payload.length;
	close(fd);
}

/* All packets of the script but the last as usual, the last one by hand. */
static void
send_last(struct trial *t, struct datagram *d)
{
	trial_connect(t);
	for (size_t i = 0; i + 1 < t->script.count; i++)
		peer_send(&t->peer, t->script.packets[i].bytes, t->script.packets[i].length);
	d->payload = t->script.packets[t->script.count - 1];
	send_by_hand(t, d);
}

void
strike_fragments(struct trial *t)
{
	send_last(t, &(struct datagram){.fragment = t->strike->argument});
}

void
strike_fragments_backwards(struct trial *t)
{
	send_last(t, &(struct datagram){.fragment = t->strike->argument, .backwards = true});
}

void
permitted_fragments(struct trial *t)
{
	strike_fragments(t);
	assert_true(peer_wait(&t->peer, 1, ANSWER_MS));
}

void
strike_bad_checksum(struct trial *t)
{
	send_last(t, &(struct datagram){.bad_checksum = true});
}

void
permitted_no_checksum(struct trial *t)
{
	send_last(t, &(struct datagram){.no_checksum = true});
	assert_true(peer_wait(&t->peer, 1, ANSWER_MS));
}

void
strike_long_udp(struct trial *t)
{
	send_last(t, &(struct datagram){.length_shift = 8});
}

/* The UDP header says that the datagram ends `argument` bytes before the packet does. */
void
strike_short_udp(struct trial *t)
{
	send_last(t, &(struct datagram){.length_shift = -(int)t->strike->argument});
}

/*
 * The sender's kernel hands two datagrams on as one packet, which is cut at the last moment
 * (generic segmentation offload): where, nobody on the way can see.
 */
void
strike_segmented(struct trial *t)
{
	struct wire all;
	int size = (int)t->strike->argument;

	script_join(&t->script, &all);
	trial_connect(t);
	assert_int_equal(setsockopt(t->peer.fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), 0);
	peer_send(&t->peer, all.bytes, all.length);
}

/* The first packet `argument` times and the second, as one datagram that has to be fragmented. */
void
strike_large_datagram(struct trial *t)
{
	int option = IP_PMTUDISC_DONT, mtu = SMALL_MTU;
	struct wire all = {.length = 0};

	for (unsigned i = 0; i < t->strike->argument; i++)
		wire_put(&all, t->script.packets[0].bytes, t->script.packets[0].length);
	wire_put(&all, t->script.packets[1].bytes, t->script.packets[1].length);
	t->script.packets[1] = all;
	trial_connect(t);
	if (over_is_ipv6(t->peer.over))
		setsockopt(t->peer.fd, IPPROTO_IPV6, IPV6_MTU, &mtu, sizeof(mtu));
	else
		setsockopt(t->peer.fd, IPPROTO_IP, IP_MTU_DISCOVER, &option, sizeof(option));
	peer_send(&t->peer, all.bytes, all.length);
}

void
permitted_large_datagram(struct trial *t)
{
	strike_large_datagram(t);
	assert_true(peer_wait(&t->peer, 1, ANSWER_MS));
	assert_true(station_got(&t->peer, &t->script.packets[1]));
}

/*
 * The packets whose bits are set in `argument` never arrive: they carry a destination option that
 * nobody knows and that says to throw the packet away then (RFC 8200 section 4.2).  What lies
 * between does not look at it; by IPv4, or by chance, a datagram is lost in other ways.
 */
void
strike_lost_datagrams(struct trial *t)
{
	static const uint8_t discard[8] = {0, 0, 0x5e, 4};

	trial_connect(t);
	for (size_t i = 0; i < t->script.count; i++) {
		bool lost = t->strike->argument & 1U << i;

		assert_int_equal(setsockopt(t->peer.fd, IPPROTO_IPV6, IPV6_DSTOPTS,
				     lost ? discard : NULL, lost ? sizeof(discard) : 0),
		    0);
		peer_send(&t->peer, t->script.packets[i].bytes, t->script.packets[i].length);
		lab_sleep_ms(5);
	}
}

/* From a host that no channel names. */
void
strike_stranger(struct trial *t)
{
	struct sockaddr_in own = {.sin_family = AF_INET}, to;
	socklen_t size = sizeof(to);
	int fd = lab_socket(LAB_SUPERVISION, AF_INET, SOCK_DGRAM, 0);

	trial_connect(t);
	own.sin_port = htons(t->peer.port);
	inet_pton(AF_INET, "10.10.0.20", &own.sin_addr);
	getpeername(t->peer.fd, (struct sockaddr *)&to, &size);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_true(sendto(fd, t->script.packets[0].bytes, t->script.packets[0].length, 0,
			(struct sockaddr *)&to, size) > 0);
	t->peer.sent += t->script.packets[0].length;
	close(fd);
}
