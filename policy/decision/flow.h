/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow: the table of connections and the bytes kept for them, in one block of memory without
 * pointers.
 *
 * Internal to the engine, above stream.h.  Everything is found by index, index 0 means none, so the
 * block may be shared memory and may outlive the process that wrote it.  flow_arena_repair() makes
 * it consistent again after a process died in the middle of a change.
 */
#ifndef SLUICE_FLOW_H
#define SLUICE_FLOW_H

#include <stdatomic.h>

#include "counters.h"
#include "model.h"
#include "packet.h"
#include "stream.h"

enum { INFLIGHT_BYTES_MAX = 512 };

enum flow_state {
	FLOW_FREE = 0,
	FLOW_SYN,    /* the client has asked */
	FLOW_OPEN,   /* the server has answered; messages are judged */
	FLOW_DENIED, /* nothing with payload passes any more */
	FLOW_PLAIN,  /* of a channel that is not inspected */
	FLOW_CLOSED, /* a reset was seen, which its receiver may not have obeyed; see `over` */
};

/* A request that waits for its response. */
struct outstanding {
	uint64_t token;
	uint32_t expect;
	uint32_t asked_ms; /* monotonic */
};

/* Flags are numbers: a process that dies may leave there what no bool can be. */
struct flow {
	uint64_t id;
	uint64_t last_ns;
	uint32_t hash_next;
	uint32_t channel;          /* index in the policy */
	uint32_t state_slot;       /* dissector's state; 0: none */
	struct address address[2]; /* by enum direction: sender of requests, sender of responses */
	uint16_t port[2];
	uint8_t family;
	uint8_t transport;
	uint8_t state;             /* enum flow_state */
	uint8_t dissector;         /* index in dissectors[] plus one; 0: not inspected */
	uint8_t outstanding_count; /* requests that may still be answered */
	uint8_t late_count;        /* of these, the first: nobody waits for them any more */
	uint8_t excused; /* requests that monitor mode let pass unread, whose answers are no news */
	uint8_t unproven;  /* picked up in its middle, no response has confirmed the boundary yet */
	uint8_t adrift[2]; /* picked up in its middle, no whole message has been seen yet */
	uint8_t over;      /* FLOW_CLOSED by who is asked: nothing of it lives */
	uint8_t refused; /* segments refused that came instead of what would have been permitted */
	uint8_t gapped[2]; /* bytes are missing in front of what comes */
	uint8_t middle;    /* the same, but in monitor mode too */
	uint8_t half_told; /* monitor mode has told of the message that is not complete yet */
	uint8_t blurred;   /* monitor mode let something pass that could not be followed */
	uint8_t passed;    /* bytes of the client were let through */
	uint8_t resync;    /* its channel would pick it up in its middle if it were forgotten */
	uint8_t
	    pending; /* a SYN with another number was seen and not answered yet (engine_syn.c) */
	uint32_t pending_isn;
	uint32_t pending_ms; /* when */
	uint32_t opened_ms;  /* when the streams began */
	uint32_t passed_ms;  /* when the last new bytes of the client were let through */
	uint32_t closed_ms;  /* when the reset was seen */
	uint32_t gap_ms[2];  /* since when bytes are missing */
	/* What was not acknowledged belongs to messages that began at unacked_ms or later, and from
	   sequence number `mark` on to those that began at mark_ms or later. */
	uint32_t unacked_ms;
	uint32_t mark;
	uint32_t mark_ms;
	uint32_t begun_ms; /* when the unfinished message of who asks began */
	uint32_t isn[2];   /* of the SYNs that opened the streams */
	struct stream stream[2];
};

struct flow_arena {
	uint64_t magic;
	uint64_t seed;
	struct engine_limits limits;
	uint32_t bucket_mask;
	uint32_t state_count;
	uint32_t state_size;
	uint32_t flow_top; /* flows and states beyond these were never used */
	uint32_t state_top;
	uint32_t free_flow;  /* list through hash_next */
	uint32_t free_state; /* list through the slots */
	uint32_t hand;       /* where the search for something to reclaim goes on */
	uint32_t state_hand; /* the same for state */
	uint32_t sweep_hand; /* where the next to be forgotten is looked for */
	uint64_t serial;
	struct chunk_books chunk_books;
	struct engine_counters counters;
	uint32_t inflight_flow;   /* being judged right now; 0: none (yet) */
	uint32_t inflight_length; /* of the packet; 0: nothing is being judged */
	uint8_t inflight[INFLIGHT_BYTES_MAX];
	/* where the tables begin, in bytes from the start of the arena */
	size_t buckets_at, flows_at, outstanding_at, chunks_at, states_at, channels_at, size;
};

/* The tables of an arena; valid as long as it is mapped here. */
struct flow_table {
	struct flow_arena *arena;
	uint32_t *buckets;
	struct flow *flows; /* [1 .. limits.flows] */
	struct outstanding *outstanding;
	struct chunk_pool pool;
	uint8_t *states;
	struct channel_counters *channels;
};

/* Bytes of arena that these limits need. */
size_t flow_arena_size(const struct engine_limits *limits);

/* Make an arena empty; see engine_arena_init(). */
void flow_arena_init(struct flow_arena *arena, const struct engine_limits *limits, uint64_t seed);

/* Is this an arena that flow_arena_init() of this very build has made? */
bool flow_arena_valid(const struct flow_arena *arena);

void flow_table_attach(struct flow_table *table, struct flow_arena *arena);

/* The flow of a packet and, in *ret_direction, which way it goes; NULL if there is none. */
struct flow *flow_find(
    const struct flow_table *table, const struct packet *packet, enum direction *ret_direction);

/* The same where it is known which way the packet goes. */
struct flow *flow_find_way(
    const struct flow_table *table, const struct packet *packet, enum direction direction);

/*
 * A new flow whose client is the packet's source (or, with direction DIRECTION_RESPONSE, its
 * destination).  When the table is full a flow that is over makes room, or one that is idle for
 * very long; NULL if none can.
 */
struct flow *flow_new(struct flow_table *table, const struct packet *packet,
    enum direction direction, uint64_t now_ns);

/*
 * The i-th request of a flow that waits, oldest first; i below OUTSTANDING_MAX.  Those of all flows
 * stand beside each other, so that memory is used only for as many as there ever were.
 */
static inline struct outstanding *
flow_outstanding(const struct flow_table *table, const struct flow *flow, uint32_t i)
{
	size_t row = (size_t)i * (table->arena->limits.flows + (size_t)1);

	return &table->outstanding[row + (size_t)(flow - table->flows)];
}

/* No answer is expected any more. */
static inline void
flow_forget_requests(struct flow *flow)
{
	flow->outstanding_count = 0;
	flow->late_count = 0;
	flow->excused = 0;
}

/* Forget a flow and all bytes kept for it. */
void flow_release(struct flow_table *table, struct flow *flow);

/*
 * The flow begins: zero its dissector's state, of which it gets a slot if it wants one and has none
 * yet.  When all are taken others make room as for flow_new(); false if none can.
 */
bool flow_begin_state(struct flow_table *table, struct flow *flow, uint64_t now_ns);
const void *flow_state(const struct flow_table *table, const struct flow *flow);

/* The same, to be written to. */
void *flow_change_state(const struct flow_table *table, const struct flow *flow);

/* Number of a flow in its table, from 1. */
uint32_t flow_index(const struct flow_table *table, const struct flow *flow);

/*
 * Make the tables consistent after a crash: rebuild the hash, the free lists and the chains of
 * chunks. Flows whose chains are damaged become FLOW_DENIED.
 */
void flow_table_repair(struct flow_table *table);

#endif
