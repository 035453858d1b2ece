/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events: from the inspectors' records and the daemon's own life to lines of JSON.
 *
 * The supervisor must not wait for a reader, so a pipe or terminal is opened a second time without
 * blocking: the flag must not be set on a file that others have open, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "eve.h"
#include "events.h"
#include "log.h"

enum {
	OUTLET_LIMIT = 4 << 20, /* bytes that may wait for a slow reader */
	NOTE_FIELDS_MAX = 32,
};

static int
open_output(void)
{
	struct stat status;
	int fd;

	if (fstat(STDOUT_FILENO, &status) < 0)
		return -errno;
	if (S_ISSOCK(status.st_mode)) {
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? -errno : fd;
	}
	fd = open("/proc/self/fd/1", O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int
open_path(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return open_output();
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
	return fd < 0 ? -errno : fd;
}

/* A file that can't be written is told once, and once more when it works again. */
static void
tell_file(struct events *events, int error)
{
	if (error != 0 && error != events->failing)
		log_error("%s: can't write events: %s", events->path, strerror(error));
	else if (error == 0 && events->failing != 0)
		log_info("%s: events can be written again", events->path);
	events->failing = error;
}

static void
watch_file(struct events *events)
{
	int error = events->outlet.error == EAGAIN ? 0 : events->outlet.error;

	if (events->outlet.fd < 0)
		return; /* events_tick() tries to open it */
	if (error != 0 || !outlet_waiting(&events->outlet))
		tell_file(events, error);
}

int
events_init(struct events *events, const char *path)
{
	int fd;

	*events = (struct events){.path = path, .outlet.fd = -1};
	if (!path)
		return 0;
	fd = open_path(path);
	outlet_init(&events->outlet, fd < 0 ? -1 : fd, OUTLET_LIMIT);
	if (fd < 0)
		tell_file(events, -fd);
	return fd < 0 ? fd : 0;
}

void
events_done(struct events *events)
{
	outlet_flush(&events->outlet);
	if (outlet_waiting(&events->outlet))
		log_error("%s: the last events could not be written", events->path);
	outlet_done(&events->outlet);
}

int
events_reopen(struct events *events)
{
	int fd;

	if (!events->path || strcmp(events->path, "-") == 0)
		return 0;
	fd = open_path(events->path);
	if (fd < 0)
		return fd;
	outlet_move(&events->outlet, fd);
	watch_file(events);
	return 0;
}

static bool
events_wanted(const struct events *events)
{
	return events->path || events->subscribed;
}

/* Takes the line. */
static void
events_publish(struct events *events, char *line)
{
	if (line) {
		outlet_line(&events->outlet, line);
		if (events->subscribed)
			events->subscriber(events->context, line);
	} else if (events->path) {
		events->outlet.lost++; /* memory was out */
	}
	watch_file(events);
	free(line);
}

void
events_record(struct events *events, const struct policy *policy, const struct event *event)
{
	if (events->watcher)
		events->watcher(events->watched, event);
	events->total++;
	if (events_wanted(events))
		events_publish(events, eve_print(policy, event));
}

void
events_lost(struct events *events, uint64_t count)
{
	struct event event = {
	    .type = EVENT_LOST, .lost = count, .wall_ns = clock_ns(CLOCK_REALTIME)};

	log_warning("%llu events lost", (unsigned long long)count);
	events_record(events, NULL, &event);
}

void
events_note(struct events *events, const char *what, ...)
{
	const char *fields[2 * NOTE_FIELDS_MAX + 1];
	unsigned count = 0;
	va_list arguments;

	va_start(arguments, what);
	while (count < 2 * NOTE_FIELDS_MAX) {
		const char *name = va_arg(arguments, const char *);

		if (!name)
			break;
		fields[count++] = name;
		fields[count++] = va_arg(arguments, const char *);
	}
	va_end(arguments);
	fields[count] = NULL;
	events->total++;
	if (events_wanted(events))
		events_publish(events, eve_print_note(clock_ns(CLOCK_REALTIME), what, fields));
}

int
events_file(const struct events *events)
{
	const struct outlet *outlet = &events->outlet;

	/* a file on a full disk is always ready, and no more full for being asked again at once */
	return outlet_waiting(outlet) && outlet->error == EAGAIN ? outlet->fd : -1;
}

void
events_flush(struct events *events)
{
	outlet_flush(&events->outlet);
	watch_file(events);
}

void
events_tick(struct events *events)
{
	int fd;

	if (events->path && events->outlet.fd < 0) {
		fd = open_path(events->path);
		if (fd < 0) {
			tell_file(events, -fd);
			return;
		}
		outlet_move(&events->outlet, fd);
	}
	events_flush(events);
}
