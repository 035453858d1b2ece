/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice confirm, sluice rollback: a change for good, or back.
 */
#include "command.h"
#include "duration.h"
#include "order.h"
#include "words.h"

enum { OPTION_REASON, OPTION_CONTROL, OPTION_JSON, OPTION_CONFIRM, OPTION_FORCE };

static const struct option_row options[] = {
    [OPTION_REASON] = {"reason", 'r', "TEXT", "why, for the events and the history"},
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the daemon's answer as one JSON object"},
    [OPTION_CONFIRM] = {"confirm", 'c', "TIME", "as with apply"},
    [OPTION_FORCE] = {"force", 0, NULL, "as with apply"},
};

static struct order
order_of(const struct arguments *arguments, const char *command)
{
	return (struct order){.command = command,
	    .control = arguments->values[OPTION_CONTROL],
	    .json = arguments->values[OPTION_JSON] != NULL,
	    .file = -1};
}

static const char *
reason_of(const struct arguments *arguments)
{
	return arguments->values[OPTION_REASON] ? arguments->values[OPTION_REASON] : "";
}

static enum answer
run_confirm(const struct arguments *arguments)
{
	struct order order = order_of(arguments, "confirm");
	json_t *answer = NULL;
	enum answer r = order_give(
	    &order, order_request("confirm", "{s:s}", "reason", reason_of(arguments)), &answer);

	if (r == ANSWER_YES)
		order_print(&order, answer,
		    words_format("policy %.12s is confirmed", order_text(answer, "policy")));
	return r;
}

static enum answer
run_rollback(const struct arguments *arguments)
{
	struct order order = order_of(arguments, "rollback");
	unsigned long confirm_s = 0, steps = 0;
	json_t *answer = NULL, *request;
	enum answer r;

	if (duration_read("rollback", "--confirm", arguments->values[OPTION_CONFIRM], &confirm_s) <
		0 ||
	    (arguments->operand_count > 0 &&
		order_read_index("rollback", arguments->operands[0], &steps) < 0))
		return ANSWER_UNKNOWN;
	request = order_request("rollback", "{s:s, s:I, s:b}", "reason", reason_of(arguments),
	    "confirm_s", (json_int_t)confirm_s, "force", arguments->values[OPTION_FORCE] != NULL);
	if (request && arguments->operand_count > 0)
		json_object_set_new(request, "steps", json_integer((json_int_t)steps));
	r = order_give(&order, request, &answer);
	if (r == ANSWER_YES)
		order_print(&order, answer,
		    words_format("policy %.12s is in force, after %.12s",
			order_text(answer, "policy"), order_text(answer, "before")));
	return r;
}

const struct command confirm_command = {
    .name = "confirm",
    .operands = "",
    .summary = "Keep the change that waits for its confirmation",
    .text = "Exit status: 0 if it is kept, 1 if none waits or it can't be kept, 2 if no daemon\n"
	    "answers.",
    .options = options,
    .option_count = OPTION_CONFIRM,
    .operands_min = 0,
    .operands_max = 0,
    .run = run_confirm,
};

const struct command rollback_command = {
    .name = "rollback",
    .operands = "[N]",
    .summary = "Go back to an earlier policy",
    .text = "Without N: to the policy before the change that waits for its confirmation, or\n"
	    "else to policy 1 of `sluice history`, the one before that in force.  Exit status: 0\n"
	    "if it is in force, 1 if that was refused and nothing has changed, 2 if no daemon\n"
	    "answers.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 0,
    .operands_max = 1,
    .run = run_rollback,
};
