/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow move: flows and what belongs to them, into another arena.  See flow_move.h. */
#include "flow_move.h"

#include <string.h>

#include "flow_repair.h"

static bool
has_chunks(const struct flow_table *to, const struct flow *flow)
{
	const struct chunk_books *books = to->pool.books;

	return books->count - books->top >=
	    (uint32_t)flow->stream[0].chunks + flow->stream[1].chunks;
}

/* The chain as it is, in chunks that were never used. */
static void
move_stream(struct flow_table *to, const struct flow_table *from, struct stream *stream)
{
	uint32_t *link = &stream->head;

	while (*link != 0) {
		uint32_t index = ++to->pool.books->top;

		to->pool.chunks[index] = from->pool.chunks[*link];
		*link = index;
		stream->tail = index;
		link = &to->pool.chunks[index].next;
	}
}

static void
move_state(struct flow_table *to, const struct flow_table *from, struct flow *flow)
{
	uint32_t slot = ++to->arena->state_top;

	memcpy(flow_state_slot(to, slot), flow_state_slot(from, flow->state_slot),
	    flow_state_stride(to->arena));
	flow->state_slot = slot;
}

/* Its requests, all of them. */
static bool
move_requests(
    struct flow_table *to, const struct flow_table *from, struct flow *flow, const struct flow *old)
{
	if (flow->has_seldom)
		flow_change_seldom(to, flow)->more = 0;
	if (old->outstanding_count > OUTSTANDING_OWN && !flow_take_more(to, flow))
		return false;
	for (uint32_t i = 0; i < old->outstanding_count; i++)
		*flow_outstanding(to, flow, i) = *flow_outstanding(from, old, i);
	return true;
}

static bool
move_flow(struct flow_table *to, const struct flow_table *from, uint32_t index)
{
	struct flow_arena *arena = to->arena;
	const struct flow *old = &from->flows[index];
	struct flow *flow = &to->flows[arena->flow_top + 1];

	if (arena->flow_top == arena->limits.flows || !has_chunks(to, old) ||
	    (old->state_slot != 0 && arena->state_top == arena->state_count))
		return false;
	*flow = *old;
	*flow_note(to, flow) = *flow_note(from, old);
	if (flow->has_seldom)
		to->seldom[flow - to->flows] = from->seldom[index];
	if (!move_requests(to, from, flow, old)) {
		memset(flow, 0, sizeof(*flow));
		return false;
	}
	arena->flow_top++;
	move_stream(to, from, &flow->stream[0]);
	move_stream(to, from, &flow->stream[1]);
	if (flow->state_slot != 0)
		move_state(to, from, flow);
	if (index == from->arena->inflight_flow)
		arena->inflight_flow = arena->flow_top;
	return true;
}

static void
move_books(struct flow_table *to, const struct flow_table *from)
{
	struct flow_arena *arena = to->arena;
	const struct flow_arena *old = from->arena;

	arena->seed = arena->share_books.seed = old->seed; /* what is remembered hangs on it */
	arena->serial = old->serial;
	arena->counters = old->counters;
	arena->counters.flows = arena->counters.states = 0;
	memcpy(arena->past, old->past, sizeof(arena->past));
	memcpy(to->channels, from->channels, sizeof(*to->channels) * CHANNEL_COUNTERS_MAX);
	memcpy(to->conduits, from->conduits, sizeof(*to->conduits) * CONDUIT_COUNTERS_MAX);
	arena->inflight_flow = 0;
	arena->inflight_length = old->inflight_length;
	memcpy(arena->inflight, old->inflight, sizeof(arena->inflight));
}

/* Who has been let through first, then those of whom nothing is known that others depend on. */
uint32_t
flow_table_move(struct flow_table *to, struct flow_table *from, uint64_t now_ns)
{
	uint32_t left = 0;

	flow_table_repair(from);
	move_books(to, from);
	for (int settled = 1; settled >= 0; settled--)
		for (uint32_t i = 1; i <= from->arena->flow_top; i++) {
			const struct flow *flow = &from->flows[i];
			struct flow_ends ends;

			if (flow->state == FLOW_FREE ||
			    (flow->kind == SHARE_SETTLED) != (bool)settled ||
			    move_flow(to, from, i))
				continue;
			ends = flow_ends(from, flow);
			flow_leave(to, flow, &ends, now_ns);
			left++;
		}
	return left;
}
