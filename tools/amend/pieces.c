/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces: see pieces.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "element.h"
#include "numbers.h"
#include "pieces.h"
#include "terminal.h"
#include "words.h"

enum { WALKED_MAX = 8192, RANGES_KEPT = 16, NUMBERS_MAX = 4096 };

/* ---- pieces ---- */

static void
add_piece(struct pieces *pieces, const struct span *span, uint32_t first, uint32_t last)
{
	if (pieces->count == PIECES_MAX)
		pieces->too_many = true;
	else
		pieces->items[pieces->count++] = (struct piece){span, first, last};
}

void
pieces_whole(const struct message *m, struct pieces *ret_pieces)
{
	*ret_pieces = (struct pieces){0};
	for (uint32_t i = 0; i < m->span_count; i++)
		add_piece(ret_pieces, &m->spans[i], m->spans[i].first, m->spans[i].last);
}

/* Do the rules contain this point, whatever is written to it? */
static bool
point_held(const struct channel *channel, struct message *one, uint32_t index)
{
	struct decision decision;

	one->spans[0].first = one->spans[0].last = index;
	decide(channel, one, true, 0, NULL, &decision);
	return decision.verdict == VERDICT_ALLOW;
}

void
pieces_written(const struct pieces *pieces, struct pieces *ret_pieces)
{
	*ret_pieces = (struct pieces){.too_many = pieces->too_many};
	for (size_t i = 0; i < pieces->count; i++)
		if (pieces->items[i].span->access != ACCESS_READ)
			ret_pieces->items[ret_pieces->count++] = pieces->items[i];
}

/* The channel, whatever was used up of its rates; its rules are to be freed. */
static struct channel
channel_without_rates(const struct channel *channel)
{
	struct channel unlimited = *channel;

	unlimited.rules = calloc(channel->rule_count + 1, sizeof(unlimited.rules[0]));
	if (!unlimited.rules) {
		complain("out of memory");
		exit(2);
	}
	for (size_t i = 0; i < channel->rule_count; i++) {
		unlimited.rules[i] = channel->rules[i];
		unlimited.rules[i].rate.count = 0;
	}
	return unlimited;
}

static void
find_missing(const struct channel *channel, const struct message *m, struct pieces *ret_pieces)
{
	static struct message one; /* too large for the stack's comfort */
	uint64_t walked = 0;

	memcpy(&one, m, offsetof(struct message, spans));
	one.span_count = 1;
	for (uint32_t i = 0; i < m->span_count; i++) {
		const struct span *span = &m->spans[i];
		uint32_t first = 0;
		bool open = false;

		one.spans[0] = *span;
		one.spans[0].valueless = true;
		walked += (uint64_t)span->last - span->first + 1;
		if (walked > WALKED_MAX) {
			ret_pieces->too_many = true;
			return;
		}
		for (uint32_t index = span->first; index <= span->last; index++) {
			bool held = point_held(channel, &one, index);

			if (held && open)
				add_piece(ret_pieces, span, first, index - 1);
			first = open ? first : index;
			open = !held;
		}
		if (open)
			add_piece(ret_pieces, span, first, span->last);
	}
}

void
pieces_missing(const struct channel *channel, const struct message *m, struct pieces *ret_pieces)
{
	struct channel unlimited = channel_without_rates(channel);

	*ret_pieces = (struct pieces){0};
	find_missing(&unlimited, m, ret_pieces);
	free(unlimited.rules);
}

/* ---- points ---- */

static bool
rule_has_points(const struct rule *rule, const struct piece *piece)
{
	for (size_t i = 0; i < rule->point_count; i++) {
		const struct point_range *p = &rule->points[i];

		if (p->space == piece->span->space && piece->span->block >= p->block_first &&
		    piece->span->block <= p->block_last && piece->first >= p->first &&
		    piece->last <= p->last)
			return true;
	}
	return rule->point_count == 0;
}

static char *
join(char *list, const char *item)
{
	char *longer;

	/* the same words twice mean nothing more */
	if (list && strstr(list, item))
		return list;
	longer = words_format("%s%s%s", list ? list : "", list && list[0] ? ", " : "", item);
	free(list);
	return longer;
}

char *
pieces_points(const struct message *m, const struct pieces *pieces, const struct rule *rule)
{
	char *list = words_format("%s", "");

	for (size_t i = 0; i < pieces->count; i++) {
		struct span span = *pieces->items[i].span;
		char *words, *item;

		if (rule && rule_has_points(rule, &pieces->items[i]))
			continue;
		span.first = pieces->items[i].first;
		span.last = pieces->items[i].last;
		words = words_span(m->dissector, &span);
		item = words_format("\"%s\"", words);
		list = join(list, item);
		free(item);
		free(words);
	}
	return list;
}

