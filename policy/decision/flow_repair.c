/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow repair: the tables after a crash.  See flow_repair.h. */
#include "flow_repair.h"

#include <string.h>

/* While a repair goes on: somebody owns this chunk. */
#define CHUNK_OWNED UINT32_C(0x80000000)

/* Mark the chunks of a stream as owned; false if its chain can't be right. */
static bool
repair_stream(const struct flow_table *table, struct stream *stream)
{
	uint32_t index = stream->head, last = 0;
	uint64_t kept = stream->next - stream->kept, capacity = 0;

	if (stream_pending(stream) > kept || stream->head_offset >= CHUNK_BYTES)
		return false;
	while (index != 0) {
		if (index > table->arena->chunk_books.top ||
		    (table->pool.chunks[index].next & CHUNK_OWNED))
			return false;
		last = index;
		index = table->pool.chunks[index].next;
		table->pool.chunks[last].next |= CHUNK_OWNED;
		capacity += CHUNK_BYTES;
	}
	stream->chunks = (uint16_t)(capacity / CHUNK_BYTES);
	if (stream->head == 0)
		return kept == 0 && stream->tail == 0 && stream->head_offset == 0;
	return stream->tail == last && capacity / CHUNK_BYTES <= UINT16_MAX &&
	    capacity >= kept + stream->head_offset &&
	    capacity - kept - stream->head_offset < CHUNK_BYTES;
}

/* True if it was as it should be; otherwise it is given up. */
static bool
repair_flow(struct flow_table *table, struct flow *flow)
{
	bool good = flow->state <= FLOW_CLOSED && flow->outstanding_count <= OUTSTANDING_MAX &&
	    flow->late_count <= flow->outstanding_count &&
	    flow->state_slot <= table->arena->state_top &&
	    (flow->outstanding_count <= OUTSTANDING_OWN || flow_has_more(table, flow));

	for (int i = 0; i < 2; i++)
		good = repair_stream(table, &flow->stream[i]) && good;
	if (good && flow->state_slot != 0) {
		uint32_t *owner = flow_state_owner(table, flow->state_slot);

		good = *owner == 0;
		if (good)
			*owner = flow_index(table, flow);
	}
	if (good)
		return true;
	flow->state = FLOW_DENIED;
	flow_forget_requests(flow);
	flow->state_slot = 0;
	for (int i = 0; i < 2; i++)
		flow->stream[i] = (struct stream){.next = flow->stream[i].next,
		    .kept = flow->stream[i].next,
		    .message = flow->stream[i].next};
	return false;
}

/* Put everything that nobody owns on the free lists. */
static void
repair_free_lists(struct flow_table *table)
{
	struct flow_arena *arena = table->arena;

	arena->free_flow = arena->chunk_books.free = arena->free_state = 0;
	arena->counters.flows = arena->chunk_books.held = 0;
	for (uint32_t i = arena->flow_top; i > 0; i--) {
		struct flow *flow = &table->flows[i];
		uint32_t *link =
		    flow->state == FLOW_FREE ? &arena->free_flow : flow_bucket(table, flow);

		flow->hash_next = *link;
		*link = i;
		arena->counters.flows += flow->state != FLOW_FREE;
	}
	for (uint32_t i = arena->chunk_books.top; i > 0; i--) {
		if (table->pool.chunks[i].next & CHUNK_OWNED) {
			table->pool.chunks[i].next &= ~CHUNK_OWNED;
			arena->chunk_books.held++;
			continue;
		}
		table->pool.chunks[i].next = arena->chunk_books.free;
		arena->chunk_books.free = i;
	}
	for (uint32_t i = arena->state_top; i > 0; i--)
		if (*flow_state_owner(table, i) == 0)
			flow_free_state(table, i);
}

void
flow_table_repair(struct flow_table *table)
{
	struct flow_arena *arena = table->arena;
	bool damage;

	if (arena->flow_top > arena->limits.flows)
		arena->flow_top = arena->limits.flows;
	if (arena->chunk_books.top > arena->chunk_books.count)
		arena->chunk_books.top = arena->chunk_books.count;
	if (arena->more_hand > arena->more_count)
		arena->more_hand = 0;
	if (arena->state_top > arena->state_count)
		arena->state_top = arena->state_count;
	/* Giving up a flow disowns its chunks, so look again until nothing is given up. */
	do {
		damage = false;
		for (uint32_t i = 1; i <= arena->state_top; i++)
			*flow_state_owner(table, i) = 0;
		for (uint32_t i = 1; i <= arena->chunk_books.top; i++)
			table->pool.chunks[i].next &= ~CHUNK_OWNED;
		for (uint32_t i = 1; i <= arena->flow_top; i++)
			if (table->flows[i].state != FLOW_FREE)
				damage = !repair_flow(table, &table->flows[i]) || damage;
	} while (damage);
	memset(table->buckets, 0, sizeof(*table->buckets) * (arena->bucket_mask + (size_t)1));
	repair_free_lists(table);
}
