/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Diagnostics: a bounded list; its strings outlive the policy that they are about. */
#include "diagnostics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "text.h"

int
diagnostics_init(struct diagnostics *diagnostics)
{
	struct arena *arena = arena_new();
	struct diagnostic *items;

	items = arena ? arena_alloc(arena, DIAGNOSTICS_MAX, sizeof(*items)) : NULL;
	if (!items) {
		arena_free(arena);
		return -ENOMEM;
	}
	*diagnostics = (struct diagnostics){.items = items, .arena = arena};
	return 0;
}

bool
diagnostics_full(const struct diagnostics *diagnostics)
{
	return diagnostics->count >= DIAGNOSTICS_MAX;
}

/* Messages quote files, and are shown on terminals: nothing but printable text. */
static void
clean(char *text)
{
	size_t length;

	for (; *text; text += length) {
		length = text_utf8_length(text);
		if (length == 0 ||
		    (length == 1 && ((unsigned char)*text < 0x20 || *text == 0x7f))) {
			*text = '?';
			length = 1;
		}
	}
}

int
diagnostics_add(struct diagnostics *diagnostics, enum severity severity, struct location where,
    const char *clause, const char *format, va_list arguments)
{
	struct diagnostic *item;
	char *text, *file;

	diagnostics->error_count += severity == SEVERITY_ERROR;
	diagnostics->warning_count += severity == SEVERITY_WARNING;
	if (diagnostics_full(diagnostics)) {
		diagnostics->suppressed++;
		return 0;
	}
	if (vasprintf(&text, format, arguments) < 0)
		return -ENOMEM;
	clean(text);
	item = &diagnostics->items[diagnostics->count];
	item->message = arena_copy(diagnostics->arena, text, strlen(text));
	free(text);
	file = arena_copy(diagnostics->arena, where.file, strlen(where.file));
	if (!item->message || !file)
		return -ENOMEM;
	item->severity = severity;
	item->where = where;
	item->where.file = file;
	item->clause = clause;
	diagnostics->count++;
	return 0;
}

void
diagnostics_sort(struct diagnostics *diagnostics)
{
	struct diagnostic *items = diagnostics->items, item;
	size_t i, j;

	/* At most DIAGNOSTICS_MAX, nearly in order, and it must be stable. */
	for (i = 1; i < diagnostics->count; i++) {
		item = items[i];
		for (j = i; j > 0 && items[j - 1].where.order > item.where.order; j--)
			items[j] = items[j - 1];
		items[j] = item;
	}
}

char *
diagnostic_print(const struct diagnostic *diagnostic)
{
	const struct location *where = &diagnostic->where;
	const char *clause = diagnostic->clause;
	char line[16] = "", *text;
	int r;

	if (where->line)
		snprintf(line, sizeof(line), ":%u", where->line);
	r = asprintf(&text, "%s%s: %s%s%s%s%s", where->file, line,
	    diagnostic->severity == SEVERITY_WARNING ? "warning: " : "", diagnostic->message,
	    clause ? " (IEC 62443-3-2 " : "", clause ? clause : "", clause ? ")" : "");
	return r < 0 ? NULL : text;
}

void
diagnostics_done(struct diagnostics *diagnostics)
{
	arena_free(diagnostics->arena);
	memset(diagnostics, 0, sizeof(*diagnostics));
}
