/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits: see edits.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edits.h"
#include "terminal.h"
#include "words.h"

enum { LINE_WIDTH = 100, INDENT_MAX = 48, FILE_SIZE_MAX = 32 << 20 };

/* ---- places ---- */

static size_t
line_start(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n')
		at--;
	return at;
}

/* Of the line that `at` is in, without the signs that end it. */
static size_t
line_end(const char *text, size_t at)
{
	at += strcspn(&text[at], "\n");
	return at > 0 && text[at] == '\n' && text[at - 1] == '\r' ? at - 1 : at;
}

static const char *
line_feed(const char *text, size_t at)
{
	at += strcspn(&text[at], "\n");
	if (text[at] != '\n')
		at = strcspn(text, "\n");
	return at > 0 && text[at - 1] == '\r' ? "\r\n" : "\n";
}

static bool
begins_line(const char *text, size_t at)
{
	size_t start = line_start(text, at);

	return start + strspn(&text[start], " \t") == at;
}

/* Is nothing behind `at` in its line but a comment that ends with the line? */
static bool
ends_line(const char *text, size_t at)
{
	at += strspn(&text[at], " \t");
	return at >= line_end(text, at) || text[at] == '#' ||
	    (text[at] == '/' && text[at + 1] == '/');
}

/* Blanks as wide as what stands in front of `at` in its line; where that is far, a little more than
 * the line has. */
static char *
indent_of(const char *text, size_t at)
{
	size_t start = line_start(text, at), blanks = strspn(&text[start], " \t");
	char *indent = at - start > INDENT_MAX
	    ? words_format("%.*s    ", (int)blanks, &text[start])
	    : words_format("%.*s", (int)(at - start), &text[start]);

	for (char *c = indent; *c; c++)
		*c = *c == '\t' ? '\t' : ' ';
	return indent;
}

/* ---- edits ---- */

static void
keep(struct edits *edits, size_t at, size_t remove, char *text)
{
	if (edits->count == EDITS_MAX) {
		edits->failed = true;
		free(text);
		return;
	}
	edits->items[edits->count++] = (struct edit_of_text){at, remove, text};
}

/* The comment, above the line that changes; within it where a string or comment reaches over the
 * line's beginning. */
static void
add_comment(struct edits *edits, size_t at)
{
	const char *text = edits->draft->text, *comment = edits->comment;
	size_t start = line_start(text, at);
	char *indent;

	edits->comment = NULL;
	if (!comment)
		return;
	if (!outline_is_open(text, start)) {
		keep(edits, at, 0, words_format(" /* %s */ ", comment));
		return;
	}
	indent = indent_of(text, start + strspn(&text[start], " \t"));
	keep(edits, start, 0, words_format("%s// %s%s", indent, comment, line_feed(text, at)));
	free(indent);
}

void
edits_add(struct edits *edits, size_t at, size_t remove, const char *text)
{
	add_comment(edits, at);
	keep(edits, at, remove, words_format("%s", text));
}

/* In a line of its own behind the line of `at`, or at once where that goes on. */
static void
add_line(struct edits *edits, size_t at, const char *sign, char *indent, const char *added)
{
	const char *text = edits->draft->text, *feed = line_feed(text, at);
	size_t place = ends_line(text, at) ? line_end(text, at) : at;
	char *above = NULL;

	if (sign[0] && place != at)
		keep(edits, at, 0, words_format("%s", sign));
	if (edits->comment)
		above = words_format("%s%s// %s", feed, indent, edits->comment);
	edits->comment = NULL;
	keep(edits, place, 0,
	    words_format(
		"%s%s%s%s%s", place == at ? sign : "", above ? above : "", feed, indent, added));
	free(above);
	free(indent);
}

static bool
is_ended(const char *text, const struct outline *setting, const char *signs)
{
	return setting->end > setting->to && strchr(signs, text[setting->end - 1]);
}

