/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fast desk: giving connections to the recogniser and taking them back.
 *
 * Works on memory that the kernel and other processes have mapped, by atomic exchange of the owner
 * alone; waits for nobody but for a recogniser that is at work on a packet at this moment.
 */
#ifndef SLUICE_FAST_DESK_H
#define SLUICE_FAST_DESK_H

#include <stdbool.h>

#include "fast.h"

struct fast_desk {
	struct fast_flow *flows;             /* shared: config.flow_mask + 1 */
	const struct fast_channel *channels; /* config.channel_count */
	struct fast_config config;
	uint32_t number; /* of whoever gives and takes, and of its successors */
};

/*
 * A place for the connection, owned by who asks: the one that it has already, or a free one; NULL:
 * all that it could have are taken.
 */
struct fast_flow *fast_desk_claim(const struct fast_desk *desk, const struct fast_key *key);

/* What is written in it holds, and the recogniser may go on from there. */
void fast_desk_give(struct fast_flow *flow);

/*
 * It is the engine's again, whoever had it.  False: a recogniser did not finish its packet, and
 * what stands there can't be relied on.
 */
bool fast_desk_take(struct fast_flow *flow);

/* Is it a place that this desk, or one before it of the same number, has claimed? */
bool fast_desk_owns(const struct fast_desk *desk, const struct fast_flow *flow);

/* Nobody needs the place any more; it is the engine's. */
void fast_desk_leave(struct fast_flow *flow);

/* All that any engine has given away is taken back, and forgotten; nobody gives meanwhile. */
void fast_desk_clear(const struct fast_desk *desk);

#endif
