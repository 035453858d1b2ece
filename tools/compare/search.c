/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Search: see search.h.
 *
 * Rates are set aside first: a cell that both permit is asked about once more, how often.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atoms.h"
#include "cells.h"
#include "merge.h"
#include "rates.h"
#include "search.h"
#include "terminal.h"

enum { DIFFERENCES_MAX = 200000, PAIRS_MAX = 4000000 };

/* A channel, and the same with other rules. */
struct sides {
	const struct channel *channel;
	struct channel unlimited; /* rules without their rates */
	struct channel unrated;   /* only the rules that have none */
};

struct search {
	const struct dissector *d;
	struct sides sides[SIDE_COUNT];
	struct rule_list speaking;  /* of both, for this function and unit */
	struct rule_list differing; /* of these, what only one of them has */
	struct difference cell;
	struct differences *found;
	size_t room;
};

static void *
allocate(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (!memory) {
		complain("out of memory");
		exit(2);
	}
	return memory;
}

static void
sides_init(struct sides *s, const struct channel *channel)
{
	s->channel = channel;
	s->unlimited = s->unrated = *channel;
	s->unlimited.rules = allocate(channel->rule_count, sizeof(struct rule));
	s->unrated.rules = allocate(channel->rule_count, sizeof(struct rule));
	s->unrated.rule_count = 0;
	for (size_t i = 0; i < channel->rule_count; i++) {
		s->unlimited.rules[i] = channel->rules[i];
		s->unlimited.rules[i].rate.count = 0;
		if (channel->rules[i].rate.count == 0)
			s->unrated.rules[s->unrated.rule_count++] = channel->rules[i];
	}
}

static void
sides_done(struct sides *s)
{
	free(s->unlimited.rules);
	free(s->unrated.rules);
}

static void
keep(struct search *s, enum change change)
{
	struct differences *found = s->found;

	if (found->count == DIFFERENCES_MAX)
		differences_merge(found);
	if (found->count == DIFFERENCES_MAX) {
		found->truncated = true;
		return;
	}
	if (found->count == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		found->items = reallocarray(found->items, s->room, sizeof(found->items[0]));
		if (!found->items) {
			complain("out of memory");
			exit(2);
		}
	}
	s->cell.change = change;
	found->items[found->count++] = s->cell;
}

static int
compare_rates(const void *a, const void *b)
{
	const struct rate *x = a, *y = b;
	int r = (x->period_ms > y->period_ms) - (x->period_ms < y->period_ms);

	return r ? r : (x->count > y->count) - (x->count < y->count);
}

/* How often the rules of a side let this message pass: the rates of those that would do it alone.
 */
static size_t
rates_of(const struct sides *side, const struct message *m, struct rate *rates)
{
	struct channel alone = *side->channel;
	size_t count = 0;

	alone.rule_count = 1;
	for (size_t i = 0; i < side->channel->rule_count; i++) {
		const struct rule *rule = &side->channel->rules[i];
		struct decision decision;

		if (rule->rate.count == 0 || !rule_matches(rule, m))
			continue;
		alone.rules = &side->unlimited.rules[i];
		decide(&alone, m, true, 0, NULL, &decision);
		if (decision.verdict == VERDICT_ALLOW)
			rates[count++] = rule->rate;
	}
	qsort(rates, count, sizeof(rates[0]), compare_rates);
	return count;
}

/* Does one of them let it pass more often? */
static bool
rates_differ(const struct search *s, const struct message *m)
{
	static struct rate rates[SIDE_COUNT][RULES_MAX];
	bool rated[SIDE_COUNT];
	size_t counts[SIDE_COUNT];

	for (int i = 0; i < SIDE_COUNT; i++) {
		const struct sides *side = &s->sides[i];
		struct decision decision = {.verdict = VERDICT_ALLOW};

		if (side->unrated.rule_count < side->channel->rule_count)
			decide(&side->unrated, m, true, 0, NULL, &decision);
		rated[i] = decision.verdict != VERDICT_ALLOW;
		counts[i] = rated[i] ? rates_of(side, m, rates[i]) : 0;
	}
	if (rated[SIDE_OLD] != rated[SIDE_NEW] || counts[SIDE_OLD] != counts[SIDE_NEW])
		return true;
	for (size_t i = 0; i < counts[SIDE_OLD]; i++)
		if (compare_rates(&rates[SIDE_OLD][i], &rates[SIDE_NEW][i]) != 0)
			return true;
	return false;
}

