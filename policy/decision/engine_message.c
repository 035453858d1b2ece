/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine: the messages in the bytes of a flow.
 *
 * Requests are judged by the rules, responses by the request that they answer.  A prefix of a
 * message is judged too, by the fields that it shows.
 */
#include "engine_message.h"

#include <assert.h>
#include <string.h>

#include "engine_event.h"
#include "engine_lost.h"
#include "engine_outstanding.h"
#include "engine_refuse.h"
#include "engine_room.h"
#include "engine_verdict.h"
#include "flow.h"
#include "stream.h"

/* One message (or prefix) under judgement. */
struct case_file {
	struct pass *pass;
	struct context context;
	struct judgement judgement;
	struct decision decision;
};

static bool
answers(const struct message *message)
{
	return message->kind == MESSAGE_RESPONSE || message->kind == MESSAGE_EXCEPTION;
}

/* May its responses not fit because monitor mode let something pass that nobody could read? */
static bool
is_excused(struct flow *flow)
{
	if (flow->excused == 0)
		return flow->blurred && flow->transport == PROTOCOL_TCP;
	flow->excused--;
	return true;
}

/*
 * A client matches answers itself, and an answer operates nothing: on a stream, where no byte can
 * be taken out, it gets what answers no question of its own.  But a session that is set up changes
 * how both ends read what comes.
 */
static bool
may_go_unmatched(const struct pass *pass, const struct message *message)
{
	return pass->flow->transport == PROTOCOL_TCP && !pass_may_ask(pass) && !message->sets_up;
}

static void
decide_response(struct case_file *file, bool complete)
{
	struct pass *pass = file->pass;
	struct decision *decision = &file->decision;

	*decision = (struct decision){.verdict = VERDICT_ALLOW, .reason = REASON_PARTIAL};
	if (!complete)
		return;
	decision->reason = outstanding_settle(pass, file->judgement.message);
	if (decision->reason == REASON_RESPONSE) {
		pass->flow->unproven = false;
		pass->flow->middle = false;
		return;
	}
	if (decision->reason == REASON_RESPONSE_MISMATCH)
		decision->verdict = VERDICT_DENY;
	/* A connection picked up in its middle may get the answer to a question nobody saw. */
	else if (pass->flow->unproven || is_excused(pass->flow))
		decision->reason = REASON_RESPONSE;
	else if (!may_go_unmatched(pass, file->judgement.message))
		decision->verdict = VERDICT_DENY;
}

/* What a connection picked up in its middle may begin with: what changes nothing. */
static bool
may_begin(const struct message *message)
{
	return message->function->access == ACCESS_READ ||
	    (message->function->access == ACCESS_SESSION && message->no_response);
}

static bool
is_answered(const struct message *message)
{
	return message->kind == MESSAGE_REQUEST && !message->no_response;
}

static void
decide_request(struct case_file *file, bool complete)
{
	struct pass *pass = file->pass;
	const struct message *message = file->judgement.message;
	struct decision *decision = &file->decision;

	if (complete && is_answered(message) && !outstanding_has_room(pass, message))
		decide_waiting(
		    pass->channel, message, pass->in->now_ns, pass->engine->rates, decision);
	else
		decide(pass->channel, message, complete, pass->in->now_ns, pass->engine->rates,
		    decision);
	if (decision->verdict == VERDICT_DENY)
		return;
	if (pass->flow->unproven && pass_may_ask(pass) && !(complete && may_begin(message))) {
		*decision =
		    (struct decision){.verdict = VERDICT_DENY, .reason = REASON_STREAM_MIDDLE};
		return;
	}
	if (!complete || !is_answered(message))
		return;
	if (outstanding_add(pass, message))
		pass->asked++;
	else
		*decision =
		    (struct decision){.verdict = VERDICT_DENY, .reason = REASON_OUTSTANDING_FULL};
}

