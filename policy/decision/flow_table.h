/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow table: how connections and what belongs to them lie in the arena.  Data alone; what is done
 * with it is in flow.h, flow_seldom.h and flow_state.h.
 */
#ifndef SLUICE_FLOW_TABLE_H
#define SLUICE_FLOW_TABLE_H

#include <stdatomic.h>

#include "counters.h"
#include "flow_note.h"
#include "gone.h"
#include "model.h"
#include "packet.h"
#include "share.h"
#include "stream.h"

enum {
	INFLIGHT_BYTES_MAX = 1536, /* a whole packet of Ethernet */
	OWN_BYTES_MAX = 1024,      /* of a message's worth that each flow may keep in any case */
	OWN_CHUNKS_MAX = OWN_BYTES_MAX / CHUNK_BYTES + 3,
	OWN_CHUNKS_FIRST = 7, /* and before its first message, if that makes state for it */
};

enum flow_state {
	FLOW_FREE = 0,
	FLOW_SYN,    /* the client has asked */
	FLOW_OPEN,   /* the server has answered; messages are judged */
	FLOW_DENIED, /* nothing with payload passes any more */
	FLOW_PLAIN,  /* of a channel that is not inspected */
	FLOW_CLOSED, /* a reset was seen, which its receiver may not have obeyed; see `over` */
};

/* What a token holds of a request that was refused in its own protocol: its function code too. */
enum { TOKEN_FUNCTION = 50 /* from this bit on, 8 of them */ };
static const uint64_t TOKEN_BITS = (UINT64_C(1) << TOKEN_FUNCTION) - 1;
static const uint64_t TOKEN_REFUSED = UINT64_C(1) << 63;

/* A request that waits for its response. */
struct outstanding {
	uint64_t token; /* of the message; more of one that was refused */
	uint32_t expect;
	uint32_t asked_ms; /* monotonic */
};

enum { OUTSTANDING_OWN = 20 /* that each flow may have; more have as many as there is room for */ };

/* Those of a flow that has more than its own. It is stale as soon as its flow does not need it. */
struct more_requests {
	uint32_t flow; /* whose they are; 0: nobody's yet */
	struct outstanding requests[OUTSTANDING_MAX - OUTSTANDING_OWN];
};

/* Bytes of a stream, by number, that left with other values than they came. */
struct rewritten {
	uint32_t from;
	uint32_t to;
};

enum { REWRITTEN_MAX = 4 };

/* The place of a flow in a list of its share. */
struct link {
	uint32_t previous;
	uint32_t next;
};

/* Both ends of a flow, by enum direction: sender of requests, sender of responses. */
struct flow_ends {
	struct address address[2];
};

/* What most flows never need: memory is used for those that do, see flow_change_seldom(). */
struct seldom {
	struct flow_ends ends; /* of IPv6 */
	uint32_t more;         /* requests; see flow_has_more() */
	uint32_t pending_isn;
	uint32_t pending_ms; /* when */
	uint32_t closed_ms;  /* when the reset was seen */
	uint32_t gap_ms[2];  /* since when bytes are missing */
	uint32_t seen[2];    /* all before it was in a capture, refused or not (engine_lost.c) */
	uint32_t hoard_ms;   /* since when there are any chunks that are not its own */
	uint32_t yielded_ms; /* when it gave up bytes kept for comparison, plus one; 0: never */
	struct link hoarder; /* in SHARE_HOARDS */
	struct rewritten rewritten[2][REWRITTEN_MAX];
};