/* One message of the cell stands for all. */
static void
judge(struct search *s)
{
	static struct message m; /* too large for the stack's comfort */
	struct example_room room;
	bool permitted[SIDE_COUNT];

	example_message(&s->cell.example, &room, &m);
	for (int i = 0; i < SIDE_COUNT; i++) {
		struct decision decision;

		decide(&s->sides[i].unlimited, &m, true, 0, NULL, &decision);
		permitted[i] = decision.verdict == VERDICT_ALLOW;
		s->cell.reasons[i] = decision.reason;
		s->cell.rules[i] = permitted[i] && decision.rule
		    ? &s->sides[i].channel->rules[decision.rule->index]
		    : NULL;
	}
	if (permitted[SIDE_OLD] != permitted[SIDE_NEW])
		keep(s, permitted[SIDE_NEW] ? CHANGE_ADDED : CHANGE_REMOVED);
	else if (permitted[SIDE_OLD] && rates_differ(s, &m))
		keep(s, CHANGE_RATE);
}

static void
judge_nothing(struct search *s)
{
	s->cell.example.point_count = 0;
	for (int form = 0; form < 4; form++) {
		s->cell.example.opaque = form & 1;
		s->cell.example.follows = form & 2;
		judge(s);
	}
	s->cell.example.opaque = s->cell.example.follows = false;
}

static void
put_atom(struct search *s, uint32_t i, const struct atom *atom)
{
	struct difference *cell = &s->cell;

	cell->example.points[i] = atom->point;
	cell->axes[AXIS_INDEX + i] = atom->index;
	cell->axes[AXIS_BLOCK + i] = atom->block;
	cell->axes[AXIS_VALUE] = atom->value;
	memcpy(&cell->axes[AXIS_PARTS], atom->parts, sizeof(atom->parts));
	cell->valued = atom->valued;
	cell->untold = atom->untold;
	cell->parts = atom->parts_valued;
}

static void
judge_cell(struct search *s, bool mixed)
{
	if (!mixed) {
		judge(s);
		return;
	}
	for (int i = 0; i < SIDE_COUNT; i++) {
		s->cell.reasons[i] = REASON_UNDECIDED;
		s->cell.rules[i] = NULL;
	}
	keep(s, CHANGE_MIXED);
}

static void
judge_pairs(struct search *s, const struct atoms *first, const struct atoms *second)
{
	s->cell.example.point_count = 2;
	if (first->count > 0 && second->count > PAIRS_MAX / first->count) {
		s->found->truncated = true;
		return;
	}
	for (size_t i = 0; i < first->count; i++)
		for (size_t j = 0; j < second->count; j++) {
			put_atom(s, 0, &first->items[i]);
			put_atom(s, 1, &second->items[j]);
			judge_cell(s, second->items[j].mixed);
		}
}

static void
judge_atoms(struct search *s, const struct atoms *atoms)
{
	s->cell.example.point_count = 1;
	for (size_t i = 0; i < atoms->count; i++) {
		put_atom(s, 0, &atoms->items[i]);
		judge_cell(s, atoms->items[i].mixed);
	}
}

static void
search_touch(struct search *s, uint32_t row)
{
	const struct touchable *touch = &s->d->touches[row];
	bool together = touch->form == TOUCH_TOGETHER;
	struct atoms atoms, others;

	atoms_find(s->d, touch, &s->speaking, together ? NULL : &s->differing, &atoms);
	if (!together) {
		judge_atoms(s, &atoms);
	} else if (row + 1 < s->d->touch_count && s->d->touches[row + 1].code == touch->code) {
		atoms_find(s->d, touch + 1, &s->speaking, NULL, &others);
		judge_pairs(s, &atoms, &others);
		atoms_done(&others);
	}
	atoms_done(&atoms);
}

static bool
is_touch_of(const struct touchable *touch, const struct function *function)
{
	return touch->code == function->code && touch->sub == function->sub;
}

/* Reading by class speaks for the half of a function that reads; see decide(). */
static bool
speaks(const struct rule *rule, const struct message *m)
{
	return rule_matches(rule, m) || (rule->access_words >> ACCESS_READ & 1);
}

static bool
has_twin(const struct rule *rule, const struct channel *other)
{
	for (size_t i = 0; i < other->rule_count; i++) {
		const struct rule *twin = &other->rules[i];

		if (rates_same_rule(rule, twin) &&
		    (rule->access_words >> ACCESS_READ & 1) ==
			(twin->access_words >> ACCESS_READ & 1))
			return true;
	}
	return false;
}

