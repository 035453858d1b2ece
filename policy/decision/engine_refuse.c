/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: requests that are refused in their own protocol.  See engine_refuse.h. */
#include "engine_refuse.h"

#include <assert.h>
#include <string.h>

#include "engine_event.h"
#include "engine_outstanding.h"
#include "engine_syn.h"
#include "engine_verdict.h"
#include "flow.h"
#include "stream.h"

static bool
is_of_policy(enum reason reason)
{
	switch (reason) {
	case REASON_FUNCTION_DENIED:
	case REASON_UNIT_DENIED:
	case REASON_POINT_DENIED:
	case REASON_VALUE_DENIED:
	case REASON_VALUE_TYPE:
	case REASON_RATE_EXCEEDED:
		return true;
	default:
		return false;
	}
}

/* Can the message that begins here be refused at all, if it is denied? */
static bool
may_refuse(const struct pass *pass)
{
	const struct flow *flow = pass->flow;

	return pass->channel->conduit->on_deny == ON_DENY_REFUSE && !pass_is_monitor(pass) &&
	    pass->channel->dissector->refuse && pass_may_ask(pass) && !pass->continued &&
	    !flow->unproven && !flow->adrift[pass->direction] && !flow->blurred;
}

/* ---- what was rewritten ---- */

static bool
is_stream(const struct pass *pass)
{
	return pass->flow->transport == PROTOCOL_TCP;
}

static bool
is_past(const struct stream *stream, const struct rewritten *rewritten)
{
	return rewritten->from == rewritten->to || !sequence_before(stream->acked, rewritten->to);
}

static const struct rewritten *
ranges(const struct pass *pass)
{
	return flow_seldom(&pass->engine->table, pass->flow)->rewritten[pass->direction];
}

static struct rewritten *
change_ranges(struct pass *pass)
{
	return flow_change_seldom(&pass->engine->table, pass->flow)->rewritten[pass->direction];
}

/* A place for one more range of this direction; NULL if all are of bytes on their way. */
static struct rewritten *
find_place(struct pass *pass)
{
	struct rewritten *all = change_ranges(pass);

	for (size_t i = 0; i < REWRITTEN_MAX; i++)
		if (is_past(pass_stream_from(pass), &all[i]))
			return &all[i];
	return NULL;
}

static bool
has_rewritten(const struct pass *pass)
{
	const struct rewritten *all = ranges(pass);

	for (size_t i = 0; i < REWRITTEN_MAX; i++)
		if (all[i].from != all[i].to)
			return true;
	return false;
}

/* Bytes so far behind are not repeated, and their numbers come again in a connection that lives on.
 */
static void
forget_remote(struct pass *pass)
{
	struct rewritten *all = change_ranges(pass);

	if (!is_stream(pass))
		return;
	for (size_t i = 0; i < REWRITTEN_MAX; i++)
		if (!tcp_is_near(all[i].to, pass_stream_from(pass)->next))
			all[i] = (struct rewritten){0};
}

bool
pass_prepare_rewriting(struct pass *pass)
{
	const struct engine_packet *in = pass->in;

	if (pass->room || !pass->flow->refusing)
		return true;
	forget_remote(pass);
	if (!has_rewritten(pass) && pass_may_ask(pass))
		return true;
	if (in->length > PACKET_ROOM)
		return pass_refuse(pass, REASON_PACKET_MALFORMED, REFUSE_PACKET);
	pass_move_to_room(pass);
	return true;
}

void
pass_move_to_room(struct pass *pass)
{
	if (pass->room)
		return;
	packet_move(&pass->packet, pass->in->data, pass->in->length, pass->engine->room);
	pass->room = pass->engine->room;
}

/* `length` bytes that stand at pass->at of the payload are others now. */
static void
rewrite(struct pass *pass, const uint8_t *bytes, uint32_t length)
{
	uint32_t at = pass->packet.payload_at + pass->at;

	pass_move_to_room(pass);
	assert(at <= pass->in->length && length <= pass->in->length - at);
	if (memcmp(&pass->room[at], bytes, length) == 0)
		return;
	memcpy(&pass->room[at], bytes, length);
	if (pass->rewritten_from == pass->rewritten_to)
		pass->rewritten_from = pass->at;
	pass->rewritten_to = pass->at + length;
	pass->rewritten = true;
}

void
pass_keep_rewritten(struct pass *pass, uint32_t length)
{
	struct rewritten *place;
	uint32_t begin = pass_stream_from(pass)->next - length - pass->base;

	if (pass->rewritten_from == pass->rewritten_to)
		return;
	place = find_place(pass);
	if (place)
		*place =
		    (struct rewritten){begin + pass->rewritten_from, begin + pass->rewritten_to};
	else /* answers: what is between them is only compared less closely */
		change_ranges(pass)[REWRITTEN_MAX - 1].to = begin + pass->rewritten_to;
}

/* The part of the payload's first `length` bytes that lies in a range, as offsets. */
static bool
find_overlap(const struct pass *pass, const struct rewritten *range, uint32_t length,
    uint32_t *ret_from, uint32_t *ret_to)
{
	uint32_t first = pass->packet.sequence;
	int32_t from = (int32_t)(range->from - first), to = (int32_t)(range->to - first);

	if (range->from == range->to || to <= 0 || from >= (int32_t)length)
		return false;
	*ret_from = from > 0 ? (uint32_t)from : 0;
	*ret_to = to < (int32_t)length ? (uint32_t)to : length;
	return true;
}

/*
 * A piece of a rewritten message is what a server that has given up the message might take for
 * another one.  Its sender repeats whole segments, and what was acknowledged in the middle of one
 * is not repeated.
 */
