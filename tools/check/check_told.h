/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Told: what was said of one gateway's part of a file is not said again of the next one's. */
#ifndef SLUICE_CHECK_TOLD_H
#define SLUICE_CHECK_TOLD_H

#include "diagnostics.h"

struct check_told {
	char **lines;
	size_t count;
};

/*
 * Those of *diagnostics that were not told before, in *ret_fresh, which shares all but its items
 * with them; they are told from now on.  Returns 0 or -ENOMEM; ret_fresh->items is to be freed.
 */
int check_told_take(
    struct check_told *told, const struct diagnostics *diagnostics, struct diagnostics *ret_fresh);

void check_told_done(struct check_told *told);

#endif