static void
count_message(struct pass *pass)
{
	struct engine *engine = pass->engine;

	engine->table.arena->counters.messages++;
	if (pass->channel->index < CHANNEL_COUNTERS_MAX)
		engine->table.channels[pass->channel->index].messages++;
}

/*
 * A refused packet leaves no trace, however many permitted messages it began with, unless its flow
 * ends.  (Rates that were used stay used.)
 */
static void
undo_keep(struct pass *pass)
{
	struct undo *undo = &pass->engine->undo;
	const void *state = flow_state(&pass->engine->table, pass->flow);

	undo->valid = true;
	undo->had_state = state != NULL;
	undo->outstanding_count = pass->flow->outstanding_count;
	undo->late_count = pass->flow->late_count;
	for (uint32_t i = 0; i < undo->outstanding_count; i++)
		undo->outstanding[i] = *flow_outstanding(&pass->engine->table, pass->flow, i);
	if (state)
		memcpy(undo->state, state, pass->channel->dissector->state_size);
}

static void
undo_packet(struct pass *pass)
{
	const struct undo *undo = &pass->engine->undo;
	void *state;

	if (!undo->valid)
		return;
	if (!undo->had_state)
		flow_drop_state(&pass->engine->table, pass->flow);
	state = flow_change_state(&pass->engine->table, pass->flow);
	pass->flow->outstanding_count = undo->outstanding_count;
	pass->flow->late_count = undo->late_count;
	for (uint32_t i = 0; i < undo->outstanding_count; i++)
		*flow_outstanding(&pass->engine->table, pass->flow, i) = undo->outstanding[i];
	if (state)
		memcpy(state, undo->state, pass->channel->dissector->state_size);
}

static void
commit(struct case_file *file)
{
	struct pass *pass = file->pass;
	const struct dissector *dissector = pass->channel->dissector;
	void *state = flow_change_state(&pass->engine->table, pass->flow);

	if (dissector->commit && state)
		dissector->commit(state, pass->direction, &file->context, file->judgement.message);
}

enum judged {
	JUDGED_NO = 0, /* the flow was ended */
	JUDGED_SKIP, /* monitor mode lets bytes pass that can't be read: give up on the rest of them
		      */
	JUDGED_CUT,  /* it is one too many behind others, which go on without it */
	JUDGED_PARTIAL,
	JUDGED_COMPLETE,
};

static void
open_case(struct case_file *file, struct pass *pass, const uint8_t *data, size_t length)
{
	struct engine *engine = pass->engine;
	const void *state = flow_state(&engine->table, pass->flow);

	file->pass = pass;
	file->context = (struct context){
	    .state = state ? state : engine->blank_state,
	    .scratch = engine->dissector_scratch,
	    .settings = pass->channel->settings,
	    .now_ms = pass->in->now_ns / 1000000,
	    .datagram = pass->flow->transport == PROTOCOL_UDP,
	    .middle = pass->flow->middle,
	};
	file->judgement = (struct judgement){.message = &engine->message,
	    .bytes = data,
	    .length = length,
	    .context = &file->context};
}

/*
 * What becomes of a message that may not pass.  Answers make room for more requests, so a segment
 * with one too many may come again, unless it alone has more than are permitted; so may a
 * keep-alive that came too soon behind many others.
 */
static enum refusal
refusal_of(struct pass *pass, enum reason reason)
{
	if (reason == REASON_PIECES_TOO_MANY && pass->engine->message.later)
		return REFUSE_PACKET;
	return reason == REASON_OUTSTANDING_FULL && outstanding_may_come_again(pass) ? REFUSE_PACKET
										     : REFUSE_FLOW;
}

/* True if it goes on in monitor mode, which tells of each message once. */
static bool
refuse_message(
    struct case_file *file, enum reason reason, const struct decision *decision, bool complete)
{
	struct pass *pass = file->pass;
	bool told = pass->continued && pass->flow->half_told;

