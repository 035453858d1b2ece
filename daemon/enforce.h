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

/*
 * At a boot it is the last good one, or, if there is none that can be used, that of the file.  0 or
 * -errno.
 */
int enforce_load_kept(struct supervisor *supervisor);

/* Put it in force for the first time. 0 or -errno. */
int enforce_begin(struct supervisor *supervisor);

/*
 * Load the policy file anew and put it in force, by an order of `who`.  0, or -errno: then nothing
 * has changed; -EBUSY: a change waits for its confirmation.
 */
int enforce_reload(struct supervisor *supervisor, const char *who);

/* Keep the policy in force as the last good one. 0 or -errno, which was told. */
int enforce_keep(struct supervisor *supervisor);

/* The hash of what the policy file says now; "" if it can't be loaded. */
void enforce_file_hash(const struct supervisor *supervisor, char ret_hash[65]);

/*
 * Load a policy from its text, `name` being the file in messages, with what is isolated cut.  Its
 * warnings are told on standard error if `tell`.  Errors are in *failure, which is to be given to
 * failure_done().  Nothing is in force yet.  0, or -EINVAL or another -errno.
 */
int enforce_load_text(struct supervisor *supervisor, const char *text, const char *name, bool tell,
    struct failure *failure, struct loaded **ret_loaded);

/*
 * Put a loaded policy in force in the place of the one that is, whose memory is freed unless
 * `ret_old` takes it.  0, or -errno and *failure: then nothing has changed, and `loaded` is the
 * caller's.
 */
int enforce_replace(struct supervisor *supervisor, struct loaded *loaded, struct failure *failure,
    struct loaded **ret_old);

/* Is what the file says now something else than what is in force, or nothing at all? */
bool enforce_differs(struct supervisor *supervisor);

#endif
