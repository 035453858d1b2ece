/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compare by captures: messages and packets on which two policies do not agree.
 *
 * Both judge every message as in monitor mode, so that a denial under one of them does not hide
 * what comes behind it.
 */
#ifndef SLUICE_COMPARE_CAPTURES_H
#define SLUICE_COMPARE_CAPTURES_H

#include "difference.h"

enum { VERDICT_TEXT_MAX = 200 };

/* Messages that are alike: same channel, rule and reason under both. */
struct capture_change {
	enum change change;
	char why[SIDE_COUNT][VERDICT_TEXT_MAX]; /* "cell/poll rule 2", "cell/poll unit-denied" */
	char *example;                          /* the first of them, as `replay` prints it */
	const char *file;
	uint64_t frame; /* of the first */
	uint64_t count;
};

struct capture_changes {
	struct capture_change *items;
	size_t count;
	uint64_t frames;
	uint64_t messages; /* judged by both */
};

/*
 * Read the captures, `decap` as capture_decap() has it.  The policies' conduits are in monitor mode
 * afterwards.  Returns 0, or -errno after an error was told: what was read before it counts.
 */
int compare_captures(struct policy *policies[SIDE_COUNT], char **files, size_t file_count,
    bool decap, struct capture_changes *ret_changes);
void compare_captures_done(struct capture_changes *changes);

#endif
