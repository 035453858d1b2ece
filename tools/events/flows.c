/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice flows: the connections that the running firewall inspects now.
 *
 * The daemon tells them piece by piece, so what is shown is not of one moment.  Which of them is
 * said in the words of filter_words.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "control.h"
#include "daemon_asked.h"
#include "filter_words.h"
#include "output.h"
#include "terminal.h"

enum { OPTION_CONTROL, OPTION_JSON };

enum {
	OPERANDS_MAX = 64,
	FLOWS_KEPT_MAX = 65536, /* that fit; further ones are counted */
	PIECES_MAX = 65536,     /* that the daemon may tell them in */
	INDENT = 4,
};

static const struct option_row options[] = {
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "one JSON object a connection"},
};

struct flows {
	const char *path;
	struct event_filter filter;
	uint64_t now_ns; /* wall clock */
	json_t *kept;
	size_t more; /* that fit but found no room */
};

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "?";
}

static json_int_t
number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* A connection as an event of which the filter can tell whether it is wanted. */
static bool
wants(const struct flows *flows, const json_t *flow)
{
	bool refused =
	    json_object_get(flow, "reason") || json_is_true(json_object_get(flow, "denied"));
	uint64_t idle_ns = (uint64_t)number_of(flow, "idle_ms") * 1000000;
	json_t *event;
	bool fits;

	if (flows->filter.since_ns > 0 && flows->now_ns - idle_ns < flows->filter.since_ns)
		return false;
	event = json_pack("{s:s, s:s, s:O, s:O, s:{s:O*, s:O*, s:O*, s:s}}", "event_type",
	    "verdict", "direction", "to_server", "src_ip", json_object_get(flow, "src_ip"),
	    "dest_ip", json_object_get(flow, "dest_ip"), "sluice", "conduit",
	    json_object_get(flow, "conduit"), "channel", json_object_get(flow, "channel"), "reason",
	    json_object_get(flow, "reason"), "verdict", refused ? "deny" : "allow");
	fits = event && event_filter_wants(&flows->filter, event);
	json_decref(event);
	return fits;
}

static void
keep(struct flows *flows, const json_t *answer)
{
	size_t i;
	json_t *flow;

	json_array_foreach(json_object_get(answer, "flows"), i, flow)
	{
		if (!wants(flows, flow))
			continue;
		if (json_array_size(flows->kept) < FLOWS_KEPT_MAX)
			json_array_append(flows->kept, flow);
		else
			flows->more++;
	}
}

/* Piece by piece, until the daemon says that it was all. */
static int
ask(struct flows *flows)
{
	json_t *where = json_pack("{s:i, s:i}", "inspector", 0, "from", 0);
	int r = where ? 0 : -ENOMEM;

	for (unsigned piece = 0; r == 0 && json_is_object(where) && piece < PIECES_MAX; piece++) {
		json_t *answer = NULL;

		json_object_set_new(where, "request", json_string("flows"));
		r = control_ask("flows", flows->path, where, &answer, NULL, NULL);
		where = NULL;
		if (r < 0)
			break;
		keep(flows, answer);
		where = json_incref(json_object_get(answer, "next"));
		json_decref(answer);
	}
	json_decref(where);
	return r;
}

/* The one that was heard of last comes first. */
static int
compare_idle(const void *a, const void *b)
{
	json_int_t first = number_of(*(json_t *const *)a, "idle_ms");
	json_int_t second = number_of(*(json_t *const *)b, "idle_ms");

	return first < second ? -1 : first > second;
}

/* "3.2s", "12m 5s", "3d 4h" */
static void
print_time(FILE *out, json_int_t ms)
{
	json_int_t s = ms / 1000;

	if (s < 60)
		fprintf(
		    out, "%" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT "s", s, ms % 1000 / 100);
	else if (s < 3600)
		fprintf(out, "%" JSON_INTEGER_FORMAT "m %" JSON_INTEGER_FORMAT "s", s / 60, s % 60);
	else if (s < 86400)
		fprintf(out, "%" JSON_INTEGER_FORMAT "h %" JSON_INTEGER_FORMAT "m", s / 3600,
		    s % 3600 / 60);
	else
		fprintf(out, "%" JSON_INTEGER_FORMAT "d %" JSON_INTEGER_FORMAT "h", s / 86400,
		    s % 86400 / 3600);
}

