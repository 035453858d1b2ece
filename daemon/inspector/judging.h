/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging: how long packets were in an inspector, counted in buckets each of which is twice as wide
 * as the one before.
 *
 * From the moment that a batch was received to the one at which its verdicts were sent: that is one
 * more look at the clock for a whole batch.  What a packet waited in the kernel's queue before is
 * not in it.
 */
#ifndef SLUICE_JUDGING_H
#define SLUICE_JUDGING_H

#include <stdatomic.h>
#include <stdint.h>

/* Bucket i has what took at most 2^i microseconds, the last one what took longer than a second. */
enum { JUDGING_BUCKETS = 22 };

/* Written by one process, read by others. Zero is empty. */
struct judging {
	_Atomic uint64_t buckets[JUDGING_BUCKETS];
	_Atomic uint64_t total_ns; /* of all packets */
};

/* So many packets took so long. */
void judging_add(struct judging *judging, uint64_t took_ns, uint64_t packets);

#endif
