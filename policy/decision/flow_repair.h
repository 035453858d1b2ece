/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow repair: a process died in the middle of a change, at any instruction.
 *
 * Internal to the engine.  Believes nothing that it finds in the tables; what can't be right is
 * given up.
 */
#ifndef SLUICE_FLOW_REPAIR_H
#define SLUICE_FLOW_REPAIR_H

#include "flow.h"

/*
 * Make the tables consistent after a crash: rebuild the hash, the free lists and the chains of
 * chunks. Flows whose chains are damaged become FLOW_DENIED.  What each client has is not counted
 * yet: flow_share_out(), once the flows have their channels.
 */
void flow_table_repair(struct flow_table *table);

#endif
