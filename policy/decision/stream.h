/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stream: the bytes of one direction that are kept, for comparison with repetitions and for
 * messages that are not complete yet.
 *
 * Internal to the engine.  Judges nothing.  Sequence numbers wrap; all differences are signed 32
 * bit.
 */
#ifndef SLUICE_STREAM_H
#define SLUICE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHUNK_BYTES = 60 };

/* Bytes of one direction of a stream, linked in order. */
struct chunk {
	uint32_t next;
	uint8_t data[CHUNK_BYTES];
};

/* What is known of all chunks; where they are, there is this, perhaps in shared memory. */
struct chunk_books {
	uint32_t count;
	uint32_t top;  /* chunks beyond this were never used */
	uint32_t free; /* list through next */
	uint32_t held;
	uint32_t held_max;
};

/* The chunks that all streams share. */
struct chunk_pool {
	struct chunk_books *books;
	struct chunk *chunks; /* [1 .. count] */
};

/*
 * One direction of a TCP connection.  Sequence numbers: kept <= message <= next.  The bytes from
 * `kept` to `next` are in the chunks.  `message` is where the message begins that is not complete
 * yet; equal to `next` at a message boundary.
 */
struct stream {
	uint32_t next; /* number of the next byte that was not judged yet */
	uint32_t message;
	uint32_t kept;
	uint32_t acked;      /* the receiver has everything before this */
	uint32_t head;       /* first chunk */
	uint32_t tail;       /* last chunk */
	uint16_t chunks;     /* from the first to the last */
	uint8_t head_offset; /* of byte `kept` in the first chunk */
	uint8_t fin;         /* the stream ends at `next` */
};

static inline bool
sequence_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* Bytes kept of one direction at most; the oldest that were acknowledged or judged go first. */
enum { STREAM_KEPT_MAX = 65536 };

/* The stream begins at sequence number `next`; chunks that it holds are given back. */
void stream_begin(struct chunk_pool *pool, struct stream *stream, uint32_t next);

/* Bytes that fit behind the others in the last chunk. */
static inline uint32_t
stream_left(const struct stream *stream)
{
	return (uint32_t)stream->chunks * CHUNK_BYTES - stream->head_offset -
	    (stream->next - stream->kept);
}

/* Chunks that `length` more bytes would need. */
static inline uint32_t
stream_needs(const struct stream *stream, size_t length)
{
	size_t in_tail = stream_left(stream);

	return length <= in_tail ? 0
				 : (uint32_t)((length - in_tail + CHUNK_BYTES - 1) / CHUNK_BYTES);
}

/* Are there that many? */
static inline bool
stream_has_room(const struct chunk_pool *pool, const struct stream *stream, size_t length)
{
	return stream_needs(stream, length) <= pool->books->count - pool->books->held;
}

/*
 * Keep `length` judged bytes behind the others; the last `pending` of all bytes kept belong to a
 * message that is not complete.  stream_has_room() must have said yes (asserted).
 */
void stream_append(struct chunk_pool *pool, struct stream *stream, const uint8_t *data,
    size_t length, uint32_t pending);

/* Keep only the message that is not complete: what comes again of the rest can't be compared. */
void stream_yield(struct chunk_pool *pool, struct stream *stream);

/* The receiver acknowledges everything before `ack`: forget what nobody will need. */
void stream_acknowledge(struct chunk_pool *pool, struct stream *stream, uint32_t ack);

/* Nothing is known any more to have been received: what comes again is compared or refused. */
void stream_doubt(struct stream *stream, uint32_t first);

enum stream_compare {
	STREAM_CHANGED = 0, /* differs from what was sent before */
	STREAM_STALE,       /* neither kept nor known to be received */
	STREAM_SAME,
};

/* Compare a repetition, `length` bytes from `sequence` on, all before stream->next. */
enum stream_compare stream_compare(const struct chunk_pool *pool, const struct stream *stream,
    uint32_t sequence, const uint8_t *data, size_t length);

/*
 * Copy what left as `length` bytes from `sequence` on, all before stream->next; zeros for what is
 * not kept any more.
 */
void stream_copy(const struct chunk_pool *pool, const struct stream *stream, uint32_t sequence,
    uint8_t *buf, size_t length);

/* Copy the bytes of the incomplete message; buf has room for `size`. Returns their number. */
size_t stream_gather(
    const struct chunk_pool *pool, const struct stream *stream, uint8_t *buf, size_t size);

/* Number of bytes of the incomplete message. */
static inline uint32_t
stream_pending(const struct stream *stream)
{
	return stream->next - stream->message;
}

/* Give all chunks back. */
void stream_release(struct chunk_pool *pool, struct stream *stream);

#endif
