/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain alone: see explain_alone.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "explain_alone.h"
#include "output.h"
#include "terminal.h"

/* What decide() says; a response is not asked about there. */
void
explain_alone_judge(struct explanation *e, const struct policy *policy)
{
	struct rate_state *rates = calloc(policy->rate_count + 1, sizeof(*rates));
	struct decision decision;

	if (!rates) {
		complain("out of memory");
		exit(ANSWER_UNKNOWN);
	}
	e->known = true;
	e->verdict = VERDICT_DENY;
	e->reason = e->malformed;
	if (e->result != DISSECT_MALFORMED && e->message.kind != MESSAGE_RESPONSE &&
	    e->message.kind != MESSAGE_EXCEPTION &&
	    (e->direction == DIRECTION_REQUEST || e->message.kind == MESSAGE_UNSOLICITED)) {
		decide(e->channel, &e->message, e->result == DISSECT_COMPLETE, 1, rates, &decision);
		e->verdict = decision.verdict;
		e->reason = decision.reason;
		e->rule = decision.rule;
	} else if (e->result != DISSECT_MALFORMED) {
		e->known = false;
	}
	if (e->known && e->verdict == VERDICT_DENY && e->channel->conduit->mode == MODE_MONITOR) {
		e->verdict = VERDICT_ALLOW;
		e->would_deny = true;
	}
	free(rates);
}

enum answer
explain_answer(const struct explanation *e)
{
	if (!e->known)
		return ANSWER_UNKNOWN;
	return e->verdict == VERDICT_ALLOW && !e->would_deny ? ANSWER_YES : ANSWER_NO;
}

/* What belongs to a session is taken to be of one that was set up before these bytes. */
void
explain_alone_dissect(struct explanation *e, const uint8_t *bytes, size_t length,
    struct context *context, uint32_t *ret_used)
{
	explanation_dissect(e, bytes, length, context, ret_used);
	if (e->result != DISSECT_MALFORMED || e->malformed != REASON_SESSION_MISSING)
		return;
	context->middle = true;
	*e = (struct explanation){
	    .changes = e->changes, .channel = e->channel, .direction = e->direction};
	explanation_dissect(e, bytes, length, context, ret_used);
}

/* The messages in the bytes, one behind the other, until one can't be passed over. */
enum answer
explain_alone(struct changes *changes, const struct channel *channel, enum direction direction,
    const struct hex *hex, bool json)
{
	static struct explanation e; /* too large for the stack's comfort */
	static struct context_room room;
	struct context context = context_new(&room);
	enum answer worst = ANSWER_YES;
	struct cursor c;

	context.settings = channel->settings;
	cursor_init(&c, hex->bytes, hex->length, hex->length);
	for (bool first = true; first || cursor_left(&c) > 0; first = false) {
		struct cursor rest = c;
		size_t left = cursor_left(&c);
		enum answer answer;
		uint32_t used = 0;

		e = (struct explanation){
		    .changes = changes, .channel = channel, .direction = direction};
		explain_alone_dissect(
		    &e, cursor_bytes(&rest, left, "messages"), left, &context, &used);
		explain_alone_judge(&e, changes->policy);
		if (!first && !json && !changes->patch)
			puts("\n");
		if (json)
			output_json(explanation_json(&e));
		else
			explanation_print(&e);
		answer = explain_answer(&e);
		worst = answer > worst ? answer : worst;
		if (e.result != DISSECT_COMPLETE)
			break;
		if (channel->dissector->commit)
			channel->dissector->commit(room.state, direction, &context, &e.message);
		cursor_bytes(&c, used, "message");
	}
	return worst;
}
