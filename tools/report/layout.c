/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layout: see layout.h. */
#include "layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 1100, CORRIDOR_HEAD = 26 };

/* From top to bottom. */
static const unsigned char levels[ZONE_CLASS_COUNT] = {
    [ZONE_EXTERNAL] = 0,
    [ZONE_ENTERPRISE] = 1,
    [ZONE_WIRELESS] = 2,
    [ZONE_TEMPORARY] = 2,
    [ZONE_DMZ] = 3,
    [ZONE_GATEWAY] = 4,
    [ZONE_CONTROL] = 5,
    [ZONE_SAFETY] = 6,
};

static int
compare_boxes(const void *a, const void *b)
{
	const struct layout_box *x = *(const struct layout_box *const *)a;
	const struct layout_box *y = *(const struct layout_box *const *)b;
	int r = levels[x->zone->class] - levels[y->zone->class];

	if (r == 0)
		r = (int)x->zone->sl_t - (int)y->zone->sl_t;
	return r ? r : x < y ? -1 : x > y;
}

static size_t
box_of(const struct policy *policy, const struct zone *zone)
{
	return (size_t)(zone - policy->zones);
}

/* A zone is as wide as its ports want it. */
static int
width_of(const struct layout_box *box)
{
	size_t ports = box->ports[0] > box->ports[1] ? box->ports[0] : box->ports[1];
	int wanted = (int)(ports + 1) * LAYOUT_PORT;

	return wanted > LAYOUT_BOX_WIDTH ? wanted : LAYOUT_BOX_WIDTH;
}

/* Lines, and places in them; how wide they are is not known before the ports are. */
static void
place_lines(struct layout *layout, struct layout_box **sorted)
{
	int x = LAYOUT_EDGE;
	size_t line = 0;

	for (size_t i = 0; i < layout->box_count; i++) {
		struct layout_box *box = sorted[i], *before = i > 0 ? sorted[i - 1] : NULL;
		bool next = before && levels[before->zone->class] != levels[box->zone->class];

		box->width = width_of(box);
		if (before && (next || x + box->width > LINE_WIDTH)) {
			line++;
			x = LAYOUT_EDGE;
		}
		box->line = line;
		box->x = x;
		x += box->width + LAYOUT_GAP;
		if (x > layout->lanes_x)
			layout->lanes_x = x;
	}
	layout->line_count = layout->box_count ? line + 1 : 0;
}

/* Which side of its zones a conduit leaves, and through which corridors it goes. */
static void
choose_sides(struct layout *layout)
{
	for (size_t i = 0; i < layout->box_count; i++)
		layout->boxes[i].ports[0] = layout->boxes[i].ports[1] = 0;
	for (size_t i = 0; i < layout->way_count; i++) {
		struct layout_end *ends = layout->ways[i].ends;
		size_t lines[2] = {
		    layout->boxes[ends[0].box].line, layout->boxes[ends[1].box].line};

		for (int k = 0; k < 2; k++) {
			ends[k].below = lines[k] <= lines[!k];
			ends[k].corridor = lines[k] + ends[k].below;
			layout->boxes[ends[k].box].ports[ends[k].below]++;
		}
	}
}

/*
 * On the grid, those above between those below: no port stands over another one that belongs to
 * the same corridor.
 */
static int
first_port(const struct layout_box *box, bool below)
{
	int span = (int)box->ports[below] * LAYOUT_PORT;
	int at = (box->width - span) / 2 / LAYOUT_PORT * LAYOUT_PORT;

	return box->x + at + (below ? LAYOUT_PORT / 2 : LAYOUT_PORT);
}

static void
place_ports(struct layout *layout)
{
	for (size_t i = 0; i < layout->way_count; i++)
		for (int k = 0; k < 2; k++) {
			struct layout_end *end = &layout->ways[i].ends[k];
			struct layout_box *box = &layout->boxes[end->box];

			end->x = first_port(box, end->below) +
			    (int)box->used[end->below]++ * LAYOUT_PORT;
		}
}

/* What lies on a track or in a lane already. */
struct taken {
	size_t corridor; /* or 0 for lanes */
	size_t track;
	int from, to;
};

struct takens {
	struct taken *items;
	size_t count;
};

static size_t
take(struct takens *takens, size_t corridor, int from, int to)
{
	struct taken wanted = {corridor, 0, from < to ? from : to, from < to ? to : from};

	for (size_t i = 0; i < takens->count; i++) {
		const struct taken *t = &takens->items[i];

		if (t->corridor == corridor && t->track == wanted.track &&
		    wanted.from <= t->to + LAYOUT_PORT / 2 &&
		    t->from <= wanted.to + LAYOUT_PORT / 2) {
			wanted.track++;
			i = (size_t)-1; /* from the beginning, for the next track */
		}
	}
	takens->items[takens->count++] = wanted;
	return wanted.track;
}

static void
note_tracks(struct layout *layout, const struct layout_end *end)
{
	if (end->track + 1 > layout->tracks[end->corridor])
		layout->tracks[end->corridor] = end->track + 1;
}

