/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine: requests that wait for their responses.  See engine_outstanding.h. */
#include "engine_outstanding.h"

#include <assert.h>

#include "engine_verdict.h"
#include "flow.h"

static struct outstanding *
outstanding_at(const struct pass *pass, uint32_t i)
{
	return flow_outstanding(&pass->engine->table, pass->flow, i);
}

static uint32_t
waiting(const struct flow *flow)
{
	return (uint32_t)(flow->outstanding_count - flow->late_count);
}

static void
outstanding_remove(struct pass *pass, uint32_t i)
{
	struct flow *flow = pass->flow;

	assert(i < flow->outstanding_count);
	if (i < flow->late_count)
		flow->late_count--;
	flow->outstanding_count--;
	for (; i < flow->outstanding_count; i++)
		*outstanding_at(pass, i) = *outstanding_at(pass, i + 1);
}

/* Nobody waits for number `i` any more, but it may be answered yet. */
static void
outstanding_retire(struct pass *pass, uint32_t i)
{
	struct flow *flow = pass->flow;
	struct outstanding retired = *outstanding_at(pass, i);

	assert(i >= flow->late_count && i < flow->outstanding_count);
	for (; i > flow->late_count; i--)
		*outstanding_at(pass, i) = *outstanding_at(pass, i - 1);
	*outstanding_at(pass, flow->late_count++) = retired;
	if (flow->late_count > OUTSTANDING_LATE_MAX)
		outstanding_remove(pass, 0);
}

/* How many there can be; more than its own only where there is a place for them. */
static uint32_t
capacity(struct pass *pass)
{
	struct flow *flow = pass->flow;

	if (flow->outstanding_count < OUTSTANDING_OWN || flow_take_more(&pass->engine->table, flow))
		return OUTSTANDING_MAX;
	return OUTSTANDING_OWN;
}

static void
outstanding_append(struct pass *pass, uint64_t token, uint64_t expect)
{
	struct flow *flow = pass->flow;

	if (flow->outstanding_count >= capacity(pass))
		outstanding_remove(pass, 0);
	*outstanding_at(pass, flow->outstanding_count++) = (struct outstanding){
	    .token = token, .expect = fold_expect(expect), .asked_ms = pass_now_ms(pass)};
}

/*
 * A server throws away what is before the byte that it expects, and what is left of two requests
 * can be another one.  So a connection that was picked up in its middle asks one thing until a
 * response has shown where messages begin.
 */
static bool
waits_for_proof(const struct pass *pass)
{
	return pass->flow->unproven && pass_may_ask(pass) && pass->flow->outstanding_count > 0;
}

bool
outstanding_may_come_again(struct pass *pass)
{
	if (!waits_for_proof(pass))
		return pass->asked < pass->channel->outstanding;
	return pass->asked == 0 &&
	    pass_now_ms(pass) - outstanding_at(pass, 0)->asked_ms < PROOF_AGE_S * 1000;
}

static bool
is_aged(const struct pass *pass, uint32_t i)
{
	return pass_now_ms(pass) - outstanding_at(pass, i)->asked_ms >= OUTSTANDING_AGE_S * 1000;
}

bool
outstanding_has_room(struct pass *pass, const struct message *message)
{
	uint32_t fresh = 0;

	if (waits_for_proof(pass))
		return false;
	for (uint32_t i = pass->flow->late_count; i < pass->flow->outstanding_count; i++)
		fresh += !is_aged(pass, i);
	return message->silent || fresh < pass->channel->outstanding;
}

/* It never takes the place of one for which somebody waits. */
static void
outstanding_add_silent(struct pass *pass, uint64_t token, uint64_t expect)
{
	if (waiting(pass->flow) >= capacity(pass))
		return;
	outstanding_append(pass, token, expect);
	outstanding_retire(pass, pass->flow->outstanding_count - 1U);
}

static bool
add(struct pass *pass, uint64_t token, uint64_t expect, bool silent)
{
	struct flow *flow = pass->flow;

	if (waits_for_proof(pass))
		return false;
	if (silent) {
		outstanding_add_silent(pass, token, expect);
		return true;
	}
	while (waiting(flow) >= pass->channel->outstanding && is_aged(pass, flow->late_count))
		outstanding_retire(pass, flow->late_count);
	if (waiting(flow) >= pass->channel->outstanding || waiting(flow) >= capacity(pass))
		return false;
	outstanding_append(pass, token, expect);
	return true;
}

