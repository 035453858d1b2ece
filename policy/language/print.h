/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Print: a policy as text.  The way back from load.h, of which it knows nothing.
 */
#ifndef SLUICE_PRINT_H
#define SLUICE_PRINT_H

#include "model.h"

/*
 * The policy as canonical text: loads to the same policy, prints to itself.  Newly allocated; NULL
 * when memory is out.
 */
char *policy_print(const struct policy *policy);

/* Parts of it, as they stand in it; a rule in one line.  The same otherwise. */
char *policy_print_zone(const struct zone *zone);
char *policy_print_channel(const struct channel *channel);
char *policy_print_rule(const struct channel *channel, const struct rule *rule);

#endif
