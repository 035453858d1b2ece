/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names: what may be one, and which known one somebody meant.
 */
#ifndef SLUICE_NAMES_H
#define SLUICE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Longest name of a zone, asset, conduit or channel: "conduit/channel" stays within 127 bytes. */
enum { NAME_MAX_LENGTH = 63 };

/* A letter, then letters, digits, "-" and "_", at most NAME_MAX_LENGTH of them. */
bool name_valid(const char *name);

/*
 * How many letters must be inserted, left out, replaced or swapped with their neighbour to turn one
 * word into the other; upper and lower case count as equal.  More than `limit` is told as limit
 * + 1.
 */
size_t names_distance(const char *a, const char *b, size_t limit);

/* Search for the known name nearest to a wrong one: init, offer each candidate, take. */
struct nearest {
	const char *wanted;
	const char *best;
	size_t distance; /* of the best; at first one more than is near enough */
};

void nearest_init(struct nearest *nearest, const char *wanted);
void nearest_offer(struct nearest *nearest, const char *candidate);

/* The first of the nearest candidates, NULL if none is near enough to be what was meant. */
const char *nearest_take(const struct nearest *nearest);

#endif
