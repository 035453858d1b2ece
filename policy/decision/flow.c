/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow: the table of connections.  See flow.h. */
#include "flow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
#include "flow_fast.h"
#include "stream.h"

#define NS_PER_S UINT64_C(1000000000)

static const uint64_t past_ns[PAST_COUNT] = {
    [PAST_SETTLING] = 3 * NS_PER_S,   /* what was on its way has arrived */
    [PAST_PICKUP] = 86400 * NS_PER_S, /* a server may wait so long for the rest of a message */
    [PAST_REFUSED] = 60 * NS_PER_S,
};

/*
 * A message's worth of chunks: the first and the last may be nearly empty.  Protocols with state
 * have long messages, but not as the first, and there is less state than flows.
 */
static uint8_t
own_chunks(const struct flow *flow)
{
	uint32_t most = flow->dissector != 0 ? dissectors[flow->dissector - 1]->message_max : 0;
	uint32_t chunks;

	if (most > OWN_BYTES_MAX)
		most = OWN_BYTES_MAX;
	chunks = (most + CHUNK_BYTES - 1) / CHUNK_BYTES + 2;
	assert(chunks <= OWN_CHUNKS_MAX);
	if (flow->state_slot == 0 && chunks > OWN_CHUNKS_FIRST)
		chunks = OWN_CHUNKS_FIRST;
	return (uint8_t)chunks;
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

static uint64_t
end_hash(const struct flow_table *table, const struct address *address, uint16_t port)
{
	return address_words(table->arena->seed ^ (uint64_t)port << 32, address);
}

/* The same whichever end is named first, so that a packet is looked for once. */
static uint64_t
flow_hash(const struct flow_table *table, const struct address *one, const struct address *other,
    uint16_t one_port, uint16_t other_port, uint8_t transport)
{
	uint64_t h = end_hash(table, one, one_port) + end_hash(table, other, other_port);

	h = scramble(h, transport);
	return h ^ h >> 32;
}

static uint64_t
flow_number(const struct flow_table *table, const struct flow *flow, const struct flow_ends *ends)
{
	return flow_hash(table, &ends->address[DIRECTION_REQUEST],
	    &ends->address[DIRECTION_RESPONSE], flow->port[DIRECTION_REQUEST],
	    flow->port[DIRECTION_RESPONSE], flow->transport);
}

uint32_t *
flow_bucket(const struct flow_table *table, const struct flow *flow)
{
	struct flow_ends ends = flow_ends(table, flow);

	return &table->buckets[flow_number(table, flow, &ends) & table->arena->bucket_mask];
}

static uint64_t
packet_number(const struct flow_table *table, const struct packet *packet)
{
	return flow_hash(table, &packet->source, &packet->destination, packet->source_port,
	    packet->destination_port, packet->protocol);
}

static bool
is_end(const struct flow_table *table, const struct flow *flow, enum direction end,
    const struct address *address, uint16_t port)
{
	if (flow->port[end] != port)
		return false;
	if (flow->family == 4)
		return memcmp(&flow->ipv4[end], address, sizeof(flow->ipv4[end])) == 0;
	return memcmp(&flow_seldom(table, flow)->ends.address[end], address, sizeof(*address)) == 0;
}

/* Does the packet go this way through the flow, of whose family and transport it is? */
static bool
goes(const struct flow_table *table, const struct flow *flow, const struct packet *packet,
    enum direction direction)
{
	return is_end(table, flow, direction, &packet->source, packet->source_port) &&
	    is_end(table, flow, 1 - direction, &packet->destination, packet->destination_port);
}

struct flow *
flow_find(
    const struct flow_table *table, const struct packet *packet, enum direction *ret_direction)
{
	uint64_t number = packet_number(table, packet);
	uint32_t index = table->buckets[number & table->arena->bucket_mask];
	struct flow *flow, *backward = NULL;

	for (; index != 0; index = flow->hash_next) {
		flow = &table->flows[index];
		if (flow->family != packet->family || flow->transport != packet->protocol)
			continue;
		if (goes(table, flow, packet, DIRECTION_REQUEST)) {
			*ret_direction = DIRECTION_REQUEST;
			return flow;
		}
		if (!backward && goes(table, flow, packet, DIRECTION_RESPONSE))
			backward = flow;
	}
	if (backward)
		*ret_direction = DIRECTION_RESPONSE;
	return backward;
}

struct flow *
flow_find_way(const struct flow_table *table, const struct packet *packet, enum direction direction)
{
	uint64_t number = packet_number(table, packet);
	uint32_t index = table->buckets[number & table->arena->bucket_mask];

	while (index != 0) {
		struct flow *flow = &table->flows[index];

		if (flow->family == packet->family && flow->transport == packet->protocol &&
		    goes(table, flow, packet, direction))
			return flow;
		index = flow->hash_next;
	}
	return NULL;
}

/* ---- shares ---- */

static struct asker
asker_of(const struct address *client, uint8_t family, uint32_t channel)
{
	struct asker asker = {.channel = channel, .family = family, .client = *client};

	/* A host of IPv6 may call itself anything within its network. */
	if (family == 6)
		memset(&asker.client.bytes[8], 0, 8);
	return asker;
}

struct asker
flow_asker(const struct packet *packet, enum direction direction, uint32_t channel)
{
	return asker_of(direction == DIRECTION_REQUEST ? &packet->source : &packet->destination,
	    (uint8_t)packet->family, channel);
}

struct asker
flow_owner(const struct flow_table *table, const struct flow *flow)
{
	struct flow_ends ends = flow_ends(table, flow);

	return asker_of(&ends.address[DIRECTION_REQUEST], flow->family, flow->channel);
}

static struct share_list *
list_of(const struct flow_table *table, const struct flow *flow, enum share_list_kind kind)
{
	return &table->shares.shares[flow->share].lists[kind];
}

static struct link *
link_of(const struct flow_table *table, struct flow *flow, enum share_list_kind kind)
{
	return kind == SHARE_HOARDS ? &flow_change_seldom(table, flow)->hoarder : &flow->peer;
}

static void
list_append(struct flow_table *table, struct flow *flow, enum share_list_kind kind)
{
	struct share_list *list = list_of(table, flow, kind);
	uint32_t index = flow_index(table, flow);

	*link_of(table, flow, kind) = (struct link){.previous = list->last};
	if (list->last != 0)
		link_of(table, &table->flows[list->last], kind)->next = index;
	else
		list->first = index;
	list->last = index;
	list->count++;
}

static void
list_remove(struct flow_table *table, struct flow *flow, enum share_list_kind kind)
{
	struct share_list *list = list_of(table, flow, kind);
	const struct link *link = link_of(table, flow, kind);

	if (link->previous != 0)
		link_of(table, &table->flows[link->previous], kind)->next = link->next;
	else
		list->first = link->next;
	if (link->next != 0)
		link_of(table, &table->flows[link->next], kind)->previous = link->previous;
	else
		list->last = link->previous;
	list->count--;
}

static void
flow_join(struct flow_table *table, struct flow *flow)
{
	struct asker asker = flow_owner(table, flow);

	flow->share = share_enter(&table->shares, &asker);
	share_count(&table->shares, flow->share, RESOURCE_FLOWS, 0, 1);
	list_append(table, flow, (enum share_list_kind)flow->kind);
}

void
flow_become(struct flow_table *table, struct flow *flow, enum share_list_kind kind)
{
	if (flow->kind == kind)
		return;
	list_remove(table, flow, (enum share_list_kind)flow->kind);
	flow->kind = (uint8_t)kind;
	list_append(table, flow, kind);
}

bool
flow_was_used(const struct flow *flow)
{
	return flow->passed ||
	    flow->stream[DIRECTION_RESPONSE].next != flow->isn[DIRECTION_RESPONSE] + 1;
}

/* ---- bytes kept ---- */

static uint32_t
excess(uint32_t wanted, uint32_t had)
{
	return wanted > had ? wanted - had : 0;
}

/* The flow hoards more or less than before. */
static void
count_hoard(struct flow_table *table, struct flow *flow, uint32_t hoard)
{
	uint32_t before = flow->hoard;

	table->arena->hoard = table->arena->hoard - before + hoard;
	share_count(&table->shares, flow->share, RESOURCE_HELD, before, hoard);
	flow->hoard = hoard;
	if (before == 0) {
		flow_change_seldom(table, flow)->hoard_ms = (uint32_t)(flow->last_ns / 1000000);
		list_append(table, flow, SHARE_HOARDS);
	} else if (hoard == 0) {
		list_remove(table, flow, SHARE_HOARDS);
	}
}

/* The streams have other chunks than before. */
static inline void
count_held(struct flow_table *table, struct flow *flow)
{
	uint32_t chunks = (uint32_t)flow->stream[0].chunks + flow->stream[1].chunks;
	uint32_t hoard = excess(chunks, flow->own_chunks);

	if (__builtin_expect(hoard != flow->hoard, 0))
		count_hoard(table, flow, hoard);
}

void
flow_begin(struct flow_table *table, struct flow *flow, enum direction direction, uint32_t next)
{
	stream_begin(&table->pool, &flow->stream[direction], next);
	if (flow->has_seldom)
		memset(flow_change_seldom(table, flow)->rewritten[direction], 0,
		    sizeof(table->seldom->rewritten[direction]));
	count_held(table, flow);
}

uint32_t
flow_lacks(const struct flow_table *table, const struct flow *flow, enum direction direction,
    size_t length)
{
	const struct flow_arena *arena = table->arena;
	uint32_t needs = stream_needs(&flow->stream[direction], length);
	uint32_t chunks = needs + flow->stream[0].chunks + flow->stream[1].chunks;
	uint32_t hoard = excess(chunks, flow->own_chunks);
	uint32_t lacks =
	    excess(excess(hoard, flow->hoard), excess(arena->hoard_count, arena->hoard));

	/* More than all have together there is not, whatever a crash has left. */
	if (!stream_has_room(&table->pool, &flow->stream[direction], length) && lacks == 0)
		return needs;
	return lacks;
}

void
flow_keep(struct flow_table *table, struct flow *flow, enum direction direction,
    const uint8_t *data, size_t length, uint32_t pending)
{
	stream_append(&table->pool, &flow->stream[direction], data, length, pending);
	count_held(table, flow);
}

void
flow_acknowledge(
    struct flow_table *table, struct flow *flow, enum direction direction, uint32_t ack)
{
	uint16_t chunks = flow->stream[direction].chunks;

	stream_acknowledge(&table->pool, &flow->stream[direction], ack);
	if (flow->stream[direction].chunks == chunks)
		return;
	count_held(table, flow);
	if (flow->hoard == 0)
		return;
	/* It does not wait in vain. */
	list_remove(table, flow, SHARE_HOARDS);
	list_append(table, flow, SHARE_HOARDS);
	flow_change_seldom(table, flow)->hoard_ms = (uint32_t)(flow->last_ns / 1000000);
}

void
flow_forget(struct flow_table *table, struct flow *flow)
{
	stream_release(&table->pool, &flow->stream[DIRECTION_REQUEST]);
	stream_release(&table->pool, &flow->stream[DIRECTION_RESPONSE]);
	count_held(table, flow);
}

bool
flow_yield_held(struct flow_table *table, struct flow *flow, uint64_t now_ns)
{
	stream_yield(&table->pool, &flow->stream[DIRECTION_REQUEST]);
	stream_yield(&table->pool, &flow->stream[DIRECTION_RESPONSE]);
	count_held(table, flow);
	flow_change_seldom(table, flow)->yielded_ms = (uint32_t)(now_ns / 1000000) + 1;
	table->arena->counters.held_yielded++;
	return flow->hoard == 0;
}

/* ---- state, with which more is its own ---- */

static void
own_anew(struct flow_table *table, struct flow *flow)
{
	flow->own_chunks = own_chunks(flow);
	count_held(table, flow);
}

void
flow_take_state(struct flow_table *table, struct flow *flow)
{
	struct flow_arena *arena = table->arena;
	struct state_slot *slot;

	assert(flow->state_slot == 0 && flow_has_state_place(table));
	if (arena->free_state == 0)
		flow_free_state(table, ++arena->state_top);
	slot = flow_state_slot(table, arena->free_state);
	flow->state_slot = arena->free_state;
	arena->free_state = slot->next;
	slot->flow = flow_index(table, flow);
	memset(slot->state, 0, slot->used < arena->state_size ? slot->used : arena->state_size);
	slot->used = 0;
	own_anew(table, flow);
	share_count(&table->shares, flow->share, RESOURCE_STATES, 0, 1);
	if (++arena->counters.states > arena->counters.states_max)
		arena->counters.states_max = arena->counters.states;
}

void
flow_drop_state(struct flow_table *table, struct flow *flow)
{
	if (flow->state_slot == 0)
		return;
	flow_free_state(table, flow->state_slot);
	flow->state_slot = 0;
	own_anew(table, flow);
	share_count(&table->shares, flow->share, RESOURCE_STATES, 1, 0);
	table->arena->counters.states--;
}

/* ---- life ---- */

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
	uint32_t share = flow->share;

	flow_leave_fast(table, flow);
	flow_unlink(table, flow);
	flow_forget(table, flow);
	flow_drop_state(table, flow);
	list_remove(table, flow, (enum share_list_kind)flow->kind);
	share_count(&table->shares, share, RESOURCE_FLOWS, 1, 0);
	if (table->shares.shares[share].account.count[RESOURCE_FLOWS] == 0)
		share_leave(&table->shares, share);
	memset(flow, 0, sizeof(*flow));
	flow->hash_next = table->arena->free_flow;
	table->arena->free_flow = flow_index(table, flow);
	table->arena->counters.flows--;
}

