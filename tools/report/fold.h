/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fold: a policy of very many zones as one that can be drawn: zones of one class and security level
 * target stand for each other, and so do the conduits between them.
 */
#ifndef SLUICE_FOLD_H
#define SLUICE_FOLD_H

#include "model.h"

enum { FOLD_ABOVE = 48 /* zones; as many are drawn one by one */ };

/*
 * A policy for draw_policy() and nothing else, in *ret_policy, which fold_free() gives back; it
 * points into the first one.  Returns 0 or -ENOMEM.
 */
int fold_policy(const struct policy *policy, struct policy **ret_policy);
void fold_free(struct policy *policy);

#endif
