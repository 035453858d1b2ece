/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amend, messages: rules of a channel that are widened, and rules that are added.
 *
 * Proposes only: what of it is right is found out by amend_try().
 */
#include <stdlib.h>
#include <string.h>

#include "amend_message.h"
#include "numbers.h"
#include "pieces.h"
#include "words.h"

enum { WIDENED_MAX = 8 };

/* ---- a new rule ---- */

static void
try_new_rule(struct amend *a, const char *rule, const char *what)
{
	const struct channel *channel = a->question->channel;
	const struct outline *place = draft_channel(a->question->draft, channel);
	const struct outline *rules =
	    place ? outline_find(place, a->question->draft->text, "rules") : NULL;
	struct edits edits = amend_begin(a);
	char *name = words_channel(channel);

	if (rules) {
		edits_add_element(&edits, rules, rule);
		amend_try(a, &edits, channel, words_format("%s of %s", what, name));
	}
	free(name);
}

static void
try_form(struct amend *a, const struct pieces *pieces, bool values, const struct element_type *type)
{
	char *rule = rule_of_message(a->question->message, pieces, values, type);
	struct pieces written;

	char *what = !values ? words_format("a new rule without limits of values")
	    : type           ? words_format("a new rule of type %s", type->name)
			     : words_format("a new rule");

	pieces_written(pieces, &written);
	if (rule)
		try_new_rule(a, rule, written.count > 0 ? what : "a new rule");
	free(what);
	free(rule);
}

/* A rule for each piece, so that values of one are not permitted at the others. */
static void
try_apart(struct amend *a, const struct pieces *pieces)
{
	char *rules = words_format("%s", "");

	for (size_t i = 0; rules && i < pieces->count; i++) {
		struct pieces one = {.items = {pieces->items[i]}, .count = 1};
		bool written = one.items[0].span->access != ACCESS_READ;
		char *rule = rule_of_message(a->question->message, &one, written, NULL);
		char *longer = rule ? words_format("%s%s%s", rules, i > 0 ? ", " : "", rule) : NULL;

		free(rule);
		free(rules);
		rules = longer;
	}
	if (rules)
		try_new_rule(a, rules, "new rules");
	free(rules);
}

static void
try_rules(struct amend *a, const struct pieces *pieces)
{
	const struct dissector *d = a->question->message->dissector;
	size_t before = a->found->count;
	bool plain;

	if (pieces->too_many)
		return;
	try_form(a, pieces, true, NULL);
	if (pieces->count > 1 && pieces->count <= 8)
		try_apart(a, pieces);
	plain = a->found->count > before;
	for (uint32_t i = 0; !plain && i < d->type_count; i++)
		try_form(a, pieces, true, &d->types[i]);
	try_form(a, pieces, false, NULL);
}

/* ---- a rule that is widened ---- */

struct widening {
	struct edits edits;
	const struct outline *rule;
	const char *text;
	char *what;
};

static void
tell(struct widening *w, const char *what, const char *added)
{
	char *longer = words_format("%s%s %s with %s", w->what, w->what[0] ? "," : "", what, added);

	free(w->what);
	w->what = longer;
}

/* More words in a list of the rule, or the list if there is none. */
static void
widen_list(struct widening *w, const char *key, const char *added)
{
	const struct outline *list = outline_find(w->rule, w->text, key);
	char *setting;

	if (list) {
		edits_add_element(&w->edits, list, added);
	} else {
		setting = words_format("%s = [%s]", key, added);
		edits_add_setting(&w->edits, w->rule, NULL, setting);
		free(setting);
	}
	tell(w, key, added);
}

static bool
has_function(const struct rule *rule, const struct message *m)
{
	uint32_t row = dissector_function_index(m->dissector, m->function);

	return rule->functions[row / 64] >> (row % 64) & 1;
}

/* The rule with every function, and no limit but that of units. */
static bool
has_unit(const struct rule *rule, const struct message *m)
{
	struct rule alone = {.units = rule->units, .unit_count = rule->unit_count};

	memset(alone.functions, 0xff, sizeof(alone.functions));
	return rule_matches(&alone, m);
}

static void
widen_units(struct widening *w, const struct rule *rule, const struct message *m)
{
	const struct unit_range every = {0, UINT32_MAX, 0, UINT32_MAX, false};
	char *unit = unit_of_message(m), *added, all[64];

	if (!unit) {
		w->edits.failed = true;
		return;
	}
	/* where a rule names no units, it means all but special ones */
	dissector_print_units(m->dissector, &every, all, sizeof(all));
	added = rule->unit_count > 0 ? words_format("\"%s\"", unit)
				     : words_format("\"%s\", \"%s\"", all, unit);
	widen_list(w, "units", added);
	free(added);
	free(unit);
}

