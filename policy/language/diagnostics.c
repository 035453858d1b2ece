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

void
diagnostics_accept(struct diagnostics *diagnostics, const struct policy *policy)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		struct diagnostic *item = &diagnostics->items[i];

		for (size_t k = 0; item->id && k < policy->accepted_count; k++)
			if (strcmp(policy->accepted[k].finding, item->id) == 0)
				item->accepted = &policy->accepted[k];
	}
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

/* An item with place and message; *ret_item is NULL if there is no room. */
static int add(struct diagnostics *diagnostics, struct location where, const char *format,
    va_list arguments, struct diagnostic **ret_item) __attribute__((format(printf, 3, 0)));

static int
add(struct diagnostics *diagnostics, struct location where, const char *format, va_list arguments,
    struct diagnostic **ret_item)
{
	struct diagnostic *item;
	char *text, *file;

	*ret_item = NULL;
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
	item->where = where;
	item->where.file = file;
	diagnostics->count++;
	*ret_item = item;
	return 0;
}

int
diagnostics_add_error(
    struct diagnostics *diagnostics, struct location where, const char *format, va_list arguments)
{
	struct diagnostic *item;
	int r = add(diagnostics, where, format, arguments, &item);

	diagnostics->error_count++;
	if (item)
		item->severity = SEVERITY_ERROR;
	return r;
}

int
diagnostics_add_warning(struct diagnostics *diagnostics, struct location where,
    enum finding finding, const char *place, const char *format, va_list arguments)
{
	const struct finding_kind *kind = &finding_kinds[finding];
	struct diagnostic *item;
	char *id;
	int r = add(diagnostics, where, format, arguments, &item);

	diagnostics->warning_count++;
	if (!item)
		return r;
	if (asprintf(&id, "%s%s%s", kind->word, place[0] ? ":" : "", place) < 0)
		return -ENOMEM;
	item->severity = SEVERITY_WARNING;
	item->finding = finding;
	item->clause = kind->clause;
	item->id = arena_copy(diagnostics->arena, id, strlen(id));
	free(id);
	return item->id ? 0 : -ENOMEM;
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
