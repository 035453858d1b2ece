/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pair: sockets of the kernel on both sides of the gateway.  See attack_pair.h. */
#include "attack_pair.h"
#include "device.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct endpoint
pair_endpoint(const char *address, uint16_t port)
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

int
pair_listen(enum lab_place place, const char *address, uint16_t port)
{
	struct endpoint e = pair_endpoint(address, port);
	int fd = lab_socket(place, e.address.ss_family, SOCK_STREAM, 0), yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&e.address, e.size) < 0 || listen(fd, 4) < 0)
		lab_fail("cannot listen at %s port %u: %s", address, port, strerror(errno));
	return fd;
}

const char *
pair_own_address(enum lab_place place, int family)
{
	if (place == LAB_SUPERVISION)
		return family == AF_INET ? "10.10.0.5" : "fd00:10::5";
	return family == AF_INET ? PLC1 : PLC1_IPV6;
}

int
pair_connect(enum lab_place place, const char *address, uint16_t port, uint16_t *ret_own_port)
{
	struct endpoint e = pair_endpoint(address, port);
	int fd = lab_socket(place, e.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0), error = 0;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	struct endpoint from = pair_endpoint(pair_own_address(place, e.address.ss_family), 0);
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

ssize_t
pair_receive(int fd, uint8_t *buffer, size_t size, unsigned ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t length;

	if (poll(&p, 1, (int)ms) <= 0)
		return 0;
	length = recv(fd, buffer, size, 0);
	return length < 0 ? -errno : length;
}

void
pair_send(int fd, const void *data, size_t length)
{
	assert_int_equal(send(fd, data, length, MSG_NOSIGNAL), length);
}

/* Where the kernel judges, too: until it has the connection. */
static void
exchange(const struct pair *pair)
{
	uint8_t question[sizeof(message_read)], answer[READ_RESPONSE_SIZE] = {0};

	for (int i = 0; i < 3 && getenv("GATE_FAST_PATH"); i++) {
		pair_send(pair->client, message_read, sizeof(message_read));
		assert_int_equal(pair_receive(pair->server, question, sizeof(question), CONNECT_MS),
		    sizeof(question));
		memcpy(answer, question, 8);
		answer[5] = READ_RESPONSE_SIZE - 6;
		answer[8] = READ_RESPONSE_SIZE - 9;
		pair_send(pair->server, answer, sizeof(answer));
		assert_int_equal(
		    pair_receive(pair->client, answer, sizeof(answer), CONNECT_MS), sizeof(answer));
	}
}

struct pair
pair_open(struct attempt *a)
{
	struct pair pair = {.listener = pair_listen(LAB_PUMPS, a->attack->server, 502)};
	int yes = 1;

	pair.client = pair_connect(LAB_SUPERVISION, a->attack->server, 502, &a->port);
	assert_true(pair.client >= 0);
	pair.server = accept(pair.listener, NULL, NULL);
	assert_true(pair.server >= 0);
	setsockopt(pair.client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	setsockopt(pair.server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	exchange(&pair);
	return pair;
}

void
pair_close(struct pair *pair)
{
	struct linger at_once = {.l_onoff = 1};

	setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	setsockopt(pair->server, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(pair->client);
	close(pair->server);
	close(pair->listener);
}
