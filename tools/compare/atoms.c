/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atoms: see atoms.h.
 *
 * Blocks are divided first, then the indices of each piece of them, then the values of each piece
 * of those.  Elements are asked about at the places where a rule lets them begin.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atoms.h"
#include "cells.h"
#include "terminal.h"

/* Blocks and indices of a touch. */
struct box {
	struct interval block;
	struct interval index;
};

/* Places and types of elements that were asked about in a box. */
enum { KINDS_MAX = 16 };

struct kind {
	const struct element_type *type;
	double first;
};

struct walk {
	const struct dissector *d;
	const struct touchable *touch;
	const struct rule_list *speaking;
	struct atoms *atoms;
	struct atom atom; /* being made */
	struct kind kinds[KINDS_MAX];
	size_t kind_count;
};

static void
keep(struct walk *w)
{
	struct atoms *atoms = w->atoms;

	if (atoms->count == atoms->room) {
		atoms->room = atoms->room ? atoms->room * 2 : 64;
		atoms->items = reallocarray(atoms->items, atoms->room, sizeof(atoms->items[0]));
		if (!atoms->items) {
			complain("out of memory");
			exit(2);
		}
	}
	atoms->items[atoms->count++] = w->atom;
}

static bool
limits_values(const struct rule *rule)
{
	return rule->value_count > 0 || rule->limit_count > 0;
}

static bool
reaches_block(
    const struct point_range *p, const struct touchable *touch, const struct interval *block)
{
	return p->space == touch->space && p->block_first < block->to &&
	    p->block_last >= block->from;
}

static bool
reaches(const struct point_range *p, const struct touchable *touch, const struct box *box)
{
	return reaches_block(p, touch, &box->block) && p->first < box->index.to &&
	    p->last >= box->index.from;
}

static bool
rule_reaches(const struct rule *rule, const struct touchable *touch, const struct box *box)
{
	bool found = rule->point_count == 0;

	for (size_t i = 0; i < rule->point_count && !found; i++)
		found = reaches(&rule->points[i], touch, box);
	return found;
}

/* ---- values ---- */

static double
after(double number, bool whole)
{
	return whole ? floor(number) + 1 : nextafter(number, INFINITY);
}

static void
add_range(struct cells *cells, const struct value_range *range, bool whole)
{
	cells_add(cells, whole ? ceil(range->first) : range->first, after(range->last, whole));
}

static void
init_values(struct cells *cells, uint8_t format, bool *ret_whole)
{
	double least, most;

	*ret_whole = example_format_holds(format, &least, &most);
	cells_init(cells, least, after(most, *ret_whole));
}

/* What the rules that reach the box tell apart of values of this type, or without one; a limit
 * without a type is one of single values, and cuts too much elsewhere, which does no harm. */
static void
add_values(const struct walk *w, const struct box *box, const struct element_type *type, bool whole,
    struct cells *cells)
{
	for (size_t i = 0; i < w->speaking->count; i++) {
		const struct rule *rule = w->speaking->items[i];

		if ((rule->type && rule->type != type) || !rule_reaches(rule, w->touch, box))
			continue;
		for (size_t v = 0; v < rule->value_count; v++)
			add_range(cells, &rule->values[v], whole);
	}
}

static void
each_value(struct walk *w, const struct box *box, const struct element_type *type, uint8_t format)
{
	struct cells cells;
	bool whole;

	init_values(&cells, format, &whole);
	/* a bit of memory is written as a byte, which may be none */
	if (type && type->bits == 1 && w->d->spaces[w->touch->space].index_bits == 1) {
		cells.end = 256;
		cells_add(&cells, 2, 256);
	}
	add_values(w, box, type, whole, &cells);
	cells_sort(&cells);
	w->atom.valued = true;
	for (size_t i = 0; i < cells.count; i++) {
		w->atom.value = cells_get(&cells, i);
		w->atom.point.value = w->atom.value.from;
		keep(w);
	}
	w->atom.valued = false;
	cells_done(&cells);
}

/* ---- numbers beside the value ---- */

static bool
speaks_of(const struct part *part, const struct walk *w, const struct box *box)
{
	return part->space == w->touch->space && part->block_first <= box->block.from &&
	    box->block.to <= (double)part->block_last + 1;
}

