/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice isolate, sluice rejoin: make an island of a zone, and end that.
 */
#include "command.h"
#include "order.h"
#include "words.h"

enum { OPTION_REASON, OPTION_CONTROL, OPTION_JSON, OPTION_FORCE };

static const struct option_row options[] = {
    [OPTION_REASON] = {"reason", 'r', "TEXT", "why, for the events and for who comes after you"},
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the daemon's answer as one JSON object"},
    [OPTION_FORCE] = {"force", 0, NULL, "also if it cuts the way by which you came"},
};

static enum answer
run(const struct arguments *arguments, const char *command, const char *done, const char *already)
{
	struct order order = {.command = command,
	    .control = arguments->values[OPTION_CONTROL],
	    .json = arguments->values[OPTION_JSON] != NULL,
	    .file = -1};
	const char *zone = arguments->operands[0], *reason = arguments->values[OPTION_REASON];
	const char *force = arguments->values[OPTION_FORCE];
	json_t *answer = NULL;
	enum answer r = order_give(&order,
	    order_request(command, "{s:s, s:s, s:b}", "zone", zone, "reason", reason ? reason : "",
		"force", (int)(force != NULL)),
	    &answer);
	bool was = json_is_true(json_object_get(answer, "already"));

	if (r != ANSWER_YES)
		return r;
	order_print(&order, answer,
	    words_format("zone %s %s: %s", zone, was ? already : done,
		words_count((size_t)order_number(answer, "conduits"), "conduit")));
	return ANSWER_YES;
}

static enum answer
run_isolate(const struct arguments *arguments)
{
	return run(arguments, "isolate", "is isolated", "was isolated already");
}

static enum answer
run_rejoin(const struct arguments *arguments)
{
	return run(arguments, "rejoin", "is connected again", "was not isolated");
}

const struct command isolate_command = {
    .name = "isolate",
    .operands = "ZONE",
    .summary = "Cut a zone off from all others",
    .text = "Every conduit of the zone is cut, with the connections that are in it, until the\n"
	    "zone is rejoined: also under other policies, after a restart and after a boot.\n"
	    "Exit status: 0 if it is isolated, 1 if it was refused and nothing has changed, 2 if\n"
	    "no daemon answers.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = 1,
    .run = run_isolate,
};

const struct command rejoin_command = {
    .name = "rejoin",
    .operands = "ZONE",
    .summary = "Connect a zone again that was isolated",
    .text = "Its conduits permit again what the policy in force says.  Connections of before\n"
	    "stay cut.  Exit status: 0 if it is connected, 1 if it was refused and nothing has\n"
	    "changed, 2 if no daemon answers.",
    .options = options,
    .option_count = OPTION_FORCE,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_rejoin,
};
