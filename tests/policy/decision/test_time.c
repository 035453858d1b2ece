/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What time does to a connection: bytes that come again late, gaps that stay, servers that have got
 * more than was let through, connections that are dropped or come back at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine_verdict.h"
#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE
#define RULES                                                                                \
	"{ access = [\"read\"]; },"                                                          \
	"{ functions = [\"write-single-register\"]; points = [\"holding:40-42\"]; values = " \
	"[\"0-1500\"]; rate = \"2/min\"; }"

static const char asked[] = "0001 0000 0006 01 03 0000 0001";
static const char answer[] = "0001 0000 0005 01 03 02 0007";
static const char permitted[] = "0002 0000 0006 01 06 0028 0005";
static const char forbidden[] = "0003 0000 0006 01 06 0032 0001";

static const uint64_t millisecond = UINT64_C(1000000);

static void
wait(struct sim *sim, unsigned ms)
{
	sim->now_ns += ms * millisecond;
}

static enum verdict
at(struct sim *sim, enum direction direction, uint32_t sequence, uint32_t ack, const char *hex)
{
	uint8_t bytes[256];
	size_t length = sim_hex(hex, bytes, sizeof(bytes));

	return sim_segment(sim, direction, sequence, ack, TCP_ACK, bytes, length);
}

static enum verdict
bare(struct sim *sim, enum direction direction, uint32_t ack, uint8_t flags)
{
	return sim_segment(sim, direction, sim->end[direction].next, ack, flags, NULL, 0);
}

/* ---- what comes again ---- */

