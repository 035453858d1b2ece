/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3 at its limits: how much a connection remembers, how long, and of whom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

#define ANY "{ access = [\"any\"]; }"
#define SECONDS UINT64_C(1000000000)

static const char poll[] = "c0 01 3c 02 06 3c 03 06 3c 04 06 3c 01 06";
static const char select_7[] = "c1 03 " DNP3_CROB("07", "03", "01");
static const char operate_7[] = "c2 04 " DNP3_CROB("07", "03", "01");

enum { SELECTS = 4, PAIRS = 128, FRAGMENT_MAX = 2048 };

/* Answers of the link layer are those that this outstation was asked for. */
static void
link_answers_belong_to_their_pair(void **state)
{
	struct sim *sim = opened("", ANY);

	/* another outstation */
	for (unsigned outstation = 10; outstation <= 11; outstation++) {
		assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, outstation));
		assert_allowed(sim, say_frame(sim, RESPONSE, 0x0b, outstation));
	}
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, 10));
	assert_denied(sim, say_frame(sim, RESPONSE, 0x0b, 11), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
	/* another answer */
	sim = opened("", ANY);
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, 10));
	assert_denied(sim, say_frame(sim, RESPONSE, 0x00, 10), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
	sim = opened("", ANY);
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
	assert_denied(sim, say_frame(sim, RESPONSE, 0x0b, 10), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
	/* more answers than questions */
	sim = opened("", ANY);
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, 10));
	assert_allowed(sim, say_frame(sim, RESPONSE, 0x0b, 10));
	assert_denied(sim, say_frame(sim, RESPONSE, 0x0b, 10), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
}

static void
frame_counts_belong_to_their_pair(void **state)
{
	static const uint8_t user[] = {0xc0, 0xc0, 0x17};
	struct sim *sim = opened("link_confirm = 1;", ANY);
	struct wire w = {.length = 0};

	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, 11));
	wire_put_frame(&w, 0xf3, 11, 1, user, sizeof(user));
	assert_denied(sim, wire_send(sim, REQUEST, &w), REASON_LINK_COUNT);
	sim_free(sim);
}

/* Pairs that wait for nothing make room, and those that waited too long. */
static void
pairs_are_remembered_up_to_a_limit(void **state)
{
	struct sim *sim = opened("", ANY);

	for (unsigned outstation = 1; outstation <= PAIRS; outstation++)
		assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, outstation));
	sim->now_ns += 9 * SECONDS;
	assert_denied(sim, say_frame(sim, REQUEST, 0xc9, 1000), REASON_LINK_PAIRS_FULL);
	sim_free(sim);
	sim = opened("", ANY);
	for (unsigned outstation = 1; outstation <= PAIRS; outstation++)
		assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, outstation));
	sim->now_ns += 10 * SECONDS;
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, 1000));
	sim_free(sim);
	sim = opened("", ANY);
	for (unsigned outstation = 1; outstation <= PAIRS; outstation++) {
		assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, outstation));
		assert_allowed(sim, say_frame(sim, RESPONSE, 0x00, outstation));
	}
	/* the counts that were used longest ago give way; nobody counts on then without a reset */
	sim->now_ns += SECONDS;
	for (unsigned outstation = 2; outstation <= PAIRS; outstation++)
		assert_allowed(sim, say_frame(sim, REQUEST, 0xf2, outstation));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 1000));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xf2, 1000));
	assert_denied(sim, say_frame(sim, REQUEST, 0xf2, 1), REASON_LINK_COUNT);
	sim_free(sim);
}

static void
selects_are_remembered_up_to_a_limit(void **state)
{
	struct sim *sim = opened("", ANY);

	/* an earlier use of the places changes nothing */
	for (unsigned outstation = 1; outstation <= SELECTS; outstation++) {
		assert_allowed(sim, say(sim, REQUEST, outstation, select_7));
		assert_allowed(sim, say(sim, REQUEST, outstation, operate_7));
	}
	for (unsigned outstation = 1; outstation <= SELECTS; outstation++)
		assert_allowed(sim, say(sim, REQUEST, outstation, select_7));
	assert_denied(sim, say(sim, REQUEST, 50, select_7), REASON_SELECTS_FULL);
	sim_free(sim);
}

