/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections whose beginning nobody saw: what is taken for the beginning of a message, what is
 * not, and what becomes of the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine_verdict.h"
#include "s7.h"
#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE
#define RULES                                                                                \
	"{ access = [\"read\"]; },"                                                          \
	"{ functions = [\"write-single-register\"]; points = [\"holding:40-42\"]; values = " \
	"[\"0-1500\"]; }"

static const char asked[] = "0001 0000 0006 01 03 0000 0001";
static const char answer[] = "0001 0000 0005 01 03 02 0007";
static const char permitted[] = "0002 0000 0006 01 06 0028 0005";
static const char forbidden[] = "0003 0000 0006 01 06 0032 0001";
static const char garbage[] = "0102 0304 0506 0708 090a 0b0c 0d0e 0f10";

static const struct protocol {
	const char *channel;
	const char *rules;
	const char *asked;
	const char *answer;
	const char *garbage; /* the rest of an answer, with nothing in it that begins a message */
} protocols[] = {
    {"", RULES, asked, answer, garbage},
    {"protocol = \"dnp3\";", "{ access = [\"read\"]; }", "05640bc40a000100acd1 c0c0013c0206 54e0",
	"05640a4401000a006e25 c0c0810000 9ce8", garbage},
    {"protocol = \"s7comm\";", "{ access = [\"read\"]; }",
	"0300001f 02f080 32010000 0005000e 00000401 120a1002 0010000a 84000000",
	"03000029 02f080 3203 0000 0005 0002 0014 0000 04 01 ff 04 0080 "
	"00000000 00000000 00000000 00000000",
	garbage},
};

enum { PROTOCOL_COUNT = sizeof(protocols) / sizeof(protocols[0]) };

/* A connection of which nothing was seen yet. */
static struct sim *
unseen(const struct protocol *p, const char *conduit, const char *pickup)
{
	char channel[256];
	struct sim *sim;

	snprintf(channel, sizeof(channel), "%s %s", p->channel, pickup);
	sim = sim_new(conduit, channel, p->rules);
	for (int i = 0; i < 2; i++) {
		sim->end[i].isn = 0xfffffff0;
		sim->end[i].next = sim->end[i].isn + 1;
	}
	return sim;
}

static struct sim *
resync(const struct protocol *p)
{
	return unseen(p, "", "pickup = \"resync\";");
}

static void
assert_passes(struct sim *sim, enum direction direction, const char *hex, enum reason reason)
{
	assert_allowed(sim, sim_send(sim, direction, hex));
	assert_string_equal(reason_word(sim_reason(sim)), reason_word(reason));
}

/* A segment at a number of its own. */
static enum verdict
at(struct sim *sim, enum direction direction, uint32_t sequence, const char *hex)
{
	uint8_t bytes[256];
	size_t length = sim_hex(hex, bytes, sizeof(bytes));

	return sim_segment(
	    sim, direction, sequence, sim->end[1 - direction].next, TCP_ACK, bytes, length);
}

static void
keepalive_probe_as_the_first_goes_on_without_its_byte(void **state)
{
	for (int direction = REQUEST; direction <= RESPONSE; direction++)
		for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
			struct sim *sim = resync(&protocols[i]);

			for (int twice = 0; twice < 2; twice++) {
				assert_denied(sim,
				    at(sim, direction, sim->end[direction].next - 1, "00"),
				    REASON_STREAM_KEEPALIVE);
				assert_int_equal(sim->outcome.segment_count, 1);
				assert_int_equal(sim->outcome.segments[0].sequence,
				    sim->end[direction].next - 1);
				assert_int_equal(sim->outcome.segments[0].tcp_flags, TCP_ACK);
			}
			assert_int_equal(sim->event_count, 0);
			assert_passes(sim, REQUEST, protocols[i].asked, REASON_RULE);
			assert_denied(sim, at(sim, RESPONSE, sim->end[1].next - 1, "00"),
			    REASON_STREAM_KEEPALIVE);
			assert_passes(sim, RESPONSE, protocols[i].answer, REASON_RESPONSE);
			sim_free(sim);
		}
}

/* A probe takes no place in the table of flows. */
static void
keepalive_probes_of_unknown_connections_take_no_room(void **state)
{
	struct sim *sim = resync(&protocols[0]);
	struct engine_counters counters;

	for (uint16_t i = 0; i < 1000; i++) {
		sim->client_port = (uint16_t)(20000 + i);
		at(sim, REQUEST, 1000, "00");
	}
	engine_counters(sim->arena, &counters);
	assert_int_equal(counters.flows, 0);
	sim_free(sim);
}

static void
rest_of_an_answer_goes_on_to_the_client(void **state)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		for (int monitor = 0; monitor < 2; monitor++) {
			struct sim *sim = monitor ? unseen(&protocols[i], "mode = \"monitor\";", "")
						  : resync(&protocols[i]);

			for (int k = 0; k < 3; k++)
				assert_passes(
				    sim, RESPONSE, protocols[i].garbage, REASON_STREAM_MIDDLE);
			assert_passes(sim, REQUEST, protocols[i].asked, REASON_RULE);
			assert_passes(sim, RESPONSE, protocols[i].answer, REASON_RESPONSE);
			assert_int_equal(sim->event_count, 0);
			sim_free(sim);
		}
}

