/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Duration: see duration.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "terminal.h"

/* Seconds in the unit behind a number; 0: it is none. */
static unsigned long
unit_of(const char *text)
{
	if (strcmp(text, "") == 0 || strcmp(text, "s") == 0)
		return 1;
	if (strcmp(text, "m") == 0 || strcmp(text, "min") == 0)
		return 60;
	return strcmp(text, "h") == 0 ? 3600 : 0;
}

int
duration_read(const char *command, const char *option, const char *text, unsigned long *ret_seconds)
{
	unsigned long number, unit;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	number = strtoul(text, &end, 10);
	unit = unit_of(end);
	if (errno != 0 || end == text || text[0] < '0' || text[0] > '9' || unit == 0 ||
	    number == 0 || number > DURATION_MAX_S / unit) {
		complain("%s: %s %s: expected a time from 1s to 24h, as 90s, 5m or 1h", command,
		    option, text);
		return -EINVAL;
	}
	*ret_seconds = number * unit;
	return 0;
}