/* Only what was operated gives way. */
static void
selects_that_wait_are_kept(void **state)
{
	struct sim *sim = opened("", "{ functions = [\"select\", \"operate\"]; }");

	for (unsigned outstation = 1; outstation <= SELECTS; outstation++)
		assert_allowed(sim, say(sim, REQUEST, outstation, select_7));
	assert_allowed(sim, say(sim, REQUEST, 1, operate_7));
	assert_allowed(sim, say(sim, REQUEST, SELECTS + 1, select_7));
	for (unsigned outstation = 2; outstation <= SELECTS + 1; outstation++)
		assert_allowed(sim, say(sim, REQUEST, outstation, operate_7));
	sim_free(sim);
}

/* The place of the oldest is taken: the youngest OPERATE may still be repeated. */
static void
the_oldest_select_gives_way(void **state)
{
	static const char rules[] = "{ functions = [\"select\", \"operate\"]; }";
	struct sim *sim = opened("", rules);

	for (unsigned outstation = 1; outstation <= SELECTS; outstation++) {
		assert_allowed(sim, say(sim, REQUEST, outstation, select_7));
		assert_allowed(sim, say(sim, REQUEST, outstation, operate_7));
		sim->now_ns += SECONDS;
	}
	assert_allowed(sim, say(sim, REQUEST, 50, select_7));
	for (unsigned outstation = 2; outstation <= SELECTS; outstation++)
		assert_allowed(sim, say(sim, REQUEST, outstation, operate_7));
	assert_denied(sim, say(sim, REQUEST, 1, operate_7), REASON_FUNCTION_DENIED);
	sim_free(sim);
}

