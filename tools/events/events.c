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

#include "command.h"
#include "control.h"
#include "event_file.h"
#include "event_filter.h"
#include "event_line.h"
#include "terminal.h"

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
	struct event_filter filter;
	uint64_t line_number; /* of the daemon's lines */
	uint64_t wrong;       /* lines that were no events */
};

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
		if (reader->json)
			puts(line);
		else
			event_line_print(event);
		fflush(stdout);
	}
	json_decref(event);
	return !ferror(stdout);
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

static int
read_filter(const struct arguments *arguments, struct event_filter *filter)
{
	const char *const *v = arguments->values;

	if (v[OPTION_SINCE] && arguments->operand_count == 0) {
		complain("events: --since needs a FILE; the daemon tells events from now on");
		return -EINVAL;
	}
	filter->denied = v[OPTION_DENIED];
	if (event_filter_hosts(filter, v[OPTION_HOST]) < 0 ||
	    event_filter_channels(filter, v[OPTION_CHANNEL]) < 0 ||
	    event_filter_reasons(filter, v[OPTION_REASON]) < 0 ||
	    event_filter_since(filter, v[OPTION_SINCE]) < 0)
		return -EINVAL;
	return 0;
}

static enum answer
run(const struct arguments *arguments)
{
	struct reader reader = {.json = arguments->values[OPTION_JSON]};
	const char *path = arguments->values[OPTION_CONTROL];
	bool follow = arguments->values[OPTION_FOLLOW];
	int r = read_filter(arguments, &reader.filter);

	if (r == 0 && arguments->operand_count == 1)
		r = event_file_read(arguments->operands[0], follow, print_line, &reader);
	else if (r == 0)
		r = ask_daemon(&reader, path ? path : control_default_path, follow);
	event_filter_done(&reader.filter);
	return r < 0 || reader.wrong ? ANSWER_UNKNOWN : ANSWER_YES;
}

const struct command events_command = {
    .name = "events",
    .operands = "[FILE]",
    .summary = "Show recorded events for people",
    .text =
	"Reads the JSON lines of FILE (`-` is standard input), without FILE those of the\n"
	"running firewall as they come.  With --follow a FILE may be renamed, cut off and made\n"
	"anew, and the firewall may restart.  Exit status: 0, or 2 if something could not be\n"
	"read.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 1,
    .run = run,
};
