/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decide: may this message pass?
 *
 * Rules are looked at three times at most: first those without a rate, then those whose rate has
 * something left, and, only to tell the reason of a denial, all of them.  The usual message is
 * settled by the first look.
 */
#include "decide.h"

#include <assert.h>
#include <stddef.h>

#include "element.h"

/* Rules with a rate that one message may use; a message that needs more is denied. */
enum { RATES_USED_MAX = 8 };

enum look {
	LOOK_UNRATED,   /* only rules without a rate */
	LOOK_AVAILABLE, /* and those whose rate is not used up */
	LOOK_ALL,       /* all rules, whatever their rate: to find the reason */
};

struct question {
	const struct channel *channel;
	const struct message *message;
	bool complete;
	uint64_t now_ns;
	struct rate_state *rates;
	enum look look;
	bool waits; /* it can't pass now in any case: nothing is used up */
	/* answers */
	const struct rule *first; /* rule that was needed first */
	const struct rule *used[RATES_USED_MAX];
	size_t used_count;
	enum reason refused; /* a rule contains the point, but its limits of values do not hold */
	const struct span *span;
	uint32_t point;
};

static uint64_t
rate_interval_ns(const struct rate *rate)
{
	return (uint64_t)rate->period_ms * 1000000 / rate->count;
}

/* Would one more message be within the rate?  (Generic cell rate algorithm, burst of `count`.) */
static bool
rate_available(const struct rate *rate, uint64_t arrival_ns, uint64_t now_ns)
{
	uint64_t interval = rate_interval_ns(rate);

	return arrival_ns <= now_ns + interval * (rate->count - 1);
}

static bool
rate_use(const struct rate *rate, struct rate_state *state, uint64_t now_ns)
{
	uint64_t arrival = atomic_load_explicit(&state->arrival_ns, memory_order_relaxed);
	uint64_t next;

	do {
		if (!rate_available(rate, arrival, now_ns))
			return false;
		next = (arrival > now_ns ? arrival : now_ns) + rate_interval_ns(rate);
	} while (!atomic_compare_exchange_weak_explicit(
	    &state->arrival_ns, &arrival, next, memory_order_relaxed, memory_order_relaxed));
	return true;
}

static bool
unit_matches(const struct rule *rule, const struct message *message)
{
	if (!message->has_unit)
		return true;
	if (rule->unit_count == 0)
		return !message->unit_named;
	for (size_t i = 0; i < rule->unit_count; i++) {
		const struct unit_range *u = &rule->units[i];

		if (u->named == message->unit_named && message->unit >= u->first &&
		    message->unit <= u->last && message->unit_source >= u->source_first &&
		    message->unit_source <= u->source_last)
			return true;
	}
	return false;
}

/* Does it speak of points or of what is written to them? */
static bool
is_pointed(const struct rule *rule)
{
	return rule->point_count > 0 || rule->value_count > 0 || rule->limit_count > 0;
}

/* What changes something and names no point changes the device as a whole. */
static bool
is_of_device(const struct message *message)
{
	uint8_t access = message->function->access;

	return message->span_count == 0 && !message->follows &&
	    (access == ACCESS_WRITE || access == ACCESS_CONTROL || access == ACCESS_PROGRAM);
}

static bool
function_matches(const struct rule *rule, const struct message *message)
{
	uint32_t index;

	if (!message->function)
		return false;
	/* What an opaque function touches can't be told, so no limit of points or values can hold.
	 */
	if (message->opaque && is_pointed(rule))
		return false;
	index = dissector_function_index(message->dissector, message->function);
	return rule->functions[index / 64] >> (index % 64) & 1;
}

bool
rule_matches(const struct rule *rule, const struct message *message)
{
	return function_matches(rule, message) && unit_matches(rule, message);
}

/*
 * The half of a read-write function that only reads may also be allowed by a rule that grants
 * reading as a class; the function itself is named by some other rule (see decide()).
 */
static bool
rule_speaks_for(const struct rule *rule, const struct message *message, const struct span *span)
{
	if (rule_matches(rule, message))
		return true;
	return span->access == ACCESS_READ && message->function->access != ACCESS_READ &&
	    (rule->access_words >> ACCESS_READ & 1) && unit_matches(rule, message);
}

static bool
look_permits(const struct question *q, const struct rule *rule)
{
	if (rule->rate.count == 0 || q->look == LOOK_ALL)
		return true;
	if (q->look == LOOK_UNRATED)
		return false;
	return rate_available(&rule->rate,
	    atomic_load_explicit(&q->rates[rule->rate.slot].arrival_ns, memory_order_relaxed),
	    q->now_ns);
}

