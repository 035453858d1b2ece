/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow: what most flows never need, in a table of its own.  See flow.h. */
#include "flow.h"

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
