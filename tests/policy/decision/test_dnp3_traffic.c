/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3 as the standard has it: traffic that must not be refused, however full, long or rare it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

#define ANY "{ access = [\"any\"]; }"

static const char poll[] = "c0 01 3c 02 06 3c 03 06 3c 04 06 3c 01 06";
static const char select_7[] = "c1 03 " DNP3_CROB("07", "03", "01");
static const char operate_7[] = "c2 04 " DNP3_CROB("07", "03", "01");
static const char operated_7[] = "c2 81 0000 " DNP3_CROB("07", "03", "01");
static const char selected_7[] = "c1 81 0000 " DNP3_CROB("07", "03", "01");

enum { FRAGMENT_MAX = 2048 };

/* A range of `count` points of group 1 variation 2, a byte each, at `at`; where it ends. */
static size_t
put_inputs(uint8_t *fragment, size_t at, size_t count)
{
	uint8_t header[7] = {1, 2, 1, 0, 0, (uint8_t)(count - 1), (uint8_t)((count - 1) >> 8)};

	memcpy(&fragment[at], header, sizeof(header));
	memset(&fragment[at + sizeof(header)], 0x81, count);
	return at + sizeof(header) + count;
}

/* Devices fill a fragment as far as their objects go, so that a few bytes are left of the largest.
 */
static void
responses_of_every_length_pass(void **state)
{
	uint8_t fragment[FRAGMENT_MAX] = {0xc0, 0x81, 0x00, 0x00};
	struct sim *sim = opened("", ANY);

	for (size_t length = 20; length <= FRAGMENT_MAX; length++) {
		for (size_t behind = 1; behind <= 5 && length > 1200; behind += 2) {
			size_t first = (length - 4 - 14) * behind / 6;
			struct wire w = {.length = 0};
			size_t end = put_inputs(fragment, 4, first);

			end = put_inputs(fragment, end, length - end - 7);
			assert_int_equal(end, length);
			sim_reset(sim);
			sim_open(sim);
			assert_allowed(sim, say(sim, REQUEST, 10, poll));
			wire_put_fragment(&w, RESPONSE, 10, fragment, length);
			if (wire_send(sim, RESPONSE, &w) != VERDICT_ALLOW)
				fail_msg("%zu bytes, %zu of them in the first header: %s", length,
				    first, reason_word(sim_reason(sim)));
		}
	}
	sim_free(sim);
}

/* Requests are as long, and a channel may want them shorter. */
static void
requests_of_every_length_pass(void **state)
{
	uint8_t fragment[FRAGMENT_MAX] = {0xc0, 0x01};
	struct sim *sim = opened("fragment_max = 300;", ANY);

	for (size_t length = 250; length <= 300; length++) {
		for (size_t last = 0; last < 10; last++) {
			struct wire w = {.length = 0};
			size_t at = 2, indices = length - 2 - 4 - last * 3;

			/* group 30 by index, then headers of classes */
			memcpy(&fragment[at], (uint8_t[4]){30, 0, 0x17, (uint8_t)indices}, 4);
			memset(&fragment[at + 4], 3, indices);
			at += 4 + indices;
			for (size_t i = 0; i < last; i++, at += 3)
				memcpy(&fragment[at], (uint8_t[3]){60, 2, 6}, 3);
			assert_int_equal(at, length);
			if (indices > 255)
				continue;
			sim_reset(sim);
			sim_open(sim);
			wire_put_fragment(&w, REQUEST, 10, fragment, length);
			if (wire_send(sim, REQUEST, &w) != VERDICT_ALLOW)
				fail_msg("%zu bytes, %zu classes: %s", length, last,
				    reason_word(sim_reason(sim)));
		}
	}
	sim_free(sim);
}

