/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging: see judging.h. */
#include "judging.h"

static unsigned
bucket_of(uint64_t took_ns)
{
	uint64_t us = took_ns / 1000 + (took_ns % 1000 != 0);
	unsigned bucket = us <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(us - 1);

	return bucket < JUDGING_BUCKETS ? bucket : JUDGING_BUCKETS - 1;
}

/* One writer: a plain addition, of which others see whole numbers. */
static void
add(_Atomic uint64_t *number, uint64_t n)
{
	atomic_store_explicit(
	    number, atomic_load_explicit(number, memory_order_relaxed) + n, memory_order_relaxed);
}

void
judging_add(struct judging *judging, uint64_t took_ns, uint64_t packets)
{
	add(&judging->buckets[bucket_of(took_ns)], packets);
	add(&judging->total_ns, took_ns * packets);
}
