/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enforce: a policy from its file, or from the last good copy, to inspectors and kernel.
 *
 * Order matters.  At the start, and with every new policy, the inspectors come first and the
 * kernel's table last: a queue that the table names is always attended, and a channel that the
 * table permits is always known to its inspector.  Every failure is told on standard error and kept
 * in supervisor->failure.
 */
#ifndef SLUICE_ENFORCE_H
#define SLUICE_ENFORCE_H

#include "state.h"

/*
 * Load the policy that the daemon starts with: that of the file, or, if it can't be loaded, the
 * last good one.  0 or -errno of the file: then there is neither.
 */
int enforce_load(struct supervisor *supervisor);

/* Put it in force for the first time. 0 or -errno. */
int enforce_begin(struct supervisor *supervisor);

/* Load the policy file anew and put it in force. 0, or -errno: then nothing has changed. */
int enforce_reload(struct supervisor *supervisor);

/* Is what the file says now something else than what is in force, or nothing at all? */
bool enforce_differs(struct supervisor *supervisor);

/* Forget what has failed. */
void failure_done(struct failure *failure);

#endif
