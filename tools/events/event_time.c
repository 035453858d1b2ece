/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event time: see event_time.h.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "event_time.h"

enum { SECOND_NS = 1000000000 };

/* Past this year, seconds times SECOND_NS no longer fit. */
enum { YEAR_FIRST = 1970, YEAR_LAST = 2500 };

const char event_time_expected[] =
    "a time like \"10m\", \"2 hours\", \"today\", \"08:00\" or \"2026-10-05 08:00\"";

struct reading {
	const char *at;
	bool failed;
};

/* A number of `least` to `most` digits. */
static unsigned
read_digits(struct reading *r, unsigned least, unsigned most)
{
	unsigned count = 0, number = 0;

	while (count < most && isdigit((unsigned char)*r->at)) {
		number = number * 10 + (unsigned)(*r->at++ - '0');
		count++;
	}
	r->failed |= count < least;
	return number;
}

static bool
read_sign(struct reading *r, const char *signs)
{
	if (r->failed || *r->at == '\0' || !strchr(signs, *r->at))
		return false;
	r->at++;
	return true;
}

static void
read_date(struct reading *r, struct tm *tm)
{
	unsigned year = read_digits(r, 4, 4);

	r->failed |= year < YEAR_FIRST || year > YEAR_LAST || !read_sign(r, "-");
	tm->tm_year = (int)year - 1900;
	tm->tm_mon = (int)read_digits(r, 1, 2) - 1;
	r->failed |= !read_sign(r, "-");
	tm->tm_mday = (int)read_digits(r, 1, 2);
	r->failed |= tm->tm_mon < 0 || tm->tm_mon > 11 || tm->tm_mday < 1 || tm->tm_mday > 31;
}

/* "08:00", "08:00:30", "08:00:30.25"; the part of a second is returned. */
static uint64_t
read_clock(struct reading *r, struct tm *tm)
{
	uint64_t fraction = 0;

	tm->tm_hour = (int)read_digits(r, 1, 2);
	r->failed |= !read_sign(r, ":");
	tm->tm_min = (int)read_digits(r, 2, 2);
	tm->tm_sec = 0;
	if (read_sign(r, ":"))
		tm->tm_sec = (int)read_digits(r, 2, 2);
	r->failed |= tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60;
	if (!read_sign(r, ".,"))
		return 0;
	r->failed |= !isdigit((unsigned char)*r->at);
	for (uint64_t unit = SECOND_NS / 10; isdigit((unsigned char)*r->at); unit /= 10)
		fraction += unit * (unsigned)(*r->at++ - '0');
	return fraction;
}

/* "Z", "+0200", "+02:00", "+02": seconds east of Greenwich; false if there is no zone. */
static bool
read_zone(struct reading *r, long *ret_east)
{
	bool west = *r->at == '-';
	unsigned hours, minutes = 0;

	*ret_east = 0;
	if (read_sign(r, "Zz"))
		return true;
	if (!read_sign(r, "+-"))
		return false;
	hours = read_digits(r, 2, 2);
	if (read_sign(r, ":") || isdigit((unsigned char)*r->at))
		minutes = read_digits(r, 2, 2);
	r->failed |= hours > 23 || minutes > 59;
	*ret_east = (long)(hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return true;
}

static void
skip_blanks(struct reading *r)
{
	while (isspace((unsigned char)*r->at))
		r->at++;
}

static int
read_calendar(const char *text, uint64_t now_ns, uint64_t *ret_ns)
{
	struct reading r = {.at = text};
	time_t seconds = (time_t)(now_ns / SECOND_NS);
	uint64_t fraction = 0;
	bool zoned = false;
	struct tm tm;
	long east = 0;

	if (!localtime_r(&seconds, &tm))
		return -EINVAL;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	if (strchr(text, '-') && (!strchr(text, ':') || strchr(text, '-') < strchr(text, ':'))) {
		read_date(&r, &tm);
		if (*r.at == 'T' || *r.at == 't')
			r.at++;
		else
			skip_blanks(&r);
	}
	if (isdigit((unsigned char)*r.at)) {
		fraction = read_clock(&r, &tm);
		zoned = read_zone(&r, &east);
	}
	if (r.failed || *r.at != '\0' || r.at == text)
		return -EINVAL;
	tm.tm_isdst = -1;
	seconds = zoned ? timegm(&tm) - east : mktime(&tm);
	if (seconds < 0)
		return -EINVAL;
	*ret_ns = (uint64_t)seconds * SECOND_NS + fraction;
	return 0;
}

static int
read_day(const char *text, uint64_t now_ns, uint64_t *ret_ns)
{
	time_t seconds = (time_t)(now_ns / SECOND_NS);
	struct tm tm;

	if (strcasecmp(text, "now") == 0) {
		*ret_ns = now_ns;
		return 0;
	}
	if ((strcasecmp(text, "today") != 0 && strcasecmp(text, "yesterday") != 0) ||
	    !localtime_r(&seconds, &tm))
		return -EINVAL;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday -= strcasecmp(text, "yesterday") == 0;
	tm.tm_isdst = -1;
	*ret_ns = (uint64_t)mktime(&tm) * SECOND_NS;
	return 0;
}

/* Seconds of a unit in any of its spellings; 0 for a word that is none. */
static uint64_t
unit_seconds(const char *word, size_t length)
{
	static const struct {
		const char *spelling;
		uint64_t seconds;
	} units[] = {
	    {"s", 1},
	    {"sec", 1},
	    {"second", 1},
	    {"seconds", 1},
	    {"m", 60},
	    {"min", 60},
	    {"mins", 60},
	    {"minute", 60},
	    {"minutes", 60},
	    {"h", 3600},
	    {"hour", 3600},
	    {"hours", 3600},
	    {"d", 86400},
	    {"day", 86400},
	    {"days", 86400},
	    {"w", 604800},
	    {"week", 604800},
	    {"weeks", 604800},
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].spelling) == length &&
		    strncasecmp(units[i].spelling, word, length) == 0)
			return units[i].seconds;
	return 0;
}

/* "10m", "1d 12h", "2 hours ago". */
static int
read_ago(const char *text, uint64_t now_ns, uint64_t *ret_ns)
{
	struct reading r = {.at = text};
	uint64_t seconds = 0;

	do {
		uint64_t number = read_digits(&r, 1, 6), unit;
		size_t length = 0;

		skip_blanks(&r);
		while (isalpha((unsigned char)r.at[length]))
			length++;
		unit = unit_seconds(r.at, length);
		if (r.failed || unit == 0)
			return -EINVAL;
		seconds += number * unit;
		r.at += length;
		skip_blanks(&r);
	} while (isdigit((unsigned char)*r.at));
	if (*r.at != '\0' && strcasecmp(r.at, "ago") != 0)
		return -EINVAL;
	*ret_ns = seconds < now_ns / SECOND_NS ? now_ns - seconds * SECOND_NS : 0;
	return 0;
}

int
event_time_read(const char *text, uint64_t now_ns, uint64_t *ret_ns)
{
	if (read_day(text, now_ns, ret_ns) == 0 || read_ago(text, now_ns, ret_ns) == 0)
		return 0;
	return read_calendar(text, now_ns, ret_ns);
}
