/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unit test of the order in which the frames of a capture can have been sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "order.h"

enum { RAW = 101, FRAME = 140, SEEN_MAX = 512, SYN = 2, RST = 4, ACK = 16, MS = 1000000 };

/* The numbers of the frames that were handed out, as "1 3 2". */
struct seen {
	struct order *order;
	uint64_t number;
	uint64_t wall_ns;
	unsigned stop_at; /* frames; 0: never */
	unsigned count;
	char text[SEEN_MAX * 4];
};

static bool
note(void *context, const struct frame *frame)
{
	struct seen *seen = context;
	char *end = strchr(seen->text, '\0');

	/* it is the frame that was given, not memory that was used again */
	assert_int_equal(frame->data[FRAME - 1], (uint8_t)frame->number);
	sprintf(end, "%s%d", seen->count > 0 ? " " : "", (int)frame->number);
	return ++seen->count != seen->stop_at;
}

static void
begin(struct seen *seen)
{
	*seen = (struct seen){.wall_ns = UINT64_C(1000000000000)};
	seen->order = order_new(note, seen);
	assert_non_null(seen->order);
}

static void
put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A segment of a client (or its server) of `length` bytes; one millisecond after the one before. */
static bool
segment(struct seen *seen, uint8_t client, bool from_server, uint8_t flags, uint32_t sequence,
    uint32_t acknowledged, uint8_t length)
{
	uint8_t bytes[FRAME] = {0x45, 0, 0, (uint8_t)(40 + length), 0, 0, 0x40, 0, 64, 6};
	struct frame frame = {.data = bytes, .length = FRAME, .link_type = RAW};

	memcpy(bytes + 12, (uint8_t[]){10, 0, 0, from_server ? 99 : client}, 4);
	memcpy(bytes + 16, (uint8_t[]){10, 0, 0, from_server ? client : 99}, 4);
	memcpy(bytes + 20, from_server ? "\x01\xf6\x9c\x40" : "\x9c\x40\x01\xf6", 4);
	put32(bytes + 24, sequence);
	put32(bytes + 28, acknowledged);
	bytes[32] = 0x50;
	bytes[33] = flags;
	frame.number = ++seen->number;
	frame.wall_ns = seen->wall_ns += MS;
	bytes[FRAME - 1] = (uint8_t)frame.number;
	return order_frame(seen->order, &frame);
}

#define CLIENT(...) assert_true(segment(&seen, 1, false, __VA_ARGS__))
#define SERVER(...) assert_true(segment(&seen, 1, true, __VA_ARGS__))

static void
end(struct seen *seen, const char *expected, unsigned changed)
{
	assert_true(order_end(seen->order));
	assert_string_equal(seen->text, expected);
	assert_int_equal(order_changed(seen->order), changed);
	order_free(seen->order);
}

static void
what_is_in_order_stays_so(void **state)
{
	struct seen seen;

	begin(&seen);
	CLIENT(SYN, 100, 0, 0);
	SERVER(SYN | ACK, 500, 101, 0);
	CLIENT(ACK, 101, 501, 0);
	CLIENT(ACK, 101, 501, 12);
	SERVER(ACK, 501, 113, 13);
	CLIENT(ACK, 113, 514, 12);
	SERVER(ACK, 514, 125, 13);
	assert_string_equal(seen.text, "1 2 3 4 5 6 7"); /* at once */
	end(&seen, "1 2 3 4 5 6 7", 0);
}

static void
answers_wait_for_what_they_answer(void **state)
{
	struct seen seen;

	begin(&seen);
	SERVER(SYN | ACK, 500, 101, 0);
	CLIENT(SYN, 100, 0, 0);
	CLIENT(ACK, 101, 501, 0);
	SERVER(ACK, 501, 113, 0);
	SERVER(ACK, 501, 113, 13);
	CLIENT(ACK, 101, 501, 12);
	end(&seen, "2 1 3 6 4 5", 3);
}

static void
sequence_numbers_wrap(void **state)
{
	struct seen seen;

	begin(&seen);
	CLIENT(SYN, 0xfffffffa, 0, 0);
	SERVER(SYN | ACK, 0xffffffff, 0xfffffffb, 0);
	SERVER(ACK, 0, 7, 13);
	CLIENT(ACK, 0xfffffffb, 0, 12);
	end(&seen, "1 2 4 3", 1);
}

