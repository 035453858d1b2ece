/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit test of the review: which rule contains another, and what a day changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load.h"
#include "review.h"
#include "review_rules.h"

static const char frame[] =
    "site: { name = \"s\"; owner = \"o\"; approved = \"2026-01-31\"; review_days = 28; };\n"
    "%s\n"
    "zones: { a: { class = \"control\"; sl_t = 1; interfaces = [\"eth0\"]; networks = "
    "[\"10.1.0.0/24\"]; };\n"
    "         b: { class = \"control\"; sl_t = 1; interfaces = [\"eth1\"]; networks = "
    "[\"10.2.0.0/24\"]; }; };\n"
    "conduits: { ab: { from = \"a\"; to = \"b\"; rationale = \"r\"; channels: (\n"
    "  { name = \"c\"; clients = [\"a\"]; servers = [\"b\"]; protocol = \"modbus\";\n"
    "    rules: ( { %s }, { %s } ); } ); }; };\n";

static struct policy *
load(const char *settings, const char *first, const char *second, struct diagnostics *diagnostics)
{
	struct policy *policy = NULL;
	char *text = NULL;

	assert_true(asprintf(&text, frame, settings, first, second) > 0);
	if (policy_load_text(text, "policy", &policy, diagnostics) != 0)
		fail_msg("%s: %s", text,
		    diagnostics->count ? diagnostics->items[0].message : "out of memory");
	free(text);
	return policy;
}

struct pair {
	const char *outer;
	const char *inner;
	bool contains;
	bool reverse;
};

#define READ "functions = [\"read-holding-registers\"]; "
#define WRITE "functions = [\"write-single-register\"]; "
#define BOTH "functions = [\"read-holding-registers\", \"write-single-register\"]; "
#define POINTS(text) "points = [" text "]; "
#define UNITS(text) "units = [" text "]; "
#define VALUES(text) "values = [" text "]; "

static const struct pair pairs[] = {
    {"access = [\"any\"];", READ, true, false},
    {"access = [\"read\"];", READ, true, false},
    {READ, READ, true, true},
    {READ, WRITE, false, false},
    {BOTH, WRITE, true, false},
    {READ, READ UNITS("\"1\""), true, false},
    {READ UNITS("\"1-9\""), READ UNITS("\"2-3\", \"7\""), true, false},
    {READ UNITS("\"1-9\""), READ UNITS("\"2-3\", \"17\""), false, false},
    {WRITE, WRITE UNITS("\"broadcast\""), false, false},
    {WRITE UNITS("\"*\""), WRITE UNITS("\"broadcast\""), false, false},
    {WRITE UNITS("\"*\", \"broadcast\""), WRITE UNITS("\"broadcast\""), true, false},
    {READ, READ POINTS("\"holding:1\""), true, false},
    {READ POINTS("\"holding:1-9\""), READ POINTS("\"holding:1-9\""), true, true},
    {READ POINTS("\"holding:1-9\""), READ POINTS("\"holding:9\", \"holding:1-3\""), true, false},
    {READ POINTS("\"holding:1-9\""), READ POINTS("\"holding:9-10\""), false, false},
    {WRITE, WRITE VALUES("\"1-9\""), true, false},
    {WRITE VALUES("\"1-9\""), WRITE VALUES("\"1\", \"3-4\""), true, false},
    {WRITE VALUES("\"1-9\""), WRITE VALUES("\"0-4\""), false, false},
    {WRITE POINTS("\"holding:1\"") VALUES("\"1-9\"") "type = \"int16\";",
	WRITE POINTS("\"holding:1\"") VALUES("\"1-9\""), false, false},
    {WRITE, WRITE "rate = \"1/s\";", true, false},
    {WRITE "rate = \"9/s\";", WRITE "rate = \"1/s\";", false, false},
};

static void
a_rule_contains_what_it_allows(void **state)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct diagnostics diagnostics = {0};
		struct policy *policy = load("", pairs[i].outer, pairs[i].inner, &diagnostics);
		const struct rule *rules = policy->channels[0]->rules;

		if (review_rule_contains(&rules[0], &rules[1]) != pairs[i].contains ||
		    review_rule_contains(&rules[1], &rules[0]) != pairs[i].reverse)
			fail_msg("{ %s } and { %s }", pairs[i].outer, pairs[i].inner);
		diagnostics_done(&diagnostics);
		policy_free(policy);
	}
}

/* Ids of what a review finds on a day, each with a line feed behind it. */
static void
review_on(
    const char *day, const char *settings, const char *first, const char *second, char ids[1024])
{
	struct diagnostics diagnostics = {0};
	struct policy *policy = load(settings, first, second, &diagnostics);

	ids[0] = '\0';
	assert_int_equal(review_policy(policy, day, &diagnostics), 0);
	for (size_t i = 0; i < diagnostics.count; i++)
		if (!review_is_accepted(&diagnostics.items[i], day))
			strcat(strcat(ids, diagnostics.items[i].id), "\n");
	diagnostics_done(&diagnostics);
	policy_free(policy);
}

static void
the_second_of_two_that_are_alike_is_told(void **state)
{
	char ids[1024];

	review_on("2026-01-31", "", READ, READ, ids);
	assert_string_equal(ids, "rule-contained:ab/c/2\n");
	review_on("2026-01-31", "", READ UNITS("\"1\""), READ, ids);
	assert_string_equal(ids, "rule-contained:ab/c/1\n");
}

static void
the_last_day_of_a_review_is_not_too_late(void **state)
{
	char ids[1024];

	review_on("2026-02-28", "", READ, WRITE, ids);
	assert_string_equal(ids, "");
	review_on("2026-03-01", "", READ, WRITE, ids);
	assert_string_equal(ids, "review-due\n");
}

static void
what_is_accepted_holds_to_its_last_day(void **state)
{
	static const char accepted[] = "accepted: ( { finding = \"rule-contained:ab/c/2\"; "
				       "reason = \"r\"; until = \"2026-02-10\"; } );";
	char ids[1024];

	review_on("2026-02-10", accepted, READ, READ, ids);
	assert_string_equal(ids, "");
	review_on("2026-02-11", accepted, READ, READ, ids);
	assert_string_equal(
	    ids, "acceptance-expired:rule-contained:ab/c/2\nrule-contained:ab/c/2\n");
	review_on("2026-02-10", accepted, READ, WRITE, ids);
	assert_string_equal(ids, "accepts-nothing:rule-contained:ab/c/2\n");
}

/* A review without a capture can't tell whether it is needed. */
static void
what_only_a_capture_shows_is_not_accepted_in_vain(void **state)
{
	char ids[1024];

	review_on("2026-01-31",
	    "accepted: ( { finding = \"rule-unseen:ab/c/1\"; reason = \"r\"; until = "
	    "\"2026-02-10\"; } );",
	    READ, WRITE, ids);
	assert_string_equal(ids, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_rule_contains_what_it_allows),
	    cmocka_unit_test(the_second_of_two_that_are_alike_is_told),
	    cmocka_unit_test(the_last_day_of_a_review_is_not_too_late),
	    cmocka_unit_test(what_is_accepted_holds_to_its_last_day),
	    cmocka_unit_test(what_only_a_capture_shows_is_not_accepted_in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
