/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells: see cells.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cells.h"
#include "terminal.h"

static void
add(struct cells *cells, double start)
{
	if (cells->count == cells->room) {
		cells->room = cells->room ? cells->room * 2 : 16;
		cells->starts = reallocarray(cells->starts, cells->room, sizeof(double));
		if (!cells->starts) {
			complain("out of memory");
			exit(2);
		}
	}
	cells->starts[cells->count++] = start;
}

void
cells_init(struct cells *cells, double first, double end)
{
	*cells = (struct cells){.end = end};
	add(cells, first);
}

void
cells_done(struct cells *cells)
{
	free(cells->starts);
	*cells = (struct cells){0};
}

void
cells_add(struct cells *cells, double start, double end)
{
	double first = cells->starts[0];

	if (start > first && start < cells->end)
		add(cells, start);
	if (end > first && end < cells->end)
		add(cells, end);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void
cells_sort(struct cells *cells)
{
	size_t kept = 1;

	qsort(cells->starts, cells->count, sizeof(double), compare);
	for (size_t i = 1; i < cells->count; i++)
		if (cells->starts[i] != cells->starts[kept - 1])
			cells->starts[kept++] = cells->starts[i];
	cells->count = kept;
}

struct interval
cells_get(const struct cells *cells, size_t i)
{
	return (struct interval){
	    cells->starts[i], i + 1 < cells->count ? cells->starts[i + 1] : cells->end};
}
