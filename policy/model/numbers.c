/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers: reading and printing without locale, without rounding. */
#include "numbers.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A double holds every number of 15 decimal digits apart from its neighbours. */
enum { DIGITS_MAX = 15 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The digits at *text; moves it behind them. */
static int
read_digits(const char **text, uint64_t max, uint64_t *ret_number)
{
	const char *p = *text;
	uint64_t number = 0;
	bool large = false;

	if (!is_digit(*p))
		return -EINVAL;
	for (; is_digit(*p); p++) {
		unsigned digit = *p - '0';

		large = large || digit > max || number > (max - digit) / 10;
		if (!large)
			number = number * 10 + digit;
	}
	*text = p;
	if (large)
		return -ERANGE;
	*ret_number = number;
	return 0;
}

int
numbers_read(const char *text, uint64_t max, uint64_t *ret_number)
{
	uint64_t number;
	int r = read_digits(&text, max, &number);

	if (r == -EINVAL || *text)
		return -EINVAL;
	if (r < 0)
		return r;
	*ret_number = number;
	return 0;
}

int
numbers_read_range(const char *text, uint64_t max, uint64_t *ret_first, uint64_t *ret_last)
{
	uint64_t first = 0, last = 0;
	int r = read_digits(&text, max, &first), s = r;

	if (r == -EINVAL)
		return r;
	if (*text == '-') {
		text++;
		s = read_digits(&text, max, &last);
		if (s == -EINVAL)
			return s;
	} else {
		last = first;
	}
	if (*text)
		return -EINVAL;
	if (r < 0 || s < 0)
		return -ERANGE;
	if (last < first)
		return -EDOM;
	*ret_first = first;
	*ret_last = last;
	return 0;
}

static double
ten_to(unsigned exponent)
{
	double power = 1;

	while (exponent--)
		power *= 10;
	return power;
}

/* One decimal number at *text; exact because numerator and power of ten are. */
static int
read_decimal(const char **text, double *ret_value)
{
	const char *p = *text;
	bool negative = *p == '-';
	uint64_t digits = 0;
	unsigned count = 0, decimals = 0;
	bool point = false;

	p += negative;
	if (!is_digit(*p))
		return -EINVAL;
	for (; is_digit(*p) || (*p == '.' && !point && is_digit(p[1])); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		decimals += point;
		count += digits || *p != '0';
		if (count <= DIGITS_MAX && decimals <= DIGITS_MAX)
			digits = digits * 10 + (unsigned)(*p - '0');
	}
	*text = p;
	if (count > DIGITS_MAX || decimals > DIGITS_MAX)
		return -ERANGE;
	*ret_value = (double)digits / ten_to(decimals);
	if (negative && digits)
		*ret_value = -*ret_value;
	return 0;
}

int
numbers_read_values(const char *text, struct value_range *ret_range)
{
	double first = 0, last = 0;
	int r, s = 0;

	if (strcmp(text, "*") == 0) {
		*ret_range = (struct value_range){-INFINITY, INFINITY};
		return 0;
	}
	r = read_decimal(&text, &first);
	if (r == -EINVAL)
		return r;
	last = first;
	if (*text == '-') {
		text++;
		s = read_decimal(&text, &last);
	}
	if (s == -EINVAL || *text)
		return -EINVAL;
	if (r < 0 || s < 0)
		return -ERANGE;
	if (last < first)
		return -EDOM;
	*ret_range = (struct value_range){first, last};
	return 0;
}

/* The fewest decimals that give this number back. */
static int
print_decimal(double value, char *buf, size_t size)
{
	double magnitude = fabs(value), power = 1;
	unsigned decimals = 0;
	uint64_t digits;

	while (decimals < DIGITS_MAX && nearbyint(magnitude * power) / power != magnitude)
		power = ten_to(++decimals);
	digits = (uint64_t)nearbyint(magnitude * power);
	if (decimals == 0)
		return snprintf(
		    buf, size, "%s%llu", value < 0 ? "-" : "", (unsigned long long)digits);
	return snprintf(buf, size, "%s%llu.%0*llu", value < 0 ? "-" : "",
	    (unsigned long long)(digits / (uint64_t)power), (int)decimals,
	    (unsigned long long)(digits % (uint64_t)power));
}

int
numbers_print_values(const struct value_range *range, char *buf, size_t size)
{
	char first[40], last[40];

	if (isinf(range->first) || isinf(range->last))
		return snprintf(buf, size, "*");
	print_decimal(range->first, first, sizeof(first));
	if (range->first == range->last)
		return snprintf(buf, size, "%s", first);
	print_decimal(range->last, last, sizeof(last));
	return snprintf(buf, size, "%s-%s", first, last);
}

const char *const numbers_rate_units[] = {
    "s",
    "min",
    "h",
    "sec",
    "second",
    "minute",
    "hour",
    NULL,
};

/* In the order of the names above; the first three are the ones that are printed. */
static const uint32_t rate_periods_ms[] = {1000, 60000, 3600000, 1000, 1000, 60000, 3600000};

int
numbers_read_rate(const char *text, struct rate *ret_rate, const char **ret_unit)
{
	uint64_t count = 0;
	size_t i;
	int r = read_digits(&text, RATE_COUNT_MAX, &count);

	if (r == -EINVAL || *text != '/')
		return -EINVAL;
	text++;
	for (i = 0; numbers_rate_units[i]; i++)
		if (strcmp(text, numbers_rate_units[i]) == 0)
			break;
	if (!numbers_rate_units[i]) {
		*ret_unit = text;
		return -ENOENT;
	}
	if (r < 0 || count == 0)
		return -ERANGE;
	ret_rate->count = (uint32_t)count;
	ret_rate->period_ms = rate_periods_ms[i];
	return 0;
}

int
numbers_print_rate(const struct rate *rate, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < 2 && rate_periods_ms[i] != rate->period_ms; i++)
		;
	return snprintf(buf, size, "%u/%s", rate->count, numbers_rate_units[i]);
}

bool
numbers_date_valid(const char *text)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year, month, day;
	size_t i;

	if (strlen(text) != 10)
		return false;
	for (i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? text[i] != '-' : !is_digit(text[i]))
			return false;
	year = (unsigned)(text[0] - '0') * 1000 + (unsigned)(text[1] - '0') * 100 +
	    (unsigned)(text[2] - '0') * 10 + (unsigned)(text[3] - '0');
	month = (unsigned)(text[5] - '0') * 10 + (unsigned)(text[6] - '0');
	day = (unsigned)(text[8] - '0') * 10 + (unsigned)(text[9] - '0');
	if (year < 1900 || month < 1 || month > 12 || day < 1)
		return false;
	if (month == 2 && day == 29)
		return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return day <= days[month - 1];
}
