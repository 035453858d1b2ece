/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells: where rules begin and end, on one axis of what a message says.
 */
#ifndef SLUICE_CELLS_H
#define SLUICE_CELLS_H

#include <stddef.h>

#include "interval.h"

/* Numbers at which something begins; those of a cell reach to the next one, or to `end`. */
struct cells {
	double *starts; /* sorted, each once */
	size_t count;
	size_t room;
	double end;
};

/* Empty, from `first` to before `end`. */
void cells_init(struct cells *cells, double first, double end);
void cells_done(struct cells *cells);

/* Something begins at `start` and goes on until before `end`; what is outside is cut off. */
void cells_add(struct cells *cells, double start, double end);

/* When all are added. */
void cells_sort(struct cells *cells);

struct interval cells_get(const struct cells *cells, size_t i);

#endif
