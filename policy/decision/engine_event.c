/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: what the observer is told.  Numbers only; see eve.h for the words. */
#include "engine_event.h"

#include <string.h>

/* Reasons that repeat with every retransmission of what was told already: counted, not told. */
static bool
reason_is_quiet(enum reason reason)
{
	switch (reason) {
	case REASON_FLOW_DENIED:
	case REASON_STREAM_GAP:
	case REASON_STREAM_STALE:
	case REASON_STREAM_KEEPALIVE:
	case REASON_HEAD_HELD:
	case REASON_STREAM_REOPENED:
		return true;
	default:
		return false;
	}
}

/* What passes although it is not as it should be. */
static bool
reason_is_news(enum reason reason)
{
	return reason == REASON_RESPONSE_UNMATCHED || reason == REASON_STREAM_BYPASSED ||
	    reason == REASON_CAPTURE_LOSS;
}

static bool
changes_something(const struct message *message)
{
	switch (message->function ? message->function->access : ACCESS_NONE) {
	case ACCESS_WRITE:
	case ACCESS_CONTROL:
	case ACCESS_PROGRAM:
	case ACCESS_FILE:
		return message->kind != MESSAGE_RESPONSE && message->kind != MESSAGE_EXCEPTION;
	default:
		return false;
	}
}

static bool
observer_wants(const struct pass *pass, const struct message *message, enum verdict verdict,
    enum reason reason, bool would_deny)
{
	if (!pass->engine->observer)
		return false;
	if (pass->engine->observe == OBSERVE_ALL)
		return true;
	if (verdict == VERDICT_DENY || would_deny)
		return pass->loud || !reason_is_quiet(reason);
	if (reason_is_news(reason))
		return true;
	if (!message || !pass->channel)
		return false;
	if ((message->has_exception && !pass->answered) || pass->channel->log == LOG_ALL)
		return true;
	return pass->channel->log == LOG_WRITES && changes_something(message);
}

static void
event_add_span(struct event_span *to, const struct span *from)
{
	*to = (struct event_span){
	    .space = from->space,
	    .access = from->access,
	    .block = from->block,
	    .first = from->first,
	    .last = from->last,
	};
	if (from->values.format == VALUE_NONE)
		return;
	for (uint32_t i = 0; i < from->values.count && i < EVENT_VALUES_MAX; i++)
		to->values[to->value_count++] = values_get(&from->values, i);
}

static void
event_add_message(struct event *event, const struct message *message)
{
	event->kind = (uint8_t)message->kind;
	event->function_code = message->function_code;
	event->has_function = message->has_function;
	event->has_unit = message->has_unit;
	event->has_exception = message->has_exception;
	event->exception = message->exception;
	event->unit = message->unit;
	event->unit_source = message->unit_source;
	event->transaction = message->transaction;
	event->length = message->length;
	for (uint32_t i = 0; i < message->label_length && i < EVENT_LABEL_MAX - 1; i++) {
		uint8_t c = message->label[i];

		event->label[i] = c > 0x20 && c < 0x7f ? (char)c : '.';
	}
	event->span_count = (uint16_t)message->span_count;
	if (message->function)
		event->function = dissector_function_index(message->dissector, message->function);
	for (uint32_t i = 0; i < message->span_count && i < EVENT_SPANS_MAX; i++)
		event_add_span(&event->spans[i], &message->spans[i]);
}

/* The bytes of the message, as far as they are here and there is room. */
static void
event_add_bytes(struct event *event, const struct judgement *judgement)
{
	size_t length = judgement->length;
	struct cursor c;

	if (event->length > 0 && event->length < length)
		length = event->length;
	if (length > EVENT_BYTES_MAX)
		length = EVENT_BYTES_MAX;
	cursor_init(&c, judgement->bytes, judgement->length, judgement->length);
	memcpy(event->bytes, cursor_bytes(&c, length, "event"), length);
	event->byte_count = (uint16_t)length;
}

