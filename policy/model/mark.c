/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mark: how a connection's or packet's mark tells channel, direction and policy.
 *
 * A mark is made as a number without gaps, and its bits are then put where the mask has bits.
 */
#include "mark.h"

/* The bits of a number, from the least significant on, to those of the mask. */
static uint32_t
spread(uint32_t mask, uint32_t number)
{
	uint32_t value = 0;

	if (mask == UINT32_MAX) /* the usual one, and the longest way */
		return number;
	for (; mask != 0; mask &= mask - 1, number >>= 1)
		if (number & 1)
			value |= mask & -mask;
	return value;
}

static uint32_t
gather(uint32_t mask, uint32_t value)
{
	uint32_t number = 0;

	if (mask == UINT32_MAX)
		return value;
	for (uint32_t bit = 1; mask != 0; mask &= mask - 1, bit <<= 1)
		if (value & mask & -mask)
			number |= bit;
	return number;
}

unsigned
mark_bits(uint32_t mask)
{
	return (unsigned)__builtin_popcount(mask);
}

static unsigned
generation_bits(uint32_t mask)
{
	return mark_bits(mask) / 4;
}

/* The bit of the number that says `back`; those below it tell the channel. */
static uint32_t
back_bit(uint32_t mask)
{
	return UINT32_C(1) << (mark_bits(mask) - generation_bits(mask) - 1);
}

uint8_t
mark_generations(uint32_t mask)
{
	return (uint8_t)((1U << generation_bits(mask)) - 1);
}

uint32_t
mark_channels(uint32_t mask)
{
	return back_bit(mask) - 2;
}

uint32_t
mark_generation_mask(uint32_t mask)
{
	return spread(mask, ~(2 * back_bit(mask) - 1));
}

uint32_t
mark_back(uint32_t mask)
{
	return spread(mask, back_bit(mask));
}

uint32_t
mark_make(uint32_t mask, const struct mark *mark)
{
	uint32_t back = back_bit(mask);

	return spread(
	    mask, mark->generation * 2 * back + (mark->back ? back : 0) + mark->channel_index + 1);
}

bool
mark_read(uint32_t mask, uint32_t value, struct mark *ret_mark)
{
	uint32_t number = mask == MARK_MASK_ALL ? value : gather(mask, value);
	uint32_t back = back_bit(mask), channel = number & (back - 1);
	uint32_t generation = number / (2 * back);

	if (generation == 0 || channel == 0 || channel == back - 1)
		return false;
	*ret_mark = (struct mark){
	    .generation = (uint8_t)generation, .channel_index = channel - 1, .back = number & back};
	return true;
}
