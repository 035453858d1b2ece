/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watch: the counters of the channels, for a guard over a change that waits for its confirmation.
 */
#ifndef SLUICE_WATCH_H
#define SLUICE_WATCH_H

#include "state.h"

/* To be called about once a second, and behind every change: whose policy the counters are of. */
void watch_tick(struct supervisor *supervisor);

/*
 * A change from `before` is about to come, and is guarded from `seconds` after it on.  0 or
 * -ENOMEM. Before the change: what it carried is asked now.
 */
int watch_begin(struct supervisor *supervisor, unsigned seconds);

/* The name of a conduit that only denies since, or NULL. */
const char *watch_judge(struct supervisor *supervisor);

/* No guard any more. */
void watch_end(struct supervisor *supervisor);

/* Give all memory back. */
void watch_done(struct change *change);

#endif
