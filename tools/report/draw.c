/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draw: see draw.h. */
#include "draw.h"

#include "fold.h"
#include "layout.h"
#include "markup.h"

enum { RADIUS = 10, LEGEND_LINE = 20, LEGEND_HEAD = 34, NAME_CHARACTERS = 21, LEGEND_WIDTH = 760 };

static const char style[] =
    ".paper{fill:#fff}.box{stroke:#43566b;stroke-width:1.4}.s0{fill:#f1f3f5}.s1{fill:#e3f0fb}"
    ".s2{fill:#d3ecdf}.s3{fill:#fbe9c6}.s4{fill:#f8d5cf}.inner{fill:none;stroke:#43566b}"
    ".n{font:600 15px system-ui,sans-serif;fill:#17212c}"
    ".d{font:12px system-ui,sans-serif;fill:#3d4c5c}"
    ".w{fill:none;stroke:#2b5d8a;stroke-width:1.8}.part{stroke-dasharray:9 4}"
    ".plain{stroke:#7a8794;stroke-dasharray:4 4}.monitor{stroke-dasharray:1.5 "
    "4;stroke-linecap:round}"
    ".h{fill:#2b5d8a}.hp{fill:#7a8794}.c{fill:#fff;stroke:#2b5d8a;stroke-width:1.3}"
    ".k{font:600 11px system-ui,sans-serif;fill:#17212c;text-anchor:middle}"
    "@media (prefers-color-scheme:dark){.paper{fill:#12181f}.s0{fill:#263039}.s1{fill:#1d3448}"
    ".s2{fill:#1d3d2f}.s3{fill:#4a3b18}.s4{fill:#512a24}.n,.k{fill:#eef2f6}.d{fill:#c3ced9}"
    ".box,.inner{stroke:#8fa3b8}.w{stroke:#79b4e6}.plain{stroke:#96a3b0}.h{fill:#79b4e6}"
    ".hp{fill:#96a3b0}.c{fill:#12181f;stroke:#79b4e6}}"
    "@media print{.paper{fill:#fff}}";

/* Of which a conduit consists: channels that are inspected, and all. */
static size_t
count_inspected(const struct conduit *conduit)
{
	size_t count = 0;

	for (size_t i = 0; i < conduit->channel_count; i++)
		count += conduit->channels[i].dissector != NULL;
	return count;
}

const char *
draw_inspection(const struct conduit *conduit)
{
	size_t inspected = count_inspected(conduit);

	return inspected == 0                    ? "not inspected"
	    : inspected < conduit->channel_count ? "inspected in part"
						 : "inspected";
}

static const char *
way_class(const struct conduit *conduit)
{
	size_t inspected = count_inspected(conduit);

	if (inspected == 0)
		return "w plain";
	if (conduit->mode == MODE_MONITOR)
		return "w monitor";
	return inspected < conduit->channel_count ? "w part" : "w";
}

/* May a host of this zone begin a connection there? */
static bool
begins(const struct conduit *conduit, const struct zone *zone)
{
	for (size_t i = 0; i < conduit->channel_count; i++)
		if (conduit->channels[i].client_zone == zone)
			return true;
	return false;
}

static void
draw_box(const struct layout_box *box, FILE *out)
{
	const struct zone *zone = box->zone;
	int x = box->x + 14, y = box->y;

	fprintf(out, "<g><title>");
	markup_text(out, zone->name);
	fprintf(out,
	    ": zone of class %s, SL-T %u</title><rect class=\"box s%u\" x=\"%d\" y=\"%d\" "
	    "width=\"%d\" height=\"%d\" rx=\"7\"/>",
	    zone_class_word(zone->class), zone->sl_t, zone->sl_t > 4 ? 4 : zone->sl_t, box->x, y,
	    box->width, LAYOUT_BOX_HEIGHT);
	if (zone->class == ZONE_GATEWAY || zone->class == ZONE_SAFETY)
		fprintf(out,
		    "<rect class=\"inner\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>",
		    box->x + 4, y + 4, box->width - 8, LAYOUT_BOX_HEIGHT - 8);
	fprintf(out, "<text class=\"n\" x=\"%d\" y=\"%d\">", x, y + 27);
	markup_short(out, zone->name, NAME_CHARACTERS);
	fprintf(out, "</text><text class=\"d\" x=\"%d\" y=\"%d\">%s, SL-T %u</text>", x, y + 46,
	    zone_class_word(zone->class), zone->sl_t);
	fprintf(out, "<text class=\"d\" x=\"%d\" y=\"%d\">%zu %s, ", x, y + 63, zone->asset_count,
	    zone->asset_count == 1 ? "asset" : "assets");
	markup_short(out,
	    zone->interface_count             ? zone->interfaces[0]
		: zone->class == ZONE_GATEWAY ? "the appliance"
					      : "\xe2\x80\xa6",
	    15);
	fprintf(out, "%s</text></g>\n", zone->interface_count > 1 ? " \xe2\x80\xa6" : "");
}

/* At a port, pointing into the zone. */
static void
draw_arrow(int x, int y, bool up, bool plain, FILE *out)
{
	int dy = up ? 9 : -9;

	fprintf(out, "<path class=\"%s\" d=\"M%d %dl-5 %dh10z\"/>", plain ? "hp" : "h", x, y, dy);
}