static void
behind_a_whole_answer_all_must_be_readable(void **state)
{
	struct sim *sim = resync(&protocols[0]);

	assert_passes(sim, RESPONSE, garbage, REASON_STREAM_MIDDLE);
	assert_passes(sim, REQUEST, asked, REASON_RULE);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	assert_int_equal(sim_send(sim, RESPONSE, garbage), VERDICT_DENY);
	assert_denied(sim, sim_send(sim, REQUEST, asked), REASON_FLOW_DENIED);
	sim_free(sim);
}

/* It can't be the boundary; but who never comes with one must connect anew. */
static void
rest_of_a_request_is_dropped_and_ends_the_connection_when_it_is_repeated(void **state)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		struct sim *sim = resync(&protocols[i]);

		for (int k = 0; k < REPETITIONS_DROPPED; k++) {
			assert_int_equal(
			    sim_send(sim, REQUEST, protocols[i].garbage), VERDICT_DENY);
			assert_int_equal(sim->outcome.segment_count, 0);
		}
		assert_int_equal(sim_send(sim, REQUEST, protocols[i].garbage), VERDICT_DENY);
		assert_in_range(sim->outcome.segment_count, 2, 3);
		assert_denied(sim, sim_send(sim, REQUEST, protocols[i].asked), REASON_FLOW_DENIED);
		sim_free(sim);
	}
}

static void
half_a_request_neither_passes_nor_ends_the_connection(void **state)
{
	struct sim *sim = resync(&protocols[0]);

	assert_denied(sim, sim_send(sim, REQUEST, "0001 0000 0006 01 03"), REASON_STREAM_MIDDLE);
	assert_int_equal(sim_received(sim, REQUEST), 0);
	assert_passes(sim, REQUEST, asked, REASON_RULE);
	assert_denied(sim, sim_send(sim, REQUEST, "0001 0000 0006 01 03"), REASON_STREAM_MIDDLE);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	assert_passes(sim, REQUEST, permitted, REASON_RULE);
	sim_free(sim);
}

static void
whole_message_that_may_not_be_the_first_ends_the_connection(void **state)
{
	static const char *const first[] = {permitted, forbidden};

	for (size_t i = 0; i < 2; i++) {
		struct sim *sim = resync(&protocols[0]);

		assert_int_equal(sim_send(sim, REQUEST, first[i]), VERDICT_DENY);
		assert_denied(sim, sim_send(sim, REQUEST, asked), REASON_FLOW_DENIED);
		sim_free(sim);
	}
}

/* What lies before the first segment that was seen may never have arrived: it is no repetition. */
static void
bytes_before_the_first_are_judged(void **state)
{
	struct sim *sim = resync(&protocols[0]);
	uint32_t first = sim->end[0].next;

	assert_allowed(sim, at(sim, REQUEST, first + 12, asked));
	assert_denied(sim, at(sim, REQUEST, first, forbidden), REASON_STREAM_STALE);
	sim_free(sim);
	/* and if the first was dropped, what is before it may be the beginning */
	sim = resync(&protocols[0]);
	assert_int_equal(at(sim, REQUEST, first + 12, garbage), VERDICT_DENY);
	assert_allowed(sim, at(sim, REQUEST, first, asked));
	sim_free(sim);
	sim = resync(&protocols[0]);
	assert_int_equal(at(sim, REQUEST, first + 12, garbage), VERDICT_DENY);
	assert_int_equal(at(sim, REQUEST, first, forbidden), VERDICT_DENY);
	sim_free(sim);
}

/*
 * A server throws away what is before the byte that it expects.  So two requests that read can be
 * another one to it: here the end of the first and the beginning of the second write sixes to
 * holding register 0.
 */
static void
two_requests_that_read_are_not_a_third_that_writes(void **state)
{
	static const char first[] = "0001 0000 0006 01 03 0000 0006";
	static const char second[] = "0106 0000 0006 01 03 0000 0001";
	static const char silent[] = "0106 0000 0006 00 03 0000 0001";
	const char *const pairs[][2] = {{first, second}, {first, silent}, {silent, second}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct sim *sim = resync(&protocols[0]);

		assert_passes(sim, REQUEST, pairs[i][0], REASON_RULE);
		assert_denied(sim, sim_send(sim, REQUEST, pairs[i][1]), REASON_OUTSTANDING_FULL);
		sim->now_ns += UINT64_C(9000000000);
		assert_denied(sim, sim_send(sim, REQUEST, pairs[i][1]), REASON_OUTSTANDING_FULL);
		/* nobody waits for the answer to something else */
		sim->now_ns += UINT64_C(2000000000);
		assert_denied(sim, sim_send(sim, REQUEST, pairs[i][1]), REASON_OUTSTANDING_FULL);
		assert_denied(sim, sim_send(sim, REQUEST, pairs[i][1]), REASON_FLOW_DENIED);
		sim_free(sim);
	}
}

