/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peer: a master, and what outstations say of it. See peer.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "device.h"
#include "lab.h"
#include "peer.h"

enum { ACKNOWLEDGE_MS = 25, READY_MS = 3000 };

static const char *const over_words[OVER_COUNT] = {"tcp", "udp", "tcp6", "udp6"};

bool
over_is_udp(enum over over)
{
	return over == OVER_UDP || over == OVER_UDP6;
}

bool
over_is_ipv6(enum over over)
{
	return over == OVER_TCP6 || over == OVER_UDP6;
}

const char *
over_word(enum over over)
{
	return over_words[over];
}

void
peer_init(struct peer *peer)
{
	memset(peer, 0, sizeof(*peer));
	peer->raw.fd = peer->fd = -1;
}

/* ---- datagrams ---- */

static socklen_t
socket_address(const char *address, uint16_t port, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret_address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret_address;

	memset(ret_address, 0, sizeof(*ret_address));
	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, address, &v6->sin6_addr) != 1)
		lab_fail("%s is no address", address);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

static void
open_datagrams(struct peer *peer, const char *server, uint16_t port)
{
	static uint16_t next_port = 30000; /* none comes twice in the log */
	bool ipv6 = over_is_ipv6(peer->over);
	struct sockaddr_storage own, to;
	socklen_t size;

	peer->port = next_port++;
	size = socket_address(ipv6 ? "fd00:10::5" : "10.10.0.5", peer->port, &own);

	peer->fd = lab_socket(LAB_SUPERVISION, ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	if (bind(peer->fd, (struct sockaddr *)&own, size) < 0)
		lab_fail("cannot bind");
	size = socket_address(server, port, &to);
	if (connect(peer->fd, (struct sockaddr *)&to, size) < 0)
		lab_fail("cannot reach %s", server);
}

static bool
wait_datagrams(struct peer *peer, size_t length, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms, now;

	while (peer->received < length && (now = lab_now_ms()) <= end) {
		struct pollfd p = {.fd = peer->fd, .events = POLLIN};
		ssize_t got;

		if (poll(&p, 1, (int)(end - now)) <= 0)
			continue;
		got = recv(peer->fd, peer->last, sizeof(peer->last), 0);
		if (got < 0)
			continue;
		peer->last_length = (size_t)got;
		peer->received += (size_t)got;
	}
	return peer->received >= length;
}

/* ---- both ---- */

void
peer_open(struct peer *peer, enum over over, const char *server, uint16_t port)
{
	peer_init(peer);
	peer->over = over;
	if (over_is_udp(over)) {
		open_datagrams(peer, server, port);
		return;
	}
	raw_open(&peer->raw, server, port);
	peer->port = peer->raw.source_port;
	assert_true(raw_connect(&peer->raw, false));
}

void
peer_put(struct peer *peer, const void *data, size_t length)
{
	if (!over_is_udp(peer->over))
		raw_data(&peer->raw, (uint32_t)peer->sent, data, length);
	/* an error of a datagram before is told by this call, once */
	else if (send(peer->fd, data, length, 0) < 0 && send(peer->fd, data, length, 0) < 0)
		lab_fail("cannot send a datagram");
	peer->sent += length;
}

void
peer_send(struct peer *peer, const void *data, size_t length)
{
	peer_put(peer, data, length);
	if (over_is_udp(peer->over))
		return;
	raw_wait_acked(&peer->raw, (uint32_t)peer->sent, ACKNOWLEDGE_MS);
	peer->received = peer->raw.data_length;
}

bool
peer_wait(struct peer *peer, size_t length, unsigned ms)
{
	if (over_is_udp(peer->over))
		return wait_datagrams(peer, length, ms);
	raw_wait_data(&peer->raw, length, ms);
	peer->received = peer->raw.data_length;
	return peer->received >= length;
}

void
peer_close(struct peer *peer)
{
	if (peer->raw.fd >= 0)
		raw_close(&peer->raw);
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}

/* ---- outstations ---- */

/* The careful one, the same at the port of captures, the careless one. */
static pid_t pids[3];

static const char *
station_log(void)
{
	return lab_path("outstation.log");
}

static void
start_one(size_t i, const char *care, const char *port, const char *v4, const char *v6)
{
	size_t before = lab_file_size(station_log());

	pids[i] = lab_start(LAB_PUMPS, "outstation",
	    (const char *[]){OUTSTATION, station_log(), care, port, v4, v6, NULL});
	if (!lab_file_wait(station_log(), before, "0 ready\n", READY_MS))
		lab_fail("the outstation does not start");
}

void
stations_start(void)
{
	start_one(0, "careful", "20000", PLC1, PLC1_IPV6);
	start_one(1, "careful", "20001", PLC1, PLC1_IPV6);
	start_one(2, "careless", "20000", PLC2, NULL);
}

void
stations_stop(void)
{
	for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
		if (pids[i] > 0)
			lab_stop(pids[i], SIGKILL);
		pids[i] = 0;
	}
}

void
station_signal(enum station station, int number)
{
	kill(pids[station == STATION_CARELESS ? 2 : 0], number);
}

const char *
station_address(enum station station, enum over over)
{
	if (station == STATION_CARELESS)
		return PLC2;
	return over_is_ipv6(over) ? PLC1_IPV6 : PLC1;
}

bool
station_said(const struct peer *peer, unsigned ms, const char *format, ...)
{
	char text[2 * WIRE_MAX + 64];
	int length = snprintf(text, sizeof(text), "\n%u ", peer->port);
	va_list arguments;

	va_start(arguments, format);
	length += vsnprintf(&text[length], sizeof(text) - (size_t)length - 1, format, arguments);
	va_end(arguments);
	text[length++] = '\n';
	text[length] = '\0';
	return lab_file_wait(station_log(), 0, text, ms);
}

unsigned long
station_number(const struct peer *peer, const char *word)
{
	char start[64], *log = lab_file_read(station_log(), 0), *at = log;
	unsigned long number = 0;

	snprintf(start, sizeof(start), "\n%u %s ", peer->port, word);
	while ((at = strstr(at, start))) {
		at += strlen(start);
		number = strtoul(at, NULL, 10);
	}
	free(log);
	return number;
}

bool
station_got(const struct peer *peer, const struct wire *datagram)
{
	char text[2 * WIRE_MAX + 1];

	wire_text(datagram->bytes, datagram->length, text);
	return station_said(peer, 0, "datagram %s", text);
}
