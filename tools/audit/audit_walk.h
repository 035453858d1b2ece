/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Audit walk: the lines of event files, one behind the other, as a chain.
 *
 * Prints nothing.  What the lines say is of no interest here, only their seals.
 */
#ifndef SLUICE_AUDIT_WALK_H
#define SLUICE_AUDIT_WALK_H

#include <stdio.h>

#include "chain.h"

/* What somebody says who knows where the chain ends. */
struct audit_end {
	bool known;
	struct chain_link link;
};

enum audit_answer { AUDIT_BROKEN = 0, AUDIT_WHOLE, AUDIT_UNKNOWN };

/* A file that is read. */
struct audit_file {
	const char *name;
	FILE *in;
	char *line; /* the next one */
	size_t size;
	ssize_t length;  /* of it; -1: there is none */
	bool piece;      /* it has no line feed: it is being written, or was cut off */
	uint64_t number; /* of the line in the file, from 1 */
	uint64_t sort;   /* number of its first line in the chain; 0: none has one */
	uint64_t first, last, lines;
};

struct audit_walk {
	const struct chain_key *key; /* NULL: none is known */
	struct audit_end end;
	struct chain_link link;  /* the last line */
	struct chain_link begin; /* the first one */
	uint64_t lines;          /* sealed ones */
	uint64_t unsealed;       /* lines in front of the first that was ever sealed */
	uint64_t without_key; /* sealed lines in front of the first with a key, if one is known */
	bool keyed;
	bool piece;       /* the last line is not written whole */
	bool end_seen;    /* the line that `end` names */
	const char *file; /* where it is broken, or could not be told */
	uint64_t line;    /* 0: the file as a whole */
	char found[256];
	char expected[256];
};

/*
 * Walk through files, which are put in the order of the chain.  Of a chain that is broken, or could
 * not be told of, file, line, found and expected say where the first such line is.
 */
enum audit_answer audit_walk(struct audit_walk *walk, struct audit_file *files, size_t file_count);

#endif
