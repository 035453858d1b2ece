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
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crew.h"
#include "log.h"

enum {
	STARTS_MAX = 3, /* that may go wrong with the same estate */
	GONE_MS = 2000,
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
adopt_memory(struct member *member, const struct engine_limits *limits, struct estate *estate)
{
	int arena = estate_take(estate, "arena", member->index);
	int numbers = estate_take(estate, "numbers", member->index);
	const char *why = NULL;

	if (memory_adopt(arena, engine_arena_size(limits), &member->arena) < 0)
		why = "the connections are not there, or of another size";
	else
		arena = -1;
	if (memory_adopt(numbers, sizeof(*member->shared), &member->numbers) < 0)
		why = "an inspector's counters are not there, or of another size";
	else
		numbers = -1;
	if (arena >= 0)
		close(arena);
	if (numbers >= 0)
		close(numbers);
	member->shared = member->numbers.block;
	if (!why && !engine_arena_fits(member->arena.block, member->arena.size, limits))
		why = "the connections are not where they should be";
	return why;
}

static const char *
adopt_files(struct member *member, struct estate *estate)
{
	int fd = estate_take(estate, "queue", member->index);

	if (queue_adopt(fd, member->queues, &member->queue) < 0) {
		if (fd >= 0)
			close(fd);
		return "there is no socket that is bound to the queues";
	}
	member->event_read = estate_take(estate, "events-read", member->index);
	member->event_write = estate_take(estate, "events-write", member->index);
	return is_pipe(member->event_read) && is_pipe(member->event_write)
	    ? NULL
	    : "there is no pipe of events";
}

static const char *
adopt_member(
    struct crew *crew, struct member *member, const struct limits *limits, struct estate *estate)
{
	struct engine_limits engine = crew_limits(crew, limits);
	const char *why = adopt_memory(member, &engine, estate);

	if (!why)
		why = adopt_process(member, estate);
	if (!why)
		why = adopt_files(member, estate);
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
    struct events *events, struct estate *estate, const char **ret_why)
{
	const char *why = NULL;

	if (crew_outset(crew, settings, events) < 0)
		why = "raw sockets can't be opened";
	for (unsigned i = 0; !why && i < settings->count; i++)
		why = adopt_member(crew, &crew->members[i], limits, estate);
	crew->features.fail_open = true; /* without it they would not have been bound */
	if (!why)
		return 0;
	crew_done(crew);
	*ret_why = why;
	return -EBADMSG;
}
