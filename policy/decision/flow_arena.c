/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow arena: where the tables are in the block.  See flow_arena.h. */
#include "flow_arena.h"

#include <assert.h>

#include "dissectors.h"

/* "sluice" and the number of the layout: another layout is another arena. */
#define ARENA_MAGIC UINT64_C(0x736c75696365000d)

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

/* Sizes and places of the tables; returns the size of the whole. */
static size_t
arena_lay_out(struct flow_arena *arena, const struct engine_limits *limits)
{
	size_t at = (sizeof(*arena) + 63) / 64 * 64;

	arena->limits = *limits;
	arena->bucket_mask = round_to_power(limits->flows) - 1;
	arena->hoard_count = limits->held_bytes / CHUNK_BYTES + 1;
	arena->chunk_books.count = arena->hoard_count + limits->flows * OWN_CHUNKS_MAX;
	arena->share_books.bucket_mask = arena->bucket_mask;
	arena->state_size = largest_state();
	arena->state_count = limits->states < limits->flows ? limits->states : limits->flows;
	arena->buckets_at = at;
	at += sizeof(uint32_t) * (arena->bucket_mask + (size_t)1);
	at = (at + 63) / 64 * 64;
	arena->flows_at = at;
	at += sizeof(struct flow) * (limits->flows + (size_t)1);
	arena->outstanding_at = at;
	at += sizeof(struct outstanding) * (limits->flows + (size_t)1) * OUTSTANDING_MAX;
	arena->chunks_at = at;
	at += sizeof(struct chunk) * (arena->chunk_books.count + (size_t)1);
	at = (at + 63) / 64 * 64;
	arena->channels_at = at;
	at += sizeof(struct channel_counters) * CHANNEL_COUNTERS_MAX;
	arena->share_buckets_at = at;
	at += sizeof(uint32_t) * (arena->bucket_mask + (size_t)1);
	arena->shares_at = at;
	at += sizeof(struct share) * (limits->flows + (size_t)1);
	arena->share_channels_at = at;
	at += sizeof(struct channel_share) * (SHARE_CHANNELS_MAX + (size_t)1);
	at = (at + 63) / 64 * 64;
	arena->states_at = at;
	at += flow_state_stride(arena) * (arena->state_count + (size_t)1);
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
flow_table_attach(struct flow_table *table, struct flow_arena *arena)
{
	uint8_t *base = (uint8_t *)arena;

	table->arena = arena;
	table->buckets = (uint32_t *)(void *)&base[arena->buckets_at];
	table->flows = (struct flow *)(void *)&base[arena->flows_at];
	table->outstanding = (struct outstanding *)(void *)&base[arena->outstanding_at];
	table->pool.books = &arena->chunk_books;
	table->pool.chunks = (struct chunk *)(void *)&base[arena->chunks_at];
	table->channels = (struct channel_counters *)(void *)&base[arena->channels_at];
	table->shares.books = &arena->share_books;
	table->shares.buckets = (uint32_t *)(void *)&base[arena->share_buckets_at];
	table->shares.shares = (struct share *)(void *)&base[arena->shares_at];
	table->shares.channels = (struct channel_share *)(void *)&base[arena->share_channels_at];
	table->states = &base[arena->states_at];
}

bool
flow_arena_valid(const struct flow_arena *arena)
{
	return arena->magic == ARENA_MAGIC && arena->state_size == largest_state();
}

void
flow_arena_init(struct flow_arena *arena, const struct engine_limits *limits, uint64_t seed)
{
	assert(limits->flows >= 1 && limits->flows <= 1U << 24);
	arena_lay_out(arena, limits);
	arena->seed = arena->share_books.seed = seed;
	arena->magic = ARENA_MAGIC;
}
