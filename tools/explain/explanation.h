/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanation: everything that there is to say about one message and what was decided about it.
 *
 * Filled by `sluice explain` from what the engine (or, for a message without a connection, the
 * dissector and decide()) said; printed for people or as JSON.  Decides nothing.
 */
#ifndef SLUICE_EXPLANATION_H
#define SLUICE_EXPLANATION_H

#include <jansson.h>

#include "decide.h"
#include "event.h"
#include "words.h"

struct changes;

struct explanation {
	struct changes *changes; /* by which what would allow it is found, NULL: it is not wanted */
	const struct channel *channel;
	enum direction direction;
	const uint8_t *bytes; /* from the beginning of the message */
	size_t length;        /* bytes that are shown: those of the message that are here */
	struct trace trace;
	struct message message;
	enum dissect_result result;
	enum reason malformed; /* why, if the result is DISSECT_MALFORMED */
	bool known;            /* verdict and reason mean something */
	bool would_deny;       /* monitor mode let pass what the rules deny */
	enum verdict verdict;
	enum reason reason;
	const struct rule *rule;       /* that allows it, or NULL */
	const struct context *context; /* with which it was taken apart */
	bool waits;                    /* a response, and it is known which requests wait: */
	uint32_t waiting_count;        /* these */
	uint32_t waiting_total;        /* and as many altogether */
	struct event_waiting waiting[EVENT_WAITING_MAX];
};

/* Take the bytes apart; *ret_length bytes belong to the first message of them. */
void explanation_dissect(struct explanation *explanation, const uint8_t *bytes, size_t length,
    const struct context *context, uint32_t *ret_length);

/* Was the message held against the rules of the channel and found wanting? */
bool explanation_is_policy_denial(const struct explanation *explanation);

/* One part of a rule, held against the message. */
struct part_check {
	char *says;  /* "holding:40-42"; NULL: no limit */
	bool holds;  /* the message is within it */
	char *needs; /* what would have to be changed in it, in policy words; NULL if it holds */
};

/* Hold a message against each part of a rule; to be given to explanation_checks_done(). */
void explanation_check(const struct explanation *explanation, const struct rule *rule,
    struct part_check ret_checks[RULE_PART_COUNT]);
void explanation_checks_done(struct part_check checks[RULE_PART_COUNT]);

/* The narrowest rule that allows just this message, as a policy writes it; NULL if none can. */
char *explanation_smallest_rule(const struct explanation *explanation);

/* For people, in 80 columns; and for programs. */
void explanation_print(const struct explanation *explanation);
json_t *explanation_json(const struct explanation *explanation);

#endif
