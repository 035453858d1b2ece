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

#include <assert.h>
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

/* A number that is not what was demanded of it: the message is refused for it. */
struct trace_refused {
	uint32_t length; /* bytes; 0: there is none */
	uint32_t offset;
	uint32_t found;
	uint32_t first;
	uint32_t last;
	bool either; /* first or last, nothing between them */
};

struct trace {
	struct trace_refused refused;
	uint32_t count;
	struct trace_field fields[TRACE_FIELDS_MAX]; /* fields beyond the last are not recorded */
};

struct cursor {
	const uint8_t *start;
	uint32_t offset;    /* bytes consumed */
	uint32_t available; /* bytes that are here, from start */
	uint32_t declared;  /* bytes that the message says it has, from start; >= available */
	enum cursor_state state;
	enum reason reason;  /* why, when state is CURSOR_FAILED */
	struct trace *trace; /* NULL: nothing is recorded */
};

/*
 * Start reading `available` bytes at `data` (NULL is permitted when 0) of a message that declares
 * `declared` bytes.  Bytes available beyond the declared ones are out of reach.
 */
static inline void
cursor_init(struct cursor *c, const uint8_t *data, size_t available, size_t declared)
{
	if (declared > UINT32_MAX)
		declared = UINT32_MAX;
	if (available > declared)
		available = declared;
	*c = (struct cursor){
	    .start = data,
	    .available = (uint32_t)available,
	    .declared = (uint32_t)declared,
	    .state = CURSOR_OK,
	};
}

/*
 * The slow halves of the readers below: why a read is refused, a field for the trace, its value put
 * right, a number that is refused.  Not for callers.  They get no cursor, so that the compiler may
 * keep one that a parser walks with in registers.
 */
enum cursor_state cursor_refused(uint32_t left, uint32_t length) __attribute__((cold, const));
void cursor_record(struct trace *trace, const uint8_t *at, uint32_t offset, uint32_t length,
    const char *field) __attribute__((cold));
void cursor_record_value(struct trace *trace, uint32_t offset, uint32_t value)
    __attribute__((cold));
void cursor_record_refused(struct trace *trace, const struct trace_refused *refused)
    __attribute__((cold));

static inline bool
cursor_ok(const struct cursor *c)
{
	return c->state == CURSOR_OK;
}

/* The message contradicts itself: fail for good. The first failure wins, CURSOR_SHORT included. */
static inline void
cursor_fail(struct cursor *c, enum reason reason)
{
	if (!cursor_ok(c))
		return;
	c->state = CURSOR_FAILED;
	c->reason = reason;
}

/*
 * The message turns out to end `length` bytes from the start, at or behind the current position
 * (asserted).  Nothing happens to a cursor that has failed.
 */
static inline void
cursor_limit(struct cursor *c, uint32_t length)
{
	if (!cursor_ok(c))
		return;
	assert(length >= c->offset && length <= c->declared);
	c->declared = length;
	if (c->available > length)
		c->available = length;
}

/* Bytes that the message still declares behind the current position; 0 after a failure. */
static inline uint32_t
cursor_left(const struct cursor *c)
{
	return cursor_ok(c) ? c->declared - c->offset : 0;
}

/* Bytes that are here behind the current position; 0 after a failure. */
static inline uint32_t
cursor_here(const struct cursor *c)
{
	return cursor_ok(c) ? c->available - c->offset : 0;
}

/* The next `length` (at least 1) bytes, consumed; NULL after a failure. */
static inline const uint8_t *
cursor_take(struct cursor *c, uint32_t length, const char *field)
{
	const uint8_t *at;

	if (__builtin_expect(!cursor_ok(c), 0))
		return NULL;
	if (__builtin_expect(length > c->available - c->offset, 0)) {
		c->state = cursor_refused(c->declared - c->offset, length);
		return NULL;
	}
	at = c->start + c->offset;
	if (__builtin_expect(c->trace != NULL, 0))
		cursor_record(c->trace, at, c->offset, length, field);
	c->offset += length;
	return at;
}

/* Read one unsigned number in network or Intel byte order; 0 after a failure. */
static inline uint8_t
cursor_u8(struct cursor *c, const char *field)
{
	const uint8_t *at = cursor_take(c, 1, field);

	return at == NULL ? 0 : at[0];
}

