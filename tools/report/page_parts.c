/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page parts: see page_parts.h. */
#include "page_parts.h"

#include <stdbool.h>

#include "markup.h"

const char *
page_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void
write_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	markup_text(out, text);
	fputs("</td>", out);
}

/* Texts of a list, or of a member of each of its objects, with commas between. */
static void
write_list(FILE *out, const json_t *list, const char *member)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		fputs(i ? ", " : "", out);
		markup_text(out, member ? page_text(item, member) : json_string_value(item));
	}
	if (json_array_size(list) == 0)
		fputs("<span class=\"missing\">none</span>", out);
}

static void
write_row(FILE *out, const char *name)
{
	fprintf(out, "<tr><th scope=\"row\">%s</th><td>", name);
}

static void
write_missing(FILE *out, const json_t *object)
{
	const json_t *missing = json_object_get(object, "missing");

	if (json_array_size(missing) == 0)
		return;
	write_row(out, "Not in the policy");
	fputs("<span class=\"missing\">", out);
	write_list(out, missing, NULL);
	fputs("</span></td></tr>\n", out);
}

static void
write_zone(const json_t *zone, FILE *out)
{
	const json_t *asset, *access;
	size_t i;

	fputs("<article>\n<h3>", out);
	markup_text(out, page_text(zone, "name"));
	fprintf(out, " <span class=\"tag s%lld\">SL-T %lld</span></h3>\n<table>\n",
	    (long long)json_integer_value(json_object_get(zone, "sl_t")),
	    (long long)json_integer_value(json_object_get(zone, "sl_t")));
	write_row(out, "Class");
	markup_text(out, page_text(zone, "class"));
	fprintf(out, "</td></tr>\n");
	write_row(out, "Safety zone");
	fprintf(
	    out, "%s</td></tr>\n", json_is_true(json_object_get(zone, "safety")) ? "yes" : "no");
	write_row(out, "Logical boundary");
	write_list(out, json_object_get(zone, "networks"), NULL);
	fputs("</td></tr>\n", out);
	write_row(out, "Interfaces here");
	write_list(out, json_object_get(zone, "interfaces"), NULL);
	fputs("</td></tr>\n", out);
	write_row(out, "Assets");
	json_array_foreach(json_object_get(zone, "assets"), i, asset)
	{
		fputs(i ? ", " : "", out);
		markup_text(out, page_text(asset, "name"));
		fputs("&nbsp;<span class=\"soft\">", out);
		markup_text(out, page_text(asset, "address"));
		fputs("</span>", out);
	}
	fputs("</td></tr>\n", out);
	write_row(out, "Conduits, and zones behind them");
	json_array_foreach(json_object_get(zone, "access"), i, access)
	{
		fputs(i ? ", " : "", out);
		markup_text(out, page_text(access, "conduit"));
		fputs(" <span class=\"soft\">\xe2\x86\x92 ", out);
		markup_text(out, page_text(access, "zone"));
		fputs("</span>", out);
	}
	fputs("</td></tr>\n", out);
	write_missing(out, zone);
	fputs("</table>\n</article>\n", out);
}

void
page_zones(const json_t *content, FILE *out)
{
	const json_t *zone;
	size_t i;

	fputs("<section id=\"zones\">\n<h2>Zones</h2>\n<div class=\"pair\">\n", out);
	json_array_foreach(json_object_get(content, "zones"), i, zone) write_zone(zone, out);
	fputs("</div>\n</section>\n", out);
}

static void
write_channel(const json_t *channel, FILE *out)
{
	const json_t *rule;
	size_t i;

	fputs("<tr><th scope=\"row\">", out);
	markup_text(out, page_text(channel, "name"));
	fputs("</th>", out);
	write_cell(out, page_text(channel, "clients"));
	write_cell(out, page_text(channel, "servers"));
	write_cell(out, page_text(channel, "protocol"));
	fputs("<td>", out);
	if (!json_is_true(json_object_get(channel, "inspected")))
		fputs("<span class=\"soft\">Not inspected: every packet of such a connection "
		      "passes.</span>",
		    out);
	else
		fputs("<ul>", out);
	json_array_foreach(json_object_get(channel, "rules"), i, rule)
	{
		fputs("<li>may ", out);
		markup_text(out, json_string_value(rule));
		fputs("</li>", out);
	}
	fprintf(out, "%s</td></tr>\n",
	    json_is_true(json_object_get(channel, "inspected")) ? "</ul>" : "");
}