	if (!told &&
	    !pass_record_refusal(
		pass, reason, refusal_of(pass, reason), &file->judgement, decision))
		return false;
	pass->outcome->reason = reason;
	pass->flow->half_told = !complete;
	return true;
}

/*
 * Before a whole message has shown where messages begin, bytes mean nothing: they neither pass
 * towards who is asked nor end the connection, unless nothing better comes.  The other way nothing
 * can be taken out of a stream, and nobody is harmed.
 */
static enum judged
judge_adrift(struct case_file *file, enum reason reason, enum judged passed)
{
	struct pass *pass = file->pass;
	struct flow *flow = pass->flow;
	enum refusal refusal = flow->refused < REPETITIONS_DROPPED ? REFUSE_PACKET : REFUSE_FLOW;

	if (lost_follows(pass)) {
		pass->outcome->reason = REASON_CAPTURE_LOSS;
		return passed;
	}
	if (pass_is_monitor(pass) || !pass_may_ask(pass)) {
		pass->outcome->reason = REASON_STREAM_MIDDLE;
		return passed;
	}
	flow->refused++;
	pass_record_refusal(pass, reason, refusal, &file->judgement, NULL);
	return JUDGED_NO;
}

/* Is it refused for nothing but that it is not whole, where only whole messages mean something? */
static bool
is_adrift(const struct case_file *file, bool whole)
{
	const struct pass *pass = file->pass;

	return !whole && file->decision.verdict == VERDICT_DENY &&
	    (pass->flow->adrift[pass->direction] || file->decision.reason == REASON_STREAM_MIDDLE);
}

static void
count_whole(struct case_file *file)
{
	const struct message *message = file->judgement.message;

	file->pass->whole++;
	file->pass->reads += file->decision.verdict == VERDICT_ALLOW &&
	    message->kind == MESSAGE_REQUEST && !message->unfinished && message->function &&
	    message->function->access == ACCESS_READ;
}

/*
 * A sender that was not answered puts what it repeats and what is new into one segment, however few
 * may wait.  What is one too many stays behind, and comes again by itself; what was sent before
 * goes on in any case.
 */
static bool
is_left_behind(const struct case_file *file)
{
	struct pass *pass = file->pass;

	if (file->decision.reason != REASON_OUTSTANDING_FULL || file->context.datagram ||
	    pass_is_monitor(pass) || pass->continued || pass->flow->unproven ||
	    pass->in->length > PACKET_ROOM)
		return false;
	if (pass->at == pass->base)
		return pass->base > 0;
	return !outstanding_may_come_again(pass);
}

static enum judged
leave_behind(struct case_file *file)
{
	struct pass *pass = file->pass;

	pass_count_refusal(pass, file->decision.reason);
	pass->done = ON_DENY_DROP;
	pass_tell(pass, EVENT_VERDICT, &file->judgement, &file->decision, VERDICT_DENY,
	    file->decision.reason, false);
	pass_move_to_room(pass);
	pass->cut = pass->rewritten = true;
	pass->kept = pass->at - pass->base;
	return JUDGED_CUT;
}

/* The dissector has read the message; may it pass? */
static enum judged
judge_message(struct case_file *file, bool complete)
{
	struct pass *pass = file->pass;
	const struct message *message = file->judgement.message;
	bool whole = complete && !message->unfinished;

	if (whole) {
		count_message(pass);
		flow_note_message(flow_note(&pass->engine->table, pass->flow), message);
	}
	if (answers(message))
		decide_response(file, whole);
	else
		decide_request(file, whole);
	if (complete)
		count_whole(file);
	if (is_adrift(file, whole))
		return judge_adrift(file, file->decision.reason, JUDGED_PARTIAL);
	if (file->decision.verdict == VERDICT_DENY && whole &&
	    pass_refuse_request(pass, &file->judgement, &file->decision)) {
		commit(file);
		return JUDGED_COMPLETE;
	}
	if (file->decision.verdict == VERDICT_DENY && !complete && pass_holds_denied_head(pass))
		return JUDGED_NO;
	if (file->decision.verdict == VERDICT_DENY && is_left_behind(file))
		return leave_behind(file);
	if (file->decision.verdict == VERDICT_DENY) {
		if (!refuse_message(file, file->decision.reason, &file->decision, complete))
			return JUDGED_NO;
		/* monitor mode: it will be answered like any other */
		if (whole && is_answered(message))
			outstanding_force(pass, message);
	} else if (complete) {
		pass->outcome->reason = file->decision.reason;
		if (whole && pass->engine->observer)
			pass_tell(pass, EVENT_VERDICT, &file->judgement, &file->decision,
			    VERDICT_ALLOW, file->decision.reason, false);
	}
	if (!complete)
		return JUDGED_PARTIAL;
	commit(file);
	return JUDGED_COMPLETE;
}

