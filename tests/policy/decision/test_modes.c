/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modes that change while connections live, devices that are not as the specification has them, and
 * channels that are not inspected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow.h"
#include "sim.h"

#define RULES                                                                                \
	"{ access = [\"read\"]; },"                                                          \
	"{ functions = [\"write-single-register\"]; points = [\"holding:40-42\"]; values = " \
	"[\"0-1500\"]; }"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

static const char read_request[] = "0001 0000 0006 01 03 0000 000a";
static const char write_forbidden[] = "0003 0000 0006 01 06 0032 0001";
static const char write_head[] = "0002 0000 0006 01 06";

static const uint64_t second = UINT64_C(1000000000);

/* ---- modes that change ---- */

static void
hole_of_monitor_mode_is_not_filled_under_enforcement(void **state)
{
	struct sim *sim = sim_opened("mode = \"monitor\";", "", RULES);
	uint32_t hole = sim->end[0].next;

	/* The receiver keeps this and waits for what is missing. */
	assert_int_equal(sim_client_at(sim, hole + 24, read_request), VERDICT_ALLOW);
	sim_reload(sim, "", "", RULES);
	assert_int_equal(sim_client_at(sim, hole, write_forbidden), VERDICT_DENY);
	sim_free(sim);
}

static void
message_begun_in_monitor_mode_is_not_ended_under_enforcement(void **state)
{
	/* Not canonical; the server waits for five bytes more. */
	static const char odd[] = "0002 0000 0007 01 06";
	struct sim *sim = sim_opened("mode = \"monitor\";", "", RULES);

	assert_int_equal(sim_send(sim, REQUEST, odd), VERDICT_ALLOW);
	sim_reload(sim, "", "", RULES);
	assert_int_equal(sim_send(sim, REQUEST, "0032 0000 0006 01 03 0000 0001"), VERDICT_DENY);
	assert_reason(sim, REASON_STREAM_MIDDLE);
	sim_free(sim);
}

static void
middle_taken_up_in_monitor_mode_is_none_under_enforcement(void **state)
{
	struct sim *sim = sim_new("mode = \"monitor\";", "", RULES);

	sim->end[0].next = 1000;
	sim->end[1].next = 2000;
	assert_int_equal(sim_send(sim, REQUEST, "0032 0000 0006 01 03 0000 0001"), VERDICT_ALLOW);
	sim_reload(sim, "", "", RULES);
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_DENY);
	assert_reason(sim, REASON_STREAM_MIDDLE);
	sim_free(sim);
}

static void
bytes_changed_in_monitor_mode_blur_the_stream(void **state)
{
	struct sim *sim = sim_opened("mode = \"monitor\";", "", RULES);

	assert_int_equal(sim_send(sim, REQUEST, write_head), VERDICT_ALLOW);
	assert_int_equal(sim_client_at(sim, sim->end[0].isn + 1, "ffff"), VERDICT_ALLOW);
	sim_reload(sim, "", "", RULES);
	assert_int_equal(sim_send(sim, REQUEST, "0028 0001"), VERDICT_DENY);
	assert_reason(sim, REASON_STREAM_MIDDLE);
	sim_free(sim);
}

static void
denial_that_monitor_mode_let_pass_keeps_the_connection(void **state)
{
	struct sim *sim = sim_opened("mode = \"monitor\";", "", RULES);

	assert_int_equal(sim_send(sim, REQUEST, write_forbidden), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, RESPONSE, write_forbidden), VERDICT_ALLOW);
	assert_int_equal(sim_reload(sim, "", "", RULES), 0);
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, REQUEST, write_forbidden), VERDICT_DENY);
	sim_free(sim);
}

static void
denied_flow_is_free_in_monitor_mode_and_denied_again_after(void **state)
{
	struct sim *sim = sim_opened("on_deny = \"reset\";", "", RULES);

	assert_int_equal(sim_send(sim, REQUEST, write_forbidden), VERDICT_DENY);
	sim_reload(sim, "mode = \"monitor\"; on_deny = \"reset\";", "", RULES);
	assert_int_equal(sim_send(sim, REQUEST, write_forbidden), VERDICT_ALLOW);
	assert_int_equal(sim->outcome.segment_count, 0);
	assert_reason(sim, REASON_POINT_DENIED);
	sim_reload(sim, "on_deny = \"reset\";", "", RULES);
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_DENY);
	sim_free(sim);
}

/* While nothing can be recorded, and behind it as if nothing had been sent. */
static void
what_cannot_be_recorded_waits(void **state)
{
	struct sim *sim = sim_opened("on_deny = \"reset\";", "", RULES);
	uint32_t next = sim->end[0].next;

	sim->unrecorded = true;
	assert_denied(sim, sim_client_at(sim, next, read_request), REASON_AUDIT_FULL);
	assert_int_equal(sim->outcome.segment_count, 0);
	assert_denied(sim, sim_client_at(sim, next, write_forbidden), REASON_AUDIT_FULL);
	assert_allowed(
	    sim, sim_segment(sim, REQUEST, next, sim->end[1].next, TCP_ACK, NULL, 0)); /* bare */
	assert_int_equal(sim_received(sim, REQUEST), 0);
	sim->unrecorded = false;
	assert_allowed(sim, sim_client_at(sim, next, read_request));
	assert_denied(sim, sim_client_at(sim, next + 12, write_forbidden), REASON_POINT_DENIED);
	sim_free(sim);
}

