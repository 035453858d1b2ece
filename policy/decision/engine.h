/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine: the whole decision.  A packet and the time go in, a verdict with its reason comes out.
 *
 * Pure in the sense that counts: no system call, no allocation, no lock, no clock.  All memory that
 * it changes is one block handed to it (`arena`), which holds no pointers and may be shared memory:
 * an inspector that takes over after a crash attaches to the same block and goes on.  The daemon,
 * the replay, the tests, the fuzzers and the bench call engine_packet(), and nothing else decides.
 */
#ifndef SLUICE_ENGINE_H
#define SLUICE_ENGINE_H

#include "compiled.h"
#include "decide.h"
#include "event.h"

struct engine;

struct engine_limits {
	uint32_t flows;      /* 1..2^24 */
	uint32_t held_bytes; /* for comparison and reassembly, all flows together */
};

/* Bytes of arena that these limits need. */
size_t engine_arena_size(const struct engine_limits *limits);

/* Make an arena empty. `seed` keys its hash. Memory must be zeroed (as from mmap or calloc). */
void engine_arena_init(void *arena, const struct engine_limits *limits, uint64_t seed);

/*
 * Attach to an initialised arena; `rates` has policy->rate_count entries (zeroed when new) and
 * outlives the engine.  Returns 0 and *ret_engine, -EINVAL if the arena is not one of ours,
 * -ENOMEM.
 */
int engine_new(void *arena, const struct compiled *compiled, struct rate_state *rates,
    struct engine **ret_engine);
void engine_free(struct engine *engine);

/*
 * What the observer gets: called once for each message that was judged and for each packet that was
 * refused before a message was found.  `message` is NULL for the latter.  Pointers are valid during
 * the call.
 */
struct judgement {
	const struct event *event; /* flow, channel, verdict, reason, rule in one flat record */
	const struct message *message;
	const struct channel *channel; /* NULL: no channel */
	const uint8_t
	    *bytes;    /* where the message begins, as dissect() was given it; NULL without one */
	size_t length; /* of bytes, those behind the message included */
	const struct context *context; /* before this message, as dissect() was given it */
};

enum observe {
	OBSERVE_LOG = 0, /* what the channel's `log` asks for: denials always */
	OBSERVE_ALL,     /* every message, permitted ones and responses too */
};

typedef void engine_observer(void *context, const struct judgement *judgement);
void engine_observe(
    struct engine *engine, enum observe what, engine_observer *observer, void *context);

struct engine_packet {
	const uint8_t *data; /* from the IP header on */
	size_t length;
	uint64_t now_ns;       /* monotonic: rates and ages */
	uint64_t wall_ns;      /* since 1970: for events */
	bool checksum_trusted; /* somebody else has verified, or will fill in, the checksum */
	bool truncated;        /* the packet was longer than what is here: always denied */
	bool merged; /* it will be cut into several on the way out: datagrams are denied */
};

enum { OUTCOME_SEGMENTS_MAX = 4 };

struct outcome {
	enum verdict verdict;
	enum reason reason;
	uint32_t segment_count; /* segments to send now: resets, or a keep-alive without its byte */
	struct segment segments[OUTCOME_SEGMENTS_MAX];
	const struct channel *channel; /* NULL: none */
};

/* Judge one packet. Zero is deny. */
void engine_packet(
    struct engine *engine, const struct engine_packet *packet, struct outcome *ret_outcome);

/*
 * A new policy (or a new process) has taken over: ask for each flow whether the policy still
 * permits it, and forget those that it does not.  `cut` is called with the segments that end each
 * of them. Returns the number of flows cut.
 */
size_t engine_recheck(struct engine *engine, uint64_t now_ns, uint64_t wall_ns,
    void (*cut)(void *context, const struct outcome *outcome), void *context);

/* The flow that is being judged right now (after a crash: was), denied for good; true if there was
 * one. */
bool engine_recover(struct engine *engine, uint64_t now_ns, uint64_t wall_ns);

/*
 * The first bytes of the packet that is being judged right now, for the record after a crash and
 * before engine_recover(); 0 if none is.
 */
size_t engine_inflight(const void *arena, const uint8_t **ret_data);

struct engine_counters {
	uint64_t packets;
	uint64_t messages;
	uint64_t allowed;
	uint64_t denied;
	uint64_t by_reason[REASON_COUNT]; /* packets denied, or messages that monitor mode would
					     have denied */
	uint32_t flows;
	uint32_t flows_max;
	uint32_t held_chunks;
	uint32_t held_chunks_max;
};

/* A snapshot; may be called on an arena by another process than the one that judges. */
void engine_counters(const void *arena, struct engine_counters *ret_counters);

/* Messages and denials of one channel, kept in the arena; index below CHANNEL_COUNTERS_MAX. */
struct channel_counters {
	uint64_t messages;
	uint64_t denied;
};

enum { CHANNEL_COUNTERS_MAX = 16384 };

void engine_channel_counters(
    const void *arena, uint32_t channel_index, struct channel_counters *ret_counters);

#endif
