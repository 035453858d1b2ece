/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3 tricks: an outstation must not carry out what no rule names because it reads a message
 * otherwise than a strict reader does, or gets it from several hands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

/*
 * An outstation reads all datagrams from one socket.  The beginning of one message and the end of
 * another, each of a flow that permits it, would make a third one.
 */
static void
datagrams_of_two_flows_do_not_make_one_message(void **state)
{
	static const char rules[] = "{ functions = [\"read\"]; points = [\"g30:*\"]; },"
				    "{ functions = [\"direct-operate\"]; points = [\"g12:8\"]; }";
	/* two controls of point 8; a read of indices that look like a control of point 7 */
	uint8_t control[64], reading[64];
	size_t control_length = sim_hex("c1 05 0c 01 17 02 08 03 01 f4010000 00000000 00"
					"08 03 01 f4010000 00000000 00",
	    control, sizeof(control));
	size_t reading_length = sim_hex("c1 01 1e 02 17 18 00000000 000000000000 0000"
					"07 03 01 f4010000 00000000 00",
	    reading, sizeof(reading));
	struct sim *sim = by_datagram("", rules);
	struct wire w = {.length = 0};
	int passed = 0;

	wire_put_segment(&w, REQUEST, 10, 0x40, reading, reading_length - 12);
	sim->client_port = 50001;
	passed += send_datagram(sim, REQUEST, &w) == VERDICT_ALLOW;
	w.length = 0;
	wire_put_segment(&w, REQUEST, 10, 0x40, control, control_length - 12);
	sim->client_port = 50002;
	passed += send_datagram(sim, REQUEST, &w) == VERDICT_ALLOW;
	w.length = 0;
	wire_put_segment(&w, REQUEST, 10, 0x81, &reading[reading_length - 12], 12);
	sim->client_port = 50001;
	passed += send_datagram(sim, REQUEST, &w) == VERDICT_ALLOW;
	assert_int_equal(passed, 0);
	sim_free(sim);
}

/* An outstation that waited long enough takes the rest of a frame for another one, whoever opened
 * the connection. */
static void
a_frame_may_not_pause(void **state)
{
	static const char *const channels[] = {"", "master_listens = 1;"};

	for (int listens = 0; listens < 2; listens++) {
		for (uint64_t ms = 1999; ms <= 2000; ms++) {
			struct sim *sim = opened(channels[listens], "{ access = [\"any\"]; }");
			enum direction direction = listens ? RESPONSE : REQUEST;
			struct wire w = message_to(REQUEST, 10, "c0 01 3c 02 06");
			enum verdict verdict;

			assert_allowed(sim, sim_send_bytes(sim, direction, w.bytes, 12));
			sim->now_ns += ms * 1000000;
			verdict = sim_send_bytes(sim, direction, &w.bytes[12], w.length - 12);
			if (ms < 2000)
				assert_allowed(sim, verdict);
			else
				assert_denied(sim, verdict, REASON_STREAM_PAUSED);
			sim_free(sim);
		}
	}
}

/* A refused beginning leaves no trace: what comes next is a message of its own. */
static void
a_beginning_alone_is_refused_without_a_trace(void **state)
{
	static const char poll[] = "c0 01 3c 02 06";
	uint8_t fragment[16];
	size_t length = sim_hex(poll, fragment, sizeof(fragment));
	struct sim *sim = by_datagram("", "{ access = [\"any\"]; }");
	struct wire w = {.length = 0}, whole = message_to(REQUEST, 10, poll);

	wire_put_segment(&w, REQUEST, 10, 0x40, fragment, length - 1);
	assert_denied(sim, send_datagram(sim, REQUEST, &w), REASON_TRANSPORT_SPLIT);
	w.length = 0;
	wire_put_segment(&w, REQUEST, 10, 0x81, &fragment[length - 1], 1);
	assert_denied(sim, send_datagram(sim, REQUEST, &w), REASON_TRANSPORT_SEQUENCE);
	assert_allowed(sim, send_datagram(sim, REQUEST, &whole));
	/* behind a whole one too */
	wire_put_segment(&whole, REQUEST, 10, 0x40, fragment, length - 1);
	assert_denied(sim, send_datagram(sim, REQUEST, &whole), REASON_TRANSPORT_SPLIT);
	sim_free(sim);
}

