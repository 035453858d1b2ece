/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers: what is read, what is refused, and that printing gives back what was read. */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "numbers.h"

static void
test_read(void **state)
{
	uint64_t number = 77;

	assert_int_equal(numbers_read("0", 9, &number), 0);
	assert_int_equal(number, 0);
	assert_int_equal(numbers_read("18446744073709551615", UINT64_MAX, &number), 0);
	assert_true(number == UINT64_MAX);
	number = 77;
	assert_int_equal(numbers_read("18446744073709551616", UINT64_MAX, &number), -ERANGE);
	assert_int_equal(numbers_read("10", 9, &number), -ERANGE);
	assert_int_equal(numbers_read("5", 4, &number), -ERANGE);
	assert_int_equal(numbers_read("99999999999999999999999999", 9, &number), -ERANGE);
	assert_int_equal(numbers_read("", 9, &number), -EINVAL);
	assert_int_equal(numbers_read("-1", 9, &number), -EINVAL);
	assert_int_equal(numbers_read("+1", 9, &number), -EINVAL);
	assert_int_equal(numbers_read(" 1", 9, &number), -EINVAL);
	assert_int_equal(numbers_read("1 ", 9, &number), -EINVAL);
	assert_int_equal(numbers_read("100x", 9, &number), -EINVAL);
	assert_int_equal(number, 77);
}

static void
test_read_range(void **state)
{
	uint64_t first = 7, last = 7;

	assert_int_equal(numbers_read_range("5", 10, &first, &last), 0);
	assert_true(first == 5 && last == 5);
	assert_int_equal(numbers_read_range("0-10", 10, &first, &last), 0);
	assert_true(first == 0 && last == 10);
	assert_int_equal(numbers_read_range("3-2", 10, &first, &last), -EDOM);
	assert_int_equal(numbers_read_range("3-11", 10, &first, &last), -ERANGE);
	assert_int_equal(numbers_read_range("11-3", 10, &first, &last), -ERANGE);
	assert_int_equal(numbers_read_range("3-", 10, &first, &last), -EINVAL);
	assert_int_equal(numbers_read_range("-3", 10, &first, &last), -EINVAL);
	assert_int_equal(numbers_read_range("1-2-3", 10, &first, &last), -EINVAL);
	assert_int_equal(numbers_read_range("", 10, &first, &last), -EINVAL);
	assert_true(first == 0 && last == 10);
}

struct values_row {
	const char *text;
	double first;
	double last;
	const char *printed; /* NULL: as read */
};

static void
test_values(void **state)
{
	static const struct values_row rows[] = {
	    {"1", 1, 1, NULL},
	    {"0-1500", 0, 1500, NULL},
	    {"-5-10", -5, 10, NULL},
	    {"-5--1", -5, -1, NULL},
	    {"-5", -5, -5, NULL},
	    {"0.5-2.25", 0.5, 2.25, NULL},
	    {"-0.001", -0.001, -0.001, NULL},
	    {"0.1-0.3", 0.1, 0.3, NULL},
	    {"1.050-1.5", 1.05, 1.5, "1.05-1.5"},
	    {"007", 7, 7, "7"},
	    {"-0", 0, 0, "0"},
	    {"0-0", 0, 0, "0"},
	    {"999999999999999", 999999999999999, 999999999999999, NULL},
	    {"0.000000000000001", 1e-15, 1e-15, NULL},
	    {"*", -INFINITY, INFINITY, NULL},
	};
	struct value_range range;
	char text[80];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(numbers_read_values(rows[i].text, &range), 0);
		assert_true(range.first == rows[i].first && range.last == rows[i].last);
		assert_false(signbit(range.first) && range.first == 0);
		numbers_print_values(&range, text, sizeof(text));
		assert_string_equal(text, rows[i].printed ? rows[i].printed : rows[i].text);
	}
}

