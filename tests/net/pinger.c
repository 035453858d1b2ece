/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pinger: see pinger.h. */
#include "pinger.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_protocol.h"
#include "device.h"
#include "lab.h"

enum {
	PATIENCE_MS = 2000,
	BETWEEN_MS = 10,
	TURN_MS = 50,
	SEQUENCE_AT = 10,
	DNP3 = 1,
	MARK_SIZE = 4
};

const char *
pinger_channels(void)
{
	return ", { name = \"datagrams\"; clients = [\"hmi\"]; servers = [\"rtu1\"]; protocol = "
	       "\"dnp3\"; "
	       "transport = \"udp\"; port = 5600; rules: ( { access = [\"read\"]; "
	       "units = [\"1>10\"]; } ); }";
}

static int
type_of(const struct pinger *pinger)
{
	return pinger->datagrams ? SOCK_DGRAM : SOCK_STREAM;
}

static struct sockaddr_in
address_of(const char *host, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

	inet_pton(AF_INET, host, &address.sin_addr);
	return address;
}

static bool
is_ready(int fd, int ms)
{
	return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, ms) == 1;
}

/* A response bears the number of its request; of plain bytes it is the bytes. */
static void
serve_once(const struct pinger *pinger, int fd)
{
	uint8_t bytes[BENCH_MESSAGE_MAX];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t length = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);

	if (length <= 0)
		return;
	if (!pinger->datagrams) {
		(void)!send(fd, bytes, (size_t)length, MSG_NOSIGNAL);
		return;
	}
	length = (ssize_t)bench_response(&bench_protocols[DNP3], bytes[SEQUENCE_AT] & 0x3f, bytes);
	(void)!sendto(fd, bytes, (size_t)length, 0, (struct sockaddr *)&from, size);
}

static void *
serve(void *context)
{
	struct pinger *pinger = context;
	int fd = pinger->datagrams ? pinger->listener : -1;

	while (!pinger->closed) {
		if (fd < 0 && is_ready(pinger->listener, TURN_MS))
			fd = accept(pinger->listener, NULL, NULL);
		if (fd >= 0 && is_ready(fd, TURN_MS))
			serve_once(pinger, fd);
	}
	if (fd >= 0 && fd != pinger->listener)
		close(fd);
	return NULL;
}

static int
connect_client(const struct pinger *pinger)
{
	struct sockaddr_in from = address_of("10.10.0.5", 0), to = address_of(RTU1, pinger->port);
	int fd = lab_socket(LAB_SUPERVISION, AF_INET, type_of(pinger), 0), yes = 1;

	if (!pinger->datagrams)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		lab_fail("the pinger can't connect: %s", strerror(errno));
	return fd;
}

static void
ask(struct pinger *pinger, int fd, uint32_t n)
{
	uint8_t bytes[BENCH_MESSAGE_MAX] = {0}, answer[BENCH_MESSAGE_MAX];
	size_t length = MARK_SIZE;
	ssize_t got;

	if (pinger->datagrams)
		length = bench_request(&bench_protocols[DNP3], n, bytes);
	else
		memcpy(bytes, &n, sizeof(n));
	while (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) > 0)
		; /* what came too late */
	pinger->asked++;
	if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) {
		pinger->broken++;
		return;
	}
	if (!is_ready(fd, PATIENCE_MS)) {
		pinger->lost++;
		return;
	}
	got = recv(fd, answer, sizeof(answer), 0);
	pinger->broken += got <= 0;
}

static void *
ask_on(void *context)
{
	struct pinger *pinger = context;
	struct linger at_once = {.l_onoff = 1};
	int fd = connect_client(pinger);

	for (uint32_t n = 0; !pinger->stop && pinger->broken == 0; n++) {
		ask(pinger, fd, n);
		lab_sleep_ms(BETWEEN_MS);
	}
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
	return NULL;
}

void
pinger_start(struct pinger *pinger)
{
	struct sockaddr_in address = address_of(RTU1, pinger->port);
	int yes = 1;

	pinger->stop = pinger->closed = false;
	pinger->listener = lab_socket(LAB_PUMPS, AF_INET, type_of(pinger), 0);
	setsockopt(pinger->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(pinger->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    (!pinger->datagrams && listen(pinger->listener, 1) < 0))
		lab_fail("%s:%u: %s", RTU1, pinger->port, strerror(errno));
	if (pthread_create(&pinger->server, NULL, serve, pinger) != 0 ||
	    pthread_create(&pinger->client, NULL, ask_on, pinger) != 0)
		lab_fail("no thread");
}

void
pinger_stop(struct pinger *pinger)
{
	pinger->stop = true;
	pthread_join(pinger->client, NULL);
	pinger->closed = true;
	pthread_join(pinger->server, NULL);
	close(pinger->listener);
}
