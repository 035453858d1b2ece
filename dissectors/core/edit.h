/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edit: the bounded writer under everything that changes a message.
 *
 * The cursor's counterpart: a message is changed in place and never gets longer or shorter.  What
 * lies beyond its bytes is neither written nor read, so a message of which only the first bytes are
 * here is changed as far as it is here.
 */
#ifndef SLUICE_EDIT_H
#define SLUICE_EDIT_H

#include <stdint.h>
#include <string.h>

struct edit {
	uint8_t *bytes;
	uint32_t length; /* that are here */
};

/* Byte `at`; 0 where none is. */
static inline uint8_t
edit_get(const struct edit *e, uint32_t at)
{
	return at < e->length ? e->bytes[at] : 0;
}

static inline uint32_t
edit_get_be16(const struct edit *e, uint32_t at)
{
	return (uint32_t)edit_get(e, at) << 8 | edit_get(e, at + 1);
}

static inline void
edit_put(struct edit *e, uint32_t at, uint8_t value)
{
	if (at < e->length)
		e->bytes[at] = value;
}

static inline void
edit_put_be16(struct edit *e, uint32_t at, uint32_t value)
{
	edit_put(e, at, (uint8_t)(value >> 8));
	edit_put(e, at + 1, (uint8_t)value);
}

/* Bytes from..to-1 become zero. */
static inline void
edit_clear(struct edit *e, uint32_t from, uint32_t to)
{
	if (to > e->length)
		to = e->length;
	if (from < to)
		memset(&e->bytes[from], 0, to - from);
}

#endif
