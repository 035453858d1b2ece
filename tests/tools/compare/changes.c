/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes: the difference of two policies against brute force.
 *
 *	changes [--pairs N] [--seed N]
 *
 * Random pairs of policies and random messages.  own.c, which shares nothing with the product,
 *judges each message under both.  Where its answers differ, the difference must hold that message;
 *what the difference holds must differ.  The seed is printed, and with it the same pairs come
 *again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policies.h"
#include "search.h"

enum { PROTOCOLS = 3, PAIRS = 700, MESSAGES = 60 };

struct pair {
	const struct protocol *protocol;
	struct own_policy own[SIDE_COUNT];
	struct text text[SIDE_COUNT];
	struct policy *policy[SIDE_COUNT];
	struct differences found;
};

static struct {
	unsigned long pairs;
	unsigned long equal; /* pairs */
	unsigned long mixed;
	unsigned long messages;
	unsigned long differ;
	unsigned long held; /* messages that the difference holds for certain */
} counts;

static bool
within(const struct interval *interval, double number)
{
	return number >= interval->from && number < interval->to;
}

static bool
is_of(const struct difference *d, const struct message *m)
{
	uint32_t row = dissector_function_index(m->dissector, m->function);

	return (d->functions[row / 64] >> (row % 64) & 1) &&
	    (!m->has_unit ||
		(within(&d->axes[AXIS_UNIT], m->unit) &&
		    within(&d->axes[AXIS_SOURCE], m->unit_source) &&
		    d->example.unit_named == m->unit_named));
}

/* Has the span an index of this cell?  Elements may reach into it from before. */
static bool
touches(const struct difference *d, uint32_t i, const struct span *span)
{
	const struct example_point *point = &d->example.points[i];
	double reach = point->type ? point->type->bits : 1;

	return span->space == point->touch->space &&
	    within(&d->axes[AXIS_BLOCK + i], span->block) &&
	    span->first < d->axes[AXIS_INDEX + i].to + reach &&
	    span->last + reach > d->axes[AXIS_INDEX + i].from;
}

static bool
may_hold(const struct difference *d, const struct message *m)
{
	if (!is_of(d, m))
		return false;
	if (d->example.point_count == 0 || m->span_count == 0)
		return d->example.point_count == m->span_count;
	for (uint32_t i = 0; i < d->example.point_count; i++)
		for (uint32_t s = 0; s < m->span_count; s++)
			if (touches(d, i, &m->spans[s]))
				return true;
	return false;
}

/* One point with its value, and no question of elements. */
static bool
holds(const struct difference *d, const struct message *m)
{
	const struct span *span = &m->spans[0];
	const struct example_point *point = &d->example.points[0];

	if (!is_of(d, m) || m->span_count != d->example.point_count || m->span_count > 1 ||
	    m->opaque)
		return false;
	if (m->span_count == 0)
		return !d->example.opaque && d->example.follows == m->follows;
	if (point->type || d->parts || span->first != span->last ||
	    span->space != point->touch->space || !within(&d->axes[AXIS_BLOCK], span->block) ||
	    !within(&d->axes[AXIS_INDEX], span->first))
		return false;
	if (d->untold)
		return span->values.format == VALUE_NONE;
	return !d->valued ||
	    (span->values.format == point->format && span->values.count == 1 &&
		within(&d->axes[AXIS_VALUE], values_get(&span->values, 0)));
}

static int
complain_of(const struct pair *pair, const struct asked *asked, const char *what)
{
	printf("%s: %s %s:\n", pair->protocol->name, asked->function, what);
	for (size_t b = 0; b < asked->length; b++)
		printf("%02x", asked->bytes[b]);
	printf("\nold:\n%snew:\n%s", pair->text[SIDE_OLD].data, pair->text[SIDE_NEW].data);
	for (size_t i = 0; i < pair->found.count; i++) {
		char *words = example_words(&pair->found.items[i].example);

		printf("%d %s\n", pair->found.items[i].change, words);
		free(words);
	}
	return 1;
}

