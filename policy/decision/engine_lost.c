/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: packets that have passed and are not in the capture.  See engine_lost.h. */
#include "engine_lost.h"

#include <assert.h>

#include "engine_outstanding.h"
#include "engine_syn.h"
#include "engine_verdict.h"
#include "flow.h"

/* What was seen and refused is not missing. */
static uint32_t
seen_to(const struct pass *pass, enum direction direction)
{
	const struct flow *flow = pass->flow;
	uint32_t next = flow->stream[direction].next;
	uint32_t seen = flow_seldom(&pass->engine->table, flow)->seen[direction];

	return sequence_before(next, seen) ? seen : next;
}

/* One byte more than what was seen may be a FIN, which says nothing. */
static bool
is_proof(const struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	int32_t beyond = (int32_t)(packet->acknowledgement - seen_to(pass, 1 - pass->direction));

	return (packet->tcp_flags & TCP_ACK) && beyond > 1 && beyond < WINDOW_MAX &&
	    !pass_stream_to(pass)->fin &&
	    tcp_is_near(packet->sequence, pass_stream_from(pass)->next);
}

/* What was asked or answered in what is missing: no answer is wrong because of it. */
static void
excuse(struct pass *pass)
{
	struct flow *flow = pass->flow;

	if (pass_may_ask(pass))
		outstanding_retire_all(pass);
	else if (flow->excused < OUTSTANDING_MAX)
		flow->excused++;
}

/* The stream of who is acknowledged goes on behind what is missing. */
static void
go_on(struct pass *pass)
{
	struct flow_table *table = &pass->engine->table;
	struct flow *flow = pass->flow;
	enum direction lost = 1 - pass->direction;

	table->arena->counters.by_reason[REASON_CAPTURE_LOSS]++;
	pass_tell_news(pass, REASON_CAPTURE_LOSS);
	flow_begin(table, flow, lost, pass->packet.acknowledgement);
	flow_change_seldom(table, flow)->seen[lost] = pass->packet.acknowledgement;
	flow->adrift[lost] = true;
	flow->gapped[lost] = false;
	excuse(pass);
	/* what was remembered of messages in pieces may be of those that are missing */
	if (flow->state_slot != 0)
		flow->adrift[pass->direction] = true;
	flow_drop_state(table, flow);
	flow->middle = true;
	if (pass_may_ask(pass))
		return;
	flow->unacked_ms = flow->mark_ms = pass_now_ms(pass);
	flow->mark = pass->packet.acknowledgement;
}

void
lost_notice(struct pass *pass)
{
	const struct flow *flow = pass->flow;

	assert(pass->in->recorded);
	if (!flow || flow->state != FLOW_OPEN || (pass->packet.tcp_flags & (TCP_SYN | TCP_RST)) ||
	    !(pass->in->checksum_trusted || packet_checksum_ok(&pass->packet)))
		return;
	if (!(flow->blurred && pass_is_monitor(pass)) && is_proof(pass))
		go_on(pass);
}

void
lost_remember(struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	uint32_t end = packet->sequence + packet->payload_length, seen;

	if (!pass->flow || pass->flow->state != FLOW_OPEN)
		return;
	seen = seen_to(pass, pass->direction);
	if (!sequence_before(seen, packet->sequence) && sequence_before(seen, end))
		seen = end;
	flow_change_seldom(&pass->engine->table, pass->flow)->seen[pass->direction] = seen;
}

bool
lost_follows(const struct pass *pass)
{
	return pass->in->recorded && pass->flow->adrift[pass->direction] && !pass->flow->unproven;
}