/* An unsolicited response may tell more events than there is room for in a list of points. */
static void
many_events_at_once_pass(void **state)
{
	static const char rules[] = "{ functions = [\"read\", \"unsolicited-response\"]; points = "
				    "[\"class:*\", \"g2:0-700\"]; }";
	uint8_t fragment[FRAGMENT_MAX] = {0xf0, 0x82, 0x00, 0x00, 2, 1, 0x28, 0xa7, 0x02};
	struct wire w = {.length = 0};
	struct sim *sim = opened("", rules);
	size_t at = 9;

	/* 679 of them, every other index twice, none behind its neighbour */
	for (size_t i = 0; i < 679; i++, at += 3) {
		unsigned index = (unsigned)(i * 7 % 680 / 2 * 2);

		fragment[at] = (uint8_t)index;
		fragment[at + 1] = (uint8_t)(index >> 8);
		fragment[at + 2] = 0x81;
	}
	wire_put_fragment(&w, RESPONSE, 10, fragment, at);
	assert_allowed(sim, wire_send(sim, RESPONSE, &w));
	assert_allowed(sim, say(sim, REQUEST, 10, "d0 00"));
	sim_free(sim);
	/* one of them is not permitted */
	sim = opened("", rules);
	fragment[at - 3] = 0xbd;
	fragment[at - 2] = 0x02;
	w.length = 0;
	wire_put_fragment(&w, RESPONSE, 10, fragment, at);
	assert_denied(sim, wire_send(sim, RESPONSE, &w), REASON_POINT_DENIED);
	sim_free(sim);
}

/* Clause 7: a control may be challenged, and the challenge is answered under the same sequence. */
static void
challenged_controls_pass(void **state)
{
	static const char rules[] = "{ functions = [\"select\", \"operate\"]; points = "
				    "[\"g12:7\"]; values = [\"latch-on\"]; }";
	static const char challenge[] = " 83 0000 78 01 5b 01 0c00 01000000 0500 04 01 a1b2c3d4";
	static const char reply[] = " 20 78 02 5b 01 0a00 01000000 0500 a1b2c3d4";
	struct sim *sim = opened("", rules);
	char text[128];

	assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	snprintf(text, sizeof(text), "c1%s", challenge);
	assert_allowed(sim, say(sim, RESPONSE, 10, text));
	snprintf(text, sizeof(text), "c1%s", reply);
	assert_allowed(sim, say(sim, REQUEST, 10, text));
	assert_allowed(sim, say(sim, RESPONSE, 10, selected_7));
	assert_allowed(sim, say(sim, REQUEST, 10, operate_7));
	snprintf(text, sizeof(text), "c2%s", challenge);
	assert_allowed(sim, say(sim, RESPONSE, 10, text));
	snprintf(text, sizeof(text), "c2%s", reply);
	assert_allowed(sim, say(sim, REQUEST, 10, text));
	assert_allowed(sim, say(sim, RESPONSE, 10, operated_7));
	sim_free(sim);
}

/* A string of no length is variation 0. */
static void
empty_strings_pass(void **state)
{
	struct sim *sim = opened(
	    "", "{ access = [\"read\", \"write\"]; points = [\"class:*\", \"g110-111:0-2\"]; }");

	assert_allowed(sim, say(sim, REQUEST, 10, poll));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c0 81 0000 6e 00 00 00 02 6f 00 17 02 01 02"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "f0 82 0000 6f 00 17 01 02"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c1 02 6e 00 00 00 02"));
	assert_denied(sim, say(sim, REQUEST, 10, "c2 02 6e 00 00 00 03"), REASON_POINT_DENIED);
	sim_free(sim);
}

/*
 * Extended strings of later editions: nobody here knows what they look like, or what stands behind
 * them, and outstations have them all the same.
 */
static void
extended_strings_pass(void **state)
{
	static const char strings[] = "c0 81 0000 72 01 5b 01 0300 616263 1e 02 ff";
	struct sim *sim = opened("", "{ access = [\"read\"]; }");

	assert_allowed(sim, say(sim, REQUEST, 10, poll));
	assert_allowed(sim, say(sim, RESPONSE, 10, strings));
	assert_int_equal(sim_reason(sim), REASON_RESPONSE);
	assert_allowed(sim, say(sim, RESPONSE, 10, "f0 82 0000 73 00 28 0100 0300 ff"));
	assert_allowed(sim, say(sim, REQUEST, 10, "d0 00"));
	sim_free(sim);
	/* they may be read by their points, which their answers do not tell */
	sim = opened("",
	    "{ functions = [\"read\", \"unsolicited-response\"]; points = "
	    "[\"g114-115:0-3\"]; }");
	assert_allowed(sim, say(sim, REQUEST, 10, "c0 01 72 00 00 00 03 73 00 17 01 02"));
	assert_allowed(sim, say(sim, RESPONSE, 10, strings));
	assert_denied(sim, say(sim, RESPONSE, 10, "f0 82 0000 73 00 28 0100 0300 ff"),
	    REASON_FUNCTION_DENIED);
	sim_free(sim);
	/* nobody could judge what would be written */
	sim = opened("", ANY);
	assert_denied(
	    sim, say(sim, REQUEST, 10, "c0 02 72 01 00 00 00 61"), REASON_OBJECT_FUNCTION);
	sim_free(sim);
}

