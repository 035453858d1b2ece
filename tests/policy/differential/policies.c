/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies: see policies.h.
 */
#include "policies.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __attribute__((format(printf, 2, 3))) void
add(struct text *text, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	text->length += (size_t)vsnprintf(
	    &text->data[text->length], sizeof(text->data) - text->length, format, list);
	va_end(list);
}

static void
add_functions(struct text *text, const struct own_rule *rule)
{
	static const struct {
		unsigned class;
		const char *word;
	} words[] = {{READS, "read"}, {WRITES, "write"}, {CONTROLS, "control"},
	    {PROGRAMS, "program"}, {DIAGNOSES, "diagnose"}, {FILES, "file"}};
	const char *comma = "";

	add(text, "{ ");
	if (rule->functions[0])
		add(text, "functions = [\"%s\"]; ", rule->functions[0]);
	if (rule->classes == 0)
		return;
	add(text, "access = [");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!(rule->classes & words[i].class))
			continue;
		add(text, "%s\"%s\"", comma, words[i].word);
		comma = ", ";
	}
	add(text, "]; ");
}

static void
add_units(struct text *text, const char *prefix, const struct own_rule *rule)
{
	add(text, "units = [\"%s%u-%u\"", prefix, rule->unit_first, rule->unit_last);
	if (rule->broadcast)
		add(text, ", \"%sbroadcast\"", prefix);
	add(text, "]; ");
}

static void
add_rule(struct text *text, const struct protocol *protocol, const struct own_rule *rule)
{
	add_functions(text, rule);
	if (!rule->any_unit)
		add_units(text, protocol->unit_prefix, rule);
	for (size_t i = 0; i < rule->range_count; i++) {
		char points[64];

		protocol->print(&rule->ranges[i], points, sizeof(points));
		add(text, "%s\"%s\"%s", i ? ", " : "points = [", points,
		    i + 1 == rule->range_count ? "]; " : "");
	}
	if (rule->type)
		add(text, "type = \"%s\"; ", rule->type->name);
	if (rule->limited)
		add(text, "values = [\"%g-%.15g\"]; ", rule->least, rule->most);
	add(text, "}");
}

void
policies_make(const struct protocol *protocol, struct own_policy *own, struct text *text)
{
	memset(own, 0, sizeof(*own));
	own->rule_count = 1 + own_random(OWN_RULES_MAX);
	for (size_t i = 0; i < own->rule_count; i++)
		protocol->make_rule(&own->rules[i]);
	policies_print(protocol, own, text);
}

void
policies_print(const struct protocol *protocol, const struct own_policy *own, struct text *text)
{
	text->length = 0;
	add(text,
	    "zones: { a: { class = \"control\"; interfaces = [\"x\"]; networks = "
	    "[\"10.1.0.0/24\"]; };\n"
	    "b: { class = \"control\"; interfaces = [\"y\"]; networks = [\"10.2.0.0/24\"]; }; };\n"
	    "conduits: { c: { from = \"a\"; to = \"b\"; channels: ( { name = \"n\"; clients = "
	    "[\"a\"];\n"
	    "servers = [\"b\"]; protocol = \"%s\"; rules: (\n",
	    protocol->name);
	for (size_t i = 0; i < own->rule_count; i++) {
		add_rule(text, protocol, &own->rules[i]);
		add(text, i + 1 < own->rule_count ? ",\n" : "\n); } ); }; };\n");
	}
}

/* A policy that the product does not understand is a failure as well. */
struct policy *
policies_load(const struct text *text)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;

	if (policy_load_text(text->data, "random", &policy, &diagnostics) < 0) {
		char *line = diagnostics.count ? diagnostic_print(&diagnostics.items[0]) : NULL;

		printf("%s\n%s\n", text->data, line ? line : "");
		exit(1);
	}
	diagnostics_done(&diagnostics);
	return policy;
}
