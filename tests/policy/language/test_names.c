/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names: edit distance, suggestions, validity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "names.h"

struct distance {
	const char *a;
	const char *b;
	size_t distance;
};

static void
test_distance(void **state)
{
	static const struct distance rows[] = {
	    {"", "", 0},
	    {"a", "", 1},
	    {"", "abc", 3},
	    {"pumps", "pumps", 0},
	    {"PUMPS", "pumps", 0},
	    {"pumsp", "pumps", 1},
	    {"pump", "pumps", 1},
	    {"pumpss", "pumps", 1},
	    {"bumps", "pumps", 1},
	    {"pmups", "pumps", 1},
	    {"upmsp", "pumps", 2},
	    {"kitten", "sitting", 3},
	    {"ca", "abc", 3},
	    {"write-singel-register", "write-single-register", 1},
	    {"read", "write", 4},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(names_distance(rows[i].a, rows[i].b, 10), rows[i].distance);
		assert_int_equal(names_distance(rows[i].b, rows[i].a, 10), rows[i].distance);
	}
}

static void
test_distance_limit(void **state)
{
	char word[400];

	assert_int_equal(names_distance("abcdef", "uvwxyz", 2), 3);
	assert_int_equal(names_distance("a", "abcdef", 2), 3);
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_int_equal(names_distance(word, word, 5), 6); /* longer than any name */
	word[79] = '\0';
	assert_int_equal(names_distance(word, word, 5), 0);
	word[79] = 'x';
	word[80] = '\0';
	assert_int_equal(names_distance(word, word, 5), 6);
}

static const char *
nearest(const char *wanted, const char *const *candidates)
{
	struct nearest n;

	nearest_init(&n, wanted);
	for (; *candidates; candidates++)
		nearest_offer(&n, *candidates);
	return nearest_take(&n);
}

static void
test_nearest(void **state)
{
	static const char *const words[] = {"reset", "drop", "refuse", "s", "plc1", "plc2", NULL};

	assert_string_equal(nearest("rest", words), "reset");
	assert_string_equal(nearest("Drop", words), "drop");
	assert_string_equal(nearest("refues", words), "refuse");
	assert_string_equal(nearest("plc9", words), "plc1"); /* the first of equals */
	assert_string_equal(nearest("plc2", words), "plc2");
	assert_null(nearest("forbid", words));
	assert_null(nearest("x", words)); /* replacing all letters is no slip */
	assert_null(nearest("", words));
}

static void
test_valid(void **state)
{
	char name[NAME_MAX_LENGTH + 2];

	assert_true(name_valid("a"));
	assert_true(name_valid("plc-1_B"));
	assert_false(name_valid(""));
	assert_false(name_valid("1plc"));
	assert_false(name_valid("-a"));
	assert_false(name_valid("a b"));
	assert_false(name_valid("a.b"));
	assert_false(name_valid("a/b"));
	assert_false(name_valid("a*"));
	assert_false(name_valid("\xc3\xa4"));
	assert_false(name_valid("a\xc3\xa4"));
	memset(name, 'a', sizeof(name));
	name[NAME_MAX_LENGTH] = '\0';
	assert_true(name_valid(name));
	name[NAME_MAX_LENGTH] = 'a';
	name[NAME_MAX_LENGTH + 1] = '\0';
	assert_false(name_valid(name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_distance),
	    cmocka_unit_test(test_distance_limit),
	    cmocka_unit_test(test_nearest),
	    cmocka_unit_test(test_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
