/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check: rules that take the same memory for different elements.
 *
 * What rules allow is taken together.  Where one limits a number of two registers and another one
 * of these registers alone, or numbers that begin in between, a write of a half that one refuses is
 * what the other allows, and the device puts halves together to what neither author meant.
 */
#include "loader.h"

/* The number of points that an element takes which the rule limits. */
static uint32_t
width_of(const struct dissector *d, const struct rule *rule, uint16_t space)
{
	return rule->type ? dissector_element_width(d, space, rule->type) : 1;
}

static bool
ranges_overlap(const struct point_range *a, const struct point_range *b)
{
	return a->space == b->space && a->block_first <= b->block_last &&
	    b->block_first <= a->block_last && a->first <= b->last && b->first <= a->last;
}

/* Could one of them be written as the other would not have it? */
static bool
contradict(const struct dissector *d, const struct rule *a, const struct point_range *in_a,
    const struct rule *b, const struct point_range *in_b)
{
	uint32_t width = width_of(d, a, in_a->space), from = in_a->first, to = in_b->first;

	if (d->spaces[in_a->space].index_bits == 0 || !ranges_overlap(in_a, in_b))
		return false;
	if (a->type != b->type || width == 0)
		return true;
	return (from > to ? from - to : to - from) % width != 0;
}

static bool
share_units(const struct rule *a, const struct rule *b)
{
	if (a->unit_count == 0 || b->unit_count == 0)
		return true;
	for (size_t i = 0; i < a->unit_count; i++)
		for (size_t k = 0; k < b->unit_count; k++)
			if (a->units[i].first <= b->units[k].last &&
			    b->units[k].first <= a->units[i].last &&
			    a->units[i].source_first <= b->units[k].source_last &&
			    b->units[k].source_first <= a->units[i].source_last)
				return true;
	return false;
}

static bool
share_writes(const struct dissector *d, const struct rule *a, const struct rule *b)
{
	for (uint32_t i = 0; i < d->function_count; i++) {
		enum access access = d->functions[i].access;

		if ((access == ACCESS_WRITE || access == ACCESS_CONTROL) &&
		    (a->functions[i / 64] & b->functions[i / 64]) >> (i % 64) & 1)
			return true;
	}
	return false;
}

static const char *
type_name(const struct rule *rule)
{
	return rule->type ? rule->type->name : "no type";
}

/* True if it was told: once is enough for two rules. */
static bool
check_points(
    struct loader *l, const struct dissector *d, const struct rule *a, const struct rule *b)
{
	char text[128];

	for (size_t i = 0; i < a->point_count; i++)
		for (size_t k = 0; k < b->point_count; k++) {
			if (!contradict(d, a, &a->points[i], b, &b->points[k]))
				continue;
			dissector_print_points(d, &b->points[k], text, sizeof(text));
			load_warning(l, b->where, FINDING_ELEMENTS,
			    "points \"%s\" are limited as elements of \"%s\" here and of \"%s\" in "
			    "line %u, or begin elsewhere there: a part that one rule refuses the "
			    "other may allow",
			    text, type_name(b), type_name(a), a->where.line);
			return true;
		}
	return false;
}

void
check_elements(struct loader *l)
{
	for (size_t n = 0; n < l->policy->channel_count; n++) {
		const struct channel *channel = l->policy->channels[n];
		const struct dissector *d = channel->dissector;

		for (size_t i = 0; d && i < channel->rule_count; i++) {
			const struct rule *rule = &channel->rules[i];
			bool told = rule->value_count == 0;

			l->at = (struct place){.channel = channel, .rule = rule};
			for (size_t k = 0; k < i && !told; k++) {
				const struct rule *other = &channel->rules[k];

				told = other->value_count > 0 && share_units(rule, other) &&
				    share_writes(d, rule, other) && check_points(l, d, other, rule);
			}
		}
	}
}
