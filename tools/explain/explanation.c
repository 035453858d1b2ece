/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanation: what a message means and how far a rule is from allowing it.
 *
 * Whether a part of a rule holds is asked of decide() with a rule that limits nothing but this
 * part, so that the explanation can't differ from the decision.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explanation.h"

enum { LISTED_MAX = 4, SMALLEST_SPANS_MAX = 8 };

void
explanation_dissect(struct explanation *explanation, const uint8_t *bytes, size_t length,
    const struct context *context, uint32_t *ret_length)
{
	uint32_t used = (uint32_t)length;

	explanation->bytes = bytes;
	explanation->context = context;
	explanation->result =
	    dissect(explanation->channel->dissector, explanation->direction, context, bytes, length,
		&explanation->trace, &explanation->message, &used, &explanation->malformed);
	if (explanation->message.length > 0 && explanation->message.length < used)
		used = explanation->message.length;
	explanation->length = used;
	*ret_length = used;
}

bool
explanation_is_policy_denial(const struct explanation *explanation)
{
	return explanation->known && explanation->message.function &&
	    explanation->reason >= REASON_FUNCTION_DENIED &&
	    explanation->reason <= REASON_RATE_EXCEEDED;
}

/* A rule that limits one part only, in the way of `rule`. */
static void
isolate_part(const struct rule *rule, enum rule_part part, struct rule *ret_rule)
{
	struct rule alone = {.opaque = true, .access_words = UINT32_MAX};

	memset(alone.functions, 0xff, sizeof(alone.functions));
	if (part == RULE_FUNCTIONS) {
		memcpy(alone.functions, rule->functions, sizeof(alone.functions));
		alone.access_words = rule->access_words;
		alone.opaque = rule->opaque;
	} else if (part == RULE_UNITS) {
		alone.units = rule->units;
		alone.unit_count = rule->unit_count;
	} else if (part == RULE_POINTS) {
		alone.points = rule->points;
		alone.point_count = rule->point_count;
	} else if (part == RULE_VALUES) {
		alone.values = rule->values;
		alone.value_count = rule->value_count;
		alone.limits = rule->limits;
		alone.limit_count = rule->limit_count;
		alone.type = rule->type;
		if (rule->type) {
			alone.points = rule->points;
			alone.point_count = rule->point_count;
		}
	}
	*ret_rule = alone;
}

static bool
part_holds(const struct explanation *explanation, const struct rule *rule, enum rule_part part,
    const struct message *message)
{
	struct channel channel = *explanation->channel;
	struct rule alone;
	struct decision decision;

	if (part == RULE_RATE)
		return explanation->reason != REASON_RATE_EXCEEDED || rule->rate.count == 0;
	isolate_part(rule, part, &alone);
	channel.rules = &alone;
	channel.rule_count = 1;
	decide(&channel, message, explanation->result == DISSECT_COMPLETE, 0, NULL, &decision);
	return decision.verdict == VERDICT_ALLOW;
}

static bool
value_is_within(const struct rule *rule, double value)
{
	for (size_t i = 0; i < rule->value_count; i++)
		if (value >= rule->values[i].first && value <= rule->values[i].last)
			return true;
	return false;
}

/* Spans of the message that the rule's points do not contain, as a policy writes them. */
static char *
missing_points(const struct explanation *explanation, const struct rule *rule)
{
	static struct message one; /* too large for the stack's comfort */
	const struct message *message = &explanation->message;
	char *text = NULL;
	unsigned listed = 0;

	if (message->opaque)
		return words_format("none: nobody can tell what points this function touches");
	if (message->span_count == 0)
		return words_format("none: this function is about the whole device");
	memcpy(&one, message, offsetof(struct message, spans));
	one.span_count = 1;
	for (uint32_t i = 0; i < message->span_count; i++) {
		char *span, *longer;

		one.spans[0] = message->spans[i];
		if (part_holds(explanation, rule, RULE_POINTS, &one))
			continue;
		span = words_span(message->dissector, &message->spans[i]);
		longer = listed == LISTED_MAX
		    ? words_format("%s and more", text)
		    : words_format("%s%s\"%s\"", text ? text : "", text ? ", " : "", span);
		free(span);
		free(text);
		text = longer;
		if (listed++ == LISTED_MAX)
			break;
	}
	return text;
}

