/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gone: which connections were forgotten before their time.  See gone.h. */
#include "gone.h"

#include <string.h>

/* What is older than two periods goes; it is gone before its place is used again. */
static void
gone_turn(struct gone *gone, uint64_t now_ns, uint64_t period_ns)
{
	for (int i = 0; i < 2 && now_ns > gone->turned_ns && now_ns - gone->turned_ns >= period_ns;
	     i++) {
		uint32_t older = !(gone->newer & 1);

		memset(gone->bits[older], 0, sizeof(gone->bits[older]));
		gone->newer = older;
		gone->turned_ns =
		    now_ns - gone->turned_ns >= 2 * period_ns ? now_ns - period_ns : now_ns;
	}
}

void
gone_add(struct gone *gone, uint64_t number, uint64_t now_ns, uint64_t period_ns)
{
	uint32_t bit = (uint32_t)number % GONE_BITS;

	gone_turn(gone, now_ns, period_ns);
	gone->bits[gone->newer & 1][bit / 64] |= UINT64_C(1) << bit % 64;
}

bool
gone_has(struct gone *gone, uint64_t number, uint64_t now_ns, uint64_t period_ns)
{
	uint32_t bit = (uint32_t)number % GONE_BITS;
	uint64_t word = gone->bits[0][bit / 64] | gone->bits[1][bit / 64];

	if (!(word >> bit % 64 & 1))
		return false;
	gone_turn(gone, now_ns, period_ns);
	word = gone->bits[0][bit / 64] | gone->bits[1][bit / 64];
	return word >> bit % 64 & 1;
}