static void
take_tracks(struct layout *layout, struct takens *tracks, struct takens *lanes)
{
	for (size_t i = 0; i < layout->way_count; i++) {
		struct layout_way *way = &layout->ways[i];
		struct layout_end *a = &way->ends[0], *b = &way->ends[1];

		if (a->corridor == b->corridor) {
			a->track = b->track = take(tracks, a->corridor, a->x, b->x);
			note_tracks(layout, a);
			continue;
		}
		a->track = take(tracks, a->corridor, a->x, layout->lanes_x);
		b->track = take(tracks, b->corridor, b->x, layout->lanes_x);
		note_tracks(layout, a);
		note_tracks(layout, b);
		way->lane =
		    take(lanes, 0, (int)a->corridor * LAYOUT_EDGE, (int)b->corridor * LAYOUT_EDGE);
		if (way->lane + 1 > layout->lane_count)
			layout->lane_count = way->lane + 1;
	}
}

static void
place_heights(struct layout *layout)
{
	int y = LAYOUT_EDGE / 2;

	for (size_t line = 0; line <= layout->line_count; line++) {
		layout->corridor_y[line] = y + CORRIDOR_HEAD;
		if (line > 0 || layout->tracks[line] > 0)
			y += 2 * CORRIDOR_HEAD + (int)layout->tracks[line] * LAYOUT_TRACK;
		for (size_t i = 0; i < layout->box_count; i++)
			if (layout->boxes[i].line == line)
				layout->boxes[i].y = y;
		if (line < layout->line_count)
			y += LAYOUT_BOX_HEIGHT;
	}
	layout->height = y;
	layout->width = layout->lanes_x + (int)layout->lane_count * LAYOUT_TRACK + LAYOUT_EDGE / 2;
}

static int
make(const struct policy *policy, struct layout *layout)
{
	struct layout_box **sorted = calloc(layout->box_count + 1, sizeof(struct layout_box *));
	struct takens tracks = {calloc(2 * layout->way_count + 1, sizeof(struct taken)), 0};
	struct takens lanes = {calloc(layout->way_count + 1, sizeof(struct taken)), 0};
	int r = sorted && tracks.items && lanes.items ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < layout->box_count; i++)
		sorted[i] = &layout->boxes[i];
	if (r == 0) {
		qsort(sorted, layout->box_count, sizeof(*sorted), compare_boxes);
		/* lines tell sides, sides tell widths, and widths may tell other lines */
		place_lines(layout, sorted);
		choose_sides(layout);
		place_lines(layout, sorted);
		choose_sides(layout);
		for (size_t i = 0; i < layout->box_count; i++)
			layout->boxes[i].width = width_of(&layout->boxes[i]);
		layout->lanes_x = LAYOUT_EDGE;
		for (size_t i = 0, line = 0, x = 0; i < layout->box_count; i++) {
			if (i == 0 || sorted[i]->line != line)
				x = LAYOUT_EDGE;
			line = sorted[i]->line;
			sorted[i]->x = (int)x;
			x += (size_t)sorted[i]->width + LAYOUT_GAP;
			if ((int)x > layout->lanes_x)
				layout->lanes_x = (int)x;
		}
		place_ports(layout);
		layout->tracks = calloc(layout->line_count + 2, sizeof(*layout->tracks));
		layout->corridor_y = calloc(layout->line_count + 2, sizeof(*layout->corridor_y));
		r = layout->tracks && layout->corridor_y ? 0 : -ENOMEM;
	}
	if (r == 0) {
		take_tracks(layout, &tracks, &lanes);
		place_heights(layout);
	}
	free(sorted);
	free(tracks.items);
	free(lanes.items);
	return r;
}

int
layout_make(const struct policy *policy, struct layout *ret_layout)
{
	struct layout layout = {
	    .box_count = policy->zone_count, .way_count = policy->conduit_count};
	int r;

	layout.boxes = calloc(layout.box_count + 1, sizeof(*layout.boxes));
	layout.ways = calloc(layout.way_count + 1, sizeof(*layout.ways));
	if (!layout.boxes || !layout.ways) {
		layout_done(&layout);
		return -ENOMEM;
	}
	for (size_t i = 0; i < layout.box_count; i++)
		layout.boxes[i].zone = &policy->zones[i];
	for (size_t i = 0; i < layout.way_count; i++) {
		const struct conduit *conduit = &policy->conduits[i];

		layout.ways[i].conduit = conduit;
		layout.ways[i].ends[0].box = box_of(policy, conduit->from);
		layout.ways[i].ends[1].box = box_of(policy, conduit->to);
	}
	r = make(policy, &layout);
	if (r < 0)
		layout_done(&layout);
	else
		*ret_layout = layout;
	return r;
}

void
layout_done(struct layout *layout)
{
	free(layout->boxes);
	free(layout->ways);
	free(layout->tracks);
	free(layout->corridor_y);
	*layout = (struct layout){0};
}
