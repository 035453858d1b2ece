/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow arena: where the tables are in the block.  See flow_arena.h. */
#include "flow_arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
#include "event.h"

/* "sluice" and the number of the layout: another layout is another arena. */
#define ARENA_MAGIC UINT64_C(0x736c756963650011)

static uint32_t
round_to_power(uint32_t n)
{
	uint32_t power = 16;

	while (power < n)
		power *= 2;
	return power;
}

/* Largest state that any dissector keeps for a flow, in whole words. */
static uint32_t
largest_state(void)
{
	uint32_t size = 0;

	for (size_t i = 0; dissectors[i]; i++)
		if (dissectors[i]->state_size > size)
			size = dissectors[i]->state_size;
	return (size + 7) / 8 * 8;
}

/* One flow in sixteen, or 64, may have more requests than its own. */
static uint32_t
more_count(uint32_t flows)
{
	uint32_t count = flows / 16;

	if (count < 64)
		count = 64;
	return count < flows ? count : flows;
}

/* Sizes and places of the tables; returns the size of the whole. */
static size_t
arena_lay_out(struct flow_arena *arena, const struct engine_limits *limits)
{
	size_t at = FLOW_TABLES_AT;

	arena->limits = *limits;
	arena->bucket_mask = round_to_power(limits->flows) - 1;
	arena->hoard_count = limits->held_bytes / CHUNK_BYTES + 1;
	/* Far more flows than clients; the places of few should lie close together. */
	arena->share_books.bucket_mask = round_to_power(limits->flows / 4) - 1;
	arena->state_size = largest_state();
	arena->state_count = limits->states < limits->flows ? limits->states : limits->flows;
	arena->more_count = more_count(limits->flows);
	arena->chunk_books.count = arena->hoard_count + limits->flows * OWN_CHUNKS_FIRST +
	    arena->state_count * (OWN_CHUNKS_MAX - OWN_CHUNKS_FIRST);
	arena->buckets_at = at;
	at += sizeof(uint32_t) * (arena->bucket_mask + (size_t)1);
	at = (at + 63) / 64 * 64;
	arena->flows_at = at;
	at += sizeof(struct flow) * (limits->flows + (size_t)1);
	arena->seldom_at = at;
	at += sizeof(struct seldom) * (limits->flows + (size_t)1);
	at = (at + 63) / 64 * 64;
	arena->outstanding_at = at;
	at += sizeof(struct outstanding) * (limits->flows + (size_t)1) * OUTSTANDING_OWN;
	arena->more_at = at;
	at += sizeof(struct more_requests) * (arena->more_count + (size_t)1);
	arena->chunks_at = at;
	at += sizeof(struct chunk) * (arena->chunk_books.count + (size_t)1);
	at = (at + 63) / 64 * 64;
	arena->share_buckets_at = at;
	at += sizeof(uint32_t) * (arena->share_books.bucket_mask + (size_t)1);
	arena->shares_at = at;
	at += sizeof(struct share) * (limits->flows + (size_t)1);
	arena->share_channels_at = at;
	at += sizeof(struct channel_share) * (SHARE_CHANNELS_MAX + (size_t)1);
	at = (at + 63) / 64 * 64;
	arena->states_at = at;
	at += flow_state_stride(arena) * (arena->state_count + (size_t)1);
	at = (at + 63) / 64 * 64;
	arena->notes_at = at;
	at += sizeof(struct flow_note) * (limits->flows + (size_t)1);
	arena->size = at;
	return at;
}

size_t
flow_arena_size(const struct engine_limits *limits)
{
	struct flow_arena arena;

	return arena_lay_out(&arena, limits);
}

void
flow_arena_places(
    const struct engine_limits *limits, size_t *ret_flows, size_t *ret_seldom, size_t *ret_notes)
{
	struct flow_arena arena;

	arena_lay_out(&arena, limits);
	*ret_flows = arena.flows_at;
	*ret_seldom = arena.seldom_at;
	*ret_notes = arena.notes_at;
}

