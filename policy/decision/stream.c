/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stream: bytes kept in chunks.  See stream.h. */
#include "stream.h"

#include <assert.h>
#include <string.h>

static uint32_t
distance(uint32_t from, uint32_t to)
{
	return to - from;
}

static bool
before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static uint32_t
chunk_take(struct flow_table *table)
{
	struct flow_arena *arena = table->arena;
	uint32_t index = arena->free_chunk;

	if (index != 0)
		arena->free_chunk = table->chunks[index].next;
	else
		index = ++arena->chunk_top;
	assert(index <= arena->chunk_count);
	table->chunks[index].next = 0;
	if (++arena->counters.held_chunks > arena->counters.held_chunks_max)
		arena->counters.held_chunks_max = arena->counters.held_chunks;
	return index;
}

static void
chunk_give(struct flow_table *table, uint32_t index)
{
	table->chunks[index].next = table->arena->free_chunk;
	table->arena->free_chunk = index;
	table->arena->counters.held_chunks--;
}

void
stream_release(struct flow_table *table, struct stream *stream)
{
	while (stream->head != 0) {
		uint32_t next = table->chunks[stream->head].next;

		chunk_give(table, stream->head);
		stream->head = next;
	}
	stream->tail = 0;
	stream->head_offset = 0;
	stream->tail_used = 0;
	stream->kept = stream->next;
	stream->message = stream->next;
}

void
stream_begin(struct flow_table *table, struct stream *stream, uint32_t next)
{
	stream->next = next;
	stream->acked = next;
	stream->fin = false;
	stream_release(table, stream);
}

bool
stream_has_room(const struct flow_table *table, const struct stream *stream, size_t length)
{
	size_t in_tail = stream->tail != 0 ? (size_t)(CHUNK_BYTES - stream->tail_used) : 0;
	size_t needed;

	if (length <= in_tail)
		return true;
	needed = (length - in_tail + CHUNK_BYTES - 1) / CHUNK_BYTES;
	return needed <= table->arena->chunk_count - table->arena->counters.held_chunks;
}

/* Forget bytes up to `sequence`, chunk by chunk. */
static void
stream_forget(struct flow_table *table, struct stream *stream, uint32_t sequence)
{
	uint32_t drop = distance(stream->kept, sequence);

	if (sequence == stream->next && stream->message == stream->next) {
		stream_release(table, stream);
		return;
	}
	while (drop > 0) {
		uint32_t here = CHUNK_BYTES - stream->head_offset;
		uint32_t next = table->chunks[stream->head].next;

		if (drop < here) {
			stream->head_offset = (uint16_t)(stream->head_offset + drop);
			break;
		}
		drop -= here;
		chunk_give(table, stream->head);
		stream->head = next;
		stream->head_offset = 0;
	}
	stream->kept = sequence;
}

void
stream_append(struct flow_table *table, struct stream *stream, const uint8_t *data, size_t length,
    uint32_t pending)
{
	struct cursor c;

	assert(stream_has_room(table, stream, length));
	cursor_init(&c, data, length, length);
	while (cursor_left(&c) > 0) {
		size_t part;

		if (stream->tail == 0 || stream->tail_used == CHUNK_BYTES) {
			uint32_t index = chunk_take(table);

			if (stream->tail != 0)
				table->chunks[stream->tail].next = index;
			else
				stream->head = index;
			stream->tail = index;
			stream->tail_used = 0;
		}
		part = CHUNK_BYTES - stream->tail_used;
		if (part > cursor_left(&c))
			part = cursor_left(&c);
		memcpy(&table->chunks[stream->tail].data[stream->tail_used],
		    cursor_bytes(&c, part, "kept"), part);
		stream->tail_used = (uint16_t)(stream->tail_used + part);
	}
	stream->next += (uint32_t)length;
	stream->message = stream->next - pending;
	assert(pending <= distance(stream->kept, stream->next));
	if (distance(stream->kept, stream->message) > STREAM_KEPT_MAX)
		stream_forget(table, stream, stream->message - STREAM_KEPT_MAX);
}

void
stream_acknowledge(struct flow_table *table, struct stream *stream, uint32_t ack)
{
	/* An acknowledgement of bytes that were never let through is nobody's business here. */
	if (before(stream->next, ack) || !before(stream->acked, ack))
		return;
	stream->acked = ack;
	if (before(stream->message, ack))
		ack = stream->message;
	if (before(stream->kept, ack))
		stream_forget(table, stream, ack);
}

void
stream_doubt(struct stream *stream, uint32_t first)
{
	stream->acked = first;
}

/* Where byte number `sequence` is: chunk and offset in it. */
static uint32_t
stream_seek(const struct flow_table *table, const struct stream *stream, uint32_t sequence,
    uint32_t *ret_offset)
{
	uint32_t chunk = stream->head;
	uint32_t offset = stream->head_offset + distance(stream->kept, sequence);

	while (offset >= CHUNK_BYTES && chunk != 0) {
		offset -= CHUNK_BYTES;
		chunk = table->chunks[chunk].next;
	}
	*ret_offset = offset;
	return chunk;
}

enum stream_compare
stream_compare(const struct flow_table *table, const struct stream *stream, uint32_t sequence,
    const uint8_t *data, size_t length)
{
	struct cursor c;
	uint32_t chunk, offset;

	cursor_init(&c, data, length, length);
	if (before(sequence, stream->kept)) {
		uint32_t gone = distance(sequence, stream->kept);

		if (gone > length)
			gone = (uint32_t)length;
		if (before(stream->acked, sequence + gone))
			return STREAM_STALE;
		cursor_bytes(&c, gone, "received");
		sequence += gone;
	}
	chunk = stream_seek(table, stream, sequence, &offset);
	while (cursor_left(&c) > 0) {
		uint32_t part = CHUNK_BYTES - offset;

		assert(chunk != 0);
		if (part > cursor_left(&c))
			part = cursor_left(&c);
		if (part > 0 &&
		    memcmp(&table->chunks[chunk].data[offset], cursor_bytes(&c, part, "repeated"),
			part) != 0)
			return STREAM_CHANGED;
		offset = 0;
		chunk = table->chunks[chunk].next;
	}
	return STREAM_SAME;
}

uint32_t
stream_pending(const struct stream *stream)
{
	return distance(stream->message, stream->next);
}

size_t
stream_gather(
    const struct flow_table *table, const struct stream *stream, uint8_t *buf, size_t size)
{
	size_t pending = stream_pending(stream), done = 0;
	uint32_t offset, chunk = stream_seek(table, stream, stream->message, &offset);

	assert(pending <= size);
	while (done < pending) {
		size_t part = CHUNK_BYTES - offset;

		assert(chunk != 0);
		if (part > pending - done)
			part = pending - done;
		memcpy(&buf[done], &table->chunks[chunk].data[offset], part);
		done += part;
		offset = 0;
		chunk = table->chunks[chunk].next;
	}
	return done;
}
