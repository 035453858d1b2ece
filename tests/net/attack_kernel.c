/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks with the kernel's own TCP on both sides, connections that no channel names, and a server
 * that lies. See attack.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "attack.h"
#include "device.h"
#include "lab.h"

enum { CONNECT_MS = 600, ANSWER_MS = 1500, RESET_MS = 100, QUIET_MS = 2500 };

struct endpoint {
	struct sockaddr_storage address;
	socklen_t size;
};

static struct endpoint
endpoint(const char *address, uint16_t port)
{
	struct endpoint e = {.size = sizeof(struct sockaddr_in)};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&e.address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&e.address;

	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
	} else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		e.size = sizeof(*v6);
	} else {
		lab_fail("%s is no address", address);
	}
	return e;
}

static int
listen_at(enum lab_place place, const char *address, uint16_t port)
{
	struct endpoint e = endpoint(address, port);
	int fd = lab_socket(place, e.address.ss_family, SOCK_STREAM, 0), yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&e.address, e.size) < 0 || listen(fd, 4) < 0)
		lab_fail("cannot listen at %s port %u: %s", address, port, strerror(errno));
	return fd;
}

/* A zone's host that the tests speak for: the HMI, the first PLC. */
static const char *
own_address(enum lab_place place, int family)
{
	if (place == LAB_SUPERVISION)
		return family == AF_INET ? "10.10.0.5" : "fd00:10::5";
	return family == AF_INET ? PLC1 : PLC1_IPV6;
}

