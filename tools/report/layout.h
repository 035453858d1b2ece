/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout: where zones stand in a drawing, and how the conduits run between them.
 *
 * Zones stand in lines, business above, then what stands between, control, safety below.  A conduit
 * leaves its zones at ports of its own, runs along a track of its own between the lines, and beside
 * all of them where other lines lie between its zones: no two run on top of each other, and none
 * through a zone.
 */
#ifndef SLUICE_LAYOUT_H
#define SLUICE_LAYOUT_H

#include "model.h"

enum {
	LAYOUT_BOX_HEIGHT = 78,
	LAYOUT_PORT = 30, /* between two ports of a zone; all stand on a grid of half of it */
	LAYOUT_BOX_WIDTH = 7 * LAYOUT_PORT,
	LAYOUT_TRACK = 18,         /* between two tracks */
	LAYOUT_GAP = LAYOUT_PORT,  /* between zones of a line */
	LAYOUT_EDGE = LAYOUT_PORT, /* around the whole */
};

struct layout_box {
	const struct zone *zone;
	size_t line;
	int x, y, width;
	size_t ports[2]; /* above, below */
	size_t used[2];
};

/* One end of a conduit. */
struct layout_end {
	size_t box;
	bool below;
	int x;           /* of its port */
	size_t corridor; /* the one that it leads to: 0 is above the first line */
	size_t track;
};

struct layout_way {
	const struct conduit *conduit;
	struct layout_end ends[2]; /* from, to */
	size_t lane;               /* beside the lines, where the corridors are two */
};

struct layout {
	struct layout_box *boxes; /* of zones, in the order of the policy */
	size_t box_count;
	struct layout_way *ways;
	size_t way_count;
	size_t line_count;
	size_t *tracks;  /* of each corridor: line_count + 1 */
	int *corridor_y; /* where the first track of each lies */
	size_t lane_count;
	int lanes_x;
	int width, height;
};

/* Returns 0 or -ENOMEM. */
int layout_make(const struct policy *policy, struct layout *ret_layout);
void layout_done(struct layout *layout);

#endif
