/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * History: the policies that were put in force, with who did it, when, how and why.
 *
 * Files of the state directory, numbered from 1 on, in which the policy's text stands behind a line
 * that says the rest.  Bounded: HISTORY_MAX of them, and HISTORY_BYTES_MAX altogether; the oldest
 * go first, the newest two never.
 */
#ifndef SLUICE_HISTORY_H
#define SLUICE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HISTORY_MAX = 50,
	HISTORY_BYTES_MAX = 64 << 20,
	HISTORY_WORD_MAX = 16,
	HISTORY_TEXT_MAX = 512, /* of who, why and file */
};

struct history_entry {
	unsigned number;
	uint64_t at_ns;             /* wall clock, whatever that was worth */
	char how[HISTORY_WORD_MAX]; /* start, reload, apply, rollback, back */
	char who[HISTORY_TEXT_MAX];
	char why[HISTORY_TEXT_MAX];
	char file[HISTORY_TEXT_MAX]; /* as it was named */
	char hash[65];               /* of the policy */
	bool damaged;                /* the file is not what was written: only the number holds */
};

/* Texts of an entry, cut to their room. */
void history_entry_init(struct history_entry *ret_entry, const char *how, const char *who,
    const char *why, const char *file, const char *hash);

/* Keep a policy: entry->number becomes its number.  0 or -errno: then nothing was kept. */
int history_add(const char *state, struct history_entry *entry, const char *text);

/* Forget one again: what it tells of did not come about. */
void history_drop(const char *state, unsigned number);

/* All of them, the newest first, newly allocated. 0, also if there is none, or -errno. */
int history_list(const char *state, struct history_entry **ret_entries, size_t *ret_count);

/* One of them with its text, newly allocated. -ENOENT, -EBADMSG (damaged) or another -errno. */
int history_read(
    const char *state, unsigned number, struct history_entry *ret_entry, char **ret_text);

#endif
