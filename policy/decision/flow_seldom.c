/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow: what most flows never need, in a table of its own.  See flow_seldom.h. */
#include "flow_seldom.h"

#include <assert.h>
#include <string.h>

const struct seldom *
flow_seldom(const struct flow_table *table, const struct flow *flow)
{
	static const struct seldom none;

	return flow->has_seldom ? &table->seldom[flow - table->flows] : &none;
}

struct seldom *
flow_change_seldom(const struct flow_table *table, struct flow *flow)
{
	struct seldom *seldom = &table->seldom[flow - table->flows];

	if (!flow->has_seldom)
		memset(seldom, 0, sizeof(*seldom));
	flow->has_seldom = true;
	return seldom;
}

struct flow_ends
flow_ends(const struct flow_table *table, const struct flow *flow)
{
	struct flow_ends ends = {0};

	if (flow->family != 4)
		return flow_seldom(table, flow)->ends;
	for (int i = 0; i < 2; i++)
		memcpy(&ends.address[i], &flow->ipv4[i], sizeof(flow->ipv4[i]));
	return ends;
}

void
flow_set_ends(const struct flow_table *table, struct flow *flow, const struct flow_ends *ends)
{
	if (flow->family != 4) {
		flow_change_seldom(table, flow)->ends = *ends;
		return;
	}
	for (int i = 0; i < 2; i++)
		memcpy(&flow->ipv4[i], &ends->address[i], sizeof(flow->ipv4[i]));
}

/* ---- more requests than are a flow's own ---- */

enum { MORE_LOOKS = 256 /* at places that others have */ };

bool
flow_has_more(const struct flow_table *table, const struct flow *flow)
{
	uint32_t more = flow_seldom(table, flow)->more;

	return more != 0 && more <= table->arena->more_count &&
	    table->more[more].flow == flow_index(table, flow);
}

/* Is it somebody's who needs it? */
static bool
is_needed(const struct flow_table *table, uint32_t more)
{
	uint32_t index = table->more[more].flow;
	const struct flow *flow = &table->flows[index];

	return index != 0 && index <= table->arena->flow_top && flow->state != FLOW_FREE &&
	    flow->outstanding_count > OUTSTANDING_OWN && flow_seldom(table, flow)->more == more;
}

bool
flow_take_more(struct flow_table *table, struct flow *flow)
{
	struct flow_arena *arena = table->arena;

	if (flow_has_more(table, flow))
		return true;
	for (unsigned i = 0; i < MORE_LOOKS && i < arena->more_count; i++) {
		arena->more_hand = arena->more_hand >= arena->more_count ? 1 : arena->more_hand + 1;
		if (is_needed(table, arena->more_hand))
			continue;
		table->more[arena->more_hand].flow = flow_index(table, flow);
		flow_change_seldom(table, flow)->more = arena->more_hand;
		return true;
	}
	return false;
}

struct outstanding *
flow_more(const struct flow_table *table, const struct flow *flow, uint32_t i)
{
	assert(i >= OUTSTANDING_OWN && i < OUTSTANDING_MAX && flow_has_more(table, flow));
	return &table->more[flow_seldom(table, flow)->more].requests[i - OUTSTANDING_OWN];
}
