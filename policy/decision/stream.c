/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stream: bytes kept in chunks.  See stream.h. */
#include "stream.h"

#include <assert.h>
#include <string.h>

#include "cursor.h"

static uint32_t
distance(uint32_t from, uint32_t to)
{
	return to - from;
}

static uint32_t
chunk_take(struct chunk_pool *pool)
{
	struct chunk_books *books = pool->books;
	uint32_t index = books->free;

	if (index != 0)
		books->free = pool->chunks[index].next;
	else
		index = ++books->top;
	assert(index <= books->count);
	pool->chunks[index].next = 0;
	if (++books->held > books->held_max)
		books->held_max = books->held;
	return index;
}

static void
chunk_give(struct chunk_pool *pool, uint32_t index)
{
	pool->chunks[index].next = pool->books->free;
	pool->books->free = index;
	pool->books->held--;
}

void
stream_release(struct chunk_pool *pool, struct stream *stream)
{
	while (stream->head != 0) {
		uint32_t next = pool->chunks[stream->head].next;

		chunk_give(pool, stream->head);
		stream->head = next;
	}
	stream->tail = 0;
	stream->head_offset = 0;
	stream->chunks = 0;
	stream->kept = stream->next;
	stream->message = stream->next;
}

void
stream_begin(struct chunk_pool *pool, struct stream *stream, uint32_t next)
{
	stream->next = next;
	stream->acked = next;
	stream->fin = false;
	stream_release(pool, stream);
}

/* Forget bytes up to `sequence`, chunk by chunk. */
static void
stream_forget(struct chunk_pool *pool, struct stream *stream, uint32_t sequence)
{
	uint32_t drop = distance(stream->kept, sequence);

	if (sequence == stream->next && stream->message == stream->next) {
		stream_release(pool, stream);
		return;
	}
	while (drop > 0) {
		uint32_t here = CHUNK_BYTES - stream->head_offset;
		uint32_t next = pool->chunks[stream->head].next;

		if (drop < here) {
			stream->head_offset = (uint8_t)(stream->head_offset + drop);
			break;
		}
		drop -= here;
		chunk_give(pool, stream->head);
		stream->chunks--;
		stream->head = next;
		stream->head_offset = 0;
	}
	stream->kept = sequence;
}

/* A new chunk behind the last one. */
static void
stream_lengthen(struct chunk_pool *pool, struct stream *stream)
{
	uint32_t index = chunk_take(pool);

	if (stream->tail != 0)
		pool->chunks[stream->tail].next = index;
	else
		stream->head = index;
	stream->tail = index;
	stream->chunks++;
}

void
stream_append(struct chunk_pool *pool, struct stream *stream, const uint8_t *data, size_t length,
    uint32_t pending)
{
	struct cursor c;

	assert(stream_has_room(pool, stream, length));
	cursor_init(&c, data, length, length);
	while (cursor_left(&c) > 0) {
		size_t part = stream_left(stream), at;

		if (part == 0) {
			stream_lengthen(pool, stream);
			part = CHUNK_BYTES;
		}
		at = CHUNK_BYTES - part;
		if (part > cursor_left(&c))
			part = cursor_left(&c);
		memcpy(&pool->chunks[stream->tail].data[at], cursor_bytes(&c, part, "kept"), part);
		stream->next += (uint32_t)part;
	}
	stream->message = stream->next - pending;
	assert(pending <= distance(stream->kept, stream->next));
	if (distance(stream->kept, stream->message) > STREAM_KEPT_MAX)
		stream_forget(pool, stream, stream->message - STREAM_KEPT_MAX);
}

void
stream_yield(struct chunk_pool *pool, struct stream *stream)
{
	if (sequence_before(stream->kept, stream->message))
		stream_forget(pool, stream, stream->message);
}

void
stream_acknowledge(struct chunk_pool *pool, struct stream *stream, uint32_t ack)
{
	/* An acknowledgement of bytes that were never let through is nobody's business here. */
	if (sequence_before(stream->next, ack) || !sequence_before(stream->acked, ack))
		return;
	stream->acked = ack;
	if (sequence_before(stream->message, ack))
		ack = stream->message;
	if (sequence_before(stream->kept, ack))
		stream_forget(pool, stream, ack);
}

void
stream_doubt(struct stream *stream, uint32_t first)
{
	stream->acked = first;
}

/* Where byte number `sequence` is: chunk and offset in it. */
static uint32_t
stream_seek(const struct chunk_pool *pool, const struct stream *stream, uint32_t sequence,
    uint32_t *ret_offset)
{
	uint32_t chunk = stream->head;
	uint32_t offset = stream->head_offset + distance(stream->kept, sequence);

	while (offset >= CHUNK_BYTES && chunk != 0) {
		offset -= CHUNK_BYTES;
		chunk = pool->chunks[chunk].next;
	}
	*ret_offset = offset;
	return chunk;
}

enum stream_compare
stream_compare(const struct chunk_pool *pool, const struct stream *stream, uint32_t sequence,
    const uint8_t *data, size_t length)
{
	struct cursor c;
	uint32_t chunk, offset;

	cursor_init(&c, data, length, length);
	if (sequence_before(sequence, stream->kept)) {
		uint32_t gone = distance(sequence, stream->kept);

		if (gone > length)
			gone = (uint32_t)length;
		if (sequence_before(stream->acked, sequence + gone))
			return STREAM_STALE;
		cursor_bytes(&c, gone, "received");
		sequence += gone;
	}
	chunk = stream_seek(pool, stream, sequence, &offset);
	while (cursor_left(&c) > 0) {
		uint32_t part = CHUNK_BYTES - offset;
		const uint8_t *bytes;

		assert(chunk != 0);
		if (part > cursor_left(&c))
			part = cursor_left(&c);
		bytes = cursor_bytes(&c, part, "repeated");
		if (!bytes || memcmp(&pool->chunks[chunk].data[offset], bytes, part) != 0)
			return STREAM_CHANGED;
		offset = 0;
		chunk = pool->chunks[chunk].next;
	}
	return STREAM_SAME;
}

/* Copy `length` bytes that are kept, from `sequence` on. */
static void
copy_kept(const struct chunk_pool *pool, const struct stream *stream, uint32_t sequence,
    uint8_t *buf, size_t length)
{
	uint32_t offset, chunk = stream_seek(pool, stream, sequence, &offset);

	for (size_t done = 0; done < length;) {
		size_t part = CHUNK_BYTES - offset;

		assert(chunk != 0);
		if (part > length - done)
			part = length - done;
		memcpy(&buf[done], &pool->chunks[chunk].data[offset], part);
		done += part;
		offset = 0;
		chunk = pool->chunks[chunk].next;
	}
}

void
stream_copy(const struct chunk_pool *pool, const struct stream *stream, uint32_t sequence,
    uint8_t *buf, size_t length)
{
	size_t gone =
	    sequence_before(sequence, stream->kept) ? distance(sequence, stream->kept) : 0;

	if (gone > length)
		gone = length;
	memset(buf, 0, gone);
	if (gone < length)
		copy_kept(pool, stream, sequence + (uint32_t)gone, &buf[gone], length - gone);
}

size_t
stream_gather(const struct chunk_pool *pool, const struct stream *stream, uint8_t *buf, size_t size)
{
	size_t pending = stream_pending(stream);

	assert(pending <= size);
	copy_kept(pool, stream, stream->message, buf, pending);
	return pending;
}