static void
widen_points(struct widening *w, const struct rule *rule, const struct message *m,
    const struct pieces *pieces)
{
	char *points = pieces_points(m, pieces, rule);

	if (points[0])
		widen_list(w, "points", points);
	free(points);
}

static void
widen_values(struct widening *w, const struct rule *rule, const struct message *m,
    const struct pieces *pieces)
{
	char *values;

	if (rule->value_count == 0 && rule->limit_count == 0)
		return;
	values = pieces_values(m, pieces, rule->type, rule);
	if (!values)
		w->edits.failed = true;
	else if (values[0])
		widen_list(w, "values", values);
	free(values);
}

static void
try_widened(struct amend *a, const struct rule *rule, const struct pieces *pieces)
{
	const struct amend_question *q = a->question;
	const struct message *m = q->message;
	struct widening w = {.edits = amend_begin(a),
	    .rule = draft_rule(q->draft, q->channel, rule),
	    .text = q->draft->text,
	    .what = words_format("%s", "")};
	char *name = words_channel(q->channel), *function;

	if (!w.rule || pieces->too_many) {
		free(w.what);
		free(name);
		return;
	}
	if (!has_function(rule, m)) {
		function = words_format("\"%s\"", m->function->name);
		widen_list(&w, "functions", function);
		free(function);
	}
	if (!has_unit(rule, m))
		widen_units(&w, rule, m);
	widen_points(&w, rule, m, pieces);
	widen_values(&w, rule, m, pieces);
	amend_try(a, &w.edits, q->channel,
	    words_format("rule %u of %s:%s", rule->index + 1, name, w.what));
	free(w.what);
	free(name);
}

/* How much of the rule would have to change. */
static unsigned
distance(const struct rule *rule, const struct message *m, const struct pieces *whole)
{
	char *points = pieces_points(m, whole, rule);
	unsigned far = 2 * !has_function(rule, m) + !has_unit(rule, m) + (points[0] != '\0');

	free(points);
	return far;
}

static void
try_widening(struct amend *a, const struct pieces *missing, const struct pieces *whole)
{
	const struct channel *channel = a->question->channel;
	unsigned tried = 0;

	for (unsigned far = 0; far <= 4 && tried < WIDENED_MAX; far++)
		for (size_t i = 0; i < channel->rule_count && tried < WIDENED_MAX; i++) {
			const struct rule *rule = &channel->rules[i];

			if (distance(rule, a->question->message, whole) != far)
				continue;
			tried++;
			try_widened(a, rule, missing);
			if (missing->count != whole->count)
				try_widened(a, rule, whole);
		}
}

/* ---- rates ---- */

static void
try_rate(struct amend *a, const struct rule *rule, bool remove)
{
	const struct amend_question *q = a->question;
	const struct outline *place = draft_rule(q->draft, q->channel, rule);
	const struct outline *setting = place ? outline_find(place, q->draft->text, "rate") : NULL;
	struct edits edits = amend_begin(a);
	struct rate more = rule->rate;
	char *name, *quoted, buf[64];

	if (!setting)
		return;
	name = words_channel(q->channel);
	more.count++;
	numbers_print_rate(&more, buf, sizeof(buf));
	quoted = words_format("\"%s\"", buf);
	if (remove)
		edits_remove(&edits, setting);
	else
		edits_add(&edits, setting->from, setting->to - setting->from, quoted);
	amend_try(a, &edits, q->channel,
	    remove ? words_format("rule %u of %s: no rate", rule->index + 1, name)
		   : words_format("rule %u of %s: rate %s", rule->index + 1, name, quoted));
	free(quoted);
	free(name);
}

static void
try_rates(struct amend *a)
{
	const struct channel *channel = a->question->channel;
	unsigned tried = 0;

	for (size_t i = 0; i < channel->rule_count && tried < WIDENED_MAX; i++) {
		const struct rule *rule = &channel->rules[i];

		if (rule->rate.count == 0 || !rule_matches(rule, a->question->message))
			continue;
		tried++;
		if (rule->rate.count < RATE_COUNT_MAX)
			try_rate(a, rule, false);
		try_rate(a, rule, true);
	}
}

void
amend_message(struct amend *a)
{
	const struct amend_question *q = a->question;
	struct pieces missing, whole, written;

	if (q->reason == REASON_RATE_EXCEEDED) {
		try_rates(a);
		return;
	}
	pieces_whole(q->message, &whole);
	pieces_missing(q->channel, q->message, &missing);
	if (missing.count == 0)
		missing = whole;
	try_widening(a, &missing, &whole);
	try_rules(a, &missing);
	if (missing.count != whole.count)
		try_rules(a, &whole);
	pieces_written(&whole, &written);
	if (written.count > 0 && written.count != whole.count)
		try_rules(a, &written);
}
