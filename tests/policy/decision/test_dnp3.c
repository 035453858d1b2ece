/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3 under attack, in memory: what is never let through, whatever layer it hides in.
 *
 * Builds its frames without the dissector, and knows nothing of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

#define RULES                                                                                   \
	"{ access = [\"read\"]; units = [\"1>10-11\"]; points = [\"class:*\", \"g1-4:*\", "     \
	"\"g30:0-9\"]; },"                                                                      \
	"{ functions = [\"select\", \"operate\"]; units = [\"1>10-11\"]; points = [\"g12:7\"];" \
	"  values = [\"latch-on\", \"count:1-2\"]; },"                                          \
	"{ functions = [\"direct-operate\"]; units = [\"1>10\"]; points = [\"g12:8\"]; }"

static const char poll[] = "c0 01 3c 02 06 3c 03 06 3c 04 06 3c 01 06";
static const char select_7[] = "c1 03 " DNP3_CROB("07", "03", "01");
static const char operate_7[] = "c2 04 " DNP3_CROB("07", "03", "01");
static const char direct_7[] = "c1 05 " DNP3_CROB("07", "03", "01");
static const char direct_8[] = "c1 05 " DNP3_CROB("08", "03", "01");

/* ---- what passes ---- */

static void
polls_and_selected_controls_pass(void **state)
{
	struct sim *sim = opened("", RULES);

	assert_allowed(sim, say(sim, REQUEST, 10, poll));
	assert_allowed(sim, say(sim, RESPONSE, 10, "e0 81 8000 01 02 00 00 01 8181"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c0 00"));
	assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c1 81 0000 " DNP3_CROB("07", "03", "01")));
	assert_allowed(sim, say(sim, REQUEST, 10, operate_7));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c2 81 0000 " DNP3_CROB("07", "03", "01")));
	assert_allowed(sim, say(sim, RESPONSE, 10, "f0 82 0000 02 01 17 01 04 81"));
	assert_allowed(sim, say(sim, REQUEST, 10, "d0 00"));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, 10));
	assert_allowed(sim, say_frame(sim, RESPONSE, 0x0b, 10));
	sim_free(sim);
}

/* Every byte a segment of its own: allowed messages pass, and are counted once. */
static void
bytes_one_by_one_change_nothing_twice(void **state)
{
	struct sim *sim = opened("", RULES);
	struct wire w = message_to(REQUEST, 10, select_7), o = message_to(REQUEST, 10, operate_7);
	struct engine_counters counters;

	for (size_t i = 0; i < w.length; i++)
		assert_allowed(sim, sim_send_bytes(sim, REQUEST, &w.bytes[i], 1));
	for (size_t i = 0; i < o.length; i++)
		assert_allowed(sim, sim_send_bytes(sim, REQUEST, &o.bytes[i], 1));
	engine_counters(sim->arena, &counters);
	assert_int_equal(counters.messages, 2);
	sim_free(sim);
}

/* A new inspector goes on in the middle of a message. */
static void
a_restart_keeps_selects_and_fragments(void **state)
{
	struct sim *sim = opened("", RULES);
	struct wire w = {.length = 0};
	uint8_t fragment[64];
	size_t length = sim_hex(operate_7, fragment, sizeof(fragment));

	assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	sim_restart(sim);
	wire_put_segment(&w, REQUEST, 10, 0x45, fragment, 5);
	assert_allowed(sim, sim_send_bytes(sim, REQUEST, w.bytes, w.length));
	sim_restart(sim);
	w.length = 0;
	wire_put_segment(&w, REQUEST, 10, 0x86, &fragment[5], length - 5);
	assert_allowed(sim, sim_send_bytes(sim, REQUEST, w.bytes, w.length));
	sim_free(sim);
}

