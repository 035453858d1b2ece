/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates under a new policy: the same rule goes on, any other begins afresh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load.h"
#include "rates.h"

enum { RATES = 3 };

#define CHANNEL(name, client, rules)                                                        \
	"{ name = \"" name "\"; clients = [\"" client "\"]; servers = [\"b\"]; protocol = " \
	"\"modbus\"; rules: ( " rules " ); }"
#define ONE(rules) CHANNEL("one", "10.1.0.1", rules)
#define TWO(rules) CHANNEL("two", "10.1.0.2", rules)
#define READ "{ access = [\"read\"]; }"
#define RATED "{ access = [\"write\"]; rate = \"10/min\"; }"
#define LIMITED(more) "{ access = [\"write\"]; rate = \"5/min\"; " more " }"

/* Rates of the policy before are 1, 2, ... in the order of the file. */
static const struct row {
	const char *before;
	const char *after;
	uint64_t expected[RATES];
} rows[] = {
    {ONE(RATED), ONE(RATED), {1}},
    {ONE(READ "," RATED), ONE(RATED "," READ), {1}},
    {ONE(RATED) "," TWO(RATED), TWO(RATED) "," ONE(RATED), {2, 1}},
    {ONE(RATED "," LIMITED("")), ONE(LIMITED("") "," RATED), {2, 1}},
    {ONE(RATED "," RATED), ONE(RATED "," RATED), {1, 2}},
    {ONE(RATED), TWO(RATED), {0}},
    {ONE(RATED), ONE(RATED) "," TWO(RATED), {1, 0}},
    {ONE(READ), ONE(RATED), {0}},
    {ONE(RATED), ONE("{ access = [\"write\"]; rate = \"11/min\"; }"), {0}},
    {ONE(RATED), ONE("{ access = [\"write\"]; rate = \"10/h\"; }"), {0}},
    {ONE(RATED), ONE("{ access = [\"read\"]; rate = \"10/min\"; }"), {0}},
    {ONE(LIMITED("units = [\"1\", \"7\"];")), ONE(LIMITED("units = [\"7\", \"1\"];")), {1}},
    {ONE(LIMITED("units = [\"1\"];")), ONE(LIMITED("units = [\"2\"];")), {0}},
    {ONE(LIMITED("units = [\"1\"];")), ONE(LIMITED("units = [\"1\", \"3\"];")), {0}},
    {ONE(LIMITED("points = [\"coil:1\"];")), ONE(LIMITED("points = [\"coil:1\"];")), {1}},
    {ONE(LIMITED("points = [\"coil:1\"];")), ONE(LIMITED("points = [\"coil:1-2\"];")), {0}},
    {ONE(LIMITED("points = [\"coil:1\"];")), ONE(LIMITED("points = [\"holding:1\"];")), {0}},
    {ONE(LIMITED("values = [\"1-5\"];")), ONE(LIMITED("values = [\"1-5\"];")), {1}},
    {ONE(LIMITED("values = [\"1-5\"];")), ONE(LIMITED("values = [\"1-6\"];")), {0}},
    {ONE(LIMITED("values = [\"1-5\"];")), ONE(LIMITED("")), {0}},
};

static struct policy *
load(const char *channels)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	char *text;

	assert_true(asprintf(&text,
			"zones: { a: { class = \"control\"; interfaces = [\"eth0\"]; "
			"networks = [\"10.1.0.0/24\"]; };"
			"b: { class = \"control\"; interfaces = [\"eth1\"]; "
			"networks = [\"10.2.0.0/24\"]; }; };"
			"conduits: { c: { from = \"a\"; to = \"b\"; channels: ( %s ); }; };",
			channels) > 0);
	assert_int_equal(policy_load_text(text, "text", &policy, &diagnostics), 0);
	diagnostics_done(&diagnostics);
	free(text);
	return policy;
}

static void
test_inherit(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rate_state old[RATES] = {{1}, {2}, {3}}, new[RATES] = {0};
		struct policy *before = load(rows[i].before), *after = load(rows[i].after);

		rates_inherit(after, new, before, old);
		for (size_t k = 0; k < RATES; k++) {
			if (new[k].arrival_ns != rows[i].expected[k])
				print_error("row %zu, rate %zu\n", i, k);
			assert_int_equal(new[k].arrival_ns, rows[i].expected[k]);
		}
		policy_free(before);
		policy_free(after);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_inherit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
