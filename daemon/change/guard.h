/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guard: does a new policy stop what worked under the one before?
 *
 * A conduit that carried permitted traffic, and since the change only denies, is what nobody
 * wanted.  One that is silent since says nothing, and one that lets something pass is well.  What
 * the kernel drops because no channel names it any more counts as a denial of the conduit that
 * would have permitted it.  A pure module: counters and dropped packets come in, an answer out.
 */
#ifndef SLUICE_GUARD_H
#define SLUICE_GUARD_H

#include "compiled.h"
#include "event.h"

/* Of one channel, since its policy is in force. */
struct traffic {
	uint64_t permitted; /* messages, or packets where nothing is inspected */
	uint64_t denied;
	uint64_t refused; /* messages that go with the denials; not part of what was permitted */
};

struct guard;

/*
 * Watch over what `before` carried: its policy must outlive the guard; `traffic` is by channel.
 * NULL: memory is out.
 */
struct guard *guard_new(const struct compiled *before, const struct traffic *traffic);
void guard_free(struct guard *guard);

/* A packet was dropped, or a message denied. */
void guard_see(struct guard *guard, const struct event *event);

/*
 * The name of a conduit that carried traffic before and only denies under `now`, or NULL.
 * `traffic` is by channel of `now`, since it is in force.  Isolated conduits are left out.
 */
const char *guard_judge(
    const struct guard *guard, const struct policy *now, const struct traffic *traffic);

#endif
