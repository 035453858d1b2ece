/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset options: what a ruleset depends on beside the policy, and the marks that follow from it.
 */
#ifndef SLUICE_RULESET_OPTIONS_H
#define SLUICE_RULESET_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum ruleset_queue {
	RULESET_QUEUE_NATIVE = 0, /* the `queue` expression */
	RULESET_QUEUE_TARGET,     /* the NFQUEUE target through the compat layer of nftables */
};

struct ruleset_options {
	uint8_t generation;  /* of the policy, 1..255; differs from that of the table it replaces */
	uint16_t queue_base; /* closed conduits: base..base+count-1, open ones:
				base+count..base+2*count-1 */
	uint16_t queue_count; /* inspectors, 1..RULESET_QUEUES_MAX */
	enum ruleset_queue queue;
	uint16_t log_group; /* of nfnetlink_log, for what the kernel drops by itself; 0: none */
};

enum { RULESET_QUEUE_BASE = 5200, RULESET_QUEUES_MAX = 16 };

/* Can a ruleset be made with them? */
bool ruleset_options_valid(const struct ruleset_options *options);

/*
 * Marks of connections and of queued packets: generation in bits 31..24, the index of the channel
 * plus one in bits 22..0, and RULESET_MARK_BACK.  On a connection that says that connection
 * tracking has seen the server first, so that its original direction is that of answers; on a
 * packet, that the server sent it.
 */
#define RULESET_MARK_BACK 0x00800000U

enum { RULESET_CHANNELS_MAX = 0x7ffffe };

uint32_t ruleset_mark(uint8_t generation, uint32_t channel_index);

struct ruleset_marked {
	uint8_t generation;
	uint32_t channel_index;
	bool back;
};

/* Read a mark; false if it is none of ours. */
bool ruleset_mark_read(uint32_t mark, struct ruleset_marked *ret_marked);

#endif
