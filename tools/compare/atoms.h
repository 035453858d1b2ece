/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atoms: the smallest pieces of what a function touches that rules tell apart.
 */
#ifndef SLUICE_ATOMS_H
#define SLUICE_ATOMS_H

#include <stddef.h>

#include "example.h"
#include "interval.h"

struct rule_list {
	const struct rule **items;
	size_t count;
};

/* Points and values for which every rule says the same, and one of them. */
struct atom {
	struct example_point point;
	struct interval block;
	struct interval index;
	struct interval value; /* if valued */
	struct interval parts[PARTS_MAX];
	bool mixed;  /* only to be told: see CHANGE_MIXED */
	bool untold; /* limits speak of a value that the message does not tell */
	bool valued;
	uint32_t parts_valued; /* bit i: part i of the dissector */
};

struct atoms {
	struct atom *items;
	size_t count;
	size_t room;
};

/*
 * The atoms of a touch, told apart by the rules `speaking`; only those that lie within points of
 * the rules `within` (NULL: all).  Memory that is out ends the program.
 */
void atoms_find(const struct dissector *d, const struct touchable *touch,
    const struct rule_list *speaking, const struct rule_list *within, struct atoms *ret_atoms);
void atoms_done(struct atoms *atoms);

#endif
