/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Refusal: somebody has asked for what their role does not permit, and that is told.
 *
 * Ten a minute are events of their own; the number of the others stands in the next one, for
 * whoever may ask at all could otherwise fill the record with refusals.
 */
#ifndef SLUICE_REFUSAL_H
#define SLUICE_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

enum { REFUSALS_PER_MINUTE = 10 };

/* How many were told of late. */
struct refusal {
	uint64_t since_ns; /* monotonic: the minute's beginning */
	unsigned told;     /* in it */
	uint64_t untold;   /* since the last that was told */
};

/* May one be told now?  Then *ret_untold is how many were not since the last. */
bool refusal_due(struct refusal *refusal, uint64_t now_ns, uint64_t *ret_untold);

#endif
