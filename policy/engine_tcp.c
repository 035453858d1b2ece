/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine: the order of a TCP connection (RFC 9293).
 *
 * Lets bytes through in order and once; what comes again must be the same.  So whatever the
 * receiver makes of overlaps, lost segments and stale options, it can only ever see bytes that were
 * judged. Holds nothing back: a segment that comes too early is dropped and its sender will repeat
 * it.
 */
#include <assert.h>
#include <string.h>

#include "engine_internal.h"

/* A segment further away than this from what is expected can't end a flow, only be dropped. */
enum { WINDOW_MAX = 1 << 20 };

static struct stream *
stream_from(const struct pass *pass)
{
	return &pass->flow->stream[pass->direction];
}

static struct stream *
stream_to(const struct pass *pass)
{
	return &pass->flow->stream[1 - pass->direction];
}

static bool
flags_make_sense(const struct packet *packet)
{
	uint8_t flags = packet->tcp_flags;

	if (flags & TCP_SYN)
		return !(flags & (TCP_FIN | TCP_RST));
	if (flags & TCP_RST)
		return !(flags & TCP_FIN) && packet->payload_length == 0;
	return flags & TCP_ACK;
}

/* ---- the beginning ---- */

static void
open_streams(struct pass *pass, uint32_t client_next, uint32_t server_next)
{
	struct flow *flow = pass->flow;

	stream_begin(&pass->engine->table, &flow->stream[DIRECTION_REQUEST], client_next);
	stream_begin(&pass->engine->table, &flow->stream[DIRECTION_RESPONSE], server_next);
	flow->outstanding_count = 0;
	flow->pending = false;
	flow->unproven = false;
	flow->state = FLOW_OPEN;
	if (flow->state_slot != 0)
		memset(flow_state(&pass->engine->table, flow), 0,
		    pass->engine->table.arena->state_size);
}

static void
syn_from_client(struct pass *pass)
{
	struct flow *flow = pass->flow;

	if (flow->state == FLOW_SYN &&
	    flow->stream[DIRECTION_REQUEST].next == pass->packet.sequence + 1) {
		pass_allow(pass, REASON_CONTROL_SEGMENT);
		return;
	}
	/*
	 * The server may take this for a new connection or may not.  Nothing changes before it has
	 * answered with a SYN of its own; otherwise a SYN could shift where messages begin.
	 */
	flow->pending = true;
	flow->pending_isn = pass->packet.sequence;
	pass_allow(pass, REASON_CONTROL_SEGMENT);
}

static void
syn_from_server(struct pass *pass)
{
	struct flow *flow = pass->flow;
	const struct packet *packet = &pass->packet;
	uint32_t client_next = packet->acknowledgement;

	if (!(packet->tcp_flags & TCP_ACK)) {
		pass_refuse(pass, REASON_STREAM_FLAGS, REFUSE_PACKET);
		return;
	}
	if (flow->pending && client_next == flow->pending_isn + 1)
		open_streams(pass, client_next, packet->sequence + 1);
	else if (flow->state == FLOW_SYN && client_next == flow->stream[DIRECTION_REQUEST].next)
		open_streams(pass, client_next, packet->sequence + 1);
	else if (flow->state == FLOW_SYN) {
		pass_refuse(pass, REASON_STREAM_FLAGS, REFUSE_PACKET);
		return;
	}
	/* Otherwise a repetition: whatever numbers it has, it carries nothing. */
	pass_allow(pass, REASON_CONTROL_SEGMENT);
}

static void
handle_syn(struct pass *pass)
{
	if (pass->packet.payload_length > 0)
		pass_refuse(pass, REASON_STREAM_SYN_DATA, REFUSE_FLOW);
	else if (pass->direction == DIRECTION_REQUEST && !(pass->packet.tcp_flags & TCP_ACK))
		syn_from_client(pass);
	else if (pass->direction == DIRECTION_RESPONSE)
		syn_from_server(pass);
	else
		pass_refuse(pass, REASON_STREAM_FLAGS, REFUSE_PACKET);
}

/* ---- segments without payload ---- */

static void
acknowledge(struct pass *pass)
{
	struct stream *to = stream_to(pass);
	uint32_t ack = pass->packet.acknowledgement;

	if (!(pass->packet.tcp_flags & TCP_ACK) || pass->flow->state == FLOW_SYN)
		return;
	if (to->fin && ack == to->next + 1)
		ack = to->next;
	stream_acknowledge(&pass->engine->table, to, ack);
}