static void
one_segment_with_two_requests_that_read_is_not_the_first(void **state)
{
	struct sim *sim = resync(&protocols[0]);

	assert_denied(sim,
	    sim_send(sim, REQUEST, "0001 0000 0006 01 03 0000 0006 0106 0000 0006 01 03 0000 0001"),
	    REASON_OUTSTANDING_FULL);
	assert_denied(sim, sim_send(sim, REQUEST, asked), REASON_FLOW_DENIED);
	sim_free(sim);
}

/* Who asks many things at once gets them as soon as the first is answered. */
static void
more_requests_wait_for_the_answer_to_the_first(void **state)
{
	static const char more[] = "0002 0000 0006 01 03 0000 0001 0003 0000 0006 01 03 0000 0001";
	struct sim *sim = resync(&protocols[0]);

	assert_passes(sim, REQUEST, asked, REASON_RULE);
	for (int i = 0; i < 8; i++)
		assert_denied(sim, sim_send(sim, REQUEST, more), REASON_OUTSTANDING_FULL);
	assert_passes(sim, RESPONSE, answer, REASON_RESPONSE);
	assert_passes(sim, REQUEST, more, REASON_RULE);
	assert_passes(sim, REQUEST, permitted, REASON_RULE);
	sim_free(sim);
}

/* ---- resets ---- */

static void
data_that_crosses_a_reset_is_neither_counted_nor_told(void **state)
{
	for (int by = REQUEST; by <= RESPONSE; by++) {
		struct sim *sim = sim_new("", "", RULES);
		struct engine_counters counters;

		sim_open(sim);
		assert_passes(sim, REQUEST, asked, REASON_RULE);
		assert_allowed(sim,
		    sim_segment(sim, by, sim->end[by].next, sim->end[1 - by].next,
			TCP_RST | TCP_ACK, NULL, 0));
		assert_denied(sim, sim_send(sim, 1 - by, by == REQUEST ? answer : asked),
		    REASON_STREAM_CLOSED);
		assert_int_equal(sim->outcome.segment_count, 0);
		engine_counters(sim->arena, &counters);
		assert_int_equal(counters.by_reason[REASON_STREAM_CLOSED], 0);
		assert_int_equal(counters.denied, 0);
		assert_int_equal(sim->event_count, 0);
		/* what comes much later crosses nothing: both ends are told */
		sim->now_ns += UINT64_C(4000000000);
		assert_denied(sim, sim_send(sim, 1 - by, by == REQUEST ? answer : asked),
		    REASON_STREAM_MIDDLE);
		assert_in_range(sim->outcome.segment_count, 2, 3);
		sim_free(sim);
	}
}

static void
server_that_ends_a_connection_has_a_new_one_at_once(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	sim_open(sim);
	assert_passes(sim, REQUEST, asked, REASON_RULE);
	assert_allowed(
	    sim, sim_segment(sim, RESPONSE, sim->end[1].next, sim->end[0].next, TCP_RST, NULL, 0));
	sim_open(sim);
	assert_passes(sim, REQUEST, asked, REASON_RULE);
	sim_free(sim);
}

/* ---- monitor mode ---- */

static void
monitor_mode_picks_up_what_needs_a_session(void **state)
{
	struct sim *sim = unseen(&protocols[2], "mode = \"monitor\";", "");

	for (int i = 0; i < 3; i++) {
		assert_passes(sim, REQUEST, protocols[2].asked, REASON_RULE);
		assert_passes(sim, RESPONSE, protocols[2].answer, REASON_RESPONSE);
	}
	assert_int_equal(sim->event_count, 0);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keepalive_probe_as_the_first_goes_on_without_its_byte),
	    cmocka_unit_test(keepalive_probes_of_unknown_connections_take_no_room),
	    cmocka_unit_test(rest_of_an_answer_goes_on_to_the_client),
	    cmocka_unit_test(behind_a_whole_answer_all_must_be_readable),
	    cmocka_unit_test(
		rest_of_a_request_is_dropped_and_ends_the_connection_when_it_is_repeated),
	    cmocka_unit_test(half_a_request_neither_passes_nor_ends_the_connection),
	    cmocka_unit_test(whole_message_that_may_not_be_the_first_ends_the_connection),
	    cmocka_unit_test(bytes_before_the_first_are_judged),
	    cmocka_unit_test(two_requests_that_read_are_not_a_third_that_writes),
	    cmocka_unit_test(one_segment_with_two_requests_that_read_is_not_the_first),
	    cmocka_unit_test(more_requests_wait_for_the_answer_to_the_first),
	    cmocka_unit_test(data_that_crosses_a_reset_is_neither_counted_nor_told),
	    cmocka_unit_test(server_that_ends_a_connection_has_a_new_one_at_once),
	    cmocka_unit_test(monitor_mode_picks_up_what_needs_a_session),
	};

	return cmocka_run_group_tests_name("middle", tests, NULL, NULL);
}
