/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice metrics: the running firewall's counters in the text format of Prometheus.
 */
#include <stdio.h>

#include "command.h"
#include "control.h"
#include "output.h"
#include "terminal.h"

enum { OPTION_CONTROL, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the same text as a member of one JSON object"},
};

static enum answer
run(const struct arguments *arguments)
{
	const char *path = arguments->values[OPTION_CONTROL], *text;
	json_t *answer = NULL;

	if (control_ask("metrics", path ? path : control_default_path,
		json_pack("{s:s}", "request", "metrics"), &answer, NULL, NULL) < 0)
		return ANSWER_UNKNOWN;
	text = json_string_value(json_object_get(answer, "metrics"));
	if (!text) {
		complain("metrics: the daemon's answer has none");
		json_decref(answer);
		return ANSWER_UNKNOWN;
	}
	if (arguments->values[OPTION_JSON]) {
		json_object_del(answer, "ok");
		output_json(answer);
		return ANSWER_YES;
	}
	fputs(text, stdout);
	json_decref(answer);
	return ANSWER_YES;
}

const struct command metrics_command = {
    .name = "metrics",
    .operands = "",
    .summary = "Print the counters of the running firewall for Prometheus",
    .text = "In the text format of Prometheus, for its node exporter's textfile collector for\n"
	    "example.  Exit status: 0, or 2 if no daemon answers.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 0,
    .run = run,
};
