/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes that are kept for comparison: at every edge of a chunk, at the limit, and where sequence
 * numbers wrap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_arena.h"

enum { HELD = 1 << 18, EDGES = 3 * CHUNK_BYTES + 2, CHUNK = 60, MOST = 65536 };

static const uint32_t starts[] = {1000, UINT32_MAX - 100, INT32_MAX - 50};

enum { STARTS = sizeof(starts) / sizeof(starts[0]) };

struct kept {
	struct flow_table table;
	struct stream stream;
	uint32_t start;
	size_t length; /* appended so far */
	void *arena;
};

static uint8_t
byte_at(size_t i)
{
	return (uint8_t)(i * 7 + i / 251);
}

static struct kept
kept_new(uint32_t start)
{
	struct engine_limits limits = {.flows = 1, .held_bytes = HELD};
	struct kept kept = {.start = start, .arena = calloc(1, flow_arena_size(&limits))};

	flow_arena_init(kept.arena, &limits, 1);
	flow_table_attach(&kept.table, kept.arena);
	stream_begin(&kept.table.pool, &kept.stream, start);
	return kept;
}

static void
append(struct kept *kept, size_t length, uint32_t pending)
{
	uint8_t *data = malloc(length + 1);

	for (size_t i = 0; i < length; i++)
		data[i] = byte_at(kept->length + i);
	stream_append(&kept->table.pool, &kept->stream, data, length, pending);
	kept->length += length;
	free(data);
}

static void
acknowledge(struct kept *kept, size_t length)
{
	stream_acknowledge(&kept->table.pool, &kept->stream, kept->start + (uint32_t)length);
}

static uint32_t
chunks(const struct kept *kept)
{
	return kept->table.arena->chunk_books.held;
}

/* What comes of a repetition of `length` bytes from byte `first` on, the last one `change`d? */
static enum stream_compare
repeat(const struct kept *kept, size_t first, size_t length, uint8_t change)
{
	uint8_t *data = malloc(length + 1);
	enum stream_compare result;

	for (size_t i = 0; i < length; i++)
		data[i] = byte_at(first + i);
	data[length - 1] ^= change;
	result = stream_compare(
	    &kept->table.pool, &kept->stream, kept->start + (uint32_t)first, data, length);
	free(data);
	return result;
}

/* Bytes from `first` on are kept, each with its value. */
static void
assert_kept(const struct kept *kept, size_t first)
{
	for (size_t i = first; i < kept->length; i++) {
		assert_int_equal(repeat(kept, i, 1, 0), STREAM_SAME);
		assert_int_equal(repeat(kept, i, 1, 1), STREAM_CHANGED);
	}
	if (first < kept->length) {
		assert_int_equal(repeat(kept, first, kept->length - first, 0), STREAM_SAME);
		assert_int_equal(repeat(kept, first, kept->length - first, 1), STREAM_CHANGED);
	}
}

static void
assert_chunks(const struct kept *kept, size_t first)
{
	size_t expected =
	    first == kept->length ? 0 : (kept->length + CHUNK - 1) / CHUNK - first / CHUNK;

	if (chunks(kept) != expected)
		print_error("%zu of %zu bytes\n", first, kept->length);
	assert_int_equal(chunks(kept), expected);
}

static void
assert_pending(const struct kept *kept, size_t pending)
{
	uint8_t bytes[EDGES];

	assert_int_equal(stream_pending(&kept->stream), pending);
	assert_int_equal(
	    stream_gather(&kept->table.pool, &kept->stream, bytes, sizeof(bytes)), pending);
	for (size_t i = 0; i < pending; i++)
		assert_int_equal(bytes[i], byte_at(kept->length - pending + i));
}

/* All lengths over three chunks, all acknowledgements, with and without an incomplete message. */
static void
edges_of_chunks(void **state)
{
	static const size_t pendings[] = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1};

	for (size_t s = 0; s < STARTS; s++)
		for (size_t length = 1; length < EDGES; length++)
			for (size_t ack = 0; ack <= length; ack++) {
				size_t pending = pendings[(length + ack) % 5], first;
				struct kept kept = kept_new(starts[s]);

				pending = pending < length ? pending : 0;
				first = ack < length - pending ? ack : length - pending;
				append(&kept, length, (uint32_t)pending);
				acknowledge(&kept, ack);
				assert_chunks(&kept, first);
				assert_pending(&kept, pending);
				if (ack % CHUNK < 2 || ack % CHUNK == CHUNK - 1)
					assert_kept(&kept, first);
				free(kept.arena);
			}
}

