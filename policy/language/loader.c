/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loader: memory and messages of a load.  The ground that all its steps stand on; knows none of
 * them.
 */
#include "loader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
load_alloc(struct loader *l, struct arena *arena, size_t count, size_t size)
{
	void *memory = arena_alloc(arena, count, size);

	if (!memory)
		longjmp(l->out_of_memory, 1);
	return memory;
}

char *
load_copy(struct loader *l, const char *text)
{
	char *copy = arena_copy(l->memory, text, strlen(text));

	if (!copy)
		longjmp(l->out_of_memory, 1);
	return copy;
}

char *
load_format(struct loader *l, const char *format, ...)
{
	va_list arguments;
	char *text, *copy;
	int r;

	va_start(arguments, format);
	r = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (r < 0)
		longjmp(l->out_of_memory, 1);
	copy = arena_copy(l->scratch, text, (size_t)r);
	free(text);
	if (!copy)
		longjmp(l->out_of_memory, 1);
	return copy;
}

void
load_error(struct loader *l, struct location where, const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = diagnostics_add_error(l->diagnostics, where, format, arguments);
	va_end(arguments);
	if (r < 0)
		longjmp(l->out_of_memory, 1);
}

void
load_warning(struct loader *l, struct location where, enum finding finding, const char *format, ...)
{
	char place[PLACE_SIZE];
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = diagnostics_add_warning(
	    l->diagnostics, where, finding, place_print(&l->at, place), format, arguments);
	va_end(arguments);
	if (r < 0)
		longjmp(l->out_of_memory, 1);
}
