/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice status: how the running firewall is.
 *
 * Asks the daemon and prints the most useful part of its answer; all of it is under --json.  A
 * member that a daemon of another version does not tell reads "?" or 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "control.h"
#include "output.h"
#include "terminal.h"
#include "words.h"

enum { OPTION_CONTROL, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the daemon's answer as one JSON object"},
};

/* A member of a member, "policy.site"; NULL if there is none. */
static const json_t *
find(const json_t *object, const char *path)
{
	char name[32];

	for (;;) {
		size_t length = strcspn(path, ".");

		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		object = json_object_get(object, name);
		if (path[length] == '\0')
			return object;
		path += length + 1;
	}
}

static const char *
text_of(const json_t *object, const char *path)
{
	const char *text = json_string_value(find(object, path));

	return text ? text : "?";
}

static json_int_t
number_of(const json_t *object, const char *path)
{
	return json_integer_value(find(object, path));
}

static const char *
word_of(const json_t *object, const char *path)
{
	return json_is_true(find(object, path)) ? "yes" : "no";
}

static void
print_number(json_int_t number, enum style kind)
{
	printf("%s%12" JSON_INTEGER_FORMAT "%s", style(number ? kind : STYLE_PLAIN), number,
	    style_end());
}

static void
print_head(const json_t *status)
{
	json_int_t seconds = number_of(status, "uptime_s");

	printf("%s%s%s, policy %.12s, %s\n", style(STYLE_STRONG), text_of(status, "policy.site"),
	    style_end(), text_of(status, "policy.hash"), text_of(status, "policy.file"));
	printf("in force since %s, generation %" JSON_INTEGER_FORMAT ", %s\n",
	    text_of(status, "policy.since"), number_of(status, "policy.generation"),
	    words_count((size_t)number_of(status, "policy.reloads"), "reload"));
	printf("sluiced %s, up %" JSON_INTEGER_FORMAT " d %02" JSON_INTEGER_FORMAT
	       ":%02" JSON_INTEGER_FORMAT ":%02" JSON_INTEGER_FORMAT ", %s\n",
	    text_of(status, "version"), seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60,
	    seconds % 60, words_count((size_t)number_of(status, "events"), "event"));
	printf("kernel: queue by %s, fail-open %s, segment batches %s, connection marks %s\n",
	    text_of(status, "kernel.queue"), word_of(status, "kernel.fail_open"),
	    word_of(status, "kernel.gso"), word_of(status, "kernel.conntrack_marks"));
}

/* Somebody else's hand in the kernel's table is worth a line of its own. */
static void
print_table(const json_t *status)
{
	const char *state = text_of(status, "kernel.table");
	json_int_t changes = number_of(status, "kernel.table_changes");

	if (strcmp(state, "foreign") == 0)
		printf("%stable inet sluice: another one has its name, so the policy is NOT in "
		       "force%s\n",
		    style(STYLE_BAD), style_end());
	else if (strcmp(state, "damaged") == 0)
		printf("%stable inet sluice: changed by somebody else, and not put right yet%s\n",
		    style(STYLE_BAD), style_end());
	else if (changes > 0)
		printf("%stable inet sluice: changed by somebody else %s, and put right%s\n",
		    style(STYLE_WARN), words_count((size_t)changes, "time"), style_end());
}

static void
print_engine(const json_t *engine)
{
	static const struct {
		const char *name;
		const char *title;
		enum style kind;
	} rows[] = {
	    {"packets", "packets judged", STYLE_PLAIN},
	    {"allowed", "let through", STYLE_PLAIN},
	    {"denied", "stopped", STYLE_BAD},
	    {"messages", "messages", STYLE_PLAIN},
	    {"flows", "connections now", STYLE_PLAIN},
	    {"flows_max", "most at a time", STYLE_PLAIN},
	};
	const char *reason;
	json_t *count;

	printf("\n%sTraffic%s\n", style(STYLE_STRONG), style_end());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		printf("  %-20s", rows[i].title);
		print_number(number_of(engine, rows[i].name), rows[i].kind);
		putchar('\n');
	}
	if (json_object_size(json_object_get(engine, "reasons")) == 0)
		return;
	printf("\n%sDenials by reason%s\n", style(STYLE_STRONG), style_end());
	json_object_foreach(json_object_get(engine, "reasons"), reason, count)
	{
		printf("  %-20s", reason);
		print_number(json_integer_value(count), STYLE_BAD);
		putchar('\n');
	}
}

static json_int_t
sum_of(const json_t *array, const char *name)
{
	json_int_t sum = 0;
	json_t *object;
	size_t i;

	json_array_foreach(array, i, object) sum += number_of(object, name);
	return sum;
}

static void
print_inspectors(const json_t *inspectors)
{
	json_t *inspector;
	size_t i;

	printf("\n%s%-10s%12s%12s%12s%12s%12s%s\n", style(STYLE_STRONG), "Inspector", "pid",
	    "packets", "waiting", "events lost", "restarts", style_end());
	json_array_foreach(inspectors, i, inspector)
	{
		printf("  %-8" JSON_INTEGER_FORMAT, number_of(inspector, "index"));
		print_number(number_of(inspector, "pid"), STYLE_PLAIN);
		print_number(number_of(inspector, "engine.packets"), STYLE_PLAIN);
		print_number(sum_of(json_object_get(inspector, "queues"), "waiting"), STYLE_WARN);
		print_number(number_of(inspector, "events_lost"), STYLE_BAD);
		print_number(number_of(inspector, "restarts"), STYLE_BAD);
		putchar('\n');
	}
}

static void
print_channels(const json_t *channels)
{
	json_t *channel;
	size_t i;

	printf("\n%s%-36s %-10s%12s%12s%s\n", style(STYLE_STRONG), "Channel", "protocol",
	    "messages", "denied", style_end());
	json_array_foreach(channels, i, channel)
	{
		printf("  %-34s %-10s", text_of(channel, "name"), text_of(channel, "protocol"));
		if (json_is_true(json_object_get(channel, "inspected"))) {
			print_number(number_of(channel, "messages"), STYLE_PLAIN);
			print_number(number_of(channel, "denied"), STYLE_BAD);
		} else {
			fputs("       not inspected", stdout);
		}
		puts(strcmp(text_of(channel, "mode"), "monitor") == 0 ? "  monitored" : "");
	}
}

static void
print_status(const json_t *status)
{
	print_head(status);
	print_table(status);
	print_engine(json_object_get(status, "engine"));
	print_inspectors(json_object_get(status, "inspectors"));
	print_channels(json_object_get(status, "channels"));
}

static enum answer
run(const struct arguments *arguments)
{
	const char *path = arguments->values[OPTION_CONTROL];
	json_t *answer = NULL;

	if (control_ask("status", path ? path : control_default_path,
		json_pack("{s:s}", "request", "status"), &answer, NULL, NULL) < 0)
		return ANSWER_UNKNOWN;
	json_object_del(answer, "ok");
	if (arguments->values[OPTION_JSON]) {
		output_json(answer);
		return ANSWER_YES;
	}
	print_status(answer);
	json_decref(answer);
	return ANSWER_YES;
}

const struct command status_command = {
    .name = "status",
    .operands = "",
    .summary = "Show how the running firewall is",
    .text = "Exit status: 0, or 2 if no daemon answers.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 0,
    .run = run,
};