/* Bytes that are no message: in monitor mode nobody knows what they ask. */
static enum judged
judge_malformed(struct case_file *file, enum reason reason)
{
	struct flow *flow = file->pass->flow;

	if (flow->adrift[file->pass->direction])
		return judge_adrift(file, reason, JUDGED_SKIP);
	if (!refuse_message(file, reason, NULL, true))
		return JUDGED_NO;
	flow->blurred = true;
	if (pass_may_ask(file->pass) && flow->excused < OUTSTANDING_MAX)
		flow->excused++;
	return JUDGED_SKIP;
}

/* May what follows the complete message that was read be refused without the end of the flow? */
static bool
may_be_undone(const struct case_file *file, bool more)
{
	if (file->context.datagram)
		return more || file->judgement.message->unfinished;
	return more && pass_may_ask(file->pass);
}

/* Judge the message that begins at data; *ret_length its length when it is complete. */
static enum judged
judge_one(struct pass *pass, const uint8_t *data, size_t length, uint32_t *ret_length)
{
	const struct dissector *dissector = pass->channel->dissector;
	enum reason reason = REASON_UNDECIDED;
	struct case_file file;
	enum dissect_result result;

	open_case(&file, pass, data, length);
	pass->answered = false;
	result = dissect(dissector, pass->direction, &file.context, data, length, NULL,
	    &pass->engine->message, ret_length, &reason);
	if (result == DISSECT_PARTIAL && length >= dissector->message_max) {
		result = DISSECT_MALFORMED;
		reason = REASON_MESSAGE_TOO_LONG;
	}
	if (result == DISSECT_MALFORMED)
		return judge_malformed(&file, reason);
	if (result == DISSECT_COMPLETE && !pass->engine->undo.valid &&
	    may_be_undone(&file, *ret_length < length))
		undo_keep(pass);
	/* What no message needs takes no room: not before there is one. */
	if (result == DISSECT_COMPLETE && dissector->state_size > 0 &&
	    pass->flow->state_slot == 0 && !pass_take_state(pass))
		return JUDGED_NO;
	return judge_message(&file, result == DISSECT_COMPLETE);
}

/*
 * The rest of a message whose beginning was let through earlier: put both together.  `c` is over
 * the new bytes; *ret_taken tells how many the message takes of them if it is complete.
 */
static enum judged
judge_continued(struct pass *pass, struct cursor c, uint32_t pending, uint32_t *ret_taken)
{
	struct engine *engine = pass->engine;
	struct stream *stream = &pass->flow->stream[pass->direction];
	size_t max = pass->channel->dissector->message_max, take = cursor_left(&c);
	uint32_t length;
	enum judged judged;

	assert(pending < max);
	if (take > max - pending)
		take = max - pending;
	stream_gather(&engine->table.pool, stream, engine->scratch, max);
	pass->at = pass->base + c.offset;
	memcpy(&engine->scratch[pending], cursor_bytes(&c, take, "continued"), take);
	if (pass->room)
		pass_translate(pass, engine->scratch, pending + (uint32_t)take, (uint32_t)take);
	pass->continued = true;
	judged = judge_one(pass, engine->scratch, pending + take, &length);
	pass->continued = false;
	if (judged == JUDGED_COMPLETE) {
		assert(length > pending && length - pending <= take);
		*ret_taken = length - pending;
	}
	return judged;
}

