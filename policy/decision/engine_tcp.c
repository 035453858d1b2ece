/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine: the order of a TCP connection (RFC 9293).
 *
 * Lets bytes through in order and once; what comes again must be the same.  So whatever the
 * receiver makes of overlaps, lost segments and stale options, it can only ever see bytes that were
 * judged. Holds nothing back: a segment that comes too early is dropped and its sender will repeat
 * it.
 */
#include "engine_tcp.h"

#include "engine_late.h"
#include "engine_message.h"
#include "engine_refuse.h"
#include "engine_room.h"
#include "engine_syn.h"
#include "engine_unknown.h"
#include "engine_verdict.h"
#include "flow.h"
#include "stream.h"

/* A gap that is there for so long will not be filled. */
enum { GAP_LASTS_MS = 3000 };

/* An acknowledgement that was on its way has arrived after this time. */
enum { YIELDED_MS = 1000 };

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

/* ---- payload ---- */

static void
acknowledge(struct pass *pass)
{
	struct stream *to = pass_stream_to(pass);
	uint32_t ack = pass->packet.acknowledgement;

	if (!(pass->packet.tcp_flags & TCP_ACK) || pass->flow->state == FLOW_SYN)
		return;
	if (to->fin && ack == to->next + 1)
		ack = to->next;
	flow_acknowledge(&pass->engine->table, pass->flow, 1 - pass->direction, ack);
	if (!pass_may_ask(pass) && !sequence_before(to->acked, pass->flow->mark)) {
		pass->flow->unacked_ms = pass->flow->mark_ms;
		pass->flow->mark = to->next;
	}
}

static bool
is_keepalive_probe(const struct pass *pass)
{
	return pass->packet.payload_length == 1 &&
	    pass->packet.sequence + 1 == pass_stream_from(pass)->next;
}

/* Where nobody knows yet what is next, whatever has one byte may be one. */
static bool
may_be_keepalive_probe(const struct pass *pass)
{
	return pass->packet.payload_length == 1 &&
	    (!pass->flow || pass->flow->adrift[pass->direction] ||
		(pass->flow->blurred && !pass_is_monitor(pass)));
}

/*
 * Some stacks put a made-up byte into their keep-alive probes.  The byte must not arrive, as it
 * might not have arrived the first time; the probe must, or the connection would be given up.
 */
static void
forward_keepalive(struct pass *pass)
{
	pass_refuse(pass, REASON_STREAM_KEEPALIVE, REFUSE_PACKET);
	if (pass->outcome->verdict == VERDICT_DENY)
		pass_send_bare(pass, pass->packet.sequence);
}

static void
forward_first_byte(struct pass *pass)
{
	if (pass_is_monitor(pass))
		pass_allow(pass, REASON_CONTROL_SEGMENT);
	else
		forward_keepalive(pass);
}

/*
 * Bytes kept for comparison were given up for others.  If their receiver had got them, it would
 * have said so by now; nobody can vouch for what is sent in their place.
 */
static bool
yielded_for_good(const struct pass *pass)
{
	uint32_t yielded_ms = flow_seldom(&pass->engine->table, pass->flow)->yielded_ms;

	return yielded_ms != 0 && pass_now_ms(pass) - (yielded_ms - 1) >= YIELDED_MS;
}

