/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice events: what the firewall recorded, for people.
 *
 * Reads EVE lines from a file, from standard input or from the running daemon.  A line that is no
 * event is told and passed over, never hidden.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "control.h"
#include "daemon_asked.h"
#include "event_file.h"
#include "event_filter.h"
#include "event_line.h"
#include "event_tail.h"
#include "filter_words.h"
#include "terminal.h"
#include "words.h"

enum { OPERANDS_MAX = 64 };

enum {
	OPTION_FOLLOW,
	OPTION_DENIED,
	OPTION_HOST,
	OPTION_CHANNEL,
	OPTION_REASON,
	OPTION_SINCE,
	OPTION_CONTROL,
	OPTION_JSON
};

static const struct option_row options[] = {
    [OPTION_FOLLOW] = {"follow", 'f', NULL, "go on at the end of FILE, or when sluiced restarts"},
    [OPTION_DENIED] = {"denied", 'd', NULL, "no verdicts but denials"},
    [OPTION_HOST] = {"host", 'H', "ADDRESS", "from or to a host or network, several by commas"},
    [OPTION_CHANNEL] = {"channel", 'c', "NAME", "of a conduit, a channel, or conduit/channel"},
    [OPTION_REASON] = {"reason", 'r', "WORD", "with this reason, several by commas"},
    [OPTION_SINCE] = {"since", 's', "TIME", "not older: \"10m\", \"today\", \"08:00\", a date"},
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the JSON lines as they are"},
};

struct reader {
	bool json;
	const char *file; /* NULL: the daemon's */
	bool live;        /* what comes has no end */
	bool hinted;      /* it was told what to do about a denial */
	bool denied;      /* one was printed */
	struct event_filter filter;
	struct event_tail
	    *tail;            /* the last ones, until the end is reached; NULL: all are printed */
	uint64_t line_number; /* of the daemon's lines */
	uint64_t wrong;       /* lines that were no events */
};

/* Once, behind the first denial of what has no end and behind the last line of a file. */
static void
hint(struct reader *reader)
{
	size_t width = terminal_width();
	char *which = NULL, *text;

	if (reader->json || !reader->denied || reader->hinted ||
	    (reader->file && strcmp(reader->file, "-") == 0))
		return;
	reader->hinted = true;
	if (reader->file)
		which = words_format("%s:last", reader->file);
	text = words_format(
	    "events: `sluice explain %s%s` explains the last denial, `sluice allow %s` "
	    "writes what would allow it into the policy",
	    which ? "--event " : "--last", which ? which : "", which ? which : "last");
	if (width > 0)
		print_wrapped(text, 4, 0, width);
	else
		complain("%s", text);
	free(text);
	free(which);
}

static bool
is_denial(const json_t *event)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const char *verdict = json_string_value(json_object_get(sluice, "verdict"));

	return verdict && strcmp(verdict, "deny") == 0;
}

static void
print_event(struct reader *reader, const char *line, const json_t *event)
{
	if (reader->json)
		puts(line);
	else
		event_line_print(event);
	fflush(stdout);
	reader->denied |= is_denial(event);
	if (reader->live)
		hint(reader);
}

static bool
print_line(void *context, const char *line, uint64_t number)
{
	struct reader *reader = context;
	json_t *event;

	if (line[0] == '\0')
		return true;
	event = json_loads(line, 0, NULL);
	if (!json_is_object(event)) {
		complain("events: line %" PRIu64 " is no event", number);
		reader->wrong++;
	} else if (event_filter_wants(&reader->filter, event)) {
		if (!reader->tail)
			print_event(reader, line, event);
		else if (!event_tail_keep(reader->tail, line))
			complain("events: out of memory: an event is left out");
	}
	json_decref(event);
	return !ferror(stdout);
}

/* The end is reached: what was kept is printed, and what comes from now on at once. */
static void
print_tail(void *context)
{
	struct reader *reader = context;
	struct event_tail *tail = reader->tail;
	char *line;

	reader->tail = NULL;
	while (tail && (line = event_tail_take(tail))) {
		json_t *event = json_loads(line, 0, NULL);

		print_event(reader, line, event);
		json_decref(event);
		free(line);
	}
	event_tail_free(tail);
}

static bool
print_told(void *context, const char *line)
{
	struct reader *reader = context;

	return print_line(context, line, ++reader->line_number);
}

