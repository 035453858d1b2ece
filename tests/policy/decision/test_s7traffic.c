/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7 traffic as honest clients and controllers have it, which must never end a connection, beside
 * what only looks like it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "s7.h"

#define READ "{ access = [\"read\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-999\"]; }"

static const char empty[] = "03000007 02f000";

enum { HEADER = 7, ANSWER_BYTES = 600, SECOND_NS = 1000000000, MS_NS = 1000000 };

/* Behind which keep-alives are no longer in a row: longer than any server is known to wait. */
enum { PAUSE_MS = 4000 };

/* TPDUs of at most 512 bytes, messages of at most 960. */
static struct sim *
small_pieces(void)
{
	struct sim *sim = sim_new("", "protocol = \"s7comm\";", READ);

	sim_open(sim);
	assert_allowed(
	    sim, sim_send(sim, REQUEST, "03000016 11e0 0000 0001 00 c0010a c1020100 c2020102"));
	assert_allowed(
	    sim, sim_send(sim, RESPONSE, "03000016 11d0 0001 0002 00 c00109 c1020100 c2020102"));
	assert_allowed(sim,
	    sim_send(
		sim, REQUEST, "03000019 02f080 3201 0000 0001 0008 0000 f0 00 0001 0001 03c0"));
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		"0300001b 02f080 3203 0000 0001 0008 0000 0000 f0 00 0001 0001 03c0"));
	return sim;
}

static struct bytes
long_answer(void)
{
	struct bytes b = {.length = 0};

	add(&b, "0300");
	put(&b, HEADER + 14 + 4 + ANSWER_BYTES);
	add(&b, "02f080 3203 0000 0005 0002");
	put(&b, 4 + ANSWER_BYTES);
	add(&b, "0000 04 01 ff 04");
	put(&b, ANSWER_BYTES * 8);
	memset(&b.data[b.length], 0, ANSWER_BYTES);
	b.length += ANSWER_BYTES;
	return b;
}

static enum verdict
answer(struct sim *sim, const struct bytes *b)
{
	return sim_send_bytes(sim, RESPONSE, b->data, b->length);
}

/* What a client puts together operates nothing; pieces_max is 1 here. */
static void
answers_in_pieces_pass(void **state)
{
	static const size_t sizes[] = {509, 309, 1};
	struct bytes request = job(5, "04 01 120a10 02 0258 000a 84 000000", "");
	struct bytes whole = long_answer(), part;

	for (size_t i = 0; i < 3; i++) {
		struct sim *sim = small_pieces();
		size_t end = whole.length - HEADER;

		assert_allowed(sim, send(sim, &request));
		for (size_t from = 0; from < end; from += sizes[i]) {
			size_t to = from + sizes[i] < end ? from + sizes[i] : end;

			part = piece(&whole, from, to, to == end);
			assert_allowed(sim, answer(sim, &part));
			if (to < end)
				assert_allowed(sim, sim_send(sim, RESPONSE, empty));
		}
		assert_int_equal(sim_reason(sim), REASON_RESPONSE);
		sim_free(sim);
	}
}

/* They are judged as a whole, as ever. */
static void
answers_in_pieces_are_answers(void **state)
{
	struct bytes request = job(5, "04 01 120a10 02 0255 000a 84 000000", "");
	struct bytes whole = long_answer(), part = piece(&whole, 0, 509, false);
	struct sim *sim = small_pieces();

	assert_allowed(sim, send(sim, &request));
	assert_denied(sim, answer(sim, &part), REASON_RESPONSE_MISMATCH);
	sim_free(sim);
	/* towards the server two pieces need a setting still */
	sim = small_pieces();
	part = piece(&request, 0, 10, false);
	assert_denied(sim, send(sim, &part), REASON_PIECES_TOO_MANY);
	sim_free(sim);
}

/* Devices keep the other end content for as long as nothing else is to be said. */
static void
keep_alives_pass_for_days(void **state)
{
	struct sim *sim = ready(READ);

	for (unsigned i = 0; i < 200; i++) {
		sim->now_ns += 30ULL * SECOND_NS;
		assert_allowed(sim, sim_send(sim, REQUEST, empty));
		assert_allowed(sim, sim_send(sim, RESPONSE, empty));
	}
	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	/* one behind the other towards the client, too */
	for (unsigned i = 0; i < 200; i++)
		assert_allowed(sim, sim_send(sim, RESPONSE, empty));
	sim_free(sim);
}