static void
write_conduit(const json_t *conduit, FILE *out)
{
	const json_t *channel;
	const char *rationale = json_string_value(json_object_get(conduit, "rationale"));
	size_t i;

	fprintf(out, "<article>\n<h3><span class=\"number\">%lld</span> ",
	    (long long)json_integer_value(json_object_get(conduit, "number")));
	markup_text(out, page_text(conduit, "name"));
	fputs("</h3>\n<p class=\"way\">", out);
	markup_text(out, page_text(conduit, "from"));
	fputs(" \xe2\x86\x92 ", out);
	markup_text(out, page_text(conduit, "to"));
	fprintf(out, " <span class=\"tag %s\">%s</span> <span class=\"tag\">%s</span></p>\n<p>",
	    page_text(conduit, "mode"), page_text(conduit, "mode"),
	    page_text(conduit, "inspection"));
	if (rationale)
		markup_text(out, rationale);
	else
		fputs("<span class=\"missing\">Rationale: not in the policy</span>", out);
	fputs("</p>\n<p class=\"soft\">A denied message is ", out);
	markup_text(out, page_text(conduit, "on_deny_text"));
	fputs(". While the inspector is away ", out);
	markup_text(out, page_text(conduit, "when_down_text"));
	fputs(".</p>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Channel</th><th "
	      "scope=\"col\">Clients</th><th scope=\"col\">Servers</th><th scope=\"col\">"
	      "Protocol</th><th scope=\"col\">What passes</th></tr></thead>\n<tbody>\n",
	    out);
	json_array_foreach(json_object_get(conduit, "channels"), i, channel)
	    write_channel(channel, out);
	fputs("</tbody>\n</table></div>\n</article>\n", out);
}

void
page_conduits(const json_t *content, FILE *out)
{
	const json_t *conduit;
	size_t i;

	fputs("<section id=\"conduits\">\n<h2>Conduits</h2>\n<p>Nothing else passes between zones, "
	      "in "
	      "either direction, by IPv4 or IPv6.</p>\n",
	    out);
	json_array_foreach(json_object_get(content, "conduits"), i, conduit)
	    write_conduit(conduit, out);
	fputs("</section>\n", out);
}

static void
write_finding(const json_t *finding, FILE *out)
{
	const json_t *accepted = json_object_get(finding, "accepted");
	bool holds = json_is_true(json_object_get(accepted, "holds"));
	const char *level = page_text(finding, "level");

	fprintf(out, "<tr%s><td><span class=\"tag %s\">%s</span></td>",
	    holds ? " class=\"soft\"" : "", level, level[0] ? level : "error");
	fprintf(out, "<td>%lld</td><td>",
	    (long long)json_integer_value(json_object_get(finding, "line")));
	markup_text(out, page_text(finding, "message"));
	fputs("<br><span class=\"soft\">", out);
	markup_text(out, page_text(finding, "advice"));
	if (accepted) {
		fprintf(out, " %s ", holds ? "Accepted:" : "Was accepted:");
		markup_text(out, page_text(accepted, "reason"));
		fputs(" Until ", out);
		markup_text(out, page_text(accepted, "until"));
		fputs(".", out);
	}
	fputs("</span></td>", out);
	write_cell(out, page_text(finding, "clause"));
	write_cell(out, page_text(finding, "id"));
	fputs("</tr>\n", out);
}

void
page_findings(const json_t *content, FILE *out)
{
	const json_t *findings = json_object_get(content, "findings"), *finding;
	size_t i;

	fputs("<section id=\"findings\">\n<h2>Findings</h2>\n", out);
	if (json_array_size(findings) == 0)
		fputs("<p>None.</p>\n", out);
	else
		fputs("<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Level</th><th "
		      "scope=\"col\">Line</th><th scope=\"col\">What</th><th scope=\"col\">"
		      "Requirement</th><th scope=\"col\">Id</th></tr></thead>\n<tbody>\n",
		    out);
	json_array_foreach(findings, i, finding) write_finding(finding, out);
	fputs(json_array_size(findings) ? "</tbody>\n</table></div>\n</section>\n" : "</section>\n",
	    out);
}

void
page_requirements(const json_t *content, FILE *out)
{
	const json_t *requirement;
	size_t i;

	fputs(
	    "<section id=\"requirements\">\n<h2>Requirements</h2>\n<p>What of IEC 62443-3-3 (SR) "
	    "and "
	    "IEC 62443-4-2 (NDR) this policy and its firewall serve; the standards' own words are "
	    "to be read there.</p>\n<div class=\"wide\"><table>\n<thead><tr><th "
	    "scope=\"col\">Id</th>"
	    "<th scope=\"col\">Title</th><th scope=\"col\">Served</th><th scope=\"col\">How</th>"
	    "<th scope=\"col\">Evidence here, and test</th></tr></thead>\n<tbody>\n",
	    out);
	json_array_foreach(json_object_get(content, "requirements"), i, requirement)
	{
		const char *served = page_text(requirement, "served");

		fputs("<tr><th scope=\"row\">", out);
		markup_text(out, page_text(requirement, "id"));
		fputs("</th>", out);
		write_cell(out, page_text(requirement, "title"));
		fprintf(out, "<td><span class=\"tag served-%s\">%s</span></td>",
		    served[0] == 'i' ? "part" : served, served);
		write_cell(out, page_text(requirement, "how"));
		fputs("<td>", out);
		markup_text(out, page_text(requirement, "evidence"));
		if (page_text(requirement, "test")[0]) {
			fputs("<br><span class=\"soft test\">", out);
			markup_text(out, page_text(requirement, "test"));
			fputs("</span>", out);
		}
		fputs("</td></tr>\n", out);
	}
	fputs("</tbody>\n</table></div>\n</section>\n", out);
}
