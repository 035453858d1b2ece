/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine: a packet and the time go in, a verdict with its reason comes out.
 *
 * This file handles what is not inspected, hands on what is, and keeps the books.  See engine.h for
 * the contract.
 */
#include "engine.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
#include "engine_desk.h"
#include "engine_event.h"
#include "engine_fast.h"
#include "engine_find.h"
#include "engine_lost.h"
#include "engine_message.h"
#include "engine_pass.h"
#include "engine_tcp.h"
#include "engine_verdict.h"
#include "engine_room.h"
#include "flow.h"
#include "flow_arena.h"
#include "flow_repair.h"

static void
pass_segment(struct pass *pass)
{
	if (!pass->in->recorded) {
		pass_tcp(pass);
		return;
	}
	lost_notice(pass);
	pass_tcp(pass);
	lost_remember(pass);
}

/* A packet of a plain channel: connection tracking in miniature, as the kernel does it for the
 * daemon. */
static void
pass_plain(struct pass *pass)
{
	bool syn = (pass->packet.tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

	if (pass->flow && pass->flow->state == FLOW_PLAIN) {
		pass_allow(pass, REASON_PLAIN);
		return;
	}
	if (pass->flow) {
		pass_refuse(pass, REASON_FLOW_DENIED, REFUSE_PACKET);
		return;
	}
	if (pass->direction == DIRECTION_RESPONSE || pass->packet.icmp_reply) {
		pass_refuse(pass, REASON_NO_CHANNEL, REFUSE_PACKET);
		return;
	}
	if (pass->packet.protocol == PROTOCOL_TCP && !syn &&
	    pass->channel->pickup == PICKUP_RESET) {
		pass_refuse(pass, REASON_STREAM_MIDDLE, REFUSE_PACKET);
		return;
	}
	if (pass_new_flow(pass)) {
		pass->flow->state = FLOW_PLAIN;
		pass_settle(pass);
		pass_allow(pass, REASON_PLAIN);
	}
}

static void
pass_udp(struct pass *pass)
{
	bool fresh;

	if (pass->in->merged) {
		pass_refuse(pass, REASON_PACKET_MERGED, REFUSE_PACKET);
		return;
	}
	if (!pass->in->checksum_trusted && !packet_checksum_ok(&pass->packet)) {
		pass_refuse(pass, REASON_PACKET_CHECKSUM, REFUSE_PACKET);
		return;
	}
	if (pass->flow && pass->flow->state == FLOW_DENIED) {
		/* what an inspector died of: nothing of the flow can be relied on */
		flow_release(&pass->engine->table, pass->flow);
		pass->flow = NULL;
	}
	/* an outstation that speaks first is in the middle of what nobody has seen begin */
	if (!pass->flow && pass->direction == DIRECTION_RESPONSE &&
	    pass->channel->pickup == PICKUP_RESET &&
	    !pass_refuse(pass, REASON_STREAM_MIDDLE, REFUSE_PACKET))
		return;
	/* Nothing to judge, and nothing to remember. */
	if (pass->packet.payload_length == 0) {
		pass_allow(pass, REASON_CONTROL_SEGMENT);
		return;
	}
	if (!pass->flow && !pass_new_flow(pass))
		return;
	fresh = pass->flow->state != FLOW_OPEN;
	pass->flow->state = FLOW_OPEN;
	pass_judge_datagram(pass);
	/* who has said nothing that is permitted takes no room from others */
	if (fresh && pass->outcome->verdict == VERDICT_DENY) {
		flow_release(&pass->engine->table, pass->flow);
		pass->flow = NULL;
	} else if (fresh) {
		pass_settle(pass);
	}
}

/* What the policy lets pass only when it can be recorded.  Nothing of the flow changes by that. */
static bool
pass_is_unrecorded(const struct pass *pass)
{
	return pass->in->unrecorded && pass->packet.payload_length > 0 && !pass_is_monitor(pass);
}

static void
pass_packet(struct pass *pass)
{
	struct flow_table *table = &pass->engine->table;

	pass_find(pass);
	pass_take_back(pass);
	if (pass->flow) {
		table->arena->inflight_flow = flow_index(table, pass->flow);
		pass->flow->last_ns = pass->in->now_ns;
	}
	pass->outcome->channel = pass->channel;
	if (!pass->channel)
		pass_refuse(pass, REASON_NO_CHANNEL, REFUSE_PACKET);
	else if (!pass->channel->dissector)
		pass_plain(pass);
	else if (pass_is_unrecorded(pass))
		pass_refuse(pass, REASON_AUDIT_FULL, REFUSE_PACKET);
	else if (pass->packet.protocol == PROTOCOL_TCP)
		pass_segment(pass);
	else
		pass_udp(pass);
}

void
engine_packet(struct engine *engine, const struct engine_packet *in, struct outcome *ret_outcome)
{
	struct flow_arena *arena = engine->table.arena;
	struct pass pass = {.engine = engine, .in = in, .outcome = ret_outcome};
	size_t head = in->length < INFLIGHT_BYTES_MAX ? in->length : INFLIGHT_BYTES_MAX;
	enum reason reason = REASON_PACKET_MALFORMED;

	ret_outcome->verdict = VERDICT_DENY;
	ret_outcome->reason = REASON_UNDECIDED;
	ret_outcome->segment_count = 0;
	ret_outcome->channel = NULL;
	ret_outcome->bytes = NULL;
	if (head > 0)
		memcpy(arena->inflight, in->data, head);
	arena->inflight_flow = 0;
	arena->inflight_length = (uint32_t)in->length;
	atomic_signal_fence(memory_order_release);

	if (!packet_parse(in->data, in->length, &pass.packet, &reason))
		pass_refuse(&pass, reason, REFUSE_PACKET);
	else if (in->truncated)
		pass_refuse(&pass, REASON_PACKET_TRUNCATED, REFUSE_PACKET);
	else
		pass_packet(&pass);
	pass_give_away(&pass);

	if (ret_outcome->verdict == VERDICT_ALLOW && pass.rewritten) {
		ret_outcome->length = in->length;
		if (pass.cut)
			ret_outcome->length =
			    packet_cut(&pass.packet, pass.room, pass.base + pass.kept);
		packet_seal(&pass.packet, pass.room);
		ret_outcome->bytes = pass.room;
	}
	arena->counters.packets++;
	if (ret_outcome->verdict == VERDICT_ALLOW)
		arena->counters.allowed++;
	else if (ret_outcome->reason != REASON_STREAM_CLOSED)
		arena->counters.denied++;
	atomic_signal_fence(memory_order_release);
	arena->inflight_length = 0;
}

/* ---- life ---- */

size_t
engine_arena_size(const struct engine_limits *limits)
{
	return flow_arena_size(limits);
}

void
engine_arena_init(void *arena, const struct engine_limits *limits, uint64_t seed)
{
	flow_arena_init(arena, limits, seed);
}

uint64_t
engine_layout(void)
{
	return flow_arena_layout();
}

bool
engine_arena_fits(const void *arena, size_t size, const struct engine_limits *limits)
{
	return flow_arena_fits(arena, size, limits);
}

bool
engine_arena_mend(void *arena, size_t size, const struct engine_limits *limits, uint64_t seed)
{
	return flow_arena_mend(arena, size, limits, seed);
}

/* Memory for any dissector's messages; false if there is none left. */
static bool
engine_make_room(struct engine *engine)
{
	size_t message = 1, scratch = 1, state = 1;

	for (size_t i = 0; dissectors[i]; i++) {
		const struct dissector *d = dissectors[i];

		assert(d->state_size <= CONTEXT_STATE_MAX);
		assert(d->scratch_size <= CONTEXT_SCRATCH_MAX);
		if (d->message_max > message)
			message = d->message_max;
		if (d->scratch_size > scratch)
			scratch = d->scratch_size;
		if (d->state_size > state)
			state = d->state_size;
	}
	engine->scratch = malloc(message);
	engine->room = malloc(PACKET_ROOM);
	engine->dissector_scratch = malloc(scratch);
	engine->undo.state = malloc(state);
	engine->blank_state = calloc(1, CONTEXT_STATE_MAX);
	return engine->scratch && engine->room && engine->dissector_scratch && engine->undo.state &&
	    engine->blank_state;
}

int
engine_new(void *memory, const struct compiled *compiled, struct rate_state *rates,
    struct engine **ret_engine)
{
	struct engine *engine;

	if (!flow_arena_valid(memory))
		return -EINVAL;
	engine = calloc(1, sizeof(*engine));
	if (!engine)
		return -ENOMEM;
	if (!engine_make_room(engine)) {
		engine_free(engine);
		return -ENOMEM;
	}
	flow_table_attach(&engine->table, memory);
	engine->compiled = compiled;
	engine->policy = compiled_policy(compiled);
	engine->rates = rates;
	*ret_engine = engine;
	return 0;
}

void
engine_free(struct engine *engine)
{
	if (!engine)
		return;
	engine_leave_fast(engine);
	free(engine->scratch);
	free(engine->room);
	free(engine->dissector_scratch);
	free(engine->undo.state);
	free(engine->blank_state);
	free(engine);
}

void
engine_observe(struct engine *engine, enum observe what, engine_observer *observer, void *context)
{
	engine->observe = what;
	engine->observer = observer;
	engine->observer_context = context;
}

/* Does the policy still permit the flow, inspected in the same way?  Renumbers its channel. */
static bool
flow_still_permitted(
    const struct engine *engine, struct flow *flow, const struct channel **ret_channel)
{
	bool icmp = flow->transport == PROTOCOL_ICMP || flow->transport == PROTOCOL_ICMPV6;
	struct flow_ends ends = flow_ends(&engine->table, flow);
	const struct channel *channel = compiled_find_channel(engine->compiled, flow->family,
	    &ends.address[DIRECTION_REQUEST], &ends.address[DIRECTION_RESPONSE], flow->transport,
	    icmp ? 0 : flow->port[DIRECTION_RESPONSE]);

	*ret_channel = channel;
	if (!channel || pass_dissector_number(channel->dissector) != flow->dissector)
		return false;
	flow->channel = channel->index;
	flow->resync = channel->pickup == PICKUP_RESYNC;
	flow->alone = false; /* who asks may be another end now */
	return true;
}

size_t
engine_recheck(struct engine *engine, uint64_t now_ns, uint64_t wall_ns,
    void (*cut)(void *context, const struct outcome *outcome), void *context)
{
	struct flow_table *table = &engine->table;
	struct engine_packet when = {.now_ns = now_ns, .wall_ns = wall_ns};
	size_t count = 0;

	engine_take_back_all(engine);
	flow_table_attach(table, table->arena); /* its places may have been put right since */
	for (uint32_t i = 1; i <= table->arena->flow_top; i++) {
		struct flow *flow = &table->flows[i];
		struct outcome outcome = {.reason = REASON_FLOW_CUT};
		const struct channel *channel;
		struct flow_ends ends;

		if (flow->state == FLOW_FREE || flow_still_permitted(engine, flow, &channel))
			continue;
		engine_tell_of_flow(engine, flow, channel, &when, EVENT_CUT, REASON_FLOW_CUT);
		ends = flow_ends(table, flow);
		outcome_add_resets(&outcome, flow, &ends, NULL);
		if (cut)
			cut(context, &outcome);
		flow_release(table, flow);
		count++;
	}
	flow_share_out(table);
	return count;
}

/* Ends and ports are what a flow is; its channel follows from them, whatever a crash left there. */
static void
recover_channel(const struct engine *engine, struct flow *flow)
{
	const struct channel *channel;

	if (flow->state == FLOW_FREE || flow_still_permitted(engine, flow, &channel))
		return;
	flow->state = FLOW_DENIED;
	flow->channel = channel ? channel->index : EVENT_NO_INDEX;
	flow->dissector = channel ? pass_dissector_number(channel->dissector) : 0;
}

bool
engine_recover(struct engine *engine, uint64_t now_ns, uint64_t wall_ns)
{
	struct flow_arena *arena = engine->table.arena;
	struct engine_packet when = {.now_ns = now_ns, .wall_ns = wall_ns};
	const struct channel *channel = NULL;
	struct flow *flow = NULL;

	flow_table_attach(&engine->table, arena); /* its places may have been put right since */
	flow_table_repair(&engine->table);
	for (uint32_t i = 1; i <= arena->flow_top; i++)
		recover_channel(engine, &engine->table.flows[i]);
	flow_share_out(&engine->table);
	if (arena->inflight_length == 0)
		return false;
	if (arena->inflight_flow != 0 && arena->inflight_flow <= arena->flow_top) {
		flow = &engine->table.flows[arena->inflight_flow];
		if (flow->state == FLOW_FREE)
			flow = NULL;
	}
	if (flow) {
		if (flow->channel < engine->policy->channel_count)
			channel = engine->policy->channels[flow->channel];
		flow->state = FLOW_DENIED;
	}
	arena->inflight_length = 0;
	engine_tell_of_flow(engine, flow, channel, &when, EVENT_CRASH, REASON_INSPECTOR_CRASHED);
	return true;
}

size_t
engine_inflight(const void *memory, const uint8_t **ret_data, size_t *ret_whole)
{
	const struct flow_arena *arena = memory;
	size_t length = arena->inflight_length;

	*ret_data = arena->inflight;
	*ret_whole = length;
	return length < INFLIGHT_BYTES_MAX ? length : INFLIGHT_BYTES_MAX;
}

/* From the next byte that is expected, either way. */
enum { NEAR_BYTES = 65536 };

enum family
engine_inflight_sender(const void *memory, struct address *ret_sender)
{
	const struct flow_arena *arena = memory;
	size_t length = arena->inflight_length;
	uint32_t index = arena->inflight_flow, distance;
	struct flow_table table = {.fast = NULL};
	struct packet packet;
	enum reason reason;
	const struct flow *flow;
	struct flow_ends ends;
	unsigned sender;

	if (length == 0 || length > INFLIGHT_BYTES_MAX || index == 0 ||
	    index > arena->limits.flows || !packet_parse(arena->inflight, length, &packet, &reason))
		return FAMILY_NONE;
	flow_table_attach(&table, (struct flow_arena *)(uintptr_t)memory);
	flow = &table.flows[index];
	if (flow->state != FLOW_OPEN || flow->unproven || flow->transport != PROTOCOL_TCP ||
	    packet.protocol != PROTOCOL_TCP || packet.family != flow->family)
		return FAMILY_NONE;
	ends = flow_ends(&table, flow);
	sender = memcmp(&packet.source, &ends.address[0], sizeof(packet.source)) != 0;
	distance = packet.sequence - flow->stream[sender].next + NEAR_BYTES;
	if (memcmp(&packet.source, &ends.address[sender], sizeof(packet.source)) != 0 ||
	    packet.source_port != flow->port[sender] || distance > 2 * NEAR_BYTES)
		return FAMILY_NONE;
	*ret_sender = packet.source;
	return packet.family;
}

void
engine_counters(const void *memory, struct engine_counters *ret_counters)
{
	const struct flow_arena *arena = memory;

	*ret_counters = arena->counters;
	ret_counters->held_chunks = arena->chunk_books.held;
	ret_counters->held_chunks_max = arena->chunk_books.held_max;
}

void
engine_channel_counters(
    const void *memory, uint32_t channel_index, struct channel_counters *ret_counters)
{
	const uint8_t *base = memory;
	const struct channel_counters *all = (const void *)&base[FLOW_CHANNELS_AT];

	assert(channel_index < CHANNEL_COUNTERS_MAX);
	*ret_counters = all[channel_index];
}

void
engine_conduit_counters(
    const void *memory, size_t conduit_index, struct conduit_counters *ret_counters)
{
	const uint8_t *base = memory;
	const struct conduit_counters *all = (const void *)&base[FLOW_CONDUITS_AT];

	assert(conduit_index < CONDUIT_COUNTERS_MAX);
	*ret_counters = all[conduit_index];
}
