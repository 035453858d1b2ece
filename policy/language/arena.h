/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arena: memory that is given back all at once.
 *
 * Each piece is an allocation of its own, so that the sanitizers see its ends.
 */
#ifndef SLUICE_ARENA_H
#define SLUICE_ARENA_H

#include <stddef.h>

struct arena;

/* NULL when memory is out. */
struct arena *arena_new(void);
void arena_free(struct arena *arena);

/* Zeroed memory for `count` things of `size` bytes; never NULL for 0; NULL when memory is out. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A copy of `length` bytes, with a zero byte behind them. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

#endif