/* ---- values ---- */

struct numbers {
	struct value_range items[NUMBERS_MAX];
	size_t count;
	bool failed;
};

/* A number as it can be written: where its digits do not suffice, the nearest ones around it. */
static struct value_range
range_around(double value)
{
	struct value_range range = {value, value}, read;
	double step;
	char buf[128];

	numbers_print_values(&range, buf, sizeof(buf));
	if (numbers_read_values(buf, &read) == 0 && read.first == value)
		return range;
	step = pow(10, floor(log10(fabs(value))) - 6);
	range.first = floor(value / step) * step;
	range.last = ceil(value / step) * step;
	return range;
}

static void
add_number(struct numbers *numbers, double value)
{
	if (numbers->count == NUMBERS_MAX || !isfinite(value))
		numbers->failed = true;
	else
		numbers->items[numbers->count++] = range_around(value);
}

static int
compare_ranges(const void *a, const void *b)
{
	const struct value_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* In order, those that touch joined, and one for all if there are many. */
static void
put_together(struct numbers *numbers)
{
	size_t kept = 0;

	if (numbers->count == 0)
		return;
	qsort(numbers->items, numbers->count, sizeof(numbers->items[0]), compare_ranges);
	for (size_t i = 1; i < numbers->count; i++) {
		struct value_range *last = &numbers->items[kept];
		const struct value_range *next = &numbers->items[i];
		bool whole = last->last == floor(last->last);

		if (next->first <= last->last + (whole ? 1 : 0) &&
		    (!whole || next->first == floor(next->first)))
			last->last = next->last > last->last ? next->last : last->last;
		else
			numbers->items[++kept] = *next;
	}
	if (kept >= RANGES_KEPT) {
		numbers->items[0].last = numbers->items[kept].last;
		kept = 0;
	}
	numbers->count = kept + 1;
}

static bool
rule_has_value(const struct rule *rule, const struct value_range *range)
{
	for (size_t i = 0; i < rule->value_count; i++)
		if (range->first >= rule->values[i].first && range->last <= rule->values[i].last)
			return true;
	return false;
}

static bool
rule_has_part(const struct rule *rule, uint32_t part, const struct value_range *range)
{
	for (size_t i = 0; i < rule->limit_count; i++)
		if (rule->limits[i].part == part && range->first >= rule->limits[i].range.first &&
		    range->last <= rule->limits[i].range.last)
			return true;
	return false;
}

static bool
rule_limits_part(const struct rule *rule, uint32_t part)
{
	for (size_t i = 0; i < rule->limit_count; i++)
		if (rule->limits[i].part == part)
			return true;
	return false;
}

static bool
is_written(const struct span *span)
{
	return span->access != ACCESS_READ && !span->valueless;
}

static void
collect_plain(const struct piece *piece, struct numbers *numbers)
{
	const struct span *span = piece->span;
	uint32_t width = span_width(span);

	numbers->failed |= span->values.format == VALUE_NONE;
	for (uint32_t i = (piece->first - span->first) / width;
	     !numbers->failed && i <= (piece->last - span->first) / width; i++) {
		if (i < span->values.count)
			add_number(numbers, values_get(&span->values, i));
		else
			numbers->failed = true;
	}
}

static void
collect_elements(const struct message *m, const struct piece *piece,
    const struct element_type *type, struct numbers *numbers)
{
	uint32_t width = dissector_element_width(m->dissector, piece->span->space, type);
	uint64_t count = (uint64_t)piece->last - piece->first + 1;

	numbers->failed |= width == 0 || count % width != 0;
	for (uint64_t i = 0; !numbers->failed && i < count; i += width) {
		double value;

		if (element_read(m, piece->span, type, piece->first + (uint32_t)i, &value) ==
		    ELEMENT_WHOLE)
			add_number(numbers, value);
		else
			numbers->failed = true;
	}
}

static bool
speaks_of(const struct part *part, const struct span *span)
{
	return part->space == span->space && span->block >= part->block_first &&
	    span->block <= part->block_last;
}

static void
collect_part(const struct piece *piece, const struct part *part, struct numbers *numbers)
{
	const struct span *span = piece->span;

	for (uint32_t i = 0; speaks_of(part, span) && i < span->values.count; i++)
		add_number(numbers, values_get_part(&span->values, i, part->format, part->offset));
}

/* The word of a value that all pieces have, or NULL. */
static const char *
value_word(const struct dissector *d, const struct pieces *pieces, const struct value_range *range)
{
	for (uint32_t w = 0; range->first == range->last && w < d->value_word_count; w++) {
		const struct value_word *word = &d->value_words[w];
		bool fits = word->value == range->first;

		for (size_t i = 0; i < pieces->count && fits; i++) {
			const struct span *span = pieces->items[i].span;

			fits = span->access == ACCESS_READ ||
			    (span->space == word->space && span->block >= word->block_first &&
				span->block <= word->block_last);
		}
		if (fits)
			return word->name;
	}
	return NULL;
}

static char *
add_ranges(char *list, const struct dissector *d, const struct pieces *pieces,
    struct numbers *numbers, const struct rule *rule)
{
	put_together(numbers);
	for (size_t i = 0; i < numbers->count; i++) {
		const struct value_range *range = &numbers->items[i];
		const char *word = value_word(d, pieces, range);
		char buf[128], *item;

		if (rule && rule_has_value(rule, range))
			continue;
		numbers_print_values(range, buf, sizeof(buf));
		item = words_format("\"%s\"", word ? word : buf);
		list = join(list, item);
		free(item);
	}
	return list;
}

static char *
add_parts(
    char *list, const char *name, struct numbers *numbers, const struct rule *rule, uint32_t part)
{
	put_together(numbers);
	for (size_t i = 0; i < numbers->count; i++) {
		const struct value_range *range = &numbers->items[i];
		char buf[128], *item;

		if (rule && rule_has_part(rule, part, range))
			continue;
		numbers_print_values(range, buf, sizeof(buf));
		item = words_format("\"%s:%s\"", name, buf);
		list = join(list, item);
		free(item);
	}
	return list;
}

char *
pieces_values(const struct message *m, const struct pieces *pieces, const struct element_type *type,
    const struct rule *rule)
{
	static struct numbers numbers; /* too large for the stack's comfort */
	const struct dissector *d = m->dissector;
	char *list = words_format("%s", "");
	bool failed = false;

	numbers.count = 0;
	numbers.failed = false;
	for (size_t i = 0; i < pieces->count && !numbers.failed; i++) {
		if (!is_written(pieces->items[i].span))
			continue;
		if (type)
			collect_elements(m, &pieces->items[i], type, &numbers);
		else
			collect_plain(&pieces->items[i], &numbers);
	}
	failed = numbers.failed;
	if (!rule || rule->value_count > 0)
		list = add_ranges(list, d, pieces, &numbers, rule);
	for (uint32_t p = 0; p < d->part_count && !type; p++) {
		numbers.count = 0;
		numbers.failed = false;
		if (rule && !rule_limits_part(rule, p))
			continue;
		for (size_t i = 0; i < pieces->count; i++)
			if (is_written(pieces->items[i].span))
				collect_part(&pieces->items[i], &d->parts[p], &numbers);
		failed |= numbers.failed;
		list = add_parts(list, d->parts[p].name, &numbers, rule, p);
	}
	if (!failed)
		return list;
	free(list);
	return NULL;
}

/* ---- rules ---- */

char *
unit_of_message(const struct message *m)
{
	/* what nobody saw is in no rule that names units */
	return m->has_unit && m->unit != UINT32_MAX ? words_unit(m->dissector, m) : NULL;
}

char *
rule_of_message(const struct message *m, const struct pieces *pieces, bool values,
    const struct element_type *type)
{
	char *unit = unit_of_message(m), *points = pieces_points(m, pieces, NULL);
	char *limits = values ? pieces_values(m, pieces, type, NULL) : NULL, *text = NULL;
	char *units = unit ? words_format(" units = [\"%s\"];", unit) : words_format("%s", "");
	char *typed = type ? words_format(" type = \"%s\";", type->name) : words_format("%s", "");
	char *listed = points[0] ? words_format(" points = [%s];", points) : words_format("%s", "");

	if (!values)
		text =
		    words_format("{ functions = [\"%s\"];%s%s }", m->function->name, units, listed);
	else if (limits && limits[0])
		text = words_format("{ functions = [\"%s\"];%s%s%s values = [%s]; }",
		    m->function->name, units, listed, typed, limits);
	free(listed);
	free(typed);
	free(units);
	free(limits);
	free(points);
	free(unit);
	return text;
}
