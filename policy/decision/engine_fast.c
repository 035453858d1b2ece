/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: connections that the kernel has for a while.  See engine_fast.h. */
#include "engine_fast.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
#include "engine_desk.h"
#include "engine_verdict.h"
#include "flow.h"
#include "flow_fast.h"

/* ---- taking back ---- */

struct return_of {
	struct engine *engine;
	struct flow *flow;
	const struct fast_flow *place;
	uint32_t asked_ms;
};

/* The last request, as the dissector reads it: all of it, or as much as tells its points. */
static const struct message *
read_asked(const struct return_of *r)
{
	const struct dissector *dissector = dissectors[r->flow->dissector - 1];
	struct context context = {.state = r->engine->blank_state,
	    .scratch = r->engine->dissector_scratch,
	    .now_ms = r->place->asked_ns / 1000000};
	const void *bytes = r->place->waiting ? (const void *)r->place->kept : r->place->asked;
	size_t length = r->place->asked_length;
	enum reason reason = REASON_UNDECIDED;
	uint32_t whole = 0;

	if (!r->place->waiting && length > FAST_HEAD)
		length = FAST_HEAD;
	dissect(dissector, DIRECTION_REQUEST, &context, bytes, length, NULL, &r->engine->message,
	    &whole, &reason);
	return &r->engine->message;
}

/* What both ends have, and what is on its way. */
static void
return_streams(const struct return_of *r)
{
	struct flow_table *table = &r->engine->table;
	enum direction sender = r->place->waiting ? DIRECTION_REQUEST : DIRECTION_RESPONSE;
	uint32_t length = r->place->kept_length;

	flow_begin(table, r->flow, 1 - sender, r->place->next[1 - sender]);
	flow_begin(table, r->flow, sender, r->place->next[sender] - length);
	if (flow_lacks(table, r->flow, sender, length) == 0)
		flow_keep(table, r->flow, sender, (const uint8_t *)r->place->kept, length, 0);
	else /* what comes again can't be compared, and is dropped */
		r->flow->stream[sender].next = r->flow->stream[sender].kept =
		    r->flow->stream[sender].message = r->place->next[sender];
}

/* As late_note() and acknowledge() leave it. */
static void
return_times(const struct return_of *r)
{
	struct flow *flow = r->flow;
	uint32_t end = flow->stream[DIRECTION_REQUEST].next;
	uint8_t function = r->place->asked[7];

	flow->unacked_ms = r->place->waiting ? r->asked_ms : flow->mark_ms;
	flow->mark = end;
	flow->alone_from = flow->newest = end - r->place->asked_length;
	flow->newest_ms = flow->begun_ms = r->asked_ms;
	flow->alone = function >= 1 && function <= 4;
	flow->passed = true;
	flow->passed_ms = r->asked_ms;
}

static void
return_counts(const struct return_of *r)
{
	struct flow_table *table = &r->engine->table;
	struct flow_note *note = flow_note(table, r->flow);

	table->arena->counters.packets += r->place->packets;
	table->arena->counters.allowed += r->place->packets;
	table->arena->counters.messages += r->place->packets;
	if (r->flow->channel < CHANNEL_COUNTERS_MAX)
		table->channels[r->flow->channel].messages += r->place->packets;
	flow_note_message(note, &r->engine->message);
	note->messages += r->place->packets - 1;
	note->bytes += r->place->bytes - r->engine->message.length;
}

static void
take_back(struct engine *engine, struct flow *flow, struct fast_flow *place)
{
	struct return_of r = {.engine = engine, .flow = flow, .place = place};
	const struct message *asked;

	if (place->requests == 0)
		return;
	r.asked_ms = (uint32_t)(place->asked_ns / 1000000);
	asked = read_asked(&r);
	return_streams(&r);
	return_times(&r);
	return_counts(&r);
	flow->last_ns = place->last_ns;
	flow->gapped[0] = flow->gapped[1] = 0;
	flow->refused = 0;
	flow_forget_requests(flow);
	if (place->waiting) {
		*flow_outstanding(&engine->table, flow, 0) =
		    (struct outstanding){.token = asked->token,
			.expect = fold_expect(asked->expect),
			.asked_ms = r.asked_ms};
		flow->outstanding_count = 1;
	}
	place->requests = 0;
}

/* Does the engine still speak of the connection that it gave away? */
static bool
is_whole(const struct flow *flow, const struct fast_flow *place)
{
	return flow->state == FLOW_OPEN && flow->dissector != 0 && place->packets > 0 &&
	    place->kept_length <= sizeof(place->kept) &&
	    place->asked_length <= sizeof(place->kept) && place->kept_length > 0 &&
	    place->requests <= place->packets;
}

static void
take_seat(struct engine *engine, struct flow *flow)
{
	struct fast_flow *place = flow_seat(&engine->table, flow)->place;

	if (!place)
		return;
	if (!fast_desk_take(place)) {
		/* what has passed is not known */
		engine_deny_flow(engine, flow);
		return;
	}
	if (place->requests > 0 && is_whole(flow, place))
		take_back(engine, flow, place);
}

void
engine_take_back(struct engine *engine, struct flow *flow)
{
	if (engine->table.fast)
		take_seat(engine, flow);
}

void
pass_take_back(struct pass *pass)
{
	if (pass->flow)
		engine_take_back(pass->engine, pass->flow);
}

void
engine_take_back_all(struct engine *engine)
{
	struct flow_table *table = &engine->table;

	for (uint32_t i = 1; table->fast && i <= table->arena->flow_top; i++)
		if (table->flows[i].state != FLOW_FREE)
			take_seat(engine, &table->flows[i]);
}

