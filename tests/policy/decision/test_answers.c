/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers as devices give them: late, by another unit, to another transaction, to nothing at all.
 *
 * Nothing of that ends a connection or is kept from a client, who matches answers itself; what
 * contradicts its request, or can't be read, does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine_outstanding.h"
#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE
#define RULES "{ access = [\"read\"]; }"

static const char asked[] = "0001 0000 0006 01 03 0000 0001";
static const char answer[] = "0001 0000 0005 01 03 02 0007";
static const char gave_up[] = "0001 0000 0003 01 83 0b";
static const char forbidden[] = "0003 0000 0006 01 06 0032 0001";

static const uint64_t millisecond = UINT64_C(1000000);

static void
assert_passes(struct sim *sim, enum direction direction, const char *hex, enum reason reason)
{
	assert_allowed(sim, sim_send(sim, direction, hex));
	assert_string_equal(reason_word(sim_reason(sim)), reason_word(reason));
}

static const char *const strange[] = {
    "0001 0000 0005 01 03 02 0007", /* nobody asked */
    "0002 0000 0005 01 03 02 0007", /* another transaction */
    "0001 0000 0005 02 03 02 0007", /* another unit */
    "0001 0000 0005 01 04 02 0007", /* another function */
    "0001 0000 0003 02 83 0b",      /* an exception of another unit */
};

static void
answer_to_nothing_goes_on_to_the_client_and_is_told(void **state)
{
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		struct sim *sim = sim_opened("", "", RULES);

		if (i > 0)
			assert_passes(sim, REQUEST, asked, REASON_RULE);
		assert_passes(sim, RESPONSE, strange[i], REASON_RESPONSE_UNMATCHED);
		assert_int_equal(sim->event_count, 1);
		assert_int_equal(sim->events[0].reason, REASON_RESPONSE_UNMATCHED);
		assert_int_equal(sim->events[0].verdict, VERDICT_ALLOW);
		assert_false(sim->events[0].would_deny);
		/* the connection lives, and what was asked may still be answered */
		assert_passes(sim, REQUEST, "0009 0000 0006 01 03 0000 0001", REASON_RULE);
		if (i > 0)
			assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
		sim_free(sim);
	}
}

static void
answer_that_nobody_can_read_ends_the_connection(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	assert_denied(
	    sim, sim_send(sim, RESPONSE, "0001 0000 0005 01 03 03 0007"), REASON_LENGTH_MISMATCH);
	assert_denied(sim, sim_send(sim, REQUEST, asked), REASON_FLOW_DENIED);
	sim_free(sim);
}

static void
second_answer_goes_on_to_the_client_and_is_told(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	assert_passes(sim, REQUEST, asked, REASON_RULE);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
}

static void
answer_behind_the_exception_of_a_gateway_is_one(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	assert_passes(sim, REQUEST, asked, REASON_RULE);
	assert_passes(sim, RESPONSE, gave_up, REASON_RESPONSE);
	/* asked once more, under the same number, for something else */
	assert_passes(sim, REQUEST, "0001 0000 0006 01 03 0000 0002", REASON_RULE);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	assert_passes(sim, RESPONSE, "0001 0000 0007 01 03 04 0007 0008", REASON_RESPONSE);
	/* one that answers neither contradicts nobody */
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
}

/* Requests with numbers of their own, `count` of them from `first` on. */
static void
ask(struct sim *sim, unsigned first, unsigned count)
{
	char hex[64];

	for (unsigned i = first; i < first + count; i++) {
		snprintf(hex, sizeof(hex), "%04x 0000 0006 01 03 0000 0001", i);
		assert_passes(sim, REQUEST, hex, REASON_RULE);
	}
}

static void
forgotten_request_may_still_be_answered(void **state)
{
	struct sim *sim = sim_opened("", "outstanding = 4;", RULES);

	ask(sim, 0, 4);
	sim->now_ns += 2000 * millisecond;
	ask(sim, 4, 1);
	sim->now_ns += 1000 * millisecond;
	assert_passes(sim, RESPONSE, "0000 0000 0003 01 83 0b", REASON_RESPONSE);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	assert_passes(sim, RESPONSE, "0004 0000 0005 01 03 02 0007", REASON_RESPONSE);
	ask(sim, 5, 1);
	sim_free(sim);
}

static void
as_many_forgotten_requests_are_remembered_as_the_limit_says(void **state)
{
	struct sim *sim = sim_opened("", "outstanding = 1;", RULES);

	for (unsigned i = 0; i < OUTSTANDING_LATE_MAX + 2; i++) {
		ask(sim, i, 1);
		sim->now_ns += OUTSTANDING_AGE_S * 1000 * millisecond;
	}
	assert_passes(sim, RESPONSE, "0000 0000 0005 01 03 02 0007", REASON_RESPONSE_UNMATCHED);
	for (unsigned i = 1; i < OUTSTANDING_LATE_MAX + 2; i++) {
		char hex[64];

		snprintf(hex, sizeof(hex), "%04x 0000 0005 01 03 02 0007", i);
		assert_passes(sim, RESPONSE, hex, REASON_RESPONSE);
	}
	sim_free(sim);
}

