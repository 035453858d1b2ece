/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow: table of connections in one block without pointers.  See flow.h. */
#include "flow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
#include "stream.h"

/* "sluice" and the number of the layout: another layout is another arena. */
#define ARENA_MAGIC UINT64_C(0x736c75696365000b)

enum {
	RECLAIM_LOOKS = 256, /* flows looked at when the table is full */
	SWEEP_LOOKS = 4,     /* and whenever there is a new one */
	AGE_HALF_OPEN_S = 2, /* ages from which a flow may make room for another */
	AGE_CLOSED_S = 10,
	AGE_SWEPT_S = 300, /* the same without need */
	AGE_UNUSED_S = 60, /* the server has answered, and nobody has said anything since */
	AGE_HALF_CLOSED_S = 3600,
	AGE_IDLE_S = 86400,
	AGE_DATAGRAMS_S = 180, /* nobody says when datagrams are over; the kernel waits no longer */
	STATES_MAX = 4096,     /* flows that may hold state of a dissector */
};

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

/* State of a dissector in the arena. */
struct state_slot {
	uint32_t flow; /* whose it is; 0: nobody's */
	uint32_t next; /* of the free ones */
	uint64_t used; /* bytes that may have been written to since they were zero */
	uint64_t state[];
};

static size_t
state_stride(const struct flow_arena *arena)
{
	return sizeof(struct state_slot) + arena->state_size;
}

/* Sizes and places of the tables; returns the size of the whole. */
static size_t
arena_lay_out(struct flow_arena *arena, const struct engine_limits *limits)
{
	size_t at = (sizeof(*arena) + 63) / 64 * 64;

	arena->limits = *limits;
	arena->bucket_mask = round_to_power(limits->flows) - 1;
	arena->chunk_books.count = limits->held_bytes / CHUNK_BYTES + 1;
	arena->state_size = largest_state();
	arena->state_count = arena->state_size == 0 ? 0 : STATES_MAX;
	if (arena->state_count > limits->flows)
		arena->state_count = limits->flows;
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
	arena->states_at = at;
	at += state_stride(arena) * (arena->state_count + (size_t)1);
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
	arena->seed = seed;
	arena->magic = ARENA_MAGIC;
}

static struct state_slot *
state_at(const struct flow_table *table, uint32_t slot)
{
	return (struct state_slot *)(void *)&table->states[slot * state_stride(table->arena)];
}

const void *
flow_state(const struct flow_table *table, const struct flow *flow)
{
	return flow->state_slot != 0 ? state_at(table, flow->state_slot)->state : NULL;
}

void *
flow_change_state(const struct flow_table *table, const struct flow *flow)
{
	struct state_slot *slot;

	if (flow->state_slot == 0 || flow->dissector == 0)
		return NULL;
	slot = state_at(table, flow->state_slot);
	if (slot->used < dissectors[flow->dissector - 1]->state_size)
		slot->used = dissectors[flow->dissector - 1]->state_size;
	return slot->state;
}

static void
state_give(struct flow_table *table, uint32_t slot)
{
	struct state_slot *given = state_at(table, slot);

	given->flow = 0;
	given->next = table->arena->free_state;
	table->arena->free_state = slot;
}

uint32_t
flow_index(const struct flow_table *table, const struct flow *flow)
{
	return (uint32_t)(flow - table->flows);
}

