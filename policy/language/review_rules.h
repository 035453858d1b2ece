/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Review, rules: does one rule allow all that another one does?
 */
#ifndef SLUICE_REVIEW_RULES_H
#define SLUICE_REVIEW_RULES_H

#include "model.h"

/* Of the same channel.  False where it is not sure. */
bool review_rule_contains(const struct rule *outer, const struct rule *inner);

#endif
