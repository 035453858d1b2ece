/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log: what the daemon says on standard error, one line a thing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"

void
log_line(enum log_level level, const char *format, ...)
{
	char line[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s\n", level, line);
	else
		fprintf(stderr, "sluiced: %s\n", line);
}