/* Judge all that begins in new bytes; `c` is moved behind the last message that is complete. */
static enum judged
judge_all(struct pass *pass, struct cursor *c, uint32_t *pending, bool *ret_whole)
{
	enum judged judged = JUDGED_COMPLETE;

	*ret_whole = false;
	if (*pending > 0) {
		uint32_t taken = 0;

		judged = judge_continued(pass, *c, *pending, &taken);
		*ret_whole = judged == JUDGED_COMPLETE;
		cursor_bytes(c, taken, "continued");
	}
	while (judged == JUDGED_COMPLETE && cursor_left(c) > 0) {
		struct cursor rest = *c;
		uint32_t left = cursor_left(c), message_length = 0;
		const uint8_t *messages = cursor_bytes(&rest, left, "messages");

		*pending = 0;
		pass->at = pass->base + c->offset;
		if (pass->room)
			pass_translate(pass, messages, left, left);
		judged = judge_one(pass, messages, left, &message_length);
		if (judged == JUDGED_COMPLETE) {
			cursor_bytes(c, message_length, "message");
			*ret_whole = true;
		}
	}
	return judged;
}

bool
pass_judge_stream(struct pass *pass, const uint8_t *data, size_t length, uint32_t *ret_pending)
{
	struct flow *flow = pass->flow;
	uint32_t pending = stream_pending(&flow->stream[pass->direction]);
	enum judged judged;
	struct cursor c;
	bool whole, fresh;

	cursor_init(&c, data, length, length);
	pass->engine->undo.valid = false;
	fresh = pending == 0;
	judged = judge_all(pass, &c, &pending, &whole);
	if (judged == JUDGED_PARTIAL && fresh && pass_holds_head(pass))
		judged = JUDGED_NO;
	if (judged == JUDGED_NO) {
		if (flow->state == FLOW_OPEN)
			undo_packet(pass);
		return false;
	}
	if (judged != JUDGED_SKIP && whole) {
		flow->adrift[pass->direction] = false;
		flow->refused = 0;
	}
	*ret_pending = judged == JUDGED_PARTIAL ? pending + cursor_left(&c) : 0;
	return true;
}

void
pass_judge_datagram(struct pass *pass)
{
	const struct message *message = &pass->engine->message;
	struct packet *packet = &pass->packet;
	bool split = false;
	struct cursor c;

	if (!pass_prepare_rewriting(pass))
		return;
	cursor_init(&c, packet->payload, packet->payload_length, packet->payload_length);
	pass->engine->undo.valid = false;
	pass_allow(pass, REASON_CONTROL_SEGMENT);
	while (cursor_left(&c) > 0) {
		struct cursor rest = c;
		uint32_t left = cursor_left(&c), length = 0;
		const uint8_t *messages = cursor_bytes(&rest, left, "messages");
		enum judged judged;

		pass->at = c.offset;
		if (pass->room)
			pass_translate(pass, messages, left, left);
		judged = judge_one(pass, messages, left, &length);
		if (judged == JUDGED_NO ||
		    (judged == JUDGED_PARTIAL &&
			!pass_refuse(pass, REASON_LENGTH_MISMATCH, REFUSE_PACKET)))
			undo_packet(pass);
		if (judged != JUDGED_COMPLETE)
			return;
		cursor_bytes(&c, length, "message");
		/* a frame of the link layer neither begins nor ends one */
		if (message->unfinished || message->kind != MESSAGE_LINK)
			split = message->unfinished && message->together;
	}
	if (split && !pass_refuse(pass, REASON_TRANSPORT_SPLIT, REFUSE_PACKET))
		undo_packet(pass);
}