static void
request_makes_room_at_the_age_that_the_manual_says(void **state)
{
	struct sim *sim = sim_opened("", "outstanding = 1;", RULES);
	char line[256], age[64];
	bool said = false;
	FILE *manual = fopen(REASONS_MANUAL, "r");

	assert_non_null(manual);
	snprintf(age, sizeof(age), "A request that has waited for %s second makes room",
	    OUTSTANDING_AGE_S == 1 ? "one" : "?");
	while (fgets(line, sizeof(line), manual))
		said = said || strstr(line, age);
	fclose(manual);
	assert_true(said);
	ask(sim, 0, 1);
	sim->now_ns += OUTSTANDING_AGE_S * 1000 * millisecond - 1;
	assert_denied(sim, sim_send(sim, REQUEST, asked), REASON_OUTSTANDING_FULL);
	sim->now_ns += 1;
	assert_passes(sim, REQUEST, asked, REASON_RULE);
	sim_free(sim);
}

static void
one_request_too_many_is_dropped_and_may_come_again(void **state)
{
	struct sim *sim = sim_opened("", "outstanding = 3;", RULES);

	ask(sim, 1, 2);
	/* Two more in one segment: the first of them is not remembered either. */
	assert_denied(sim,
	    sim_send(sim, REQUEST, "0003 0000 0006 01 03 0000 0001 0004 0000 0006 01 03 0000 0001"),
	    REASON_OUTSTANDING_FULL);
	assert_int_equal(sim->outcome.segment_count, 0);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	assert_passes(sim, REQUEST, "0003 0000 0006 01 03 0000 0001 0004 0000 0006 01 03 0000 0001",
	    REASON_RULE);
	for (unsigned i = 2; i <= 4; i++) {
		char hex[64];

		snprintf(hex, sizeof(hex), "%04x 0000 0005 01 03 02 0007", i);
		assert_passes(sim, RESPONSE, hex, REASON_RESPONSE);
	}
	sim_free(sim);
}

#define TWO "0003 0000 0006 01 03 0000 0001 0004 0000 0006 01 03 0000 0001"

/* What a client merges that repeats: what may wait goes on, and the rest comes again by itself. */
static void
segment_with_more_requests_than_may_wait_is_shortened(void **state)
{
	for (int version = 4; version <= 6; version += 2) {
		struct sim *sim = sim_new("", "outstanding = 1;", RULES);
		uint32_t first;

		sim->ipv6 = version == 6;
		sim_open(sim);
		first = sim->end[REQUEST].next;
		assert_allowed(sim, sim_client_at(sim, first, TWO));
		assert_int_equal(sim_received(sim, REQUEST), 12);
		assert_int_equal(sim->outcome.segment_count, 0);
		/* then it is the second alone that must wait */
		assert_denied(
		    sim, sim_client_at(sim, first + 12, &TWO[31]), REASON_OUTSTANDING_FULL);
		sim->now_ns += 300 * millisecond;
		assert_allowed(sim, sim_client_at(sim, first, TWO));
		assert_reason(sim, REASON_REPEATED);
		assert_int_equal(sim_received(sim, REQUEST), 12);
		assert_int_equal(sim->event_count, 3);
		assert_int_equal(sim->events[0].reason, REASON_OUTSTANDING_FULL);
		assert_int_equal(sim->events[0].verdict, VERDICT_DENY);
		sim->end[REQUEST].next = first + 12;
		assert_allowed(sim, sim_send(sim, RESPONSE, "0003 0000 0005 01 03 02 0007"));
		assert_allowed(sim, sim_client_at(sim, first, TWO));
		assert_int_equal(sim_received(sim, REQUEST), 24);
		sim->end[REQUEST].next = first + 24;
		assert_allowed(sim, sim_send(sim, RESPONSE, "0004 0000 0005 01 03 02 0007"));
		assert_false(sim->changed[REQUEST]);
		sim_free(sim);
	}
}

/* What is dropped because it has to wait has not used its rate up when it comes again. */
static void
request_that_waits_uses_no_rate_up(void **state)
{
	static const char write[] = "0002 0000 0006 01 06 0028 0005";
	struct sim *sim = sim_opened("", "outstanding = 1;",
	    "{ access = [\"read\"]; }, { functions = [\"write-single-register\"]; rate = "
	    "\"1/min\"; }");

	ask(sim, 1, 1);
	for (int i = 0; i < 3; i++)
		assert_denied(sim, sim_send(sim, REQUEST, write), REASON_OUTSTANDING_FULL);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	assert_passes(sim, REQUEST, write, REASON_RULE);
	assert_passes(sim, RESPONSE, write, REASON_RESPONSE);
	assert_denied(sim, sim_send(sim, REQUEST, write), REASON_RATE_EXCEEDED);
	sim_free(sim);
}

