/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit test of the cursor: what is read, what is refused, and that a failure is for good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cursor.h"

static const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};

static struct cursor
over(size_t available, size_t declared)
{
	struct cursor c;

	cursor_init(&c, bytes, available, declared);
	return c;
}

static void
numbers_are_read_in_their_byte_order(void **state)
{
	struct cursor c = over(8, 8);

	assert_int_equal(cursor_u8(&c, "a"), 0x01);
	assert_int_equal(cursor_be16(&c, "b"), 0x0203);
	assert_int_equal(cursor_be32(&c, "c"), 0x04050607);
	assert_int_equal(cursor_left(&c), 1);
	c = over(8, 8);
	assert_int_equal(cursor_le16(&c, "a"), 0x0201);
	assert_int_equal(cursor_le32(&c, "b"), 0x06050403);
	c = over(8, 8);
	assert_int_equal(cursor_le24(&c, "a"), 0x030201);
	assert_true(cursor_ok(&c));
}

static void
a_read_beyond_the_available_bytes_is_short(void **state)
{
	struct cursor c = over(3, 8);

	cursor_be16(&c, "a");
	assert_int_equal(cursor_here(&c), 1);
	assert_int_equal(cursor_left(&c), 6);
	assert_int_equal(cursor_be16(&c, "b"), 0);
	assert_int_equal(c.state, CURSOR_SHORT);
	assert_int_equal(c.offset, 2);
}

static void
a_read_beyond_the_declared_bytes_is_an_overrun_even_when_short(void **state)
{
	struct cursor c = over(3, 4);

	assert_null(cursor_bytes(&c, 5, "a"));
	assert_int_equal(c.state, CURSOR_OVERRUN);
	c = over(8, 4);
	assert_int_equal(cursor_here(&c), 4); /* what is behind the declared end is out of reach */
	cursor_be32(&c, "a");
	cursor_u8(&c, "b");
	assert_int_equal(c.state, CURSOR_OVERRUN);
	c = over(8, 8);
	assert_null(cursor_bytes(&c, SIZE_MAX, "all of them"));
	assert_int_equal(c.state, CURSOR_OVERRUN);
}

static void
a_failed_cursor_stays_failed_and_reads_zero(void **state)
{
	struct cursor c = over(8, 8), sub;

	cursor_fail(&c, REASON_VALUE_INVALID);
	cursor_fail(&c, REASON_PROTOCOL_ID);
	assert_int_equal(c.reason, REASON_VALUE_INVALID);
	assert_int_equal(cursor_u8(&c, "a"), 0);
	assert_int_equal(cursor_be16(&c, "a"), 0);
	assert_int_equal(cursor_be32(&c, "a"), 0);
	assert_int_equal(cursor_le16(&c, "a"), 0);
	assert_int_equal(cursor_le24(&c, "a"), 0);
	assert_int_equal(cursor_le32(&c, "a"), 0);
	assert_null(cursor_bytes(&c, 1, "a"));
	assert_int_equal(cursor_values(&c, VALUE_U8, 1, 1, "a").count, 0);
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_here(&c), 0);
	sub = cursor_sub(&c, 1, "a");
	assert_false(cursor_ok(&sub));
	assert_int_equal(c.offset, 0);
	assert_int_equal(c.state, CURSOR_FAILED);
}

static void
a_short_cursor_does_not_fail_afterwards(void **state)
{
	struct cursor c = over(0, 8);

	cursor_u8(&c, "a");
	cursor_fail(&c, REASON_VALUE_INVALID);
	assert_int_equal(c.state, CURSOR_SHORT);
}

static void
nothing_can_be_read_of_nothing(void **state)
{
	struct cursor c;

	cursor_init(&c, NULL, 0, 0);
	assert_null(cursor_bytes(&c, 0, "a"));
	assert_true(cursor_ok(&c));
	cursor_u8(&c, "a");
	assert_int_equal(c.state, CURSOR_OVERRUN);
	cursor_init(&c, NULL, 0, SIZE_MAX);
	assert_int_equal(cursor_left(&c), UINT32_MAX);
	cursor_u8(&c, "a");
	assert_int_equal(c.state, CURSOR_SHORT);
}

