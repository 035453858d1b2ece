/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rule reader: one rule while it is read, shared by load_rules.c, load_values.c and load_words.c.
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

/* load_words.c: the word of a value, and the part of which a value is a limit, whose range is then
 * at *ret_rest; NULL if it is none. */
const struct value_word *load_find_word(const struct dissector *d, const char *text);
const struct part *load_find_part(
    const struct dissector *d, const char *text, const char **ret_rest);

/* Do functions of the rule write what this row says? */
bool load_writes_touch(
    const struct rule *rule, const struct dissector *d, const struct touchable *touch);

/* Words and parts that mean nothing, or something else, where the rule has them. */
void load_words_finish(struct loader *l, const struct rule_reader *reader);

/* Once all keys were read: what only the whole rule shows. */
void load_values_finish(struct loader *l, struct rule_reader *reader);

#endif