/* Flags are numbers: a process that dies may leave there what no bool can be. */
struct flow {
	uint64_t id;
	uint64_t last_ns;
	uint32_t hash_next;
	uint32_t channel;    /* index in the policy */
	uint32_t state_slot; /* dissector's state; 0: none */
	uint32_t ipv4[2];    /* the bytes of both ends, of IPv4; see flow_ends() */
	uint16_t port[2];
	uint32_t hoard;     /* chunks beyond those that are its own in any case */
	uint8_t own_chunks; /* a message's worth */
	uint8_t kind;       /* enum share_list_kind: of which list it is */
	uint8_t family;
	uint8_t transport;
	uint8_t state;             /* enum flow_state */
	uint8_t dissector;         /* index in dissectors[] plus one; 0: not inspected */
	uint8_t outstanding_count; /* requests that may still be answered */
	uint8_t late_count;        /* of these, the first: nobody waits for them any more */
	uint8_t excused; /* requests that monitor mode let pass unread, whose answers are no news */
	uint8_t unproven;  /* picked up in its middle, no response has confirmed the boundary yet */
	uint8_t adrift[2]; /* picked up in its middle, no whole message has been seen yet */
	uint8_t refused; /* segments refused that came instead of what would have been permitted */
	uint8_t gapped[2]; /* bytes are missing in front of what comes */
	uint8_t middle;    /* the same, but in monitor mode too */
	uint8_t blurred;   /* monitor mode let something pass that could not be followed */
	uint8_t passed;    /* bytes of the client were let through */
	uint8_t
	    pending; /* a SYN with another number was seen and not answered yet (engine_syn.c) */
	/* of these no other build reads any */
	uint8_t has_seldom : 1; /* otherwise all of that is zero */
	uint8_t over : 1;       /* FLOW_CLOSED by who is asked: nothing of it lives */
	uint8_t half_told : 1;  /* monitor mode has told of the message that is not complete yet */
	uint8_t refusing : 1;   /* something was rewritten (engine_refuse.h) */
	uint8_t alone : 1; /* only reads are on their way to who is asked, as one (engine_late.h) */
	uint8_t resync : 1; /* its channel would pick it up in its middle if it were forgotten */
	uint32_t opened_ms; /* when the streams began */
	uint32_t passed_ms; /* when the last new bytes of the client were let through */
	/* What was not acknowledged belongs to messages that began at unacked_ms or later, from
	   sequence number `mark` on at mark_ms, from `newest` on at newest_ms. */
	uint32_t unacked_ms;
	uint32_t mark;
	uint32_t mark_ms;
	uint32_t newest;
	uint32_t newest_ms;
	uint32_t alone_from; /* the first of them */
	uint32_t begun_ms;   /* when the unfinished message of who asks began */
	uint32_t isn[2];     /* of the SYNs that opened the streams */
	uint32_t share;      /* whose it is */
	struct link peer;    /* in that list */
	struct stream stream[2];
};

/* What is remembered of TCP connections that have no flow, in memory that does not grow. */
enum past {
	PAST_SETTLING = 0, /* gave way a moment ago: an answer to its SYN may be on its way */
	PAST_PICKUP,  /* gave way: its server may have half a message, so no other begins there */
	PAST_REFUSED, /* nobody could vouch for it, and so it was told */
	PAST_COUNT
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
	uint32_t free_flow;   /* list through hash_next */
	uint32_t free_state;  /* list through the slots */
	uint32_t hand;        /* where the search for something to reclaim goes on */
	uint32_t state_hand;  /* the same for state */
	uint32_t more_count;  /* flows that may have more requests than their own */
	uint32_t more_hand;   /* where a place for one is looked for */
	uint32_t sweep_hand;  /* where the next to be forgotten is looked for */
	uint32_t hoard_count; /* chunks that all hoards together may have */
	uint32_t hoard;       /* and have */
	uint64_t serial;
	struct chunk_books chunk_books;
	struct share_books share_books;
	struct engine_counters counters;
	uint32_t inflight_flow;   /* being judged right now; 0: none (yet) */
	uint32_t inflight_length; /* of the packet; 0: nothing is being judged */
	uint8_t inflight[INFLIGHT_BYTES_MAX];
	struct gone past[PAST_COUNT];
	/* where the tables begin, in bytes from the start of the arena */
	size_t buckets_at, flows_at, seldom_at, outstanding_at, more_at, chunks_at, states_at, size;
	size_t share_buckets_at, shares_at, share_channels_at, notes_at;
};

/*
 * What others than the engine read has its place whatever the limits are: no number in the arena,
 * which a process that was taken over may have written, says where they read.
 */
enum {
	FLOW_CHANNELS_AT = (sizeof(struct flow_arena) + 63) / 64 * 64,
	FLOW_CONDUITS_AT =
	    FLOW_CHANNELS_AT + sizeof(struct channel_counters) * CHANNEL_COUNTERS_MAX,
	FLOW_TABLES_AT =
	    (FLOW_CONDUITS_AT + sizeof(struct conduit_counters) * CONDUIT_COUNTERS_MAX + 63) / 64 *
	    64,
};

/* The tables of an arena; valid as long as it is mapped here. */
struct flow_table {
	struct flow_arena *arena;
	uint32_t *buckets;
	struct flow *flows; /* [1 .. limits.flows] */
	struct seldom *seldom;
	struct outstanding *outstanding;
	struct more_requests *more; /* [1 .. more_count] */
	struct chunk_pool pool;
	struct share_table shares;
	uint8_t *states;
	struct channel_counters *channels;
	struct conduit_counters *conduits;
	struct flow_note *notes; /* beside flows */
	struct flow_fast *fast;  /* of the process, see flow_fast.h; NULL: none is the kernel's */
};

/* State of a dissector in the arena. */
struct state_slot {
	uint32_t flow; /* whose it is; 0: nobody's */
	uint32_t next; /* of the free ones */
	uint64_t used; /* bytes that may have been written to since they were zero */
	uint64_t state[];
};

static inline size_t
flow_state_stride(const struct flow_arena *arena)
{
	return sizeof(struct state_slot) + arena->state_size;
}

/* Number of a flow in its table, from 1. */
static inline uint32_t
flow_index(const struct flow_table *table, const struct flow *flow)
{
	return (uint32_t)(flow - table->flows);
}

#endif
