/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit test of the reader of pcapng: blocks as the format allows them, and as it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pcapng.h"

enum { FILE_MAX = 4096, ERROR_SIZE = 200 };

/* A file that is put together block by block, in either byte order. */
struct written {
	bool big_endian;
	size_t length;
	uint8_t bytes[FILE_MAX];
};

static void
put(struct written *w, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		w->bytes[w->length++] = (uint8_t)(value >> 8 * (w->big_endian ? size - 1 - i : i));
}

static size_t
begin_block(struct written *w, uint32_t type)
{
	put(w, type, 4);
	put(w, 0, 4);
	return w->length - 8;
}

static void
end_block(struct written *w, size_t start)
{
	size_t end = w->length + 4;

	w->length = start + 4;
	put(w, end - start, 4);
	w->length = end - 4;
	put(w, end - start, 4);
}

static void
put_section(struct written *w)
{
	size_t start = begin_block(w, 0x0a0d0d0a);

	put(w, 0x1a2b3c4d, 4);
	put(w, 1, 2);
	put(w, 0, 2);
	put(w, UINT64_MAX, 8);
	end_block(w, start);
}

static void
put_interface(
    struct written *w, uint16_t link_type, uint32_t snap, uint8_t resolution, int64_t offset)
{
	size_t start = begin_block(w, 1);

	put(w, link_type, 2);
	put(w, 0, 2);
	put(w, snap, 4);
	put(w, 2, 2); /* a name, which is nothing to us */
	put(w, 3, 2);
	put(w, 0x65746830, 4);
	put(w, 9, 2);
	put(w, 1, 2);
	w->bytes[w->length] = resolution;
	w->length += 4;
	put(w, 14, 2);
	put(w, 8, 2);
	put(w, (uint64_t)offset, 8);
	put(w, 0, 4);
	end_block(w, start);
}

static void
put_packet(struct written *w, uint32_t interface, uint64_t ticks, const char *data, uint32_t length)
{
	size_t start = begin_block(w, 6), kept = strlen(data);

	put(w, interface, 4);
	put(w, ticks >> 32, 4);
	put(w, ticks & UINT32_MAX, 4);
	put(w, kept, 4);
	put(w, length, 4);
	memcpy(w->bytes + w->length, data, kept);
	w->length += (kept + 3) / 4 * 4;
	end_block(w, start);
}

/* Read a frame of `length` bytes of the file, the `number`th; what pcapng_next() said of it. */
static int
read_number(struct written *w, size_t length, unsigned number, struct frame *ret_frame,
    char data[FILE_MAX], char error[ERROR_SIZE])
{
	FILE *stream = fmemopen(w->bytes, length, "r");
	struct pcapng *pcapng = pcapng_new(stream);
	int r = 1;

	assert_non_null(stream);
	assert_non_null(pcapng);
	for (unsigned i = 0; i < number && r == 1; i++)
		r = pcapng_next(pcapng, ret_frame, error, ERROR_SIZE);
	if (r == 1) {
		memcpy(data, ret_frame->data, ret_frame->length);
		data[ret_frame->length] = '\0';
	}
	pcapng_free(pcapng);
	fclose(stream);
	return r;
}

static void
assert_frame(struct written *w, unsigned number, int link_type, uint64_t wall_ns, const char *text)
{
	char data[FILE_MAX] = "", error[ERROR_SIZE] = "";
	struct frame frame = {0};

	assert_int_equal(read_number(w, w->length, number, &frame, data, error), 1);
	assert_string_equal(data, text);
	assert_int_equal(frame.number, number);
	assert_int_equal(frame.link_type, link_type);
	assert_true(frame.wall_ns == wall_ns);
}

static void
assert_wrong(struct written *w, size_t length, const char *expected)
{
	char data[FILE_MAX], error[ERROR_SIZE] = "";
	struct frame frame = {0};

	assert_true(read_number(w, length, 9, &frame, data, error) < 0);
	assert_string_equal(error, expected);
}

