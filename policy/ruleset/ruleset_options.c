/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset options: their ranges.
 */
#include "ruleset_options.h"

bool
ruleset_options_valid(const struct ruleset_options *options)
{
	return options->generation != 0 && options->queue_count > 0 &&
	    options->queue_count <= RULESET_QUEUES_MAX &&
	    options->barred_count <= RULESET_BARRED_MAX &&
	    options->queue_base + 2 * options->queue_count - 1 <= UINT16_MAX;
}
