/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset compare: which chains, counters and elements of sets one ruleset has and another has not.
 *
 * Marks are numbers that each ruleset gives anew: sets that are keyed by them are left out, and of
 * maps to them only the keys are compared.
 */
#ifndef SLUICE_RULESET_COMPARE_H
#define SLUICE_RULESET_COMPARE_H

#include <stddef.h>

#include "ruleset.h"

/* Something of a kind ("chain", "counter", "set") that differs: how many are new, and gone. */
typedef void ruleset_difference(
    void *context, const char *kind, const char *name, size_t added, size_t removed);

void ruleset_compare(const struct ruleset *before, const struct ruleset *after,
    ruleset_difference *callback, void *context);

#endif
