/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listener: see listener.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "listener.h"
#include "log.h"
#include "nflog.h"
#include "sandbox.h"
#include "scans.h"

enum {
	FILE_LOG = 3, /* file descriptors of the process */
	FILE_EVENTS,
	FILES_END,
	WAIT_MS = 1000,
	EVENTS_AT_ONCE = 64,
};

_Static_assert(sizeof(struct event) <= PIPE_BUF, "a record must fit into one atomic write");

/* The process */

static void
hand_on(void *context, const struct event *event)
{
	(void)!write(FILE_EVENTS, event, sizeof(*event)); /* a full pipe: the counters have it */
}

static void
take(void *context, const struct event *event)
{
	struct event timed = *event;

	timed.wall_ns = clock_ns(CLOCK_REALTIME);
	scans_add(context, &timed, clock_ns(CLOCK_MONOTONIC));
}

static int
arrange_files(const struct listener *listener)
{
	int log = fcntl(listener->log, F_DUPFD_CLOEXEC, FILES_END);
	int events = fcntl(listener->event_write, F_DUPFD_CLOEXEC, FILES_END);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (log < 0 || events < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(log, FILE_LOG) < 0 ||
	    dup2(events, FILE_EVENTS) < 0)
		return -errno;
	return close_range(FILES_END, ~0U, 0) < 0 ? -errno : 0;
}

/* What a terminal or a service manager sends to all is for the supervisor to answer. */
static void
arrange_signals(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2};
	sigset_t none;

	for (unsigned i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
listen_on(const struct listener *listener, pid_t parent)
{
	static struct scans scans;
	struct sandbox sandbox = {
	    .user = listener->user,
	    .group = listener->group,
	    .root = listener->root,
	    .powerless = true,
	    .receive = {{FILE_LOG}, 1},
	    .write = {{FILE_EVENTS, STDERR_FILENO}, 2},
	    .files_max = FILES_END,
	};
	const char *step = "file descriptors";
	int r;

	prctl(PR_SET_NAME, "sluiced:log", 0, 0, 0);
	arrange_signals();
	listener->forget(listener->context);
	r = arrange_files(listener);
	scans.tell = hand_on;
	if (r == 0 && getppid() == parent)
		r = sandbox_enter(&sandbox, &step);
	if (r < 0) {
		fprintf(stderr, "sluiced: listener: %s: %s\n", step, strerror(-r));
		_exit(1);
	}
	do {
		r = nflog_read(FILE_LOG, take, &scans);
		scans_tick(&scans, clock_ns(CLOCK_MONOTONIC));
	} while (r == 0 || r == -EAGAIN);
	_exit(1);
}

/* Its supervisor */

int
listener_open(struct listener *listener, uint16_t log_group)
{
	int ends[2], r = nflog_open(log_group, WAIT_MS, &listener->log);

	if (r == 0 && pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		r = -errno;
	listener->error = -r;
	if (r < 0)
		return r;
	listener->event_read = ends[0];
	listener->event_write = ends[1];
	listener->on = true;
	return 0;
}

static int
start(struct listener *listener)
{
	pid_t parent = getpid(), pid;

	if (mkdir(listener->root, 0555) < 0 && errno != EEXIST)
		return -errno;
	pid = fork();
	if (pid == 0)
		listen_on(listener, parent);
	if (pid < 0)
		return -errno;
	listener->pid = pid;
	listener->process = pidfd_open(pid, 0);
	return 0;
}

void
listener_tick(struct listener *listener)
{
	int r;

	if (!listener->on || listener->pid != 0)
		return;
	r = start(listener);
	if (r < 0)
		log_error("the listener can't be started: %s", strerror(-r));
}

void
listener_reap(struct listener *listener, struct events *events)
{
	int status = 0;

	while (waitpid(listener->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(listener->process);
	listener->process = -1;
	listener->pid = 0;
	listener->deaths++;
	log_error("the listener to what the kernel drops died; it is started anew");
	events_note(events, "alarm", "alarm", "listener-died", NULL);
}

void
listener_read(struct listener *listener, struct events *events, const struct policy *policy)
{
	struct event event;

	for (unsigned i = 0; i < EVENTS_AT_ONCE; i++) {
		if (read(listener->event_read, &event, sizeof(event)) != sizeof(event))
			return;
		_Static_assert(IF_NAMESIZE <= sizeof(event.label), "");
		memset(event.label, 0, sizeof(event.label));
		if (event.unit != 0)
			if_indextoname(event.unit, event.label);
		event.type = EVENT_DROP; /* whatever who has taken it over would like to tell */
		events_record(events, policy, &event);
	}
}

void
listener_pause(struct listener *listener)
{
	if (listener->pid <= 0)
		return;
	kill(listener->pid, SIGKILL);
	waitpid(listener->pid, NULL, 0);
	close(listener->process);
	listener->process = -1;
	listener->pid = 0;
}

void
listener_close(struct listener *listener)
{
	listener_pause(listener);
	if (listener->on) {
		close(listener->log);
		close(listener->event_read);
		close(listener->event_write);
	}
	*listener = (struct listener){.process = -1, .event_read = -1};
}
