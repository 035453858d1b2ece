/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Difference: what one of two channels permits and the other does not, message by message.
 */
#ifndef SLUICE_DIFFERENCE_H
#define SLUICE_DIFFERENCE_H

#include "decide.h"
#include "example.h"
#include "interval.h"

enum side { SIDE_OLD = 0, SIDE_NEW, SIDE_COUNT };

enum change {
	CHANGE_ADDED = 0, /* only the new one permits it */
	CHANGE_REMOVED,   /* only the old one does */
	CHANGE_RATE,      /* both do, not equally often */
	CHANGE_MIXED,     /* not known: limits of different types meet in the same memory */
};

enum axis {
	AXIS_VALUE = 0,                      /* of the last point */
	AXIS_PARTS,                          /* PARTS_MAX of them */
	AXIS_INDEX = AXIS_PARTS + PARTS_MAX, /* of each point */
	AXIS_BLOCK = AXIS_INDEX + EXAMPLE_POINTS_MAX,
	AXIS_UNIT = AXIS_BLOCK + EXAMPLE_POINTS_MAX,
	AXIS_SOURCE,
	AXIS_COUNT
};

struct difference {
	enum change change;
	uint64_t functions[FUNCTIONS_MAX / 64]; /* bit i: row i of the catalogue */
	struct interval axes[AXIS_COUNT];
	bool untold;            /* limits speak of a value that the message does not tell */
	bool valued;            /* the axis of values says something */
	uint32_t parts;         /* bit i: so does that of part i */
	struct example example; /* one of these messages */
	enum reason reasons[SIDE_COUNT];
	const struct rule *rules[SIDE_COUNT]; /* that permit it, NULL */
};

struct differences {
	struct difference *items;
	size_t count;
	bool truncated; /* there are more than can be listed */
};

#endif
