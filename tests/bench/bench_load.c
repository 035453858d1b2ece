/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bench load: a closed loop of one protocol. See bench_load.h. */
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
	EVENTS = 64,
	WARM_UP_MS = 100,
	RESETS_MS = 50,
	STALLS_MAX = 5,
	CPUS_MAX = 64,
	FDS_MAX = 1024
};

static char load_name[80] = "the load";

void
bench_load_name(const char *name, const struct bench_protocol *protocol, unsigned connections)
{
	snprintf(load_name, sizeof(load_name), "%s, %s, %u connections", name, protocol->name,
	    connections);
}

static void
no_delay(int fd)
{
	int yes = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

static void
watch(int epoll, int fd, uint32_t number)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		lab_fail("epoll_ctl: %s", strerror(errno));
}

/* Exchange n of a connection. */
static void
answer(const struct bench_protocol *protocol, int fd, uint32_t n)
{
	uint8_t buffer[BENCH_MESSAGE_MAX], request[BENCH_MESSAGE_MAX];
	size_t length = bench_request(protocol, n, request);

	if (recv(fd, buffer, sizeof(buffer), 0) != (ssize_t)length) {
		close(fd);
		return;
	}
	length = bench_response(protocol, n, buffer);
	if (send(fd, buffer, length, MSG_NOSIGNAL) != (ssize_t)length)
		close(fd);
}

static void __attribute__((noreturn)) serve(const struct bench_protocol *protocol, int listener)
{
	static uint32_t exchanges[FDS_MAX]; /* by descriptor */
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(0);

	watch(epoll, listener, (uint32_t)listener);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			int fd = (int)events[i].data.u32;

			if (fd != listener) {
				answer(protocol, fd, exchanges[fd]++);
				continue;
			}
			fd = accept(listener, NULL, NULL);
			if (fd < 0)
				continue;
			if (fd >= FDS_MAX)
				_exit(1);
			exchanges[fd] = 0;
			no_delay(fd);
			watch(epoll, fd, (uint32_t)fd);
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
bench_server_start(const struct bench_protocol *protocol)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(protocol->port)};
	int listener = lab_socket(LAB_PUMPS, AF_INET, SOCK_STREAM, 0), yes = 1;
	pid_t pid;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(listener, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(listener, 512) < 0)
		lab_fail("cannot listen: %s", strerror(errno));
	pid = fork_child();
	if (pid == 0)
		serve(protocol, listener);
	close(listener);
	return pid;
}

/* The clients of a load. */
struct load {
	const struct bench_protocol *protocol;
	int epoll;
	unsigned count;
	int fds[BENCH_CONNECTIONS_MAX];
	uint32_t exchanges[BENCH_CONNECTIONS_MAX];
};

static void
ask(const struct load *load, unsigned i)
{
	uint8_t buffer[BENCH_MESSAGE_MAX];
	size_t length = bench_request(load->protocol, load->exchanges[i], buffer);

	if (send(load->fds[i], buffer, length, MSG_NOSIGNAL) != (ssize_t)length)
		lab_fail("%s: a connection broke: %s", load_name, strerror(errno));
}

static void
take_answer(struct load *load, unsigned i)
{
	uint8_t buffer[BENCH_MESSAGE_MAX], due[BENCH_MESSAGE_MAX];
	size_t length = bench_response(load->protocol, load->exchanges[i]++, due);

	if (recv(load->fds[i], buffer, sizeof(buffer), 0) != (ssize_t)length)
		lab_fail("%s: a connection broke: %s", load_name, strerror(errno));
}

/* Go round until `ms` are over; the number of answers. */
static uint64_t
go_round(struct load *load, uint64_t ms)
{
	struct epoll_event events[EVENTS];
	uint64_t end = lab_now_ms() + ms, answers = 0;
	unsigned stalls = 0;

	while (lab_now_ms() < end) {
		int count = epoll_wait(load->epoll, events, EVENTS, 1000);

		if (count == 0) {
			fprintf(stderr, "%s: nothing moved for a second\n", load_name);
			if (++stalls > STALLS_MAX)
				lab_fail("%s: nothing moves", load_name);
		}
		for (int i = 0; i < count; i++) {
			take_answer(load, events[i].data.u32);
			answers++;
			ask(load, events[i].data.u32);
		}
	}
	return answers;
}

static int
open_connection(const char *server, uint16_t port)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
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

static void
load_open(struct load *load, const struct bench_load *wanted)
{
	*load = (struct load){
	    .protocol = wanted->protocol, .epoll = epoll_create1(0), .count = wanted->connections};
	for (unsigned i = 0; i < load->count; i++) {
		load->fds[i] = open_connection(wanted->server, wanted->protocol->port);
		watch(load->epoll, load->fds[i], i);
		ask(load, i);
	}
}

double
bench_load_run(const struct bench_load *wanted, uint64_t *ret_transactions)
{
	struct timespec first, last;
	struct load load;
	uint64_t answers;

	load_open(&load, wanted);
	go_round(&load, WARM_UP_MS);
	wanted->begin();
	clock_gettime(CLOCK_MONOTONIC, &first);
	answers = go_round(&load, wanted->ms);
	clock_gettime(CLOCK_MONOTONIC, &last);
	wanted->end();
	for (unsigned i = 0; i < load.count; i++)
		close(load.fds[i]);
	close(load.epoll);
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
