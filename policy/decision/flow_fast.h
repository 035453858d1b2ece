/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow, fast: which flows of a table the recogniser in the kernel has, or had, and where.
 *
 * Memory of the process that judges, not of the arena: who comes after a crash begins without, and
 * takes back all that was given away.
 */
#ifndef SLUICE_FLOW_FAST_H
#define SLUICE_FLOW_FAST_H

#include "fast_desk.h"
#include "flow_table.h"

/* Of one flow. */
struct fast_seat {
	struct fast_flow *place; /* NULL: it has none */
	uint32_t interface[2];   /* by which packets of its ends came; 0: not known */
};

struct flow_fast {
	struct fast_desk desk;
	struct fast_seat *seats; /* as many as the table has flows, and one */
};

static inline struct fast_seat *
flow_seat(const struct flow_table *table, const struct flow *flow)
{
	return &table->fast->seats[flow_index(table, flow)];
}

/* The flow is over, or about to be forgotten: nothing of it is vouched for any more. */
void flow_leave_fast(const struct flow_table *table, const struct flow *flow);

/* When its last packet was seen, here or there. */
uint64_t flow_last_ns(const struct flow_table *table, const struct flow *flow);

#endif