void
flow_leave(struct flow_table *table, const struct flow *flow, const struct flow_ends *ends,
    uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;
	uint64_t number = flow_number(table, flow, ends);

	if (flow->transport == PROTOCOL_TCP && flow_was_used(flow)) {
		gone_add(&arena->past[PAST_SETTLING], number, now_ns, past_ns[PAST_SETTLING]);
		gone_add(&arena->past[PAST_PICKUP], number, now_ns, past_ns[PAST_PICKUP]);
	}
}

void
flow_yield(struct flow_table *table, struct flow *flow, uint64_t now_ns)
{
	struct flow_ends ends = flow_ends(table, flow);

	flow_leave(table, flow, &ends, now_ns);
	flow_release(table, flow);
}

bool
flow_recall(struct flow_table *table, const struct packet *packet, enum past past, uint64_t now_ns)
{
	return gone_has(
	    &table->arena->past[past], packet_number(table, packet), now_ns, past_ns[past]);
}

void
flow_remember(
    struct flow_table *table, const struct packet *packet, enum past past, uint64_t now_ns)
{
	gone_add(&table->arena->past[past], packet_number(table, packet), now_ns, past_ns[past]);
}

/* 52 bits, so that readers of JSON that know only doubles keep it. */
static uint64_t
make_id(const struct flow_arena *arena, uint64_t number)
{
	return (arena->seed & 0xffff) << 36 | (number & UINT64_C(0xfffffffff));
}

