/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow: the table of connections and the bytes kept for them, in one block of memory without
 * pointers.
 *
 * Internal to the engine, above stream.h.  Everything is found by index, index 0 means none, so the
 * block may be shared memory and may outlive the process that wrote it.  flow_arena_repair() makes
 * it consistent again after a process died in the middle of a change.
 */
#ifndef SLUICE_FLOW_H
#define SLUICE_FLOW_H

#include "flow_seldom.h"
#include "flow_state.h"
#include "flow_table.h"

/* The flow of a packet and, in *ret_direction, which way it goes; NULL if there is none. */
struct flow *flow_find(
    const struct flow_table *table, const struct packet *packet, enum direction *ret_direction);

/* The same where it is known which way the packet goes. */
struct flow *flow_find_way(
    const struct flow_table *table, const struct packet *packet, enum direction direction);

/* Who would have a flow for this packet of a channel, as struct asker wants it. */
struct asker flow_asker(const struct packet *packet, enum direction direction, uint32_t channel);

/* The same of a flow that there is. */
struct asker flow_owner(const struct flow_table *table, const struct flow *flow);

/* Is there a place for one more flow? */
bool flow_has_place(const struct flow_table *table);

/*
 * A new flow whose client is the packet's source (or, with direction DIRECTION_RESPONSE, its
 * destination), of a channel by index and a dissector by number.  flow_has_place() must have said
 * yes (asserted).
 */
struct flow *flow_new(struct flow_table *table, const struct packet *packet,
    enum direction direction, uint32_t channel, uint8_t dissector, uint64_t now_ns);

/*
 * The flow is of this kind from now on, which says how soon it makes room for others: the first
 * kinds first.  A new one is SHARE_HALF_OPEN.  One that is SHARE_SETTLED has what state it wants.
 */
void flow_become(struct flow_table *table, struct flow *flow, enum share_list_kind kind);

/* Has either end sent bytes that were let through? */
bool flow_was_used(const struct flow *flow);

/*
 * The i-th request of a flow that waits, oldest first; i below OUTSTANDING_MAX.  Those of all flows
 * stand beside each other, so that memory is used only for as many as there ever were.
 */
static inline struct outstanding *
flow_outstanding(const struct flow_table *table, const struct flow *flow, uint32_t i)
{
	size_t row = (size_t)i * (table->arena->limits.flows + (size_t)1);

	if (__builtin_expect(i >= OUTSTANDING_OWN, 0))
		return flow_more(table, flow, i);
	return &table->outstanding[row + (size_t)(flow - table->flows)];
}

/* No answer is expected any more. */
static inline void
flow_forget_requests(struct flow *flow)
{
	flow->outstanding_count = 0;
	flow->late_count = 0;
	flow->excused = 0;
}

/* Forget a flow and all bytes kept for it. */
void flow_release(struct flow_table *table, struct flow *flow);

/*
 * The same for a flow that may not be over, because others need its place.  Its ends may go on as
 * if nothing had happened, so it is remembered.
 */
void flow_yield(struct flow_table *table, struct flow *flow, uint64_t now_ns);

/* Remember it so, of a flow with these ends that this table need not have. */
void flow_leave(struct flow_table *table, const struct flow *flow, const struct flow_ends *ends,
    uint64_t now_ns);

/* An id for events about a connection that has no flow: the same each time, both ways. */
uint64_t flow_id_without(const struct flow_table *table, const struct packet *packet);

/* Is this (or could it be) one of those, whichever way the packet goes? */
bool flow_recall(
    struct flow_table *table, const struct packet *packet, enum past past, uint64_t now_ns);

/* It is. */
void flow_remember(
    struct flow_table *table, const struct packet *packet, enum past past, uint64_t now_ns);

/* ---- bytes kept ---- */

/* The stream begins at `next`; see stream_begin(). */
void flow_begin(
    struct flow_table *table, struct flow *flow, enum direction direction, uint32_t next);

/* Can `length` more bytes be kept in what is the flow's own?  Not asked to the byte. */
static inline bool
flow_has_own_room(const struct flow_table *table, const struct flow *flow, size_t length)
{
	size_t chunks = (size_t)flow->stream[0].chunks + flow->stream[1].chunks + 1;
	const struct chunk_books *books = table->pool.books;

	return chunks * CHUNK_BYTES + length <= (size_t)flow->own_chunks * CHUNK_BYTES &&
	    books->held + flow->own_chunks <= books->count;
}

/* Chunks that are missing for `length` more bytes; 0: they can be kept. */
uint32_t flow_lacks(const struct flow_table *table, const struct flow *flow,
    enum direction direction, size_t length);

/* stream_append() and stream_acknowledge(). */
void flow_keep(struct flow_table *table, struct flow *flow, enum direction direction,
    const uint8_t *data, size_t length, uint32_t pending);
void flow_acknowledge(
    struct flow_table *table, struct flow *flow, enum direction direction, uint32_t ack);

/* Forget all bytes of both streams. */
void flow_forget(struct flow_table *table, struct flow *flow);

/* Forget those that are only kept for comparison; false if it still hoards. */
bool flow_yield_held(struct flow_table *table, struct flow *flow, uint64_t now_ns);

/* ---- state, see flow_state.h ---- */

/* Give it some, zeroed. flow_has_state_place() must have said yes (asserted). */
void flow_take_state(struct flow_table *table, struct flow *flow);

/* It needs none any more; nothing if it has none. */
void flow_drop_state(struct flow_table *table, struct flow *flow);

/* What is noted of a flow of this table. */
static inline struct flow_note *
flow_note(const struct flow_table *table, const struct flow *flow)
{
	return &table->notes[flow_index(table, flow)];
}

/* ---- for those who put the table right ---- */

/* A list of its bucket. */
uint32_t *flow_bucket(const struct flow_table *table, const struct flow *flow);

/*
 * Count anew what each client has.  Needed after a repair, and whenever the flows' channels have
 * other numbers.
 */
void flow_share_out(struct flow_table *table);

#endif
