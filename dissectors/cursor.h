/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cursor: the bounded reader under every parser of this program.
 *
 * The only place where pointers into packets move and where bytes are put together to numbers.
 * A cursor knows two ends: how many bytes are here (`available`) and how many the message declares
 * (`declared`); a segment may end inside a message, so the second may be larger.  A read beyond the
 * first is CURSOR_SHORT ("more bytes must come"), a read beyond the second is CURSOR_OVERRUN ("a
 * length lies").  A cursor that failed stays failed and every further read gives zero, so a parser
 * reads its fields in wire order and leaves the checking to its caller.
 *
 * Every read names its field.  With a trace attached, names, offsets and values are recorded for
 * `sluice explain`; without one the name costs nothing.
 */
#ifndef SLUICE_CURSOR_H
#define SLUICE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reason.h"

enum cursor_state {
	CURSOR_FAILED = 0, /* cursor_fail() was called: see `reason` */
	CURSOR_SHORT,      /* a read went beyond the available bytes, within the declared ones */
	CURSOR_OVERRUN,    /* a read went beyond the declared bytes */
	CURSOR_OK,
};

enum { TRACE_FIELDS_MAX = 1024 };

/* One field that was read: where, how long, what it is called, its value (first 8 bytes of it). */
struct trace_field {
	const char *name;
	uint32_t offset;
	uint32_t length;
	uint64_t value;
};

struct trace {
	uint32_t count;
	struct trace_field fields[TRACE_FIELDS_MAX]; /* fields beyond the last are not recorded */
};

struct cursor {
	const uint8_t *start;
	uint32_t offset;    /* bytes consumed */
	uint32_t available; /* bytes that are here, from start */
	uint32_t declared;  /* bytes that the message says it has, from start; >= available */
	enum cursor_state state;
	enum reason reason; /* why, when state is CURSOR_FAILED */
	struct trace *trace; /* NULL: nothing is recorded */
};

/*
 * Start reading `available` bytes at `data` (NULL is permitted when 0) of a message that declares
 * `declared` bytes.  Bytes available beyond the declared ones are out of reach.
 */
void cursor_init(struct cursor *c, const uint8_t *data, size_t available, size_t declared);

/* The message contradicts itself: fail for good. The first failure wins. */
void cursor_fail(struct cursor *c, enum reason reason);

bool cursor_ok(const struct cursor *c);

/* Bytes that the message still declares behind the current position; 0 after a failure. */
uint32_t cursor_left(const struct cursor *c);

/* Bytes that are here behind the current position; 0 after a failure. */
uint32_t cursor_here(const struct cursor *c);

/* Read one unsigned number in network or Intel byte order; 0 after a failure. */
uint8_t cursor_u8(struct cursor *c, const char *field);
uint16_t cursor_be16(struct cursor *c, const char *field);
uint32_t cursor_be32(struct cursor *c, const char *field);
uint16_t cursor_le16(struct cursor *c, const char *field);
uint32_t cursor_le24(struct cursor *c, const char *field);
uint32_t cursor_le32(struct cursor *c, const char *field);

/* Take `length` bytes without looking into them; NULL after a failure (or when length is 0). */
const uint8_t *cursor_bytes(struct cursor *c, size_t length, const char *field);

/*
 * A cursor over the next `length` declared bytes, which this one skips.  It may end before all of
 * them are here; then the sub-cursor reports CURSOR_SHORT where it would have been read, and this
 * one is CURSOR_SHORT at once.  It shares the trace; offsets in it count from the outermost start.
 */
struct cursor cursor_sub(struct cursor *c, size_t length, const char *field);

/* Values written to points, left where they are in the message. */
enum value_format {
	VALUE_NONE = 0,
	VALUE_U8,
	VALUE_U16_BE,
	VALUE_U16_LE,
	VALUE_S16_BE,
	VALUE_S16_LE,
	VALUE_U32_BE,
	VALUE_S32_BE,
	VALUE_S32_LE,
	VALUE_F32_BE,
	VALUE_F32_LE,
	VALUE_F64_LE,
	VALUE_BIT,  /* bit i of the bytes, least significant first */
	VALUE_COIL, /* U16 big-endian, 0xFF00 is 1, 0 is 0 */
};

struct values {
	const uint8_t *data;
	uint32_t count;       /* values that are here; fewer than the points while a message is partial */
	uint16_t stride;      /* bytes from one value to the next; ignored for VALUE_BIT */
	uint8_t format;       /* enum value_format */
};

/*
 * Take `count` values of `format`, `stride` bytes apart.  If the bytes end early, the values that
 * are complete are returned and the cursor is CURSOR_SHORT.
 */
struct values cursor_values(struct cursor *c, enum value_format format, uint32_t count,
    uint16_t stride, const char *field);

/* The i-th value as a number; i must be below values->count (asserted). */
double values_get(const struct values *values, uint32_t i);

/* The Internet checksum (RFC 1071) of `length` bytes, continued from `sum`; fold with the second. */
uint64_t cursor_checksum_add(uint64_t sum, const uint8_t *data, size_t length);
uint16_t cursor_checksum_fold(uint64_t sum);

#endif
