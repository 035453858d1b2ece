/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page, traffic: what was denied, as tables and bars. */
#include <stdint.h>

#include "markup.h"
#include "page_parts.h"

enum { BARS_MAX = 168, BAR_WIDTH = 5, BARS_HEIGHT = 120 };

static json_int_t
count_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* Denials of each hour, the last week of them; hours without any have no bar. */
static void
write_hours(const json_t *hours, FILE *out)
{
	size_t count = json_array_size(hours), first = count > BARS_MAX ? count - BARS_MAX : 0;
	json_int_t most = 1;

	for (size_t i = first; i < count; i++)
		if (count_of(json_array_get(hours, i), "count") > most)
			most = count_of(json_array_get(hours, i), "count");
	fprintf(out,
	    "<svg class=\"bars\" viewBox=\"0 0 %zu %d\" width=\"%zu\" height=\"%d\" role=\"img\" "
	    "aria-label=\"Denials by hour, at most %lld\">\n",
	    (count - first) * BAR_WIDTH + 2, BARS_HEIGHT, (count - first) * BAR_WIDTH + 2,
	    BARS_HEIGHT, (long long)most);
	for (size_t i = first; i < count; i++) {
		const json_t *hour = json_array_get(hours, i);
		json_int_t number = count_of(hour, "count");
		int height = (int)((double)number / (double)most * (BARS_HEIGHT - 4)) + 2;

		fprintf(out, "<rect x=\"%zu\" y=\"%d\" width=\"%d\" height=\"%d\"><title>",
		    (i - first) * BAR_WIDTH, BARS_HEIGHT - height, BAR_WIDTH - 1, height);
		markup_text(out, page_text(hour, "hour"));
		fprintf(out, ":00 %lld</title></rect>\n", (long long)number);
	}
	fputs("</svg>\n<p class=\"note\">Denials by hour, ", out);
	markup_text(out, page_text(json_array_get(hours, first), "hour"));
	fputs(" to ", out);
	markup_text(out, page_text(json_array_get(hours, count - 1), "hour"));
	fprintf(out, " UTC; hours without any are left out. Most in an hour: %lld.</p>\n",
	    (long long)most);
}

static void
write_pairs(const json_t *pairs, FILE *out)
{
	const json_t *pair;
	size_t i;

	fputs("<h3>Between zones</h3>\n<div class=\"wide\"><table>\n<thead><tr><th "
	      "scope=\"col\">From</th><th scope=\"col\">To</th><th scope=\"col\" "
	      "class=\"count\">Denials</th><th "
	      "scope=\"col\">Last</th></tr></thead>\n<tbody>\n",
	    out);
	json_array_foreach(pairs, i, pair)
	{
		static const char *const names[] = {"from", "to"};

		fputs("<tr>", out);
		for (int k = 0; k < 2; k++) {
			fputs("<td>", out);
			if (page_text(pair, names[k])[0])
				markup_text(out, page_text(pair, names[k]));
			else
				fputs("<span class=\"missing\">no zone</span>", out);
			fputs("</td>", out);
		}
		fprintf(
		    out, "<td class=\"count\">%lld</td><td>", (long long)count_of(pair, "count"));
		markup_text(out, page_text(pair, "last"));
		fputs("</td></tr>\n", out);
	}
	fputs("</tbody>\n</table></div>\n", out);
}

static void
write_top(const json_t *top, FILE *out)
{
	static const char *const names[] = {
	    "reason", "conduit", "channel", "source", "destination", "function"};
	const json_t *item;
	size_t i;

	fputs(
	    "<h3>Most often</h3>\n<div class=\"wide\"><table>\n<thead><tr><th "
	    "scope=\"col\" class=\"count\">Denials</th><th scope=\"col\">Reason</th><th "
	    "scope=\"col\">Conduit</th>"
	    "<th scope=\"col\">Channel</th><th scope=\"col\">From</th><th scope=\"col\">To</th><th "
	    "scope=\"col\">Function</th><th scope=\"col\">Last</th></tr></thead>\n<tbody>\n",
	    out);
	json_array_foreach(top, i, item)
	{
		fprintf(
		    out, "<tr><td class=\"count\">%lld</td>", (long long)count_of(item, "count"));
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			fputs("<td>", out);
			markup_text(out, page_text(item, names[k]));
			fputs("</td>", out);
		}
		fputs("<td>", out);
		markup_text(out, page_text(item, "last"));
		fputs("</td></tr>\n", out);
	}
	fputs("</tbody>\n</table></div>\n", out);
}

void
page_traffic(const json_t *content, FILE *out)
{
	const json_t *traffic = json_object_get(content, "traffic");

	if (!traffic)
		return;
	fprintf(out,
	    "<section id=\"traffic\">\n<h2>Denials</h2>\n<p>%lld events in %lld %s tell of %lld "
	    "denials",
	    (long long)count_of(traffic, "events"), (long long)count_of(traffic, "files"),
	    count_of(traffic, "files") == 1 ? "file" : "files",
	    (long long)count_of(traffic, "denials"));
	if (count_of(traffic, "events") > 0) {
		fputs(", from ", out);
		markup_text(out, page_text(traffic, "first"));
		fputs(" to ", out);
		markup_text(out, page_text(traffic, "last"));
	}
	fputs(".", out);
	if (count_of(traffic, "unreadable") > 0)
		fprintf(out, " Lines that could not be read: %lld.",
		    (long long)count_of(traffic, "unreadable"));
	if (count_of(traffic, "untold") > 0)
		fprintf(out, " The tables had no room for the kinds of %lld of them.",
		    (long long)count_of(traffic, "untold"));
	fputs("</p>\n", out);
	if (count_of(traffic, "denials") > 0) {
		if (json_array_size(json_object_get(traffic, "hours")) > 0)
			write_hours(json_object_get(traffic, "hours"), out);
		write_pairs(json_object_get(traffic, "zones"), out);
		write_top(json_object_get(traffic, "top"), out);
	}
	fputs("</section>\n", out);
}