static void
handle_bare(struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	struct stream *from = stream_from(pass);
	bool in_order =
	    packet->sequence == from->next || (from->fin && packet->sequence == from->next + 1);

	pass_allow(pass, REASON_CONTROL_SEGMENT);
	if (packet->tcp_flags & TCP_RST) {
		/* The receiver obeys only the exact number (RFC 5961); so do we. */
		if (in_order || pass->flow->state == FLOW_SYN) {
			flow_release(&pass->engine->table, pass->flow);
			pass->flow = NULL;
		}
		return;
	}
	acknowledge(pass);
	if ((packet->tcp_flags & TCP_FIN) && in_order && pass->flow->state == FLOW_OPEN)
		from->fin = true;
}

/* ---- payload ---- */

static bool
is_keepalive_probe(const struct pass *pass)
{
	return pass->packet.payload_length == 1 &&
	    pass->packet.sequence + 1 == stream_from(pass)->next;
}

/*
 * Some stacks put a made-up byte into their keep-alive probes.  The byte must not arrive, as it
 * might not have arrived the first time; the probe must, or the connection would be given up.
 */
static void
forward_keepalive(struct pass *pass)
{
	const struct packet *packet = &pass->packet;

	pass_refuse(pass, REASON_STREAM_KEEPALIVE, REFUSE_PACKET);
	if (pass->outcome->verdict == VERDICT_ALLOW)
		return;
	pass->outcome->segments[pass->outcome->segment_count++] = (struct segment){
	    .family = packet->family,
	    .source = packet->source,
	    .destination = packet->destination,
	    .source_port = packet->source_port,
	    .destination_port = packet->destination_port,
	    .sequence = packet->sequence,
	    .acknowledgement = packet->acknowledgement,
	    .tcp_flags = TCP_ACK,
	};
}

/* `length` bytes at data were sent before. True if they may come again. */
static bool
repeated_ok(struct pass *pass, const uint8_t *data, uint32_t length)
{
	switch (stream_compare(
	    &pass->engine->table, stream_from(pass), pass->packet.sequence, data, length)) {
	case STREAM_SAME:
		return true;
	case STREAM_STALE:
		return pass_refuse(pass, REASON_STREAM_STALE, REFUSE_PACKET);
	case STREAM_CHANGED:
		break;
	}
	if (is_keepalive_probe(pass)) {
		forward_keepalive(pass);
		return pass->outcome->verdict == VERDICT_ALLOW;
	}
	return pass_refuse(pass, REASON_STREAM_CHANGED, REFUSE_FLOW);
}

/* Bytes that come in order: judge, keep, and remember where the incomplete message begins. */
static void
handle_new_bytes(struct pass *pass, const uint8_t *data, uint32_t length)
{
	struct flow_table *table = &pass->engine->table;
	struct stream *from = stream_from(pass);
	uint32_t pending = 0;

	if (from->fin) {
		pass_refuse(pass, REASON_STREAM_AFTER_FIN, REFUSE_PACKET);
		return;
	}
	if (!stream_has_room(table, from, length)) {
		pass_refuse(pass, REASON_HELD_FULL, REFUSE_PACKET);
		return;
	}
	pass_allow(pass, REASON_PARTIAL);
	if (!pass_judge_stream(pass, data, length, &pending))
		return;
	stream_append(table, from, data, length, pending);
	if (pass->packet.tcp_flags & TCP_FIN)
		from->fin = true;
}

static void
handle_payload(struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	struct stream *from = stream_from(pass);
	int32_t ahead = (int32_t)(packet->sequence - from->next);
	uint32_t old = ahead < 0 ? (uint32_t)-ahead : 0;
	const uint8_t *repeated;
	struct cursor c;

	acknowledge(pass);
	if (ahead > 0) {
		pass_refuse(pass, REASON_STREAM_GAP, REFUSE_PACKET);
		return;
	}
	cursor_init(&c, packet->payload, packet->payload_length, packet->payload_length);
	if (old > cursor_left(&c))
		old = cursor_left(&c);
	repeated = cursor_bytes(&c, old, "repeated");
	if (old > 0 && !repeated_ok(pass, repeated, old))
		return;
	if (cursor_left(&c) == 0) {
		pass_allow(pass, REASON_REPEATED);
		if ((packet->tcp_flags & TCP_FIN) && ahead + (int32_t)packet->payload_length == 0)
			from->fin = true;
		return;
	}
	old = cursor_left(&c);
	handle_new_bytes(pass, cursor_bytes(&c, old, "new"), old);
}

