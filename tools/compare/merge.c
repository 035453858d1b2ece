/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merge: see merge.h.
 */
#include <stdlib.h>
#include <string.h>

#include "merge.h"

/* Beside the axes: the functions may be what differs. */
enum { MERGE_FUNCTIONS = AXIS_COUNT };

static int merged_axis; /* what compare() looks at last */

static int
compare_numbers(double x, double y)
{
	return (x > y) - (x < y);
}

static int
compare_places(const void *x, const void *y)
{
	return (x > y) - (x < y);
}

/* What makes two differences ones of a kind. */
static int
compare_kinds(const struct difference *x, const struct difference *y)
{
	const struct example *a = &x->example, *b = &y->example;
	int r = (int)x->change - (int)y->change;

	for (int i = 0; r == 0 && i < SIDE_COUNT; i++) {
		r = compare_places(x->rules[i], y->rules[i]);
		r = r ? r : (int)x->reasons[i] - (int)y->reasons[i];
	}
	r = r ? r : a->unit_named - b->unit_named;
	r = r ? r : a->opaque - b->opaque;
	r = r ? r : a->follows - b->follows;
	r = r ? r : (int)a->point_count - (int)b->point_count;
	r = r ? r : x->valued - y->valued;
	r = r ? r : x->untold - y->untold;
	r = r ? r : compare_numbers(x->parts, y->parts);
	for (uint32_t i = 0; r == 0 && i < a->point_count; i++) {
		const struct example_point *p = &a->points[i], *q = &b->points[i];

		r = p->touch->space - q->touch->space;
		r = r ? r : p->touch->access - q->touch->access;
		r = r ? r : compare_places(p->type, q->type);
		r = r || !x->valued ? r : p->format - q->format;
	}
	return r;
}

static int
compare(const void *a, const void *b)
{
	const struct difference *x = a, *y = b;
	int r = compare_kinds(x, y);

	if (r == 0 && merged_axis != MERGE_FUNCTIONS)
		r = memcmp(x->functions, y->functions, sizeof(x->functions));
	for (int i = AXIS_COUNT - 1; r == 0 && i >= 0; i--) {
		if (i == merged_axis)
			continue;
		r = compare_numbers(x->axes[i].from, y->axes[i].from);
		r = r ? r : compare_numbers(x->axes[i].to, y->axes[i].to);
	}
	if (r == 0 && merged_axis < AXIS_COUNT)
		r = compare_numbers(x->axes[merged_axis].from, y->axes[merged_axis].from);
	return r;
}

/* Equal but for the axis? */
static bool
are_twins(const struct difference *x, const struct difference *y)
{
	struct difference like = *y;

	if (merged_axis < AXIS_COUNT)
		like.axes[merged_axis] = x->axes[merged_axis];
	return compare(x, &like) == 0;
}

static bool
join(struct difference *kept, const struct difference *next)
{
	struct interval *axis;

	if (!are_twins(kept, next))
		return false;
	if (merged_axis == MERGE_FUNCTIONS) {
		for (size_t i = 0; i < FUNCTIONS_MAX / 64; i++)
			kept->functions[i] |= next->functions[i];
		return true;
	}
	axis = &kept->axes[merged_axis];
	if (next->axes[merged_axis].from > axis->to)
		return false;
	if (next->axes[merged_axis].to > axis->to)
		axis->to = next->axes[merged_axis].to;
	return true;
}

static void
merge_axis(struct differences *d, int axis)
{
	size_t kept = 0;

	merged_axis = axis;
	if (d->count == 0)
		return;
	qsort(d->items, d->count, sizeof(d->items[0]), compare);
	for (size_t i = 1; i < d->count; i++)
		if (!join(&d->items[kept], &d->items[i]))
			d->items[++kept] = d->items[i];
	d->count = kept + 1;
}

void
differences_merge(struct differences *differences)
{
	for (int axis = 0; axis <= MERGE_FUNCTIONS; axis++)
		merge_axis(differences, axis);
}