static void
expectations_consume_nothing_and_fail_as_early_as_bytes_allow(void **state)
{
	struct cursor c = over(8, 8);

	cursor_expect_u8(&c, 1, 1, REASON_VALUE_INVALID);
	cursor_expect_be16(&c, 0x0102, 0x0102, REASON_VALUE_INVALID);
	cursor_expect_either_u8(&c, 1, 9, REASON_VALUE_INVALID);
	cursor_expect_either_be16(&c, 0xff00, 0x0102, REASON_VALUE_INVALID);
	assert_true(cursor_ok(&c));
	assert_int_equal(c.offset, 0);

	/* one byte of two is here: 01.. */
	c = over(1, 8);
	cursor_expect_be16(&c, 0x01ff, 0x0200, REASON_VALUE_INVALID);
	cursor_expect_be16(&c, 0, 0x0100, REASON_VALUE_INVALID);
	cursor_expect_either_be16(&c, 0xff00, 0x0100, REASON_VALUE_INVALID);
	assert_true(cursor_ok(&c));
	cursor_expect_be16(&c, 0x0200, 0xffff, REASON_VALUE_INVALID);
	assert_int_equal(c.state, CURSOR_FAILED);
	c = over(1, 8);
	cursor_expect_be16(&c, 0, 0x00ff, REASON_VALUE_INVALID);
	assert_int_equal(c.state, CURSOR_FAILED);
	c = over(1, 8);
	cursor_expect_either_be16(&c, 0xff00, 0x0000, REASON_VALUE_INVALID);
	assert_int_equal(c.state, CURSOR_FAILED);

	c = over(2, 8);
	cursor_expect_be16(&c, 0x0103, 0xffff, REASON_QUANTITY_INVALID);
	assert_int_equal(c.reason, REASON_QUANTITY_INVALID);
	c = over(1, 8);
	cursor_expect_u8(&c, 2, 3, REASON_VALUE_INVALID);
	assert_int_equal(c.state, CURSOR_FAILED);
	c = over(1, 8);
	cursor_expect_either_u8(&c, 2, 3, REASON_VALUE_INVALID);
	assert_int_equal(c.state, CURSOR_FAILED);
	c = over(0, 8);
	cursor_expect_u8(&c, 2, 3, REASON_VALUE_INVALID);
	cursor_expect_be16(&c, 2, 3, REASON_VALUE_INVALID);
	cursor_expect_either_u8(&c, 2, 3, REASON_VALUE_INVALID);
	cursor_expect_either_be16(&c, 2, 3, REASON_VALUE_INVALID);
	assert_true(cursor_ok(&c));
}

static void
a_limit_learned_later_ends_the_message(void **state)
{
	struct cursor c = over(8, SIZE_MAX);

	cursor_be16(&c, "length");
	cursor_limit(&c, 4);
	assert_int_equal(cursor_left(&c), 2);
	assert_int_equal(cursor_here(&c), 2);
	cursor_limit(&c, 2);
	cursor_u8(&c, "a");
	assert_int_equal(c.state, CURSOR_OVERRUN);
	cursor_limit(&c, 0); /* nothing happens after a failure */
}

static void
a_sub_cursor_ends_where_it_was_told(void **state)
{
	struct cursor c = over(8, 8), sub;

	cursor_u8(&c, "a");
	sub = cursor_sub(&c, 2, "group");
	assert_int_equal(c.offset, 3);
	assert_int_equal(cursor_be16(&sub, "b"), 0x0203);
	cursor_u8(&sub, "c");
	assert_int_equal(sub.state, CURSOR_OVERRUN);
	assert_true(cursor_ok(&c));
	cursor_sub_end(&c, &sub);
	assert_int_equal(c.reason, REASON_LENGTH_MISMATCH);

	c = over(8, 8);
	sub = cursor_sub(&c, 2, "group");
	cursor_u8(&sub, "b");
	cursor_sub_end(&c, &sub);
	assert_int_equal(c.reason, REASON_TRAILING_BYTES);

	c = over(8, 8);
	sub = cursor_sub(&c, 9, "group");
	assert_int_equal(c.state, CURSOR_OVERRUN);
	assert_int_equal(sub.state, CURSOR_OVERRUN);
}

