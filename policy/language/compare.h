/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compare: in what two policies differ, by the names of zones, conduits and channels, and rule by
 * rule as they are printed.
 */
#ifndef SLUICE_COMPARE_H
#define SLUICE_COMPARE_H

#include "model.h"

enum difference_what {
	DIFFERENCE_ZONE = 0,
	DIFFERENCE_CONDUIT, /* what it says beside its channels */
	DIFFERENCE_CHANNEL, /* what it says beside its rules */
	DIFFERENCE_RULE,
};

enum difference_how { DIFFERENCE_ADDED = 0, DIFFERENCE_REMOVED, DIFFERENCE_CHANGED };

struct difference {
	enum difference_what what;
	enum difference_how how;
	const char *name;    /* of the zone or conduit */
	const char *channel; /* or NULL */
	const char *rule;    /* its text, or NULL */
};

typedef void policy_difference(void *context, const struct difference *difference);

/* Tell each difference; a rule that changes is one that is removed and one that is added.  0 or
 * -ENOMEM. */
int policy_compare(const struct policy *before, const struct policy *after,
    policy_difference *callback, void *context);

/* The channel of `policy` that has the names of this one, or NULL. */
const struct channel *policy_find_same_channel(
    const struct policy *policy, const struct channel *channel);

/* Do two channels have the same rules? */
bool policy_same_rules(const struct channel *a, const struct channel *b);

#endif