static void
others_do_not_wait(void **state)
{
	struct seen seen;

	begin(&seen);
	CLIENT(SYN, 100, 0, 0);
	SERVER(SYN | ACK, 500, 101, 0);
	SERVER(ACK, 501, 113, 13);
	assert_true(segment(&seen, 2, false, SYN, 100, 0, 0));
	assert_true(segment(&seen, 2, true, SYN | ACK, 100, 101, 0));
	CLIENT(ACK, 101, 501, 12);
	end(&seen, "1 2 4 5 6 3", 1);
}

/* What never comes is waited for ten milliseconds, and nobody is told that something was out of
 * order. */
static void
what_is_lost_is_not_waited_for_long(void **state)
{
	struct seen seen;

	begin(&seen);
	CLIENT(SYN, 100, 0, 0);
	SERVER(SYN | ACK, 500, 101, 0);
	SERVER(ACK, 501, 113, 13);
	SERVER(ACK, 514, 113, 0);
	assert_string_equal(seen.text, "1 2");
	seen.wall_ns += ORDER_WAIT_MS * MS;
	SERVER(ACK, 514, 125, 13);
	assert_string_equal(seen.text, "1 2 3 4");
	end(&seen, "1 2 3 4 5", 0);
}

static void
a_gap_shows_that_it_was_lost(void **state)
{
	struct seen seen;

	begin(&seen);
	CLIENT(SYN, 100, 0, 0);
	SERVER(SYN | ACK, 500, 101, 0);
	SERVER(ACK, 501, 113, 0);
	CLIENT(ACK, 113, 501, 12);
	assert_string_equal(seen.text, "1 2 3 4");
	end(&seen, "1 2 3 4", 0);
}

static void
connections_that_began_before_are_as_they_are(void **state)
{
	struct seen seen;

	begin(&seen);
	SERVER(ACK, 501, 113, 13);
	CLIENT(ACK, 113, 514, 12);
	SERVER(RST | ACK, 514, 9000, 0);
	end(&seen, "1 2 3", 0);
}

static void
few_wait_at_a_time(void **state)
{
	struct seen seen;

	begin(&seen);
	CLIENT(SYN, 100, 0, 0);
	SERVER(SYN | ACK, 500, 101, 0);
	for (unsigned i = 0; i < ORDER_FRAMES_MAX; i++) {
		seen.wall_ns -= MS; /* time stands still */
		SERVER(ACK, 501 + i, 113, 1);
	}
	assert_string_equal(seen.text, "1 2");
	seen.wall_ns -= MS;
	SERVER(ACK, 501 + ORDER_FRAMES_MAX, 113, 1);
	assert_true(seen.count > 2); /* one more lets them go */
	assert_int_equal(order_changed(seen.order), 0);
	assert_true(order_end(seen.order));
	assert_int_equal(seen.count, 2 + ORDER_FRAMES_MAX + 1);
	order_free(seen.order);
}

static void
who_wants_no_more_gets_no_more(void **state)
{
	struct seen seen;

	begin(&seen);
	seen.stop_at = 4;
	CLIENT(SYN, 100, 0, 0);
	SERVER(SYN | ACK, 500, 101, 0);
	SERVER(ACK, 501, 113, 13);
	SERVER(ACK, 514, 113, 13);
	assert_false(segment(&seen, 1, false, ACK, 101, 501, 12));
	assert_string_equal(seen.text, "1 2 5 3");
	order_free(seen.order); /* with what still waits */
}

static void
what_is_no_segment_passes(void **state)
{
	uint8_t bytes[FRAME] = {0x45, 0, 0, 28, 0, 0, 0x40, 0, 64, 17};
	struct frame frame = {.data = bytes, .length = FRAME, .link_type = RAW, .number = 1};
	struct seen seen;

	begin(&seen);
	bytes[FRAME - 1] = 1;
	assert_true(order_frame(seen.order, &frame));
	frame.link_type = 195;
	assert_true(order_frame(seen.order, &frame));
	end(&seen, "1 1", 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_in_order_stays_so),
	    cmocka_unit_test(answers_wait_for_what_they_answer),
	    cmocka_unit_test(sequence_numbers_wrap),
	    cmocka_unit_test(others_do_not_wait),
	    cmocka_unit_test(what_is_lost_is_not_waited_for_long),
	    cmocka_unit_test(a_gap_shows_that_it_was_lost),
	    cmocka_unit_test(connections_that_began_before_are_as_they_are),
	    cmocka_unit_test(few_wait_at_a_time),
	    cmocka_unit_test(who_wants_no_more_gets_no_more),
	    cmocka_unit_test(what_is_no_segment_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
