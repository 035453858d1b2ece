/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rates: what was used up under one policy stays used up under the next.
 */
#ifndef SLUICE_RATES_H
#define SLUICE_RATES_H

#include "decide.h"

/*
 * Fill the rates of a policy with those of the one before it, for each rule that was there before:
 * the same rule of a channel of the same name.  Those of other rules stay as they are.
 */
void rates_inherit(const struct policy *policy, struct rate_state *rates,
    const struct policy *before, const struct rate_state *rates_before);

/* Do two rules, perhaps of two policies, say the same?  Their places and names of functions aside.
 */
bool rates_same_rule(const struct rule *a, const struct rule *b);

#endif
