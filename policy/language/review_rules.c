/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Review, rules: see review_rules.h.
 */
#include <string.h>

#include "review_rules.h"

static bool
contains_functions(const struct rule *outer, const struct rule *inner)
{
	for (size_t i = 0; i < FUNCTIONS_MAX / 64; i++)
		if (inner->functions[i] & ~outer->functions[i])
			return false;
	return true;
}

static bool
unit_within(const struct rule *outer, const struct unit_range *unit)
{
	for (size_t i = 0; i < outer->unit_count; i++) {
		const struct unit_range *range = &outer->units[i];

		if (range->named == unit->named && range->source_first <= unit->source_first &&
		    range->source_last >= unit->source_last && range->first <= unit->first &&
		    range->last >= unit->last)
			return true;
	}
	/* an empty list is all but special ones */
	return outer->unit_count == 0 && !unit->named;
}

static bool
contains_units(const struct rule *outer, const struct rule *inner)
{
	for (size_t i = 0; i < inner->unit_count; i++)
		if (!unit_within(outer, &inner->units[i]))
			return false;
	return inner->unit_count > 0 || outer->unit_count == 0;
}

static bool
point_within(const struct rule *outer, const struct point_range *point)
{
	for (size_t i = 0; i < outer->point_count; i++) {
		const struct point_range *range = &outer->points[i];

		if (range->space == point->space && range->block_first <= point->block_first &&
		    range->block_last >= point->block_last && range->first <= point->first &&
		    range->last >= point->last)
			return true;
	}
	return false;
}

static bool
contains_points(const struct rule *outer, const struct rule *inner)
{
	if (outer->point_count == 0)
		return true;
	for (size_t i = 0; i < inner->point_count; i++)
		if (!point_within(outer, &inner->points[i]))
			return false;
	return inner->point_count > 0;
}

static bool
value_within(const struct rule *outer, const struct value_range *value)
{
	for (size_t i = 0; i < outer->value_count; i++)
		if (outer->values[i].first <= value->first && outer->values[i].last >= value->last)
			return true;
	return false;
}

static bool
same_limits(const struct rule *a, const struct rule *b)
{
	if (a->limit_count != b->limit_count)
		return false;
	for (size_t i = 0; i < a->limit_count; i++)
		if (a->limits[i].part != b->limits[i].part ||
		    a->limits[i].range.first != b->limits[i].range.first ||
		    a->limits[i].range.last != b->limits[i].range.last)
			return false;
	return true;
}

static bool
contains_values(const struct rule *outer, const struct rule *inner)
{
	if (outer->limit_count > 0 && !same_limits(outer, inner))
		return false;
	if (outer->value_count == 0)
		return true;
	if (outer->type != inner->type)
		return false;
	for (size_t i = 0; i < inner->value_count; i++)
		if (!value_within(outer, &inner->values[i]))
			return false;
	return inner->value_count > 0;
}

/* A rate is used up by what its rule lets through: with another one beside it, more passes. */
static bool
is_unlimited(const struct rule *rule)
{
	return rule->rate.count == 0;
}

bool
review_rule_contains(const struct rule *outer, const struct rule *inner)
{
	if (!is_unlimited(outer))
		return false;
	if (inner->opaque && !outer->opaque)
		return false;
	return contains_functions(outer, inner) && contains_units(outer, inner) &&
	    contains_points(outer, inner) && contains_values(outer, inner);
}
