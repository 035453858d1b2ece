/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ledger: where the chain of events goes on.
 *
 * The number and the hash of the last line that was written whole are kept in a file of the state
 * directory; a start finds them there, or in the last line of the event file itself, whichever is
 * further.  Writes no events.
 */
#ifndef SLUICE_LEDGER_H
#define SLUICE_LEDGER_H

#include "chain.h"

struct ledger {
	struct chain_link last; /* line that was sealed */
	struct chain_link kept; /* as the state file has it */
	struct chain_key key;
	int state;        /* file, -1: none */
	int error;        /* errno of the state file, or 0 */
	uint64_t missing; /* lines at the end of the event file that were written before and are
			     not there, found by ledger_join() */
};

/*
 * Take up what `directory` (made if it is not there; NULL: none) keeps, with the key in the file
 * `key` (NULL: none).  0; -errno of the key: then nothing must be sealed.  A state that can't be
 * kept is ledger->error.
 */
int ledger_open(struct ledger *ledger, const char *directory, const char *key);

void ledger_close(struct ledger *ledger);

/*
 * Go on behind the last line of the event file, if it is further; of the one before it ("PATH.1"),
 * if it has none, as a file has that was begun just before the state was lost.  A piece of a line
 * at its end, which a loss of power leaves, is cut off; returns the bytes of it.
 */
size_t ledger_join(struct ledger *ledger, const char *path);

/* The line was written. Cheap; not on the disk at once. */
void ledger_keep(struct ledger *ledger, const struct chain_link *written);

#endif