/* Checks that end a flow, if the segment is near enough to have been sent by one of its ends. */
static bool
segment_acceptable(struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	int32_t ahead = (int32_t)(packet->sequence - stream_from(pass)->next);

	if (ahead > WINDOW_MAX || ahead < -WINDOW_MAX)
		return pass_refuse(pass, REASON_STREAM_GAP, REFUSE_PACKET);
	if (!pass->in->checksum_trusted && !packet_checksum_ok(packet))
		return pass_refuse(pass, REASON_PACKET_CHECKSUM, REFUSE_FLOW);
	if (packet->tcp_flags & TCP_URG)
		return pass_refuse(pass, REASON_STREAM_URGENT, REFUSE_FLOW);
	return true;
}

/*
 * Monitor mode never stops a segment, so what comes early or changed is simply taken as the next
 * bytes of the stream, with a message beginning there.
 */
static void
follow(struct pass *pass)
{
	struct stream *from = stream_from(pass);

	if ((int32_t)(pass->packet.sequence - from->next) > 0)
		stream_begin(&pass->engine->table, from, pass->packet.sequence);
}

static void
refuse_denied_flow(struct pass *pass)
{
	pass_refuse(pass, REASON_FLOW_DENIED, REFUSE_PACKET);
	if (pass->channel->conduit->on_deny == ON_DENY_RESET)
		outcome_add_resets(pass->outcome, pass->flow, &pass->packet);
}

/* ---- connections without a beginning ---- */

/*
 * A boundary of messages is taken to be here and proven by the response to a read; until then
 * nothing else passes towards the server (see decide_request()).
 */
static void
pick_up(struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	struct flow *flow = pass->flow;

	open_streams(pass, 0, 0);
	stream_begin(&pass->engine->table, stream_from(pass), packet->sequence);
	stream_begin(&pass->engine->table, stream_to(pass), packet->acknowledgement);
	flow->unproven = !pass_is_monitor(pass);
	if (segment_acceptable(pass))
		handle_payload(pass);
}

static void
handle_unknown_flow(struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	bool syn = (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

	if (!syn && packet->payload_length == 0) {
		pass_allow(pass, REASON_CONTROL_SEGMENT);
		return;
	}
	if (syn && pass->direction == DIRECTION_RESPONSE) {
		pass_refuse(pass, REASON_NO_CHANNEL, REFUSE_PACKET);
		return;
	}
	if (!pass_new_flow(pass))
		return;
	if (syn) {
		stream_begin(&pass->engine->table, stream_from(pass), packet->sequence + 1);
		pass->flow->state = FLOW_SYN;
		if (packet->payload_length > 0)
			pass_refuse(pass, REASON_STREAM_SYN_DATA, REFUSE_FLOW);
		else
			pass_allow(pass, REASON_CONTROL_SEGMENT);
		return;
	}
	if (pass->channel->pickup == PICKUP_RESYNC || pass_is_monitor(pass)) {
		pick_up(pass);
		return;
	}
	stream_begin(&pass->engine->table, stream_from(pass), packet->sequence);
	stream_begin(&pass->engine->table, stream_to(pass), packet->acknowledgement);
	pass->flow->state = FLOW_OPEN;
	pass_refuse(pass, REASON_STREAM_MIDDLE, REFUSE_FLOW);
}

void
pass_tcp(struct pass *pass)
{
	if (!flags_make_sense(&pass->packet)) {
		pass_refuse(pass, REASON_STREAM_FLAGS, REFUSE_PACKET);
		return;
	}
	if (!pass->flow) {
		handle_unknown_flow(pass);
		return;
	}
	if (pass->packet.tcp_flags & TCP_SYN) {
		handle_syn(pass);
		return;
	}
	if (pass->packet.payload_length == 0) {
		handle_bare(pass);
		return;
	}
	if (pass->flow->state == FLOW_DENIED) {
		refuse_denied_flow(pass);
		return;
	}
	if (pass->flow->state == FLOW_SYN) {
		pass_refuse(pass, REASON_STREAM_FLAGS, REFUSE_PACKET);
		return;
	}
	if (pass_is_monitor(pass))
		follow(pass);
	if (segment_acceptable(pass))
		handle_payload(pass);
}