static int
port_y(const struct layout *layout, const struct layout_end *end)
{
	return layout->boxes[end->box].y + (end->below ? LAYOUT_BOX_HEIGHT : 0);
}

static int
track_y(const struct layout *layout, const struct layout_end *end)
{
	return layout->corridor_y[end->corridor] + (int)end->track * LAYOUT_TRACK;
}

static void
draw_way(const struct layout *layout, size_t number, FILE *out)
{
	const struct layout_way *way = &layout->ways[number];
	const struct conduit *conduit = way->conduit;
	const struct layout_end *a = &way->ends[0], *b = &way->ends[1];
	int ay = port_y(layout, a), by = port_y(layout, b);
	int at = track_y(layout, a), bt = track_y(layout, b);
	bool plain = count_inspected(conduit) == 0;

	fprintf(out, "<g><title>");
	markup_text(out, conduit->name);
	fprintf(out, ": from ");
	markup_text(out, conduit->from->name);
	fprintf(out, " to ");
	markup_text(out, conduit->to->name);
	fprintf(out, ", %s, %s</title><path class=\"%s\" d=\"M%d %dV%d",
	    conduit_mode_word(conduit->mode), draw_inspection(conduit), way_class(conduit), a->x,
	    ay, at);
	if (a->corridor != b->corridor)
		fprintf(out, "H%dV%d", layout->lanes_x + (int)way->lane * LAYOUT_TRACK, bt);
	fprintf(out, "H%dV%d\"/>", b->x, by);
	if (begins(conduit, conduit->from))
		draw_arrow(b->x, by, b->below, plain, out);
	if (begins(conduit, conduit->to))
		draw_arrow(a->x, ay, a->below, plain, out);
	fprintf(out,
	    "<circle class=\"c\" cx=\"%d\" cy=\"%d\" r=\"%d\"/><text class=\"k\" x=\"%d\" "
	    "y=\"%d\">%zu</text></g>\n",
	    a->x, at, RADIUS, a->x, at + 4, number + 1);
}

/* Of zones that stand for several, their class and target are the name. */
static void
draw_name(const struct zone *zone, FILE *out)
{
	if (zone->interface_count > 0 || zone->class == ZONE_GATEWAY)
		markup_short(out, zone->name, 30);
	else
		fprintf(out, "%s, SL-T %u", zone_class_word(zone->class), zone->sl_t);
}

/* Which line is which. */
static void
draw_legend(const struct layout *layout, int y, FILE *out)
{
	for (size_t i = 0; i < layout->way_count; i++) {
		const struct conduit *conduit = layout->ways[i].conduit;
		int line = y + LEGEND_HEAD + (int)i * LEGEND_LINE;

		fprintf(out,
		    "<text class=\"k\" x=\"%d\" y=\"%d\">%zu</text><text class=\"d\" x=\"%d\" "
		    "y=\"%d\">",
		    LAYOUT_EDGE + 4, line, i + 1, LAYOUT_EDGE + 22, line);
		markup_short(out, conduit->name, 40);
		fprintf(out, ": ");
		draw_name(conduit->from, out);
		fprintf(out, " \xe2\x86\x92 ");
		draw_name(conduit->to, out);
		fprintf(
		    out, ", %s, %s", conduit_mode_word(conduit->mode), draw_inspection(conduit));
		fprintf(out, "</text>\n");
	}
}

static void
begin_picture(const struct policy *policy, int width, int height, bool alone, FILE *out)
{
	fprintf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
	    "height=\"%d\" role=\"img\" aria-labelledby=\"drawing-title drawing-text\">\n"
	    "<title id=\"drawing-title\">Zones and conduits",
	    width, height, width, height);
	if (policy->site.name) {
		fprintf(out, " of ");
		markup_text(out, policy->site.name);
	}
	fprintf(out,
	    "</title>\n<desc id=\"drawing-text\">%zu zones and %zu conduits; the register names "
	    "each of them.</desc>\n<style>%s</style>\n",
	    policy->zone_count, policy->conduit_count, style);
	if (alone)
		fprintf(out, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", width, height);
}

static int
draw_zones(const struct policy *policy, bool alone, bool legend, FILE *out)
{
	struct layout layout;
	int height, width, r = layout_make(policy, &layout);

	if (r < 0)
		return r;
	height = layout.height;
	width = layout.width;
	if (legend) {
		height += LEGEND_HEAD + (int)layout.way_count * LEGEND_LINE;
		width = width < LEGEND_WIDTH ? LEGEND_WIDTH : width;
	}
	begin_picture(policy, width, height, alone, out);
	for (size_t i = 0; i < layout.way_count; i++)
		draw_way(&layout, i, out);
	for (size_t i = 0; i < layout.box_count; i++)
		draw_box(&layout.boxes[i], out);
	if (legend)
		draw_legend(&layout, layout.height, out);
	fprintf(out, "</svg>\n");
	layout_done(&layout);
	return 0;
}

int
draw_policy(const struct policy *policy, bool alone, FILE *out)
{
	struct policy *folded;
	int r;

	if (policy->zone_count <= FOLD_ABOVE)
		return draw_zones(policy, alone, alone, out);
	r = fold_policy(policy, &folded);
	if (r < 0)
		return r;
	r = draw_zones(folded, alone, true, out);
	fold_free(folded);
	return r;
}
