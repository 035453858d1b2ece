/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merge: differences that lie side by side become one.
 */
#ifndef SLUICE_MERGE_H
#define SLUICE_MERGE_H

#include "difference.h"

/* Sorts the differences and puts together those that differ in one axis, or in their functions. */
void differences_merge(struct differences *differences);

#endif
