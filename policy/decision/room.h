/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room: who makes room when a table is full.
 *
 * Internal to the engine, above flow.h.  First what is over; then whoever has more than the asker
 * would have with what it asks for; never somebody who has less.  So one client alone may use
 * everything, and one that takes everything costs others nothing.  Finds, and changes nothing but
 * where it looks next.
 */
#ifndef SLUICE_ROOM_H
#define SLUICE_ROOM_H

#include "flow.h"

/* A flow that makes room. */
struct yielding {
	struct flow *flow; /* NULL: nobody does */
	bool early;        /* it was not over: others need its place more */
};

/* Forget what has long been over, a few flows at a time. */
void room_sweep(struct flow_table *table, uint64_t now_ns);

/* The flow that is forgotten so that the asker can have one. */
struct yielding room_for_flow(struct flow_table *table, const struct asker *asker, uint64_t now_ns);

/* The same for state, of which there may be less. */
struct yielding room_for_state(struct flow_table *table, const struct flow *flow, uint64_t now_ns);

/*
 * The flow that gives up bytes kept for comparison so that another may keep `chunks` more; NULL if
 * none does.  Of who has more, the one goes first that has waited longest for acknowledgements;
 * one that has waited very long goes whoever asks.
 */
struct flow *room_for_held(
    struct flow_table *table, const struct flow *flow, uint32_t chunks, uint64_t now_ns);

#endif
