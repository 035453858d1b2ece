/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outline: where in a policy's text each setting stands, so that one can be changed and everything
 * around it kept.
 *
 * Reads texts that policy_load() has taken; says nothing of what they mean.
 */
#ifndef SLUICE_OUTLINE_H
#define SLUICE_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

enum outline_kind {
	OUTLINE_GROUP = 0, /* { } */
	OUTLINE_LIST,      /* ( ) or [ ] */
	OUTLINE_VALUE,     /* a string, number or word; strings side by side are one */
};

/* A setting, or an element of a list. */
struct outline {
	enum outline_kind kind;
	size_t name; /* place of its name; of its value in a list */
	size_t name_length;
	size_t from; /* its value, brackets included: from `from` to before `to` */
	size_t to;
	size_t end; /* behind the sign that ends it, or `to` where there is none */
	struct outline *children;
	size_t count;
};

/* The whole text as a group without brackets; NULL if it can't be read.  Memory that is out ends
 * the program. */
struct outline *outline_read(const char *text);
void outline_free(struct outline *outline);

/* The setting of a name in a group, NULL if there is none. */
const struct outline *outline_find(const struct outline *group, const char *text, const char *name);

/* Is the string value just this, with nothing escaped? */
bool outline_is_string(const struct outline *value, const char *text, const char *string);

/* Does a line comment put in front of the byte at `at` begin a comment, and change nothing else?
 * Not within strings and comments. */
bool outline_is_open(const char *text, size_t at);

/* Behind blanks, line ends and comments. */
size_t outline_skip(const char *text, size_t at);

#endif
