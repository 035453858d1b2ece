/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow, fast: see flow_fast.h. */
#include "flow_fast.h"

void
flow_leave_fast(const struct flow_table *table, const struct flow *flow)
{
	struct fast_seat *seat;

	if (!table->fast)
		return;
	seat = flow_seat(table, flow);
	if (seat->place) {
		fast_desk_take(seat->place);
		fast_desk_leave(seat->place);
	}
	*seat = (struct fast_seat){.place = NULL};
}

uint64_t
flow_last_ns(const struct flow_table *table, const struct flow *flow)
{
	const struct fast_flow *place = table->fast ? flow_seat(table, flow)->place : NULL;
	uint64_t last_ns = place ? __atomic_load_n(&place->last_ns, __ATOMIC_RELAXED) : 0;

	return last_ns > flow->last_ns ? last_ns : flow->last_ns;
}