static char *
missing_values(const struct explanation *explanation, const struct rule *rule)
{
	const struct message *message = &explanation->message;
	double least = 0, most = 0;
	bool found = false;

	for (uint32_t i = 0; i < message->span_count; i++) {
		const struct values *values = &message->spans[i].values;

		for (uint32_t v = 0; values->format != VALUE_NONE && v < values->count; v++) {
			double value = values_get(values, v);

			if (value_is_within(rule, value))
				continue;
			least = !found || value < least ? value : least;
			most = !found || value > most ? value : most;
			found = true;
		}
	}
	if (!found)
		return words_format("none: the message does not tell every value that it writes");
	if (least == most)
		return words_format("\"%.15g\"", least);
	return words_format("\"%.15g-%.15g\"", least, most);
}

static char *
part_needs(const struct explanation *explanation, const struct rule *rule, enum rule_part part)
{
	const struct message *message = &explanation->message;
	char *unit, *text;

	switch (part) {
	case RULE_FUNCTIONS:
		return words_format("\"%s\"", message->function->name);
	case RULE_UNITS:
		unit = words_unit(message->dissector, message);
		text = words_format("\"%s\"", unit);
		free(unit);
		return text;
	case RULE_POINTS:
		return missing_points(explanation, rule);
	case RULE_VALUES:
		return missing_values(explanation, rule);
	case RULE_RATE:
	case RULE_PART_COUNT:
		break;
	}
	return words_format("more messages, or more time between them");
}

void
explanation_check(const struct explanation *explanation, const struct rule *rule,
    struct part_check ret_checks[RULE_PART_COUNT])
{
	for (enum rule_part part = RULE_FUNCTIONS; part < RULE_PART_COUNT; part++) {
		bool holds = part_holds(explanation, rule, part, &explanation->message);

		ret_checks[part] = (struct part_check){
		    .says = words_rule_part(explanation->channel, rule, part),
		    .holds = holds,
		    .needs = holds ? NULL : part_needs(explanation, rule, part),
		};
	}
}

void
explanation_checks_done(struct part_check checks[RULE_PART_COUNT])
{
	for (enum rule_part part = RULE_FUNCTIONS; part < RULE_PART_COUNT; part++) {
		free(checks[part].says);
		free(checks[part].needs);
	}
}

static void
write_points(FILE *file, const struct message *message)
{
	for (uint32_t i = 0; i < message->span_count; i++) {
		char *span = words_span(message->dissector, &message->spans[i]);

		fprintf(file, "%s\"%s\"", i ? ", " : " points = [", span);
		free(span);
	}
	fputs(message->span_count ? "];" : "", file);
}

static void
write_values(FILE *file, const struct message *message)
{
	double least = 0, most = 0;
	bool found = false;

	for (uint32_t i = 0; i < message->span_count; i++) {
		const struct values *values = &message->spans[i].values;

		for (uint32_t v = 0; values->format != VALUE_NONE && v < values->count; v++) {
			double value = values_get(values, v);

			least = !found || value < least ? value : least;
			most = !found || value > most ? value : most;
			found = true;
		}
	}
	if (found && least == most)
		fprintf(file, " values = [\"%.15g\"];", least);
	else if (found)
		fprintf(file, " values = [\"%.15g-%.15g\"];", least, most);
}

char *
explanation_smallest_rule(const struct explanation *explanation)
{
	const struct message *message = &explanation->message;
	char *text = NULL, *unit;
	size_t size;
	FILE *file;

	if (!message->function || explanation->result != DISSECT_COMPLETE ||
	    message->span_count > SMALLEST_SPANS_MAX)
		return NULL;
	file = open_memstream(&text, &size);
	if (!file)
		return NULL;
	fprintf(file, "{ functions = [\"%s\"];", message->function->name);
	/* what nobody saw is in no rule that names units */
	if (message->has_unit && message->unit != UINT32_MAX) {
		unit = words_unit(message->dissector, message);
		fprintf(file, " units = [\"%s\"];", unit);
		free(unit);
	}
	write_points(file, message);
	write_values(file, message);
	fputs(" }", file);
	fclose(file);
	return text;
}
