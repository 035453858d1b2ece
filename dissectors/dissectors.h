/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dissectors: the protocols that there are.  The list is in dissectors.c and nowhere else.
 */
#ifndef SLUICE_DISSECTORS_H
#define SLUICE_DISSECTORS_H

#include "dissector.h"

/* All dissectors, ended by NULL. */
extern const struct dissector *const dissectors[];

/* The dissector of a policy word, NULL if there is none. */
const struct dissector *dissector_find(const char *name);

#endif
