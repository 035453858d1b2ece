/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rates: what was used up under one policy stays used up under the next.
 *
 * Rules have no names.  One is the same if all that it says is the same; a rule whose limits were
 * changed begins afresh.
 */
#include <string.h>

#include "rates.h"

static bool
same_units(const struct rule *a, const struct rule *b)
{
	if (a->unit_count != b->unit_count)
		return false;
	for (size_t i = 0; i < a->unit_count; i++) {
		const struct unit_range *x = &a->units[i], *y = &b->units[i];

		if (x->source_first != y->source_first || x->source_last != y->source_last ||
		    x->first != y->first || x->last != y->last || x->named != y->named)
			return false;
	}
	return true;
}

static bool
same_points(const struct rule *a, const struct rule *b)
{
	if (a->point_count != b->point_count)
		return false;
	for (size_t i = 0; i < a->point_count; i++) {
		const struct point_range *x = &a->points[i], *y = &b->points[i];

		if (x->space != y->space || x->block_first != y->block_first ||
		    x->block_last != y->block_last || x->first != y->first || x->last != y->last)
			return false;
	}
	return true;
}

static bool
same_range(const struct value_range *x, const struct value_range *y)
{
	return x->first == y->first && x->last == y->last;
}

static bool
same_values(const struct rule *a, const struct rule *b)
{
	if (a->value_count != b->value_count || a->limit_count != b->limit_count ||
	    a->type != b->type)
		return false;
	for (size_t i = 0; i < a->value_count; i++)
		if (!same_range(&a->values[i], &b->values[i]))
			return false;
	for (size_t i = 0; i < a->limit_count; i++)
		if (a->limits[i].part != b->limits[i].part ||
		    !same_range(&a->limits[i].range, &b->limits[i].range))
			return false;
	return true;
}

bool
rates_same_rule(const struct rule *a, const struct rule *b)
{
	return a->rate.count == b->rate.count && a->rate.period_ms == b->rate.period_ms &&
	    a->opaque == b->opaque &&
	    memcmp(a->functions, b->functions, sizeof(a->functions)) == 0 && same_units(a, b) &&
	    same_points(a, b) && same_values(a, b);
}

/* Where the list has the same rule; first the place that it had, so that twins stay apart. */
static const struct rule *
find_rule(const struct channel *channel, const struct rule *rule)
{
	if (rule->index < channel->rule_count &&
	    rates_same_rule(&channel->rules[rule->index], rule))
		return &channel->rules[rule->index];
	for (size_t i = 0; i < channel->rule_count; i++)
		if (rates_same_rule(&channel->rules[i], rule))
			return &channel->rules[i];
	return NULL;
}

static bool
same_channel(const struct channel *a, const struct channel *b)
{
	return strcmp(a->conduit->name, b->conduit->name) == 0 && strcmp(a->name, b->name) == 0 &&
	    a->dissector == b->dissector;
}

static const struct channel *
find_channel(const struct policy *policy, const struct channel *channel)
{
	if (channel->index < policy->channel_count &&
	    same_channel(policy->channels[channel->index], channel))
		return policy->channels[channel->index];
	for (size_t i = 0; i < policy->channel_count; i++)
		if (same_channel(policy->channels[i], channel))
			return policy->channels[i];
	return NULL;
}

static void
inherit_channel(const struct channel *channel, struct rate_state *rates,
    const struct policy *before, const struct rate_state *rates_before)
{
	const struct channel *old = NULL;

	for (size_t i = 0; i < channel->rule_count; i++) {
		const struct rule *rule = &channel->rules[i], *old_rule;

		if (rule->rate.count == 0)
			continue;
		if (!old)
			old = find_channel(before, channel);
		if (!old)
			return;
		old_rule = find_rule(old, rule);
		if (old_rule)
			atomic_store_explicit(&rates[rule->rate.slot].arrival_ns,
			    atomic_load_explicit(&rates_before[old_rule->rate.slot].arrival_ns,
				memory_order_relaxed),
			    memory_order_relaxed);
	}
}

void
rates_inherit(const struct policy *policy, struct rate_state *rates, const struct policy *before,
    const struct rate_state *rates_before)
{
	for (size_t i = 0; i < policy->channel_count; i++)
		inherit_channel(policy->channels[i], rates, before, rates_before);
}