static void
responses_in_several_fragments_and_segments_pass(void **state)
{
	struct sim *sim = opened("", RULES);
	struct wire w = {.length = 0};
	uint8_t fragment[64];
	size_t length;

	assert_allowed(sim, say(sim, REQUEST, 10, poll));
	length = sim_hex("80 81 0000 01 02 00 00 03 81818181", fragment, sizeof(fragment));
	wire_put_segment(&w, RESPONSE, 10, 0x7f, fragment, 6);
	wire_put_segment(&w, RESPONSE, 10, 0x80, &fragment[6], length - 6);
	assert_allowed(sim, sim_send_bytes(sim, RESPONSE, w.bytes, w.length));
	assert_allowed(sim, say(sim, RESPONSE, 10, "41 81 0000 01 02 00 04 04 81"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c0 81 0000"));
	assert_int_equal(sim_reason(sim), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
}

/* ---- what does not ---- */

struct attack {
	const char *name;
	const char *fragment;
	enum reason reason;
};

static const struct attack attacks[] = {
    {"a forbidden object as second header", "c0 01 3c 01 06 0a 02 00 00 00", REASON_POINT_DENIED},
    {"points beyond those allowed", "c0 01 1e 02 00 05 0a", REASON_POINT_DENIED},
    {"all points of a group", "c0 01 1e 00 06", REASON_POINT_DENIED},
    {"a count that does not tell which", "c0 01 1e 00 07 01", REASON_POINT_DENIED},
    {"stop = start - 1", "c0 01 1e 02 00 05 04", REASON_RANGE_REVERSED},
    {"operate without select", operate_7, REASON_FUNCTION_DENIED},
    {"direct operate of another point", direct_7, REASON_POINT_DENIED},
    {"direct operate without response", "c1 06 " DNP3_CROB("08", "03", "01"),
	REASON_FUNCTION_DENIED},
    {"a select to trip", "c1 03 " DNP3_CROB("07", "81", "01"), REASON_VALUE_DENIED},
    {"a select to latch off", "c1 03 " DNP3_CROB("07", "04", "01"), REASON_VALUE_DENIED},
    {"a select to latch three times", "c1 03 " DNP3_CROB("07", "03", "03"), REASON_VALUE_DENIED},
    {"a pattern whose points tell no value",
	"c1 03 0c 02 07 01 03 01 00000000 00000000 00 0c 03 00 07 07 01", REASON_POINT_DENIED},
    {"cold restart", "c0 0d", REASON_FUNCTION_DENIED},
    {"files by way of read", "c0 01 46 05 5b 01 0800 78563412 00000000", REASON_FUNCTION_DENIED},
    {"a write", "c0 02 50 01 00 07 07 00", REASON_FUNCTION_DENIED},
    {"a new user", "c0 20 78 08 5b 01 0400 01 01 3082", REASON_FUNCTION_DENIED},
    {"bytes behind the last object", "c0 01 3c 01 06 3c", REASON_LENGTH_MISMATCH},
};

static void
forbidden_messages_are_refused(void **state)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct sim *sim = opened("", RULES);

		assert_allowed(sim, say(sim, REQUEST, 10, poll));
		if (say(sim, REQUEST, 10, attacks[i].fragment) == VERDICT_ALLOW)
			fail_msg("%s passed", attacks[i].name);
		if (sim_reason(sim) != attacks[i].reason)
			fail_msg("%s: %s", attacks[i].name, reason_word(sim_reason(sim)));
		/* and nothing passes any more */
		assert_denied(sim, say(sim, REQUEST, 10, poll), REASON_FLOW_DENIED);
		sim_free(sim);
	}
}

/* The same, split into two TCP segments at every byte: the last byte never arrives. */
static void
no_split_of_segments_helps(void **state)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct wire w = message_to(REQUEST, 10, attacks[i].fragment);

		for (size_t at = 1; at < w.length; at++) {
			struct sim *sim = opened("", RULES);

			sim_send_bytes(sim, REQUEST, w.bytes, at);
			sim_send_bytes(sim, REQUEST, &w.bytes[at], w.length - at);
			if (sim_received(sim, REQUEST) >= w.length)
				fail_msg("%s arrived, split at %zu", attacks[i].name, at);
			sim_free(sim);
		}
	}
}

/* A fragment cut into two frames at `at`, sent in TCP segments of `step` bytes; what arrived. */
static size_t
send_in_frames(const uint8_t *fragment, size_t length, size_t at, size_t step, size_t *ret_length)
{
	struct sim *sim = opened("", RULES);
	struct wire w = {.length = 0};
	size_t arrived;

	wire_put_segment(&w, REQUEST, 10, 0x45, fragment, at);
	wire_put_segment(&w, REQUEST, 10, 0x86, &fragment[at], length - at);
	for (size_t i = 0; i < w.length; i += step)
		sim_send_bytes(
		    sim, REQUEST, &w.bytes[i], w.length - i < step ? w.length - i : step);
	arrived = sim_received(sim, REQUEST);
	sim_free(sim);
	*ret_length = w.length;
	return arrived;
}