static void
malformed_beats_short_in_a_sub_cursor(void **state)
{
	struct cursor c = over(3, 8), sub = cursor_sub(&c, 4, "group");

	assert_int_equal(c.state, CURSOR_SHORT);
	assert_int_equal(cursor_be16(&sub, "a"), 0x0102);
	cursor_sub_end(&c, &sub); /* one byte is here, nobody read it */
	assert_int_equal(c.reason, REASON_TRAILING_BYTES);

	c = over(3, 8);
	sub = cursor_sub(&c, 4, "group");
	cursor_expect_u8(&sub, 9, 9, REASON_VALUE_INVALID);
	cursor_be32(&sub, "a");
	cursor_sub_end(&c, &sub);
	assert_int_equal(c.state, CURSOR_FAILED);
	assert_int_equal(c.reason, REASON_VALUE_INVALID);

	c = over(3, 8);
	sub = cursor_sub(&c, 4, "group");
	cursor_be32(&sub, "a");
	cursor_sub_end(&c, &sub);
	assert_int_equal(c.state, CURSOR_SHORT);

	c = over(4, 8);
	sub = cursor_sub(&c, 4, "group");
	cursor_be32(&sub, "a");
	cursor_sub_end(&c, &sub);
	assert_true(cursor_ok(&c));
}

static void
a_trace_names_what_was_read_and_a_peek_does_not(void **state)
{
	struct trace *trace = calloc(1, sizeof(*trace));
	struct cursor c = over(8, 8), sub, peek;

	c.trace = trace;
	cursor_le16(&c, "first");
	peek = cursor_peek(&c);
	cursor_be32(&peek, "ahead");
	sub = cursor_sub(&c, 2, "group");
	cursor_be16(&sub, "second");
	cursor_bytes(&c, 4, "third");
	cursor_u8(&c, "not there");
	assert_int_equal(trace->count, 3);
	assert_string_equal(trace->fields[0].name, "first");
	assert_int_equal(trace->fields[0].value, 0x0201);
	assert_int_equal(trace->fields[1].offset, 2);
	assert_int_equal(trace->fields[1].value, 0x0304);
	assert_int_equal(trace->fields[2].length, 4);
	assert_int_equal(trace->fields[2].value, 0x05060708);
	for (unsigned i = 0; i < TRACE_FIELDS_MAX + 10; i++) {
		c = over(8, 8);
		c.trace = trace;
		cursor_le16(&c, "again");
	}
	assert_int_equal(trace->count, TRACE_FIELDS_MAX);
	free(trace);
}

struct value_case {
	enum value_format format;
	uint8_t bytes[8];
	double value;
};