static bool
value_in(const struct rule *rule, double value)
{
	for (size_t i = 0; i < rule->value_count; i++)
		if (value >= rule->values[i].first && value <= rule->values[i].last)
			return true;
	return false;
}

/* Is this one range of those for a part of the value, and does it hold? */
static bool
part_in(const struct rule *rule, uint32_t part, double value)
{
	for (size_t i = 0; i < rule->limit_count; i++) {
		const struct part_limit *limit = &rule->limits[i];

		if (limit->part == part && value >= limit->range.first &&
		    value <= limit->range.last)
			return true;
	}
	return false;
}

static bool
is_limited(const struct question *q, const struct rule *rule, const struct span *span)
{
	for (size_t n = 0; n < rule->limit_count; n++) {
		const struct part *part = &q->message->dissector->parts[rule->limits[n].part];

		if (part->space == span->space && span->block >= part->block_first &&
		    span->block <= part->block_last)
			return true;
	}
	return false;
}

/* Do the numbers beside value `i` keep the limits of the rule that speak of them? */
static bool
parts_in(const struct question *q, const struct rule *rule, const struct span *span, uint32_t i)
{
	for (size_t n = 0; n < rule->limit_count; n++) {
		uint32_t index = rule->limits[n].part;
		const struct part *part = &q->message->dissector->parts[index];

		if (part->space == span->space && span->block >= part->block_first &&
		    span->block <= part->block_last &&
		    !part_in(
			rule, index, values_get_part(&span->values, i, part->format, part->offset)))
			return false;
	}
	return true;
}

/* The value that is outside its limits says more than one that could not be put together. */
static bool
refuse_value(struct question *q, enum reason reason)
{
	if (q->refused != REASON_VALUE_DENIED)
		q->refused = reason;
	return false;
}

/*
 * As values_reach(), of the elements that begin at the first index of the points and repeat; of the
 * one that `from` is in, a part may lie before.
 */
static bool
elements_reach(struct question *q, const struct rule *rule, const struct span *span,
    const struct point_range *points, uint32_t from, uint32_t *ret_last)
{
	uint32_t width = dissector_element_width(q->message->dissector, span->space, rule->type);
	uint32_t last = points->last < span->last ? points->last : span->last;
	bool reached = false;

	if (width == 0 || is_limited(q, rule, span))
		return refuse_value(q, REASON_VALUE_TYPE);
	for (uint32_t first = from - (from - points->first) % width;; first += width) {
		enum element_state state = ELEMENT_BROKEN;
		double value = 0;

		if (points->last - first >= width - 1)
			state = element_read(q->message, span, rule->type, first, &value);
		if (state == ELEMENT_AWAITED && !q->complete) {
			*ret_last = last;
			return true;
		}
		if (state != ELEMENT_WHOLE)
			return reached || refuse_value(q, REASON_VALUE_TYPE);
		if (!value_in(rule, value))
			return reached || refuse_value(q, REASON_VALUE_DENIED);
		reached = true;
		*ret_last = last;
		if (last - first < width)
			return true;
		*ret_last = first + (width - 1);
	}
}

/*
 * Last index up to which the values of `span` from index `from` on are within the rule's limits,
 * not beyond `last`; false if not even the first is.  Values of a partial message that are not here
 * yet are not held against it; a written value that a complete message does not tell is within no
 * limits.
 */
static bool
values_reach(struct question *q, const struct rule *rule, const struct span *span, uint32_t from,
    uint32_t last, uint32_t *ret_last)
{
	uint32_t known = span->values.format == VALUE_NONE ? 0 : span->values.count;
	uint32_t width = span_width(span), i;
	bool reached = false;

	if ((rule->value_count == 0 && rule->limit_count == 0) || span->access == ACCESS_READ ||
	    span->valueless || (rule->value_count == 0 && !is_limited(q, rule, span))) {
		*ret_last = last;
		return true;
	}
	for (i = (from - span->first) / width; i <= (last - span->first) / width && i < known;
	     i++) {
		uint32_t end = span->first + i * width + (width - 1);

		if (rule->value_count > 0 && !value_in(rule, values_get(&span->values, i)))
			break;
		if (!parts_in(q, rule, span, i))
			break;
		*ret_last = end < last ? end : last;
		reached = true;
	}
	if (i <= (last - span->first) / width && i >= known && !q->complete) {
		*ret_last = last;
		return true;
	}
	return reached || refuse_value(q, REASON_VALUE_DENIED);
}

