/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Refusal: see refusal.h.
 */
#include "refusal.h"

#define MINUTE_NS (60 * UINT64_C(1000000000))

bool
refusal_due(struct refusal *refusal, uint64_t now_ns, uint64_t *ret_untold)
{
	if (refusal->told == 0 || now_ns - refusal->since_ns >= MINUTE_NS) {
		refusal->since_ns = now_ns;
		refusal->told = 0;
	}
	if (refusal->told >= REFUSALS_PER_MINUTE) {
		refusal->untold++;
		return false;
	}
	refusal->told++;
	*ret_untold = refusal->untold;
	refusal->untold = 0;
	return true;
}
