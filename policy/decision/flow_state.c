/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow: what dissectors remember of connections, and who has it.  See flow_state.h. */
#include "flow_state.h"

#include "dissectors.h"

const void *
flow_state(const struct flow_table *table, const struct flow *flow)
{
	return flow->state_slot != 0 ? flow_state_slot(table, flow->state_slot)->state : NULL;
}

void *
flow_change_state(const struct flow_table *table, const struct flow *flow)
{
	struct state_slot *slot;

	if (flow->state_slot == 0 || flow->dissector == 0)
		return NULL;
	slot = flow_state_slot(table, flow->state_slot);
	if (slot->used < dissectors[flow->dissector - 1]->state_size)
		slot->used = dissectors[flow->dissector - 1]->state_size;
	return slot->state;
}

uint32_t *
flow_state_owner(const struct flow_table *table, uint32_t slot)
{
	return &flow_state_slot(table, slot)->flow;
}

void
flow_free_state(struct flow_table *table, uint32_t slot)
{
	struct state_slot *given = flow_state_slot(table, slot);

	given->flow = 0;
	given->next = table->arena->free_state;
	table->arena->free_state = slot;
}

bool
flow_has_state_place(const struct flow_table *table)
{
	const struct flow_arena *arena = table->arena;

	return arena->free_state != 0 || arena->state_top < arena->state_count;
}

bool
flow_wants_state(const struct flow *flow)
{
	return flow->dissector != 0 && flow->state_slot == 0 &&
	    dissectors[flow->dissector - 1]->state_size > 0;
}