/* What a restart looks like from here. */
static bool
is_away(int error)
{
	return error == -EPIPE || error == -ECONNRESET || error == -ECONNREFUSED ||
	    error == -ENOENT;
}

static int
ask_daemon(struct reader *reader, const char *path, bool follow)
{
	json_t *answer = NULL;
	int r;

	do {
		r = control_ask("events", path, json_pack("{s:s}", "request", "events"), &answer,
		    print_told, reader);
		json_decref(answer);
		answer = NULL;
	} while (follow && is_away(r) && control_wait("events", path) == 0);
	return r;
}

/* What the daemon has written to its event file, and to the one before that was renamed. */
static int
read_daemons_file(struct reader *reader, const char *path, bool follow)
{
	char *name = NULL;
	char before[4096];
	int r = daemon_event_file("events", path, &name);

	if (r < 0)
		return r;
	snprintf(before, sizeof(before), "%s.1", name);
	if (access(before, F_OK) == 0)
		r = event_file_read(before, false, print_line, NULL, reader);
	if (r == 0)
		r = event_file_read(name, follow, print_line, print_tail, reader);
	free(name);
	return r;
}

/* The first operand is a FILE unless it is a word, or is no file and looks like one. */
static bool
names_file(const char *operand)
{
	return !filter_word_known(operand) &&
	    (strpbrk(operand, "/.") || access(operand, F_OK) == 0 || strcmp(operand, "-") == 0 ||
		!filter_word_nearest(operand));
}

static int
read_filter(
    const struct arguments *arguments, size_t first, const char *path, struct event_filter *filter)
{
	const char *const *v = arguments->values;

	filter->denied = v[OPTION_DENIED];
	if (event_filter_hosts(filter, v[OPTION_HOST]) < 0 ||
	    event_filter_channels(filter, v[OPTION_CHANNEL]) < 0 ||
	    event_filter_reasons(filter, v[OPTION_REASON]) < 0 ||
	    event_filter_since(filter, v[OPTION_SINCE]) < 0)
		return -EINVAL;
	return filter_words_read(filter, "events", arguments->operands + first,
	    arguments->operand_count - first, daemon_resolve,
	    &(struct daemon_asked){"events", path});
}

static int
read_events(struct reader *reader, const struct arguments *arguments, const char *file)
{
	const char *path = arguments->values[OPTION_CONTROL];
	bool follow = arguments->values[OPTION_FOLLOW];

	path = path ? path : control_default_path;
	if (read_filter(arguments, file ? 1 : 0, path, &reader->filter) < 0)
		return -EINVAL;
	if (reader->filter.last > 0 && !(reader->tail = event_tail_new(reader->filter.last))) {
		complain("events: out of memory");
		return -ENOMEM;
	}
	if (file)
		return event_file_read(file, follow, print_line, print_tail, reader);
	if (reader->filter.last > 0 || reader->filter.since_ns > 0)
		return read_daemons_file(reader, path, follow);
	return ask_daemon(reader, path, follow);
}

static enum answer
run(const struct arguments *arguments)
{
	struct reader reader = {.json = arguments->values[OPTION_JSON]};
	bool named = arguments->operand_count > 0 && names_file(arguments->operands[0]);
	int r;

	reader.file = named ? arguments->operands[0] : NULL;
	reader.live = !named || arguments->values[OPTION_FOLLOW];
	r = read_events(&reader, arguments, reader.file);
	hint(&reader);
	event_tail_free(reader.tail);
	event_filter_done(&reader.filter);
	return r < 0 || reader.wrong ? ANSWER_UNKNOWN : ANSWER_YES;
}

const struct command events_command = {
    .name = "events",
    .operands = "[FILE] [WORD]...",
    .summary = "Show recorded events for people",
    .text = "Reads the JSON lines of FILE (`-` is standard input), without FILE those of the\n"
	    "running firewall as they come, or, with `since` or `last`, of its event file.  With\n"
	    "--follow a FILE may be renamed, cut off and made anew, and the firewall may restart.\n"
	    "Words say which: channel NAME, conduit NAME, host, client or server ADDRESS or name\n"
	    "of the policy in force, reason WORD, denied, allowed, alarms, since TIME, last N.\n"
	    "Exit status: 0, or 2 if something could not be read.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = OPERANDS_MAX,
    .run = run,
};