void
edits_add_element(struct edits *edits, const struct outline *list, const char *added)
{
	const char *text = edits->draft->text;
	const struct outline *last;
	const char *sign;
	size_t at, column;
	char *inserted;

	if (list->count == 0) {
		edits_add(edits, list->from + 1, 0, added);
		return;
	}
	last = &list->children[list->count - 1];
	sign = is_ended(text, last, ",") ? "" : ",";
	at = sign[0] ? last->to : last->end;
	column = at - line_start(text, at);
	if (begins_line(text, last->from) ||
	    (last->kind == OUTLINE_GROUP && column + strlen(added) > LINE_WIDTH)) {
		add_line(edits, at, sign, indent_of(text, last->from), added);
		return;
	}
	inserted = words_format("%s %s", sign, added);
	edits_add(edits, at, 0, inserted);
	free(inserted);
}

void
edits_add_setting(struct edits *edits, const struct outline *group, const struct outline *behind,
    const char *added)
{
	const char *text = edits->draft->text, *sign;
	const struct outline *last;
	char *ended = words_format("%s;", added), *inserted;
	size_t at;

	if (group->count == 0) {
		inserted = words_format(" %s ", ended);
		edits_add(edits, group->from + 1, 0, inserted);
	} else {
		last = behind ? behind : &group->children[group->count - 1];
		sign = is_ended(text, last, ";,") ? "" : ";";
		at = sign[0] ? last->to : last->end;
		inserted = words_format("%s %s", sign, ended);
		if (begins_line(text, last->name))
			add_line(edits, at, sign, indent_of(text, last->name), ended);
		else
			edits_add(edits, at, 0, inserted);
	}
	free(inserted);
	free(ended);
}

void
edits_remove(struct edits *edits, const struct outline *setting)
{
	const char *text = edits->draft->text;
	size_t from = setting->name, to = setting->end;

	add_comment(edits, from);
	if (begins_line(text, from) && to + strspn(&text[to], " \t") == line_end(text, to)) {
		from = line_start(text, from);
		to += strcspn(&text[to], "\n");
		to += text[to] == '\n';
	} else {
		to += text[to] == ' ';
	}
	keep(edits, from, to - from, words_format("%s", ""));
}

void
edits_done(struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++)
		free(edits->items[i].text);
	edits->count = 0;
}

/* ---- what they make ---- */

/* An edit at another place: of a file that is included again, or in a file. */
struct placed {
	size_t at;
	size_t remove;
	const char *text;
};

struct placed_list {
	struct placed *items;
	size_t count;
};

static void
place(struct placed_list *list, size_t at, const struct edit_of_text *edit)
{
	size_t i = list->count;

	list->items = reallocarray(list->items, list->count + 1, sizeof(list->items[0]));
	if (!list->items) {
		complain("out of memory");
		exit(2);
	}
	/* those of one place stay in the order in which they were made */
	for (; i > 0 && list->items[i - 1].at > at; i--)
		list->items[i] = list->items[i - 1];
	list->items[i] = (struct placed){at, edit->remove, edit->text};
	list->count++;
}

static char *
apply(const char *text, size_t length, const struct placed_list *list, size_t *ret_length)
{
	char *made = NULL;
	size_t at = 0;
	FILE *out = open_memstream(&made, ret_length);

	for (size_t i = 0; out && i < list->count; i++) {
		const struct placed *edit = &list->items[i];

		if (edit->at > at)
			fwrite(&text[at], 1, edit->at - at, out);
		fputs(edit->text, out);
		at = edit->at + edit->remove > at ? edit->at + edit->remove : at;
	}
	if (out)
		fwrite(&text[at], 1, length - at, out);
	if (!out || fclose(out) != 0) {
		complain("out of memory");
		exit(2);
	}
	return made;
}

static bool
same_place(const struct location *a, const struct location *b)
{
	return a->line == b->line && strcmp(a->file, b->file) == 0;
}

bool
edits_are_mirrored(const struct edits *edits)
{
	const struct draft *draft = edits->draft;

	for (size_t i = 0; i < edits->count; i++) {
		size_t line = draft_line(draft, edits->items[i].at);

		for (size_t l = 0; l < draft->line_count; l++)
			if (l != line && same_place(&draft->lines[l], &draft->lines[line]))
				return true;
	}
	return false;
}

