/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces: parts of a message as a rule writes them.
 *
 * Texts are newly allocated; memory that is out ends the program.
 */
#ifndef SLUICE_PIECES_H
#define SLUICE_PIECES_H

#include "decide.h"

/* Points first..last of a span of the message. */
struct piece {
	const struct span *span;
	uint32_t first;
	uint32_t last;
};

enum { PIECES_MAX = 64 };

struct pieces {
	struct piece items[PIECES_MAX];
	size_t count;
	bool too_many;
};

/* All points of the message; those that are written; those that no rule of the channel contains. */
void pieces_whole(const struct message *m, struct pieces *ret_pieces);
void pieces_written(const struct pieces *pieces, struct pieces *ret_pieces);
void pieces_missing(
    const struct channel *channel, const struct message *m, struct pieces *ret_pieces);

/*
 * The values that the message writes to the pieces as a policy writes them, without brackets:
 * "\"7\", \"9-11\"".  Those within what `rule` permits are left out (NULL: none are).  NULL if they
 * can't be told, "" if there are none.
 */
char *pieces_values(const struct message *m, const struct pieces *pieces,
    const struct element_type *type, const struct rule *rule);

/* Points as a policy writes them, those within the rule left out (NULL: none are). */
char *pieces_points(const struct message *m, const struct pieces *pieces, const struct rule *rule);

/* The rule that allows the message at these pieces and nothing else; NULL if it can't be written
 * so. */
char *rule_of_message(const struct message *m, const struct pieces *pieces, bool values,
    const struct element_type *type);

/* The unit as a policy writes it, NULL if none can be named. */
char *unit_of_message(const struct message *m);

#endif
