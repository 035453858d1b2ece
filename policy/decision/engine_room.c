/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: room for what a packet needs.  See engine_room.h. */
#include "engine_room.h"

#include "engine_event.h"
#include "engine_fast.h"
#include "engine_verdict.h"
#include "flow.h"
#include "room.h"

enum { HOARDS_MAX = 64 /* that give up what they hold for one packet */ };

static const struct channel *
channel_of(const struct engine *engine, const struct flow *flow)
{
	return flow->channel < engine->policy->channel_count
	    ? engine->policy->channels[flow->channel]
	    : NULL;
}

/* Forget a flow so that others can have its place. */
static void
give_way(struct pass *pass, const struct yielding *yielding)
{
	struct engine *engine = pass->engine;
	struct flow *flow = yielding->flow;

	engine_take_back(engine, flow);
	if (yielding->early && flow->state != FLOW_DENIED)
		engine_tell_of_flow(engine, flow, channel_of(engine, flow), pass->in, EVENT_CUT,
		    REASON_FLOW_GAVE_WAY);
	if (yielding->early)
		flow_yield(&engine->table, flow, pass->in->now_ns);
	else
		flow_release(&engine->table, flow);
}

bool
pass_new_flow(struct pass *pass)
{
	struct flow_table *table = &pass->engine->table;
	struct asker asker = flow_asker(&pass->packet, pass->direction, pass->channel->index);
	struct flow *flow;

	room_sweep(table, pass->in->now_ns);
	if (!flow_has_place(table)) {
		struct yielding yielding = room_for_flow(table, &asker, pass->in->now_ns);

		if (!yielding.flow)
			return pass_refuse(pass, REASON_FLOW_TABLE_FULL, REFUSE_PACKET);
		give_way(pass, &yielding);
	}
	flow = flow_new(table, &pass->packet, pass->direction, pass->channel->index,
	    pass_dissector_number(pass->channel->dissector), pass->in->now_ns);
	flow->resync = pass->channel->pickup == PICKUP_RESYNC;
	/* Until somebody says otherwise nothing passes. */
	flow->state = FLOW_DENIED;
	pass->flow = flow;
	table->arena->inflight_flow = flow_index(table, flow);
	return true;
}

bool
pass_take_state(struct pass *pass)
{
	struct flow_table *table = &pass->engine->table;

	if (!flow_wants_state(pass->flow))
		return true;
	if (!flow_has_state_place(table)) {
		struct yielding yielding = room_for_state(table, pass->flow, pass->in->now_ns);

		if (!yielding.flow)
			return pass_refuse(pass, REASON_STATE_FULL, REFUSE_PACKET);
		give_way(pass, &yielding);
	}
	flow_take_state(table, pass->flow);
	return true;
}

/* Half a message of more than a message's worth is all that it holds: the flow can't go on. */
static void
end_hoard(struct pass *pass, struct flow *flow)
{
	struct engine *engine = pass->engine;

	engine_tell_of_flow(
	    engine, flow, channel_of(engine, flow), pass->in, EVENT_CUT, REASON_HELD_GAVE_WAY);
	engine_deny_flow(engine, flow);
}

bool
pass_find_held_room(struct pass *pass, uint32_t length)
{
	struct flow_table *table = &pass->engine->table;
	uint32_t lacks = flow_lacks(table, pass->flow, pass->direction, length);

	for (unsigned i = 0; lacks > 0 && i < HOARDS_MAX; i++) {
		struct flow *hoard = room_for_held(table, pass->flow, lacks, pass->in->now_ns);

		if (!hoard)
			break;
		if (!flow_yield_held(table, hoard, pass->in->now_ns))
			end_hoard(pass, hoard);
		lacks = flow_lacks(table, pass->flow, pass->direction, length);
	}
	return lacks == 0;
}

void
pass_settle_flow(struct pass *pass)
{
	if (!flow_wants_state(pass->flow))
		flow_become(&pass->engine->table, pass->flow, SHARE_SETTLED);
}
