/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice reload: have the running firewall load its policy file anew.
 */
#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "control.h"
#include "output.h"
#include "terminal.h"

enum { OPTION_CONTROL, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the daemon's answer as one JSON object"},
};

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "?";
}

/* What is wrong with the file, on standard error. */
static void
print_lines(const json_t *lines)
{
	json_t *line;
	size_t i;

	json_array_foreach(lines, i, line) fprintf(stderr, "%s\n", json_string_value(line));
}

static enum answer
run(const struct arguments *arguments)
{
	const char *path = arguments->values[OPTION_CONTROL];
	json_t *answer = NULL;
	int r = control_order("reload", path ? path : control_default_path,
	    json_pack("{s:s}", "request", "reload"), &answer);
	bool refused = json_is_true(json_object_get(answer, "unchanged"));

	if (refused)
		print_lines(json_object_get(answer, "lines"));
	if (arguments->values[OPTION_JSON] && (r == 0 || refused)) {
		json_object_del(answer, "ok");
		output_json(answer);
	} else {
		if (r == 0)
			printf("policy %.12s is in force, after %.12s\n", text_of(answer, "policy"),
			    text_of(answer, "before"));
		json_decref(answer);
	}
	if (r == 0)
		return ANSWER_YES;
	return refused ? ANSWER_NO : ANSWER_UNKNOWN;
}

const struct command reload_command = {
    .name = "reload",
    .operands = "",
    .summary = "Put the policy file in force",
    .text = "The daemon loads its policy file anew.  Exit status: 0 if it is in force, 1 if it\n"
	    "was refused and nothing has changed, 2 if no daemon answers.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 0,
    .run = run,
};
