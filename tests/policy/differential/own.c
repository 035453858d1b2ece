/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Own: the decision, cell by cell.  Slow and plain on purpose: each cell that a message touches is
 * looked for in every rule, and each element is made of its cells anew.
 */
#include "own.h"

#include <string.h>

static uint64_t state;

void
own_seed(uint64_t seed)
{
	state = seed * 2 + 1;
}

unsigned
own_random(unsigned limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 11) % limit);
}

static bool
names(const struct own_rule *rule, const struct asked *asked)
{
	if (rule->classes & asked->class)
		return true;
	for (size_t i = 0; i < 2; i++)
		if (rule->functions[i] && strcmp(rule->functions[i], asked->function) == 0)
			return true;
	return false;
}

static bool
means_unit(const struct own_rule *rule, const struct asked *asked)
{
	if (!asked->has_unit)
		return true;
	if (asked->broadcast)
		return !rule->any_unit && rule->broadcast;
	return rule->any_unit ||
	    (asked->unit >= rule->unit_first && asked->unit <= rule->unit_last);
}

static bool
in_touch(const struct touch *touch, unsigned space, unsigned block, unsigned cell)
{
	return touch->space == space && touch->block == block && cell >= touch->first &&
	    cell - touch->first < touch->count;
}

/* What a cell will hold; false if that is not told once and only once. */
static bool
find_cell(const struct asked *asked, const struct touch *whole, const struct touch *like,
    unsigned cell, uint16_t *ret_cell)
{
	const struct touch *found = NULL;
	unsigned times = 0;

	for (size_t i = 0; i < asked->touch_count; i++) {
		const struct touch *touch = &asked->touches[i];

		if (!touch->write || (whole && touch != whole) ||
		    !in_touch(touch, like->space, like->block, cell))
			continue;
		found = touch;
		times++;
	}
	if (times != 1 || !found->known)
		return false;
	*ret_cell = found->cells[cell - found->first];
	return true;
}

/* Bytes of memory, first one first, as a number of this type. */
static double
as_number(const struct type *type, const uint8_t *memory)
{
	unsigned size = type->bits / 8;
	uint64_t bits = 0;
	float single;
	double value;
	uint32_t low;

	for (unsigned word = 0; type->swapped && word < size / 2; word++) {
		const uint8_t *at = &memory[size - 2 - 2 * word];

		bits = bits << 16 | (uint64_t)at[0] << 8 | at[1];
	}
	for (unsigned i = 0; !type->swapped && i < size; i++)
		bits = bits << 8 | memory[i];
	low = (uint32_t)bits;
	memcpy(&single, &low, sizeof(single));
	memcpy(&value, &bits, sizeof(value));
	if (type->kind == 'f')
		return size == 4 ? (double)single : value;
	if (type->kind == 's' && size < 8 && bits >> (type->bits - 1))
		return (double)bits - (double)(UINT64_C(1) << type->bits);
	return type->kind == 's' ? (double)(int64_t)bits : (double)bits;
}

/* The element of the rule's type that a written cell belongs to. */
static bool
find_element(const struct asked *asked, const struct own_rule *rule, const struct range *range,
    unsigned cell_bits, const struct touch *touch, unsigned cell, double *ret_value)
{
	unsigned width = rule->type->bits / cell_bits;
	unsigned first = range->first + (cell - range->first) / width * width;
	uint8_t memory[8] = {0};
	bool alone = first >= touch->first && first + width <= touch->first + touch->count;

	for (unsigned i = 0; i < width; i++) {
		uint16_t found;

		if (!find_cell(asked, alone ? touch : NULL, touch, first + i, &found))
			return false;
		if (cell_bits == 1) {
			if (found > 1)
				return false;
			memory[i / 8] |= (uint8_t)(found << i % 8);
		} else {
			memory[2 * i] = (uint8_t)(found >> 8);
			memory[2 * i + 1] = (uint8_t)found;
		}
	}
	*ret_value = rule->type->bits == 1 ? memory[0] : as_number(rule->type, memory);
	return true;
}

static bool
permits_cell(const struct protocol *protocol, const struct asked *asked,
    const struct own_rule *rule, const struct touch *touch, unsigned cell)
{
	unsigned cell_bits = protocol->cell_bits[touch->space];
	bool limited = touch->write && rule->limited;
	double value;

	if (rule->range_count == 0)
		return !limited ||
		    (touch->known && touch->cells[cell - touch->first] >= rule->least &&
			touch->cells[cell - touch->first] <= rule->most);
	for (size_t i = 0; i < rule->range_count; i++) {
		const struct range *range = &rule->ranges[i];

		if (range->space != touch->space || range->block != touch->block ||
		    cell < range->first || cell > range->last)
			continue;
		if (!limited)
			return true;
		if (!rule->type) {
			if (!touch->known)
				continue;
			value = touch->cells[cell - touch->first];
		} else if (!find_element(asked, rule, range, cell_bits, touch, cell, &value)) {
			continue;
		}
		if (value >= rule->least && value <= rule->most)
			return true;
	}
	return false;
}

static bool
is_pointed(const struct own_rule *rule)
{
	return rule->range_count > 0 || rule->limited;
}

bool
own_allows(
    const struct protocol *protocol, const struct own_policy *policy, const struct asked *asked)
{
	bool changes =
	    asked->class == WRITES || asked->class == CONTROLS || asked->class == PROGRAMS;
	bool whole = asked->opaque || (asked->touch_count == 0 && changes && !asked->follows);
	bool named = false;

	if (asked->wrong)
		return false;
	for (size_t r = 0; r < policy->rule_count; r++) {
		const struct own_rule *rule = &policy->rules[r];

		named |=
		    names(rule, asked) && means_unit(rule, asked) && !(whole && is_pointed(rule));
	}
	for (size_t i = 0; named && i < asked->touch_count; i++) {
		const struct touch *touch = &asked->touches[i];

		for (unsigned c = 0; named && c < touch->count; c++) {
			bool found = false;

			for (size_t r = 0; r < policy->rule_count; r++) {
				const struct own_rule *rule = &policy->rules[r];
				bool speaks = names(rule, asked) ||
				    (!touch->write && (rule->classes & READS));

				found |= speaks && means_unit(rule, asked) &&
				    permits_cell(protocol, asked, rule, touch, touch->first + c);
			}
			named = found;
		}
	}
	return named;
}
