/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset sets: what a policy says, as elements of sets and maps.
 */
#ifndef SLUICE_RULESET_SETS_H
#define SLUICE_RULESET_SETS_H

#include "model.h"
#include "ruleset_ir.h"

/* Fill ruleset->sets from a policy. Returns 0, -ENOMEM or -E2BIG. */
int ruleset_make_sets(struct ruleset *ruleset, const struct policy *policy);

#endif