static int
check_message(const struct pair *pair, const struct asked *asked, const struct message *m)
{
	bool old = own_allows(pair->protocol, &pair->own[SIDE_OLD], asked);
	bool new = own_allows(pair->protocol, &pair->own[SIDE_NEW], asked);
	bool found = false;

	counts.messages++;
	counts.differ += old != new;
	for (size_t i = 0; i < pair->found.count; i++) {
		const struct difference *d = &pair->found.items[i];

		if (d->change == CHANGE_RATE)
			return complain_of(
			    pair, asked, "a difference in rates, and there are none");
		found |= may_hold(d, m) &&
		    (d->change == CHANGE_MIXED || (d->change == CHANGE_ADDED) == new);
		if (d->change == CHANGE_MIXED || !holds(d, m))
			continue;
		counts.held++;
		if (old == new || (d->change == CHANGE_ADDED) != new)
			return complain_of(pair, asked, "does not differ as it is said to");
	}
	if (old != new && !found)
		return complain_of(pair, asked, "differs, and nobody says so");
	return 0;
}

/* A message as the product reads it; false if it does not. */
static bool
read_message(const struct pair *pair, const struct asked *asked, struct message *m)
{
	static struct context_room room;
	struct context context = context_new(&room);
	enum reason reason;
	uint32_t length;

	memset(&room, 0, sizeof(room));
	context.middle = true;
	return !asked->wrong &&
	    dissect(pair->policy[0]->channels[0]->dissector, DIRECTION_REQUEST, &context,
		asked->bytes, asked->length, NULL, m, &length, &reason) == DISSECT_COMPLETE;
}

/* The new one is the old one with its rules in another order, one of them other, or one less. */
static void
make_pair(struct pair *pair)
{
	struct own_policy *old = &pair->own[SIDE_OLD], *new = &pair->own[SIDE_NEW];
	struct own_rule first;

	policies_make(pair->protocol, old, &pair->text[SIDE_OLD]);
	*new = *old;
	first = new->rules[0];
	new->rules[0] = new->rules[new->rule_count - 1];
	new->rules[new->rule_count - 1] = first;
	if (own_random(5) > 0) {
		struct own_rule *changed = &new->rules[own_random((unsigned)new->rule_count)];

		memset(changed, 0, sizeof(*changed));
		pair->protocol->make_rule(changed);
	}
	if (new->rule_count > 1 && own_random(4) == 0)
		new->rule_count--;
	policies_print(pair->protocol, new, &pair->text[SIDE_NEW]);
	for (int i = 0; i < SIDE_COUNT; i++)
		pair->policy[i] = policies_load(&pair->text[i]);
}

static int
check_pair(const struct protocol *protocol)
{
	static struct pair pair;
	static struct asked asked;
	static struct message message;
	int failures = 0;

	pair.protocol = protocol;
	make_pair(&pair);
	differences_find(
	    pair.policy[SIDE_OLD]->channels[0], pair.policy[SIDE_NEW]->channels[0], &pair.found);
	counts.pairs++;
	counts.equal += pair.found.count == 0;
	for (size_t i = 0; i < pair.found.count; i++)
		if (pair.found.items[i].change == CHANGE_MIXED) {
			counts.mixed++;
			break;
		}
	for (int i = 0; i < MESSAGES && failures == 0; i++) {
		protocol->ask(&asked);
		if (read_message(&pair, &asked, &message))
			failures = check_message(&pair, &asked, &message);
	}
	differences_done(&pair.found);
	for (int i = 0; i < SIDE_COUNT; i++)
		policy_free(pair.policy[i]);
	return failures;
}

int
main(int argc, char **argv)
{
	static const struct protocol *const protocols[] = {&own_modbus, &own_s7, &own_dnp3};
	uint64_t seed = (uint64_t)time(NULL), pairs = PAIRS;
	int failures = 0;

	for (int i = 1; i + 1 < argc; i += 2)
		*(strcmp(argv[i], "--seed") == 0 ? &seed : &pairs) =
		    strtoull(argv[i + 1], NULL, 10);
	printf("seed %llu\n", (unsigned long long)seed);
	own_seed(seed);
	for (uint64_t n = 0; failures == 0 && n < pairs; n++)
		for (size_t p = 0; p < PROTOCOLS && failures == 0; p++)
			failures = check_pair(protocols[p]);
	printf(
	    "%lu pairs, %lu without a difference, %lu with limits of several types; %lu messages, "
	    "%lu differ, %lu are held\n",
	    counts.pairs, counts.equal, counts.mixed, counts.messages, counts.differ, counts.held);
	/* what never differs compares nothing */
	return failures || counts.differ < counts.messages / 100 || counts.held == 0;
}