uint64_t
flow_id_without(const struct flow_table *table, const struct packet *packet)
{
	return make_id(table->arena, packet_number(table, packet));
}

bool
flow_has_place(const struct flow_table *table)
{
	return table->arena->free_flow != 0 || table->arena->flow_top < table->arena->limits.flows;
}

struct flow *
flow_new(struct flow_table *table, const struct packet *packet, enum direction direction,
    uint32_t channel, uint8_t dissector, uint64_t now_ns)
{
	struct flow_arena *arena = table->arena;
	bool forward = direction == DIRECTION_REQUEST;
	const struct flow_ends ends = {{forward ? packet->source : packet->destination,
	    forward ? packet->destination : packet->source}};
	struct flow *flow;
	uint32_t *bucket;

	assert(flow_has_place(table));
	if (arena->free_flow == 0)
		table->flows[arena->free_flow = ++arena->flow_top].hash_next = 0;
	flow = &table->flows[arena->free_flow];
	arena->free_flow = flow->hash_next;
	memset(flow, 0, sizeof(*flow));
	memset(flow_note(table, flow), 0, sizeof(struct flow_note));
	flow->port[DIRECTION_REQUEST] = forward ? packet->source_port : packet->destination_port;
	flow->port[DIRECTION_RESPONSE] = forward ? packet->destination_port : packet->source_port;
	flow->family = (uint8_t)packet->family;
	flow->transport = packet->protocol;
	flow_set_ends(table, flow, &ends);
	flow->channel = channel;
	flow->dissector = dissector;
	flow->own_chunks = own_chunks(flow);
	flow->last_ns = now_ns;
	flow->id = make_id(arena, ++arena->serial);
	bucket = flow_bucket(table, flow);
	flow->hash_next = *bucket;
	*bucket = flow_index(table, flow);
	flow_join(table, flow);
	if (++arena->counters.flows > arena->counters.flows_max)
		arena->counters.flows_max = arena->counters.flows;
	return flow;
}

void
flow_share_out(struct flow_table *table)
{
	struct flow_arena *arena = table->arena;

	share_clear(&table->shares);
	arena->hoard = arena->counters.states = 0;
	for (uint32_t i = 1; i <= arena->flow_top; i++) {
		struct flow *flow = &table->flows[i];

		if (flow->state == FLOW_FREE)
			continue;
		if (flow->kind > SHARE_SETTLED || flow_wants_state(flow))
			flow->kind = SHARE_LOOSE;
		flow->own_chunks = own_chunks(flow);
		flow->hoard = 0;
		flow_join(table, flow);
		count_held(table, flow);
		if (flow->state_slot == 0)
			continue;
		share_count(&table->shares, flow->share, RESOURCE_STATES, 0, 1);
		arena->counters.states++;
	}
}