/* A connection from one zone to an address, or -1 if there is none in time. */
static int
connect_to(enum lab_place place, const char *address, uint16_t port, uint16_t *ret_own_port)
{
	struct endpoint e = endpoint(address, port);
	int fd = lab_socket(place, e.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0), error = 0;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	struct endpoint from = endpoint(own_address(place, e.address.ss_family), 0);
	struct sockaddr_storage own;
	socklen_t size = sizeof(error), own_size = sizeof(own);

	if (bind(fd, (struct sockaddr *)&from.address, from.size) < 0)
		lab_fail("bind: %s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&e.address, e.size) < 0 && errno != EINPROGRESS)
		error = errno;
	getsockname(fd, (struct sockaddr *)&own, &own_size);
	if (ret_own_port) /* both families keep the port in the same place */
		*ret_own_port = ntohs(((struct sockaddr_in *)&own)->sin_port);
	if (error || poll(&p, 1, CONNECT_MS) <= 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error) {
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, 0);
	return fd;
}

/* Bytes that come within the time; -errno if the connection broke, 0 at its end or when nothing
 * came. */
static ssize_t
receive(int fd, uint8_t *buffer, size_t size, unsigned ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t length;

	if (poll(&p, 1, (int)ms) <= 0)
		return 0;
	length = recv(fd, buffer, size, 0);
	return length < 0 ? -errno : length;
}

static void
send_bytes(int fd, const void *data, size_t length)
{
	assert_int_equal(send(fd, data, length, MSG_NOSIGNAL), length);
}

/* A client in supervision, connected to a server that the test itself plays. */
struct pair {
	int listener;
	int client;
	int server;
};

static struct pair
pair_open(struct attempt *a)
{
	struct pair pair = {.listener = listen_at(LAB_PUMPS, a->attack->server, 502)};
	int yes = 1;

	pair.client = connect_to(LAB_SUPERVISION, a->attack->server, 502, &a->port);
	assert_true(pair.client >= 0);
	pair.server = accept(pair.listener, NULL, NULL);
	assert_true(pair.server >= 0);
	setsockopt(pair.client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	setsockopt(pair.server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return pair;
}

static void
pair_close(struct pair *pair)
{
	struct linger at_once = {.l_onoff = 1};

	setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	setsockopt(pair->server, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(pair->client);
	close(pair->server);
	close(pair->listener);
}

void
permitted_kernel_client(struct attempt *a)
{
	int fd = connect_to(LAB_SUPERVISION, a->attack->server, 502, &a->port);
	uint8_t answer[64];

	assert_true(fd >= 0);
	for (unsigned i = 0; i < 50; i++) {
		send_bytes(fd, message_read, sizeof(message_read));
		assert_int_equal(
		    receive(fd, answer, sizeof(answer), ANSWER_MS), READ_RESPONSE_SIZE);
	}
	send_bytes(fd, message_permitted, sizeof(message_permitted));
	assert_int_equal(receive(fd, answer, sizeof(answer), ANSWER_MS), WRITE_RESPONSE_SIZE);
	assert_int_equal(device_read(a->attack->server, 40), 5);
	close(fd);
}

/* The header, then the rest by a kernel with Nagle's algorithm: it waits for the acknowledgement of
 * the first. */
void
kernel_header_alone(struct attempt *a)
{
	int fd = connect_to(LAB_SUPERVISION, a->attack->server, 502, &a->port);
	uint8_t answer[64];

	assert_true(fd >= 0);
	send_bytes(fd, a->attack->bytes, 7);
	send_bytes(fd, &a->attack->bytes[7], a->attack->length - 7);
	a->arrived = receive(fd, answer, sizeof(answer), ANSWER_MS) == WRITE_RESPONSE_SIZE;
	if (a->attack->effect == EFFECT_PASSES)
		assert_true(a->arrived);
	close(fd);
}

static bool
reset_within(int fd, unsigned ms)
{
	uint8_t buffer[64];
	uint64_t end = lab_now_ms() + ms;

	for (;;) {
		uint64_t now = lab_now_ms();
		ssize_t got =
		    now < end ? receive(fd, buffer, sizeof(buffer), (unsigned)(end - now)) : 0;

		if (got <= 0)
			return got == -ECONNRESET;
	}
}

/* A forbidden request; both kernels must be told at once that the connection is over. */
void
kernel_reset_both_ends(struct attempt *a)
{
	struct pair pair = pair_open(a);
	uint8_t buffer[64];

	send_bytes(pair.client, message_forbidden, sizeof(message_forbidden));
	if (a->gate == GATE_RESET) {
		assert_true(reset_within(pair.client, RESET_MS));
		assert_true(reset_within(pair.server, RESET_MS));
	} else {
		a->arrived = receive(pair.server, buffer, sizeof(buffer), RESET_MS) == 12;
	}
	pair_close(&pair);
}

/* Does a frame with these bytes cross the pumps' wire before the time is over? */
static bool
wire_carries(int fd, const uint8_t *bytes, size_t length, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;
	uint8_t frame[2048];

	for (uint64_t now = lab_now_ms(); now < end; now = lab_now_ms()) {
		ssize_t got = receive(fd, frame, sizeof(frame), (unsigned)(end - now));

		if (got > 0 && memmem(frame, (size_t)got, bytes, length))
			return true;
	}
	return false;
}

/* The client's kernel repeats what was not acknowledged, after 200, 600, 1400 ms: none may come
 * through. */
void
kernel_retransmission(struct attempt *a)
{
	struct pair pair = pair_open(a);
	int wire = lab_socket(LAB_PUMPS, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	send_bytes(pair.client, a->attack->bytes, a->attack->length);
	a->arrived = wire_carries(wire, a->attack->bytes, a->attack->length, QUIET_MS);
	if (attempt_guarded(a)) {
		uint8_t buffer[64];

		assert_true(receive(pair.server, buffer, sizeof(buffer), 0) <= 0);
	}
	close(wire);
	pair_close(&pair);
}

/* The kernel's own urgent data behind half a request. */
void
kernel_urgent(struct attempt *a)
{
	struct pair pair = pair_open(a);
	uint8_t buffer[64];

	assert_int_equal(send(pair.client, message_read, 6, MSG_OOB | MSG_NOSIGNAL), 6);
	a->arrived = receive(pair.server, buffer, sizeof(buffer), 300) > 0;
	pair_close(&pair);
}

/* A port of a server that no channel names. */
void
connect_port(struct attempt *a)
{
	int listener = listen_at(LAB_PUMPS, a->attack->server, (uint16_t)a->attack->argument);
	int fd =
	    connect_to(LAB_SUPERVISION, a->attack->server, (uint16_t)a->attack->argument, NULL);

	a->arrived = fd >= 0;
	if (a->attack->effect == EFFECT_PASSES)
		assert_true(a->arrived);
	if (fd >= 0)
		close(fd);
	close(listener);
}

/* From the server's zone to the client. */
void
connect_backwards(struct attempt *a)
{
	int listener = listen_at(LAB_SUPERVISION, a->attack->server, 502);
	int fd = connect_to(LAB_PUMPS, a->attack->server, 502, NULL);

	a->arrived = fd >= 0;
	if (fd >= 0)
		close(fd);
	close(listener);
}

/* A host of the right zone that the channel does not name. */
void
connect_stranger(struct attempt *a)
{
	int fd = client_connect_from("10.10.0.20", a->attack->server, CONNECT_MS);

	a->arrived = fd >= 0;
	if (fd >= 0)
		client_close(fd);
}

/* A connection from an address of the servers' own zone that comes in by the clients' interface. */
void
connect_spoofed(struct attempt *a)
{
	int wire = lab_socket(LAB_PUMPS, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	uint8_t ports[4] = {0, 0, 502 >> 8, 502 & 0xff};

	raw_open(&a->raw, a->attack->server, 502);
	if (a->raw.family == AF_INET)
		inet_pton(AF_INET, "10.20.0.77", a->raw.source);
	else
		inet_pton(AF_INET6, "fd00:20::77", a->raw.source);
	ports[0] = (uint8_t)(a->raw.source_port >> 8);
	ports[1] = (uint8_t)a->raw.source_port;
	raw_send(&a->raw, &(struct segment){.flags = FLAG_SYN});
	a->arrived = wire_carries(wire, ports, sizeof(ports), 300);
	close(wire);
}

/* The forbidden bytes as a UDP datagram, which no channel names. */
void
send_datagram(struct attempt *a)
{
	struct endpoint to = endpoint(a->attack->server, 502);
	struct endpoint from = endpoint(own_address(LAB_SUPERVISION, to.address.ss_family), 0);
	int server = lab_socket(LAB_PUMPS, to.address.ss_family, SOCK_DGRAM, 0);
	int client = lab_socket(LAB_SUPERVISION, to.address.ss_family, SOCK_DGRAM, 0);
	uint8_t buffer[64];

	assert_int_equal(bind(server, (struct sockaddr *)&to.address, to.size), 0);
	assert_int_equal(bind(client, (struct sockaddr *)&from.address, from.size), 0);
	assert_int_equal(
	    sendto(client, message_forbidden, 12, 0, (struct sockaddr *)&to.address, to.size), 12);
	a->arrived = receive(server, buffer, sizeof(buffer), 300) == 12;
	close(client);
	close(server);
}

/* A read of 10 registers, and the attack's bytes in answer; they must not arrive. */
void
rogue_response(struct attempt *a)
{
	struct pair pair = pair_open(a);
	uint8_t buffer[512];
	size_t length = 0;

	send_bytes(pair.client, message_read, sizeof(message_read));
	assert_int_equal(
	    receive(pair.server, buffer, sizeof(buffer), ANSWER_MS), sizeof(message_read));
	send_bytes(pair.server, a->attack->bytes, a->attack->length);
	for (unsigned i = 0; i < 10 && length < a->attack->length; i++) {
		ssize_t got = receive(pair.client, &buffer[length], sizeof(buffer) - length, 30);

		if (got < 0)
			break;
		length += (size_t)got;
	}
	a->arrived = length >= a->attack->length;
	pair_close(&pair);
}

/* The same without having been asked. */
void
rogue_unasked(struct attempt *a)
{
	struct pair pair = pair_open(a);
	uint8_t buffer[512];

	send_bytes(pair.server, a->attack->bytes, a->attack->length);
	assert_int_equal(
	    receive(pair.client, buffer, sizeof(buffer), ANSWER_MS), a->attack->length);
	pair_close(&pair);
}

/* A right answer in `argument` pieces: exactly these bytes arrive. */
void
rogue_valid(struct attempt *a)
{
	struct pair pair = pair_open(a);
	uint8_t buffer[512];
	size_t pieces = a->attack->argument, size = (a->attack->length + pieces - 1) / pieces,
	       length = 0;

	send_bytes(pair.client, message_read, sizeof(message_read));
	assert_int_equal(
	    receive(pair.server, buffer, sizeof(buffer), ANSWER_MS), sizeof(message_read));
	for (size_t at = 0; at < a->attack->length; at += size) {
		size_t left = a->attack->length - at;

		send_bytes(pair.server, &a->attack->bytes[at], left < size ? left : size);
		lab_sleep_ms(5);
	}
	while (length < a->attack->length) {
		ssize_t got =
		    receive(pair.client, &buffer[length], sizeof(buffer) - length, ANSWER_MS);

		assert_true(got > 0);
		length += (size_t)got;
	}
	assert_memory_equal(buffer, a->attack->bytes, a->attack->length);
	pair_close(&pair);
}
