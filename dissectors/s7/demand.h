/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Demand: what must hold while a message is read.  What the next number must be is asked by
 * cursor_expect_*() instead.
 */
#ifndef SLUICE_S7_DEMAND_H
#define SLUICE_S7_DEMAND_H

#include "cursor.h"

static inline void
demand(struct cursor *c, bool holds, enum reason reason)
{
	if (!holds)
		cursor_fail(c, reason);
}

#endif
