/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits: a few changes of a policy's text, the text that they make, and the same as a patch of the
 * files that the text was put together from.
 */
#ifndef SLUICE_EDITS_H
#define SLUICE_EDITS_H

#include "diff.h"
#include "draft.h"

/* Put `text` in the place of `remove` bytes from `at` on. */
struct edit_of_text {
	size_t at;
	size_t remove;
	char *text;
};

enum { EDITS_MAX = 24 };

struct edits {
	const struct draft *draft;
	struct edit_of_text items[EDITS_MAX];
	size_t count;
	bool failed;         /* there were too many, or there is no place for one */
	const char *comment; /* to be put at the first of them, or NULL */
};

/* Put a text in the place of some bytes. */
void edits_add(struct edits *edits, size_t at, size_t remove, const char *text);

/* One more element at the end of a list; `text` is one line.  On a line of its own where the last
 * one has that. */
void edits_add_element(struct edits *edits, const struct outline *list, const char *text);

/* One more setting in a group: "rate = \"5/min\"", behind another one of it (NULL: the last). */
void edits_add_setting(struct edits *edits, const struct outline *group,
    const struct outline *behind, const char *text);

/* Take a setting out of its group. */
void edits_remove(struct edits *edits, const struct outline *setting);

void edits_done(struct edits *edits);

/* The whole text as it would be, newly allocated. */
char *edits_apply(const struct edits *edits);

/* Does it change a file that is included more than once? */
bool edits_are_mirrored(const struct edits *edits);

/*
 * The files that change.  0, or -errno: one can't be read; -ESTALE: one is not what it was when the
 * draft was read, or has no place of its own for the change.
 */
int edits_files(const struct edits *edits, struct changed_files *ret_files);

#endif
