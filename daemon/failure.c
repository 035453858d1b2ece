/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failure: see failure.h. */
#include <stdlib.h>

#include "failure.h"

void
failure_add(struct failure *failure, char *line)
{
	if (line && failure->line_count < FAILURE_LINES_MAX) {
		failure->lines[failure->line_count++] = line;
		return;
	}
	failure->more++;
	free(line);
}

void
failure_tell(void *context, const struct diagnostic *diagnostic)
{
	struct failure *failure = context;

	loaded_tell(NULL, diagnostic);
	if (diagnostic->severity == SEVERITY_ERROR)
		failure_add(failure, diagnostic_print(diagnostic));
}

void
failure_done(struct failure *failure)
{
	for (size_t i = 0; i < failure->line_count; i++)
		free(failure->lines[i]);
	*failure = (struct failure){0};
}
