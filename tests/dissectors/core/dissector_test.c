/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unit test of what all dissectors share: the tables of those in the list, the text forms of points
 * and units, filling a message, and dissect() with a dissector made for the test.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors.h"

static void
every_dissector_has_sound_tables(void **state)
{
	for (const struct dissector *const *p = dissectors; *p; p++) {
		const struct dissector *d = *p;

		assert_ptr_equal(dissector_find(d->name), d);
		assert_non_null(d->title);
		assert_true(d->tcp || d->udp);
		assert_in_range(d->function_count, 1, FUNCTIONS_MAX);
		assert_in_range(d->message_max, 1, 65536);
		for (uint32_t i = 0; i < d->function_count; i++) {
			const struct function *f = &d->functions[i];

			assert_int_equal(dissector_function_index(d, f), i);
			/* names and codes are unique */
			assert_ptr_equal(dissector_find_function(d, f->name), f);
			assert_ptr_equal(dissector_find_code(d, f->code, f->sub), f);
			assert_in_range(f->access, ACCESS_NONE, ACCESS_COUNT - 1);
			assert_non_null(f->section);
		}
	}
	assert_null(dissector_find("modbsu"));
	assert_null(dissector_find_function(dissectors[0], ""));
}

static void
a_row_without_sub_function_stands_for_the_rest(void **state)
{
	const struct dissector *d = dissector_find("modbus");

	assert_string_equal(dissector_find_code(d, 8, 4)->name, "force-listen-only");
	assert_string_equal(dissector_find_code(d, 8, 19)->name, "reserved-8");
	assert_string_equal(dissector_find_code(d, 43, 15)->name, "reserved-43");
	assert_null(dissector_find_code(d, 18, FUNCTION_NO_SUB));
}

static const char *const good_points[] = {"coil:0", "holding:40-42", "holding:*", "input:65535",
    "discrete:0-9", "file:4:0-9", "file:*:7", "file:1-3:*", "file:65535:9999"};

static const char *const bad_points[] = {"", ":", "holding", "holding:", "holding:65536",
    "holding:42-40", "holding:40-", "holding:-40", "holding: 40", "holding:40 ", "holding:+4",
    "holding:0x28", "holding:40:41", "holding:4,5", "hold:40", "holdings:40", "*", "file:4",
    "file:4:", "file::4", "file:65536:0", "file:4:10000", "file:4:5:6", "holding:**",
    "holding:99999999999999999999", "holding:4-99999999999999999999"};

static void
points_are_read_and_printed_alike(void **state)
{
	const struct dissector *d = dissector_find("modbus");
	struct point_range range;
	const char *why;
	char text[64];

	for (size_t i = 0; i < sizeof(good_points) / sizeof(good_points[0]); i++) {
		assert_int_equal(dissector_parse_points(d, good_points[i], &range, &why), 0);
		assert_int_equal(
		    dissector_print_points(d, &range, text, sizeof(text)), strlen(good_points[i]));
		assert_string_equal(text, good_points[i]);
	}
	assert_int_equal(dissector_parse_points(d, "file:1-3:7-9", &range, &why), 0);
	assert_string_equal(d->spaces[range.space].name, "file");
	assert_int_equal(range.block_first, 1);
	assert_int_equal(range.block_last, 3);
	assert_int_equal(range.first, 7);
	assert_int_equal(range.last, 9);
	for (size_t i = 0; i < sizeof(bad_points) / sizeof(bad_points[0]); i++) {
		struct point_range untouched = {1, 2, 3, 4, 5}, copy = untouched;

		why = NULL;
		assert_int_equal(
		    dissector_parse_points(d, bad_points[i], &untouched, &why), -EINVAL);
		assert_memory_equal(&untouched, &copy, sizeof(copy));
		assert_non_null(why);
	}
}

static void
units_are_read_and_printed_alike(void **state)
{
	static const char *const good[] = {"0", "1", "1-10", "255", "0-255", "*", "broadcast"};
	static const char *const bad[] = {
	    "", "256", "1-256", "10-1", "1-", "-1", "a", "1,2", " 1", "1 ", "1>2", "4294967296"};
	const struct dissector *d = dissector_find("modbus");
	struct unit_range range;
	const char *why;
	char text[64];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(dissector_parse_units(d, good[i], &range, &why), 0);
		dissector_print_units(d, &range, text, sizeof(text));
		assert_string_equal(text, good[i]);
		assert_int_equal(range.source_first, 0);
		assert_int_equal(range.source_last, UINT32_MAX);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = NULL;
		assert_int_equal(dissector_parse_units(d, bad[i], &range, &why), -EINVAL);
		assert_non_null(why);
	}
}

