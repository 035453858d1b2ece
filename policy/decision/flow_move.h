/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow move: from one arena to another, which has other limits.
 *
 * Internal to the engine.  Believes nothing that it finds, as flow_repair.h.
 */
#ifndef SLUICE_FLOW_MOVE_H
#define SLUICE_FLOW_MOVE_H

#include "flow.h"

/*
 * Take over everything from a table of the same layout into an empty one: flows with their bytes,
 * requests and states, what is remembered of those without one, and all counters.  Flows that
 * find no room are left behind; their number is the result.  What is taken over is still to be
 * put in order, by flow_table_repair() and flow_share_out().
 */
uint32_t flow_table_move(struct flow_table *to, struct flow_table *from, uint64_t now_ns);

#endif