static void
interfaces_may_differ_in_everything(void **state)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct written w = {.big_endian = big_endian};

		put_section(&w);
		put_interface(&w, 1, 96, 6, 0);
		put_interface(&w, 195, 0, 9, 0); /* captures nothing */
		put_interface(&w, 101, 65535, 9, 100);
		put_interface(&w, 113, 65535, 0x80 | 20, 0);
		put_interface(&w, 113, 65535, 0x80 | 40, -1);
		put_interface(&w, 113, 65535, 12, 0);
		put_packet(&w, 0, 1500000, "one", 3);
		put_packet(&w, 2, 1500000000, "two", 3);
		put_packet(&w, 3, UINT64_C(3) << 19, "three", 5);
		put_packet(&w, 4, UINT64_C(5) << 39, "four", 4);
		put_packet(&w, 5, UINT64_C(1500000000000), "five", 4);
		assert_frame(&w, 1, 1, 1500000000, "one");
		assert_frame(&w, 2, 101, 101500000000, "two");
		assert_frame(&w, 3, 113, 1500000000, "three");
		assert_frame(&w, 4, 113, 1500000000, "four");
		assert_frame(&w, 5, 113, 1500000000, "five");
	}
}

static void
times_that_nanoseconds_do_not_hold_are_none(void **state)
{
	static const uint8_t resolutions[] = {0, 3, 0x80, 20, 0x80 | 64, 127, 0xff};

	for (size_t i = 0; i < sizeof(resolutions); i++) {
		struct written w = {0};

		put_section(&w);
		put_interface(&w, 1, 0, resolutions[i], 0);
		put_packet(&w, 0, UINT64_MAX, "late", 4);
		assert_frame(&w, 1, 1, 0, "late");
	}
}

static void
sections_of_either_byte_order_follow_each_other(void **state)
{
	struct written w = {0};

	put_section(&w);
	put_interface(&w, 1, 0, 9, 0);
	put_packet(&w, 0, 7, "little", 6);
	w.big_endian = true;
	put_section(&w);
	put_interface(&w, 101, 0, 9, 0);
	put_packet(&w, 0, 8, "big", 3);
	assert_frame(&w, 1, 1, 7, "little");
	assert_frame(&w, 2, 101, 8, "big");
}

static void
other_blocks_are_skipped(void **state)
{
	struct written w = {0};
	size_t start;

	put_section(&w);
	start = begin_block(&w, 5); /* statistics */
	put(&w, 0, 8);
	end_block(&w, start);
	put_interface(&w, 1, 0, 9, 0);
	end_block(&w, begin_block(&w, 0x40000bad));
	put_packet(&w, 0, 7, "behind", 6);
	assert_frame(&w, 1, 1, 7, "behind");
}

static void
simple_and_old_packets_are_read(void **state)
{
	struct written w = {0};
	char data[FILE_MAX] = "", error[ERROR_SIZE] = "";
	struct frame frame = {0};
	size_t start;

	put_section(&w);
	put_interface(&w, 1, 6, 9, 0);
	start = begin_block(&w, 3);
	put(&w, 9, 4); /* of which the snap length leaves six */
	memcpy(w.bytes + w.length, "simple", 6);
	w.length += 8;
	end_block(&w, start);
	start = begin_block(&w, 2);
	put(&w, 0, 2);
	put(&w, 0xffff, 2);
	put(&w, 0, 4);
	put(&w, 77, 4);
	put(&w, 3, 4);
	put(&w, 3, 4);
	memcpy(w.bytes + w.length, "old", 3);
	w.length += 4;
	end_block(&w, start);
	assert_frame(&w, 1, 1, 0, "simple");
	assert_int_equal(read_number(&w, w.length, 1, &frame, data, error), 1);
	assert_true(frame.truncated);
	assert_frame(&w, 2, 1, 77, "old");
}

static void
a_file_that_is_cut_says_so(void **state)
{
	struct written w = {0};
	size_t ends[4];
	size_t next = 0;

	put_section(&w);
	ends[0] = w.length;
	put_interface(&w, 1, 0, 9, 0);
	ends[1] = w.length;
	put_packet(&w, 0, 7, "one", 3);
	ends[2] = w.length;
	put_packet(&w, 0, 8, "two", 3);
	ends[3] = w.length;
	for (size_t n = 1; n < w.length; n++) {
		char data[FILE_MAX], error[ERROR_SIZE] = "";
		struct frame frame = {0};

		if (n == ends[next]) {
			assert_int_equal(read_number(&w, n, 9, &frame, data, error), 0);
			next++;
		} else {
			assert_wrong(&w, n, "it ends inside a block");
		}
	}
}

