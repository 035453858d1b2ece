/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocol: what a dissector brings along is read and printed without the loader knowing it.  The
 * only protocol of this program is a made-up one, with settings, blocks, forms and a class of its
 * own.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors.h"
#include "load.h"
#include "print.h"

static const struct function functions[] = {
    {1, FUNCTION_NO_SUB, "hello", ACCESS_SESSION, "1", SIDE_BOTH},
    {2, FUNCTION_NO_SUB, "get", ACCESS_READ, "2", SIDE_BOTH},
    {3, FUNCTION_NO_SUB, "operate", ACCESS_CONTROL, "3", SIDE_BOTH},
};

static const struct space spaces[] = {{"db", 7, 65535, false, 0}};
static const struct setting settings[] = {{"patience", 1, 60, 10}, {"window", 0, 4294967295, 0}};

/* "3>7": from 3 to 7 */
static int
parse_units(const char *text, struct unit_range *ret_range, const char **ret_why)
{
	struct unit_range range = {0};
	char end;

	if (sscanf(text, "%u>%u%c", &range.source_first, &range.first, &end) != 2) {
		*ret_why = "expected two numbers, as in \"3>7\"";
		return -EINVAL;
	}
	range.source_last = range.source_first;
	range.last = range.first;
	*ret_range = range;
	return 0;
}

static int
print_units(const struct unit_range *range, char *buf, size_t size)
{
	return snprintf(buf, size, "%u>%u", range->source_first, range->first);
}

static const struct dissector made_up = {
    .name = "made-up",
    .title = "Made up",
    .port = 4000,
    .udp = true,
    .functions = functions,
    .function_count = 3,
    .spaces = spaces,
    .space_count = 1,
    .settings = settings,
    .setting_count = 2,
    .parse_units = parse_units,
    .print_units = print_units,
};

/* In place of the list of the library. */
const struct dissector *const dissectors[] = {&made_up, NULL};

static int
load(const char *keys, struct policy **ret_policy, struct diagnostics *ret_diagnostics)
{
	char *text;
	int r;

	assert_true(asprintf(&text,
			"zones: { a: { class = \"control\"; interfaces = [\"e0\"]; networks = "
			"[\"10.1.0.0/16\"]; };"
			" b: { class = \"control\"; interfaces = [\"e1\"]; networks = "
			"[\"10.2.0.0/16\"]; }; };"
			"conduits: { c: { from = \"a\"; to = \"b\"; channels: ( { name = \"x\"; "
			"clients = [\"a\"];"
			" servers = [\"b\"]; protocol = \"made-up\"; %s } ); }; };",
			keys) > 0);
	r = policy_load_text(text, "text", ret_policy, ret_diagnostics);
	free(text);
	return r;
}

static void
test_good(void **state)
{
	struct diagnostics diagnostics;
	struct policy *policy, *again;
	const struct channel *channel;
	char *text;

	assert_int_equal(
	    load("window = 4294967295L; rules: ( { access = [\"session\", \"control\"]; units = "
		 "[\"9>8\", \"3>7\"]; points = [\"db:5-6:0\", \"db:*:1\"]; values = [\"1\"]; }, "
		 "{ functions = [\"get\"]; } );",
		&policy, &diagnostics),
	    0);
	diagnostics_done(&diagnostics);
	channel = policy->channels[0];
	assert_int_equal(channel->transport, PROTOCOL_UDP);
	assert_int_equal(channel->port_first, 4000);
	assert_int_equal(channel->settings[0], 10);
	assert_int_equal(channel->settings[1], 4294967295);
	assert_int_equal(channel->rules[0].functions[0], 5);
	assert_int_equal(channel->rules[1].functions[0], 2);
	text = policy_print(policy);
	assert_null(strstr(text, "patience"));
	assert_non_null(strstr(text, "window = 4294967295L;"));
	assert_non_null(
	    strstr(text, "units = [\"3>7\", \"9>8\"]; points = [\"db:*:1\", \"db:5-6:0\"];"));
	assert_int_equal(policy_load_text(text, "print", &again, &diagnostics), 0);
	assert_string_equal(policy->hash, again->hash);
	free(text);
	diagnostics_done(&diagnostics);
	policy_free(policy);
	policy_free(again);
}

static void
test_bad(void **state)
{
	static const char *const expected[] = {
	    "unknown key \"patiense\" in channel \"x\"; did you mean \"patience\"?",
	    "\"patience\" is 61; expected 1 to 60",
	    "points \"db:8\"; expected a block, a colon, and numbers of points, as in "
	    "\"file:4:0-9\"; \"*\" stands "
	    "for all",
	    "units \"7\"; expected two numbers, as in \"3>7\"",
	    "protocol \"made-up\" has no function \"gte\"; did you mean \"get\"?",
	};
	struct diagnostics diagnostics;
	struct policy *policy;
	size_t i, j;

	assert_int_equal(
	    load("patience = 61; patiense = 5; rules: ( { access = [\"read\"]; units = [\"7\"]; "
		 "points = [\"db:8\"]; }, { functions = [\"gte\"]; } );",
		&policy, &diagnostics),
	    -EINVAL);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		for (j = 0; j < diagnostics.count; j++)
			if (strcmp(diagnostics.items[j].message, expected[i]) == 0)
				break;
		if (j == diagnostics.count)
			fail_msg("missing: %s", expected[i]);
	}
	assert_int_equal(diagnostics.count, i);
	diagnostics_done(&diagnostics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