static void
no_split_into_frames_helps(void **state)
{
	uint8_t fragment[249];
	size_t length, sent;

	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		length = sim_hex(attacks[i].fragment, fragment, sizeof(fragment));
		for (size_t at = 1; at < length; at++)
			for (size_t step = 1; step < 64; step += 7)
				if (send_in_frames(fragment, length, at, step, &sent) >= sent)
					fail_msg("%s arrived, cut at %zu", attacks[i].name, at);
	}
	/* while what is permitted does arrive */
	length = sim_hex(direct_8, fragment, sizeof(fragment));
	for (size_t at = 1; at < length; at++)
		for (size_t step = 1; step < 64; step += 7)
			if (send_in_frames(fragment, length, at, step, &sent) < sent)
				fail_msg("cut at %zu, it did not arrive", at);
}

static void
every_crc_counts(void **state)
{
	struct wire good = message_to(REQUEST, 10, direct_8);

	/* header, first and second block, data and CRC */
	for (size_t at = 0; at < good.length; at++) {
		struct sim *sim = opened("", RULES);
		struct wire w = good;

		w.bytes[at] ^= 0x10;
		if (sim_send_bytes(sim, REQUEST, w.bytes, w.length) == VERDICT_ALLOW)
			fail_msg("a wrong byte at %zu passed", at);
		sim_free(sim);
	}
}

static void
halves_of_two_pairs_do_not_make_one(void **state)
{
	static const uint8_t other[] = {0xc1, 0x05, 0x0c, 0x01, 0x28, 0x01, 0x00, 0x08};
	struct sim *sim = opened("", RULES);
	struct wire w = {.length = 0};

	wire_put_segment(&w, REQUEST, 10, 0x40, other, sizeof(other));
	assert_allowed(sim, sim_send_bytes(sim, REQUEST, w.bytes, w.length));
	w.length = 0;
	wire_put_segment(&w, REQUEST, 11, 0x81, other, sizeof(other));
	assert_denied(sim, wire_send(sim, REQUEST, &w), REASON_TRANSPORT_SEQUENCE);
	sim_free(sim);
}

static void
pairs_have_selects_of_their_own(void **state)
{
	struct sim *sim = opened("", RULES);

	assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	assert_allowed(sim, say(sim, REQUEST, 11, select_7));
	assert_allowed(sim, say(sim, REQUEST, 11, operate_7));
	assert_allowed(sim, say(sim, REQUEST, 10, operate_7));
	sim_free(sim);
	sim = opened("", RULES);
	assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	assert_denied(sim, say(sim, REQUEST, 11, operate_7), REASON_FUNCTION_DENIED);
	sim_free(sim);
}

static void
another_operate_than_was_selected_is_refused(void **state)
{
	static const char *const others[] = {
	    "c2 04 " DNP3_CROB("07", "03", "02"), /* permitted, not selected */
	    "c3 04 " DNP3_CROB("07", "03", "01"), /* a later sequence */
	    "c2 04 " DNP3_CROB("07", "03", "01") " " DNP3_CROB("07", "03", "01"), /* more */
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct sim *sim = opened("", RULES);

		assert_allowed(sim, say(sim, REQUEST, 10, select_7));
		assert_denied(sim, say(sim, REQUEST, 10, others[i]), REASON_FUNCTION_DENIED);
		sim_free(sim);
	}
}

static void
a_select_ends_in_time(void **state)
{
	struct sim *sim = opened("select_timeout = 2;", RULES);

	assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	sim->now_ns += UINT64_C(2000000000);
	assert_allowed(sim, say(sim, REQUEST, 10, operate_7));
	sim->now_ns += UINT64_C(1000000);
	assert_denied(sim, say(sim, REQUEST, 10, operate_7), REASON_FUNCTION_DENIED);
	sim_free(sim);
}

/* Unless a rule says otherwise: by the name of the function, or by "any". */
static void
a_rule_may_permit_operate_without_select(void **state)
{
	struct sim *sim = opened("", "{ functions = [\"operate-without-select\"]; }");

	assert_allowed(sim, say(sim, REQUEST, 10, operate_7));
	sim_free(sim);
	sim = opened("", "{ access = [\"control\"]; }");
	assert_denied(sim, say(sim, REQUEST, 10, operate_7), REASON_FUNCTION_DENIED);
	sim_free(sim);
}

