/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command: how a command line is read, and that what is wrong with one is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "words.h"

enum { OPTION_QUICK, OPTION_NUMBER, OPTION_LONG };

static const struct option_row options[] = {
    [OPTION_QUICK] = {"quick", 'q', NULL, "be quick"},
    [OPTION_NUMBER] = {"count", 'c', "N", "so many"},
    [OPTION_LONG] = {"long", 0, NULL, "no letter"},
};

static const struct command command = {
    .name = "try",
    .operands = "FILE...",
    .summary = "Try",
    .options = options,
    .option_count = 3,
    .operands_min = 1,
    .operands_max = 2,
};

/* Parse a command line; its words live until the next call. */
static int
parse(const char *line, struct arguments *ret_arguments)
{
	static char copy[256];
	static char *words[32];
	char *rest = copy;
	int count = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while (rest)
		words[count++] = strsep(&rest, " ");
	return command_parse(&command, count, words, ret_arguments);
}

static void
options_may_stand_anywhere(void **state)
{
	struct arguments arguments;

	assert_int_equal(parse("a -q b --count 3", &arguments), 0);
	assert_int_equal(arguments.operand_count, 2);
	assert_string_equal(arguments.operands[0], "a");
	assert_string_equal(arguments.operands[1], "b");
	assert_non_null(arguments.values[OPTION_QUICK]);
	assert_string_equal(arguments.values[OPTION_NUMBER], "3");
	assert_null(arguments.values[OPTION_LONG]);
}

static void
values_follow_or_stand_inside(void **state)
{
	struct arguments arguments;

	assert_int_equal(parse("--count=7 a", &arguments), 0);
	assert_string_equal(arguments.values[OPTION_NUMBER], "7");
	assert_int_equal(parse("-c7 a", &arguments), 0);
	assert_string_equal(arguments.values[OPTION_NUMBER], "7");
	assert_int_equal(parse("-c -q a", &arguments), 0);
	assert_string_equal(arguments.values[OPTION_NUMBER], "-q");
	assert_int_equal(parse("--count= a", &arguments), 0);
	assert_string_equal(arguments.values[OPTION_NUMBER], "");
}

static void
two_dashes_end_the_options(void **state)
{
	struct arguments arguments;

	assert_int_equal(parse("-- -q --count", &arguments), 0);
	assert_int_equal(arguments.operand_count, 2);
	assert_string_equal(arguments.operands[0], "-q");
	assert_null(arguments.values[OPTION_QUICK]);
}

static void
one_dash_is_an_operand(void **state)
{
	struct arguments arguments;

	assert_int_equal(parse("-", &arguments), 0);
	assert_int_equal(arguments.operand_count, 1);
}

static void
wrong_command_lines_are_refused(void **state)
{
	struct arguments arguments;

	assert_int_equal(parse("-q", &arguments), -EINVAL);          /* no operand */
	assert_int_equal(parse("a b c", &arguments), -EINVAL);       /* one too many */
	assert_int_equal(parse("a --quic", &arguments), -EINVAL);    /* not abbreviated */
	assert_int_equal(parse("a -x", &arguments), -EINVAL);        /* unknown */
	assert_int_equal(parse("a -qc 3", &arguments), -EINVAL);     /* letters do not pile up */
	assert_int_equal(parse("a --quick=1", &arguments), -EINVAL); /* takes no value */
	assert_int_equal(parse("a --count", &arguments), -EINVAL);   /* needs one */
	assert_int_equal(parse("a -q -q", &arguments), -EINVAL);     /* twice */
}

static void
numbers_stay_within_their_range(void **state)
{
	static const char *const wrong[] = {
	    "", "x", "3x", "0", "10", "-1", "99999999999999999999", "1.5"};
	struct arguments arguments = {.values = {[OPTION_NUMBER] = "9"}};
	unsigned long number = 42;

	assert_int_equal(command_number(&command, &arguments, OPTION_NUMBER, 1, 9, &number), 0);
	assert_int_equal(number, 9);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		arguments.values[OPTION_NUMBER] = wrong[i];
		assert_int_equal(
		    command_number(&command, &arguments, OPTION_NUMBER, 1, 9, &number), -EINVAL);
		assert_int_equal(number, 9);
	}
	arguments.values[OPTION_NUMBER] = NULL;
	assert_int_equal(command_number(&command, &arguments, OPTION_NUMBER, 1, 9, &number), 0);
	assert_int_equal(number, 9);
}

static void
rates_are_said_in_the_largest_unit(void **state)
{
	static const struct {
		struct rate rate;
		const char *words;
	} cases[] = {
	    {{.count = 10, .period_ms = 60000}, "10 per minute"},
	    {{.count = 1, .period_ms = 1000}, "1 per second"},
	    {{.count = 3, .period_ms = 5000}, "3 in 5 seconds"},
	    {{.count = 3, .period_ms = 3600000}, "3 per hour"},
	    {{.count = 3, .period_ms = 86400000}, "3 in 24 hours"},
	    {{.count = 3, .period_ms = 90000}, "3 in 90 seconds"},
	    {{.count = 3, .period_ms = 1500}, "3 in 1500 milliseconds"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *words = words_rate(&cases[i].rate);

		assert_string_equal(words, cases[i].words);
		free(words);
	}
}

static void
counts_know_one_from_many(void **state)
{
	assert_string_equal(words_count(0, "zone"), "0 zones");
	assert_string_equal(words_count(1, "zone"), "1 zone");
	assert_string_equal(words_count(2, "zone"), "2 zones");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(options_may_stand_anywhere),
	    cmocka_unit_test(values_follow_or_stand_inside),
	    cmocka_unit_test(two_dashes_end_the_options),
	    cmocka_unit_test(one_dash_is_an_operand),
	    cmocka_unit_test(wrong_command_lines_are_refused),
	    cmocka_unit_test(numbers_stay_within_their_range),
	    cmocka_unit_test(rates_are_said_in_the_largest_unit),
	    cmocka_unit_test(counts_know_one_from_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