static void
each_part(struct walk *w, const struct box *box, uint32_t part, uint8_t format)
{
	struct cells cells;
	bool whole;

	while (part < w->d->part_count && !speaks_of(&w->d->parts[part], w, box))
		part++;
	if (part == w->d->part_count) {
		each_value(w, box, NULL, format);
		return;
	}
	init_values(&cells, w->d->parts[part].format, &whole);
	for (size_t i = 0; i < w->speaking->count; i++) {
		const struct rule *rule = w->speaking->items[i];

		for (size_t n = 0; n < rule->limit_count && rule_reaches(rule, w->touch, box); n++)
			if (rule->limits[n].part == part)
				add_range(&cells, &rule->limits[n].range, whole);
	}
	cells_sort(&cells);
	w->atom.parts_valued |= 1U << part;
	for (size_t i = 0; i < cells.count; i++) {
		w->atom.parts[part] = cells_get(&cells, i);
		w->atom.point.parts[part] = w->atom.parts[part].from;
		each_part(w, box, part + 1, format);
	}
	w->atom.parts_valued &= ~(1U << part);
	cells_done(&cells);
}

/* ---- elements ---- */

static bool
is_asked(const struct walk *w, const struct element_type *type, double first)
{
	for (size_t i = 0; i < w->kind_count; i++)
		if (w->kinds[i].type == type && w->kinds[i].first == first)
			return true;
	return false;
}

static void
ask_element(struct walk *w, const struct box *box, const struct rule *rule,
    const struct point_range *p, double first)
{
	uint32_t width = dissector_element_width(w->d, w->touch->space, rule->type);

	if (first < p->first || first + width - 1 > p->last || is_asked(w, rule->type, first))
		return;
	if (w->kind_count == KINDS_MAX)
		return;
	w->kinds[w->kind_count++] = (struct kind){rule->type, first};
	w->atom.point.type = rule->type;
	w->atom.point.index = (uint32_t)first;
	each_value(w, box, rule->type, rule->type->format);
	w->atom.point.type = NULL;
	w->atom.point.index = (uint32_t)box->index.from;
}

/* The first element that begins in the box, and the one that reaches into it. */
static void
ask_elements(struct walk *w, const struct box *box, const struct rule *rule)
{
	uint32_t width = dissector_element_width(w->d, w->touch->space, rule->type);

	if (width == 0 || (width > 1 && w->touch->form == TOUCH_SINGLE))
		return;
	for (size_t i = 0; i < rule->point_count; i++) {
		const struct point_range *p = &rule->points[i];
		double skipped;

		if (!reaches(p, w->touch, box))
			continue;
		skipped = floor((box->index.from - p->first) / width) * width;
		ask_element(w, box, rule, p, p->first + skipped);
		if (p->first + skipped < box->index.from)
			ask_element(w, box, rule, p, p->first + skipped + width);
	}
}

/* Limits of different types speak of the same memory: what they make of it together is not divided.
 */
static bool
is_mixed(const struct walk *w)
{
	for (size_t i = 1; i < w->kind_count; i++)
		if (w->kinds[i].type != w->kinds[0].type ||
		    fmod(w->kinds[i].first - w->kinds[0].first,
			dissector_element_width(w->d, w->touch->space, w->kinds[0].type)) != 0)
			return true;
	return w->kind_count == KINDS_MAX;
}

static void
keep_mixed(struct walk *w)
{
	w->atom.mixed = true;
	keep(w);
	w->atom.mixed = false;
}

/* ---- points ---- */

/* What the limits that reach a box speak of. */
struct limits_found {
	bool single; /* elements of one index, which are what a message writes there */
	bool other;  /* one of these is no number as the message carries it */
	bool larger;
	bool untyped;
};

static struct limits_found
ask_rules(struct walk *w, const struct box *box, uint8_t format)
{
	struct limits_found found = {0};

	for (size_t i = 0; i < w->speaking->count; i++) {
		const struct rule *rule = w->speaking->items[i];

		if (!limits_values(rule) || !rule_reaches(rule, w->touch, box))
			continue;
		if (!rule->type || rule->value_count == 0) {
			found.untyped = true;
			continue;
		}
		if (dissector_element_width(w->d, w->touch->space, rule->type) == 1)
			found.single = true;
		else
			found.larger = true;
		found.other |= rule->type->format != format;
		if (w->touch->form != TOUCH_UNTOLD)
			ask_elements(w, box, rule);
	}
	return found;
}

/* Blocks of one form. */
static void
each_form(struct walk *w, const struct box *box, uint8_t format)
{
	struct limits_found found = {0};
	bool limited;

	w->atom.block = box->block;
	w->atom.index = box->index;
	w->atom.point = (struct example_point){.touch = w->touch,
	    .block = (uint32_t)box->block.from,
	    .index = (uint32_t)box->index.from,
	    .format = format};
	w->kind_count = 0;
	if (w->touch->access != ACCESS_READ)
		found = ask_rules(w, box, format);
	limited = found.single || found.larger || found.untyped;
	if (is_mixed(w) || (found.untyped && (found.larger || found.other)))
		keep_mixed(w);
	if (limited && !found.single && format != VALUE_NONE)
		each_part(w, box, 0, format);
	w->atom.point.format = VALUE_NONE;
	w->atom.untold = limited;
	if (!limited || (format == VALUE_NONE && w->touch->form != TOUCH_RANGES) ||
	    (format == VALUE_NONE && !found.single))
		keep(w);
	w->atom.untold = false;
}