void
flow_table_attach(struct flow_table *table, struct flow_arena *arena)
{
	uint8_t *base = (uint8_t *)arena;

	table->arena = arena;
	table->buckets = (uint32_t *)(void *)&base[arena->buckets_at];
	table->flows = (struct flow *)(void *)&base[arena->flows_at];
	table->seldom = (struct seldom *)(void *)&base[arena->seldom_at];
	table->outstanding = (struct outstanding *)(void *)&base[arena->outstanding_at];
	table->more = (struct more_requests *)(void *)&base[arena->more_at];
	table->pool.books = &arena->chunk_books;
	table->pool.chunks = (struct chunk *)(void *)&base[arena->chunks_at];
	table->channels = (struct channel_counters *)(void *)&base[FLOW_CHANNELS_AT];
	table->conduits = (struct conduit_counters *)(void *)&base[FLOW_CONDUITS_AT];
	table->shares.books = &arena->share_books;
	table->shares.buckets = (uint32_t *)(void *)&base[arena->share_buckets_at];
	table->shares.shares = (struct share *)(void *)&base[arena->shares_at];
	table->shares.channels = (struct channel_share *)(void *)&base[arena->share_channels_at];
	table->states = &base[arena->states_at];
	table->notes = (struct flow_note *)(void *)&base[arena->notes_at];
}

bool
flow_arena_valid(const struct flow_arena *arena)
{
	return arena->magic == ARENA_MAGIC && arena->state_size == largest_state();
}

/* FNV-1a, 64 bits. */
static uint64_t
hash_bytes(uint64_t hash, const void *data, size_t length)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* The places of what a flow has; two members that change places show, but not two bits. */
static const uint16_t flow_places[] = {
    offsetof(struct flow, last_ns),
    offsetof(struct flow, hash_next),
    offsetof(struct flow, channel),
    offsetof(struct flow, state_slot),
    offsetof(struct flow, ipv4),
    offsetof(struct flow, hoard),
    offsetof(struct flow, port),
    offsetof(struct flow, own_chunks),
    offsetof(struct seldom, ends),
    offsetof(struct seldom, more),
    offsetof(struct flow, kind),
    offsetof(struct flow, family),
    offsetof(struct flow, transport),
    offsetof(struct flow, state),
    offsetof(struct flow, dissector),
    offsetof(struct flow, outstanding_count),
    offsetof(struct flow, late_count),
    offsetof(struct flow, excused),
    offsetof(struct flow, unproven),
    offsetof(struct flow, adrift),
    offsetof(struct flow, refused),
    offsetof(struct flow, gapped),
    offsetof(struct flow, middle),
    offsetof(struct flow, blurred),
    offsetof(struct flow, passed),
    offsetof(struct flow, pending),
    offsetof(struct seldom, pending_isn),
    offsetof(struct seldom, pending_ms),
    offsetof(struct flow, opened_ms),
    offsetof(struct flow, passed_ms),
    offsetof(struct seldom, closed_ms),
    offsetof(struct seldom, gap_ms),
    offsetof(struct flow, unacked_ms),
    offsetof(struct flow, mark),
    offsetof(struct flow, mark_ms),
    offsetof(struct flow, newest),
    offsetof(struct flow, newest_ms),
    offsetof(struct flow, begun_ms),
    offsetof(struct seldom, seen),
    offsetof(struct flow, isn),
    offsetof(struct flow, share),
    offsetof(struct seldom, hoard_ms),
    offsetof(struct seldom, yielded_ms),
    offsetof(struct flow, peer),
    offsetof(struct seldom, hoarder),
    offsetof(struct flow, stream),
    offsetof(struct flow, alone_from),
    offsetof(struct seldom, rewritten),
};

static const uint32_t sizes[] = {
    sizeof(struct flow_arena),
    sizeof(struct flow),
    sizeof(struct seldom),
    sizeof(struct stream),
    sizeof(struct chunk),
    sizeof(struct outstanding),
    sizeof(struct more_requests),
    sizeof(struct share),
    sizeof(struct channel_share),
    sizeof(struct state_slot),
    sizeof(struct channel_counters),
    sizeof(struct engine_counters),
    sizeof(struct conduit_counters),
    CONDUIT_COUNTERS_MAX,
    sizeof(struct gone),
    sizeof(struct flow_note),
    sizeof(struct event),
    offsetof(struct event, wall_ns),
    offsetof(struct event, generation),
    offsetof(struct event, reason),
    offsetof(struct event, type),
    OUTSTANDING_MAX,
    OUTSTANDING_OWN,
    CHANNEL_COUNTERS_MAX,
    SHARE_CHANNELS_MAX,
    CHUNK_BYTES,
    OWN_CHUNKS_MAX,
    OWN_CHUNKS_FIRST,
    INFLIGHT_BYTES_MAX,
    PAST_COUNT,
    REASON_COUNT,
    FLOW_CLOSED,
    SHARE_LISTS,
};