static void
what_is_no_frame_behind_good_ones_is_refused(void **state)
{
	struct sim *sim = opened("", RULES);
	struct wire w = message_to(REQUEST, 10, poll), x = message_to(REQUEST, 10, direct_8);

	memcpy(&w.bytes[w.length], x.bytes, x.length);
	w.bytes[w.length + 1] ^= 1;
	assert_denied(
	    sim, sim_send_bytes(sim, REQUEST, w.bytes, w.length + x.length), REASON_LINK_START);
	assert_int_equal(sim_received(sim, REQUEST), 0);
	sim_free(sim);
}

static void
link_functions_need_a_rule(void **state)
{
	struct sim *sim = opened("", RULES);
	struct wire w = {.length = 0};
	static const uint8_t user[] = {0xc0, 0xc0, 0x17};

	wire_put_frame(&w, 0xf3, 10, 1, user, sizeof(user));
	assert_denied(sim, sim_send_bytes(sim, REQUEST, w.bytes, w.length), REASON_LINK_FUNCTION);
	sim_free(sim);
	/* keep-alives only of units that the channel has to do with */
	sim = opened("", RULES);
	assert_denied(sim, say_frame(sim, REQUEST, 0xc9, 12), REASON_UNIT_DENIED);
	sim_free(sim);
	sim = opened("", RULES);
	assert_denied(sim, say_frame(sim, REQUEST, 0xc0, 12), REASON_UNIT_DENIED);
	sim_free(sim);
	/* an answer that nobody asked for */
	sim = opened("", RULES);
	assert_denied(sim, say_frame(sim, RESPONSE, 0x0b, 10), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
	/* many masters begin so, and it changes nothing but counters of the link layer */
	sim = opened("", "{ access = [\"read\"]; points = [\"g30:*\"]; }");
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
	sim_free(sim);
}

static void
broadcasts_must_be_named(void **state)
{
	static const char *const rules[] = {"{ access = [\"control\"]; }",
	    "{ access = [\"control\"]; units = [\"1>*\"]; }",
	    "{ access = [\"control\"]; units = [\"0-10>0-65535\"]; }", "{ access = [\"any\"]; }"};
	struct sim *sim;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		sim = opened("", rules[i]);
		assert_denied(sim, say(sim, REQUEST, 0xffff, direct_7), REASON_UNIT_DENIED);
		sim_free(sim);
	}
	sim = opened("", "{ access = [\"control\"]; units = [\"1>broadcast\"]; }");
	assert_allowed(sim, say(sim, REQUEST, 0xfffd, direct_7));
	assert_denied(sim, say(sim, REQUEST, 10, direct_7), REASON_UNIT_DENIED);
	sim_free(sim);
}

static void
responses_that_nobody_asked_for_go_on_and_are_told(void **state)
{
	static const char *const wrong[] = {
	    "c1 81 0000", "c0 83 0000 78 01 5b 01 0c00 01000000 0500 04 01 a1b2c3d4"};
	struct sim *sim = opened("", RULES);

	assert_allowed(sim, say(sim, REQUEST, 10, poll));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_allowed(sim, say(sim, RESPONSE, 11, wrong[i]));
		assert_int_equal(sim_reason(sim), REASON_RESPONSE_UNMATCHED);
		assert_int_equal(sim->event_count, i + 1);
	}
	assert_allowed(sim, say(sim, RESPONSE, 10, "c0 81 0000"));
	assert_int_equal(sim_reason(sim), REASON_RESPONSE);
	sim_free(sim);
	sim = opened("", "{ functions = [\"read\"]; }");
	assert_denied(
	    sim, say(sim, RESPONSE, 10, "f0 82 0000 02 01 17 01 04 81"), REASON_FUNCTION_DENIED);
	sim_free(sim);
}

/* ---- datagrams ---- */

