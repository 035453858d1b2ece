/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amendment: what was denied, and a change of the policy that would allow it.
 */
#ifndef SLUICE_AMENDMENT_H
#define SLUICE_AMENDMENT_H

#include "comparison.h"
#include "edits.h"

/* What was denied.  What is not known is zero. */
struct amend_question {
	const struct policy *policy;
	const struct draft *draft; /* the text that the policy was loaded from */
	enum reason reason;
	const struct channel *channel; /* NULL: none has to do with it */
	const struct message *message; /* NULL: none was read */
	bool complete;                 /* all of the message is known */
	bool has_connection;           /* these are known: */
	enum family family;
	struct address client;
	struct address server;
	uint16_t port; /* of the server */
	uint8_t transport;
	const char *interface;             /* by which it came in, or NULL */
	const struct dissector *dissector; /* what it speaks, or NULL */
	const char *comment;               /* to be put beside the change, or NULL */
};

/* One change that would allow it. */
struct amendment {
	char *what; /* "rule 2 of cell/hmi: points with \"holding:50\"" */
	struct changed_files files;
	char *patch;
	char *permits;         /* what else it would permit, in one sentence */
	bool alone;            /* it permits nothing else */
	double weight;         /* how much it permits: only to be compared with that of others */
	struct policy *policy; /* with the change */
	struct comparison comparison;    /* of the two policies, or of the channel that changes */
	struct policy sides[SIDE_COUNT]; /* what the comparison was made of */
	struct channel *channels[SIDE_COUNT];
};

enum { AMENDMENTS_MAX = 64 };

struct amendments {
	struct amendment items[AMENDMENTS_MAX]; /* the least first */
	size_t count;
	const char *why; /* why there is none, and what helps; NULL if there are some */
};

#endif
