/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fleet: see fleet.h.  What is said on the connections is that of the benches. */
#include "fleet.h"

#include "bench_load.h"
#include "device.h"
#include "lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000, TURN_MS = 2, FIRST_MS = 5000 };

struct ship {
	const struct bench_protocol *protocol;
	int fd;
	uint32_t exchange;
	bool waiting;
	bool broken;
	uint64_t at_ms; /* when it was asked, or when it is time to ask */
};

static struct bench_protocol protocols[BENCH_PROTOCOLS];
static pid_t servers[BENCH_PROTOCOLS];
static struct ship ships[FLEET_CONNECTIONS];
static pthread_t thread;
static atomic_bool stop;
static struct fleet_count *counts;

/* The usual server of Modbus has its usual port already. */
static void
choose_ports(void)
{
	memcpy(protocols, bench_protocols, sizeof(protocols));
	for (unsigned i = 0; i < BENCH_PROTOCOLS; i++)
		protocols[i].port = (uint16_t)(5500 + i);
}

const char *
fleet_channels(void)
{
	static char text[4096];

	choose_ports();
	text[0] = '\0';
	for (unsigned i = 0; i < BENCH_PROTOCOLS; i++)
		snprintf(&text[strlen(text)], sizeof(text) - strlen(text),
		    ", { name = \"fleet-%u\"; clients = [\"hmi\"]; servers = [\"rtu1\"]; "
		    "protocol = \"%s\"; port = %u; rules: ( %s ); }",
		    i, protocols[i].name, protocols[i].port, protocols[i].rules);
	return text;
}

static int
connect_ship(uint16_t port)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = lab_socket(LAB_SUPERVISION, AF_INET, SOCK_STREAM, 0), yes = 1;

	inet_pton(AF_INET, "10.10.0.5", &from.sin_addr);
	inet_pton(AF_INET, RTU1, &to.sin_addr);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		lab_fail("the fleet can't connect: %s", strerror(errno));
	return fd;
}

static void
break_ship(struct ship *ship)
{
	ship->broken = true;
	counts->broken++;
}

static void
ask(struct ship *ship, uint64_t now)
{
	uint8_t request[BENCH_MESSAGE_MAX];
	size_t length = bench_request(ship->protocol, ship->exchange, request);

	ship->waiting = true;
	ship->at_ms = now;
	counts->asked++;
	if (send(ship->fd, request, length, MSG_NOSIGNAL) != (ssize_t)length)
		break_ship(ship);
}

static void
take_answer(struct ship *ship, uint64_t now)
{
	uint8_t got[2 * BENCH_MESSAGE_MAX], due[BENCH_MESSAGE_MAX];
	size_t length = bench_response(ship->protocol, ship->exchange, due);
	unsigned took = (unsigned)(now - ship->at_ms);

	if (recv(ship->fd, got, sizeof(got), 0) != (ssize_t)length ||
	    memcmp(got, due, length) != 0) {
		break_ship(ship);
		return;
	}
	counts->answered++;
	if (took > counts->slowest_ms)
		counts->slowest_ms = took;
	ship->exchange++;
	ship->waiting = false;
	ship->at_ms += FLEET_PERIOD_MS;
	if (ship->at_ms < now) /* it does not catch up: the pace is a pace */
		ship->at_ms = now;
}

/* Everything that is due; the number of requests that wait for their answers. */
static unsigned
turn(void)
{
	struct pollfd files[FLEET_CONNECTIONS];
	uint64_t now = lab_now_ms();
	unsigned waiting = 0;

	for (unsigned i = 0; i < FLEET_CONNECTIONS; i++) {
		struct ship *ship = &ships[i];

		if (!ship->broken && !ship->waiting && !stop && now >= ship->at_ms)
			ask(ship, now);
		if (!ship->broken && ship->waiting && now - ship->at_ms > PATIENCE_MS) {
			counts->late++;
			break_ship(ship);
		}
		files[i] = (struct pollfd){.fd = ship->broken ? -1 : ship->fd, .events = POLLIN};
		waiting += !ship->broken && ship->waiting;
	}
	poll(files, FLEET_CONNECTIONS, TURN_MS);
	now = lab_now_ms();
	for (unsigned i = 0; i < FLEET_CONNECTIONS; i++)
		if (files[i].revents)
			take_answer(&ships[i], now);
	return waiting;
}

static void *
sail(void *context)
{
	while (!stop || turn() > 0)
		if (!stop)
			turn();
	return NULL;
}

uint16_t
fleet_port(const char *protocol)
{
	choose_ports();
	for (unsigned i = 0; i < BENCH_PROTOCOLS; i++)
		if (strcmp(protocols[i].name, protocol) == 0)
			return protocols[i].port;
	lab_fail("the fleet speaks no %s", protocol);
}

void
fleet_servers_start(void)
{
	for (unsigned i = 0; i < BENCH_PROTOCOLS; i++)
		servers[i] = bench_server_start(&protocols[i]);
}

void
fleet_servers_stop(void)
{
	for (unsigned i = 0; i < BENCH_PROTOCOLS; i++)
		lab_stop(servers[i], SIGKILL);
}

void
fleet_start(struct fleet_count *count)
{
	choose_ports();
	memset(count, 0, sizeof(*count));
	counts = count;
	stop = false;
	fleet_servers_start();
	for (unsigned i = 0; i < FLEET_CONNECTIONS; i++) {
		const struct bench_protocol *protocol = &protocols[i % BENCH_PROTOCOLS];

		ships[i] = (struct ship){.protocol = protocol,
		    .fd = connect_ship(protocol->port),
		    .at_ms = lab_now_ms() + i};
	}
	if (pthread_create(&thread, NULL, sail, NULL) != 0)
		lab_fail("no thread");
	if (!fleet_wait(count, 4 * FLEET_CONNECTIONS, FIRST_MS) || count->broken > 0)
		lab_fail("the fleet does not get under way");
}

bool
fleet_wait(const struct fleet_count *count, unsigned answers, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;
	unsigned goal = count->answered + answers;

	while (count->answered < goal) {
		if (lab_now_ms() > end)
			return false;
		lab_sleep_ms(TURN_MS);
	}
	return true;
}

void
fleet_stop(void)
{
	struct linger at_once = {.l_onoff = 1};

	stop = true;
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < FLEET_CONNECTIONS; i++) {
		setsockopt(ships[i].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(ships[i].fd);
	}
	fleet_servers_stop();
}
