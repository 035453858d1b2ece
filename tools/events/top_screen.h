/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Top screen: a status of the daemon as lines that fit into a terminal.
 *
 * Lines only: no colours, nothing but ASCII, and no sequence that a VT100 does not know.
 */
#ifndef SLUICE_TOP_SCREEN_H
#define SLUICE_TOP_SCREEN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum { TOP_EVENTS_MAX = 16, TOP_LINES_MIN = 10, TOP_COLUMNS_MIN = 40 };

struct top_screen {
	size_t lines; /* of the terminal, TOP_LINES_MIN at least */
	size_t columns;
	bool sequences; /* move and clear as on a terminal; otherwise plain lines */
	bool paused;
	size_t conduit;                     /* that is chosen, from 1; 0: all */
	const char *events[TOP_EVENTS_MAX]; /* newest first, as text; NULL: no more */
};

/* Draw all of it. */
void top_screen_draw(FILE *out, const struct top_screen *screen, const json_t *before,
    const json_t *now, double seconds);

/* The same numbers as one object. */
json_t *top_screen_object(const json_t *before, const json_t *now, double seconds);

#endif
