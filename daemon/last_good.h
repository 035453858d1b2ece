/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Last good: a copy of the policy that was put in force last, to start from when its file can't be
 * loaded.
 *
 * The canonical text, with all that the file included, and the policy's hash, which is compared
 * when it is read.  Knows nothing of the kernel and of inspectors.
 */
#ifndef SLUICE_LAST_GOOD_H
#define SLUICE_LAST_GOOD_H

#include "loaded.h"

#define LAST_GOOD_DIRECTORY "/var/lib/sluice"

/*
 * Keep a policy in `directory`, which is made if it is not there.  The copy that was there is
 * replaced at once and as a whole, and what is there survives a power failure.  0 or -errno.
 */
int last_good_save(const char *directory, const struct policy *policy);

/*
 * Load the copy; diagnostics as loaded_new().  Returns 0 and *ret_loaded; -ENOENT if there is none;
 * -EBADMSG if it is not what was kept; another -errno of loaded_new().
 */
int last_good_load(const char *directory, uint8_t generation, loaded_teller *teller, void *context,
    struct loaded **ret_loaded);

#endif