/* The server threw the rest away and said so by acknowledging the beginning alone, or nothing. */
static void
rest_of_a_message_does_not_come_again_late(void **state)
{
	for (int acknowledged = 0; acknowledged < 2; acknowledged++) {
		struct sim *sim = sim_opened("", "", RULES);
		uint32_t rest = sim->end[0].next + 10;

		assert_allowed(sim, sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028"));
		if (acknowledged)
			assert_allowed(sim, bare(sim, RESPONSE, rest, TCP_ACK));
		wait(sim, 800);
		assert_allowed(sim, sim_send(sim, REQUEST, "0005"));
		assert_allowed(sim, bare(sim, RESPONSE, acknowledged ? rest : rest - 10, TCP_ACK));
		wait(sim, 1199);
		assert_allowed(sim, at(sim, REQUEST, rest, sim->end[1].next, "0005"));
		wait(sim, 1);
		assert_denied(
		    sim, at(sim, REQUEST, rest, sim->end[1].next, "0005"), REASON_STREAM_PAUSED);
		assert_denied(sim, sim_send(sim, REQUEST, asked), REASON_FLOW_DENIED);
		sim_free(sim);
	}
}

static void
pause_of_the_channel_is_how_late_it_may_come_again(void **state)
{
	struct sim *sim = sim_opened("", "pause = 10;", RULES);
	uint32_t first = sim->end[0].next;

	assert_allowed(sim, sim_send(sim, REQUEST, permitted));
	wait(sim, 9999);
	assert_allowed(sim, at(sim, REQUEST, first, sim->end[1].next, permitted));
	wait(sim, 1);
	assert_denied(
	    sim, at(sim, REQUEST, first, sim->end[1].next, permitted), REASON_STREAM_PAUSED);
	sim_free(sim);
}

/* As one segment, in which it left: a bad line does not end the connection of who polls. */
static void
read_that_is_alone_may_come_again_at_any_time(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	for (int i = 0; i < 3; i++) {
		uint32_t first = sim->end[0].next;

		assert_allowed(sim, sim_send(sim, REQUEST, asked));
		for (int again = 0; again < 3; again++) {
			wait(sim, 3000);
			assert_allowed(sim, at(sim, REQUEST, first, sim->end[1].next, asked));
		}
		/* and together with the one before, or with the next */
		if (i > 0)
			assert_allowed(sim,
			    at(sim, REQUEST, first - 12, sim->end[1].next,
				"0001 0000 0006 01 03 0000 0001 0001 0000 0006 01 03 0000 0001"));
		assert_allowed(sim,
		    at(sim, REQUEST, first, sim->end[1].next,
			"0001 0000 0006 01 03 0000 0001 0009 0000 0006 01 03 0000 0001"));
		sim->end[0].next += 12;
		wait(sim, 3000);
		assert_allowed(sim,
		    at(sim, REQUEST, first, sim->end[1].next,
			"0001 0000 0006 01 03 0000 0001 0009 0000 0006 01 03 0000 0001"));
		assert_allowed(sim, sim_send(sim, RESPONSE, answer));
		assert_allowed(sim, sim_send(sim, RESPONSE, "0009 0000 0005 01 03 02 0007"));
	}
	sim_free(sim);
}

/* The server may have a part of it, or what is left of what came before. */
static void
read_that_may_be_there_in_part_does_not_come_again_late(void **state)
{
	static const struct {
		const char *before, *first, *second, *again;
		unsigned again_at, got;
		const char *late;
	} list[] = {
	    /* it left in pieces */
	    {"", "0001 0000 0006", "01 03 0000 0001", asked, 0, 0, asked},
	    /* it came again in pieces */
	    {"", asked, "", "0001 0000 0006 01 03 0000", 0, 0, asked},
	    {"", asked, "", "0006 01 03 0000 0001", 4, 0, asked},
	    /* it comes in pieces now */
	    {"", asked, "", asked, 0, 0, "0001 0000 0006 01 03 0000"},
	    /* the server says that it has a part */
	    {"", asked, "", asked, 0, 5, asked},
	    /* another one is on its way before it, and may fill the server's room */
	    {asked, "0009 0000 0006 01 03 0000 0001", "", "0009 0000 0006 01 03 0000 0001", 12, 0,
		asked},
	    /* with a write, which is not to happen late */
	    {"", "0001 0000 0006 01 03 0000 0001 0002 0000 0006 01 06 0028 0005", "",
		"0001 0000 0006 01 03 0000 0001 0002 0000 0006 01 06 0028 0005", 0, 0,
		"0001 0000 0006 01 03 0000 0001 0002 0000 0006 01 06 0028 0005"},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct sim *sim = sim_opened("", "", RULES);
		uint32_t first = sim->end[0].next;

		if (list[i].before[0])
			assert_allowed(sim, sim_send(sim, REQUEST, list[i].before));
		assert_allowed(sim, sim_send(sim, REQUEST, list[i].first));
		if (list[i].second[0])
			assert_allowed(sim, sim_send(sim, REQUEST, list[i].second));
		if (list[i].got > 0)
			assert_allowed(sim, bare(sim, RESPONSE, first + list[i].got, TCP_ACK));
		wait(sim, 1000);
		assert_allowed(sim,
		    at(sim, REQUEST, first + list[i].again_at, sim->end[1].next, list[i].again));
		wait(sim, 1000);
		assert_denied(sim, at(sim, REQUEST, first, sim->end[1].next, list[i].late),
		    REASON_STREAM_PAUSED);
		sim_free(sim);
	}
}

/* One that is never answered is there, or is not: another one behind it is not alone. */
static void
read_behind_one_without_answer_does_not_come_again_late(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t first;

	assert_allowed(sim, sim_send(sim, REQUEST, asked));
	assert_allowed(sim, bare(sim, RESPONSE, sim->end[0].next, TCP_ACK));
	wait(sim, 5000);
	first = sim->end[0].next;
	assert_allowed(sim, sim_send(sim, REQUEST, asked));
	wait(sim, 2000);
	assert_denied(sim, at(sim, REQUEST, first, sim->end[1].next, asked), REASON_STREAM_PAUSED);
	sim_free(sim);
}

/* Within its rate, each of them thrown away by the server, to come again all at once. */
static void
writes_are_not_saved_up(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t first = sim->end[0].next;

	for (int i = 0; i < 3; i++) {
		assert_allowed(sim, sim_send(sim, REQUEST, permitted));
		wait(sim, 31000);
	}
	assert_denied(
	    sim, at(sim, REQUEST, first, sim->end[1].next, permitted), REASON_STREAM_PAUSED);
	sim_free(sim);
}

static void
what_was_acknowledged_may_come_again_at_any_time(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t first = sim->end[0].next;

	assert_allowed(sim, sim_send(sim, REQUEST, asked));
	assert_allowed(sim, sim_send(sim, RESPONSE, answer));
	wait(sim, 60000);
	assert_allowed(sim, at(sim, REQUEST, first, sim->end[1].next, asked));
	sim_free(sim);
}

/* A bare acknowledgement stays in the kernel: a request without answer is not known to be there. */
static void
keepalive_probe_behind_a_request_without_answer_goes_on(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	assert_allowed(sim, sim_send(sim, REQUEST, asked));
	for (int i = 0; i < 3; i++) {
		wait(sim, 75000);
		assert_denied(sim, at(sim, REQUEST, sim->end[0].next - 1, sim->end[1].next, "01"),
		    REASON_STREAM_KEEPALIVE);
		assert_int_equal(sim->outcome.segment_count, 1);
		assert_int_equal(sim->outcome.segments[0].tcp_flags, TCP_ACK);
	}
	assert_allowed(sim, sim_send(sim, REQUEST, asked));
	sim_free(sim);
}

static void
newest_of_requests_without_answer_may_come_again(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	for (int i = 0; i < 5; i++) {
		uint32_t first = sim->end[0].next;

		assert_allowed(sim, sim_send(sim, REQUEST, asked));
		wait(sim, 300);
		assert_allowed(sim, at(sim, REQUEST, first, sim->end[1].next, asked));
		wait(sim, 10000);
	}
	sim_free(sim);
}

/* One that polls all the time and never has everything acknowledged may still repeat the newest. */
static void
busy_connection_repeats_what_is_new(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	for (int i = 0; i < 200; i++) {
		uint32_t first = sim->end[0].next;

		assert_allowed(sim, sim_send(sim, REQUEST, asked));
		wait(sim, 50);
		assert_allowed(sim, at(sim, REQUEST, first, sim->end[1].next, asked));
		/* the answer to the one before acknowledges that one only */
		if (i > 0)
			assert_allowed(sim, at(sim, RESPONSE, sim->end[1].next, first, answer));
		sim->end[1].next += i > 0 ? 11 : 0;
		wait(sim, 50);
	}
	sim_free(sim);
}

/* ---- what nobody judged ---- */

static void
server_that_got_what_nobody_judged_ends_the_connection(void **state)
{
	static const char *const conduits[] = {"on_deny = \"reset\";", "on_deny = \"drop\";"};

	for (int data = 0; data < 2; data++)
		for (size_t i = 0; i < 2; i++) {
			struct sim *sim = sim_opened(conduits[i], "", RULES);

			/* one request goes by */
			sim->end[0].next += 12;
			assert_denied(sim,
			    data ? sim_send(sim, RESPONSE, answer)
				 : bare(sim, RESPONSE, sim->end[0].next, TCP_ACK),
			    REASON_STREAM_BYPASSED);
			assert_in_range(sim->outcome.segment_count, 2, 4);
			assert_int_equal(sim->event_count, 1);
			assert_denied(sim, sim_send(sim, REQUEST, asked), REASON_FLOW_DENIED);
			sim_free(sim);
		}
}

static void
server_that_got_what_nobody_judged_is_followed_where_that_is_asked_for(void **state)
{
	static const struct {
		const char *conduit;
		const char *channel;
		enum verdict write;
	} cases[] = {
	    {"", "pickup = \"resync\";", VERDICT_DENY},
	    {"when_down = \"open\";", "", VERDICT_DENY},
	    {"mode = \"monitor\";", "", VERDICT_ALLOW},
	};

	for (int data = 0; data < 2; data++)
		for (size_t i = 0; i < 3; i++) {
			struct sim *sim = sim_opened(cases[i].conduit, cases[i].channel, RULES);

			sim->end[0].next += 12;
			assert_allowed(sim,
			    data ? sim_send(sim, RESPONSE, answer)
				 : bare(sim, RESPONSE, sim->end[0].next, TCP_ACK));
			assert_int_equal(sim->event_count, 1);
			assert_int_equal(sim->events[0].reason, REASON_STREAM_BYPASSED);
			assert_int_equal(sim->events[0].verdict, VERDICT_ALLOW);
			assert_false(sim->events[0].would_deny);
			assert_allowed(sim, sim_send(sim, REQUEST, asked));
			assert_int_equal(sim_send(sim, REQUEST, permitted), cases[i].write);
			sim_free(sim);
		}
}

/* A FIN that came early and is counted only by the server. */
static void
acknowledged_fin_is_no_request(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	assert_allowed(sim, bare(sim, RESPONSE, sim->end[0].next + 1, TCP_ACK));
	assert_allowed(sim, sim_send(sim, REQUEST, asked));
	sim_free(sim);
}

static bool
resets(const struct sim *sim, uint16_t port, uint32_t sequence)
{
	for (uint32_t i = 0; i < sim->outcome.segment_count; i++) {
		const struct segment *segment = &sim->outcome.segments[i];

		if (segment->destination_port == port && segment->sequence == sequence &&
		    (segment->tcp_flags & TCP_RST))
			return true;
	}
	return false;
}

/* Who has got what is missing expects other numbers than the engine does. */
static void
gap_that_lasts_ends_the_connection_and_is_told_once(void **state)
{
	static const char *const conduits[] = {"on_deny = \"reset\";", "on_deny = \"drop\";"};

	for (int direction = REQUEST; direction <= RESPONSE; direction++)
		for (size_t k = 0; k < 2; k++) {
			struct sim *sim = sim_opened(conduits[k], "", RULES);
			struct sim_end *end = &sim->end[direction];
			uint32_t next = end->next;
			const char *hex = direction == REQUEST ? asked : answer;

			end->next += 12;
			for (int i = 0; i < 30; i++) {
				assert_denied(
				    sim, sim_send(sim, direction, hex), REASON_STREAM_GAP);
				assert_int_equal(sim->outcome.segment_count, 0);
				assert_int_equal(sim->event_count, 0);
				wait(sim, 100);
			}
			assert_denied(sim, sim_send(sim, direction, hex), REASON_STREAM_GAP);
			assert_int_equal(sim->event_count, 1);
			assert_true(resets(sim, direction == REQUEST ? 502 : 40000, next));
			assert_true(resets(sim, direction == REQUEST ? 502 : 40000, next + 12));
			assert_true(resets(
			    sim, direction == REQUEST ? 40000 : 502, sim->end[1 - direction].next));
			assert_denied(sim, sim_send(sim, direction, hex), REASON_FLOW_DENIED);
			assert_int_equal(sim->event_count, 1);
			sim_free(sim);
		}
}

static void
gap_that_is_filled_is_none(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	for (int i = 0; i < 3; i++) {
		sim->end[0].next += 12;
		assert_denied(sim, sim_send(sim, REQUEST, asked), REASON_STREAM_GAP);
		wait(sim, 1900);
		sim->end[0].next -= 12;
		assert_allowed(sim, sim_send(sim, REQUEST, asked));
		assert_allowed(sim, sim_send(sim, REQUEST, asked));
	}
	assert_int_equal(sim->event_count, 0);
	sim_free(sim);
}

/* ---- the end ---- */

static void
dropped_connection_is_ended_when_it_is_repeated(void **state)
{
	for (int direction = REQUEST; direction <= RESPONSE; direction++) {
		struct sim *sim = sim_opened("on_deny = \"drop\";", "", RULES);

		assert_denied(sim, sim_send(sim, REQUEST, forbidden), REASON_POINT_DENIED);
		assert_int_equal(sim->outcome.segment_count, 0);
		for (int i = 1; i < REPETITIONS_DROPPED; i++) {
			assert_denied(sim, sim_send(sim, direction, forbidden), REASON_FLOW_DENIED);
			assert_int_equal(sim->outcome.segment_count, 0);
		}
		assert_denied(sim, sim_send(sim, direction, forbidden), REASON_FLOW_DENIED);
		assert_in_range(sim->outcome.segment_count, 2, 3);
		sim_free(sim);
	}
}

/* SYN and SYN-ACK of a connection between the same ports, `isn` numbers behind what was sent. */
static enum verdict
reopen(struct sim *sim, int32_t isn)
{
	uint32_t client = sim->end[0].next + (uint32_t)isn;

	assert_allowed(sim, sim_segment(sim, REQUEST, client, 0, TCP_SYN, NULL, 0));
	return sim_segment(sim, RESPONSE, 0x7000, client + 1, TCP_SYN | TCP_ACK, NULL, 0);
}

static void
client_that_resets_may_come_back_at_once(void **state)
{
	static const int32_t isns[] = {-1, 0, 1, 15625, 65536, 1 << 20, 1 << 30};

	for (size_t i = 0; i < sizeof(isns) / sizeof(isns[0]); i++) {
		struct sim *sim = sim_opened("", "", RULES);

		assert_allowed(sim, sim_send(sim, REQUEST, asked));
		assert_allowed(sim, bare(sim, REQUEST, sim->end[1].next, TCP_RST | TCP_ACK));
		wait(sim, 1);
		assert_allowed(sim, reopen(sim, isns[i]));
		assert_allowed(
		    sim, at(sim, REQUEST, sim->end[0].next + (uint32_t)isns[i] + 1, 0x7001, asked));
		sim_free(sim);
	}
}

/* Bytes that are on their way may fall into the new connection: that takes its time, and is told.
 */
static void
client_that_comes_back_among_its_old_numbers_waits_and_that_is_told(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	assert_allowed(sim, sim_send(sim, REQUEST, asked));
	assert_allowed(sim, bare(sim, REQUEST, sim->end[1].next, TCP_RST | TCP_ACK));
	for (int i = 0; i < 3; i++) {
		assert_denied(sim, reopen(sim, -7), REASON_STREAM_REOPENED);
		assert_int_equal(sim->event_count, 1);
		wait(sim, 900);
	}
	wait(sim, 300);
	assert_allowed(sim, reopen(sim, -7));
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rest_of_a_message_does_not_come_again_late),
	    cmocka_unit_test(pause_of_the_channel_is_how_late_it_may_come_again),
	    cmocka_unit_test(read_that_is_alone_may_come_again_at_any_time),
	    cmocka_unit_test(read_that_may_be_there_in_part_does_not_come_again_late),
	    cmocka_unit_test(read_behind_one_without_answer_does_not_come_again_late),
	    cmocka_unit_test(writes_are_not_saved_up),
	    cmocka_unit_test(what_was_acknowledged_may_come_again_at_any_time),
	    cmocka_unit_test(keepalive_probe_behind_a_request_without_answer_goes_on),
	    cmocka_unit_test(newest_of_requests_without_answer_may_come_again),
	    cmocka_unit_test(busy_connection_repeats_what_is_new),
	    cmocka_unit_test(server_that_got_what_nobody_judged_ends_the_connection),
	    cmocka_unit_test(
		server_that_got_what_nobody_judged_is_followed_where_that_is_asked_for),
	    cmocka_unit_test(acknowledged_fin_is_no_request),
	    cmocka_unit_test(gap_that_lasts_ends_the_connection_and_is_told_once),
	    cmocka_unit_test(gap_that_is_filled_is_none),
	    cmocka_unit_test(dropped_connection_is_ended_when_it_is_repeated),
	    cmocka_unit_test(client_that_resets_may_come_back_at_once),
	    cmocka_unit_test(client_that_comes_back_among_its_old_numbers_waits_and_that_is_told),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
