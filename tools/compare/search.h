/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Search: for all differences of two channels.
 *
 * The messages of a protocol are divided where a rule of either channel begins or ends: by
 * function, unit, block, index and value.  Within such a cell decide() gives the same answer for
 * every message, so one of each cell is asked about, and cells that lie side by side are put
 * together again.  A message of several points passes when each of them may, so cells of one point
 * tell all of it; only where limits of different types meet in the same memory the cells are those
 * of each type alone (struct differences, `mixed`).
 */
#ifndef SLUICE_SEARCH_H
#define SLUICE_SEARCH_H

#include "difference.h"

/* Channels of the same dissector.  Memory that is out ends the program. */
void differences_find(
    const struct channel *old, const struct channel *new, struct differences *ret_differences);
void differences_done(struct differences *differences);

#endif
