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

#include "attack_pair.h"
#include "device.h"
#include "lab.h"

enum { RESET_MS = 100, QUIET_MS = 2500 };

void
permitted_kernel_client(struct attempt *a)
{
	int fd = pair_connect(LAB_SUPERVISION, a->attack->server, 502, &a->port);
	uint8_t answer[64];

	assert_true(fd >= 0);
	for (unsigned i = 0; i < 50; i++) {
		pair_send(fd, message_read, sizeof(message_read));
		assert_int_equal(
		    pair_receive(fd, answer, sizeof(answer), ANSWER_MS), READ_RESPONSE_SIZE);
	}
	pair_send(fd, message_permitted, sizeof(message_permitted));
	assert_int_equal(pair_receive(fd, answer, sizeof(answer), ANSWER_MS), WRITE_RESPONSE_SIZE);
	assert_int_equal(device_read(a->attack->server, 40), 5);
	close(fd);
}

/* The header, then the rest by a kernel with Nagle's algorithm: it waits for the acknowledgement of
 * the first. */
void
kernel_header_alone(struct attempt *a)
{
	int fd = pair_connect(LAB_SUPERVISION, a->attack->server, 502, &a->port);
	uint8_t answer[64];

	assert_true(fd >= 0);
	pair_send(fd, a->attack->bytes, 7);
	pair_send(fd, &a->attack->bytes[7], a->attack->length - 7);
	a->arrived = pair_receive(fd, answer, sizeof(answer), ANSWER_MS) == WRITE_RESPONSE_SIZE;
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
		    now < end ? pair_receive(fd, buffer, sizeof(buffer), (unsigned)(end - now)) : 0;

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

	pair_send(pair.client, message_forbidden, sizeof(message_forbidden));
	if (a->gate == GATE_RESET) {
		assert_true(reset_within(pair.client, RESET_MS));
		assert_true(reset_within(pair.server, RESET_MS));
	} else {
		a->arrived = pair_receive(pair.server, buffer, sizeof(buffer), RESET_MS) == 12 &&
		    memcmp(buffer, message_forbidden, sizeof(message_forbidden)) == 0;
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
		ssize_t got = pair_receive(fd, frame, sizeof(frame), (unsigned)(end - now));

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

	pair_send(pair.client, a->attack->bytes, a->attack->length);
	a->arrived = wire_carries(wire, a->attack->bytes, a->attack->length, QUIET_MS);
	if (attempt_guarded(a) && a->gate != GATE_REFUSE) {
		uint8_t buffer[64];

		assert_true(pair_receive(pair.server, buffer, sizeof(buffer), 0) <= 0);
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
	a->arrived = pair_receive(pair.server, buffer, sizeof(buffer), 300) > 0;
	pair_close(&pair);
}

/* A port of a server that no channel names. */
void
connect_port(struct attempt *a)
{
	int listener = pair_listen(LAB_PUMPS, a->attack->server, (uint16_t)a->attack->argument);
	int fd =
	    pair_connect(LAB_SUPERVISION, a->attack->server, (uint16_t)a->attack->argument, NULL);

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
	int listener = pair_listen(LAB_SUPERVISION, a->attack->server, 502);
	int fd = pair_connect(LAB_PUMPS, a->attack->server, 502, NULL);

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
	struct endpoint to = pair_endpoint(a->attack->server, 502);
	struct endpoint from =
	    pair_endpoint(pair_own_address(LAB_SUPERVISION, to.address.ss_family), 0);
	int server = lab_socket(LAB_PUMPS, to.address.ss_family, SOCK_DGRAM, 0);
	int client = lab_socket(LAB_SUPERVISION, to.address.ss_family, SOCK_DGRAM, 0);
	uint8_t buffer[64];

	assert_int_equal(bind(server, (struct sockaddr *)&to.address, to.size), 0);
	assert_int_equal(bind(client, (struct sockaddr *)&from.address, from.size), 0);
	assert_int_equal(
	    sendto(client, message_forbidden, 12, 0, (struct sockaddr *)&to.address, to.size), 12);
	a->arrived = pair_receive(server, buffer, sizeof(buffer), 300) == 12;
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

	pair_send(pair.client, message_read, sizeof(message_read));
	assert_int_equal(
	    pair_receive(pair.server, buffer, sizeof(buffer), ANSWER_MS), sizeof(message_read));
	pair_send(pair.server, a->attack->bytes, a->attack->length);
	for (unsigned i = 0; i < 10 && length < a->attack->length; i++) {
		ssize_t got =
		    pair_receive(pair.client, &buffer[length], sizeof(buffer) - length, 30);

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

	pair_send(pair.server, a->attack->bytes, a->attack->length);
	assert_int_equal(
	    pair_receive(pair.client, buffer, sizeof(buffer), ANSWER_MS), a->attack->length);
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

	pair_send(pair.client, message_read, sizeof(message_read));
	assert_int_equal(
	    pair_receive(pair.server, buffer, sizeof(buffer), ANSWER_MS), sizeof(message_read));
	for (size_t at = 0; at < a->attack->length; at += size) {
		size_t left = a->attack->length - at;

		pair_send(pair.server, &a->attack->bytes[at], left < size ? left : size);
		lab_sleep_ms(5);
	}
	while (length < a->attack->length) {
		ssize_t got =
		    pair_receive(pair.client, &buffer[length], sizeof(buffer) - length, ANSWER_MS);

		assert_true(got > 0);
		length += (size_t)got;
	}
	assert_memory_equal(buffer, a->attack->bytes, a->attack->length);
	pair_close(&pair);
}

/* ---- time ---- */

/*
 * The end of a permitted write in a segment that the server's kernel throws away, and once more
 * when a server may have given up on the beginning, which it has got.
 */
void
kernel_late_repetition(struct attempt *a)
{
	enum { BEGINNING = 10, AT_ONCE_MS = 300, LATE_MS = 2500 };
	int listener = pair_listen(LAB_PUMPS, a->attack->server, 502), server;
	struct segment stale = {.offset = BEGINNING,
	    .data = &message_permitted[BEGINNING],
	    .length = sizeof(message_permitted) - BEGINNING,
	    .time_shift = -100000};
	uint8_t got[sizeof(message_permitted)];

	attempt_connect(a, true);
	server = accept(listener, NULL, NULL);
	assert_true(server >= 0);
	raw_data(&a->raw, 0, message_permitted, BEGINNING);
	assert_true(raw_wait_acked(&a->raw, BEGINNING, ANSWER_MS));
	assert_int_equal(pair_receive(server, got, sizeof(got), ANSWER_MS), BEGINNING);
	raw_send(&a->raw, &stale);
	raw_listen(&a->raw, AT_ONCE_MS);
	assert_int_equal(pair_receive(server, got, sizeof(got), 0), 0);
	raw_listen(&a->raw, LATE_MS);
	raw_data(&a->raw, BEGINNING, &message_permitted[BEGINNING],
	    sizeof(message_permitted) - BEGINNING);
	raw_listen(&a->raw, AT_ONCE_MS);
	a->arrived = pair_receive(server, got, sizeof(got), 0) > 0;
	close(server);
	close(listener);
}
