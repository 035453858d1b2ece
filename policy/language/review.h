/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Review: what the assessor of IEC 62443-3-2 asks of a policy that loads without errors.
 *
 * Looks further than the warnings that every load gives: at rules that are not needed, at what is
 * permitted without a limit, at days that have passed.  Knows no clock and no machine; both are
 * told to it.
 */
#ifndef SLUICE_REVIEW_H
#define SLUICE_REVIEW_H

#include "diagnostics.h"
#include "model.h"

/*
 * Add findings on the day `today` (YYYY-MM-DD), mark what the policy accepts, and sort.  To be
 * called once, last of all.  Returns 0 or -ENOMEM.
 */
int review_policy(const struct policy *policy, const char *today, struct diagnostics *diagnostics);

/* The same for the interfaces of a machine: those in no zone, and those that it lacks. */
int review_interfaces(const struct policy *policy, const char *const *names, size_t name_count,
    struct diagnostics *diagnostics);

/* What was seen of a policy's channels and rules: counts of messages and connections. */
struct review_seen {
	uint64_t *channels; /* by index of the channel */
	uint64_t **rules;   /* of each channel, by index of the rule */
};

/* The same for what was never seen.  Returns 0 or -ENOMEM. */
int review_seen(
    const struct policy *policy, const struct review_seen *seen, struct diagnostics *diagnostics);

/* Is a finding accepted on this day? */
bool review_is_accepted(const struct diagnostic *diagnostic, const char *today);

#endif