/* A frame of the link layer behind a beginning ends no message. */
static void
a_link_frame_does_not_hide_a_beginning(void **state)
{
	static const char poll[] = "c0 01 3c 02 06";
	uint8_t fragment[16];
	size_t length = sim_hex(poll, fragment, sizeof(fragment));
	struct sim *sim = by_datagram("", "{ access = [\"any\"]; }");
	struct wire w = {.length = 0};

	wire_put_segment(&w, REQUEST, 10, 0x40, fragment, length - 1);
	wire_put_frame(&w, 0xc9, 10, 1, NULL, 0);
	assert_denied(sim, send_datagram(sim, REQUEST, &w), REASON_TRANSPORT_SPLIT);
	/* between the pieces, in one datagram, it does no harm */
	wire_put_segment(&w, REQUEST, 10, 0x81, &fragment[length - 1], 1);
	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	wire_put_frame(&w, 0xc9, 10, 1, NULL, 0);
	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	sim_free(sim);
}

/* Bits behind the last point belong to no point that was judged. */
static void
bits_behind_the_last_point_are_clear(void **state)
{
	static const char *const bad[] = {
	    "c0 02 50 01 00 07 07 02",    /* one bit */
	    "c0 02 50 01 00 07 07 80",    /* as if it counted from the octet */
	    "c0 02 0a 01 00 00 08 ff 03", /* nine bits */
	    "c0 03 0c 02 07 01 03 01 00000000 00000000 00 0c 03 00 00 02 0f", /* a pattern mask */
	};
	static const char *const good[] = {
	    "c0 02 50 01 00 07 07 00",
	    "c0 02 50 01 00 07 07 01",
	    "c0 02 0a 01 00 00 08 ff 01",
	    "c0 02 0a 01 00 00 07 ff 0a 01 00 08 08 01",
	    "c0 03 0c 02 07 01 03 01 00000000 00000000 00 0c 03 00 00 02 07",
	};
	struct sim *sim;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sim = opened("", "{ access = [\"any\"]; }");
		assert_denied(sim, say(sim, REQUEST, 10, bad[i]), REASON_VALUE_INVALID);
		sim_free(sim);
		sim = opened("", "{ access = [\"any\"]; }");
		assert_allowed(sim, say(sim, REQUEST, 10, good[i]));
		sim_free(sim);
	}
	/* what an outstation leaves there does nothing */
	sim = opened("", "{ access = [\"any\"]; }");
	assert_allowed(sim, say(sim, REQUEST, 10, "c0 01 01 01 00 00 00"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c0 81 0000 01 01 00 00 00 ff"));
	sim_free(sim);
}

/* Data sets and the like name what they are about inside, where nobody looks: all of their group.
 */
static void
objects_that_hide_their_index_touch_all(void **state)
{
	static const char data_set[] = "c0 02 57 01 5b 01 0400 01 01 02 03";
	struct sim *sim =
	    opened("", "{ functions = [\"write-program\"]; points = [\"g87:0-3\"]; }");

	assert_denied(sim, say(sim, REQUEST, 10, data_set), REASON_POINT_DENIED);
	sim_free(sim);
	sim = opened("", "{ functions = [\"write-program\"]; points = [\"g87:*\"]; }");
	assert_allowed(sim, say(sim, REQUEST, 10, data_set));
	sim_free(sim);
}

/* A rule that limits points or values does not mean what stops or restarts everything. */
static void
limits_of_points_do_not_permit_the_whole(void **state)
{
	static const char *const whole[] = {
	    "c0 0d", "c0 0e", "c0 0f", "c0 10", "c0 11", "c0 12", "c0 13"};
	static const char *const limited[] = {
	    "{ access = [\"control\", \"program\"]; points = [\"g12:7\"]; }",
	    "{ access = [\"control\", \"program\"]; values = [\"latch-on\"]; }",
	    "{ access = [\"control\", \"program\"]; values = [\"count:1\"]; }",
	};
	struct sim *sim;

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		for (size_t n = 0; n < sizeof(limited) / sizeof(limited[0]); n++) {
			sim = opened("", limited[n]);
			if (say(sim, REQUEST, 10, whole[i]) == VERDICT_ALLOW)
				fail_msg("%s passed: %s", whole[i], limited[n]);
			sim_free(sim);
		}
		sim = opened("", "{ access = [\"control\", \"program\"]; }");
		assert_allowed(sim, say(sim, REQUEST, 10, whole[i]));
		sim_free(sim);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(datagrams_of_two_flows_do_not_make_one_message),
	    cmocka_unit_test(a_beginning_alone_is_refused_without_a_trace),
	    cmocka_unit_test(a_link_frame_does_not_hide_a_beginning),
	    cmocka_unit_test(a_frame_may_not_pause),
	    cmocka_unit_test(bits_behind_the_last_point_are_clear),
	    cmocka_unit_test(objects_that_hide_their_index_touch_all),
	    cmocka_unit_test(limits_of_points_do_not_permit_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
