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
#include "counters.h"
#include "outcome.h"

struct engine;

/* Bytes of arena that these limits need. */
size_t engine_arena_size(const struct engine_limits *limits);

/* Make an arena empty. `seed` keys its hash. Memory must be zeroed (as from mmap or calloc). */
void engine_arena_init(void *arena, const struct engine_limits *limits, uint64_t seed);

/*
 * A number that says how everything lies in an arena and in what it tells (events and their
 * reasons): two builds that have the same can take over from each other.
 */
uint64_t engine_layout(void);

/*
 * Is this block of `size` bytes an arena of this very layout and of these limits?  Believes nothing
 * of it; what is in its tables may be anything, and is for engine_recover() to put right.
 */
bool engine_arena_fits(const void *arena, size_t size, const struct engine_limits *limits);

/*
 * The same of a block that was made for these limits and that nobody works on now.  If it does not
 * fit any more, everything in it is forgotten and it is made anew: false.
 */
bool engine_arena_mend(void *arena, size_t size, const struct engine_limits *limits, uint64_t seed);

/*
 * Attach to an initialised arena; `rates` has policy->rate_count entries (zeroed when new) and
 * outlives the engine.  Returns 0 and *ret_engine, -EINVAL if the arena is not one of ours,
 * -ENOMEM.
 */
int engine_new(void *arena, const struct compiled *compiled, struct rate_state *rates,
    struct engine **ret_engine);
void engine_free(struct engine *engine);

/* Tell `observer` what is judged; NULL: nobody. */
void engine_observe(
    struct engine *engine, enum observe what, engine_observer *observer, void *context);

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
 * before engine_recover(); 0 if none is.  *ret_whole is how many it has (of any value that a crash
 * leaves there).
 */
size_t engine_inflight(const void *arena, const uint8_t **ret_data, size_t *ret_whole);

/*
 * Has the sender of that packet shown that it gets what is sent to its address?  Then its family
 * and *ret_sender, else FAMILY_NONE.  It has in a connection whose handshake was seen complete, if
 * the segment lies where the next bytes are expected: who forges an address knows neither.  Of a
 * datagram nobody can say that.  The arena must be one of this build (former_is_ours()).
 */
enum family engine_inflight_sender(const void *arena, struct address *ret_sender);

/* A snapshot; may be called on an arena by another process than the one that judges. */
void engine_counters(const void *arena, struct engine_counters *ret_counters);

void engine_channel_counters(
    const void *arena, uint32_t channel_index, struct channel_counters *ret_counters);

/* The index is that of policy->conduits. */
void engine_conduit_counters(
    const void *arena, size_t conduit_index, struct conduit_counters *ret_counters);

#endif