static void
monitor_mode_denies_nothing_that_cannot_be_recorded(void **state)
{
	struct sim *sim = sim_opened("mode = \"monitor\";", "", RULES);

	sim->unrecorded = true;
	assert_int_equal(sim_send(sim, REQUEST, write_forbidden), VERDICT_ALLOW);
	assert_reason(sim, REASON_POINT_DENIED);
	sim_free(sim);
}

static void
farthest_number_is_just_a_number(void **state)
{
	struct sim *sim = sim_opened("mode = \"monitor\";", "", RULES);

	sim_client_at(sim, sim->end[0].next + 0x80000000, read_request);
	sim_client_at(sim, sim->end[0].next + 0x7fffffff, read_request);
	sim_client_at(sim, sim->end[0].next - 0x7fffffff, read_request);
	sim_free(sim);
}

/* ---- devices as they are ---- */

static void
silent_device_does_not_end_the_connection_of_a_hasty_client(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	/* Four requests a second, half of them to a device behind a gateway that is not there. */
	for (int i = 0; i < 200; i++) {
		assert_int_equal(
		    sim_send(sim, REQUEST, "0001 0000 0006 02 03 0000 0001"), VERDICT_ALLOW);
		sim->now_ns += second / 4;
		assert_int_equal(
		    sim_send(sim, REQUEST, "0001 0000 0006 01 03 0000 0001"), VERDICT_ALLOW);
		assert_int_equal(
		    sim_send(sim, RESPONSE, "0001 0000 0005 01 03 02 0007"), VERDICT_ALLOW);
		sim->now_ns += second / 4;
	}
	sim_free(sim);
}

static void
answer_to_a_question_from_before_passes_when_taken_up(void **state)
{
	struct sim *sim = sim_new("", "pickup = \"resync\";", RULES);

	sim->end[0].next = 1000;
	sim->end[1].next = 2000;
	assert_int_equal(sim_send(sim, RESPONSE, "0001 0000 0005 01 03 02 0007"), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

static void
request_that_nobody_answers_is_not_waited_for(void **state)
{
	struct sim *sim = sim_new("", "outstanding = 1;", "{ access = [\"any\"]; }");

	sim_open(sim);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    sim_send(sim, REQUEST, "0001 0000 0006 01 08 0004 0000"), VERDICT_ALLOW);
	sim_free(sim);
}

/* ---- channels that are not inspected ---- */

/* A segment of the channel at port 80, whose checksum nobody looks at. */
static enum verdict
plain(struct sim *sim, enum direction direction, uint8_t flags)
{
	uint8_t packet[128];
	size_t size = sim_packet(sim, direction, 1, 1, flags, NULL, 0, packet);

	packet[direction == REQUEST ? 22 : 20] = 0;
	packet[direction == REQUEST ? 23 : 21] = 80;
	return sim_raw(sim, packet, size);
}

static void
plain_connection_begins_with_a_syn_of_the_client(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	assert_int_equal(plain(sim, REQUEST, TCP_ACK), VERDICT_DENY);
	assert_reason(sim, REASON_STREAM_MIDDLE);
	assert_int_equal(plain(sim, RESPONSE, TCP_SYN), VERDICT_DENY);
	assert_reason(sim, REASON_NO_CHANNEL);
	assert_int_equal(plain(sim, REQUEST, TCP_SYN), VERDICT_ALLOW);
	assert_int_equal(plain(sim, RESPONSE, TCP_SYN | TCP_ACK), VERDICT_ALLOW);
	assert_int_equal(plain(sim, REQUEST, TCP_ACK), VERDICT_ALLOW);
	sim_free(sim);
}

static void
plain_connection_on_which_an_inspector_died_is_denied(void **state)
{
	struct sim *sim = sim_new("", "", RULES);
	struct flow_arena *arena = sim->arena;

	assert_int_equal(plain(sim, REQUEST, TCP_SYN), VERDICT_ALLOW);
	arena->inflight_length = 40;
	sim_restart(sim);
	assert_true(engine_recover(sim->engine, sim->now_ns, sim->now_ns));
	assert_int_equal(plain(sim, REQUEST, TCP_ACK), VERDICT_DENY);
	assert_reason(sim, REASON_FLOW_DENIED);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hole_of_monitor_mode_is_not_filled_under_enforcement),
	    cmocka_unit_test(message_begun_in_monitor_mode_is_not_ended_under_enforcement),
	    cmocka_unit_test(middle_taken_up_in_monitor_mode_is_none_under_enforcement),
	    cmocka_unit_test(bytes_changed_in_monitor_mode_blur_the_stream),
	    cmocka_unit_test(denial_that_monitor_mode_let_pass_keeps_the_connection),
	    cmocka_unit_test(denied_flow_is_free_in_monitor_mode_and_denied_again_after),
	    cmocka_unit_test(what_cannot_be_recorded_waits),
	    cmocka_unit_test(monitor_mode_denies_nothing_that_cannot_be_recorded),
	    cmocka_unit_test(farthest_number_is_just_a_number),
	    cmocka_unit_test(silent_device_does_not_end_the_connection_of_a_hasty_client),
	    cmocka_unit_test(answer_to_a_question_from_before_passes_when_taken_up),
	    cmocka_unit_test(request_that_nobody_answers_is_not_waited_for),
	    cmocka_unit_test(plain_connection_begins_with_a_syn_of_the_client),
	    cmocka_unit_test(plain_connection_on_which_an_inspector_died_is_denied),
	};

	return cmocka_run_group_tests_name("modes", tests, NULL, NULL);
}
