/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams, whatever protocol is in them: what is merged, and what is left of a flow after a
 * crash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow.h"
#include "sim.h"

#define RULES "{ access = [\"read\"]; }"

enum { PACKET_MAX = 256 };

/* Frames of DNP3: a poll, the same in two, and a response to it. */
static const char poll[] = "05640bc40a000100acd1 c0c0013c0206 54e0";
static const char first[] = "056409c40a0001001bf7 45c0013c e128";
static const char rest[] = "056408c40a000100fc42 860206 e951";
static const char response[] = "05640a4401000a006e25 c0c0810000 9ce8";

static struct sim *
by_datagram(const char *mode)
{
	return sim_new(
	    mode, "protocol = \"dnp3\"; transport = \"udp\"; split_requests = 1;", RULES);
}

static enum verdict
say(struct sim *sim, enum direction direction, const char *hex)
{
	uint8_t bytes[PACKET_MAX];

	return sim_datagram(sim, direction, bytes, sim_hex(hex, bytes, sizeof(bytes)));
}

/* Two polls, which will be two datagrams only after the inspector has seen them. */
static enum verdict
say_merged(struct sim *sim)
{
	uint8_t bytes[PACKET_MAX], packet[PACKET_MAX + 28];
	struct engine_packet in = {.data = packet, .now_ns = sim->now_ns, .merged = true};
	size_t length = sim_hex(poll, bytes, sizeof(bytes));

	memcpy(&bytes[length], bytes, length);
	in.length = sim_datagram_packet(sim, DIRECTION_REQUEST, bytes, 2 * length, packet);
	engine_packet(sim->engine, &in, &sim->outcome);
	return sim->outcome.verdict;
}

static void
merged_datagrams_are_refused(void **state)
{
	struct sim *sim = by_datagram("");

	assert_int_equal(say_merged(sim), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_PACKET_MERGED);
	/* the next one is whole again */
	assert_int_equal(say(sim, DIRECTION_REQUEST, poll), VERDICT_ALLOW);
	assert_int_equal(say_merged(sim), VERDICT_DENY);
	assert_int_equal(say(sim, DIRECTION_RESPONSE, response), VERDICT_ALLOW);
	sim_free(sim);
	sim = by_datagram("mode = \"monitor\";");
	assert_int_equal(say_merged(sim), VERDICT_ALLOW);
	assert_int_equal(sim->events[sim->event_count - 1].reason, REASON_PACKET_MERGED);
	sim_free(sim);
}

/* A stream has no ends of packets: where it is cut changes nothing. */
static void
merged_segments_pass(void **state)
{
	struct sim *sim = sim_new("", "protocol = \"dnp3\";", RULES);
	uint8_t bytes[PACKET_MAX], packet[PACKET_MAX];
	struct engine_packet in = {.data = packet, .now_ns = sim->now_ns, .merged = true};

	sim_open(sim);
	in.length = sim_packet(sim, DIRECTION_REQUEST, sim->end[0].next, sim->end[1].next, TCP_ACK,
	    bytes, sim_hex(poll, bytes, sizeof(bytes)), packet);
	engine_packet(sim->engine, &in, &sim->outcome);
	assert_int_equal(sim->outcome.verdict, VERDICT_ALLOW);
	sim_free(sim);
}

/* There is room for 64 flows. */
static void
who_is_refused_takes_no_room(void **state)
{
	struct sim *sim = by_datagram("");
	struct engine_counters counters;

	for (unsigned i = 0; i < 200; i++) {
		sim->client_port++;
		assert_int_equal(say(sim, DIRECTION_REQUEST, rest), VERDICT_DENY);
		assert_int_equal(sim_reason(sim), REASON_TRANSPORT_SEQUENCE);
	}
	engine_counters(sim->arena, &counters);
	assert_int_equal(counters.flows, 0);
	sim->client_port++;
	assert_int_equal(say(sim, DIRECTION_REQUEST, poll), VERDICT_ALLOW);
	assert_int_equal(say(sim, DIRECTION_REQUEST, rest), VERDICT_DENY);
	assert_int_equal(say(sim, DIRECTION_RESPONSE, response), VERDICT_ALLOW);
	sim_free(sim);
}

static void
die_in_the_middle(struct sim *sim)
{
	struct flow_arena *arena = sim->arena;

	arena->inflight_length = 52;
	arena->inflight_flow = 1;
	sim_restart(sim);
	assert_true(engine_recover(sim->engine, sim->now_ns, sim->now_ns));
}

/* What was begun before the crash is not gone on with; what begins after it is. */
static void
a_crash_forgets_what_was_under_way(void **state)
{
	struct sim *sim = by_datagram("");

	assert_int_equal(say(sim, DIRECTION_REQUEST, first), VERDICT_ALLOW);
	die_in_the_middle(sim);
	assert_int_equal(say(sim, DIRECTION_REQUEST, rest), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_TRANSPORT_SEQUENCE);
	assert_int_equal(say(sim, DIRECTION_REQUEST, poll), VERDICT_ALLOW);
	assert_int_equal(say(sim, DIRECTION_RESPONSE, response), VERDICT_ALLOW);
	die_in_the_middle(sim);
	assert_int_equal(say(sim, DIRECTION_RESPONSE, response), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_STREAM_MIDDLE);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(merged_datagrams_are_refused),
	    cmocka_unit_test(merged_segments_pass),
	    cmocka_unit_test(who_is_refused_takes_no_room),
	    cmocka_unit_test(a_crash_forgets_what_was_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
