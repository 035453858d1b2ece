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
#include <time.h>

#include "command.h"
#include "control.h"
#include "event_line.h"
#include "terminal.h"

enum { OPTION_FOLLOW, OPTION_DENIED, OPTION_CONTROL, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_FOLLOW] = {"follow", 'f', NULL, "wait for more at the end of FILE"},
    [OPTION_DENIED] = {"denied", 'd', NULL, "no verdicts but denials"},
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the JSON lines as they are"},
};

struct reader {
	bool json;
	bool denied;
	uint64_t line_number;
	uint64_t wrong; /* lines that were no events */
};

static bool
is_wanted(const struct reader *reader, const json_t *event)
{
	const json_t *sluice = json_object_get(event, "sluice");
	const char *type = json_string_value(json_object_get(event, "event_type"));
	const char *verdict = json_string_value(json_object_get(sluice, "verdict"));

	if (!reader->denied || !type || strcmp(type, "verdict") != 0)
		return true;
	return !verdict || strcmp(verdict, "allow") != 0 ||
	    json_is_true(json_object_get(sluice, "would_deny"));
}

static bool
print_line(void *context, const char *line)
{
	struct reader *reader = context;
	json_t *event;

	reader->line_number++;
	if (line[0] == '\0')
		return true;
	event = json_loads(line, 0, NULL);
	if (!json_is_object(event)) {
		complain("events: line %" PRIu64 " is no event", reader->line_number);
		reader->wrong++;
	} else if (is_wanted(reader, event)) {
		if (reader->json)
			puts(line);
		else
			event_line_print(event);
		fflush(stdout);
	}
	json_decref(event);
	return !ferror(stdout);
}

static void
pause_briefly(void)
{
	struct timespec time = {.tv_nsec = 200000000};

	nanosleep(&time, NULL);
}

/* Lines until the end of the file, or for ever. A line that is still being written waits for its
 * end. */
static int
read_stream(struct reader *reader, FILE *file, bool follow)
{
	char *line = NULL;
	size_t size = 0;
	int r = 0;

	for (;;) {
		off_t before = ftello(file);
		ssize_t length = getline(&line, &size, file);
		bool whole = length > 0 && line[length - 1] == '\n';

		if (length < 0 && ferror(file)) {
			r = -errno;
			break;
		}
		if (!whole && follow) {
			clearerr(file);
			if (length > 0 && fseeko(file, before, SEEK_SET) < 0)
				break;
			pause_briefly();
			continue;
		}
		if (length < 0)
			break;
		if (whole)
			line[length - 1] = '\0';
		if (!print_line(reader, line))
			break;
	}
	free(line);
	return r;
}

static int
read_file(struct reader *reader, const char *name, bool follow)
{
	bool standard = strcmp(name, "-") == 0;
	FILE *file = standard ? stdin : fopen(name, "re");
	int r;

	if (!file) {
		complain("events: %s: %s", name, strerror(errno));
		return -1;
	}
	r = read_stream(reader, file, follow && !standard);
	if (r < 0)
		complain("events: %s: %s", name, strerror(-r));
	if (!standard)
		fclose(file);
	return r;
}

static enum answer
run(const struct arguments *arguments)
{
	struct reader reader = {
	    .json = arguments->values[OPTION_JSON],
	    .denied = arguments->values[OPTION_DENIED],
	};
	const char *path = arguments->values[OPTION_CONTROL];
	bool follow = arguments->values[OPTION_FOLLOW];
	json_t *answer = NULL;
	int r;

	if (arguments->operand_count == 1)
		r = read_file(&reader, arguments->operands[0], follow);
	else
		r = control_ask("events", path ? path : control_default_path,
		    json_pack("{s:s}", "request", "events"), &answer, print_line, &reader);
	json_decref(answer);
	return r < 0 || reader.wrong ? ANSWER_UNKNOWN : ANSWER_YES;
}

const struct command events_command = {
    .name = "events",
    .operands = "[FILE]",
    .summary = "Show recorded events for people",
    .text = "Reads the JSON lines of FILE (`-` is standard input), without FILE those of the\n"
	    "running firewall as they come.  Exit status: 0, or 2 if something could not be read.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 1,
    .run = run,
};
