/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mark: how a connection's or packet's mark tells channel, direction and policy.
 *
 * Of the bits of the policy's mark_mask, the most significant first: a quarter is the generation of
 * the policy, one bit says `back`, the rest is the index of the channel plus one.  With all 32 bits
 * that is 8, 1 and 23.  The bits of the mask need not stand together.  No mark of ours has all bits
 * set, or none.
 */
#ifndef SLUICE_MARK_H
#define SLUICE_MARK_H

#include <stdbool.h>
#include <stdint.h>

#define MARK_MASK_ALL UINT32_MAX

enum { MARK_BITS_MIN = 8 }; /* two for generations, five for 30 channels */

struct mark {
	uint8_t generation; /* 1..mark_generations() */
	uint32_t channel_index;
	/* Of a connection: connection tracking has seen the server first, so that its original
	   direction is that of answers. Of a packet: the server sent it. */
	bool back;
};

unsigned mark_bits(uint32_t mask);

/* How many generations and channels a mask of MARK_BITS_MIN bits or more can tell. */
uint8_t mark_generations(uint32_t mask);
uint32_t mark_channels(uint32_t mask);

/* The bits of a mask that tell the generation; the one that says `back`. */
uint32_t mark_generation_mask(uint32_t mask);
uint32_t mark_back(uint32_t mask);

uint32_t mark_make(uint32_t mask, const struct mark *mark);

/* Read a mark, whatever stands in the other bits; false if it is none of ours. */
bool mark_read(uint32_t mask, uint32_t value, struct mark *ret_mark);

#endif
