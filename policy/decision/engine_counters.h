/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine counters: which channel and conduit the numbers in an arena are of, when a policy follows
 * another.
 */
#ifndef SLUICE_ENGINE_COUNTERS_H
#define SLUICE_ENGINE_COUNTERS_H

#include "model.h"

/*
 * What was counted goes with the names of channels and conduits, to the places that they have in
 * the new policy; what it no longer has is forgotten.  Nobody may judge by this arena meanwhile.
 * 0, or -ENOMEM and nothing has changed.
 */
int engine_counters_follow(void *arena, const struct policy *before, const struct policy *policy);

#endif