/* Many short segments, each acknowledged after the next one: nothing is lost, nothing stays. */
static void
appending_goes_on_behind_what_was_forgotten(void **state)
{
	for (size_t s = 0; s < STARTS; s++)
		for (size_t step = 1; step < 2 * CHUNK + 2; step++) {
			struct kept kept = kept_new(starts[s]);

			for (size_t turn = 0; turn < 8; turn++) {
				append(&kept, step, 0);
				acknowledge(&kept, turn * step);
				assert_kept(&kept, turn * step);
			}
			acknowledge(&kept, kept.length);
			assert_int_equal(chunks(&kept), 0);
			free(kept.arena);
		}
}

/* What nobody acknowledges is kept up to a limit, and what was forgotten then is refused. */
static void
unacknowledged_bytes_have_a_limit(void **state)
{
	for (size_t s = 0; s < STARTS; s++) {
		struct kept kept = kept_new(starts[s]);

		append(&kept, MOST - 1000, 0);
		append(&kept, 1000, 0);
		assert_int_equal(repeat(&kept, 0, 1, 0), STREAM_SAME);
		assert_int_equal(repeat(&kept, 0, 1, 1), STREAM_CHANGED);
		append(&kept, 1, 0);
		assert_int_equal(repeat(&kept, 0, 1, 0), STREAM_STALE);
		assert_int_equal(repeat(&kept, 0, 2, 0), STREAM_STALE);
		assert_int_equal(repeat(&kept, 1, 1, 0), STREAM_SAME);
		assert_int_equal(repeat(&kept, 1, 1, 1), STREAM_CHANGED);
		/* a message that is not complete is kept beyond it */
		append(&kept, 100, 100);
		assert_int_equal(repeat(&kept, 1, 1, 1), STREAM_CHANGED);
		append(&kept, 200, 100);
		assert_int_equal(repeat(&kept, 100, 1, 0), STREAM_STALE);
		assert_int_equal(repeat(&kept, 201, 1, 1), STREAM_CHANGED);
		append(&kept, 20 * CHUNK, 0);
		assert_in_range(chunks(&kept), MOST / CHUNK, MOST / CHUNK + 2);
		/* the receiver has them: whatever comes again does no harm */
		acknowledge(&kept, 1);
		assert_int_equal(repeat(&kept, 0, 1, 1), STREAM_SAME);
		assert_int_equal(repeat(&kept, 0, 2, 1), STREAM_STALE);
		free(kept.arena);
	}
}

/* Only what was sent can have been received. */
static void
acknowledgement_of_more_than_was_sent_means_nothing(void **state)
{
	for (size_t s = 0; s < STARTS; s++) {
		static const size_t beyond[] = {101, 102, 1000, 1 << 20, INT32_MAX};
		struct kept kept = kept_new(starts[s]);

		append(&kept, 100, 0);
		for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
			acknowledge(&kept, beyond[i]);
			assert_int_equal(kept.stream.acked, kept.start);
			assert_kept(&kept, 0);
		}
		acknowledge(&kept, 40);
		acknowledge(&kept, 39); /* late */
		assert_int_equal(kept.stream.acked, kept.start + 40);
		acknowledge(&kept, 100);
		assert_int_equal(kept.stream.acked, kept.start + 100);
		assert_int_equal(chunks(&kept), 0);
		assert_int_equal(repeat(&kept, 0, 100, 1), STREAM_SAME);
		stream_doubt(&kept.stream, kept.start);
		assert_int_equal(repeat(&kept, 0, 100, 0), STREAM_STALE);
		free(kept.arena);
	}
}

/* To the byte: what is said to have room is taken, and not one byte more is said to have it. */
static void
room_is_what_is_left(void **state)
{
	struct kept kept = kept_new(starts[0]);
	uint32_t count = kept.table.arena->chunk_books.count;

	for (size_t used = 0; used < EDGES; used++) {
		size_t left = (size_t)count * CHUNK - used;

		assert_true(stream_has_room(&kept.table.pool, &kept.stream, left));
		assert_false(stream_has_room(&kept.table.pool, &kept.stream, left + 1));
		append(&kept, 1, 0);
	}
	free(kept.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(edges_of_chunks),
	    cmocka_unit_test(appending_goes_on_behind_what_was_forgotten),
	    cmocka_unit_test(unacknowledged_bytes_have_a_limit),
	    cmocka_unit_test(acknowledgement_of_more_than_was_sent_means_nothing),
	    cmocka_unit_test(room_is_what_is_left),
	};

	return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
