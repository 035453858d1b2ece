/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client: kernel sockets in the supervision zone. See client.h. */
#include "client.h"

#include "attack.h"
#include "lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const uint8_t message_read[12] = {0, 3, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10};
const uint8_t message_permitted[12] = {0, 2, 0, 0, 0, 6, 1, 6, 0, 40, 0, 5};
const uint8_t message_forbidden[12] = {0, 1, 0, 0, 0, 6, 1, 6, 0, 50, 0, 7};

enum { PERIOD_MS = 10, PATIENCE_MS = 2000 };

int
client_connect(const char *server, unsigned ms)
{
	return client_connect_from("10.10.0.5", server, ms);
}

int
client_connect_from(const char *own, const char *server, unsigned ms)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(502)};
	int fd = lab_socket(LAB_SUPERVISION, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = 0,
	    yes = 1;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t size = sizeof(error);

	inet_pton(AF_INET, own, &from.sin_addr);
	inet_pton(AF_INET, server, &to.sin_addr);
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		lab_fail("%s: %s", own, strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if ((connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS) ||
	    poll(&p, 1, (int)ms) <= 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ||
	    error) {
		close(fd);
		return -1;
	}
	return fd;
}

bool
client_ask(int fd, const uint8_t request[12], unsigned ms, int *ret_error)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t answer[512];
	ssize_t length = send(fd, request, 12, MSG_NOSIGNAL);
	int error = length < 0 ? errno : 0;

	if (length == 12 && poll(&p, 1, (int)ms) > 0) {
		length = recv(fd, answer, sizeof(answer), 0);
		error = length < 0 ? errno : 0;
	} else {
		length = 0;
	}
	if (ret_error)
		*ret_error = error;
	return length > 0;
}

unsigned
client_retransmissions(int fd)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		lab_fail("TCP_INFO: %s", strerror(errno));
	return info.tcpi_total_retrans;
}

void
client_close(int fd)
{
	struct linger at_once = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

static void
poll_once(struct poller *poller, int *fd)
{
	uint64_t before = lab_now_ms();
	unsigned took;

	if (*fd < 0)
		*fd = client_connect(poller->server, PATIENCE_MS);
	if (*fd < 0 || !client_ask(*fd, message_read, PATIENCE_MS, NULL)) {
		poller->failed++;
		if (*fd >= 0)
			client_close(*fd);
		*fd = -1;
		return;
	}
	poller->answered++;
	took = (unsigned)(lab_now_ms() - before);
	if (took > poller->slowest_ms)
		poller->slowest_ms = took;
}

static void *
poller_main(void *context)
{
	struct poller *poller = context;
	int fd = -1;

	while (!poller->stop) {
		poll_once(poller, &fd);
		lab_sleep_ms(PERIOD_MS);
	}
	if (fd >= 0) {
		poller->retransmissions = client_retransmissions(fd);
		client_close(fd);
	}
	return NULL;
}

void
poller_start(struct poller *poller, const char *server)
{
	memset(poller, 0, sizeof(*poller));
	poller->server = server;
	if (pthread_create(&poller->thread, NULL, poller_main, poller) != 0)
		lab_fail("no thread");
}

bool
poller_wait(struct poller *poller, unsigned answers, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;
	unsigned goal = poller->answered + answers;

	while (poller->answered < goal) {
		if (lab_now_ms() > end)
			return false;
		lab_sleep_ms(PERIOD_MS);
	}
	return true;
}

void
poller_stop(struct poller *poller)
{
	poller->stop = true;
	pthread_join(poller->thread, NULL);
}
