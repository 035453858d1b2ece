/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: verdicts, and what follows from them.  See engine_verdict.h. */
#include "engine_verdict.h"

#include <assert.h>

#include "dissectors.h"
#include "engine_event.h"

static void
outcome_add_reset(struct outcome *outcome, const struct flow *flow, const struct flow_ends *ends,
    enum direction from, uint32_t sequence, uint32_t acknowledgement)
{
	assert(outcome->segment_count < OUTCOME_SEGMENTS_MAX);
	outcome->segments[outcome->segment_count++] = (struct segment){
	    .family = flow->family,
	    .source = ends->address[from],
	    .destination = ends->address[1 - from],
	    .source_port = flow->port[from],
	    .destination_port = flow->port[1 - from],
	    .sequence = sequence,
	    .acknowledgement = acknowledgement,
	    .tcp_flags = TCP_RST | TCP_ACK,
	};
}

void
outcome_add_resets(struct outcome *outcome, const struct flow *flow, const struct flow_ends *ends,
    const struct packet *packet)
{
	uint32_t next[2] = {
	    flow->stream[0].next + flow->stream[0].fin, flow->stream[1].next + flow->stream[1].fin};

	if (flow->transport != PROTOCOL_TCP)
		return;
	/* An end obeys only a reset with the very number that it expects (RFC 5961). */
	outcome_add_reset(outcome, flow, ends, DIRECTION_REQUEST, next[DIRECTION_REQUEST],
	    next[DIRECTION_RESPONSE]);
	outcome_add_reset(outcome, flow, ends, DIRECTION_RESPONSE, next[DIRECTION_RESPONSE],
	    next[DIRECTION_REQUEST]);
	if (packet && (packet->tcp_flags & TCP_ACK)) {
		enum direction to_sender = packet->source_port == flow->port[DIRECTION_REQUEST]
		    ? DIRECTION_RESPONSE
		    : DIRECTION_REQUEST;

		if (packet->acknowledgement != next[to_sender])
			outcome_add_reset(outcome, flow, ends, to_sender, packet->acknowledgement,
			    packet->sequence);
	}
}

void
pass_add_resets(struct pass *pass)
{
	struct flow_ends ends = flow_ends(&pass->engine->table, pass->flow);

	outcome_add_resets(pass->outcome, pass->flow, &ends, &pass->packet);
}

void
engine_deny_flow(struct engine *engine, struct flow *flow)
{
	flow->state = FLOW_DENIED;
	flow->refused = 0;
	flow_forget_requests(flow);
	flow_forget(&engine->table, flow);
	flow_drop_state(&engine->table, flow);
	flow_become(&engine->table, flow, SHARE_LOOSE);
}

bool
pass_ends_both(const struct pass *pass)
{
	return pass->channel && pass->channel->conduit->on_deny != ON_DENY_DROP;
}

void
pass_end_flow(struct pass *pass)
{
	if (!pass->flow || pass->flow->transport != PROTOCOL_TCP)
		return;
	if (pass_ends_both(pass))
		pass_add_resets(pass);
	engine_deny_flow(pass->engine, pass->flow);
}

void
pass_count_refusal(struct pass *pass, enum reason reason)
{
	engine_count_reason(pass->engine, pass->channel, reason);
	/* FLOW_DENIED would hide why; and nobody's flow (engine_unknown.c) is in no table */
	if (pass->flow && pass->flow->state != FLOW_FREE && reason != REASON_FLOW_DENIED)
		flow_note_refusal(flow_note(&pass->engine->table, pass->flow), reason);
	if (pass->channel && pass->channel->index < CHANNEL_COUNTERS_MAX)
		pass->engine->table.channels[pass->channel->index].denied++;
}

bool
pass_record_refusal(struct pass *pass, enum reason reason, enum refusal refusal,
    const struct judgement *judgement, const struct decision *decision)
{
	struct judgement told = *judgement;
	bool monitor = pass_is_monitor(pass);

	pass_count_refusal(pass, reason);
	pass->outcome->reason = reason;
	pass->outcome->verdict = monitor ? VERDICT_ALLOW : VERDICT_DENY;
	pass->done = refusal == REFUSE_FLOW && pass_ends_both(pass) ? ON_DENY_RESET : ON_DENY_DROP;
	pass_tell(pass, EVENT_VERDICT, &told, decision, pass->outcome->verdict, reason, monitor);
	if (!monitor && refusal == REFUSE_FLOW)
		pass_end_flow(pass);
	return monitor;
}

bool
pass_refuse(struct pass *pass, enum reason reason, enum refusal refusal)
{
	struct judgement judgement = {0};

	if (!pass_record_refusal(pass, reason, refusal, &judgement, NULL))
		return false;
	if (pass->flow)
		pass->flow->blurred = true;
	return true;
}

void
pass_discard(struct pass *pass, enum reason reason)
{
	pass->outcome->verdict = VERDICT_DENY;
	pass->outcome->reason = reason;
}

void
pass_send_bare(struct pass *pass, uint32_t sequence)
{
	const struct packet *packet = &pass->packet;

	pass->outcome->segments[pass->outcome->segment_count++] = (struct segment){
	    .family = packet->family,
	    .source = packet->source,
	    .destination = packet->destination,
	    .source_port = packet->source_port,
	    .destination_port = packet->destination_port,
	    .sequence = sequence,
	    .acknowledgement = packet->acknowledgement,
	    .tcp_flags = TCP_ACK,
	};
}

void
pass_tell_news(struct pass *pass, enum reason reason)
{
	struct judgement judgement = {0};

	pass_tell(pass, EVENT_VERDICT, &judgement, NULL, VERDICT_ALLOW, reason, false);
}

/* A sender that gets no answer repeats for minutes, in which nobody can use the connection. */
static bool
repeated_enough(struct flow *flow)
{
	if (flow->refused < REPETITIONS_DROPPED)
		flow->refused++;
	return flow->refused == REPETITIONS_DROPPED;
}

void
pass_refuse_denied(struct pass *pass)
{
	pass_refuse(pass, REASON_FLOW_DENIED, REFUSE_PACKET);
	if (pass_ends_both(pass) || repeated_enough(pass->flow))
		pass_add_resets(pass);
}

uint8_t
pass_dissector_number(const struct dissector *dissector)
{
	for (uint8_t i = 0; dissectors[i]; i++)
		if (dissectors[i] == dissector)
			return (uint8_t)(i + 1);
	return 0;
}
