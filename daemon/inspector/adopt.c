/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adopt: a crew from what an earlier run of the daemon has left.
 *
 * Whoever keeps these descriptors keeps packets waiting in the kernel's queues and connections in
 * the engines' memory.  What is in that memory is not believed: the first inspectors put it right
 * as after a death (engine_recover()), before they judge by it.  What they can't put right is where
 * things are, and that is compared here.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crew.h"
#include "log.h"

enum {
	STARTS_MAX = 3, /* that may go wrong with the same estate */
	GONE_MS = 2000,
	REMINDER_MS = 10,
};

static bool
is_pipe(int fd)
{
	struct stat status;

	return fd >= 0 && fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) &&
	    fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

/* An inspector of the run before may be dying still; two must not work on one memory. */
static bool
is_gone(const struct member *member)
{
	pid_t pid = atomic_load(&member->shared->pid);
	char path[64], name[16] = "", own[16];
	struct pollfd process = {.events = POLLIN};
	FILE *file;
	bool gone;

	if (pid <= 0)
		return true;
	process.fd = pidfd_open(pid, 0);
	if (process.fd < 0)
		return true;
	snprintf(own, sizeof(own), "sluiced:%u", member->index);
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (file && fgets(name, sizeof(name), file))
		name[strcspn(name, "\n")] = '\0';
	if (file)
		fclose(file);
	gone = strcmp(name, own) != 0; /* the number is somebody else's by now */
	if (!gone)                     /* it was told to die with the supervisor */
		gone = poll(&process, 1, GONE_MS) == 1;
	close(process.fd);
	return gone;
}

/* One that is at work is a child of this process, which was another program a moment ago. */
static const char *
adopt_process(struct member *member, struct estate *estate)
{
	pid_t *pid = &estate->pids[member->index];

	member->died = true;
	if (*pid <= 0)
		return is_gone(member) ? NULL : "an inspector does not end";
	member->process = pidfd_open(*pid, 0);
	if (member->process < 0)
		return "an inspector can't be watched";
	member->pid = *pid;
	*pid = 0;
	return NULL;
}

static const char *
adopt_arena(struct member *member, const struct engine_limits *limits, const struct former *build,
    struct estate *estate)
{
	int fd = estate_take(estate, "arena", member->index);
	struct memory memory;

	if (memory_adopt(fd, memory_size(fd), &memory) < 0) {
		if (fd >= 0)
			close(fd);
		return "the connections are not there";
	}
	if (!build && engine_arena_fits(memory.block, memory.size, limits)) {
		member->arena = memory;
		member->limits = *limits;
		return NULL;
	}
	member->former = memory;
	if (!build && !former_is_ours(memory.block, memory.size))
		return "the connections are not where they should be";
	return member_map_arena(member, limits) < 0 ? "memory is out" : NULL;
}

static const char *
adopt_numbers(struct member *member, struct estate *estate)
{
	int fd = estate_take(estate, "numbers", member->index);

	if (memory_adopt(fd, sizeof(*member->shared), &member->numbers) < 0) {
		if (fd >= 0)
			close(fd);
		return "an inspector's counters are not there, or of another size";
	}
	member->shared = member->numbers.block;
	atomic_store(&member->shared->moved, 0);
	return NULL;
}

/* An inspector of another build: it finishes what it has, and leaves. */
static void
send_away(pid_t pid, _Atomic uint32_t *stop)
{
	struct pollfd process = {.fd = pidfd_open(pid, 0), .events = POLLIN};

	if (stop)
		atomic_store(stop, 1);
	for (int waited = 0; process.fd >= 0; waited += REMINDER_MS) {
		kill(pid, stop && waited < GONE_MS ? SIGUSR1 : SIGKILL);
		if (poll(&process, 1, REMINDER_MS) == 1)
			break;
	}
	if (process.fd >= 0)
		close(process.fd);
	else
		kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Of another build nothing is known of an inspector's numbers but how they begin. */
static const char *
replace_numbers(struct member *member, struct estate *estate)
{
	int fd = estate_take(estate, "numbers", member->index);
	pid_t *pid = &estate->pids[member->index];
	struct memory memory = {.fd = -1};

	if (memory_size(fd) >= sizeof(uint32_t))
		memory_adopt(fd, memory_size(fd), &memory);
	if (*pid > 0)
		send_away(*pid, memory.block);
	*pid = 0;
	if (fd >= 0 && memory.fd < 0)
		close(fd);
	memory_free(&memory);
	return member_map_numbers(member) < 0 ? "memory is out" : NULL;
}

static const char *
adopt_pipe(struct member *member, struct estate *estate)
{
	member->event_read = estate_take(estate, "events-read", member->index);
	member->event_write = estate_take(estate, "events-write", member->index);
	return is_pipe(member->event_read) && is_pipe(member->event_write)
	    ? NULL
	    : "there is no pipe of events";
}

static const char *
adopt_queue(struct member *member, struct estate *estate)
{
	int fd = estate_take(estate, "queue", member->index);

	if (queue_adopt(fd, member->queues, &member->queue) < 0) {
		if (fd >= 0)
			close(fd);
		return "there is no socket that is bound to the queues";
	}
	return NULL;
}

/* Records of events are another build's own, too. */
static const char *
adopt_rest(struct member *member, const struct former *build, struct estate *estate)
{
	const char *why;

	if (build) {
		why = replace_numbers(member, estate);
		member->died = member->rebuilt = true;
		return why ? why : member_pipe(member) < 0 ? "there is no pipe of events" : NULL;
	}
	why = adopt_numbers(member, estate);
	if (!why)
		why = adopt_process(member, estate);
	return why ? why : adopt_pipe(member, estate);
}

static const char *
adopt_member(struct crew *crew, struct member *member, const struct limits *limits,
    const struct former *build, struct estate *estate)
{
	struct engine_limits engine = crew_limits(crew, limits);
	const char *why = adopt_arena(member, &engine, build, estate);

	if (!why)
		why = adopt_rest(member, build, estate);
	if (!why)
		why = adopt_queue(member, estate);
	if (!why && atomic_fetch_add(&member->shared->starts, 1) >= STARTS_MAX)
		why = "one start after the other has gone wrong with it";
	if (why)
		return why;
	member->adopted = true;
	for (unsigned kind = 0; kind < QUEUE_KINDS; kind++)
		queue_lengthen(&member->queue, member->queues[kind], crew->settings.queue_length);
	return NULL;
}

int
crew_adopt(struct crew *crew, const struct crew_settings *settings, const struct limits *limits,
    struct events *events, struct estate *estate, const struct former *build, const char **ret_why)
{
	const char *why = NULL;

	if (crew_outset(crew, settings, events) < 0)
		why = "raw sockets can't be opened";
	for (unsigned i = 0; !why && i < settings->count; i++)
		why = adopt_member(crew, &crew->members[i], limits, build, estate);
	if (build)
		crew->build = *build;
	crew->features.fail_open = true; /* without it they would not have been bound */
	if (!why)
		return 0;
	crew_done(crew);
	*ret_why = why;
	return -EBADMSG;
}
