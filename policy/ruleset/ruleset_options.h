/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset options: what a ruleset depends on beside the policy.
 */
#ifndef SLUICE_RULESET_OPTIONS_H
#define SLUICE_RULESET_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

enum ruleset_queue {
	RULESET_QUEUE_NATIVE = 0, /* the `queue` expression */
	RULESET_QUEUE_TARGET,     /* the NFQUEUE target through the compat layer of nftables */
};

/* Whose packets no inspector gets, for so many seconds more, at least one. */
struct ruleset_barred {
	enum family family;
	struct address address;
	uint32_t seconds;
};

enum { RULESET_BARRED_MAX = 64 };

struct ruleset_options {
	uint8_t generation;  /* of the policy, 1..mark_generations(); differs from that of the table
				it replaces */
	uint16_t queue_base; /* closed conduits: base..base+count-1, open ones:
				base+count..base+2*count-1 */
	uint16_t queue_count; /* inspectors, 1..RULESET_QUEUES_MAX */
	enum ruleset_queue queue;
	uint16_t log_group; /* of nfnetlink_log, for what the kernel drops by itself; 0: none */
	bool helper; /* the kernel has the helper RULESET_HELPER: new connections get it, and flow
			tables of anybody leave them alone */
	const struct ruleset_barred *barred; /* need not outlive ruleset_new() */
	size_t barred_count;
	bool vouched; /* the recogniser in the kernel vouches for packets; not where others have
			 bits of marks */
};

enum { RULESET_QUEUE_BASE = 5200, RULESET_QUEUES_MAX = 16 };

/* Can a ruleset be made with them? */
bool ruleset_options_valid(const struct ruleset_options *options);

#endif