static uint8_t
format_of(const struct walk *w, const struct box *box, double block)
{
	const struct point_range range = {
	    .space = w->touch->space,
	    .block_first = (uint32_t)block,
	    .block_last = (uint32_t)block,
	    .first = (uint32_t)box->index.from,
	    .last = (uint32_t)box->index.from,
	};

	if (w->touch->format != VALUE_NONE || !w->d->point_format)
		return w->touch->format;
	return (uint8_t)w->d->point_format(&range);
}

static bool
is_limited(const struct walk *w, const struct box *box)
{
	for (size_t i = 0; i < w->speaking->count; i++)
		if (limits_values(w->speaking->items[i]) &&
		    rule_reaches(w->speaking->items[i], w->touch, box))
			return true;
	return false;
}

/* Where values matter, blocks of another form, or with other parts, are pieces of their own. */
static void
each_block(struct walk *w, const struct box *box)
{
	struct box piece = *box;
	double block = box->block.from;

	if (w->touch->access == ACCESS_READ || !is_limited(w, box)) {
		each_form(w, box, VALUE_NONE);
		return;
	}
	while (block < box->block.to) {
		uint8_t format = format_of(w, box, block);

		piece.block.from = block++;
		while (block < box->block.to && format_of(w, box, block) == format &&
		    (format == VALUE_NONE || w->d->part_count == 0))
			block++;
		piece.block.to = block;
		each_form(w, &piece, format);
	}
}

static void
each_index(struct walk *w, const struct box *box)
{
	struct box piece = *box;
	struct cells cells;

	cells_init(&cells, box->index.from, box->index.to);
	for (size_t i = 0; i < w->speaking->count; i++) {
		const struct rule *rule = w->speaking->items[i];

		for (size_t n = 0; n < rule->point_count; n++)
			if (reaches(&rule->points[n], w->touch, box))
				cells_add(&cells, rule->points[n].first,
				    (double)rule->points[n].last + 1);
	}
	cells_sort(&cells);
	for (size_t i = 0; i < cells.count; i++) {
		piece.index = cells_get(&cells, i);
		each_block(w, &piece);
	}
	cells_done(&cells);
}

static void
each_piece(struct walk *w, const struct box *box)
{
	struct box piece = *box;
	struct cells cells;

	cells_init(&cells, box->block.from, box->block.to);
	for (size_t i = 0; i < w->speaking->count; i++) {
		const struct rule *rule = w->speaking->items[i];

		for (size_t n = 0; n < rule->point_count; n++)
			if (reaches(&rule->points[n], w->touch, box))
				cells_add(&cells, rule->points[n].block_first,
				    (double)rule->points[n].block_last + 1);
	}
	cells_sort(&cells);
	for (size_t i = 0; i < cells.count; i++) {
		piece.block = cells_get(&cells, i);
		each_index(w, &piece);
	}
	cells_done(&cells);
}

static struct interval
overlap(struct interval a, double from, double to)
{
	return (struct interval){a.from > from ? a.from : from, a.to < to ? a.to : to};
}

static void
each_range(struct walk *w, const struct box *all, const struct rule *rule)
{
	if (rule->point_count == 0)
		each_piece(w, all);
	for (size_t i = 0; i < rule->point_count; i++) {
		const struct point_range *p = &rule->points[i];
		struct box box;

		if (!reaches(p, w->touch, all))
			continue;
		box.block = overlap(all->block, p->block_first, (double)p->block_last + 1);
		box.index = overlap(all->index, p->first, (double)p->last + 1);
		each_piece(w, &box);
	}
}

void
atoms_find(const struct dissector *d, const struct touchable *touch,
    const struct rule_list *speaking, const struct rule_list *within, struct atoms *ret_atoms)
{
	struct walk w = {.d = d, .touch = touch, .speaking = speaking, .atoms = ret_atoms};
	struct box all = {
	    .block = {touch->block_first, (double)touch->block_last + 1},
	    .index = {0, (double)d->spaces[touch->space].index_max + 1},
	};

	*ret_atoms = (struct atoms){0};
	if (!within) {
		each_piece(&w, &all);
		return;
	}
	for (size_t i = 0; i < within->count; i++)
		each_range(&w, &all, within->items[i]);
}

void
atoms_done(struct atoms *atoms)
{
	free(atoms->items);
	*atoms = (struct atoms){0};
}