uint64_t
flow_arena_layout(void)
{
	const uint64_t magic = ARENA_MAGIC;
	uint64_t hash = hash_bytes(UINT64_C(0xcbf29ce484222325), &magic, sizeof(magic));

	hash = hash_bytes(hash, flow_places, sizeof(flow_places));
	hash = hash_bytes(hash, sizes, sizeof(sizes));
	for (size_t i = 0; dissectors[i]; i++) {
		uint64_t state_size = dissectors[i]->state_size;

		hash = hash_bytes(hash, dissectors[i]->name, strlen(dissectors[i]->name) + 1);
		hash = hash_bytes(hash, &state_size, sizeof(state_size));
	}
	return hash;
}

/* Where the tables are follows from the limits: what the arena says of it must be just that. */
static bool
places_are_right(const struct flow_arena *arena, const struct flow_arena *fresh)
{
	return arena->bucket_mask == fresh->bucket_mask &&
	    arena->hoard_count == fresh->hoard_count &&
	    arena->chunk_books.count == fresh->chunk_books.count &&
	    arena->share_books.bucket_mask == fresh->share_books.bucket_mask &&
	    arena->state_size == fresh->state_size && arena->state_count == fresh->state_count &&
	    arena->buckets_at == fresh->buckets_at && arena->flows_at == fresh->flows_at &&
	    arena->seldom_at == fresh->seldom_at &&
	    arena->outstanding_at == fresh->outstanding_at && arena->more_at == fresh->more_at &&
	    arena->more_count == fresh->more_count && arena->chunks_at == fresh->chunks_at &&
	    arena->share_buckets_at == fresh->share_buckets_at &&
	    arena->shares_at == fresh->shares_at &&
	    arena->share_channels_at == fresh->share_channels_at &&
	    arena->states_at == fresh->states_at && arena->notes_at == fresh->notes_at &&
	    arena->size == fresh->size;
}

bool
flow_arena_fits(const struct flow_arena *arena, size_t size, const struct engine_limits *limits)
{
	struct flow_arena *fresh = calloc(1, sizeof(*fresh));
	bool fits = fresh && size == arena_lay_out(fresh, limits) && flow_arena_valid(arena) &&
	    memcmp(&arena->limits, limits, sizeof(*limits)) == 0 && places_are_right(arena, fresh);

	free(fresh);
	return fits;
}

void
flow_arena_init(struct flow_arena *arena, const struct engine_limits *limits, uint64_t seed)
{
	assert(limits->flows >= 1 && limits->flows <= 1U << 24);
	arena_lay_out(arena, limits);
	arena->seed = arena->share_books.seed = seed;
	arena->magic = ARENA_MAGIC;
}

/* Tables need not be cleared: what is beyond the tops in the head is nobody's. */
void
flow_arena_clear(struct flow_arena *arena)
{
	struct engine_limits limits = arena->limits;
	struct flow_table table = {.fast = NULL};
	uint64_t seed = arena->seed;

	memset(arena, 0, sizeof(*arena));
	flow_arena_init(arena, &limits, seed);
	flow_table_attach(&table, arena);
	memset(table.buckets, 0, sizeof(*table.buckets) * (arena->bucket_mask + (size_t)1));
	memset(table.channels, 0, sizeof(*table.channels) * CHANNEL_COUNTERS_MAX);
	memset(table.conduits, 0, sizeof(*table.conduits) * CONDUIT_COUNTERS_MAX);
	share_clear(&table.shares);
}

bool
flow_arena_mend(
    struct flow_arena *arena, size_t size, const struct engine_limits *limits, uint64_t seed)
{
	if (flow_arena_fits(arena, size, limits))
		return true;
	arena->limits = *limits;
	arena->seed = seed;
	flow_arena_clear(arena);
	return false;
}