static void
test_values_wrong(void **state)
{
	static const char *const texts[] = {"", "-", "--1", "1-", "1--", "1e5", "0x10", ".5", "5.",
	    "1.5.5", "+1", " 1", "1 ", "nan", "inf", "**", "*-5", "1-2-3", "1,5"};
	struct value_range range = {7, 7};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(numbers_read_values(texts[i], &range), -EINVAL);
	assert_int_equal(numbers_read_values("2-1", &range), -EDOM);
	assert_int_equal(numbers_read_values("-1--2", &range), -EDOM);
	assert_int_equal(numbers_read_values("1000000000000000", &range), -ERANGE);
	assert_int_equal(numbers_read_values("0.0000000000000001", &range), -ERANGE);
	assert_true(range.first == 7 && range.last == 7);
}

/* Any number of up to 15 digits comes back from its print, in any locale. */
static void
test_values_again(void **state)
{
	struct value_range range, again;
	char text[80];
	unsigned seed = 1;
	int i;

	setlocale(LC_ALL, "de_DE.UTF-8");
	for (i = 0; i < 100000; i++) {
		double digits = (double)rand_r(&seed) * (double)(rand_r(&seed) % 400000);

		range.first = digits / pow(10, rand_r(&seed) % 10);
		if (rand_r(&seed) % 2)
			range.first = -range.first;
		range.last = range.first;
		numbers_print_values(&range, text, sizeof(text));
		assert_int_equal(numbers_read_values(text, &again), 0);
		assert_true(again.first == range.first);
	}
	setlocale(LC_ALL, "C");
}

static void
test_rate(void **state)
{
	struct rate rate = {.count = 7};
	const char *unit = NULL;
	char text[32];

	assert_int_equal(numbers_read_rate("10/min", &rate, &unit), 0);
	assert_true(rate.count == 10 && rate.period_ms == 60000);
	numbers_print_rate(&rate, text, sizeof(text));
	assert_string_equal(text, "10/min");
	assert_int_equal(numbers_read_rate("1/second", &rate, &unit), 0);
	numbers_print_rate(&rate, text, sizeof(text));
	assert_string_equal(text, "1/s");
	assert_int_equal(numbers_read_rate("1000000/hour", &rate, &unit), 0);
	numbers_print_rate(&rate, text, sizeof(text));
	assert_string_equal(text, "1000000/h");
	assert_int_equal(numbers_read_rate("0/min", &rate, &unit), -ERANGE);
	assert_int_equal(numbers_read_rate("1000001/min", &rate, &unit), -ERANGE);
	assert_int_equal(numbers_read_rate("10/day", &rate, &unit), -ENOENT);
	assert_string_equal(unit, "day");
	assert_int_equal(numbers_read_rate("10", &rate, &unit), -EINVAL);
	assert_int_equal(numbers_read_rate("/min", &rate, &unit), -EINVAL);
	assert_int_equal(numbers_read_rate("10 /min", &rate, &unit), -EINVAL);
	assert_true(rate.count == 1000000);
}

static void
test_date(void **state)
{
	assert_true(numbers_date_valid("2026-10-05"));
	assert_true(numbers_date_valid("2024-02-29"));
	assert_true(numbers_date_valid("2000-02-29"));
	assert_false(numbers_date_valid("1900-02-29"));
	assert_false(numbers_date_valid("2026-02-29"));
	assert_false(numbers_date_valid("2026-13-01"));
	assert_false(numbers_date_valid("2026-00-01"));
	assert_false(numbers_date_valid("2026-04-31"));
	assert_false(numbers_date_valid("2026-04-00"));
	assert_false(numbers_date_valid("26-04-01"));
	assert_false(numbers_date_valid("2026/04/01"));
	assert_false(numbers_date_valid("2026-04-01 "));
	assert_false(numbers_date_valid("2026-4-01"));
	assert_false(numbers_date_valid(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_read_range),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_values_wrong),
	    cmocka_unit_test(test_values_again),
	    cmocka_unit_test(test_rate),
	    cmocka_unit_test(test_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
