/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice apply: put a policy in force, with a way back.
 *
 * The policy goes to the daemon as a text, all that the file includes put in.  The daemon alone
 * judges it; the file is read here once more only to name the place of an error in an included
 * file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "command.h"
#include "duration.h"
#include "order.h"
#include "policy_file.h"
#include "terminal.h"
#include "words.h"

enum { OPTION_CONFIRM, OPTION_GUARD, OPTION_REASON, OPTION_FORCE, OPTION_CONTROL, OPTION_JSON };

static const struct option_row options[] = {
    [OPTION_CONFIRM] = {"confirm", 'c', "TIME",
	"go back after that (90s, 5m, 1h), unless it is "
	"confirmed"},
    [OPTION_GUARD] = {"guard", 'g', NULL, "go back as soon as a conduit that worked only denies"},
    [OPTION_REASON] = {"reason", 'r', "TEXT", "why, for the history"},
    [OPTION_FORCE] = {"force", 0, NULL, "also if it can't be kept, or cuts off who applies it"},
    [OPTION_CONTROL] = {"control", 0, "PATH", "the daemon's socket (/run/sluice/control.sock)"},
    [OPTION_JSON] = {"json", 0, NULL, "the daemon's answer as one JSON object"},
};

/* "policy 0123 is in force, after 4567; it goes back in 300 s unless `sluice confirm` follows" */
static char *
tell(const json_t *answer)
{
	json_int_t seconds = order_number(answer, "confirm_s");

	if (seconds == 0)
		return words_format("policy %.12s is in force, after %.12s",
		    order_text(answer, "policy"), order_text(answer, "before"));
	return words_format("policy %.12s is in force, after %.12s; it goes back in %s unless "
			    "'sluice confirm' follows",
	    order_text(answer, "policy"), order_text(answer, "before"),
	    words_count((size_t)seconds, "second"));
}

static enum answer
run(const struct arguments *arguments)
{
	const char *const *values = arguments->values;
	struct order order = {.command = "apply",
	    .control = values[OPTION_CONTROL],
	    .json = values[OPTION_JSON] != NULL};
	struct policy_file policy;
	unsigned long confirm_s = 0;
	json_t *answer = NULL;
	enum answer r;

	if (duration_read("apply", "--confirm", values[OPTION_CONFIRM], &confirm_s) < 0)
		return ANSWER_UNKNOWN;
	r = policy_file_open("apply", arguments->operands[0], &policy);
	if (r != ANSWER_YES)
		return r;
	order.file = policy.fd;
	order.includes = policy.includes ? arguments->operands[0] : NULL;
	r = order_give(&order,
	    order_request("apply", "{s:s, s:s, s:I, s:b, s:b}", "file", policy.path, "reason",
		values[OPTION_REASON] ? values[OPTION_REASON] : "", "confirm_s",
		(json_int_t)confirm_s, "guard", values[OPTION_GUARD] != NULL, "force",
		values[OPTION_FORCE] != NULL),
	    &answer);
	policy_file_close(&policy);
	if (r == ANSWER_YES)
		order_print(&order, answer, tell(answer));
	return r;
}

const struct command apply_command = {
    .name = "apply",
    .operands = "POLICY",
    .summary = "Put a policy in force, with a way back",
    .text = "The daemon judges the policy and puts it in force.  Without --confirm it is then\n"
	    "also what the daemon starts from.  Exit status: 0 if it is in force, 1 if it was\n"
	    "refused and nothing has changed, 2 if that could not be found out.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .operands_min = 1,
    .operands_max = 1,
    .reads_policy = true,
    .run = run,
};