static bool
is_torn(const struct pass *pass, const struct rewritten *range)
{
	uint32_t end = pass->packet.sequence + pass->packet.payload_length;

	return pass_may_ask(pass) && !is_past(pass_stream_from(pass), range) &&
	    sequence_before(range->from, end) && sequence_before(end, range->to);
}

/*
 * The same behind a refused request that was not answered yet: a server that throws away what waits
 * for it when it refuses must not find the rest of a message.  Nothing but whole messages was let
 * through there (pass_holds_head()), so where a segment began or something was rewritten, one ends.
 */
static bool
ends_within_another(struct pass *pass)
{
	const struct flow *flow = pass->flow;
	const struct rewritten *all = ranges(pass);
	uint32_t end = pass->packet.sequence + pass->packet.payload_length;
	bool behind = false;

	if (!pass_may_ask(pass) || !sequence_before(end, pass_stream_from(pass)->next) ||
	    !outstanding_has_refused(pass))
		return false;
	for (size_t i = 0; i < REWRITTEN_MAX; i++) {
		if (all[i].from != all[i].to && end == all[i].to)
			return false;
		behind |= all[i].from != all[i].to && sequence_before(all[i].to, end);
	}
	return behind && end != flow->mark && end != flow->newest;
}

/* It is over when the answer is there, or the channel's pause, however often it comes until then.
 */
static bool
hold_until_answered(struct pass *pass)
{
	return !pass_refuse(pass, REASON_HEAD_HELD, REFUSE_PACKET);
}

static bool
hold(struct pass *pass)
{
	enum refusal refusal =
	    pass->flow->refused < REPETITIONS_DROPPED ? REFUSE_PACKET : REFUSE_FLOW;

	if (pass->flow->refused < REPETITIONS_DROPPED)
		pass->flow->refused++;
	return !pass_refuse(pass, REASON_HEAD_HELD, refusal);
}

bool
pass_repeat(struct pass *pass, uint32_t length)
{
	const struct rewritten *all = ranges(pass);
	const struct stream *stream = pass_stream_from(pass);
	uint32_t from, to;

	if (!pass->room)
		return true;
	if (ends_within_another(pass) && hold_until_answered(pass))
		return false;
	for (size_t i = 0; i < REWRITTEN_MAX; i++) {
		if (!find_overlap(pass, &all[i], length, &from, &to))
			continue;
		if (is_torn(pass, &all[i]) && hold(pass))
			return false;
		stream_copy(&pass->engine->table.pool, stream, pass->packet.sequence + from,
		    &pass->room[pass->packet.payload_at + from], to - from);
		pass->rewritten = true;
	}
	return true;
}

/* ---- heads ---- */

bool
pass_holds_denied_head(struct pass *pass)
{
	if (!is_stream(pass) || !may_refuse(pass) || pass->flow->refused >= REPETITIONS_DROPPED)
		return false;
	return hold(pass);
}

bool
pass_holds_head(struct pass *pass)
{
	if (!pass->flow->refusing || !pass_may_ask(pass) || !outstanding_has_refused(pass))
		return false;
	return hold_until_answered(pass);
}

/* ---- requests and their answers ---- */

static void
tell_refused(struct pass *pass, struct judgement *judgement, const struct decision *decision)
{
	pass->done = ON_DENY_REFUSE;
	pass_count_refusal(pass, decision->reason);
	pass_tell(pass, EVENT_VERDICT, judgement, decision, VERDICT_DENY, decision->reason, false);
	pass->outcome->reason = decision->reason;
}

bool
pass_refuse_request(struct pass *pass, struct judgement *judgement, struct decision *decision)
{
	struct engine *engine = pass->engine;
	struct message *message = &engine->message;
	bool silent = message->silent || message->no_response;
	struct edit e = {engine->scratch, message->length};

	if (!may_refuse(pass) || !is_of_policy(decision->reason) ||
	    message->length > judgement->length || pass->in->length > PACKET_ROOM)
		return false;
	memcpy(engine->scratch, judgement->bytes, message->length);
	if (is_stream(pass) && !find_place(pass)) {
		decision->reason = REASON_OUTSTANDING_FULL;
		return false;
	}
	/* the event tells of the message as it came */
	if (!pass->channel->dissector->refuse(&e, judgement->context, message))
		return false;
	if (!outstanding_add_refused(pass, message, silent)) {
		decision->reason = REASON_OUTSTANDING_FULL;
		return false;
	}
	pass->asked += !silent;
	tell_refused(pass, judgement, decision);
	pass->flow->refusing = true;
	rewrite(pass, engine->scratch, message->length);
	return true;
}

void
pass_translate(struct pass *pass, const uint8_t *bytes, uint32_t length, uint32_t fresh)
{
	const struct dissector *dissector = pass->channel->dissector;
	uint64_t bits = outstanding_bits(pass->channel) & TOKEN_BITS;
	uint32_t here = length < dissector->message_max ? length : dissector->message_max;
	uint32_t known = length - fresh;
	uint8_t *scratch = pass->engine->scratch;
	struct edit e = {scratch, here};

	if (!pass->room || pass_may_ask(pass) || !dissector->answer_refused)
		return;
	if (bytes != scratch)
		memcpy(scratch, bytes, here);
	for (uint32_t i = 0; i < pass->flow->outstanding_count; i++) {
		const struct outstanding *asked =
		    flow_outstanding(&pass->engine->table, pass->flow, i);

		if ((asked->token & TOKEN_REFUSED) &&
		    dissector->answer_refused(&e, asked->token & TOKEN_BITS, bits,
			(uint8_t)(asked->token >> TOKEN_FUNCTION))) {
			rewrite(pass, &scratch[known], here - known);
			return;
		}
	}
}
