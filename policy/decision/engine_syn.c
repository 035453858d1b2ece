/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: where the streams of a TCP connection begin.  See engine_syn.h. */
#include "engine_syn.h"

#include "engine_verdict.h"
#include "stream.h"

enum {
	/* More than a client can send without getting answers. */
	UNANSWERED_MAX = 1 << 16,
	/* What was on its way to a server has arrived after this time, and so has the answer. */
	SETTLE_MS = 3000,
};

/* Of a SYN with another number: */
enum { PENDING_NONE = 0, PENDING_ASKED, PENDING_TOLD /* that its answer had to wait */ };

/*
 * Could bytes of the client be of its old stream and of one that begins at `first`?  Of what lies
 * before they would be repetitions; what lies behind they would have to reach unanswered.
 */
static bool
may_mix(const struct flow *flow, uint32_t first)
{
	int32_t ahead = (int32_t)(first - flow->stream[DIRECTION_REQUEST].next);

	return ahead <= UNANSWERED_MAX && ahead >= -WINDOW_MAX;
}

/* Streams that begin with the bytes behind these two SYNs. */
void
tcp_open_streams(struct pass *pass, uint32_t client_isn, uint32_t server_isn)
{
	struct flow_table *table = &pass->engine->table;
	struct flow *flow = pass->flow;

	flow_begin(table, flow, DIRECTION_REQUEST, client_isn + 1);
	flow_begin(table, flow, DIRECTION_RESPONSE, server_isn + 1);
	/* It has some again as soon as a message needs it. */
	flow_drop_state(table, flow);
	flow_become(table, flow, SHARE_LOOSE);
	flow->isn[DIRECTION_REQUEST] = client_isn;
	flow->isn[DIRECTION_RESPONSE] = server_isn;
	flow->opened_ms = pass_now_ms(pass);
	flow_forget_requests(flow);
	flow->unproven = false;
	flow->middle = false;
	flow->adrift[0] = flow->adrift[1] = false;
	flow->gapped[0] = flow->gapped[1] = false;
	flow->refused = 0;
	flow->half_told = false;
	flow->alone = false;
	flow->blurred = false;
	if (flow->has_seldom || pass->in->recorded) {
		struct seldom *seldom = flow_change_seldom(table, flow);

		seldom->seen[DIRECTION_REQUEST] = client_isn + 1;
		seldom->seen[DIRECTION_RESPONSE] = server_isn + 1;
		seldom->yielded_ms = 0;
	}
	flow->state = FLOW_OPEN;
}

static bool
nothing_passed(const struct flow *flow)
{
	const struct stream *stream = &flow->stream[DIRECTION_REQUEST];

	return stream->next == flow->isn[DIRECTION_REQUEST] + 1 && !stream->fin;
}

static const struct seldom *
seldom_of(const struct pass *pass)
{
	return flow_seldom(&pass->engine->table, pass->flow);
}

/* Is an answer to the SYN of a new connection still to be expected? */
static bool
is_pending(const struct pass *pass)
{
	return pass->flow->pending && pass_now_ms(pass) - seldom_of(pass)->pending_ms < SETTLE_MS;
}

/*
 * A server that knows the connection no more may have begun a new one whose numbers are those where
 * the old one stands; a client that can guess the server's number does not wait for the answer.
 * Until it is clear which of the two lives, the bytes of the client have two meanings.
 */
bool
tcp_is_ambiguous(const struct pass *pass)
{
	return is_pending(pass) && may_mix(pass->flow, seldom_of(pass)->pending_isn + 1);
}

bool
tcp_close_is_settled(const struct pass *pass)
{
	return pass_now_ms(pass) - seldom_of(pass)->closed_ms >= SETTLE_MS;
}

/* Nothing is known of what the server has now; where the streams were is remembered. */
void
tcp_close_flow(struct pass *pass)
{
	struct flow *flow = pass->flow;

	flow->state = FLOW_CLOSED;
	flow->over = false;
	flow_change_seldom(&pass->engine->table, flow)->closed_ms = pass_now_ms(pass);
	flow_forget_requests(flow);
	flow_forget(&pass->engine->table, flow);
	flow_drop_state(&pass->engine->table, flow);
	flow_become(&pass->engine->table, flow, SHARE_LOOSE);
}

static void
syn_from_client(struct pass *pass)
{
	struct flow *flow = pass->flow;
	uint32_t isn = pass->packet.sequence;
	struct seldom *seldom;
	bool repeated = flow->isn[DIRECTION_REQUEST] == isn && nothing_passed(flow);

	if (repeated && (flow->state == FLOW_SYN || flow->state == FLOW_OPEN)) {
		pass_allow(pass, REASON_CONTROL_SEGMENT);
		return;
	}
	/* One at a time, or an old answer could be taken for that to another question. */
	if (seldom_of(pass)->pending_isn != isn && is_pending(pass)) {
		pass_refuse(pass, REASON_STREAM_REOPENED, REFUSE_PACKET);
		return;
	}
	/*
	 * The server may take this for a new connection or may not.  Nothing changes before it has
	 * answered with a SYN of its own; otherwise a SYN could shift where messages begin.
	 */
	seldom = flow_change_seldom(&pass->engine->table, flow);
	if (!flow->pending || seldom->pending_isn != isn)
		flow->pending = PENDING_ASKED;
	seldom->pending_isn = isn;
	seldom->pending_ms = pass_now_ms(pass);
	pass_allow(pass, REASON_CONTROL_SEGMENT);
}

