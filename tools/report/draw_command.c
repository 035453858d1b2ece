/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice draw: zones and conduits of a policy as a picture.
 *
 * Reads a policy and writes SVG to standard output; asks nobody.
 */
#include "command.h"
#include "draw.h"
#include "load.h"
#include "output.h"
#include "terminal.h"

static enum answer
run(const struct arguments *arguments)
{
	struct policy *policy = output_load_policy("draw", arguments->operands[0]);
	int r;

	if (!policy)
		return ANSWER_UNKNOWN;
	r = draw_policy(policy, true, stdout);
	policy_free(policy);
	if (r < 0)
		complain("draw: out of memory");
	return r < 0 ? ANSWER_UNKNOWN : ANSWER_YES;
}

const struct command draw_command = {
    .name = "draw",
    .operands = "POLICY",
    .summary = "Draw the zones and conduits of a policy (SVG)",
    .text = "The picture needs nothing but itself.  Exit status: 0 it was drawn, 2 the policy\n"
	    "cannot be used.",
    .operands_min = 1,
    .operands_max = 1,
    .reads_policy = true,
    .run = run,
};
