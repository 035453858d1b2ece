/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arena: a list of allocations. */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct piece {
	struct piece *next;
	_Alignas(max_align_t) char memory[];
};

struct arena {
	struct piece *pieces;
};

struct arena *
arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void
arena_free(struct arena *arena)
{
	struct piece *piece, *next;

	if (!arena)
		return;
	for (piece = arena->pieces; piece; piece = next) {
		next = piece->next;
		free(piece);
	}
	free(arena);
}

void *
arena_alloc(struct arena *arena, size_t count, size_t size)
{
	struct piece *piece;

	if (size && count > (SIZE_MAX - sizeof(*piece)) / size)
		return NULL;
	piece = calloc(1, sizeof(*piece) + count * size);
	if (!piece)
		return NULL;
	piece->next = arena->pieces;
	arena->pieces = piece;
	return piece->memory;
}

char *
arena_copy(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, 1, length + 1);

	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}