static uint64_t
scramble(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t
address_words(uint64_t h, const struct address *address)
{
	uint64_t words[2];

	memcpy(words, address, sizeof(words));
	return scramble(scramble(h, words[0]), words[1]);
}

static uint32_t
flow_hash(const struct flow_table *table, const struct address *client,
    const struct address *server, uint16_t client_port, uint16_t server_port, uint8_t transport)
{
	uint64_t h = table->arena->seed;

	h = address_words(h, client);
	h = address_words(h, server);
	h = scramble(h, (uint64_t)client_port << 32 | (uint64_t)server_port << 8 | transport);
	return (uint32_t)(h ^ h >> 32) & table->arena->bucket_mask;
}

static uint32_t *
flow_bucket(const struct flow_table *table, const struct flow *flow)
{
	return &table->buckets[flow_hash(table, &flow->address[DIRECTION_REQUEST],
	    &flow->address[DIRECTION_RESPONSE], flow->port[DIRECTION_REQUEST],
	    flow->port[DIRECTION_RESPONSE], flow->transport)];
}

struct flow *
flow_find_way(const struct flow_table *table, const struct packet *packet, enum direction direction)
{
	bool forward = direction == DIRECTION_REQUEST;
	const struct address *client = forward ? &packet->source : &packet->destination;
	const struct address *server = forward ? &packet->destination : &packet->source;
	uint16_t client_port = forward ? packet->source_port : packet->destination_port;
	uint16_t server_port = forward ? packet->destination_port : packet->source_port;
	uint32_t index = table->buckets[flow_hash(
	    table, client, server, client_port, server_port, packet->protocol)];

	while (index != 0) {
		struct flow *flow = &table->flows[index];

		if (flow->port[DIRECTION_REQUEST] == client_port &&
		    flow->port[DIRECTION_RESPONSE] == server_port &&
		    flow->family == packet->family && flow->transport == packet->protocol &&
		    memcmp(&flow->address[DIRECTION_REQUEST], client, sizeof(*client)) == 0 &&
		    memcmp(&flow->address[DIRECTION_RESPONSE], server, sizeof(*server)) == 0)
			return flow;
		index = flow->hash_next;
	}
	return NULL;
}

struct flow *
flow_find(
    const struct flow_table *table, const struct packet *packet, enum direction *ret_direction)
{
	struct flow *flow = flow_find_way(table, packet, DIRECTION_REQUEST);

	if (flow) {
		*ret_direction = DIRECTION_REQUEST;
		return flow;
	}
	flow = flow_find_way(table, packet, DIRECTION_RESPONSE);
	if (flow)
		*ret_direction = DIRECTION_RESPONSE;
	return flow;
}

static void
flow_unlink(struct flow_table *table, struct flow *flow)
{
	uint32_t *link = flow_bucket(table, flow), index = flow_index(table, flow);

	while (*link != 0 && *link != index)
		link = &table->flows[*link].hash_next;
	assert(*link == index);
	*link = flow->hash_next;
}

void
flow_release(struct flow_table *table, struct flow *flow)
{
	flow_unlink(table, flow);
	stream_release(&table->pool, &flow->stream[DIRECTION_REQUEST]);
	stream_release(&table->pool, &flow->stream[DIRECTION_RESPONSE]);
	if (flow->state_slot != 0)
		state_give(table, flow->state_slot);
	memset(flow, 0, sizeof(*flow));
	flow->hash_next = table->arena->free_flow;
	table->arena->free_flow = flow_index(table, flow);
	table->arena->counters.flows--;
}

/* Has either end sent bytes that were let through? */
static bool
was_used(const struct flow *flow)
{
	return flow->passed ||
	    flow->stream[DIRECTION_RESPONSE].next != flow->isn[DIRECTION_RESPONSE] + 1;
}

/*
 * Seconds from which nobody will miss the flow.  An open connection is never over by itself: its
 * client may be one that asks once a day.
 */
static uint64_t
over_after_s(const struct flow *flow)
{
	unsigned fins = flow->stream[DIRECTION_REQUEST].fin + flow->stream[DIRECTION_RESPONSE].fin;

	if (flow->transport == PROTOCOL_UDP)
		return AGE_DATAGRAMS_S;
	if (flow->state == FLOW_SYN)
		return AGE_HALF_OPEN_S;
	if (fins == 2)
		return AGE_CLOSED_S;
	/* What is forgotten would be taken up again, perhaps in the middle of a message. */
	if (flow->resync && was_used(flow))
		return UINT64_MAX;
	if (flow->state == FLOW_DENIED || flow->state == FLOW_CLOSED)
		return AGE_CLOSED_S;
	if (fins == 1)
		return AGE_HALF_CLOSED_S;
	return flow->state == FLOW_OPEN && !was_used(flow) ? AGE_UNUSED_S : UINT64_MAX;
}

static uint64_t
flow_age_s(const struct flow *flow, uint64_t now_ns)
{
	return now_ns > flow->last_ns ? (now_ns - flow->last_ns) / 1000000000 : 0;
}

/* A search for a flow that makes room: one that is over, or the one that is idle for longest. */
struct search {
	uint64_t now_ns;
	struct flow *found;
};

/* True: look no further. */
static bool
search_look(struct search *search, struct flow *flow)
{
	uint64_t age_s = flow_age_s(flow, search->now_ns);

	if (flow->state == FLOW_FREE)
		return false;
	if (age_s >= over_after_s(flow)) {
		search->found = flow;
		return true;
	}
	if (age_s >= AGE_IDLE_S && (!search->found || flow->last_ns < search->found->last_ns))
		search->found = flow;
	return false;
}

static void
flow_reclaim(struct flow_table *table, uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;
	struct search search = {.now_ns = now_ns};
	bool over = false;

	for (int i = 0; i < RECLAIM_LOOKS && !over; i++) {
		arena->hand = arena->hand >= arena->limits.flows ? 1 : arena->hand + 1;
		over = search_look(&search, &table->flows[arena->hand]);
	}
	if (search.found)
		flow_release(table, search.found);
}

/* The same for a flow that holds state, of which there is less. */
static void
state_reclaim(struct flow_table *table, uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;
	struct search search = {.now_ns = now_ns};
	bool over = false;

	for (int i = 0; i < RECLAIM_LOOKS && !over; i++) {
		uint32_t owner;

		arena->state_hand =
		    arena->state_hand >= arena->state_count ? 1 : arena->state_hand + 1;
		owner = state_at(table, arena->state_hand)->flow;
		if (owner != 0)
			over = search_look(&search, &table->flows[owner]);
	}
	if (search.found)
		flow_release(table, search.found);
}

/*
 * Forget what has long been over, a few at a time.  Otherwise the table would fill up with it and
 * those who are only quiet would have to make room.
 */
static void
flow_sweep(struct flow_table *table, uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;

	for (int i = 0; i < SWEEP_LOOKS && arena->flow_top > 0; i++) {
		struct flow *flow;

		arena->sweep_hand =
		    arena->sweep_hand >= arena->flow_top ? 1 : arena->sweep_hand + 1;
		flow = &table->flows[arena->sweep_hand];
		if (flow->state != FLOW_FREE && over_after_s(flow) <= AGE_CLOSED_S &&
		    flow_age_s(flow, now_ns) >= AGE_SWEPT_S)
			flow_release(table, flow);
	}
}

static bool
state_take(struct flow_table *table, struct flow *flow, uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;

	if (arena->free_state == 0 && arena->state_top < arena->state_count)
		state_give(table, ++arena->state_top);
	if (arena->free_state == 0)
		state_reclaim(table, now_ns);
	if (arena->free_state == 0)
		return false;
	flow->state_slot = arena->free_state;
	arena->free_state = state_at(table, flow->state_slot)->next;
	state_at(table, flow->state_slot)->flow = flow_index(table, flow);
	return true;
}

bool
flow_begin_state(struct flow_table *table, struct flow *flow, uint64_t now_ns)
{
	struct state_slot *slot;

	if (flow->dissector == 0 || dissectors[flow->dissector - 1]->state_size == 0)
		return true;
	if (flow->state_slot == 0 && !state_take(table, flow, now_ns))
		return false;
	slot = state_at(table, flow->state_slot);
	memset(slot->state, 0,
	    slot->used < table->arena->state_size ? slot->used : table->arena->state_size);
	slot->used = 0;
	return true;
}

struct flow *
flow_new(struct flow_table *table, const struct packet *packet, enum direction direction,
    uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;
	bool forward = direction == DIRECTION_REQUEST;
	struct flow *flow;
	uint32_t *bucket;

	flow_sweep(table, now_ns);
	if (arena->free_flow == 0 && arena->flow_top < arena->limits.flows)
		table->flows[arena->free_flow = ++arena->flow_top].hash_next = 0;
	if (arena->free_flow == 0)
		flow_reclaim(table, now_ns);
	if (arena->free_flow == 0)
		return NULL;
	flow = &table->flows[arena->free_flow];
	arena->free_flow = flow->hash_next;
	memset(flow, 0, sizeof(*flow));
	flow->address[DIRECTION_REQUEST] = forward ? packet->source : packet->destination;
	flow->address[DIRECTION_RESPONSE] = forward ? packet->destination : packet->source;
	flow->port[DIRECTION_REQUEST] = forward ? packet->source_port : packet->destination_port;
	flow->port[DIRECTION_RESPONSE] = forward ? packet->destination_port : packet->source_port;
	flow->family = (uint8_t)packet->family;
	flow->transport = packet->protocol;
	flow->last_ns = now_ns;
	/* 52 bits, so that readers of JSON that know only doubles keep it. */
	flow->id = (arena->seed & 0xffff) << 36 | (++arena->serial & UINT64_C(0xfffffffff));
	bucket = flow_bucket(table, flow);
	flow->hash_next = *bucket;
	*bucket = flow_index(table, flow);
	if (++arena->counters.flows > arena->counters.flows_max)
		arena->counters.flows_max = arena->counters.flows;
	return flow;
}

/* While a repair goes on: somebody owns this chunk. */
#define CHUNK_OWNED UINT32_C(0x80000000)

/* Mark the chunks of a stream as owned; false if its chain can't be right. */
static bool
repair_stream(const struct flow_table *table, const struct stream *stream)
{
	uint32_t index = stream->head, last = 0;
	uint64_t kept = stream->next - stream->kept, capacity = 0;

	if (stream_pending(stream) > kept || stream->head_offset >= CHUNK_BYTES ||
	    stream->tail_used > CHUNK_BYTES)
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
	if (stream->head == 0)
		return kept == 0 && stream->tail == 0;
	return stream->tail == last &&
	    capacity == kept + stream->head_offset + (CHUNK_BYTES - stream->tail_used);
}

struct repair {
	uint8_t states[STATES_MAX / 8 + 1]; /* slots that somebody owns */
	bool damage;                        /* something had to be given up */
};

static void
repair_flow(struct flow_table *table, struct flow *flow, struct repair *repair)
{
	bool good = flow->state <= FLOW_CLOSED && flow->outstanding_count <= OUTSTANDING_MAX &&
	    flow->late_count <= flow->outstanding_count &&
	    flow->state_slot <= table->arena->state_top;

	for (int i = 0; i < 2; i++)
		good = repair_stream(table, &flow->stream[i]) && good;
	if (good && flow->state_slot != 0) {
		uint8_t *byte = &repair->states[flow->state_slot / 8];
		uint8_t bit = (uint8_t)(1U << (flow->state_slot % 8));

		good = !(*byte & bit);
		*byte |= bit;
		if (good)
			state_at(table, flow->state_slot)->flow = flow_index(table, flow);
	}
	if (good)
		return;
	repair->damage = true;
	flow->state = FLOW_DENIED;
	flow_forget_requests(flow);
	flow->state_slot = 0;
	for (int i = 0; i < 2; i++)
		flow->stream[i] = (struct stream){.next = flow->stream[i].next,
		    .kept = flow->stream[i].next,
		    .message = flow->stream[i].next};
}

/* Put everything that nobody owns on the free lists. */
static void
repair_free_lists(struct flow_table *table, const struct repair *repair)
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
		if (!(repair->states[i / 8] >> (i % 8) & 1))
			state_give(table, i);
}

void
flow_table_repair(struct flow_table *table)
{
	struct flow_arena *arena = table->arena;
	struct repair repair;

	if (arena->flow_top > arena->limits.flows)
		arena->flow_top = arena->limits.flows;
	if (arena->chunk_books.top > arena->chunk_books.count)
		arena->chunk_books.top = arena->chunk_books.count;
	if (arena->state_top > arena->state_count)
		arena->state_top = arena->state_count;
	/* Giving up a flow disowns its chunks, so look again until nothing is given up. */
	do {
		memset(&repair, 0, sizeof(repair));
		for (uint32_t i = 1; i <= arena->chunk_books.top; i++)
			table->pool.chunks[i].next &= ~CHUNK_OWNED;
		for (uint32_t i = 1; i <= arena->flow_top; i++)
			if (table->flows[i].state != FLOW_FREE)
				repair_flow(table, &table->flows[i], &repair);
	} while (repair.damage);
	memset(table->buckets, 0, sizeof(*table->buckets) * (arena->bucket_mask + (size_t)1));
	repair_free_lists(table, &repair);
}
