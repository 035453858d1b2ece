/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * on_deny = "refuse" in S7comm: the controller is asked to read what can't exist, and whatever it
 * answers is the client's own function refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s7.h"

#define RULES "{ access = [\"read\"]; points = [\"DB10:0-127\"]; }"

#define NOTHING "04 01 120a10 02 0001 ffff 84 000000"
#define READ_ANSWER "0300001a 02f080 3203 0000 0005 0002 0005 0000 04 01 ff 03 0001 00"

static struct sim *
refusing(void)
{
	struct sim *sim = sim_new("on_deny = \"refuse\";", "protocol = \"s7comm\";", RULES);

	sim_open(sim);
	assert_allowed(sim, sim_send(sim, REQUEST, connect_request));
	assert_allowed(sim, sim_send(sim, RESPONSE, connect_confirm));
	assert_allowed(sim, sim_send(sim, REQUEST, setup_request));
	assert_allowed(sim, sim_send(sim, RESPONSE, setup_answer));
	return sim;
}

static void
assert_end(const struct sim *sim, enum direction direction, const struct bytes *b)
{
	size_t size = sim_received(sim, direction);

	assert_true(size >= b->length);
	assert_memory_equal(&sim->end[direction].got[size - b->length], b->data, b->length);
}

static void
assert_end_hex(const struct sim *sim, enum direction direction, const char *hex)
{
	struct bytes b = {.length = 0};

	add(&b, hex);
	assert_end(sim, direction, &b);
}

static void
assert_usable(struct sim *sim)
{
	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		"03000029 02f080 3203 0000 0005 0002 0014 0000 04 01 ff 04 0080 "
		"00000000 00000000 00000000 00000000"));
	assert_reason(sim, REASON_RESPONSE);
	assert_null(sim->outcome.bytes);
}

static void
jobs_become_a_read_of_nothing(void **state)
{
	static const struct {
		const char *parameters, *data, *rest;
		unsigned function;
	} list[] = {
	    {"05 01 120a10 05 0001 000a 84 000000", "00 05 0010 0064", "000000000000", 5},
	    {"04 01 120a10 02 0001 000b 84 000000", "", "", 4},
	    {"29 0000000000 09 505f50524f4752414d", "", "0000", 0x29},
	    {"28 000000000000 fd 0000 09 505f50524f4752414d", "", "000000000000", 0x28},
	    {"1a 00 0100 00000000 09 5f 30 41 3030303031 50", "", "00000000", 0x1a},
	    {"1d 00 0000 00000000 09 5f 30 41 3030303031 41", "", "00000000", 0x1d},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct sim *sim = refusing();
		struct bytes b = job(7, list[i].parameters, list[i].data);
		struct bytes left = job(7, NOTHING, list[i].rest);
		char answer[256];

		assert_allowed(sim, send(sim, &b));
		assert_int_equal(left.length, b.length);
		assert_end(sim, REQUEST, &left);
		assert_int_equal(sim->events[sim->event_count - 1].done, ON_DENY_REFUSE + 1);
		assert_int_equal(sim->events[sim->event_count - 1].function_code, list[i].function);
		assert_allowed(sim,
		    sim_send(sim, RESPONSE,
			"03000019 02f080 3203 0000 0007 0002 0004 0000 04 01 0a 00 0000"));
		snprintf(answer, sizeof(answer),
		    "03000019 02f080 3203 0000 0007 0002 0004 8104 %02x 01 03 00 0000",
		    list[i].function);
		assert_end_hex(sim, RESPONSE, answer);
		assert_reason(sim, REASON_RESPONSE);
		assert_int_equal(sim->event_count, 1);
		assert_usable(sim);
		sim_free(sim);
	}
}

/* A controller that refuses the form of the job, or has such a block after all. */
static void
other_answers(void **state)
{
	static const char *const list[][2] = {
	    {"03000013 02f080 3202 0000 0007 0000 0000 8500",
		"03000013 02f080 3202 0000 0007 0000 0000 8104"},
	    {"03000013 02f080 3203 0000 0007 0000 0000 8104",
		"03000013 02f080 3203 0000 0007 0000 0000 8104"},
	    {"0300001a 02f080 3203 0000 0007 0002 0005 0000 04 01 ff 04 0008 55",
		"0300001a 02f080 3203 0000 0007 0002 0005 8104 05 01 03 00 0000 00"},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct sim *sim = refusing();
		struct bytes b = job(7, "05 01 120a10 05 0001 000a 84 000000", "00 05 0010 0064");

		assert_allowed(sim, send(sim, &b));
		assert_allowed(sim, sim_send(sim, RESPONSE, list[i][0]));
		assert_end_hex(sim, RESPONSE, list[i][1]);
		assert_reason(sim, REASON_RESPONSE);
		assert_usable(sim);
		sim_free(sim);
	}
}