/* The requests that a refused response might have answered: that with its token, and the oldest. */
static void
event_add_waiting(struct event *event, const struct pass *pass, uint64_t token)
{
	const struct flow *flow = pass->flow;
	unsigned found = 0;

	event->waiting_count = (uint8_t)(flow->outstanding_count - flow->late_count);
	for (int pair = 1; pair >= 0; pair--)
		for (uint32_t i = flow->late_count;
		     i < flow->outstanding_count && found < EVENT_WAITING_MAX; i++) {
			const struct outstanding *asked =
			    flow_outstanding(&pass->engine->table, flow, i);

			if (((asked->token & TOKEN_BITS) == token) == pair)
				event->waiting[found++] = (struct event_waiting){
				    asked->token & TOKEN_BITS, asked->expect};
		}
}

static void
event_add_packet(struct event *event, const struct packet *packet)
{
	event->source = packet->source;
	event->destination = packet->destination;
	event->source_port = packet->source_port;
	event->destination_port = packet->destination_port;
	event->family = (uint8_t)packet->family;
	event->transport = packet->protocol;
}

void
pass_tell(struct pass *pass, enum event_type type, struct judgement *judgement,
    const struct decision *decision, enum verdict verdict, enum reason reason, bool would_deny)
{
	struct event *event = &pass->engine->event;
	const struct message *message = judgement->message;

	if (!observer_wants(pass, message, verdict, reason, would_deny))
		return;
	memset(event, 0, sizeof(*event));
	event->type = type;
	event->wall_ns = pass->in->wall_ns;
	event->flow_id = pass->flow ? pass->flow->id : 0;
	event->direction = (uint8_t)pass->direction;
	event->channel = pass->channel ? pass->channel->index : EVENT_NO_INDEX;
	event->rule = decision && decision->rule ? decision->rule->index : EVENT_NO_INDEX;
	event->function = EVENT_NO_INDEX;
	event->refused = EVENT_NO_INDEX;
	event->reason = (uint16_t)reason;
	event->verdict = (uint8_t)verdict;
	event->would_deny = would_deny;
	if (verdict == VERDICT_DENY && type == EVENT_VERDICT && pass->channel &&
	    pass->channel->conduit->on_deny == ON_DENY_REFUSE)
		event->done = (uint8_t)(pass->done + 1);
	event_add_packet(event, &pass->packet);
	event->interface = pass->in->interface;
	if (message)
		event_add_message(event, message);
	if (message && judgement->bytes &&
	    (verdict == VERDICT_DENY || would_deny || reason_is_news(reason)))
		event_add_bytes(event, judgement);
	if (message && pass->flow &&
	    (reason == REASON_RESPONSE_UNMATCHED || reason == REASON_RESPONSE_MISMATCH))
		event_add_waiting(event, pass, message->token);
	if (message && message->dissector->tell && judgement->context)
		message->dissector->tell(judgement->context, message, &event->told);
	if (message && decision && decision->span)
		event->refused = (uint32_t)(decision->span - message->spans);
	judgement->event = event;
	judgement->channel = pass->channel;
	pass->engine->observer(pass->engine->observer_context, judgement);
}

/* The packet that a flow's own ends would send: for events about the flow itself. */
static void
packet_of_flow(const struct flow *flow, const struct flow_ends *ends, struct packet *ret_packet)
{
	*ret_packet = (struct packet){
	    .family = flow->family,
	    .protocol = flow->transport,
	    .source = ends->address[DIRECTION_REQUEST],
	    .destination = ends->address[DIRECTION_RESPONSE],
	    .source_port = flow->port[DIRECTION_REQUEST],
	    .destination_port = flow->port[DIRECTION_RESPONSE],
	};
}

void
engine_count_reason(struct engine *engine, const struct channel *channel, enum reason reason)
{
	size_t conduit;

	engine->table.arena->counters.by_reason[reason]++;
	if (!channel)
		return;
	conduit = (size_t)(channel->conduit - engine->policy->conduits);
	if (conduit < CONDUIT_COUNTERS_MAX)
		engine->table.conduits[conduit].by_reason[reason]++;
}

void
engine_tell_of_flow(struct engine *engine, struct flow *flow, const struct channel *channel,
    const struct engine_packet *when, enum event_type type, enum reason reason)
{
	struct pass pass = {.engine = engine, .in = when, .flow = flow, .channel = channel};
	struct judgement judgement = {0};

	engine_count_reason(engine, channel, reason);
	if (flow) {
		struct flow_ends ends = flow_ends(&engine->table, flow);

		packet_of_flow(flow, &ends, &pass.packet);
	}
	pass_tell(&pass, type, &judgement, NULL, VERDICT_DENY, reason, false);
}