/* What stands between a SELECT and its OPERATE, and what may not. */
static void
another_request_ends_a_select(void **state)
{
	static const char rules[] = "{ functions = [\"read\", \"select\", \"operate\"]; }";
	struct sim *sim = opened("", rules);

	assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	assert_allowed(sim, say(sim, REQUEST, 10, "c1 00"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c1 21 78 02 5b 01 0a00 01000000 0500 a1b2c3d4"));
	assert_allowed(sim, say(sim, REQUEST, 11, poll));
	assert_allowed(sim, say(sim, REQUEST, 10, operate_7));
	assert_allowed(sim, say(sim, REQUEST, 10, poll));
	assert_denied(sim, say(sim, REQUEST, 10, operate_7), REASON_FUNCTION_DENIED);
	sim_free(sim);
	/* sequence numbers have four bits */
	sim = opened("", rules);
	assert_allowed(sim, say(sim, REQUEST, 10, "cf 03 " DNP3_CROB("07", "03", "01")));
	assert_allowed(sim, say(sim, REQUEST, 10, "c0 04 " DNP3_CROB("07", "03", "01")));
	sim_free(sim);
}

/* Another master has not selected anything. */
static void
selects_are_of_one_master(void **state)
{
	struct sim *sim = opened("", "{ functions = [\"select\", \"operate\"]; }");
	uint8_t user[64] = {0xc0};
	size_t length = 1 + sim_hex(operate_7, &user[1], sizeof(user) - 1);
	struct wire w = {.length = 0};

	assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	wire_put_frame(&w, 0xc4, 10, 2, user, length);
	assert_denied(sim, wire_send(sim, REQUEST, &w), REASON_FUNCTION_DENIED);
	sim_free(sim);
}

/* In aggressive mode the objects are the same, and the authentication around them is not. */
static void
authentication_is_no_part_of_what_was_selected(void **state)
{
	static const char form[] = "%s 78 03 07 01 %s0000 0100 " DNP3_CROB(
	    "07", "03", "01") " 78 09 5b 01 0800 0102030405%s";
	struct sim *sim = opened("", "{ functions = [\"select\", \"operate\"]; }");
	char text[256];

	snprintf(text, sizeof(text), form, "c1 03", "0100", "060708");
	assert_allowed(sim, say(sim, REQUEST, 10, text));
	snprintf(text, sizeof(text), form, "c2 04", "0200", "161718");
	assert_allowed(sim, say(sim, REQUEST, 10, text));
	sim_free(sim);
}

/* Headers of 3 to 5 bytes that fill a read of `length` bytes. */
static void
fill_read(uint8_t *fragment, size_t length)
{
	static const uint8_t headers[3][5] = {{60, 2, 6}, {60, 2, 7, 1}, {1, 2, 0, 0, 9}};
	size_t at = 2;

	while (at < length) {
		size_t left = length - at, size = left > 7 || left == 5 ? 5 : left == 4 ? 4 : 3;

		memcpy(&fragment[at], headers[size - 3], size);
		at += size;
	}
}

static void
fragments_are_as_long_as_the_channel_permits(void **state)
{
	static const struct {
		const char *channel;
		size_t max;
	} limits[] = {
	    {"", FRAGMENT_MAX}, {"fragment_max = 300;", 300}, {"fragment_max = 249;", 249}};
	uint8_t fragment[FRAGMENT_MAX + 8] = {0xc0, 0x01};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		for (size_t over = 0; over <= 3; over++) {
			struct sim *sim = opened(limits[i].channel, ANY);
			size_t length = limits[i].max + over;
			struct wire w = {.length = 0};
			enum verdict verdict;

			fill_read(fragment, length);
			wire_put_fragment(&w, REQUEST, 10, fragment, length);
			verdict = wire_send(sim, REQUEST, &w);
			if (over == 0)
				assert_allowed(sim, verdict);
			else
				assert_denied(sim, verdict, REASON_FRAGMENT_TOO_LONG);
			sim_free(sim);
		}
	}
}

/* A slow line is not a reason to begin anew: nothing of a stream is lost. */
static void
a_pause_does_not_end_a_fragment(void **state)
{
	uint8_t fragment[64];
	size_t length = sim_hex(poll, fragment, sizeof(fragment));
	struct sim *sim = opened("", ANY);
	struct wire w = {.length = 0};

	wire_put_segment(&w, REQUEST, 10, 0x7f, fragment, 5);
	assert_allowed(sim, wire_send(sim, REQUEST, &w));
	sim->now_ns += 30 * SECONDS;
	w.length = 0;
	wire_put_segment(&w, REQUEST, 10, 0x80, &fragment[5], length - 5);
	assert_allowed(sim, wire_send(sim, REQUEST, &w));
	w.length = 0;
	wire_put_segment(&w, REQUEST, 10, 0x41, fragment, 5);
	assert_allowed(sim, wire_send(sim, REQUEST, &w));
	sim->now_ns += 30 * SECONDS;
	assert_denied(sim, say(sim, REQUEST, 10, poll), REASON_TRANSPORT_FIRST);
	sim_free(sim);
}

/* Fragments of a response carry the sequence on, around its end. */
static void
fragments_of_a_response_follow_each_other(void **state)
{
	struct sim *sim = opened("", ANY);

	assert_allowed(sim, say(sim, REQUEST, 10, "cf 01 3c 01 06"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "8f 81 0000 01 02 00 00 00 81"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "00 81 0000 01 02 00 01 01 81"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "41 81 0000 01 02 00 02 02 81"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "42 81 0000"));
	assert_int_equal(sim_reason(sim), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
	sim = opened("", ANY);
	assert_allowed(sim, say(sim, REQUEST, 10, "c3 01 3c 01 06"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "83 81 0000 01 02 00 00 00 81"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "45 81 0000"));
	assert_int_equal(sim_reason(sim), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
	/* answers to a challenge are one fragment */
	sim = opened("", ANY);
	assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	assert_denied(sim,
	    say(sim, RESPONSE, 10, "81 83 0000 78 01 5b 01 0c00 01000000 0500 04 01 a1b2c3d4"),
	    REASON_APPLICATION_CONTROL);
	sim_free(sim);
}

/* Where events are too many to be listed one by one, the least and the greatest count. */
static void
many_events_are_judged_by_their_ends(void **state)
{
	static const struct {
		uint8_t low;
		uint8_t high;
		bool allowed;
	} last[] = {{20, 2, true}, {9, 0, false}, {10, 0, true}, {0xbc, 2, true}, {0xbd, 2, false}};
	uint8_t fragment[FRAGMENT_MAX] = {0xf0, 0x82, 0x00, 0x00, 2, 1, 0x28, 0xa7, 0x02};

	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		struct sim *sim = opened(
		    "", "{ functions = [\"unsolicited-response\"]; points = [\"g2:10-700\"]; }");
		struct wire w = {.length = 0};
		size_t at = 9;

		for (unsigned n = 0; n < 679; n++, at += 3)
			memcpy(&fragment[at], (uint8_t[3]){n % 2 ? 100 : 200, 1, 0x81}, 3);
		/* neither the first nor the last of those */
		fragment[at - 30] = last[i].low;
		fragment[at - 29] = last[i].high;
		wire_put_fragment(&w, RESPONSE, 10, fragment, at);
		if (last[i].allowed)
			assert_allowed(sim, wire_send(sim, RESPONSE, &w));
		else
			assert_denied(sim, wire_send(sim, RESPONSE, &w), REASON_POINT_DENIED);
		sim_free(sim);
	}
}

/* Behind them, those of another group are judged for themselves. */
static void
many_events_do_not_hide_others(void **state)
{
	static const char rules[] =
	    "{ functions = [\"unsolicited-response\"]; points = [\"g2:*\", \"g4:3\"]; }";
	uint8_t fragment[FRAGMENT_MAX] = {0xf0, 0x82, 0x00, 0x00, 2, 1, 0x28, 0xf4, 0x01};
	size_t at = 9 + 500 * 3;

	for (size_t i = 0; i < 500; i++)
		memcpy(&fragment[9 + i * 3], (uint8_t[3]){(uint8_t)(i * 2), 0, 0x81}, 3);
	for (uint8_t index = 3; index <= 4; index++) {
		struct sim *sim = opened("", rules);
		struct wire w = {.length = 0};

		memcpy(&fragment[at], (uint8_t[6]){4, 1, 0x17, 1, index, 0x81}, 6);
		wire_put_fragment(&w, RESPONSE, 10, fragment, at + 6);
		if (index == 3)
			assert_allowed(sim, wire_send(sim, RESPONSE, &w));
		else
			assert_denied(sim, wire_send(sim, RESPONSE, &w), REASON_POINT_DENIED);
		sim_free(sim);
	}
}

/* What carries values is listed one by one to the last, or not at all. */
static void
every_value_of_many_is_judged(void **state)
{
	static const char rules[] =
	    "{ functions = [\"direct-operate\"]; points = [\"g41:*\"]; values = [\"1\"]; }";
	uint8_t fragment[FRAGMENT_MAX] = {0xc0, 0x05};
	size_t at = 2;

	for (int header = 0; header < 2; header++) {
		memcpy(&fragment[at], (uint8_t[4]){41, 2, 0x17, 254}, 4);
		at += 4;
		for (uint8_t i = 0; i < 254; i++, at += 4)
			memcpy(&fragment[at], (uint8_t[4]){(uint8_t)(i * 2), 1, 0, 0}, 4);
	}
	for (uint8_t value = 1; value <= 2; value++) {
		struct sim *sim = opened("", rules);
		struct wire w = {.length = 0};

		fragment[at - 3] = value;
		wire_put_fragment(&w, REQUEST, 10, fragment, at);
		if (value == 1)
			assert_allowed(sim, wire_send(sim, REQUEST, &w));
		else
			assert_denied(sim, wire_send(sim, REQUEST, &w), REASON_VALUE_DENIED);
		sim_free(sim);
	}
}

/* The self-address is nobody's unless it is named. */
static void
the_self_address_must_be_named(void **state)
{
	struct sim *sim = opened("", "{ access = [\"any\"]; }");

	assert_denied(sim, say(sim, REQUEST, 0xfffc, poll), REASON_UNIT_DENIED);
	sim_free(sim);
	sim = opened("", "{ access = [\"any\"]; units = [\"1>65532\"]; }");
	assert_allowed(sim, say(sim, REQUEST, 0xfffc, poll));
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(link_answers_belong_to_their_pair),
	    cmocka_unit_test(frame_counts_belong_to_their_pair),
	    cmocka_unit_test(pairs_are_remembered_up_to_a_limit),
	    cmocka_unit_test(selects_are_remembered_up_to_a_limit),
	    cmocka_unit_test(selects_that_wait_are_kept),
	    cmocka_unit_test(the_oldest_select_gives_way),
	    cmocka_unit_test(another_request_ends_a_select),
	    cmocka_unit_test(selects_are_of_one_master),
	    cmocka_unit_test(authentication_is_no_part_of_what_was_selected),
	    cmocka_unit_test(fragments_are_as_long_as_the_channel_permits),
	    cmocka_unit_test(a_pause_does_not_end_a_fragment),
	    cmocka_unit_test(fragments_of_a_response_follow_each_other),
	    cmocka_unit_test(many_events_are_judged_by_their_ends),
	    cmocka_unit_test(many_events_do_not_hide_others),
	    cmocka_unit_test(every_value_of_many_is_judged),
	    cmocka_unit_test(the_self_address_must_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
