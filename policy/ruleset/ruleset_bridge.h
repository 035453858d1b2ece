/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset bridge: the table of bridged frames, `bridge sluice`.  Its rules are in
 * ruleset_bridge_rules.c, and what they are for; here is what a policy's zones become for them.
 */
#ifndef SLUICE_RULESET_BRIDGE_H
#define SLUICE_RULESET_BRIDGE_H

#include "model.h"
#include "ruleset_ir.h"

/* Add the names of the policy's bridges to a set of interfaces. 0, -ENOMEM or -E2BIG. */
int ruleset_bridge_names(struct ruleset_set *set, const struct policy *policy);

/*
 * Fill a ruleset that is all zero for a policy that is bridged, with the options and the mask of
 * the ruleset that it is to stand beside.  Returns 0, -ENOMEM or -E2BIG; what is filled is the
 * caller's to free, then too.
 */
int ruleset_bridge_make(
    struct ruleset *bridge, const struct policy *policy, const struct ruleset *beside);

#endif
