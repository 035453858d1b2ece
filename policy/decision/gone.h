/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gone: which connections were forgotten before their time.
 *
 * Remembers numbers (hashes of what a connection is) for a period at least and for twice that at
 * most.  Two connections may have one number, so it may say yes for one that was never forgotten;
 * it never says no for one that was.  Whatever a crash leaves in it is a state that it can be in.
 */
#ifndef SLUICE_GONE_H
#define SLUICE_GONE_H

#include <stdbool.h>
#include <stdint.h>

enum { GONE_BITS = 1 << 19 };

struct gone {
	uint64_t turned_ns;
	uint32_t newer; /* which of the two is added to */
	uint64_t bits[2][GONE_BITS / 64];
};

void gone_add(struct gone *gone, uint64_t number, uint64_t now_ns, uint64_t period_ns);
bool gone_has(struct gone *gone, uint64_t number, uint64_t now_ns, uint64_t period_ns);

#endif
