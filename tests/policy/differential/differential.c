/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Differential: random policies and random messages, judged by the product and by own.c, which was
 * written from the specifications and shares nothing with it.  One difference is a failure.
 *
 *	differential [--seconds N] [--seed N]
 *
 * Without --seconds so many policies as a quick test needs.  The seed is printed, and with it the
 * same messages come again.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decide.h"
#include "load.h"
#include "own.h"

enum { PROTOCOLS = 3, POLICIES = 400, MESSAGES = 60, TEXT_MAX = 8192 };

struct text {
	char data[TEXT_MAX];
	size_t length;
};

struct count {
	unsigned long allowed;
	unsigned long denied;
	unsigned long spoilt;
};

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

static void
make_policy(const struct protocol *protocol, struct own_policy *own, struct text *text)
{
	memset(own, 0, sizeof(*own));
	text->length = 0;
	own->rule_count = 1 + own_random(OWN_RULES_MAX);
	add(text,
	    "zones: { a: { class = \"control\"; interfaces = [\"x\"]; networks = "
	    "[\"10.1.0.0/24\"]; };\n"
	    "b: { class = \"control\"; interfaces = [\"y\"]; networks = [\"10.2.0.0/24\"]; }; };\n"
	    "conduits: { c: { from = \"a\"; to = \"b\"; channels: ( { name = \"n\"; clients = "
	    "[\"a\"];\n"
	    "servers = [\"b\"]; protocol = \"%s\"; rules: (\n",
	    protocol->name);
	for (size_t i = 0; i < own->rule_count; i++) {
		protocol->make_rule(&own->rules[i]);
		add_rule(text, protocol, &own->rules[i]);
		add(text, i + 1 < own->rule_count ? ",\n" : "\n); } ); }; };\n");
	}
}

/* A policy that the product does not understand is a failure as well. */
static struct policy *
load(const struct text *text)
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

/* Only `length` bytes of the message may be here: then it must not be refused yet. */
static bool
product_allows(
    const struct policy *policy, const struct asked *asked, size_t length, enum reason *ret_reason)
{
	static struct context_room room;
	static struct message message;
	const struct channel *channel = policy->channels[0];
	struct context context = context_new(&room);
	bool whole = length == asked->length;
	struct decision decision;
	enum dissect_result result;
	uint32_t read;

	memset(&room, 0, sizeof(room));
	context.middle = true;
	result = dissect(channel->dissector, DIRECTION_REQUEST, &context, asked->bytes, length,
	    NULL, &message, &read, ret_reason);
	if (result != (whole ? DISSECT_COMPLETE : DISSECT_PARTIAL))
		return false;
	if (whole && read != asked->length) {
		*ret_reason = REASON_TRAILING_BYTES; /* the next message, which is none */
		return false;
	}
	decide(channel, &message, whole, 1, NULL, &decision);
	*ret_reason = decision.reason;
	return decision.verdict == VERDICT_ALLOW;
}

static int
compare(const struct protocol *protocol, struct count *count)
{
	static struct asked asked;
	struct own_policy own;
	struct text text;
	struct policy *policy;
	int failures = 0;

	make_policy(protocol, &own, &text);
	policy = load(&text);
	for (int i = 0; i < MESSAGES && failures == 0; i++) {
		enum reason reason = REASON_UNDECIDED;
		bool expected, found;
		unsigned begun;

		protocol->ask(&asked);
		expected = own_allows(protocol, &own, &asked);
		found = product_allows(policy, &asked, asked.length, &reason);
		/* of what may pass, no beginning is refused */
		begun = 1 + own_random((unsigned)asked.length - 1);
		if (expected && found)
			found = product_allows(policy, &asked, begun, &reason);
		count->allowed += expected;
		count->denied += !expected && !asked.wrong;
		count->spoilt += asked.wrong;
		if (expected == found)
			continue;
		failures++;
		printf("%s: expected %s, got %s (%s, or its first %u bytes):\n", asked.function,
		    expected ? "yes" : "no", found ? "yes" : "no", reason_word(reason), begun);
		for (size_t b = 0; b < asked.length; b++)
			printf("%02x", asked.bytes[b]);
		printf("\n%s", text.data);
	}
	policy_free(policy);
	return failures;
}

static uint64_t
read_number(const char *text)
{
	char *end;
	unsigned long long number = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "usage: differential [--seconds N] [--seed N]\n");
		exit(2);
	}
	return number;
}

int
main(int argc, char **argv)
{
	static const struct protocol *const protocols[] = {&own_modbus, &own_s7, &own_dnp3};
	uint64_t seed = (uint64_t)time(NULL), seconds = 0;
	time_t start = time(NULL);
	struct count counts[PROTOCOLS] = {{0}};
	int failures = 0;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			seed = read_number(argv[i + 1]);
		else
			seconds = read_number(strcmp(argv[i], "--seconds") == 0 ? argv[i + 1] : "");
	}
	printf("seed %llu\n", (unsigned long long)seed);
	own_seed(seed);
	for (uint64_t n = 0; failures == 0 &&
	     (seconds > 0 ? (uint64_t)(time(NULL) - start) < seconds : n < POLICIES);
	     n++)
		for (size_t p = 0; p < PROTOCOLS && failures == 0; p++)
			failures = compare(protocols[p], &counts[p]);
	for (size_t p = 0; p < PROTOCOLS; p++) {
		const struct count *c = &counts[p];

		printf("%s: %lu allowed, %lu denied, %lu no messages\n", protocols[p]->name,
		    c->allowed, c->denied, c->spoilt);
		/* what is always the same answer compares nothing */
		if (failures == 0 && (c->allowed < c->denied / 20 || c->denied < c->allowed / 20))
			failures = 1;
	}
	return failures ? 1 : 0;
}