/* `length` bytes at data were sent before. True if they may come again. */
static bool
repeated_ok(struct pass *pass, const uint8_t *data, uint32_t length)
{
	if (late_comes_again(pass, length)) {
		if (is_keepalive_probe(pass)) {
			forward_first_byte(pass);
			return pass->outcome->verdict == VERDICT_ALLOW;
		}
		if (!pass_refuse(pass, REASON_STREAM_PAUSED, REFUSE_FLOW))
			return false;
	}
	switch (stream_compare(&pass->engine->table.pool, pass_stream_from(pass),
	    pass->packet.sequence, data, length)) {
	case STREAM_SAME:
		late_note_again(pass);
		return true;
	case STREAM_STALE:
		if (yielded_for_good(pass))
			return pass_refuse(pass, REASON_HELD_GAVE_WAY, REFUSE_FLOW);
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
	struct flow *flow = pass->flow;
	struct stream *from = pass_stream_from(pass);
	struct late late = late_begin(pass);
	uint32_t pending = 0;

	if (from->fin) {
		pass_refuse(pass, REASON_STREAM_AFTER_FIN, REFUSE_PACKET);
		return;
	}
	if (!pass_has_held_room(pass, length)) {
		pass_refuse(pass, REASON_HELD_FULL, REFUSE_PACKET);
		return;
	}
	if (late_goes_on(pass) && !pass_refuse(pass, REASON_STREAM_PAUSED, REFUSE_FLOW))
		return;
	pass_allow(pass, REASON_PARTIAL);
	if (!pass_judge_stream(pass, data, length, &pending)) {
		/* its sender has it yet, and repeats it: what is behind it has not lost anything */
		flow->gapped[pass->direction] = false;
		return;
	}
	if (pass->cut && pass->kept == 0) {
		pass_allow(pass, REASON_REPEATED);
		return;
	}
	if (pass->cut)
		length = pass->kept;
	if (pass->room)
		data = &pass->room[pass->packet.payload_at + pass->base];
	flow_keep(&pass->engine->table, flow, pass->direction, data, length, pending);
	pass_keep_rewritten(pass, length);
	pass_settle(pass);
	flow->gapped[pass->direction] = false;
	if (pass_may_ask(pass))
		late_note(pass, &late, length, pending);
	if (pass->direction == DIRECTION_REQUEST) {
		flow->passed = true;
		flow->passed_ms = pass_now_ms(pass);
	}
	if ((pass->packet.tcp_flags & TCP_FIN) && !pass->cut)
		from->fin = true;
}

/* A connection that can only hang: both ends are told, whatever becomes of what is denied. */
static void
end_hanging(struct pass *pass, enum reason reason)
{
	struct outcome *outcome = pass->outcome;

	if (pass_refuse(pass, reason, REFUSE_FLOW))
		return;
	if (outcome->segment_count == 0)
		pass_add_resets(pass);
	/* who has got what is missing here expects what its sender says */
	pass_send_bare(pass, pass->packet.sequence);
	outcome->segments[outcome->segment_count - 1].tcp_flags = TCP_RST | TCP_ACK;
}

/*
 * What is missing is usually repeated soon, as the first of all that is.  Who goes on with
 * something else has been told that it arrived.
 */
static void
refuse_gap(struct pass *pass)
{
	struct flow *flow = pass->flow;
	uint32_t *since_ms =
	    &flow_change_seldom(&pass->engine->table, flow)->gap_ms[pass->direction];

	if (!flow->gapped[pass->direction])
		*since_ms = pass_now_ms(pass);
	flow->gapped[pass->direction] = true;
	pass->loud = pass_now_ms(pass) - *since_ms >= GAP_LASTS_MS;
	if (pass->loud)
		end_hanging(pass, REASON_STREAM_GAP);
	else
		pass_refuse(pass, REASON_STREAM_GAP, REFUSE_PACKET);
}

/* The stream of who asks begins with this packet, which proves nothing of what is before it. */
static void
begin_here(struct pass *pass)
{
	struct flow *flow = pass->flow;
	struct stream *from = pass_stream_from(pass);

	flow_begin(&pass->engine->table, flow, pass->direction, pass->packet.sequence);
	stream_doubt(from, pass->packet.sequence - WINDOW_MAX);
	flow->unacked_ms = flow->mark_ms = flow->newest_ms = pass_now_ms(pass);
	flow->mark = flow->newest = from->next;
}

/* Nothing has passed yet, and this comes before what came first. */
static bool
is_before_the_beginning(const struct pass *pass)
{
	const struct stream *from = pass_stream_from(pass);

	return pass_may_ask(pass) && pass->flow->adrift[pass->direction] &&
	    sequence_before(pass->packet.sequence, from->next) &&
	    sequence_before(from->acked, pass->packet.sequence);
}

static void
handle_payload(struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	struct stream *from = pass_stream_from(pass);
	int32_t ahead = (int32_t)(packet->sequence - from->next);
	uint32_t old = ahead < 0 ? from->next - packet->sequence : 0;
	struct cursor c;

	acknowledge(pass);
	if (ahead > 0) {
		refuse_gap(pass);
		return;
	}
	if (is_before_the_beginning(pass)) {
		begin_here(pass);
		old = 0;
	}
	if (old > packet->payload_length)
		old = packet->payload_length;
	if (pass->flow->refusing && (!pass_prepare_rewriting(pass) || !pass_repeat(pass, old)))
		return;
	pass->base = old;
	if (old == 0) {
		handle_new_bytes(pass, packet->payload, packet->payload_length);
		return;
	}
	cursor_init(&c, packet->payload, packet->payload_length, packet->payload_length);
	if (!repeated_ok(pass, cursor_bytes(&c, old, "repeated"), old))
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

	if (!tcp_is_near(packet->sequence, pass_stream_from(pass)->next))
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
	struct stream *from = pass_stream_from(pass);

	if ((int32_t)(pass->packet.sequence - from->next) > 0) {
		flow_begin(
		    &pass->engine->table, pass->flow, pass->direction, pass->packet.sequence);
		pass->flow->blurred = true;
	}
}

/* ---- connections without a beginning ---- */

/*
 * A boundary of messages is taken to be here and proven by the response to a read; until then
 * nothing else passes towards the server (see decide_request()).  Monitor mode needs no proof, but
 * what comes after it does.
 */
static void
pick_up(struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	struct flow *flow = pass->flow;
	bool forward = pass->direction == DIRECTION_REQUEST;
	uint32_t from = packet->sequence - 1, to = packet->acknowledgement - 1;

	tcp_open_streams(pass, forward ? from : to, forward ? to : from);
	if (pass_may_ask(pass))
		begin_here(pass);
	flow->middle = true;
	flow->adrift[0] = flow->adrift[1] = true;
	flow->unproven = !pass_is_monitor(pass);
	flow->blurred = pass_is_monitor(pass);
	if (packet->payload_length == 0)
		pass_allow(pass, REASON_CONTROL_SEGMENT);
	else if (segment_acceptable(pass))
		handle_payload(pass);
}

/*
 * Segments have gone by that nobody judged: the conduit is open while its inspector is away or
 * drowned, or somebody has changed the ruleset.  Who is asked proves it by acknowledging them; who
 * asks could only pretend.  (One byte more may be a FIN.)
 */
static bool
requests_went_by(const struct pass *pass)
{
	const struct stream *requests = pass_stream_to(pass);
	int32_t beyond = (int32_t)(pass->packet.acknowledgement - requests->next);

	return !pass_may_ask(pass) && (pass->packet.tcp_flags & TCP_ACK) && beyond > 1 &&
	    beyond < WINDOW_MAX &&
	    tcp_is_near(pass->packet.sequence, pass_stream_from(pass)->next) &&
	    (pass->in->checksum_trusted || packet_checksum_ok(&pass->packet));
}

/* Without this the connection would hang: all that comes is beyond what is expected. */
static void
handle_bypass(struct pass *pass)
{
	if (pass_is_monitor(pass) || pass->channel->pickup == PICKUP_RESYNC ||
	    pass->channel->conduit->when_down == WHEN_DOWN_OPEN) {
		/* monitor mode may have let it pass itself */
		if (!pass->flow->blurred)
			pass_tell_news(pass, REASON_STREAM_BYPASSED);
		pick_up(pass);
		return;
	}
	end_hanging(pass, REASON_STREAM_BYPASSED);
}

/* ---- segments without payload ---- */

/* What its receiver throws away must not be believed; what it obeys must not bend the stream. */
static bool
bare_acceptable(struct pass *pass)
{
	if (!pass->in->checksum_trusted && !packet_checksum_ok(&pass->packet))
		return pass_refuse(pass, REASON_PACKET_CHECKSUM, REFUSE_PACKET);
	/* An urgent pointer takes a byte out of the segments that follow. */
	if (pass->packet.tcp_flags & TCP_URG)
		return pass_refuse(pass, REASON_STREAM_URGENT, REFUSE_PACKET);
	return true;
}

/*
 * The receiver obeys only the exact number (RFC 5961); so do we.  But the server may expect another
 * one than we do, if it never got the last bytes: what the client says ends nothing that a late
 * answer of the server could begin again.  The same holds for whoever asks.
 */
static void
handle_reset(struct pass *pass, bool in_order)
{
	struct flow *flow = pass->flow;
	bool refused = flow->state == FLOW_SYN && pass->direction == DIRECTION_RESPONSE &&
	    (pass->packet.tcp_flags & TCP_ACK) &&
	    pass->packet.acknowledgement == flow->stream[DIRECTION_REQUEST].next;

	if (refused) {
		flow_release(&pass->engine->table, flow);
		pass->flow = NULL;
	} else if (in_order) {
		tcp_close_flow(pass);
		flow->over = !pass_may_ask(pass);
		/* what is over need not be remembered for long */
		flow->resync = flow->resync && !flow->over;
	}
}

static void
handle_bare(struct pass *pass)
{
	const struct packet *packet = &pass->packet;
	struct stream *from = pass_stream_from(pass);
	bool in_order =
	    packet->sequence == from->next || (from->fin && packet->sequence == from->next + 1);

	pass_allow(pass, REASON_CONTROL_SEGMENT);
	if (packet->tcp_flags & TCP_RST) {
		handle_reset(pass, in_order);
		return;
	}
	if (pass->flow->state == FLOW_OPEN && requests_went_by(pass)) {
		handle_bypass(pass);
		return;
	}
	acknowledge(pass);
	if ((packet->tcp_flags & TCP_FIN) && in_order && pass->flow->state == FLOW_OPEN)
		from->fin = true;
}

/* ---- connections as they are ---- */

static bool
picks_up(const struct pass *pass)
{
	return (pass->channel->pickup == PICKUP_RESYNC && !pass->doubtful) || pass_is_monitor(pass);
}

/* Payload of a flow whose messages are not followed. */
static void
handle_lost_flow(struct pass *pass)
{
	struct flow *flow = pass->flow;

	if (pass_is_monitor(pass))
		pick_up(pass);
	else if (flow->state == FLOW_CLOSED && !tcp_close_is_settled(pass))
		pass_discard(pass, REASON_STREAM_CLOSED);
	else if (flow->state == FLOW_DENIED)
		pass_refuse_denied(pass);
	else if (flow->state == FLOW_SYN)
		pass_refuse(pass, REASON_STREAM_FLAGS, REFUSE_PACKET);
	else if (flow->state == FLOW_OPEN && pass->channel->pickup == PICKUP_RESYNC)
		pick_up(pass);
	else
		pass_refuse(pass, REASON_STREAM_MIDDLE, REFUSE_FLOW);
}

/* What can't be picked up takes no room. */
static void
pick_up_unknown(struct pass *pass)
{
	if (!pass_new_flow(pass))
		return;
	/* Whatever comes of it has one id, although it may come to nothing. */
	pass->flow->id = flow_id_without(&pass->engine->table, &pass->packet);
	pick_up(pass);
	if (pass->outcome->verdict == VERDICT_DENY && !flow_was_used(pass->flow))
		unknown_forget(pass);
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
	if (!syn && picks_up(pass) && may_be_keepalive_probe(pass)) {
		forward_first_byte(pass);
		return;
	}
	if (syn)
		unknown_begins(pass);
	else if (picks_up(pass) && unknown_is_taken(pass))
		pick_up_unknown(pass);
	else
		unknown_refuse(pass);
}

/* Payload of a connection whose messages are followed. */
static void
handle_open_flow(struct pass *pass)
{
	if (requests_went_by(pass)) {
		handle_bypass(pass);
		return;
	}
	if (pass_is_monitor(pass))
		follow(pass);
	else if (pass->direction == DIRECTION_REQUEST && tcp_is_ambiguous(pass)) {
		pass_refuse(pass, REASON_STREAM_REOPENED, REFUSE_PACKET);
		return;
	}
	if (segment_acceptable(pass))
		handle_payload(pass);
}

/* Who is asked has ended the old one: there is nothing to be mistaken for. */
static bool
begins_after_the_end(const struct pass *pass)
{
	return pass->flow->state == FLOW_CLOSED && pass->flow->over &&
	    pass->direction == DIRECTION_REQUEST &&
	    (pass->packet.tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

void
pass_tcp(struct pass *pass)
{
	if (!flags_make_sense(&pass->packet)) {
		pass_refuse(pass, REASON_STREAM_FLAGS, REFUSE_PACKET);
		return;
	}
	if (pass->packet.multipath && !pass_refuse(pass, REASON_STREAM_MULTIPATH, REFUSE_PACKET))
		return;
	if (pass->packet.payload_length == 0 && !bare_acceptable(pass))
		return;
	if (pass->flow && begins_after_the_end(pass)) {
		flow_release(&pass->engine->table, pass->flow);
		pass->flow = NULL;
	}
	if (!pass->flow)
		handle_unknown_flow(pass);
	else if (pass->packet.tcp_flags & TCP_SYN)
		tcp_syn(pass);
	else if (pass->packet.payload_length == 0)
		handle_bare(pass);
	else if (pass->flow->state == FLOW_OPEN && picks_up(pass) && may_be_keepalive_probe(pass))
		forward_first_byte(pass);
	else if (pass->flow->state != FLOW_OPEN || (pass->flow->blurred && !pass_is_monitor(pass)))
		handle_lost_flow(pass);
	else
		handle_open_flow(pass);
}
