/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset options: their ranges, and the layout of marks.
 */
#include "ruleset_options.h"

bool
ruleset_options_valid(const struct ruleset_options *options)
{
	return options->generation != 0 && options->queue_count > 0 &&
	    options->queue_count <= RULESET_QUEUES_MAX &&
	    options->queue_base + 2 * options->queue_count - 1 <= UINT16_MAX;
}

uint32_t
ruleset_mark(uint8_t generation, uint32_t channel_index)
{
	return (uint32_t)generation << 24 | (channel_index + 1);
}

bool
ruleset_mark_read(uint32_t mark, struct ruleset_marked *ret_marked)
{
	uint32_t number = mark & (RULESET_MARK_BACK - 1);

	if (mark >> 24 == 0 || number == 0)
		return false;
	*ret_marked = (struct ruleset_marked){.generation = (uint8_t)(mark >> 24),
	    .channel_index = number - 1,
	    .back = mark & RULESET_MARK_BACK};
	return true;
}