static void
spans_have_a_limit_and_a_failed_cursor_adds_none(void **state)
{
	static struct message m;
	struct cursor c;

	message_init(&m, dissectors[0]);
	cursor_init(&c, NULL, 0, 0);
	for (unsigned i = 0; i < SPANS_MAX; i++)
		assert_int_equal(
		    message_add_span(&m, &c, 0, ACCESS_READ, 0, i, i + 1)->last, i + 1);
	assert_int_equal(m.span_count, SPANS_MAX);
	assert_true(cursor_ok(&c));
	assert_non_null(message_add_span(&m, &c, 0, ACCESS_READ, 0, 1, 1));
	assert_int_equal(c.reason, REASON_POINTS_TOO_MANY);
	assert_int_equal(m.span_count, SPANS_MAX);

	message_init(&m, dissectors[0]);
	assert_non_null(message_add_span(&m, &c, 0, ACCESS_READ, 0, 1, 0));
	assert_int_equal(m.span_count, 0);
}

static void
every_access_class_has_a_word(void **state)
{
	for (unsigned a = 0; a < ACCESS_COUNT; a++)
		assert_string_not_equal(access_word((enum access)a), "?");
	assert_string_equal(access_word(ACCESS_COUNT), "?");
}

/* One byte of length (all bytes), one byte that must be 7, the rest is read as `appetite` tells. */
static uint32_t appetite;

static uint32_t
toy_frame(struct cursor *c, enum direction direction)
{
	uint8_t length = cursor_u8(c, "length");

	if (length == 0xff)
		cursor_fail(c, REASON_LENGTH_INVALID);
	return length == 0xfe ? 1000 : length;
}

static void
toy_decode(
    struct cursor *c, enum direction direction, const struct context *context, struct message *m)
{
	cursor_u8(c, "length");
	cursor_expect_u8(c, 7, 7, REASON_VALUE_INVALID);
	m->unit = cursor_u8(c, "seven");
	cursor_bytes(c, appetite, "rest");
}

static const struct function toy_function = {
    1, FUNCTION_NO_SUB, "toy", ACCESS_READ, "-", SIDE_BOTH};

static const struct dissector toy = {
    .name = "toy",
    .message_max = 100,
    .functions = &toy_function,
    .function_count = 1,
    .frame = toy_frame,
    .decode = toy_decode,
};

struct toy_case {
	const char *bytes;
	size_t length;
	uint32_t appetite;
	enum dissect_result result;
	enum reason reason;
};

static void
dissect_checks_what_the_author_need_not(void **state)
{
	static const struct toy_case cases[] = {
	    {"", 0, 2, DISSECT_PARTIAL, REASON_UNDECIDED},
	    {"\x04", 1, 2, DISSECT_PARTIAL, REASON_UNDECIDED},
	    {"\x04\x07z", 3, 2, DISSECT_PARTIAL, REASON_UNDECIDED},
	    {"\x04\x07zz", 4, 2, DISSECT_COMPLETE, REASON_UNDECIDED},
	    {"\x04\x07zz next", 9, 2, DISSECT_COMPLETE, REASON_UNDECIDED},
	    /* it reads beyond the end that the message told, also when nothing is here yet */
	    {"\x04\x07zzz", 5, 3, DISSECT_MALFORMED, REASON_LENGTH_MISMATCH},
	    {"\x04\x07", 2, 3, DISSECT_MALFORMED, REASON_LENGTH_MISMATCH},
	    /* it leaves bytes over, also when they are not here yet */
	    {"\x04\x07zz", 4, 1, DISSECT_MALFORMED, REASON_TRAILING_BYTES},
	    {"\x04\x07z", 3, 1, DISSECT_MALFORMED, REASON_TRAILING_BYTES},
	    /* malformed beats short */
	    {"\x04\x08", 2, 2, DISSECT_MALFORMED, REASON_VALUE_INVALID},
	    {"\xff\x07", 2, 2, DISSECT_MALFORMED, REASON_LENGTH_INVALID},
	    {"\xfe\x07", 2, 2, DISSECT_MALFORMED, REASON_MESSAGE_TOO_LONG},
	    {"\x00\x07", 2, 2, DISSECT_MALFORMED, REASON_LENGTH_INVALID},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum reason reason = REASON_UNDECIDED;
		static struct message m;
		static struct context_room room;
		struct context context = context_new(&room);
		uint32_t length = 1234;

		appetite = cases[i].appetite;
		assert_int_equal(
		    dissect(&toy, DIRECTION_REQUEST, &context, (const uint8_t *)cases[i].bytes,
			cases[i].length, NULL, &m, &length, &reason),
		    cases[i].result);
		assert_int_equal(reason, cases[i].reason);
		assert_int_equal(length, cases[i].result == DISSECT_COMPLETE ? 4 : 1234);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_dissector_has_sound_tables),
	    cmocka_unit_test(a_row_without_sub_function_stands_for_the_rest),
	    cmocka_unit_test(points_are_read_and_printed_alike),
	    cmocka_unit_test(units_are_read_and_printed_alike),
	    cmocka_unit_test(spans_have_a_limit_and_a_failed_cursor_adds_none),
	    cmocka_unit_test(every_access_class_has_a_word),
	    cmocka_unit_test(dissect_checks_what_the_author_need_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
