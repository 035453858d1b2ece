/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outstation: sockets and the log. See outstation.h.
 *
 *   outstation LOG careful|careless PORT ADDRESS...
 */
#include "outstation.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SESSIONS_MAX = 256, DOORS_MAX = 8 };

bool outstation_careless;

/* A socket that listens, or takes datagrams. */
struct door {
	int fd;
	bool datagrams;
};

static struct door doors[DOORS_MAX];
static size_t door_count;
static struct session *sessions;
static size_t next_session;
static int log_fd;

static void
die(const char *what)
{
	fprintf(stderr, "outstation: %s: %s\n", what, strerror(errno));
	exit(1);
}

void
outstation_log(const struct session *session, const char *format, ...)
{
	char line[3 * WIRE_MAX];
	int length = snprintf(line, sizeof(line), "%u ", session->port);
	va_list arguments;

	va_start(arguments, format);
	length += vsnprintf(&line[length], sizeof(line) - (size_t)length - 1, format, arguments);
	va_end(arguments);
	line[length++] = '\n';
	if (write(log_fd, line, (size_t)length) != length)
		die("log");
}

void
outstation_log_hex(
    const struct session *session, const char *what, const uint8_t *bytes, size_t length)
{
	char text[2 * WIRE_MAX + 1];

	wire_text(bytes, length, text);
	outstation_log(session, "%s %s", what, text);
}

void
outstation_send(struct session *session, const struct wire *wire)
{
	const struct sockaddr *to =
	    session->datagrams ? (const struct sockaddr *)&session->peer : NULL;

	session->answered += wire->length;
	outstation_log(session, "answered %llu", (unsigned long long)session->answered);
	sendto(
	    session->fd, wire->bytes, wire->length, MSG_NOSIGNAL, to, to ? session->peer_size : 0);
}

/* ---- sessions ---- */

static unsigned
port_of(const struct sockaddr_storage *address)
{
	/* both families keep the port in the same place */
	return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static struct session *
session_new(int fd, bool datagrams, const struct sockaddr_storage *peer, socklen_t size)
{
	struct session *session = &sessions[next_session++ % SESSIONS_MAX];

	if (session->fd >= 0 && !session->datagrams)
		close(session->fd);
	memset(session, 0, sizeof(*session));
	session->fd = fd;
	session->datagrams = datagrams;
	session->peer = *peer;
	session->peer_size = size;
	session->port = port_of(peer);
	return session;
}

static struct session *
session_of(const struct door *door, const struct sockaddr_storage *peer, socklen_t size)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (sessions[i].fd == door->fd && sessions[i].peer_size == size &&
		    memcmp(&sessions[i].peer, peer, size) == 0)
			return &sessions[i];
	return session_new(door->fd, true, peer, size);
}

static void
take_connection(const struct door *door)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	int fd = accept4(door->fd, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC), yes = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	session_new(fd, false, &peer, size);
}

/* Frames do not go on from one datagram to the next. */
static void
take_datagram(const struct door *door)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	uint8_t bytes[WIRE_MAX];
	ssize_t length =
	    recvfrom(door->fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&peer, &size);
	struct session *session;

	if (length < 0)
		return;
	session = session_of(door, &peer, size);
	outstation_log_hex(session, "datagram", bytes, (size_t)length);
	memcpy(session->bytes, bytes, (size_t)length);
	session->length = (size_t)length;
	outstation_read(session);
	session->length = 0;
}

static void
take_stream(struct session *session)
{
	ssize_t length = recv(session->fd, &session->bytes[session->length],
	    sizeof(session->bytes) - session->length, 0);

	if (length <= 0) {
		close(session->fd);
		session->fd = -1;
		return;
	}
	session->received += (uint64_t)length;
	outstation_log(session, "bytes %llu", (unsigned long long)session->received);
	session->length += (size_t)length;
	outstation_read(session);
}

/* ---- doors ---- */

static void
door_open(const char *address, unsigned port, int type)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	bool ipv6 = inet_pton(AF_INET6, address, &v6.sin6_addr) == 1;
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0), yes = 1;

	if (fd < 0 || door_count == DOORS_MAX ||
	    (!ipv6 && inet_pton(AF_INET, address, &v4.sin_addr) != 1))
		die(address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, ipv6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
		ipv6 ? sizeof(v6) : sizeof(v4)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 128) < 0))
		die(address);
	doors[door_count++] = (struct door){fd, type == SOCK_DGRAM};
}

static void
serve(void)
{
	struct pollfd polled[DOORS_MAX + SESSIONS_MAX];
	struct session *who[DOORS_MAX + SESSIONS_MAX];
	nfds_t count = 0;

	for (; count < door_count; count++)
		polled[count] = (struct pollfd){.fd = doors[count].fd, .events = POLLIN};
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (sessions[i].fd >= 0 && !sessions[i].datagrams) {
			who[count] = &sessions[i];
			polled[count++] = (struct pollfd){.fd = sessions[i].fd, .events = POLLIN};
		}
	if (poll(polled, count, -1) < 0)
		die("poll");
	for (nfds_t i = door_count; i < count; i++)
		if (polled[i].revents && who[i]->fd == polled[i].fd)
			take_stream(who[i]);
	for (size_t i = 0; i < door_count; i++) {
		if (!polled[i].revents)
			continue;
		if (doors[i].datagrams)
			take_datagram(&doors[i]);
		else
			take_connection(&doors[i]);
	}
}

int
main(int argc, char **argv)
{
	sessions = calloc(SESSIONS_MAX, sizeof(*sessions));
	if (argc < 5 || !sessions) {
		fputs("usage: outstation LOG careful|careless PORT ADDRESS...\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		sessions[i].fd = -1;
	log_fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log_fd < 0)
		die(argv[1]);
	outstation_careless = strcmp(argv[2], "careless") == 0;
	for (int i = 4; i < argc; i++) {
		door_open(argv[i], (unsigned)atoi(argv[3]), SOCK_STREAM);
		door_open(argv[i], (unsigned)atoi(argv[3]), SOCK_DGRAM);
	}
	if (write(log_fd, "0 ready\n", 8) != 8)
		die("log");
	for (;;)
		serve();
}