static void
lengths_that_lie_are_refused(void **state)
{
	static const struct {
		uint32_t length;
		const char *error;
	} lies[] = {
	    {0, "a block's length is none that a block can have"},
	    {8, "a block's length is none that a block can have"},
	    {13, "a block's length is none that a block can have"},
	    {UINT32_MAX, "a block's length is none that a block can have"},
	    {PCAPNG_BLOCK_MAX + 4, "a block is longer than 16 MiB"},
	    {PCAPNG_BLOCK_MAX, "it ends inside a block"},
	    {32, "a block has two lengths"},
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct written w = {0};
		size_t start;

		put_section(&w);
		put_interface(&w, 1, 0, 9, 0);
		start = w.length;
		put_packet(&w, 0, 7, "a frame", 7);
		put_packet(&w, 0, 7, "another", 7);
		w.length = start + 4;
		put(&w, lies[i].length, 4);
		w.length = start + 80;
		assert_wrong(&w, w.length, lies[i].error);
	}
}

static void
what_contradicts_itself_is_refused(void **state)
{
	struct written w = {0};
	size_t start;

	put_interface(&w, 1, 0, 9, 0);
	assert_wrong(&w, w.length, "it does not begin with a section");

	w = (struct written){0};
	put_section(&w);
	put_packet(&w, 0, 7, "x", 1);
	assert_wrong(&w, w.length, "a frame is of an interface that was not described before it");

	w = (struct written){0};
	put_section(&w);
	w.bytes[8] = 0x4e;
	assert_wrong(&w, w.length, "a section has no byte order");

	w = (struct written){0};
	put_section(&w);
	put_interface(&w, 1, 0, 9, 0);
	start = w.length;
	put_packet(&w, 0, 7, "four", 4);
	w.bytes[start + 20] = 5; /* bytes kept */
	assert_wrong(&w, w.length, "a frame is longer than its block");

	w = (struct written){0};
	put_section(&w);
	start = begin_block(&w, 1);
	put(&w, 1, 8);
	put(&w, 9, 2);
	put(&w, 0, 2); /* a resolution of no bytes */
	end_block(&w, start);
	assert_wrong(&w, w.length, "an option of an interface is shorter than it must be");

	w = (struct written){0};
	put_section(&w);
	start = begin_block(&w, 1);
	put(&w, 1, 8);
	put(&w, 2, 2);
	put(&w, 60, 2);
	end_block(&w, start);
	assert_wrong(&w, w.length, "the description of an interface ends in the middle");
}

static void
interfaces_have_a_limit(void **state)
{
	enum { INTERFACE = 20 };
	struct written w = {0};
	FILE *stream;
	struct pcapng *pcapng;
	struct frame frame = {0};
	char *bytes = NULL, error[ERROR_SIZE] = "";
	size_t size, start;

	for (unsigned more = 0; more < 2; more++) {
		stream = open_memstream(&bytes, &size);
		assert_non_null(stream);
		w = (struct written){0};
		put_section(&w);
		fwrite(w.bytes, 1, w.length, stream);
		w.length = 0;
		start = begin_block(&w, 1);
		put(&w, 1, 8);
		end_block(&w, start);
		assert_int_equal(w.length, INTERFACE);
		for (unsigned i = 0; i < PCAPNG_INTERFACES_MAX + more; i++)
			fwrite(w.bytes, 1, w.length, stream);
		fclose(stream);
		stream = fmemopen(bytes, size, "r");
		pcapng = pcapng_new(stream);
		assert_non_null(pcapng);
		assert_int_equal(pcapng_next(pcapng, &frame, error, sizeof(error)) < 0, more == 1);
		assert_string_equal(error, more ? "a section has more than 4096 interfaces" : "");
		pcapng_free(pcapng);
		fclose(stream);
		free(bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(interfaces_may_differ_in_everything),
	    cmocka_unit_test(times_that_nanoseconds_do_not_hold_are_none),
	    cmocka_unit_test(sections_of_either_byte_order_follow_each_other),
	    cmocka_unit_test(other_blocks_are_skipped),
	    cmocka_unit_test(simple_and_old_packets_are_read),
	    cmocka_unit_test(a_file_that_is_cut_says_so),
	    cmocka_unit_test(lengths_that_lie_are_refused),
	    cmocka_unit_test(what_contradicts_itself_is_refused),
	    cmocka_unit_test(interfaces_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
