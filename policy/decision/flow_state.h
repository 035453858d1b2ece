/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow, state: what dissectors remember of connections, and who has it.
 */
#ifndef SLUICE_FLOW_STATE_H
#define SLUICE_FLOW_STATE_H

#include "flow_table.h"

/* A slot by its number, from 1. */
static inline struct state_slot *
flow_state_slot(const struct flow_table *table, uint32_t slot)
{
	return (struct state_slot *)(void *)&table->states[slot * flow_state_stride(table->arena)];
}

/* What the dissector remembers of the flow; NULL if it has none (yet). */
const void *flow_state(const struct flow_table *table, const struct flow *flow);

/* The same, to be written to. */
void *flow_change_state(const struct flow_table *table, const struct flow *flow);

/* Does its dissector want state that it has not got? */
bool flow_wants_state(const struct flow *flow);

/* Is there state for one more flow? */
bool flow_has_state_place(const struct flow_table *table);

/* Whose state slot it is, to be changed; slot from 1. */
uint32_t *flow_state_owner(const struct flow_table *table, uint32_t slot);

/* Put a slot on the list of those that are free. */
void flow_free_state(struct flow_table *table, uint32_t slot);

#endif