static bool
is_at(const struct point_range *points, const struct span *span, uint32_t index)
{
	return points->space == span->space && span->block >= points->block_first &&
	    span->block <= points->block_last && index >= points->first && index <= points->last;
}

/* rule_reach() for a rule whose limits of values have a type: its points say where elements begin.
 */
static bool
rule_reach_typed(struct question *q, const struct rule *rule, const struct span *span,
    uint32_t from, uint32_t *ret_last)
{
	bool found = false;

	for (size_t i = 0; i < rule->point_count; i++) {
		const struct point_range *p = &rule->points[i];
		uint32_t last;

		if (!is_at(p, span, from) || !elements_reach(q, rule, span, p, from, &last))
			continue;
		if (!found || last > *ret_last)
			*ret_last = last;
		found = true;
	}
	return found;
}

/* How far, from index `from` on, this one rule allows the span; false if not at all. */
static bool
rule_reach(struct question *q, const struct rule *rule, const struct span *span, uint32_t from,
    uint32_t *ret_last)
{
	bool found = rule->point_count == 0;
	uint32_t last = 0;

	if (rule->type && rule->value_count > 0 && span->access != ACCESS_READ && !span->valueless)
		return rule_reach_typed(q, rule, span, from, ret_last);
	if (found)
		last = span->last;
	for (size_t i = 0; i < rule->point_count; i++) {
		const struct point_range *p = &rule->points[i];

		if (is_at(p, span, from) && (!found || p->last > last)) {
			found = true;
			last = p->last;
		}
	}
	if (!found)
		return false;
	if (last > span->last)
		last = span->last;
	return values_reach(q, rule, span, from, last, ret_last);
}

static bool
question_use(struct question *q, const struct rule *rule)
{
	if (!q->first)
		q->first = rule;
	if (rule->rate.count == 0 || q->look == LOOK_ALL)
		return true;
	for (size_t i = 0; i < q->used_count; i++)
		if (q->used[i] == rule)
			return true;
	if (q->used_count == RATES_USED_MAX)
		return false;
	q->used[q->used_count++] = rule;
	return true;
}

/* Is every point of the span allowed by the rules taken together? */
static bool
span_covered(struct question *q, const struct span *span)
{
	uint32_t from = span->first;

	for (;;) {
		const struct rule *best = NULL;
		uint32_t best_last = 0;

		for (size_t i = 0; i < q->channel->rule_count; i++) {
			const struct rule *rule = &q->channel->rules[i];
			uint32_t last;

			if (!look_permits(q, rule) || !rule_speaks_for(rule, q->message, span) ||
			    !rule_reach(q, rule, span, from, &last))
				continue;
			if (!best || last > best_last) {
				best = rule;
				best_last = last;
			}
			if (last == span->last)
				break;
		}
		if (!best || !question_use(q, best)) {
			q->span = span;
			q->point = from;
			return false;
		}
		if (best_last == span->last)
			return true;
		from = best_last + 1;
	}
}

/* Of a message that is not complete nobody knows whether points follow. */
static bool
question_function(const struct question *q, const struct rule *rule)
{
	return function_matches(rule, q->message) &&
	    !(q->complete && is_of_device(q->message) && is_pointed(rule));
}

/* A rule that names the function for this unit, whatever points: needed even where no point is
 * touched. */
static const struct rule *
function_rule(const struct question *q)
{
	for (size_t i = 0; i < q->channel->rule_count; i++) {
		const struct rule *rule = &q->channel->rules[i];

		if (question_function(q, rule) && unit_matches(rule, q->message) &&
		    look_permits(q, rule))
			return rule;
	}
	return NULL;
}

static bool
question_ask(struct question *q, enum look look)
{
	const struct rule *rule;

	q->look = look;
	q->first = NULL;
	q->used_count = 0;
	q->refused = REASON_UNDECIDED;
	q->span = NULL;
	rule = function_rule(q);
	if (!rule)
		return false;
	if (q->message->span_count == 0)
		return question_use(q, rule);
	for (uint32_t i = 0; i < q->message->span_count; i++)
		if (!span_covered(q, &q->message->spans[i]))
			return false;
	return true;
}

static bool
question_use_rates(const struct question *q)
{
	for (size_t i = 0; i < q->used_count; i++)
		if (!rate_use(&q->used[i]->rate, &q->rates[q->used[i]->rate.slot], q->now_ns))
			return false;
	return true;
}

