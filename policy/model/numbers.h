/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers: the forms in which policies write numbers and ranges, independent of the locale.
 *
 * Reading takes the whole text or nothing: a sign, blank or letter too much is -EINVAL.
 */
#ifndef SLUICE_NUMBERS_H
#define SLUICE_NUMBERS_H

#include <stdint.h>

#include "model.h"

/* Decimal digits only, at most `max`. Returns 0, -EINVAL (not a number), or -ERANGE (too large). */
int numbers_read(const char *text, uint64_t max, uint64_t *ret_number);

/* "7" or "5-9". Returns 0, -EINVAL, -ERANGE (beyond max), or -EDOM (last before first). */
int numbers_read_range(const char *text, uint64_t max, uint64_t *ret_first, uint64_t *ret_last);

/*
 * "1500", "0-1500", "-5-10", "-5--1", "0.5-2.25" or "*". At most 15 digits a number.  Returns 0,
 * -EINVAL, -ERANGE (too many digits), or -EDOM (reversed).
 */
int numbers_read_values(const char *text, struct value_range *ret_range);

/* Print so that numbers_read_values() reads the same; snprintf semantics, 80 bytes are enough. */
int numbers_print_values(const struct value_range *range, char *buf, size_t size);

/* "10/min". Returns 0, -EINVAL (form), -ENOENT (unit of time: *ret_unit says which), -ERANGE. */
int numbers_read_rate(const char *text, struct rate *ret_rate, const char **ret_unit);

/* "10/min"; snprintf semantics. */
int numbers_print_rate(const struct rate *rate, char *buf, size_t size);

enum { RATE_COUNT_MAX = 1000000 };

/* Names of the units of time, ended by NULL. */
extern const char *const numbers_rate_units[];

/* A day of the Gregorian calendar as YYYY-MM-DD. */
bool numbers_date_valid(const char *text);

#endif