static void
answers_come_in_pieces(void **state)
{
	struct bytes answer = {.length = 0};

	add(&answer, "03000019 02f080 3203 0000 0007 0002 0004 0000 04 01 0a 00 0000");
	for (size_t piece = 1; piece < answer.length; piece++) {
		struct sim *sim = refusing();
		struct bytes b = job(7, "05 01 120a10 05 0001 000a 84 000000", "00 05 0010 0064");

		assert_allowed(sim, send(sim, &b));
		for (size_t at = 0; at < answer.length; at += piece)
			assert_allowed(sim,
			    sim_send_bytes(sim, RESPONSE, &answer.data[at],
				answer.length - at < piece ? answer.length - at : piece));
		assert_end_hex(sim, RESPONSE,
		    "03000019 02f080 3203 0000 0007 0002 0004 8104 05 01 03 00 0000");
		assert_usable(sim);
		sim_free(sim);
	}
}

/* Three jobs in one segment, the one in the middle denied. */
static void
pipelines_keep_their_order(void **state)
{
	struct sim *sim = refusing();
	struct bytes all = job(5, "04 01 120a10 02 0001 000a 84 000000", "");
	struct bytes b = job(6, "05 01 120a10 05 0001 000a 84 000000", "00 05 0010 0064");
	struct bytes c = job(7, "04 01 120a10 02 0001 000a 84 000000", "");

	memcpy(&all.data[all.length], b.data, b.length);
	all.length += b.length;
	memcpy(&all.data[all.length], c.data, c.length);
	all.length += c.length;
	assert_allowed(sim, send(sim, &all));
	assert_end(sim, REQUEST, &c);
	assert_allowed(sim, sim_send(sim, RESPONSE, READ_ANSWER));
	assert_reason(sim, REASON_RESPONSE);
	assert_allowed(sim,
	    sim_send(
		sim, RESPONSE, "03000019 02f080 3203 0000 0006 0002 0004 0000 04 01 0a 00 0000"));
	assert_end_hex(
	    sim, RESPONSE, "03000019 02f080 3203 0000 0006 0002 0004 8104 05 01 03 00 0000");
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		"0300001a 02f080 3203 0000 0007 0002 0005 0000 04 01 ff 03 0001 00"));
	assert_reason(sim, REASON_RESPONSE);
	sim_free(sim);
}

static void
comes_again(void **state)
{
	struct sim *sim = refusing();
	struct bytes b = job(7, "29 0000000000 09 505f50524f4752414d", "");
	struct bytes left = job(7, NOTHING, "0000");
	uint32_t first = sim->end[REQUEST].next;

	assert_allowed(sim, send(sim, &b));
	for (int i = 0; i < 3; i++)
		assert_allowed(sim,
		    sim_segment(
			sim, REQUEST, first, sim->end[RESPONSE].next, TCP_ACK, b.data, b.length));
	assert_false(sim->changed[REQUEST]);
	assert_end(sim, REQUEST, &left);
	sim_free(sim);
}

/* A controller has never answered, and a later job has the same reference: its answer is its own.
 */
static void
numbers_are_used_again(void **state)
{
	struct sim *sim = refusing();
	struct bytes b = job(5, "05 01 120a10 05 0001 000a 84 000000", "00 05 0010 0064");

	assert_allowed(sim, send(sim, &b));
	sim->now_ns += UINT64_C(1000000000);
	assert_usable(sim);
	sim_free(sim);
}

/* What can't be refused ends the connection, and the event says so. */
static void
what_is_not_refused(void **state)
{
	struct sim *sim = refusing();
	struct bytes b = {.length = 0};

	/* user data: list of blocks */
	add(&b, "0300001d 02f080 3207 0000 0008 0008 0004 00 01 12 04 11 43 01 00 0a 00 0000");
	assert_int_equal(send(sim, &b), VERDICT_DENY);
	assert_true(sim->outcome.segment_count >= 2);
	assert_int_equal(sim->events[sim->event_count - 1].done, ON_DENY_RESET + 1);
	sim_free(sim);
	/* a job that is too short for a read */
	sim = refusing();
	b = job(9, "1f 00 0000 00000001", "");
	assert_int_equal(send(sim, &b), VERDICT_DENY);
	assert_int_equal(sim->events[sim->event_count - 1].done, ON_DENY_RESET + 1);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(jobs_become_a_read_of_nothing),
	    cmocka_unit_test(other_answers),
	    cmocka_unit_test(answers_come_in_pieces),
	    cmocka_unit_test(pipelines_keep_their_order),
	    cmocka_unit_test(comes_again),
	    cmocka_unit_test(numbers_are_used_again),
	    cmocka_unit_test(what_is_not_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
