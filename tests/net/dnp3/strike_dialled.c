/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An outstation that opens the connection, to a master that listens; the test plays both. See
 * strike.h.
 *
 * Each packet of the script is sent by whom its first frame says that it comes from.
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

enum { ANSWER_MS = 1500, QUIET_MS = 150, CONTROL_AT = 3, FROM_MASTER = 0x80 };

static int
bound(enum lab_place place, enum over over, const char *address, uint16_t port)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = lab_socket(place, AF_INET, over_is_udp(over) ? SOCK_DGRAM : SOCK_STREAM, 0),
	    yes = 1;

	inet_pton(AF_INET, address, &own.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		lab_fail("cannot bind %s", address);
	return fd;
}

/* Connect an outstation's socket to the master's, which by TCP listens and becomes another one. */
static int
dial(struct trial *t, int outstation, int master)
{
	struct sockaddr_in name;
	socklen_t size = sizeof(name);
	int fd = master;

	getsockname(master, (struct sockaddr *)&name, &size);
	if (!over_is_udp(t->peer.over))
		assert_int_equal(listen(master, 1), 0);
	assert_int_equal(connect(outstation, (struct sockaddr *)&name, size), 0);
	getsockname(outstation, (struct sockaddr *)&name, &size);
	t->event_port = ntohs(name.sin_port);
	if (over_is_udp(t->peer.over)) {
		assert_int_equal(connect(master, (struct sockaddr *)&name, size), 0);
		return master;
	}
	fd = accept(master, NULL, NULL);
	assert_true(fd >= 0);
	close(master);
	return fd;
}

static bool
carry(int from, int to, const struct wire *packet, unsigned ms)
{
	struct pollfd p = {.fd = to, .events = POLLIN};
	uint8_t bytes[WIRE_MAX];
	size_t length = 0;

	assert_int_equal(send(from, packet->bytes, packet->length, MSG_NOSIGNAL), packet->length);
	while (length < packet->length && poll(&p, 1, (int)ms) > 0) {
		ssize_t got = recv(to, &bytes[length], sizeof(bytes) - length, 0);

		if (got <= 0)
			return false;
		length += (size_t)got;
	}
	return length == packet->length && memcmp(bytes, packet->bytes, length) == 0;
}

/* All packets but the last must arrive. */
void
strike_dialled(struct trial *t)
{
	int outstation = bound(LAB_PUMPS, t->peer.over, RTU1, 0);
	int master = bound(LAB_SUPERVISION, t->peer.over, "10.10.0.5", PORT_DIALLED);

	master = dial(t, outstation, master);
	for (size_t i = 0; i < t->script.count; i++) {
		const struct wire *packet = &t->script.packets[i];
		bool forth = packet->bytes[CONTROL_AT] & FROM_MASTER;
		bool last = i + 1 == t->script.count;

		t->arrived = carry(forth ? master : outstation, forth ? outstation : master, packet,
		    last && trial_guarded(t) ? QUIET_MS : ANSWER_MS);
		assert_true(t->arrived || last);
	}
	t->many = true; /* nothing is sent to the stations */
	close(outstation);
	close(master);
}

void
permitted_dialled(struct trial *t)
{
	strike_dialled(t);
	assert_true(t->arrived);
}
