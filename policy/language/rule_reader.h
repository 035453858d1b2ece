/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rule reader: one rule while it is read, shared by load_rules.c and load_values.c.
 */
#ifndef SLUICE_RULE_READER_H
#define SLUICE_RULE_READER_H

#include "loader.h"

struct rule_reader {
	struct rule *rule;
	const struct dissector *dissector; /* NULL: not known, which was told */
	bool functions_wrong;              /* already told: no second error about the same */
	const struct node *type;           /* NULL: not there; so are values */
	const struct node *values;
	struct location values_where;
	struct location points_where;
};

/* load_values.c: the keys "type" and "values"; `reader` is a struct rule_reader. */
void load_type(struct loader *l, const struct node *node, void *reader);
void load_values(struct loader *l, const struct node *node, void *reader);

/* Do points hold whole elements of the rule's type, if it has one?  Reports if not. */
void load_type_fits(struct loader *l, const struct rule_reader *reader, const struct node *node,
    const struct point_range *range);

/* Points a and b touch or overlap, b begins behind a: do elements of both begin alike? */
void load_type_joins(struct loader *l, const struct rule_reader *reader,
    const struct point_range *a, const struct point_range *b);

/* Once all keys were read: what only the whole rule shows. */
void load_values_finish(struct loader *l, struct rule_reader *reader);

#endif
