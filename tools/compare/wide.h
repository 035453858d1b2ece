/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wide: whole numbers of 128 bits, as IPv6 addresses need them, on machines of 32 bits too.
 */
#ifndef SLUICE_WIDE_H
#define SLUICE_WIDE_H

#include <stdbool.h>
#include <stdint.h>

struct wide {
	uint64_t high;
	uint64_t low;
};

static inline struct wide
wide_of(uint64_t number)
{
	return (struct wide){0, number};
}

static inline bool
wide_less(struct wide a, struct wide b)
{
	return a.high < b.high || (a.high == b.high && a.low < b.low);
}

static inline struct wide
wide_next(struct wide a)
{
	return (struct wide){a.high + (a.low == UINT64_MAX), a.low + 1};
}

static inline struct wide
wide_before(struct wide a)
{
	return (struct wide){a.high - (a.low == 0), a.low - 1};
}

/* How far it is from `from` to a larger number, nearly. */
static inline double
wide_distance(struct wide from, struct wide to)
{
	return (double)(to.high - from.high - (to.low < from.low)) * 0x1p64 +
	    (double)(to.low - from.low);
}

/* The lowest `bits` of it set, 0 to 128. */
static inline struct wide
wide_ones(unsigned bits)
{
	struct wide ones = {0, UINT64_MAX};

	if (bits < 64)
		ones.low = (UINT64_C(1) << bits) - 1;
	else if (bits > 64)
		ones.high = UINT64_MAX >> (128 - bits);
	return ones;
}

#endif