/* Those that come without a pause have a limit; one more waits for the pause, and ends nothing. */
static void
keep_alives_in_a_row_have_their_limit(void **state)
{
	struct sim *sim = ready(READ);

	for (unsigned i = 0; i < 32; i++) {
		assert_allowed(sim, sim_send(sim, REQUEST, empty));
		sim->now_ns += (PAUSE_MS - 1ULL) * MS_NS;
	}
	for (unsigned again = 0; again < 3; again++) {
		assert_denied(sim, sim_send(sim, REQUEST, empty), REASON_PIECES_TOO_MANY);
		assert_int_equal(sim->outcome.segment_count, 0);
		/* nothing else overtakes it */
		assert_denied(sim, sim_client_at(sim, sim->end[REQUEST].next + 7, read_allowed),
		    REASON_STREAM_GAP);
	}
	assert_allowed(sim, sim_send(sim, RESPONSE, empty));
	sim->now_ns += MS_NS;
	assert_allowed(sim, sim_send(sim, REQUEST, empty));
	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	sim_free(sim);
}

/* The sender repeats it as it does, and has sent a request meanwhile, once more at each time. */
static void
keep_alive_that_waits_does_not_end_what_is_behind_it(void **state)
{
	static const unsigned times_ms[] = {0, 200, 600, 1400, 3000, PAUSE_MS - 2};
	struct sim *sim = ready(READ);
	uint64_t begin_ns;

	for (unsigned i = 0; i < 32; i++)
		assert_allowed(sim, sim_send(sim, REQUEST, empty));
	begin_ns = sim->now_ns + MS_NS;
	for (size_t i = 0; i < sizeof(times_ms) / sizeof(times_ms[0]); i++) {
		sim->now_ns = begin_ns + (uint64_t)times_ms[i] * MS_NS;
		assert_denied(sim, sim_send(sim, REQUEST, empty), REASON_PIECES_TOO_MANY);
		assert_denied(sim, sim_client_at(sim, sim->end[REQUEST].next + 7, read_allowed),
		    REASON_STREAM_GAP);
		assert_int_equal(sim->outcome.segment_count, 0);
	}
	sim->now_ns += MS_NS;
	assert_allowed(sim, sim_send(sim, REQUEST, empty));
	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	sim_free(sim);
}

/* With a message between them, or a pause behind them, they are counted anew. */
static void
keep_alives_behind_something_else_are_counted_anew(void **state)
{
	struct sim *sim = ready(READ);

	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < 32; i++)
			assert_allowed(sim, sim_send(sim, REQUEST, empty));
		if (round % 2)
			assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
		else
			sim->now_ns += (uint64_t)PAUSE_MS * MS_NS;
	}
	sim_free(sim);
}

/* It would come again for ever: what no client does that only wants to keep a connection. */
static void
segment_with_more_keep_alives_than_may_come_ends_the_connection(void **state)
{
	struct bytes many = {.length = 0};
	struct sim *sim = ready(READ);

	for (unsigned i = 0; i < 32; i++)
		add(&many, empty);
	assert_allowed(sim, send(sim, &many));
	sim->now_ns += (uint64_t)PAUSE_MS * MS_NS;
	add(&many, empty);
	assert_denied(sim, send(sim, &many), REASON_PIECES_TOO_MANY);
	assert_denied(sim, sim_send(sim, REQUEST, read_allowed), REASON_FLOW_DENIED);
	sim_free(sim);
}

/* A connection that is taken up in its middle may begin with what changes nothing. */
static void
keep_alive_may_come_first(void **state)
{
	struct sim *sim =
	    sim_new("", "protocol = \"s7comm\"; pickup = \"resync\";", "{ access = [\"read\"]; }");

	assert_allowed(sim, sim_send(sim, REQUEST, empty));
	assert_allowed(sim, sim_send(sim, RESPONSE, empty));
	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	sim_free(sim);
}

static const char alarm[] =
    "03000023 02f080 3207 0000 0000 000c 0006 000112 08 12 04 06 00 00 00 0000 "
    "ff 09 0002 0000";

