/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: segments of TCP connections that have no flow.  See engine_unknown.h. */
#include "engine_unknown.h"

#include "engine_room.h"
#include "engine_verdict.h"
#include "flow.h"

static bool
recall(const struct pass *pass, enum past past)
{
	return flow_recall(&pass->engine->table, &pass->packet, past, pass->in->now_ns);
}

/* Refuse a segment of nobody, who takes no room by it and is told only once. */
static void
refuse_nobody(struct pass *pass, enum reason reason)
{
	const struct packet *packet = &pass->packet;
	struct flow nobody = {.transport = PROTOCOL_TCP, .family = (uint8_t)packet->family};
	struct flow_ends ends;
	enum direction from = pass->direction;

	nobody.id = flow_id_without(&pass->engine->table, packet);
	pass->flow = &nobody;
	pass_refuse(pass, reason, REFUSE_PACKET);
	pass->flow = NULL;
	flow_remember(&pass->engine->table, packet, PAST_REFUSED, pass->in->now_ns);
	if (!pass_ends_both(pass))
		return;
	ends.address[from] = packet->source;
	ends.address[1 - from] = packet->destination;
	nobody.port[from] = packet->source_port;
	nobody.port[1 - from] = packet->destination_port;
	nobody.stream[from].next = packet->sequence + !!(packet->tcp_flags & TCP_SYN);
	nobody.stream[1 - from].next = packet->acknowledgement;
	outcome_add_resets(pass->outcome, &nobody, &ends, NULL);
}

void
unknown_refuse(struct pass *pass)
{
	refuse_nobody(pass, recall(pass, PAST_REFUSED) ? REASON_FLOW_DENIED : REASON_STREAM_MIDDLE);
}

void
unknown_begins(struct pass *pass)
{
	const struct packet *packet = &pass->packet;

	if (packet->payload_length > 0 && !pass_is_monitor(pass)) {
		refuse_nobody(pass, REASON_STREAM_SYN_DATA);
		return;
	}
	/* An answer to its former SYN could still begin the stream that was judged then. */
	if (recall(pass, PAST_SETTLING) &&
	    !pass_refuse(pass, REASON_STREAM_REOPENED, REFUSE_PACKET))
		return;
	if (!pass_new_flow(pass))
		return;
	flow_begin(&pass->engine->table, pass->flow, DIRECTION_REQUEST, packet->sequence + 1);
	pass->flow->isn[DIRECTION_REQUEST] = packet->sequence;
	pass->flow->state = FLOW_SYN;
	if (packet->payload_length > 0)
		pass_refuse(pass, REASON_STREAM_SYN_DATA, REFUSE_FLOW);
	else
		pass_allow(pass, REASON_CONTROL_SEGMENT);
}

bool
unknown_is_taken(const struct pass *pass)
{
	return pass_is_monitor(pass) || (!recall(pass, PAST_PICKUP) && !recall(pass, PAST_REFUSED));
}

void
unknown_forget(struct pass *pass)
{
	struct flow_table *table = &pass->engine->table;

	if (pass->flow->state != FLOW_DENIED) {
		flow_become(table, pass->flow, SHARE_HALF_OPEN);
		return;
	}
	flow_remember(table, &pass->packet, PAST_REFUSED, pass->in->now_ns);
	flow_release(table, pass->flow);
	pass->flow = NULL;
}
