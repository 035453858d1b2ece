/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow arena: how the tables of flow.h lie in one block of memory.
 *
 * Internal to the engine.  Sizes and places only; what is in the tables is no concern of it.
 */
#ifndef SLUICE_FLOW_ARENA_H
#define SLUICE_FLOW_ARENA_H

#include "flow.h"

/* Bytes of arena that these limits need. */
size_t flow_arena_size(const struct engine_limits *limits);

/* Where an arena of these limits has its flows, what most never need of them, and the notes beside
 * them. */
void flow_arena_places(
    const struct engine_limits *limits, size_t *ret_flows, size_t *ret_seldom, size_t *ret_notes);

/* Make an arena empty; see engine_arena_init(). */
void flow_arena_init(struct flow_arena *arena, const struct engine_limits *limits, uint64_t seed);

/* Is this an arena that flow_arena_init() of this very build has made? */
bool flow_arena_valid(const struct flow_arena *arena);

/* Forget everything but the limits and the seed. */
void flow_arena_clear(struct flow_arena *arena);

/* See engine_layout(). */
uint64_t flow_arena_layout(void);

/* See engine_arena_fits(). */
bool flow_arena_fits(
    const struct flow_arena *arena, size_t size, const struct engine_limits *limits);

/* See engine_arena_mend(). */
bool flow_arena_mend(
    struct flow_arena *arena, size_t size, const struct engine_limits *limits, uint64_t seed);

void flow_table_attach(struct flow_table *table, struct flow_arena *arena);

#endif