/* However long, and from many outstations at once, where not all of them can be kept. */
static void
long_extended_strings_of_many_pass(void **state)
{
	enum { OUTSTATIONS = 60, LENGTH = 1500, SEGMENTS = 7 };
	uint8_t fragment[LENGTH] = {0xc0, 0x81, 0, 0, 115, 2, 0x5b};
	struct sim *sim = opened("", "{ access = [\"read\"]; }");

	memset(&fragment[7], 0x3c, LENGTH - 7);
	for (unsigned i = 0; i < OUTSTATIONS; i++)
		assert_allowed(sim, say(sim, REQUEST, 100 + i, poll));
	for (unsigned s = 0; s < SEGMENTS; s++)
		for (unsigned i = 0; i < OUTSTATIONS; i++) {
			size_t from = s * WIRE_SEGMENT_MAX;
			size_t size =
			    LENGTH - from < WIRE_SEGMENT_MAX ? LENGTH - from : WIRE_SEGMENT_MAX;
			unsigned flags = (s == 0 ? 0x40U : 0) | (s + 1 == SEGMENTS ? 0x80U : 0);
			struct wire w = {.length = 0};

			wire_put_segment(
			    &w, RESPONSE, 100 + i, (uint8_t)(flags | s), &fragment[from], size);
			assert_allowed(sim, wire_send(sim, RESPONSE, &w));
		}
	assert_int_equal(sim_reason(sim), REASON_RESPONSE);
	assert_int_equal(sim->event_count, 0);
	sim_free(sim);
}

/* So may an unsolicited response, under its flag and its sequence. */
static void
challenged_unsolicited_responses_pass(void **state)
{
#define REPLY " 78 02 5b 01 0a00 01000000 0100 a1b2c3d4"
	static const char unasked[] = "f3 82 0000 02 01 17 01 01 81";
	static const char challenge[] = " 20 78 01 5b 01 0c00 01000000 0100 04 01 a1b2c3d4";
	struct sim *sim = opened("", "{ access = [\"read\"]; }");
	char text[128];

	assert_allowed(sim, say(sim, RESPONSE, 10, unasked));
	snprintf(text, sizeof(text), "d3%s", challenge);
	assert_allowed(sim, say(sim, REQUEST, 10, text));
	/* a question with the same sequence is another one */
	assert_allowed(sim, say(sim, REQUEST, 10, "c3 01 3c 02 06"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c3 81 0000"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "d3 83 0000" REPLY));
	assert_int_equal(sim_reason(sim), REASON_RESPONSE);
	assert_allowed(sim, say(sim, REQUEST, 10, "d3 00"));
	/* nothing else speaks of them */
	assert_denied(sim, say(sim, REQUEST, 10, "d3 01 3c 02 06"), REASON_APPLICATION_CONTROL);
	sim_free(sim);
}

/* Aggressive mode: what has no objects of its own is framed by those of the authentication. */
static void
authenticated_restarts_pass(void **state)
{
	static const char *const functions[] = {"0d", "0e", "17", "18", "01 3c 02 06"};
	struct sim *sim = opened("", ANY);
	char text[128];

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		snprintf(text, sizeof(text),
		    "c%zu %.2s 78 03 07 01 01000000 0100 %s "
		    "78 09 5b 01 0800 0102030405060708",
		    i, functions[i], &functions[i][2]);
		if (say(sim, REQUEST, 10, text) != VERDICT_ALLOW)
			fail_msg("%s: %s", functions[i], reason_word(sim_reason(sim)));
	}
	sim_free(sim);
}

/* Shedding load: breaker after breaker, by one connection to a gateway of many outstations. */
static void
many_controls_one_behind_the_other_pass(void **state)
{
	struct sim *sim =
	    opened("", "{ functions = [\"select\", \"operate\"]; points = [\"g12:7\"]; }");

	for (unsigned outstation = 1; outstation < 40; outstation++) {
		assert_allowed(sim, say(sim, REQUEST, outstation, select_7));
		assert_allowed(sim, say(sim, RESPONSE, outstation, selected_7));
		assert_allowed(sim, say(sim, REQUEST, outstation, operate_7));
		/* and once more, because the answer is late */
		assert_allowed(sim, say(sim, REQUEST, outstation, operate_7));
		assert_allowed(sim, say(sim, RESPONSE, outstation, operated_7));
		assert_allowed(sim, say(sim, RESPONSE, outstation, operated_7));
	}
	sim_free(sim);
}

/* A gateway of more outstations than anybody polls by hand, with the link layer's own upkeep. */
static void
many_outstations_are_kept_alive(void **state)
{
	struct sim *sim = opened("link_confirm = 1;", ANY);

	for (int round = 0; round < 3; round++) {
		for (unsigned outstation = 1; outstation <= 60; outstation++) {
			assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, outstation));
			assert_allowed(sim, say_frame(sim, RESPONSE, 0x0b, outstation));
			if (round == 0) {
				assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, outstation));
				assert_allowed(sim, say_frame(sim, RESPONSE, 0x00, outstation));
			}
		}
		sim->now_ns += UINT64_C(1000000000);
	}
	sim_free(sim);
}