/* ---- giving away ---- */

static bool
is_served(const struct engine *engine, uint32_t channel)
{
	const struct fast_desk *desk = &engine->table.fast->desk;

	return desk->config.generation != 0 && channel < desk->config.channel_count &&
	    desk->channels[channel].row_count > 0;
}

/* Nothing waits, nothing is missing, nothing is strange. */
static bool
is_at_rest(const struct flow *flow)
{
	const struct stream *client = &flow->stream[DIRECTION_REQUEST];
	const struct stream *server = &flow->stream[DIRECTION_RESPONSE];

	return flow->state == FLOW_OPEN && flow->outstanding_count == 0 && flow->excused == 0 &&
	    !flow->unproven && !flow->adrift[0] && !flow->adrift[1] && !flow->middle &&
	    !flow->blurred && !flow->pending && !flow->refusing && !flow->gapped[0] &&
	    !flow->gapped[1] && !client->fin && !server->fin && stream_pending(client) == 0 &&
	    stream_pending(server) == 0 && client->acked == client->next;
}

static struct fast_key
key_of(const struct flow_table *table, const struct flow *flow)
{
	struct flow_ends ends = flow_ends(table, flow);
	struct fast_key key = {.family = flow->family, .port = {flow->port[0], flow->port[1]}};

	memcpy(key.address, ends.address, sizeof(key.address));
	return key;
}

static struct fast_flow *
claim(const struct engine *engine, struct flow *flow, struct fast_seat *seat)
{
	struct fast_key key;

	if (seat->place)
		return seat->place;
	key = key_of(&engine->table, flow);
	seat->place = fast_desk_claim(&engine->table.fast->desk, &key);
	return seat->place;
}

/*
 * A response that was let through has left both ends at rest.  The recogniser goes on with the next
 * request only if that shows that its client has this response.
 */
static void
give_away(struct pass *pass, struct fast_seat *seat)
{
	struct engine *engine = pass->engine;
	struct fast_flow *place = claim(engine, pass->flow, seat);

	if (!place)
		return;
	place->generation = engine->table.fast->desk.config.generation;
	place->channel = pass->flow->channel;
	place->flow = flow_index(&engine->table, pass->flow);
	place->waiting = place->packets = place->requests = 0;
	place->kept_length = place->asked_length = place->ended = 0;
	place->bytes = 0;
	for (int i = 0; i < 2; i++) {
		place->interface[i] = seat->interface[i];
		place->next[i] = pass->flow->stream[i].next;
	}
	fast_desk_give(place);
}

void
pass_give_away(struct pass *pass)
{
	const struct engine_packet *in = pass->in;
	struct fast_seat *seat;

	if (!pass->flow || pass->flow->state == FLOW_FREE || !pass->engine->table.fast)
		return;
	if (pass->flow->state != FLOW_OPEN) {
		flow_leave_fast(&pass->engine->table, pass->flow);
		return;
	}
	seat = flow_seat(&pass->engine->table, pass->flow);
	seat->interface[pass->direction] = in->interface;
	if (pass->outcome->verdict != VERDICT_ALLOW || pass->direction != DIRECTION_RESPONSE ||
	    pass->whole == 0 || in->unrecorded || in->recorded || pass->cut || pass->rewritten ||
	    seat->interface[0] == 0 || seat->interface[1] == 0 ||
	    !is_served(pass->engine, pass->flow->channel) || !is_at_rest(pass->flow))
		return;
	give_away(pass, seat);
}

/* ---- life ---- */

int
engine_serve_fast(struct engine *engine, const struct fast_desk *desk)
{
	struct flow_table *table = &engine->table;
	struct flow_fast *fast;

	engine_leave_fast(engine);
	fast = calloc(1, sizeof(*fast));
	if (!fast)
		return -ENOMEM;
	fast->desk = *desk;
	fast->seats = calloc(table->arena->limits.flows + (size_t)1, sizeof(*fast->seats));
	if (!fast->seats) {
		free(fast);
		return -ENOMEM;
	}
	table->fast = fast;
	return 0;
}

/* What stands in memory that a dead process has left is looked at before it is believed. */
static void
inherit(struct engine *engine, struct fast_flow *place)
{
	struct flow_table *table = &engine->table;
	bool whole = fast_desk_take(place);
	uint32_t index = place->flow;
	struct fast_key key;
	struct flow *flow;

	if (place->requests == 0 || index == 0 || index > table->arena->flow_top)
		return;
	flow = &table->flows[index];
	if (flow->state != FLOW_OPEN)
		return;
	key = key_of(table, flow);
	if (memcmp(&key, &place->key, sizeof(key)) != 0)
		return;
	if (whole && is_whole(flow, place))
		take_back(engine, flow, place);
	else
		engine_deny_flow(engine, flow);
}

void
engine_inherit_fast(struct engine *engine)
{
	const struct flow_fast *fast = engine->table.fast;

	for (uint32_t i = 0; fast && i <= fast->desk.config.flow_mask; i++) {
		struct fast_flow *place = &fast->desk.flows[i];

		if (!fast_desk_owns(&fast->desk, place))
			continue;
		inherit(engine, place);
		fast_desk_leave(place);
	}
}

void
engine_leave_fast(struct engine *engine)
{
	struct flow_table *table = &engine->table;

	if (!table->fast)
		return;
	engine_take_back_all(engine);
	for (uint32_t i = 1; i <= table->arena->flow_top; i++)
		flow_leave_fast(table, &table->flows[i]);
	free(table->fast->seats);
	free(table->fast);
	table->fast = NULL;
}
