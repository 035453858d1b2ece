/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decide: may this message pass?
 *
 * The innermost question, about one message on one channel.  Order of rules does not matter.  A
 * message passes when every point it touches is contained in what the rules that match its function
 * and unit allow taken together, every written value lies within the limits of a rule that contains
 * its point, and no rate is used up.  Responses are not asked about here: they must answer a
 * request (engine.c).
 */
#ifndef SLUICE_DECIDE_H
#define SLUICE_DECIDE_H

#include <stdatomic.h>

#include "model.h"

enum verdict { VERDICT_DENY = 0, VERDICT_ALLOW };

/* State of one rate: the theoretical arrival time of the generic cell rate algorithm, shared by
 * inspectors. */
struct rate_state {
	_Atomic uint64_t arrival_ns;
};

struct decision {
	enum verdict verdict;
	enum reason reason;
	const struct rule *rule; /* allowed by (the first that was needed); NULL if denied */
	const struct span *span; /* the span that was refused, or NULL */
	uint32_t point;          /* first refused index of it */
};

/*
 * Judge a request (or an unsolicited message).  With `complete` false the message is a prefix:
 * fields not yet known are not held against it and no rate is used.  `rates` is indexed by
 * rate.slot.
 */
void decide(const struct channel *channel, const struct message *message, bool complete,
    uint64_t now_ns, struct rate_state *rates, struct decision *ret_decision);

/* The same for a complete message that must come again whatever the rules say: uses no rate up. */
void decide_waiting(const struct channel *channel, const struct message *message, uint64_t now_ns,
    struct rate_state *rates, struct decision *ret_decision);

/* Does a rule name this function for this unit? */
bool rule_matches(const struct rule *rule, const struct message *message);

/*
 * The rule that comes nearest to allowing a denied message (same function, then unit, then fewest
 * refused points), or NULL if the channel has none that helps; for people, not for decisions.
 */
const struct rule *decide_nearest(const struct channel *channel, const struct message *message);

#endif
