/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters: what an engine counts, and how much it may hold.
 *
 * Numbers in its arena, read by whoever has it mapped.  engine.h says how.
 */
#ifndef SLUICE_COUNTERS_H
#define SLUICE_COUNTERS_H

#include <stdint.h>

#include "reason.h"

struct engine_limits {
	uint32_t flows;      /* 1..2^24 */
	uint32_t held_bytes; /* for comparison and reassembly, beyond a message for each flow */
	uint32_t states;     /* flows of protocols with a memory; at most `flows` count */
};

struct engine_counters {
	uint64_t packets;
	uint64_t messages;
	uint64_t allowed;
	uint64_t denied;
	uint64_t by_reason[REASON_COUNT]; /* packets denied, or messages that monitor mode would
					     have denied */
	uint32_t flows;
	uint32_t flows_max;
	uint32_t states;
	uint32_t states_max;
	uint64_t held_yielded; /* times that a flow gave up bytes kept for comparison */
	uint32_t held_chunks;
	uint32_t held_chunks_max;
};

/* Messages and denials of one channel, kept in the arena; index below CHANNEL_COUNTERS_MAX. */
struct channel_counters {
	uint64_t messages;
	uint64_t denied;
};

/* Denials of one conduit by reason, likewise; index below CONDUIT_COUNTERS_MAX. */
struct conduit_counters {
	uint64_t by_reason[REASON_COUNT];
};

enum { CHANNEL_COUNTERS_MAX = 16384, CONDUIT_COUNTERS_MAX = 256 };

#endif
