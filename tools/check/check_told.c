/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Told: see check_told.h. */
#include "check_told.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
was_told(const struct check_told *told, const char *line)
{
	for (size_t i = 0; i < told->count; i++)
		if (strcmp(told->lines[i], line) == 0)
			return true;
	return false;
}

/* The line is kept or given back. Returns whether it is new, or -ENOMEM. */
static int
tell(struct check_told *told, char *line)
{
	char **lines;

	if (!line)
		return -ENOMEM;
	if (was_told(told, line)) {
		free(line);
		return 0;
	}
	lines = reallocarray(told->lines, told->count + 1, sizeof(*lines));
	if (!lines) {
		free(line);
		return -ENOMEM;
	}
	told->lines = lines;
	told->lines[told->count++] = line;
	return 1;
}

int
check_told_take(
    struct check_told *told, const struct diagnostics *diagnostics, struct diagnostics *ret_fresh)
{
	struct diagnostics fresh = *diagnostics;
	int r;

	fresh.count = 0;
	fresh.items = calloc(diagnostics->count + 1, sizeof(*fresh.items));
	if (!fresh.items)
		return -ENOMEM;
	for (size_t i = 0; i < diagnostics->count; i++) {
		r = tell(told, diagnostic_print(&diagnostics->items[i]));
		if (r < 0) {
			free(fresh.items);
			return r;
		}
		if (r > 0)
			fresh.items[fresh.count++] = diagnostics->items[i];
	}
	*ret_fresh = fresh;
	return 0;
}

void
check_told_done(struct check_told *told)
{
	for (size_t i = 0; i < told->count; i++)
		free(told->lines[i]);
	free(told->lines);
	*told = (struct check_told){0};
}
