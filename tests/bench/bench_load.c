/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bench load: a closed loop of Modbus reads. See bench_load.h. */
#include "bench_load.h"

#include "lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	REQUEST_SIZE = 12,
	RESPONSE_SIZE = 29,
	EVENTS = 64,
	WARM_UP_MS = 100,
	RESETS_MS = 50,
	STALLS_MAX = 5,
	CPUS_MAX = 64
};

static const uint8_t request_bytes[REQUEST_SIZE] = {0, 0, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10};
static const uint8_t response_bytes[RESPONSE_SIZE] = {0, 0, 0, 0, 0, 23, 1, 3, 20};

static char load_name[80] = "the load";

void
bench_load_name(const char *name, unsigned connections)
{
	snprintf(load_name, sizeof(load_name), "%s, %u connections", name, connections);
}

static void
no_delay(int fd)
{
	int yes = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

static void
watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		lab_fail("epoll_ctl: %s", strerror(errno));
}

static void
answer(int fd)
{
	uint8_t buffer[RESPONSE_SIZE], request[REQUEST_SIZE];

	if (recv(fd, request, sizeof(request), 0) != REQUEST_SIZE) {
		close(fd);
		return;
	}
	memcpy(buffer, response_bytes, sizeof(buffer));
	memcpy(buffer, request, 2);
	if (send(fd, buffer, sizeof(buffer), MSG_NOSIGNAL) != RESPONSE_SIZE)
		close(fd);
}

static void __attribute__((noreturn)) serve(int listener)
{
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(0);

	watch(epoll, listener);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			if (fd != listener) {
				answer(fd);
				continue;
			}
			fd = accept(listener, NULL, NULL);
			if (fd < 0)
				continue;
			no_delay(fd);
			watch(epoll, fd);
		}
	}
}

static pid_t
fork_child(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		lab_fail("fork: %s", strerror(errno));
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

pid_t
bench_server_start(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(502)};
	int listener = lab_socket(LAB_PUMPS, AF_INET, SOCK_STREAM, 0), yes = 1;
	pid_t pid;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(listener, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(listener, 512) < 0)
		lab_fail("cannot listen: %s", strerror(errno));
	pid = fork_child();
	if (pid == 0)
		serve(listener);
	close(listener);
	return pid;
}

static void
ask(int fd)
{
	if (send(fd, request_bytes, sizeof(request_bytes), MSG_NOSIGNAL) != REQUEST_SIZE)
		lab_fail("%s: a connection broke: %s", load_name, strerror(errno));
}

/* Go round until `end_ns`; the number of answers. */
static uint64_t
go_round(int epoll, uint64_t ms)
{
	struct epoll_event events[EVENTS];
	uint64_t end = lab_now_ms() + ms, answers = 0;
	unsigned stalls = 0;
	uint8_t buffer[RESPONSE_SIZE];

	while (lab_now_ms() < end) {
		int count = epoll_wait(epoll, events, EVENTS, 1000);

		if (count == 0) {
			fprintf(stderr, "%s: nothing moved for a second\n", load_name);
			if (++stalls > STALLS_MAX)
				lab_fail("%s: nothing moves", load_name);
		}
		for (int i = 0; i < count; i++) {
			if (recv(events[i].data.fd, buffer, sizeof(buffer), 0) != RESPONSE_SIZE)
				lab_fail("%s: a connection broke: %s", load_name, strerror(errno));
			answers++;
			ask(events[i].data.fd);
		}
	}
	return answers;
}

static int
open_connection(const char *server)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(502)};
	int fd = lab_socket(LAB_SUPERVISION, AF_INET, SOCK_STREAM, 0);
	struct linger at_once = {.l_onoff = 1};

	inet_pton(AF_INET, "10.10.0.5", &from.sin_addr);
	inet_pton(AF_INET, server, &to.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	no_delay(fd);
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		lab_fail("%s: cannot connect: %s", load_name, strerror(errno));
	return fd;
}

double
bench_load_run(const char *server, unsigned connections, unsigned ms, void (*begin)(void),
    void (*end)(void), uint64_t *ret_transactions)
{
	int fds[BENCH_CONNECTIONS_MAX], epoll = epoll_create1(0);
	struct timespec first, last;
	uint64_t answers;

	for (unsigned i = 0; i < connections; i++) {
		fds[i] = open_connection(server);
		watch(epoll, fds[i]);
		ask(fds[i]);
	}
	go_round(epoll, WARM_UP_MS);
	begin();
	clock_gettime(CLOCK_MONOTONIC, &first);
	answers = go_round(epoll, ms);
	clock_gettime(CLOCK_MONOTONIC, &last);
	end();
	for (unsigned i = 0; i < connections; i++)
		close(fds[i]);
	close(epoll);
	lab_sleep_ms(RESETS_MS); /* while the gate still stands */
	*ret_transactions = answers;
	return (double)answers /
	    ((double)(last.tv_sec - first.tv_sec) + (double)(last.tv_nsec - first.tv_nsec) / 1e9);
}

static pid_t spinners[CPUS_MAX];
static unsigned spinner_count;

void
bench_spinners_start(void)
{
	struct sched_param none = {0};
	cpu_set_t all;

	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		lab_fail("sched_getaffinity: %s", strerror(errno));
	for (int cpu = 0; cpu < CPU_SETSIZE && spinner_count < CPUS_MAX; cpu++) {
		cpu_set_t one;

		if (!CPU_ISSET(cpu, &all))
			continue;
		spinners[spinner_count] = fork_child();
		if (spinners[spinner_count++] != 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof(one), &one) < 0 ||
		    sched_setscheduler(0, SCHED_IDLE, &none) < 0)
			_exit(1);
		for (;;)
			__asm__ volatile("" ::: "memory");
	}
}

void
bench_spinners_stop(void)
{
	while (spinner_count > 0)
		lab_stop(spinners[--spinner_count], SIGKILL);
}
