/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diff: see diff.h.
 *
 * Changes are few and short here, so where two texts part the nearest lines are looked for where
 * they meet again.  Whatever is found is a right patch; only its length is not proved.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "terminal.h"

enum { CONTEXT = 3, APART_MAX = 512, MEET = 2 };

struct line {
	const char *text;
	size_t length; /* with its line feed */
};

struct lines {
	struct line *items;
	size_t count;
};

/* Lines that go and lines that come, behind lines that are the same. */
struct part {
	size_t old;
	size_t old_count;
	size_t new;
	size_t new_count;
};

struct parts {
	struct part *items;
	size_t count;
};

static void *
more(void *items, size_t count, size_t size)
{
	items = reallocarray(items, count + 1, size);
	if (!items) {
		complain("out of memory");
		exit(2);
	}
	return items;
}

static struct lines
lines_of(const char *text, size_t length)
{
	struct lines lines = {0};

	for (size_t at = 0; at < length;) {
		const char *end = memchr(&text[at], '\n', length - at);
		size_t next = end ? (size_t)(end - text) + 1 : length;

		lines.items = more(lines.items, lines.count, sizeof(lines.items[0]));
		lines.items[lines.count++] = (struct line){&text[at], next - at};
		at = next;
	}
	return lines;
}

static bool
same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	if (i >= a->count || j >= b->count)
		return i >= a->count && j >= b->count;
	return a->items[i].length == b->items[j].length &&
	    memcmp(a->items[i].text, b->items[j].text, a->items[i].length) == 0;
}

static bool
meet(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	for (size_t n = 0; n < MEET; n++)
		if (!same(a, i + n, b, j + n))
			return false;
	return true;
}

/* How many lines go and come until the texts meet again. */
static void
find_apart(const struct lines *a, size_t i, const struct lines *b, size_t j, struct part *part)
{
	for (size_t apart = 1; apart < APART_MAX; apart++)
		for (size_t gone = 0; gone <= apart; gone++) {
			if (i + gone > a->count || j + apart - gone > b->count ||
			    !meet(a, i + gone, b, j + apart - gone))
				continue;
			part->old_count = gone;
			part->new_count = apart - gone;
			return;
		}
	part->old_count = a->count - i;
	part->new_count = b->count - j;
}

static struct parts
parts_of(const struct lines *a, const struct lines *b)
{
	struct parts parts = {0};

	for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
		struct part part = {.old = i, .new = j};

		if (same(a, i, b, j)) {
			i++;
			j++;
			continue;
		}
		find_apart(a, i, b, j, &part);
		parts.items = more(parts.items, parts.count, sizeof(parts.items[0]));
		parts.items[parts.count++] = part;
		i += part.old_count;
		j += part.new_count;
	}
	return parts;
}

static void
print_line(FILE *out, char sign, const struct line *line)
{
	putc(sign, out);
	fwrite(line->text, 1, line->length, out);
	if (line->length == 0 || line->text[line->length - 1] != '\n')
		fputs("\n\\ No newline at end of file\n", out);
}

static void
print_range(FILE *out, char sign, size_t first, size_t count)
{
	/* a range of nothing is named by the line in front of it */
	fprintf(out, " %c%zu", sign, count > 0 ? first + 1 : first);
	if (count != 1)
		fprintf(out, ",%zu", count);
}

/* Parts `first` to before `last` with the lines around and between them. */
static void
print_hunk(FILE *out, const struct lines *a, const struct lines *b, const struct part *first,
    const struct part *last)
{
	const struct part *end = last - 1;
	size_t lead = first->old < CONTEXT ? first->old : CONTEXT;
	size_t rest = a->count - (end->old + end->old_count);
	size_t trail = rest < CONTEXT ? rest : CONTEXT;
	size_t i = first->old - lead;

	fputs("@@", out);
	print_range(out, '-', i, end->old + end->old_count + trail - i);
	print_range(
	    out, '+', first->new - lead, end->new + end->new_count + trail - (first->new - lead));
	fputs(" @@\n", out);
	for (const struct part *part = first; part < last; part++) {
		for (; i < part->old; i++)
			print_line(out, ' ', &a->items[i]);
		for (; i < part->old + part->old_count; i++)
			print_line(out, '-', &a->items[i]);
		for (size_t j = part->new; j < part->new + part->new_count; j++)
			print_line(out, '+', &b->items[j]);
	}
	for (size_t n = 0; n < trail; n++, i++)
		print_line(out, ' ', &a->items[i]);
}

static void
print_file(FILE *out, const struct changed_file *file)
{
	const char *name = file->name + strspn(file->name, "/");
	struct lines a = lines_of(file->before, file->before_length);
	struct lines b = lines_of(file->after, file->after_length);
	struct parts parts = parts_of(&a, &b);

	fprintf(out, "--- a/%s\n+++ b/%s\n", name, name);
	for (size_t i = 0, end; i < parts.count; i = end) {
		for (end = i + 1; end < parts.count; end++)
			if (parts.items[end].old >
			    parts.items[end - 1].old + parts.items[end - 1].old_count + 2 * CONTEXT)
				break;
		print_hunk(out, &a, &b, &parts.items[i], &parts.items[end]);
	}
	free(parts.items);
	free(b.items);
	free(a.items);
}

char *
changed_files_patch(const struct changed_files *files)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out && i < files->count; i++)
		print_file(out, &files->items[i]);
	if (!out || fclose(out) != 0) {
		complain("out of memory");
		exit(2);
	}
	return text;
}

void
changed_files_done(struct changed_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->items[i].name);
		free(files->items[i].before);
		free(files->items[i].after);
	}
	*files = (struct changed_files){0};
}
