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
	printf("kernel: queue by %s, fail-open %s, connection marks %s\n",
	    text_of(status, "kernel.queue"), word_of(status, "kernel.fail_open"),
	    word_of(status, "kernel.conntrack_marks"));
	if (number_of(status, "kernel.landlock") > 0)
		printf("walls of inspectors: system call filter, landlock %d\n",
		    (int)number_of(status, "kernel.landlock"));
	else
		printf("walls of inspectors: system call filter, no landlock in this kernel\n");
	if (json_is_true(find(status, "kernel.fast_path.serving")))
		printf("fast path: %d channels in the kernel, on %d interfaces\n",
		    (int)number_of(status, "kernel.fast_path.channels"),
		    (int)number_of(status, "kernel.fast_path.interfaces"));
	else if (json_is_string(find(status, "kernel.fast_path.why")))
		printf("fast path: none, %s\n", text_of(status, "kernel.fast_path.why"));
	if (json_is_true(find(status, "kernel.bridged")))
		puts("zones at ports of a bridge: shown to the rules by bridge netfilter");
	if (json_is_string(find(status, "kernel.flow_table")))
		printf("flow table %s: connections of channels kept out of it %s\n",
		    text_of(status, "kernel.flow_table"),
		    word_of(status, "kernel.kept_out_of_flow_tables"));
}

/* The answer first; then why the operator has to look, with the lines of a refused policy. */
static void
print_verdict(const json_t *status)
{
	const json_t *findings = json_object_get(status, "findings");
	const json_t *lines = find(status, "policy.failure.lines");
	json_t *item;
	size_t i;

	if (json_array_size(findings) == 0) {
		printf("%sfine%s\n", style(STYLE_GOOD), style_end());
		return;
	}
	printf("%slook here:%s\n", style(STYLE_BAD), style_end());
	json_array_foreach(findings, i, item)
	{
		printf("  %s%s%s\n", style(STYLE_BAD), text_of(item, "text"), style_end());
	}
	if (json_array_size(lines) > 0)
		printf("  what was wrong with the policy file at %s:\n",
		    text_of(status, "policy.failure.at"));
	json_array_foreach(lines, i, item) printf("    %s\n", json_string_value(item));
	if (number_of(status, "policy.failure.more") > 0)
		printf("    ... and %" JSON_INTEGER_FORMAT " more\n",
		    number_of(status, "policy.failure.more"));
	putchar('\n');
}

/* That somebody else had a hand in the kernel's table is worth a line, also when it is over. */
static void
print_table(const json_t *status)
{
	const char *state = text_of(status, "kernel.table");
	json_int_t changes = number_of(status, "kernel.table_changes");

	if (strcmp(state, "in force") == 0 && changes > 0)
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
	    {"states", "of these with state", STYLE_PLAIN},
	    {"states_max", "most at a time", STYLE_PLAIN},
	};

	printf("\n%sTraffic%s\n", style(STYLE_STRONG), style_end());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		printf("  %-20s", rows[i].title);
		print_number(number_of(engine, rows[i].name), rows[i].kind);
		putchar('\n');
	}
}

/* Numbers by reason, those that are not zero. */
static void
print_reasons(const char *title, json_t *reasons)
{
	bool first = true;
	const char *reason;
	json_t *count;

	json_object_foreach(reasons, reason, count)
	{
		if (json_integer_value(count) == 0)
			continue;
		if (first)
			printf("\n%s%s%s\n", style(STYLE_STRONG), title, style_end());
		first = false;
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
print_conduits(const json_t *conduits)
{
	const char *reason;
	json_t *conduit, *count;
	size_t i;

	printf("\n%s%-26s%9s%9s%11s%12s%12s%s\n", style(STYLE_STRONG), "Conduit", "mode", "on deny",
	    "when down", "messages", "denied", style_end());
	json_array_foreach(conduits, i, conduit)
	{
		printf("  %-24s%9s%9s%11s", text_of(conduit, "name"), text_of(conduit, "mode"),
		    text_of(conduit, "on_deny"), text_of(conduit, "when_down"));
		print_number(number_of(conduit, "messages"), STYLE_PLAIN);
		print_number(number_of(conduit, "denied"), STYLE_BAD);
		putchar('\n');
		json_object_foreach(json_object_get(conduit, "reasons"), reason, count)
		{
			printf("    %-63s", reason);
			print_number(json_integer_value(count), STYLE_BAD);
			putchar('\n');
		}
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
	print_verdict(status);
	print_head(status);
	print_table(status);
	print_engine(json_object_get(status, "engine"));
	print_reasons("Denials by reason", json_object_get(find(status, "engine"), "reasons"));
	print_reasons("Dropped by the kernel", json_object_get(find(status, "kernel"), "drops"));
	print_conduits(json_object_get(status, "conduits"));
	print_inspectors(json_object_get(status, "inspectors"));
	print_channels(json_object_get(status, "channels"));
}

static enum answer
run(const struct arguments *arguments)
{
	const char *path = arguments->values[OPTION_CONTROL];
	json_t *answer = NULL;
	enum answer verdict;

	if (control_ask("status", path ? path : control_default_path,
		json_pack("{s:s}", "request", "status"), &answer, NULL, NULL) < 0)
		return ANSWER_UNKNOWN;
	json_object_del(answer, "ok");
	verdict =
	    json_array_size(json_object_get(answer, "findings")) == 0 ? ANSWER_YES : ANSWER_NO;
	if (arguments->values[OPTION_JSON]) {
		output_json(answer);
		return verdict;
	}
	print_status(answer);
	json_decref(answer);
	return verdict;
}

const struct command status_command = {
    .name = "status",
    .operands = "",
    .summary = "Show how the running firewall is",
    .text = "Exit status: 0 if all is fine, 1 if something needs a look, 2 if no daemon answers.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 0,
    .run = run,
};
