/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trial: a change is made in a copy of the policy, and kept if it does what it should.
 */
#ifndef SLUICE_TRIAL_H
#define SLUICE_TRIAL_H

#include "amendment.h"

struct amend {
	const struct amend_question *question;
	struct amendments *found;
};

/* Begin a change of the draft. */
struct edits amend_begin(const struct amend *a);

/*
 * Keep a change if it allows what was asked for, loads, and takes nothing away.  `what` is taken.
 * `channel`: the only one that the change concerns, NULL: it may concern all.
 */
void amend_try(struct amend *a, struct edits *edits, const struct channel *channel, char *what);

/* Does the policy at hand allow it, as far as rules and channels say so? */
bool amend_is_needless(const struct amend_question *question);

void amendment_done(struct amendment *amendment);

#endif