/* Have both ends said so? */
static bool
both_through(const struct flow *flow)
{
	return flow->stream[DIRECTION_REQUEST].fin && flow->stream[DIRECTION_RESPONSE].fin;
}

static bool
begins_beyond(const struct flow *flow, uint32_t client_next)
{
	return flow->state == FLOW_CLOSED &&
	    (int32_t)(client_next - flow->stream[DIRECTION_REQUEST].next) >= 0;
}

/*
 * An answer that has been on its way for long must not begin the stream again, because the server
 * may have got bytes behind it: those that passed since were judged as what they are only there.
 * After a reset nothing passes, and what passed before is behind a new connection that begins
 * beyond it.
 */
static bool
may_begin_anew(const struct pass *pass, uint32_t client_next)
{
	const struct flow *flow = pass->flow;

	return both_through(flow) || !flow->passed || begins_beyond(flow, client_next) ||
	    !may_mix(flow, client_next) || pass_now_ms(pass) - flow->passed_ms >= SETTLE_MS;
}

/*
 * A client that has taken one answer to its SYN ignores another, which would then shift what is
 * judged against what it gets.  One that still asks long after the first has not taken it.
 */
static bool
was_answered(const struct pass *pass, uint32_t client_isn)
{
	const struct flow *flow = pass->flow;
	uint32_t first = pass->packet.sequence + 1;
	bool same = first == flow->isn[DIRECTION_RESPONSE] + 1 &&
	    first == flow->stream[DIRECTION_RESPONSE].next;

	return flow->state != FLOW_SYN && client_isn == flow->isn[DIRECTION_REQUEST] && !same &&
	    !both_through(flow) &&
	    !(flow->pending && seldom_of(pass)->pending_ms - flow->opened_ms >= SETTLE_MS);
}

static void
syn_from_server(struct pass *pass)
{
	struct flow *flow = pass->flow;
	const struct packet *packet = &pass->packet;
	uint32_t client_isn = packet->acknowledgement - 1;
	bool asked = flow->pending && client_isn == seldom_of(pass)->pending_isn;
	bool known = client_isn == flow->isn[DIRECTION_REQUEST] &&
	    (flow->state == FLOW_SYN || flow->state == FLOW_OPEN);

	pass_allow(pass, REASON_CONTROL_SEGMENT);
	if (!was_answered(pass, client_isn) &&
	    ((asked && may_begin_anew(pass, client_isn + 1)) || (known && nothing_passed(flow)))) {
		if (asked)
			flow->pending = PENDING_NONE;
		tcp_open_streams(pass, client_isn, packet->sequence);
	} else if (known && flow->state == FLOW_OPEN &&
	    packet->sequence == flow->isn[DIRECTION_RESPONSE]) {
		/* Repeated, or a server that always begins with this number: if every number keeps
		   its byte there is no difference. */
		stream_doubt(&flow->stream[DIRECTION_REQUEST], client_isn + 1);
		if (!pass_may_ask(pass)) {
			flow->unacked_ms = flow->opened_ms;
			flow->mark = flow->stream[DIRECTION_REQUEST].next;
			flow->newest = flow->mark;
		}
		if (asked)
			flow->pending = PENDING_NONE;
	} else if (flow->state == FLOW_SYN) {
		pass_refuse(pass, REASON_STREAM_FLAGS, REFUSE_PACKET);
	} else {
		/* who waits for it should be able to learn why */
		pass->loud = asked && flow->pending == PENDING_ASKED;
		if (pass->loud)
			flow->pending = PENDING_TOLD;
		pass_refuse(pass, REASON_STREAM_REOPENED, REFUSE_PACKET);
		if (pass->outcome->verdict == VERDICT_DENY && flow->state == FLOW_OPEN &&
		    may_mix(flow, client_isn + 1))
			tcp_close_flow(pass);
	}
}

void
tcp_syn(struct pass *pass)
{
	bool answer = pass->packet.tcp_flags & TCP_ACK;

	if (pass->packet.payload_length > 0)
		pass_refuse(pass, REASON_STREAM_SYN_DATA,
		    tcp_is_near(pass->packet.sequence, pass_stream_from(pass)->next)
			? REFUSE_FLOW
			: REFUSE_PACKET);
	else if (pass->direction == DIRECTION_REQUEST && !answer)
		syn_from_client(pass);
	else if (pass->direction == DIRECTION_RESPONSE && answer)
		syn_from_server(pass);
	else
		pass_refuse(pass, REASON_STREAM_FLAGS, REFUSE_PACKET);
}