static void
retries_pass(void **state)
{
	struct sim *sim = opened("", ANY);

	/* the same read twice, answered twice; select and operate again under their sequences */
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, REQUEST, 10, poll));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, RESPONSE, 10, "c0 81 0000"));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, RESPONSE, 10, selected_7));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, REQUEST, 10, operate_7));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, RESPONSE, 10, operated_7));
	/* an unsolicited response until it is confirmed, with a poll in between */
	assert_allowed(sim, say(sim, RESPONSE, 10, "f3 82 8000"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c3 01 3c 01 06"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "f3 82 8000"));
	assert_allowed(sim, say(sim, REQUEST, 10, "d3 00"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c3 81 8000"));
	/* a response in two fragments, each confirmed; the second never comes, the master asks anew
	 */
	assert_allowed(sim, say(sim, REQUEST, 10, "c4 01 3c 01 06"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "a4 81 0000 01 02 00 00 00 81"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c4 00"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c5 01 3c 01 06"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "a5 81 0000 01 02 00 00 00 81"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c5 00"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "66 81 0000 01 02 00 01 01 81"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c6 00"));
	sim_free(sim);
}

/* Time by delay measurement and by recorded time, the restart indication, classes assigned. */
static void
the_set_up_of_a_master_passes(void **state)
{
	static const char *const exchange[][2] = {
	    {"c0 15 3c 02 06 3c 03 06 3c 04 06", "c0 81 8000"},
	    {"c1 02 50 01 00 07 07 00", "c1 81 0000"},
	    {"c2 17", "c2 81 0000 34 02 07 01 0a00"},
	    {"c3 02 32 01 07 01 a0b1c2d3e400", "c3 81 0000"},
	    {"c4 18", "c4 81 0000"},
	    {"c5 02 32 03 07 01 a0b1c2d3e400", "c5 81 0000"},
	    {"c6 16 3c 02 06 01 00 06 3c 03 06 1e 00 00 00 07", "c6 81 0000"},
	    {"c7 14 3c 02 06 3c 03 06 3c 04 06", "c7 81 0000"},
	    {"c8 07 14 00 06", "c8 81 0000"},
	    {"c9 0b 32 02 07 01 a0b1c2d3e400 00000000 14 00 06", "c9 81 0000"},
	    {"ca 01 00 fe 00 00 00", "ca 81 0000 00 f2 00 00 00 01 03 414243"},
	    {"cb 01 6e 00 06", "cb 81 0000 6e 03 00 00 00 414243"},
	};
	struct sim *sim = opened("", ANY);

	for (size_t i = 0; i < sizeof(exchange) / sizeof(exchange[0]); i++) {
		if (say(sim, REQUEST, 10, exchange[i][0]) != VERDICT_ALLOW)
			fail_msg("%s: %s", exchange[i][0], reason_word(sim_reason(sim)));
		if (say(sim, RESPONSE, 10, exchange[i][1]) != VERDICT_ALLOW)
			fail_msg("%s: %s", exchange[i][1], reason_word(sim_reason(sim)));
	}
	sim_free(sim);
}

/* Clause 13: an outstation may open the connection; the channel says so. */
static void
outstations_may_open_connections(void **state)
{
	static const char rules[] = "{ functions = [\"read\", \"unsolicited-response\"]; },"
				    "{ functions = [\"direct-operate\"]; points = [\"g12:8\"]; }";
	static const char direct_8[] = "c2 05 " DNP3_CROB("08", "03", "01");
	static const char direct_7[] = "c3 05 " DNP3_CROB("07", "03", "01");
	struct sim *sim = opened("master_listens = 1;", rules);

	/* the client of the connection is the outstation: its frames have DIR clear */
	struct wire w = message_to(RESPONSE, 10, "f0 82 8000");
	assert_allowed(sim, wire_send(sim, REQUEST, &w));
	w = message_to(REQUEST, 10, "d0 00");
	assert_allowed(sim, wire_send(sim, RESPONSE, &w));
	w = message_to(REQUEST, 10, poll);
	assert_allowed(sim, wire_send(sim, RESPONSE, &w));
	w = message_to(RESPONSE, 10, "c0 81 0000");
	assert_allowed(sim, wire_send(sim, REQUEST, &w));
	w = message_to(REQUEST, 10, direct_8);
	assert_allowed(sim, wire_send(sim, RESPONSE, &w));
	w = message_to(REQUEST, 10, direct_7);
	assert_denied(sim, wire_send(sim, RESPONSE, &w), REASON_POINT_DENIED);
	sim_free(sim);
	/* who opened it is not the master */
	sim = opened("master_listens = 1;", rules);
	assert_denied(sim, say(sim, REQUEST, 10, poll), REASON_LINK_DIRECTION);
	sim_free(sim);
}

/* Frames of one datagram, or of several where the channel permits it. */
static void
long_requests_by_datagram_pass(void **state)
{
	uint8_t fragment[300] = {0xc0, 0x01, 30, 0, 0x28, 140, 0};
	struct wire w = {.length = 0};
	struct sim *sim = by_datagram("", ANY);

	wire_put_fragment(&w, REQUEST, 10, fragment, 7 + 280);
	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	sim_free(sim);
	sim = by_datagram("split_requests = 1;", ANY);
	w.length = 0;
	wire_put_segment(&w, REQUEST, 10, 0x40, fragment, 200);
	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	w.length = 0;
	wire_put_segment(&w, REQUEST, 10, 0x81, &fragment[200], 87);
	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	/* responses are of nobody else's making */
	fragment[0] = 0xf0;
	sim_free(sim);
	sim = by_datagram("", ANY);
	w = message_to(REQUEST, 10, poll);
	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	w.length = 0;
	wire_put_segment(&w, RESPONSE, 10, 0x40, (const uint8_t *)"\xc0\x81\0\0\1\2\0\0\1", 9);
	assert_allowed(sim, send_datagram(sim, RESPONSE, &w));
	w.length = 0;
	wire_put_segment(&w, RESPONSE, 10, 0x81, (const uint8_t *)"\x81\x81", 2);
	assert_allowed(sim, send_datagram(sim, RESPONSE, &w));
	sim_free(sim);
}

/* The link layer sends again what was not acknowledged in time, and gets it acknowledged twice. */
static void
acknowledged_frames_may_be_repeated(void **state)
{
	static const char rules[] = "{ functions = [\"direct-operate\", \"test-link-states\", "
				    "\"reset-link-states\"]; }";
	uint8_t user[64] = {0x40}, rest[32] = {0x81};
	size_t length = 1 + sim_hex("c1 05 0c 01 28 0100 0700", &user[1], sizeof(user) - 1);
	size_t rest_length = 1 + sim_hex("03 01 f4010000 00000000 00", &rest[1], sizeof(rest) - 1);
	struct sim *sim = opened("link_confirm = 1;", rules);
	struct wire w = {.length = 0}, other = {.length = 0};

	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
	assert_allowed(sim, say_frame(sim, RESPONSE, 0x00, 10));
	for (int i = 0; i < 2; i++) {
		assert_allowed(sim, say_frame(sim, REQUEST, 0xf2, 10));
		assert_allowed(sim, say_frame(sim, RESPONSE, 0x00, 10));
	}
	/* in the middle of a message, where it is no segment of it */
	wire_put_frame(&w, 0xd3, 10, 1, user, length);
	for (int i = 0; i < 3; i++)
		assert_allowed(sim, wire_send(sim, REQUEST, &w));
	for (int i = 0; i < 3; i++)
		assert_allowed(sim, say_frame(sim, RESPONSE, 0x00, 10));
	w.length = 0;
	wire_put_frame(&w, 0xf3, 10, 1, rest, rest_length);
	for (size_t i = 0; i < w.length; i++)
		assert_allowed(sim, sim_send_bytes(sim, REQUEST, &w.bytes[i], 1));
	for (size_t i = 0; i < w.length; i++)
		assert_allowed(sim, sim_send_bytes(sim, REQUEST, &w.bytes[i], 1));
	/* a keep-alive in between is another matter */
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, 10));
	assert_allowed(sim, wire_send(sim, REQUEST, &w));
	/* with one byte changed it is none */
	rest[3] ^= 2;
	wire_put_frame(&other, 0xf3, 10, 1, rest, rest_length);
	assert_denied(sim, wire_send(sim, REQUEST, &other), REASON_LINK_COUNT);
	sim_free(sim);
	/* nor with a byte less, or more */
	for (size_t length_now = length - 1; length_now <= length + 1; length_now++) {
		sim = opened("link_confirm = 1;", rules);
		assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
		w.length = other.length = 0;
		wire_put_frame(&w, 0xf3, 10, 1, user, length);
		wire_put_frame(&other, 0xf3, 10, 1, user, length_now);
		assert_allowed(sim, wire_send(sim, REQUEST, &w));
		if (length_now == length)
			assert_allowed(sim, wire_send(sim, REQUEST, &other));
		else
			assert_denied(sim, wire_send(sim, REQUEST, &other), REASON_LINK_COUNT);
		sim_free(sim);
	}
	/* nor behind a reset, nor of another pair */
	sim = opened("link_confirm = 1;", rules);
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xf2, 10));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xd2, 10));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
	assert_denied(sim, say_frame(sim, REQUEST, 0xd2, 10), REASON_LINK_COUNT);
	sim_free(sim);
	sim = opened("link_confirm = 1;", rules);
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 11));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xf2, 10));
	assert_allowed(sim, say_frame(sim, REQUEST, 0xf2, 11));
	assert_denied(sim, say_frame(sim, REQUEST, 0xf2, 10), REASON_LINK_COUNT);
	sim_free(sim);
}