static void
write_end(FILE *out, const json_t *flow, const char *address, const char *port)
{
	const char *text = text_of(flow, address);
	bool v6 = strchr(text, ':');

	fprintf(out, "%s%s%s:%" JSON_INTEGER_FORMAT, v6 ? "[" : "", text, v6 ? "]" : "",
	    number_of(flow, port));
}

static void
write_asked(FILE *out, const json_t *asked)
{
	if (!asked)
		return;
	fprintf(out, "; asked %s", text_of(asked, "function"));
	if (json_object_get(asked, "unit"))
		fprintf(out, " unit %s", text_of(asked, "unit"));
	if (json_object_get(asked, "points"))
		fprintf(out, " %s", text_of(asked, "points"));
	if (number_of(asked, "more") > 0)
		fputs(" ...", out);
}

static void
write_flow(FILE *out, const json_t *flow)
{
	bool denied = json_is_true(json_object_get(flow, "denied"));

	fputs(style(denied ? STYLE_BAD : STYLE_PLAIN), out);
	write_end(out, flow, "src_ip", "src_port");
	fputs(" > ", out);
	write_end(out, flow, "dest_ip", "dest_port");
	fprintf(out, " %s/%s %s", text_of(flow, "conduit"), text_of(flow, "channel"),
	    text_of(flow, "state"));
	if (json_object_get(flow, "age_ms")) {
		fputs(", age ", out);
		print_time(out, number_of(flow, "age_ms"));
	}
	fputs(", idle ", out);
	print_time(out, number_of(flow, "idle_ms"));
	fprintf(out, ", %" JSON_INTEGER_FORMAT " messages, %" JSON_INTEGER_FORMAT " bytes",
	    number_of(flow, "messages"), number_of(flow, "bytes"));
	write_asked(out, json_object_get(flow, "asked"));
	if (json_object_get(flow, "reason"))
		fprintf(out, "; refused: %s", text_of(flow, "reason"));
	fputs(style_end(), out);
}

static void
print_flow(const json_t *flow)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		complain("flows: out of memory");
		return;
	}
	write_flow(out, flow);
	if (fclose(out) == 0)
		print_wrapped(text, INDENT, 0, terminal_width());
	free(text);
}

static int
show(const struct flows *flows, bool json)
{
	size_t count = json_array_size(flows->kept);
	json_t **sorted = calloc(count + 1, sizeof(json_t *));

	if (!sorted) {
		complain("flows: out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(flows->kept, i);
	qsort(sorted, count, sizeof(sorted[0]), compare_idle);
	if (flows->filter.last > 0 && count > flows->filter.last)
		count = flows->filter.last;
	for (size_t i = 0; i < count; i++)
		if (json)
			output_json(json_incref(sorted[i]));
		else
			print_flow(sorted[i]);
	if (flows->more > 0)
		complain("flows: %zu more are not shown", flows->more);
	free(sorted);
	return 0;
}

static enum answer
run(const struct arguments *arguments)
{
	const char *path = arguments->values[OPTION_CONTROL];
	struct flows flows = {
	    .path = path ? path : control_default_path,
	    .kept = json_array(),
	};
	struct daemon_asked asked = {"flows", flows.path};
	struct timespec now;
	int r;

	clock_gettime(CLOCK_REALTIME, &now);
	flows.now_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	r = filter_words_read(&flows.filter, "flows", arguments->operands, arguments->operand_count,
	    daemon_resolve, &asked);
	if (r == 0 && flows.filter.alarms) {
		complain("flows: a connection is no alarm; expected denied or allowed");
		r = -EINVAL;
	}
	if (r == 0)
		r = ask(&flows);
	if (r == 0)
		r = show(&flows, arguments->values[OPTION_JSON]);
	json_decref(flows.kept);
	event_filter_done(&flows.filter);
	return r < 0 ? ANSWER_UNKNOWN : ANSWER_YES;
}

const struct command flows_command = {
    .name = "flows",
    .operands = "[WORD]...",
    .summary = "Show the connections that are inspected now",
    .text = "Age, client, server, channel, what was last asked and why it was refused, the one\n"
	    "heard of last first.  Words say which: channel NAME, conduit NAME, host, client or\n"
	    "server ADDRESS or name of the policy in force, reason WORD, denied, allowed, since\n"
	    "TIME (not idle for longer), last N.  Exit status: 0, or 2 if no daemon answers.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = OPERANDS_MAX,
    .run = run,
};
