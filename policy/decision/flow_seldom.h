/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow, seldom: what most flows never need, in tables of their own.
 */
#ifndef SLUICE_FLOW_SELDOM_H
#define SLUICE_FLOW_SELDOM_H

#include "flow_table.h"

/* What most flows never need, to be read. */
const struct seldom *flow_seldom(const struct flow_table *table, const struct flow *flow);

/* The same, to be written to. */
struct seldom *flow_change_seldom(const struct flow_table *table, struct flow *flow);

/* The addresses of both ends. */
struct flow_ends flow_ends(const struct flow_table *table, const struct flow *flow);
void flow_set_ends(const struct flow_table *table, struct flow *flow, const struct flow_ends *ends);

/* Has it a place for more requests than its own? */
bool flow_has_more(const struct flow_table *table, const struct flow *flow);

/* Find it one; false if others need them all. */
bool flow_take_more(struct flow_table *table, struct flow *flow);

/* The i-th request where that is one of those; flow_has_more() (asserted). */
struct outstanding *flow_more(const struct flow_table *table, const struct flow *flow, uint32_t i);

#endif
