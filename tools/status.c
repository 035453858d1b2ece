/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice status: how the running firewall is.
 *
 * Asks the daemon and prints its answer; what is in it is the daemon's to say (sluiced(8)).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "control.h"
#include "output.h"
#include "terminal.h"

enum { OPTION_CONTROL, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the daemon's answer as one JSON object"},
};

enum { INDENT = 2, NAME_WIDTH = 20, DEPTH_MAX = 8 };

static void print_member(const char *name, json_t *value, int depth);

static void
print_children(json_t *value, int depth)
{
	const char *name;
	json_t *child;
	size_t i;

	json_object_foreach(value, name, child) print_member(name, child, depth);
	json_array_foreach(value, i, child)
	{
		const char *title = json_string_value(json_object_get(child, "name"));
		char number[24];

		snprintf(number, sizeof(number), "%zu", i);
		print_member(title ? title : number, child, depth);
	}
}

/* "queue_depth" reads "queue depth". */
static void
print_name(const char *name, int depth, enum style kind)
{
	int column = depth * INDENT;

	printf("%*s%s", depth * INDENT, "", style(kind));
	for (; *name; name++, column++)
		putchar(*name == '_' ? ' ' : (unsigned char)*name < 0x20 ? '?' : *name);
	printf("%s%*s", style_end(), column < NAME_WIDTH ? NAME_WIDTH - column : 1, "");
}

static void
print_member(const char *name, json_t *value, int depth)
{
	bool nested = json_is_object(value) || json_is_array(value);
	char *text;

	if (nested && depth < DEPTH_MAX) {
		if (json_object_size(value) + json_array_size(value) == 0)
			return;
		print_name(name, depth, STYLE_STRONG);
		putchar('\n');
		print_children(value, depth + 1);
		return;
	}
	print_name(name, depth, STYLE_PLAIN);
	if (json_is_string(value)) {
		puts(json_string_value(value));
	} else if (json_is_boolean(value)) {
		puts(json_is_true(value) ? "yes" : "no");
	} else {
		text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		puts(text ? text : "?");
		free(text);
	}
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
	print_children(answer, 0);
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
