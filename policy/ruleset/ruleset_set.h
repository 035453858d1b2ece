/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset set: growing, sorting and dividing one set.  Only for the files that make a ruleset.
 */
#ifndef SLUICE_RULESET_SET_H
#define SLUICE_RULESET_SET_H

#include "ruleset_ir.h"

/* Add an element with all fields zero; NULL when memory is out or the set is full (errno says
 * which). */
struct ruleset_element *ruleset_set_add(struct ruleset_set *set);

/* Write one field of a key; `offset` moves on behind it and its padding. */
void ruleset_key_put(uint8_t *key, size_t *offset, const void *bytes, size_t size);

/* Sort by key and keep the first of equal keys.  Nothing is added to the set afterwards. */
void ruleset_set_sort(struct ruleset_set *set);

/*
 * Make the intervals of a set disjoint: what an earlier element covers is cut out of the later
 * ones. Returns 0, -ENOMEM or -E2BIG.
 */
int ruleset_set_divide(struct ruleset_set *set);

#endif
