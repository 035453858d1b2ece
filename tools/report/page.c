/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page: see page.h.  What stands on it is content.c's and traffic.c's; this is its form. */
#include "page.h"

#include <string.h>

#include "draw.h"
#include "fold.h"
#include "markup.h"
#include "page_parts.h"

static void
write_head(const json_t *content, FILE *out)
{
	const json_t *site = json_object_get(content, "site");
	const char *name = json_string_value(json_object_get(site, "name"));

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
	    out);
	markup_text(out, name ? name : "Zones and conduits");
	fprintf(
	    out, ": zones and conduits</title>\n<style>%s</style>\n</head>\n<body>\n", page_style);
}

static void
write_fact(FILE *out, const char *name, const char *text)
{
	fprintf(out, "<div><dt>%s</dt><dd>", name);
	if (text)
		markup_text(out, text);
	else
		fputs("<span class=\"missing\">not in the policy</span>", out);
	fputs("</dd></div>\n", out);
}

static void
write_title(const json_t *content, FILE *out)
{
	const json_t *site = json_object_get(content, "site");
	const char *name = json_string_value(json_object_get(site, "name"));
	json_int_t days = json_integer_value(json_object_get(site, "review_days"));
	char review[64], hash[16];

	snprintf(review, sizeof(review), "every %lld days", (long long)days);
	snprintf(hash, sizeof(hash), "%.12s", page_text(site, "policy"));
	fputs(
	    "<header>\n<p class=\"kind\">Zone and conduit register, IEC 62443-3-2</p>\n<h1>", out);
	markup_text(out, name ? name : "A site without a name");
	fputs("</h1>\n<dl class=\"facts\">\n", out);
	write_fact(out, "Accountable", json_string_value(json_object_get(site, "owner")));
	write_fact(out, "Approved", json_string_value(json_object_get(site, "approved")));
	write_fact(out, "Reviewed", days ? review : NULL);
	write_fact(out, "Day of this report", page_text(content, "day"));
	if (json_string_value(json_object_get(site, "gateway")))
		write_fact(out, "Gateway", page_text(site, "gateway"));
	write_fact(out, "Policy", page_text(site, "file"));
	write_fact(out, "Its hash", hash);
	fputs("</dl>\n</header>\n", out);
}

static void
write_card(const json_t *summary, const char *key, const char *one, const char *many, FILE *out)
{
	json_int_t number = json_integer_value(json_object_get(summary, key));

	fprintf(out, "<li class=\"%s%s\"><b>%lld</b> %s</li>\n", key, number ? "" : " none",
	    (long long)number, number == 1 ? one : many);
}

static void
write_summary(const json_t *content, FILE *out)
{
	const json_t *summary = json_object_get(content, "summary");

	fputs("<ul class=\"cards\" aria-label=\"Summary\">\n", out);
	write_card(summary, "zones", "zone", "zones", out);
	write_card(summary, "conduits", "conduit", "conduits", out);
	write_card(summary, "channels", "channel", "channels", out);
	write_card(summary, "high", "high finding", "high findings", out);
	write_card(summary, "medium", "medium finding", "medium findings", out);
	write_card(summary, "low", "low finding", "low findings", out);
	write_card(summary, "accepted", "accepted", "accepted", out);
	fputs("</ul>\n<nav aria-label=\"Contents\"><a href=\"#drawing\">Drawing</a> <a "
	      "href=\"#zones\">Zones</a> <a href=\"#conduits\">Conduits</a> <a "
	      "href=\"#findings\">Findings</a>",
	    out);
	if (json_object_get(content, "traffic"))
		fputs(" <a href=\"#traffic\">Denials</a>", out);
	fputs(" <a href=\"#requirements\">Requirements</a></nav>\n", out);
}

static int
write_drawing(const struct policy *policy, FILE *out)
{
	int r;

	fputs("<section id=\"drawing\">\n<h2>Drawing</h2>\n<div class=\"drawing\">\n", out);
	r = draw_policy(policy, false, out);
	fputs("</div>\n<p class=\"note\">Arrows show who may begin a connection; numbers are those "
	      "of "
	      "the conduits below. A full line: all of its channels are inspected, message by "
	      "message. Long dashes: some of them. Grey, short dashes: none. Dotted: it only "
	      "monitors. Colours are security level targets; a double frame is a zone of class "
	      "safety, or the appliance itself.</p>\n",
	    out);
	if (policy->zone_count > FOLD_ABOVE)
		fprintf(out,
		    "<p class=\"note\">There are more zones than can be told apart in a picture: "
		    "those of one class and target stand together, and so do the conduits between "
		    "them.</p>\n");
	fputs("</section>\n", out);
	return r;
}

int
page_write(const json_t *content, const struct policy *policy, FILE *out)
{
	int r;

	write_head(content, out);
	write_title(content, out);
	fputs("<main>\n", out);
	write_summary(content, out);
	r = write_drawing(policy, out);
	page_zones(content, out);
	page_conduits(content, out);
	page_findings(content, out);
	page_traffic(content, out);
	page_requirements(content, out);
	fputs(
	    "</main>\n<footer><p>Made by Sluice from the policy alone, and from the events that it "
	    "was given. What stands here as not in the policy is to be documented "
	    "elsewhere.</p></footer>\n</body>\n</html>\n",
	    out);
	return r;
}