static void
datagrams_pass_or_fall_as_a_whole(void **state)
{
	struct sim *sim = by_datagram("", RULES);
	struct wire w = message_to(REQUEST, 10, poll), bad = message_to(REQUEST, 10, direct_7);
	struct wire select = message_to(REQUEST, 10, select_7);
	struct wire operate = message_to(REQUEST, 10, operate_7), response;

	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	response = message_to(RESPONSE, 10, "c0 81 0000");
	assert_allowed(sim, send_datagram(sim, RESPONSE, &response));
	/* the last of three is forbidden: nothing of the datagram is remembered */
	wire_append(&w, &select);
	wire_append(&w, &bad);
	assert_denied(sim, send_datagram(sim, REQUEST, &w), REASON_POINT_DENIED);
	assert_denied(sim, send_datagram(sim, REQUEST, &operate), REASON_FUNCTION_DENIED);
	assert_denied(sim, send_datagram(sim, RESPONSE, &response), REASON_RESPONSE_UNMATCHED);
	/* without it all is well */
	w.length -= bad.length;
	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	assert_allowed(sim, send_datagram(sim, REQUEST, &operate));
	/* half a frame is none */
	w.length = operate.length;
	w = operate;
	w.length -= 3;
	assert_denied(sim, send_datagram(sim, REQUEST, &w), REASON_LENGTH_MISMATCH);
	sim_free(sim);
}

static void
a_lost_datagram_does_not_silence_an_outstation(void **state)
{
	struct sim *sim = by_datagram("", RULES);
	static const uint8_t half[] = {0xc0, 0x81, 0x00, 0x00, 0x01, 0x02};
	struct wire w = message_to(REQUEST, 10, poll), part = {.length = 0};
	struct wire whole = message_to(RESPONSE, 10, "c0 81 0000");

	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	wire_put_segment(&part, RESPONSE, 10, 0x40, half, sizeof(half));
	assert_allowed(sim, send_datagram(sim, RESPONSE, &part));
	assert_allowed(sim, send_datagram(sim, RESPONSE, &whole));
	sim_free(sim);
}

/* Frames of random pieces, random bytes changed: nothing crashes, and no control of point 7
 * arrives. */
static void
noise_never_operates(void **state)
{
	uint64_t random = 7;
	struct wire good = message_to(REQUEST, 10, direct_7);

	for (int i = 0; i < 20000; i++) {
		struct sim *sim = i == 0 ? opened("", RULES) : *state;
		struct wire w = good;
		size_t at = 0;

		*state = sim;
		sim_reset(sim);
		sim_open(sim);
		for (int changes = 0; changes < 3; changes++) {
			random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
			w.bytes[(random >> 33) % w.length] = (uint8_t)(random >> 56);
		}
		while (at < w.length) {
			size_t step;

			random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
			step = 1 + (random >> 33) % 12;
			step = step > w.length - at ? w.length - at : step;
			sim_send_bytes(sim, REQUEST, &w.bytes[at], step);
			at += step;
		}
		if (sim_received(sim, REQUEST) >= w.length)
			fail_msg("something arrived in round %d", i);
	}
	sim_free(*state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(polls_and_selected_controls_pass),
	    cmocka_unit_test(bytes_one_by_one_change_nothing_twice),
	    cmocka_unit_test(a_restart_keeps_selects_and_fragments),
	    cmocka_unit_test(responses_in_several_fragments_and_segments_pass),
	    cmocka_unit_test(forbidden_messages_are_refused),
	    cmocka_unit_test(no_split_of_segments_helps),
	    cmocka_unit_test(no_split_into_frames_helps),
	    cmocka_unit_test(every_crc_counts),
	    cmocka_unit_test(halves_of_two_pairs_do_not_make_one),
	    cmocka_unit_test(pairs_have_selects_of_their_own),
	    cmocka_unit_test(another_operate_than_was_selected_is_refused),
	    cmocka_unit_test(a_select_ends_in_time),
	    cmocka_unit_test(a_rule_may_permit_operate_without_select),
	    cmocka_unit_test(what_is_no_frame_behind_good_ones_is_refused),
	    cmocka_unit_test(link_functions_need_a_rule),
	    cmocka_unit_test(broadcasts_must_be_named),
	    cmocka_unit_test(responses_that_nobody_asked_for_go_on_and_are_told),
	    cmocka_unit_test(datagrams_pass_or_fall_as_a_whole),
	    cmocka_unit_test(a_lost_datagram_does_not_silence_an_outstation),
	    cmocka_unit_test(noise_never_operates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
