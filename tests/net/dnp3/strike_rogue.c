/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An outstation that the test plays itself, at an address where nobody else listens, and that says
 * what it should not. See strike.h.
 *
 * The first packet of the script is the master's, the others are the outstation's.  Without bytes
 * in the first the outstation speaks first: by UDP there is not even a connection then.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "device.h"
#include "lab.h"
#include "strike.h"

enum { ANSWER_MS = 1500, QUIET_MS = 150 };

static int
play_server(enum over over)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(PORT_DNP3)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT_DNP3)};
	bool ipv6 = over_is_ipv6(over);
	int fd = lab_socket(LAB_PUMPS, ipv6 ? AF_INET6 : AF_INET,
		over_is_udp(over) ? SOCK_DGRAM : SOCK_STREAM, 0),
	    yes = 1;

	inet_pton(AF_INET, RTU1, &v4.sin_addr);
	inet_pton(AF_INET6, RTU1_IPV6, &v6.sin6_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, ipv6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
		ipv6 ? sizeof(v6) : sizeof(v4)) < 0 ||
	    (!over_is_udp(over) && listen(fd, 1) < 0))
		lab_fail("cannot play an outstation");
	return fd;
}

static size_t
receive(int fd, size_t length)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t buffer[WIRE_MAX];
	size_t all = 0;

	while (all < length && poll(&p, 1, ANSWER_MS) > 0) {
		ssize_t got = recv(fd, buffer, sizeof(buffer), 0);

		if (got <= 0)
			break;
		all += (size_t)got;
	}
	return all;
}

/* Who is there to be answered: the socket that has a connection to the master. */
static int
meet(struct trial *t, int server)
{
	struct sockaddr_storage master;
	socklen_t size = sizeof(master);
	uint8_t byte;
	int fd;

	if (!over_is_udp(t->peer.over)) {
		fd = accept(server, NULL, NULL);
		assert_true(fd >= 0);
		close(server);
		return fd;
	}
	if (t->script.packets[0].length > 0) {
		struct pollfd p = {.fd = server, .events = POLLIN};

		assert_true(poll(&p, 1, ANSWER_MS) == 1);
		assert_true(
		    recvfrom(server, &byte, 1, MSG_PEEK, (struct sockaddr *)&master, &size) == 1);
	} else {
		memset(&master, 0, sizeof(master));
		master.ss_family = AF_INET;
		((struct sockaddr_in *)&master)->sin_port = htons(t->peer.port);
		inet_pton(AF_INET, "10.10.0.5", &((struct sockaddr_in *)&master)->sin_addr);
		size = sizeof(struct sockaddr_in);
	}
	assert_int_equal(connect(server, (struct sockaddr *)&master, size), 0);
	return server;
}

static void
rogue(struct trial *t, unsigned ms)
{
	const struct wire *asked = &t->script.packets[0];
	int fd = play_server(t->peer.over);
	size_t said = 0;

	peer_open(&t->peer, t->peer.over, over_is_ipv6(t->peer.over) ? RTU1_IPV6 : RTU1, PORT_DNP3);
	if (asked->length > 0)
		peer_send(&t->peer, asked->bytes, asked->length);
	fd = meet(t, fd);
	assert_int_equal(receive(fd, asked->length), asked->length);
	for (size_t i = 1; i < t->script.count; i++) {
		const struct wire *packet = &t->script.packets[i];

		assert_int_equal(
		    send(fd, packet->bytes, packet->length, MSG_NOSIGNAL), packet->length);
		said += packet->length;
		lab_sleep_ms(5);
	}
	t->arrived = peer_wait(&t->peer, said, ms);
	t->many = true; /* nothing is sent to the stations */
	close(fd);
}

void
strike_rogue(struct trial *t)
{
	rogue(t, QUIET_MS);
}

void
permitted_rogue(struct trial *t)
{
	rogue(t, ANSWER_MS);
	assert_true(t->arrived);
}