static void
every_format_of_values_is_read(void **state)
{
	static const struct value_case cases[] = {
	    {VALUE_U8, {0xfe}, 254},
	    {VALUE_U16_BE, {0x05, 0xdc}, 1500},
	    {VALUE_U16_LE, {0xdc, 0x05}, 1500},
	    {VALUE_S16_BE, {0xff, 0xfe}, -2},
	    {VALUE_S16_LE, {0xfe, 0xff}, -2},
	    {VALUE_U32_BE, {0xff, 0xff, 0xff, 0xfe}, 4294967294.0},
	    {VALUE_S32_BE, {0xff, 0xff, 0xff, 0xfe}, -2},
	    {VALUE_S32_LE, {0xfe, 0xff, 0xff, 0xff}, -2},
	    {VALUE_F32_BE, {0x3f, 0xc0, 0x00, 0x00}, 1.5},
	    {VALUE_F32_LE, {0x00, 0x00, 0xc0, 0x3f}, 1.5},
	    {VALUE_F64_LE, {0, 0, 0, 0, 0, 0, 0xf8, 0x3f}, 1.5},
	    {VALUE_COIL, {0xff, 0x00}, 1},
	    {VALUE_COIL, {0x00, 0x00}, 0},
	    {VALUE_BIT, {0x01}, 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct values values;
		struct cursor c;

		cursor_init(&c, cases[i].bytes, 8, 8);
		values = cursor_values(&c, cases[i].format, 1, 8, "value");
		assert_int_equal(values.count, 1);
		assert_true(values_get(&values, 0) == cases[i].value);
	}
}

static void
values_that_are_complete_are_there_when_bytes_are_short(void **state)
{
	struct cursor c = over(5, 8);
	struct values values = cursor_values(&c, VALUE_U16_BE, 4, 2, "values");

	assert_int_equal(c.state, CURSOR_SHORT);
	assert_int_equal(values.count, 2);
	assert_true(values_get(&values, 1) == 0x0304);
	c = over(7, 8);
	values = cursor_values(&c, VALUE_U8, 2, 4, "strides");
	assert_int_equal(values.count, 2);
	assert_true(values_get(&values, 1) == 5);
	c = over(1, 8);
	values = cursor_values(&c, VALUE_BIT, 12, 0, "bits");
	assert_int_equal(values.count, 8);
	c = over(2, 8);
	values = cursor_values(&c, VALUE_BIT, 12, 0, "bits");
	assert_int_equal(values.count, 12);
	assert_true(cursor_ok(&c));
	assert_true(values_get(&values, 9) == 1); /* 0x02: second bit of the second byte */
	c = over(8, 8);
	values = cursor_values(&c, VALUE_U16_BE, UINT32_MAX, 65535, "too many");
	assert_int_equal(values.count, 0);
	assert_int_equal(c.state, CURSOR_OVERRUN);
}

/* RFC 1071 in its simplest form, to compare with. */
static uint16_t
slow_checksum(const uint8_t *data, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
the_checksum_is_that_of_rfc_1071_for_every_length(void **state)
{
	uint8_t data[256];
	unsigned seed = 1;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
	memset(&data[100], 0xff, 100); /* carries */
	for (size_t n = 0; n <= sizeof(data); n++) {
		uint64_t sum = cursor_checksum_add(0, data, n / 2 & ~(size_t)1);

		sum = cursor_checksum_add(sum, &data[n / 2 & ~(size_t)1], n - (n / 2 & ~(size_t)1));
		assert_int_equal(cursor_checksum_fold(sum), slow_checksum(data, n));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_read_in_their_byte_order),
	    cmocka_unit_test(a_read_beyond_the_available_bytes_is_short),
	    cmocka_unit_test(a_read_beyond_the_declared_bytes_is_an_overrun_even_when_short),
	    cmocka_unit_test(a_failed_cursor_stays_failed_and_reads_zero),
	    cmocka_unit_test(a_short_cursor_does_not_fail_afterwards),
	    cmocka_unit_test(nothing_can_be_read_of_nothing),
	    cmocka_unit_test(expectations_consume_nothing_and_fail_as_early_as_bytes_allow),
	    cmocka_unit_test(a_limit_learned_later_ends_the_message),
	    cmocka_unit_test(a_sub_cursor_ends_where_it_was_told),
	    cmocka_unit_test(malformed_beats_short_in_a_sub_cursor),
	    cmocka_unit_test(a_trace_names_what_was_read_and_a_peek_does_not),
	    cmocka_unit_test(every_format_of_values_is_read),
	    cmocka_unit_test(values_that_are_complete_are_there_when_bytes_are_short),
	    cmocka_unit_test(the_checksum_is_that_of_rfc_1071_for_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