static void
search_rules(struct search *s)
{
	static struct message m;
	struct example_room room;

	s->speaking.count = s->differing.count = 0;
	s->cell.example.point_count = 0;
	example_message(&s->cell.example, &room, &m);
	for (int i = 0; i < SIDE_COUNT; i++) {
		const struct channel *channel = s->sides[i].channel;

		for (size_t n = 0; n < channel->rule_count; n++) {
			const struct rule *rule = &channel->rules[n];

			if (!speaks(rule, &m))
				continue;
			s->speaking.items[s->speaking.count++] = rule;
			if (!has_twin(rule, s->sides[!i].channel))
				s->differing.items[s->differing.count++] = rule;
		}
	}
}

static void
search_function(struct search *s, uint32_t row)
{
	const struct function *function = &s->d->functions[row];
	bool touches = false;

	if (function->side == SIDE_SERVER && function->code != s->d->unasked.code)
		return;
	s->cell.example.function = function;
	memset(s->cell.functions, 0, sizeof(s->cell.functions));
	s->cell.functions[row / 64] |= UINT64_C(1) << (row % 64);
	search_rules(s);
	if (s->differing.count == 0 && function->access != ACCESS_SESSION)
		return;
	for (uint32_t i = 0; i < s->d->touch_count && function->access != ACCESS_SESSION; i++) {
		if (!is_touch_of(&s->d->touches[i], function))
			continue;
		touches = true;
		if (s->d->touches[i].form == TOUCH_NOTHING)
			judge_nothing(s);
		else
			search_touch(s, i);
	}
	if (!touches)
		judge_nothing(s);
}

static void
search_unit(struct search *s, struct interval unit, struct interval source, bool named)
{
	s->cell = (struct difference){.example = {.dissector = s->d}};
	s->cell.axes[AXIS_UNIT] = unit;
	s->cell.axes[AXIS_SOURCE] = source;
	s->cell.example.unit = (uint32_t)unit.from;
	s->cell.example.unit_source = (uint32_t)source.from;
	s->cell.example.unit_named = named;
	for (uint32_t i = 0; i < s->d->function_count; i++) {
		uint8_t access = s->d->functions[i].access;

		if (named && s->d->broadcast &&
		    (access == ACCESS_READ || access == ACCESS_DIAGNOSE))
			continue;
		search_function(s, i);
	}
}

/* Units that rules tell apart; special ones (broadcast) only where a rule names them. */
static void
search_units(struct search *s, bool named)
{
	double end = s->d->unit_max ? (double)s->d->unit_max + 1 : 4294967296.0;
	struct cells units, sources;
	bool any = !named;

	cells_init(&units, 0, end);
	cells_init(&sources, 0, 4294967296.0);
	for (int i = 0; i < SIDE_COUNT; i++)
		for (size_t n = 0; n < s->sides[i].channel->rule_count; n++) {
			const struct rule *rule = &s->sides[i].channel->rules[n];

			for (size_t u = 0; u < rule->unit_count; u++) {
				const struct unit_range *range = &rule->units[u];

				if (range->named != named)
					continue;
				any = true;
				cells_add(&units, range->first, (double)range->last + 1);
				cells_add(
				    &sources, range->source_first, (double)range->source_last + 1);
			}
		}
	cells_sort(&units);
	cells_sort(&sources);
	for (size_t i = 0; any && i < units.count; i++)
		for (size_t j = 0; j < sources.count; j++)
			search_unit(s, cells_get(&units, i), cells_get(&sources, j), named);
	cells_done(&units);
	cells_done(&sources);
}

void
differences_find(
    const struct channel *old, const struct channel *new, struct differences *ret_differences)
{
	struct search s = {.d = old->dissector, .found = ret_differences};
	const struct interval unknown = {UINT32_MAX, (double)UINT32_MAX + 1};
	size_t rules = old->rule_count + new->rule_count;

	*ret_differences = (struct differences){0};
	sides_init(&s.sides[SIDE_OLD], old);
	sides_init(&s.sides[SIDE_NEW], new);
	s.speaking.items = allocate(rules, sizeof(s.speaking.items[0]));
	s.differing.items = allocate(rules, sizeof(s.differing.items[0]));
	search_units(&s, false);
	search_units(&s, true);
	if (s.d->unit_of_session)
		search_unit(&s, unknown, unknown, false);
	differences_merge(ret_differences);
	free(s.speaking.items);
	free(s.differing.items);
	sides_done(&s.sides[SIDE_OLD]);
	sides_done(&s.sides[SIDE_NEW]);
}

void
differences_done(struct differences *differences)
{
	free(differences->items);
	*differences = (struct differences){0};
}