static inline uint16_t
cursor_be16(struct cursor *c, const char *field)
{
	const uint8_t *at = cursor_take(c, 2, field);

	return at == NULL ? 0 : (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t
cursor_be32(struct cursor *c, const char *field)
{
	const uint8_t *at = cursor_take(c, 4, field);

	if (at == NULL)
		return 0;
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The trace shows a number in Intel byte order as what it is. */
static inline uint32_t
cursor_intel(struct cursor *c, uint32_t length, uint32_t value)
{
	if (__builtin_expect(c->trace != NULL, 0))
		cursor_record_value(c->trace, c->offset - length, value);
	return value;
}

static inline uint16_t
cursor_le16(struct cursor *c, const char *field)
{
	const uint8_t *at = cursor_take(c, 2, field);

	return at == NULL ? 0 : (uint16_t)cursor_intel(c, 2, (uint32_t)(at[1] << 8 | at[0]));
}

static inline uint32_t
cursor_le24(struct cursor *c, const char *field)
{
	const uint8_t *at = cursor_take(c, 3, field);

	if (at == NULL)
		return 0;
	return cursor_intel(c, 3, (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0]);
}

static inline uint32_t
cursor_le32(struct cursor *c, const char *field)
{
	const uint8_t *at = cursor_take(c, 4, field);

	if (at == NULL)
		return 0;
	return cursor_intel(
	    c, 4, (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0]);
}

/* A second byte that is not here yet is not made up. */
static inline void
cursor_refuse_number(struct cursor *c, uint32_t length, uint32_t first, uint32_t last, bool either,
    enum reason reason)
{
	const uint8_t *at = c->start + c->offset;

	if (__builtin_expect(c->trace != NULL, 0) && cursor_here(c) >= length)
		cursor_record_refused(c->trace,
		    &(struct trace_refused){
			.length = length,
			.offset = c->offset,
			.found = length == 1 ? at[0] : (uint32_t)at[0] << 8 | at[1],
			.first = first,
			.last = last,
			.either = either,
		    });
	cursor_fail(c, reason);
}

/*
 * Demand that the number which is read next lies in first..last; otherwise the cursor fails with
 * `reason`.  Nothing is consumed.  A first byte that is here alone is enough for a refusal when no
 * second byte could bring the number into the range.
 */
static inline void
cursor_expect_u8(struct cursor *c, uint8_t first, uint8_t last, enum reason reason)
{
	if (cursor_here(c) > 0 &&
	    __builtin_expect(c->start[c->offset] < first || c->start[c->offset] > last, 0))
		cursor_refuse_number(c, 1, first, last, false, reason);
}

static inline void
cursor_expect_be16(struct cursor *c, uint32_t first, uint32_t last, enum reason reason)
{
	uint32_t here = cursor_here(c);
	const uint8_t *at;
	uint32_t lowest, highest;

	if (here == 0)
		return;
	at = c->start + c->offset;
	lowest = (uint32_t)at[0] << 8 | (here > 1 ? at[1] : 0x00);
	highest = (uint32_t)at[0] << 8 | (here > 1 ? at[1] : 0xff);
	if (__builtin_expect(highest < first || lowest > last, 0))
		cursor_refuse_number(c, 2, first, last, false, reason);
}

/* The same for a number that must be one of two. */
static inline void
cursor_expect_either_u8(struct cursor *c, uint8_t one, uint8_t other, enum reason reason)
{
	uint8_t value = cursor_here(c) > 0 ? c->start[c->offset] : one;

	if (__builtin_expect(value != one && value != other, 0))
		cursor_refuse_number(c, 1, one, other, true, reason);
}

void cursor_expect_either_be16(struct cursor *c, uint16_t one, uint16_t other, enum reason reason);

/* Take `length` bytes without looking into them; NULL after a failure (or when length is 0). */
static inline const uint8_t *
cursor_bytes(struct cursor *c, size_t length, const char *field)
{
	if (length == 0)
		return NULL;
	if (length > UINT32_MAX)
		length = UINT32_MAX;
	return cursor_take(c, (uint32_t)length, field);
}

/*
 * A cursor over the next `length` declared bytes, which this one skips.  It may end before all of
 * them are here; then the sub-cursor reports CURSOR_SHORT where it would have been read, and this
 * one is CURSOR_SHORT at once.  It shares the trace; offsets in it count from the outermost start.
 */
struct cursor cursor_sub(struct cursor *c, size_t length, const char *field);

/*
 * The sub-cursor has been read: what is wrong in it is wrong in `c` too, even where `c` is short.
 * Bytes that nobody read of it fail with REASON_TRAILING_BYTES, a read beyond its end with
 * REASON_LENGTH_MISMATCH.
 */
void cursor_sub_end(struct cursor *c, const struct cursor *sub);

/* A copy to look ahead with; it leaves no trace. */
static inline struct cursor
cursor_peek(const struct cursor *c)
{
	struct cursor peek = *c;

	peek.trace = NULL;
	return peek;
}

/* Values written to points, left where they are in the message. */
enum value_format {
	VALUE_NONE = 0,
	VALUE_U8,
	VALUE_S8,
	VALUE_U16_BE,
	VALUE_U16_LE,
	VALUE_S16_BE,
	VALUE_S16_LE,
	VALUE_U32_BE,
	VALUE_U32_LE,
	VALUE_U48_LE,
	VALUE_S32_BE,
	VALUE_S32_LE,
	VALUE_F32_BE,
	VALUE_F32_LE,
	VALUE_U64_BE,
	VALUE_S64_BE,
	VALUE_F64_BE,
	VALUE_F64_LE,
	VALUE_BIT,  /* bit i of the bytes, least significant first */
	VALUE_COIL, /* U16 big-endian, 0xFF00 is 1, 0 is 0 */
};

struct values {
	const uint8_t *data;
	uint32_t count; /* values that are here; fewer than the points while a message is partial */
	uint16_t stride; /* bytes from one value to the next; ignored for VALUE_BIT */
	uint8_t format;  /* enum value_format */
};

/*
 * Take `count` values of `format`, `stride` bytes apart.  If the bytes end early, the values that
 * are complete are returned and the cursor is CURSOR_SHORT.
 */
struct values cursor_values(
    struct cursor *c, enum value_format format, uint32_t count, uint16_t stride, const char *field);

/* The i-th value as a number; i must be below values->count (asserted). */
double values_get(const struct values *values, uint32_t i);

/* A number `offset` bytes behind the start of the i-th value, within its stride (asserted). */
double values_get_part(
    const struct values *values, uint32_t i, enum value_format format, uint32_t offset);

/*
 * Byte `offset` of the values as they stand in the message, the strides taken as gapless; false
 * where they have none there, or bits instead of bytes.
 */
bool values_get_byte(const struct values *values, uint32_t offset, uint8_t *ret_byte);

/*
 * The Internet checksum (RFC 1071): add `length` bytes to `sum` (0 at the start; all pieces but the
 * last of even length), then fold.  The result is the number to write into a header, and 0 for
 * bytes that hold their own right checksum.
 */
uint64_t cursor_checksum_add(uint64_t sum, const uint8_t *data, size_t length);
uint16_t cursor_checksum_fold(uint64_t sum);

#endif
