/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice restart: have the running firewall start its program anew, with all connections kept.
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

static enum answer
run(const struct arguments *arguments)
{
	const char *path = arguments->values[OPTION_CONTROL];
	json_t *answer = NULL;
	int r = control_order("restart", path ? path : control_default_path,
	    json_pack("{s:s}", "request", "restart"), &answer);

	if (arguments->values[OPTION_JSON] && (r == 0 || r == -EBADMSG)) {
		json_object_del(answer, "ok");
		output_json(answer);
	} else {
		if (r == 0)
			printf("sluiced %s, policy %.12s is in force; connections: %s\n",
			    text_of(answer, "version"), text_of(answer, "policy"),
			    text_of(answer, "connections"));
		json_decref(answer);
	}
	if (r == 0)
		return ANSWER_YES;
	return r == -EBADMSG ? ANSWER_NO : ANSWER_UNKNOWN;
}

const struct command restart_command = {
    .name = "restart",
    .operands = "",
    .summary = "Start the daemon's program anew, and lose nothing",
    .text = "The daemon becomes the program of its file, which may be a newer one, with the same\n"
	    "options, and loads its policy file anew.  Connections, waiting packets and what was\n"
	    "used up of rates are kept.  Exit status: 0 if it is done, 1 if it was refused and\n"
	    "nothing has changed, 2 if no daemon answers, or none any more.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 0,
    .run = run,
};
