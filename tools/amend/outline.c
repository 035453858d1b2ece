/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outline: see outline.h.
 */
#include <stdlib.h>
#include <string.h>

#include "outline.h"
#include "terminal.h"

struct reader {
	const char *text;
	size_t at;
	bool failed;
};

static size_t
skip_comment(const char *text, size_t at)
{
	const char *end;

	if (text[at] == '#' || (text[at] == '/' && text[at + 1] == '/'))
		return at + strcspn(&text[at], "\n");
	if (text[at] != '/' || text[at + 1] != '*')
		return at;
	end = strstr(&text[at + 2], "*/");
	return end ? (size_t)(end - text) + 2 : at + strlen(&text[at]);
}

size_t
outline_skip(const char *text, size_t at)
{
	for (size_t before = at + 1; before != at;) {
		before = at;
		at += strspn(&text[at], " \t\r\n\f\v");
		at = skip_comment(text, at);
	}
	return at;
}

/* Behind the string whose first quote is at `at`. */
static size_t
skip_string(const char *text, size_t at)
{
	for (at++; text[at] && text[at] != '"'; at++)
		if (text[at] == '\\' && (text[at + 1] == '"' || text[at + 1] == '\\'))
			at++;
	return text[at] ? at + 1 : at;
}

bool
outline_is_open(const char *text, size_t at)
{
	size_t i = 0;

	while (i < at) {
		size_t next = text[i] == '"' ? skip_string(text, i) : skip_comment(text, i);

		i = next > i ? next : i + 1;
	}
	return i == at;
}

static void
skip(struct reader *r)
{
	r->at = outline_skip(r->text, r->at);
}

static struct outline *
add_child(struct outline *parent)
{
	parent->children =
	    reallocarray(parent->children, parent->count + 1, sizeof(parent->children[0]));
	if (!parent->children) {
		complain("out of memory");
		exit(2);
	}
	parent->children[parent->count] = (struct outline){0};
	return &parent->children[parent->count++];
}

static void read_members(struct reader *r, struct outline *parent, char close);

static void
read_scalar(struct reader *r, struct outline *value)
{
	size_t start = r->at;

	value->kind = OUTLINE_VALUE;
	while (r->text[r->at] == '"') {
		value->to = r->at = skip_string(r->text, r->at);
		skip(r);
	}
	if (r->at == start)
		value->to = r->at += strcspn(r->text + r->at, " \t\r\n\f\v;,#/(){}[]\"");
	r->failed |= value->to == start;
}

static void
read_value(struct reader *r, struct outline *value)
{
	char open = r->text[r->at];

	value->from = r->at;
	if (open != '{' && open != '(' && open != '[') {
		read_scalar(r, value);
	} else {
		value->kind = open == '{' ? OUTLINE_GROUP : OUTLINE_LIST;
		r->at++;
		read_members(r, value, open == '{' ? '}' : open == '(' ? ')' : ']');
		value->to = r->at;
	}
	value->end = value->to;
	skip(r);
	if (r->text[r->at] == ';' || r->text[r->at] == ',')
		value->end = ++r->at;
}

static void
read_name(struct reader *r, struct outline *member)
{
	member->name_length = strcspn(&r->text[r->at], " \t\r\n\f\v:=#/");
	r->at += member->name_length;
	skip(r);
	r->failed |= member->name_length == 0 || (r->text[r->at] != ':' && r->text[r->at] != '=');
	r->at += !r->failed;
	skip(r);
}

/* Everything up to the bracket that closes the parent, and that one. */
static void
read_members(struct reader *r, struct outline *parent, char close)
{
	for (skip(r); !r->failed && r->text[r->at] && r->text[r->at] != close; skip(r)) {
		struct outline member = {.name = r->at};

		if (parent->kind == OUTLINE_GROUP)
			read_name(r, &member);
		if (!r->failed)
			read_value(r, &member);
		*add_child(parent) = member;
	}
	r->failed |= r->text[r->at] != close;
	r->at += r->text[r->at] != '\0';
}

struct outline *
outline_read(const char *text)
{
	struct reader r = {.text = text};
	struct outline *whole = calloc(1, sizeof(*whole));

	if (!whole) {
		complain("out of memory");
		exit(2);
	}
	read_members(&r, whole, '\0');
	whole->to = whole->end = r.at;
	if (!r.failed)
		return whole;
	outline_free(whole);
	return NULL;
}

static void
free_children(struct outline *outline)
{
	for (size_t i = 0; i < outline->count; i++)
		free_children(&outline->children[i]);
	free(outline->children);
}

void
outline_free(struct outline *outline)
{
	if (outline)
		free_children(outline);
	free(outline);
}

const struct outline *
outline_find(const struct outline *group, const char *text, const char *name)
{
	for (size_t i = 0; group && i < group->count; i++) {
		const struct outline *child = &group->children[i];

		if (child->name_length == strlen(name) &&
		    strncmp(&text[child->name], name, child->name_length) == 0)
			return child;
	}
	return NULL;
}

bool
outline_is_string(const struct outline *value, const char *text, const char *string)
{
	size_t length = strlen(string);

	return value->to - value->from == length + 2 && text[value->from] == '"' &&
	    strncmp(&text[value->from + 1], string, length) == 0;
}