/* A connection picked up in its middle begins with whatever comes first on it in real life. */
static void
upkeep_may_be_picked_up(void **state)
{
	struct sim *sim = opened("pickup = \"resync\";", ANY);

	sim_reset(sim);
	assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, 10));
	assert_allowed(sim, say_frame(sim, RESPONSE, 0x0b, 10));
	assert_allowed(sim, say(sim, RESPONSE, 10, "f0 82 0000 02 01 17 01 04 81"));
	assert_allowed(sim, say(sim, REQUEST, 10, "d0 00"));
	assert_denied(sim, say(sim, REQUEST, 10, operate_7), REASON_STREAM_MIDDLE);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(responses_of_every_length_pass),
	    cmocka_unit_test(requests_of_every_length_pass),
	    cmocka_unit_test(many_events_at_once_pass),
	    cmocka_unit_test(challenged_controls_pass),
	    cmocka_unit_test(challenged_unsolicited_responses_pass),
	    cmocka_unit_test(empty_strings_pass),
	    cmocka_unit_test(extended_strings_pass),
	    cmocka_unit_test(long_extended_strings_of_many_pass),
	    cmocka_unit_test(authenticated_restarts_pass),
	    cmocka_unit_test(many_controls_one_behind_the_other_pass),
	    cmocka_unit_test(many_outstations_are_kept_alive),
	    cmocka_unit_test(retries_pass),
	    cmocka_unit_test(the_set_up_of_a_master_passes),
	    cmocka_unit_test(outstations_may_open_connections),
	    cmocka_unit_test(acknowledged_frames_may_be_repeated),
	    cmocka_unit_test(upkeep_may_be_picked_up),
	    cmocka_unit_test(long_requests_by_datagram_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
