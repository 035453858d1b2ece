/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blow: see blow.h. */
#include "blow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_protocol.h"
#include "device.h"
#include "dnp3_wire.h"
#include "fleet.h"
#include "lab.h"
#include "pinger.h"

enum {
	ANSWER_MS = 500,
	SILENCE_MS = 1000,
	BETWEEN_MS = 10,
	PIECES_MS = 5,
	KINDS = BENCH_PROTOCOLS + 1
};

/* A write of 0xdead to a register that no rule names. */
static const uint8_t modbus[] = {0xde, 1, 0, 0, 0, 6, 1, 6, 0, 50, 0xde, 0xad};
static const uint8_t modbus_mark[] = {6, 0, 50, 0xde, 0xad};

/* Stop, with the name of the service. */
static const uint8_t s7[] = {3, 0, 0, 33, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 0, 9, 0, 16, 0, 0, 0x29, 0,
    0, 0, 0, 0, 9, 'P', '_', 'P', 'R', 'O', 'G', 'R', 'A', 'M'};
static const uint8_t s7_mark[] = {'P', '_', 'P', 'R', 'O', 'G', 'R', 'A', 'M'};

/* A direct operate of point 99, for a time that stands in the first block. */
static const uint8_t dnp3_user[] = {
    0xc0, 0xc0, 5, 12, 1, 0x17, 1, 99, 3, 1, 0xef, 0xbe, 0xad, 0xde, 0x5a, 0xa5, 0, 0, 0};
static const uint8_t dnp3_mark[] = {99, 3, 1, 0xef, 0xbe, 0xad, 0xde, 0x5a, 0xa5};
static uint8_t dnp3[64];
static size_t dnp3_length;

static pthread_t thread;
static atomic_bool stop;
static atomic_uint count, answered, sure;

bool
blow_is_in(const uint8_t *packet, size_t length)
{
	return memmem(packet, length, modbus_mark, sizeof(modbus_mark)) ||
	    memmem(packet, length, s7_mark, sizeof(s7_mark)) ||
	    memmem(packet, length, dnp3_mark, sizeof(dnp3_mark));
}

static int
open_socket(int type, uint16_t port)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct timeval patience = {.tv_usec = ANSWER_MS * 1000};
	int fd = lab_socket(LAB_SUPERVISION, AF_INET, type, 0), yes = 1;

	inet_pton(AF_INET, "10.10.0.5", &from.sin_addr);
	inet_pton(AF_INET, RTU1, &to.sin_addr);
	setsockopt(
	    fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)); /* of connect(), too */
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What has to be said before, each answered. */
static bool
open_session(int fd, const struct bench_protocol *protocol)
{
	for (uint32_t n = 0; n < protocol->exchange_count; n++) {
		uint8_t bytes[BENCH_MESSAGE_MAX];
		size_t length = bench_request(protocol, n, bytes);
		struct pollfd file = {.fd = fd, .events = POLLIN};

		if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length ||
		    poll(&file, 1, ANSWER_MS) != 1 ||
		    recv(fd, bytes, sizeof(bytes), 0) !=
			(ssize_t)bench_response(protocol, n, bytes))
			return false;
	}
	return true;
}

/* Whole, or cut somewhere in front of the bytes that the witness knows. */
static bool
send_blow(int fd, const uint8_t *bytes, size_t length, bool pieces)
{
	size_t first = pieces ? 6 : length;

	if (send(fd, bytes, first, MSG_NOSIGNAL) != (ssize_t)first)
		return false;
	if (first == length)
		return true;
	lab_sleep_ms(PIECES_MS);
	return send(fd, &bytes[first], length - first, MSG_NOSIGNAL) == (ssize_t)(length - first);
}

static void
await_end(int fd)
{
	struct pollfd file = {.fd = fd, .events = POLLIN};
	uint8_t bytes[BENCH_MESSAGE_MAX];
	ssize_t length;

	if (poll(&file, 1, SILENCE_MS) != 1)
		return;
	length = recv(fd, bytes, sizeof(bytes), 0);
	answered += length > 0;
	sure += length <= 0;
}

static void
strike(unsigned n)
{
	static const struct {
		const uint8_t *bytes;
		size_t length;
	} messages[] = {{modbus, sizeof(modbus)}, {dnp3, 0}, {s7, sizeof(s7)}, {dnp3, 0}};
	unsigned kind = n % KINDS;
	bool datagram = kind == BENCH_PROTOCOLS, whole;
	const struct bench_protocol *protocol = &bench_protocols[datagram ? 1 : kind];
	size_t length = messages[kind].length ? messages[kind].length : dnp3_length;
	struct linger at_once = {.l_onoff = 1};
	int fd = datagram ? open_socket(SOCK_DGRAM, PINGER_DATAGRAMS)
			  : open_socket(SOCK_STREAM, fleet_port(protocol->name));

	if (fd < 0)
		return;
	if (datagram || open_session(fd, protocol)) {
		whole = send_blow(fd, messages[kind].bytes, length, !datagram && n / KINDS % 2);
		count += whole;
		if (whole && !datagram)
			await_end(fd);
	}
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

static void *
go_on(void *context)
{
	for (unsigned n = 0; !stop; n++) {
		strike(n);
		lab_sleep_ms(BETWEEN_MS);
	}
	return NULL;
}

void
blow_start(void)
{
	dnp3_length = dnp3_wire_frame(0xc4, 10, 1, dnp3_user, sizeof(dnp3_user), dnp3);
	stop = false;
	if (pthread_create(&thread, NULL, go_on, NULL) != 0)
		lab_fail("no thread");
}

void
blow_stop(void)
{
	stop = true;
	pthread_join(thread, NULL);
}

unsigned
blow_count(void)
{
	return count;
}

unsigned
blow_answered(void)
{
	return answered;
}

unsigned
blow_sure(void)
{
	return sure;
}