char *
edits_apply(const struct edits *edits)
{
	const struct draft *draft = edits->draft;
	struct placed_list list = {0};
	size_t length;
	char *made;

	for (size_t i = 0; i < edits->count; i++) {
		size_t line = draft_line(draft, edits->items[i].at);

		for (size_t l = 0; l < draft->line_count; l++)
			if (same_place(&draft->lines[l], &draft->lines[line]))
				place(&list,
				    draft->starts[l] + (edits->items[i].at - draft->starts[line]),
				    &edits->items[i]);
	}
	made = apply(draft->text, strlen(draft->text), &list, &length);
	free(list.items);
	return made;
}

/* ---- files ---- */

static int
read_file(const struct draft *draft, const char *name, char **ret_text, size_t *ret_length)
{
	FILE *file;
	char *text;
	size_t length;
	int r = 0;

	if (!draft->on_disk) {
		*ret_text = words_format("%s", draft->text);
		*ret_length = strlen(draft->text);
		return 0;
	}
	file = fopen(name, "re");
	text = file ? malloc(FILE_SIZE_MAX + 1) : NULL;
	if (!text) {
		r = -errno;
		if (file)
			fclose(file);
		return r;
	}
	length = fread(text, 1, FILE_SIZE_MAX, file);
	r = ferror(file) ? -EIO : 0;
	fclose(file);
	if (r < 0) {
		free(text);
		return r;
	}
	text[length] = '\0';
	*ret_text = text;
	*ret_length = length;
	return 0;
}

/* The beginning of line `number` (from 1) of a text; false: it has fewer. */
static bool
find_line(const char *text, unsigned number, size_t *ret_at)
{
	size_t at = 0;

	for (unsigned line = 1; line < number; line++) {
		at += strcspn(&text[at], "\n");
		if (text[at] != '\n')
			return false;
		at++;
	}
	*ret_at = at;
	return true;
}

/* The place of an edit in its file, whose lines there must be those of the draft. */
static bool
find_place(const struct draft *draft, const struct edit_of_text *edit, const char *text,
    size_t length, size_t *ret_at)
{
	size_t line = draft_line(draft, edit->at), start = draft->starts[line], in_file, same;
	size_t end = edit->at + edit->remove;

	if (!find_line(text, draft->lines[line].line, &in_file))
		return false;
	end += strcspn(&draft->text[end], "\n");
	same = end - start;
	if (in_file + same > length || memcmp(&text[in_file], &draft->text[start], same) != 0)
		return false;
	*ret_at = in_file + (edit->at - start);
	return true;
}

static int
change_file(const struct edits *edits, const char *name, struct changed_file *ret_file)
{
	struct changed_file file = {0};
	struct placed_list list = {0};
	int r = read_file(edits->draft, name, &file.before, &file.before_length);

	for (size_t i = 0; r == 0 && i < edits->count; i++) {
		const struct edit_of_text *edit = &edits->items[i];
		const char *of = edits->draft->lines[draft_line(edits->draft, edit->at)].file;
		size_t at;

		if (strcmp(of, name) != 0)
			continue;
		if (find_place(edits->draft, edit, file.before, file.before_length, &at))
			place(&list, at, edit);
		else
			r = -ESTALE;
	}
	if (r == 0) {
		file.name = words_format("%s", name);
		file.after = apply(file.before, file.before_length, &list, &file.after_length);
		*ret_file = file;
	} else {
		free(file.before);
	}
	free(list.items);
	return r;
}

static bool
has_file(const struct changed_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].name, name) == 0)
			return true;
	return false;
}

int
edits_files(const struct edits *edits, struct changed_files *ret_files)
{
	struct changed_files files = {0};
	int r = edits->failed ? -E2BIG : 0;

	for (size_t i = 0; r == 0 && i < edits->count; i++) {
		const char *name =
		    edits->draft->lines[draft_line(edits->draft, edits->items[i].at)].file;

		if (has_file(&files, name))
			continue;
		r = files.count < CHANGED_FILES_MAX
		    ? change_file(edits, name, &files.items[files.count])
		    : -E2BIG;
		files.count += r == 0;
	}
	if (r < 0)
		changed_files_done(&files);
	else
		*ret_files = files;
	return r;
}