/* Why no rule allowed it; the question was asked of all rules. */
static enum reason
question_reason(const struct question *q)
{
	bool function = false;

	if (q->span)
		return q->refused != REASON_UNDECIDED ? q->refused : REASON_POINT_DENIED;
	for (size_t i = 0; i < q->channel->rule_count; i++)
		function |= question_function(q, &q->channel->rules[i]);
	return function ? REASON_UNIT_DENIED : REASON_FUNCTION_DENIED;
}

/* Does the channel have to do with this unit at all? */
static bool
channel_has_unit(const struct channel *channel, const struct message *message)
{
	for (size_t i = 0; i < channel->rule_count; i++)
		if (unit_matches(&channel->rules[i], message))
			return true;
	return false;
}

static void
answer(struct question *q, struct decision *ret_decision)
{
	const struct channel *channel = q->channel;
	const struct message *message = q->message;
	bool complete = q->complete;

	*ret_decision =
	    (struct decision){.verdict = VERDICT_DENY, .reason = REASON_FUNCTION_UNKNOWN};
	if (!message->function) {
		if (!complete && !message->has_function)
			*ret_decision =
			    (struct decision){VERDICT_ALLOW, REASON_PARTIAL, NULL, NULL, 0};
		return;
	}
	if (message->function->access == ACCESS_SESSION) {
		*ret_decision = (struct decision){VERDICT_DENY, REASON_UNIT_DENIED, NULL, NULL, 0};
		if (channel_has_unit(channel, message))
			*ret_decision =
			    (struct decision){VERDICT_ALLOW, REASON_SESSION, NULL, NULL, 0};
		return;
	}
	if (question_ask(q, LOOK_UNRATED) || question_ask(q, LOOK_AVAILABLE)) {
		if (!complete || q->waits || question_use_rates(q)) {
			ret_decision->verdict = VERDICT_ALLOW;
			ret_decision->reason = complete ? REASON_RULE : REASON_PARTIAL;
			ret_decision->rule = q->first;
		} else {
			ret_decision->reason = REASON_RATE_EXCEEDED;
		}
		return;
	}
	if (question_ask(q, LOOK_ALL))
		ret_decision->reason = REASON_RATE_EXCEEDED;
	else
		ret_decision->reason = question_reason(q);
	ret_decision->span = q->span;
	ret_decision->point = q->point;
}

void
decide(const struct channel *channel, const struct message *message, bool complete, uint64_t now_ns,
    struct rate_state *rates, struct decision *ret_decision)
{
	struct question q = {
	    .channel = channel,
	    .message = message,
	    .complete = complete,
	    .now_ns = now_ns,
	    .rates = rates,
	};

	answer(&q, ret_decision);
}

void
decide_waiting(const struct channel *channel, const struct message *message, uint64_t now_ns,
    struct rate_state *rates, struct decision *ret_decision)
{
	struct question q = {
	    .channel = channel,
	    .message = message,
	    .complete = true,
	    .now_ns = now_ns,
	    .rates = rates,
	    .waits = true,
	};

	answer(&q, ret_decision);
}

/* Points of the message that this rule alone does not allow, counted up to a limit. */
static uint32_t
rule_refused_points(struct question *q, const struct rule *rule)
{
	uint32_t refused = 0;

	for (uint32_t i = 0; i < q->message->span_count; i++) {
		const struct span *span = &q->message->spans[i];
		uint32_t from = span->first, last;

		for (;;) {
			if (rule_reach(q, rule, span, from, &last)) {
				from = last;
			} else if (++refused > UINT16_MAX) {
				return refused;
			}
			if (from >= span->last)
				break;
			from++;
		}
	}
	return refused;
}

const struct rule *
decide_nearest(const struct channel *channel, const struct message *message)
{
	struct question q = {.channel = channel, .message = message, .complete = true};
	const struct rule *best = NULL;
	uint64_t best_cost = UINT64_MAX;

	if (!message->function)
		return NULL;
	for (size_t i = 0; i < channel->rule_count; i++) {
		const struct rule *rule = &channel->rules[i];
		bool function = question_function(&q, rule);
		uint64_t cost = rule_refused_points(&q, rule);

		cost += function ? 0 : UINT64_C(1) << 40;
		cost += unit_matches(rule, message) ? 0 : UINT64_C(1) << 32;
		if (cost < best_cost) {
			best_cost = cost;
			best = rule;
		}
	}
	return best;
}
