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
#include <stdio.h>
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
	int before = events->failing;

	events->failing = error; /* first: what is told below comes here again */
	if (error != 0 && error != before) {
		log_error("%s: can't write events: %s", events->settings.path, strerror(error));
		events_note(
		    events, "alarm", "alarm", "events-unwritten", "why", strerror(error), NULL);
	} else if (error == 0 && before != 0) {
		log_info("%s: events can be written again", events->settings.path);
		events_note(events, "alarm", "alarm", "events-written", NULL);
	}
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

/* What was found at the end of the file. */
static void
tell_ledger(struct events *events, size_t piece)
{
	const struct ledger *ledger = &events->ledger;
	char lines[24], last[24];

	if (ledger->error != 0)
		log_error("%s: where the chain of events is can't be kept: %s",
		    events->settings.state, strerror(ledger->error));
	if (piece > 0)
		log_warning("%s: %zu bytes at its end were a piece of a line, and are cut off",
		    events->settings.path, piece);
	if (ledger->missing == 0)
		return;
	snprintf(lines, sizeof(lines), "%llu", (unsigned long long)ledger->missing);
	snprintf(last, sizeof(last), "%llu", (unsigned long long)ledger->last.seq);
	log_error(
	    "%s: the last %s lines that were written are missing", events->settings.path, lines);
	events_note(events, "alarm", "alarm", "events-missing", "lines", lines, "last", last,
	    "file", events->settings.path, NULL);
}

static int
refuse_key(const char *path, int r)
{
	log_error("%s: %s", path,
	    r == -EINVAL      ? "a key has 16 to 4096 bytes"
		: r == -EPERM ? "others may read the key: chmod 600"
			      : strerror(-r));
	return -EKEYREJECTED;
}

/* A sink that is away or full. */
static void
tell_sink(void *context, const struct sink *sink, const char *name, int error)
{
	struct events *events = context;
	char lost[24];

	snprintf(lost, sizeof(lost), "%llu", (unsigned long long)sink->lost_total);
	if (error != 0) {
		log_error("%s: %s takes no events: %s", sink->path, name, strerror(error));
		events_note(events, "alarm", "alarm", "sink-unsent", "sink", name, "path",
		    sink->path, "why", strerror(error), NULL);
	} else {
		log_info("%s: %s takes events again; %s were lost", sink->path, name, lost);
		events_note(
		    events, "alarm", "alarm", "sink-sent", "sink", name, "lost", lost, NULL);
	}
}

int
events_init(struct events *events, const struct events_settings *settings)
{
	size_t piece;
	int fd, r;

	*events = (struct events){.settings = *settings, .outlet.fd = -1, .ledger.state = -1};
	sinks_init(&events->sinks, settings->syslog, settings->journal, tell_sink, events);
	if (!settings->path)
		return 0;
	r = ledger_open(&events->ledger, settings->state, settings->key);
	if (r < 0) {
		events->settings.path = NULL;
		return refuse_key(settings->key, r);
	}
	piece = strcmp(settings->path, "-") == 0 ? 0 : ledger_join(&events->ledger, settings->path);
	fd = open_path(settings->path);
	outlet_init(&events->outlet, fd < 0 ? -1 : fd, OUTLET_LIMIT);
	outlet_seal(&events->outlet, &events->ledger.last, &events->ledger.key);
	tell_ledger(events, piece);
	if (fd < 0)
		tell_file(events, -fd);
	return fd < 0 ? fd : 0;
}

void
events_done(struct events *events)
{
	sinks_done(&events->sinks);
	outlet_flush(&events->outlet);
	if (outlet_waiting(&events->outlet))
		log_error("%s: the last events could not be written", events->settings.path);
	ledger_keep(&events->ledger, &events->outlet.written);
	outlet_done(&events->outlet);
	ledger_close(&events->ledger);
}

bool
events_recorded(const struct events *events)
{
	return events->settings.path && events->outlet.fd >= 0 && events->failing == 0 &&
	    events->outlet.lost == 0;
}

int
events_reopen(struct events *events)
{
	int fd;

	if (!events->settings.path || strcmp(events->settings.path, "-") == 0)
		return 0;
	fd = open_path(events->settings.path);
	if (fd < 0)
		return fd;
	outlet_move(&events->outlet, fd);
	watch_file(events);
	return 0;
}

static bool
events_wanted(const struct events *events)
{
	return events->settings.path || events->subscribed || sinks_wanted(&events->sinks);
}

/* path.1 becomes path.2 and so on, the oldest goes, path becomes path.1. */
static int
rename_files(const char *path, unsigned keep)
{
	char from[4096], to[4096];

	for (unsigned i = keep; i > 0; i--) {
		snprintf(to, sizeof(to), "%s.%u", path, i);
		if (i > 1)
			snprintf(from, sizeof(from), "%s.%u", path, i - 1);
		else
			snprintf(from, sizeof(from), "%s", path);
		if (rename(from, to) < 0 && (errno != ENOENT || i == 1))
			return -errno;
	}
	return 0;
}

/* Has the file grown to its size?  Somebody else may have cut it off, so it is asked. */
static void
rotate(struct events *events)
{
	struct stat status;
	int r;

	if (events->settings.size == 0 || events->stuck || events->outlet.fd < 0 ||
	    fstat(events->outlet.fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    (uint64_t)status.st_size < events->settings.size)
		return;
	/* without it the last attempt has come half the way */
	r = access(events->settings.path, F_OK) < 0
	    ? 0
	    : rename_files(events->settings.path, events->settings.keep);
	if (r == 0)
		r = events_reopen(events);
	events->stuck = r < 0;
	if (r < 0)
		log_error("%s: the file can't be renamed and begun anew: %s", events->settings.path,
		    strerror(-r));
}

/* Takes the line. */
static void
events_publish(struct events *events, char *line)
{
	if (line) {
		outlet_line(&events->outlet, line);
		if (events->subscribed)
			events->subscriber(events->context, line);
		sinks_line(&events->sinks, line);
	} else if (events->settings.path) {
		events->outlet.lost++; /* memory was out */
	}
	free(line);
	watch_file(events);
	ledger_keep(&events->ledger, &events->outlet.written);
	rotate(events);
}

void
events_record(struct events *events, const struct policy *policy, const struct event *event)
{
	if (events->watcher)
		events->watcher(events->watched, event);
	events->total++;
	if (events_wanted(events))
		events_publish(events, eve_print_as(policy, event, events->settings.denials));
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
	ledger_keep(&events->ledger, &events->outlet.written);
}

void
events_tick(struct events *events)
{
	int fd;

	events->stuck = false;
	sinks_flush(&events->sinks);
	if (events->settings.path && events->outlet.fd < 0) {
		fd = open_path(events->settings.path);
		if (fd < 0) {
			tell_file(events, -fd);
			return;
		}
		outlet_move(&events->outlet, fd);
	}
	events_flush(events);
}