/* Nothing ends with what is left of it, and nothing forbidden is in it. */
static void
shortened_segment_is_what_may_pass(void **state)
{
	struct sim *sim = sim_opened("", "outstanding = 1;", RULES);
	uint8_t bytes[64];
	size_t length = sim_hex(TWO, bytes, sizeof(bytes));

	assert_allowed(sim,
	    sim_segment(sim, REQUEST, sim->end[REQUEST].next, sim->end[RESPONSE].next,
		TCP_ACK | TCP_FIN, bytes, length));
	assert_int_equal(sim->left_length, 40 + 12);
	assert_int_equal(sim->left[20 + 13], TCP_ACK);
	sim->end[REQUEST].next += 12;
	assert_allowed(sim, sim_send(sim, RESPONSE, "0003 0000 0005 01 03 02 0007"));
	assert_allowed(sim, sim_send(sim, REQUEST, &TWO[31]));
	sim_free(sim);
	/* a forbidden one denies the segment wherever it stands in it */
	sim = sim_opened("", "outstanding = 2;", RULES);
	assert_denied(sim, sim_send(sim, REQUEST, TWO "0005 0000 0006 01 05 0000 ff00"),
	    REASON_FUNCTION_DENIED);
	assert_denied(sim, sim_send(sim, REQUEST, asked), REASON_FLOW_DENIED);
	sim_free(sim);
}

/* ---- the channel's word ---- */

static void
answer_of_any_unit_must_still_have_the_length_that_was_asked_for(void **state)
{
	struct sim *sim = sim_opened("", "answers = \"any-unit\";", RULES);

	assert_passes(sim, REQUEST, asked, REASON_RULE);
	assert_passes(
	    sim, RESPONSE, "0001 0000 0007 02 03 04 0007 0008", REASON_RESPONSE_UNMATCHED);
	/* the unit's own answer is taken before another's */
	assert_passes(sim, REQUEST, "0001 0000 0006 02 03 0000 0001", REASON_RULE);
	assert_passes(sim, RESPONSE, "0001 0000 0005 02 03 02 0007", REASON_RESPONSE);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	sim_free(sim);
}

/* ---- monitor mode ---- */

static void
monitor_mode_tells_of_a_request_in_two_segments_once(void **state)
{
	struct sim *sim = sim_opened("mode = \"monitor\";", "", RULES);

	for (size_t i = 0; i < 3; i++) {
		assert_allowed(sim, sim_send(sim, REQUEST, "0003 0000 0006 01 06 0032"));
		assert_allowed(sim, sim_send(sim, REQUEST, "0001"));
		assert_passes(sim, RESPONSE, forbidden, REASON_RESPONSE);
	}
	assert_int_equal(sim->event_count, 3);
	sim_free(sim);
}

static void
monitor_mode_tells_of_what_nobody_can_read_once(void **state)
{
	struct sim *sim = sim_opened("mode = \"monitor\";", "", RULES);

	assert_allowed(sim, sim_send(sim, REQUEST, "0003 0000 0006 01 55 0032 0001"));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0003 0000 0003 01 83 01"));
	/* exceptions are always recorded, as what they are */
	assert_int_equal(sim->event_count, 2);
	assert_int_equal(sim->events[1].reason, REASON_RESPONSE);
	assert_false(sim->events[1].would_deny);
	sim_free(sim);
}

static void
monitor_mode_remembers_more_requests_than_may_wait(void **state)
{
	struct sim *sim = sim_opened("mode = \"monitor\";", "outstanding = 1;", RULES);

	ask(sim, 1, 1);
	assert_passes(sim, REQUEST, "0002 0000 0006 01 03 0000 0001", REASON_OUTSTANDING_FULL);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	assert_passes(sim, RESPONSE, "0002 0000 0005 01 03 02 0007", REASON_RESPONSE);
	assert_int_equal(sim->event_count, 1);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answer_to_nothing_goes_on_to_the_client_and_is_told),
	    cmocka_unit_test(answer_that_nobody_can_read_ends_the_connection),
	    cmocka_unit_test(second_answer_goes_on_to_the_client_and_is_told),
	    cmocka_unit_test(answer_behind_the_exception_of_a_gateway_is_one),
	    cmocka_unit_test(forgotten_request_may_still_be_answered),
	    cmocka_unit_test(as_many_forgotten_requests_are_remembered_as_the_limit_says),
	    cmocka_unit_test(request_makes_room_at_the_age_that_the_manual_says),
	    cmocka_unit_test(one_request_too_many_is_dropped_and_may_come_again),
	    cmocka_unit_test(segment_with_more_requests_than_may_wait_is_shortened),
	    cmocka_unit_test(shortened_segment_is_what_may_pass),
	    cmocka_unit_test(request_that_waits_uses_no_rate_up),
	    cmocka_unit_test(answer_of_any_unit_must_still_have_the_length_that_was_asked_for),
	    cmocka_unit_test(monitor_mode_tells_of_a_request_in_two_segments_once),
	    cmocka_unit_test(monitor_mode_tells_of_what_nobody_can_read_once),
	    cmocka_unit_test(monitor_mode_remembers_more_requests_than_may_wait),
	};

	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