/* And with what nobody asked for. */
static void
server_may_speak_first(void **state)
{
	struct sim *sim = sim_new("", "protocol = \"s7comm\"; pickup = \"resync\";",
	    "{ access = [\"read\", \"write\", \"diagnose\"]; }");
	struct bytes write = job(6, "05 01 120a10 02 0001 000a 84 000000", "00 04 0008 64");

	assert_allowed(sim, sim_send(sim, RESPONSE, alarm));
	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	assert_allowed(sim, sim_send(sim, RESPONSE, alarm));
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		"03000029 02f080 3203 0000 0005 0002 0014 0000 04 01 ff 04 0080 "
		"00000000 00000000 00000000 00000000"));
	assert_allowed(sim, send(sim, &write));
	sim_free(sim);
	/* it proves nothing to the server */
	sim = sim_new("", "protocol = \"s7comm\"; pickup = \"resync\";",
	    "{ access = [\"read\", \"write\", \"diagnose\"]; }");
	assert_allowed(sim, sim_send(sim, RESPONSE, alarm));
	assert_denied(sim, send(sim, &write), REASON_STREAM_MIDDLE);
	sim_free(sim);
	/* and is judged by the rules */
	sim = sim_new("", "protocol = \"s7comm\"; pickup = \"resync\";",
	    "{ access = [\"read\", \"write\"]; }");
	assert_denied(sim, sim_send(sim, RESPONSE, alarm), REASON_FUNCTION_DENIED);
	sim_free(sim);
}

/* What comes on a connection whose beginning nobody saw. */
struct step {
	enum direction direction;
	const char *hex;
};

#define READ_FIVE "0300001f 02f080 3201 0000 0005 000e 0000 04 01 120a10 02 0010 000a 84 000000"

static const char answer_to_five[] =
    "03000029 02f080 3203 0000 0005 0002 0014 0000 04 01 ff 04 0080 "
    "00000000 00000000 00000000 00000000";
static const char write_one[] =
    "03000024 02f080 3201 0000 0006 000e 0005 05 01 120a10 02 0001 000a 84 000000 00 04 0008 64";
static const char written[] = "03000016 02f080 3203 0000 0006 0002 0001 0000 05 01 ff";

static const struct step usual[] = {
    {REQUEST, READ_FIVE},
    {RESPONSE, answer_to_five},
    {REQUEST, write_one},
    {RESPONSE, written},
    {REQUEST, empty},
    {REQUEST, READ_FIVE},
    {RESPONSE, NULL},
};
static const struct step keep_alive[] = {
    {REQUEST, empty},
    {RESPONSE, empty},
    {REQUEST, READ_FIVE},
    {RESPONSE, answer_to_five},
    {REQUEST, write_one},
    {RESPONSE, NULL},
};
static const struct step alarm_first[] = {
    {RESPONSE, alarm},
    {REQUEST, READ_FIVE},
    {RESPONSE, alarm},
    {RESPONSE, answer_to_five},
    {REQUEST, write_one},
    {RESPONSE, NULL},
};
static const struct step late_answer[] = {
    {RESPONSE, written},
    {REQUEST, READ_FIVE},
    {RESPONSE, answer_to_five},
    {REQUEST, write_one},
    {RESPONSE, written},
    {RESPONSE, NULL},
};

/* Whatever enforcement allows, monitor mode does not call denied. */
static void
monitor_mode_picks_up_as_enforcement_does(void **state)
{
	static const struct step *const talks[] = {usual, keep_alive, alarm_first, late_answer};
	static const char rules[] = "{ access = [\"read\", \"write\", \"diagnose\"]; }";

	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		struct sim *enforced =
		    sim_new("", "protocol = \"s7comm\"; pickup = \"resync\";", rules);
		struct sim *watched =
		    sim_new("mode = \"monitor\";", "protocol = \"s7comm\";", rules);

		for (const struct step *step = talks[i]; step->hex != NULL; step++) {
			assert_allowed(enforced, sim_send(enforced, step->direction, step->hex));
			assert_allowed(watched, sim_send(watched, step->direction, step->hex));
		}
		for (size_t n = 0; n < watched->event_count; n++)
			if (watched->events[n].would_deny)
				fail_msg("talk %zu: %s", i,
				    reason_word((enum reason)watched->events[n].reason));
		sim_free(enforced);
		sim_free(watched);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_in_pieces_pass),
	    cmocka_unit_test(answers_in_pieces_are_answers),
	    cmocka_unit_test(keep_alives_pass_for_days),
	    cmocka_unit_test(keep_alives_in_a_row_have_their_limit),
	    cmocka_unit_test(keep_alive_that_waits_does_not_end_what_is_behind_it),
	    cmocka_unit_test(keep_alives_behind_something_else_are_counted_anew),
	    cmocka_unit_test(segment_with_more_keep_alives_than_may_come_ends_the_connection),
	    cmocka_unit_test(keep_alive_may_come_first),
	    cmocka_unit_test(server_may_speak_first),
	    cmocka_unit_test(monitor_mode_picks_up_as_enforcement_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
