/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: the requests of a flow that wait for their responses, and those that nobody waits
 * for any more but that may still be answered.
 *
 * The late ones stand in front of those that wait, each the oldest first.
 */
#ifndef SLUICE_ENGINE_OUTSTANDING_H
#define SLUICE_ENGINE_OUTSTANDING_H

#include "engine_pass.h"

enum {
	/* A request that got no answer for so long makes room for another one. */
	OUTSTANDING_AGE_S = 1,
	/* The first of a connection picked up in its middle, before which no other may pass. */
	PROOF_AGE_S = 10,
	/* Late ones that are remembered. */
	OUTSTANDING_LATE_MAX = 8,
};

/* The request waits from now on; false if as many wait as the channel permits. */
bool outstanding_add(struct pass *pass, const struct message *message);

/* May it, or would it be one too many? */
bool outstanding_has_room(struct pass *pass, const struct message *message);

/* May the segment with a request that was one too many come again when there have been answers? */
bool outstanding_may_come_again(struct pass *pass);

/* The same for a request that was refused in its own protocol; `silent`: nobody waits for it. */
bool outstanding_add_refused(struct pass *pass, const struct message *message, bool silent);

/* Does a refused request wait for its answer, and not for longer than the channel's pause? */
bool outstanding_has_refused(const struct pass *pass);

/* The bits of a token in which a response must agree with its request. */
uint64_t outstanding_bits(const struct channel *channel);

/* The same for one that has passed whatever is permitted: the oldest makes room. */
void outstanding_force(struct pass *pass, const struct message *message);

/* Nobody waits for any request any more, but each may be answered yet. */
void outstanding_retire_all(struct pass *pass);

/*
 * Find and settle the request that a response answers (pass->answered: one that was refused):
 * REASON_RESPONSE, or REASON_RESPONSE_MISMATCH
 * if it names one that waits and contradicts it, or REASON_RESPONSE_UNMATCHED.
 */
enum reason outstanding_settle(struct pass *pass, const struct message *message);

#endif