/* One with these numbers that was refused and never answered: the next answer is not to it. */
static void
forget_refused(struct pass *pass, uint64_t token)
{
	for (uint32_t i = pass->flow->outstanding_count; i-- > 0;) {
		const struct outstanding *asked = outstanding_at(pass, i);

		if ((asked->token & TOKEN_REFUSED) && (asked->token & TOKEN_BITS) == token &&
		    pass_now_ms(pass) - asked->asked_ms >= OUTSTANDING_AGE_S * 1000)
			outstanding_remove(pass, i);
	}
}

bool
outstanding_add(struct pass *pass, const struct message *message)
{
	if (pass->flow->refusing)
		forget_refused(pass, message->token);
	return add(pass, message->token, message->expect, message->silent);
}

/* Any answer to it is its refusal, so it need not agree in anything. */
bool
outstanding_add_refused(struct pass *pass, const struct message *message, bool silent)
{
	uint64_t function = message->function_code & 0xff;

	assert((message->token & ~TOKEN_BITS) == 0);
	return add(pass, message->token | TOKEN_REFUSED | function << TOKEN_FUNCTION, 0, silent);
}

/* Nobody waits for the answer to one that is late. */
bool
outstanding_has_refused(const struct pass *pass)
{
	for (uint32_t i = 0; i < pass->flow->outstanding_count; i++) {
		const struct outstanding *asked = outstanding_at(pass, i);
		bool late = i < pass->flow->late_count;
		uint32_t limit_s = late ? OUTSTANDING_AGE_S : pass->channel->pause_s;

		if ((asked->token & TOKEN_REFUSED) &&
		    pass_now_ms(pass) - asked->asked_ms < limit_s * 1000)
			return true;
	}
	return false;
}

void
outstanding_force(struct pass *pass, const struct message *message)
{
	if (waiting(pass->flow) >= pass->channel->outstanding)
		outstanding_retire(pass, pass->flow->late_count);
	outstanding_append(pass, message->token, message->expect);
}

void
outstanding_retire_all(struct pass *pass)
{
	while (waiting(pass->flow) > 0)
		outstanding_retire(pass, pass->flow->late_count);
}

uint64_t
outstanding_bits(const struct channel *channel)
{
	const struct dissector *dissector = channel->dissector;
	uint64_t bits = UINT64_MAX;

	if (channel->answers == ANSWERS_ANY_UNIT || channel->answers == ANSWERS_ANY)
		bits &= ~dissector->token_unit;
	if (channel->answers == ANSWERS_ANY_TRANSACTION || channel->answers == ANSWERS_ANY)
		bits &= ~dissector->token_transaction;
	return bits;
}

static bool
agrees(const struct outstanding *asked, const struct message *message)
{
	return message->kind == MESSAGE_EXCEPTION || message->expect == 0 || asked->expect == 0 ||
	    asked->expect == fold_expect(message->expect);
}

/*
 * The first of from..to-1 that the response answers, as far as `bits` of their tokens tell; `to` if
 * there is none.
 */
static uint32_t
find_asked(
    struct pass *pass, const struct message *message, uint64_t bits, uint32_t from, uint32_t to)
{
	for (; from < to; from++) {
		const struct outstanding *asked = outstanding_at(pass, from);

		if (((asked->token ^ message->token) & bits & TOKEN_BITS) == 0 &&
		    agrees(asked, message))
			break;
	}
	return from;
}

static bool
names_one_that_waits(const struct pass *pass, const struct message *message)
{
	for (uint32_t i = pass->flow->late_count; i < pass->flow->outstanding_count; i++)
		if ((outstanding_at(pass, i)->token & TOKEN_BITS) == message->token)
			return true;
	return false;
}

enum reason
outstanding_settle(struct pass *pass, const struct message *message)
{
	struct flow *flow = pass->flow;
	uint32_t late = flow->late_count, count = flow->outstanding_count, i;
	uint64_t bits = outstanding_bits(pass->channel);
	bool found;

	i = find_asked(pass, message, UINT64_MAX, late, count);
	found = i < count;
	if (!found) {
		i = find_asked(pass, message, UINT64_MAX, 0, late);
		found = i < late;
	}
	if (!found && bits != UINT64_MAX) {
		i = find_asked(pass, message, bits, late, count);
		found = i < count;
	}
	if (!found)
		return names_one_that_waits(pass, message) ? REASON_RESPONSE_MISMATCH
							   : REASON_RESPONSE_UNMATCHED;
	pass->answered = outstanding_at(pass, i)->token & TOKEN_REFUSED;
	/* A gateway that gives up with an exception may have the device's answer later. */
	if (!message->more && message->kind == MESSAGE_EXCEPTION && i >= late && !pass->answered)
		outstanding_retire(pass, i);
	else if (!message->more)
		outstanding_remove(pass, i);
	return REASON_RESPONSE;
}
