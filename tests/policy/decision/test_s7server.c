/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7 servers as they are: what makes one of them lose the place where messages begin, or read
 * something else than was judged, must not reach it; and what real clients and servers send passes.
 *
 * Each attack here has been carried out against a server (Snap7's) without a firewall before it was
 * written down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "s7.h"

#define RULES                                                                        \
	"{ access = [\"read\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-127\"]; }," \
	"{ functions = [\"write-var\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-99\"]; }"

static const char empty[] = "03000007 02f000";

/* PLC stop, in the additional information of a transport error: a server that knows no such TPDU
   reads seven bytes, empties its socket, and takes what comes then for a message. */
static void
what_clients_never_send_is_stopped(void **state)
{
	static const char *const tpdus[] = {
	    "03000028 23 70 0003 00 002102f080 "
	    "3201000000090010000029000000000009505f50524f4752414d",
	    "0300000a 05 c0 0001 0002",
	    "0300002a 25 80 0001 0300 00 2102f080 "
	    "3201000000090010000029000000000009505f50524f4752414d",
	};
	static const enum reason reasons[] = {
	    REASON_FUNCTION_DIRECTION, REASON_FUNCTION_DIRECTION, REASON_LENGTH_MISMATCH};

	for (size_t i = 0; i < 3; i++) {
		struct sim *sim = ready(RULES);

		assert_denied(sim, sim_send(sim, REQUEST, tpdus[i]), reasons[i]);
		sim_free(sim);
	}
}

static void
nothing_comes_behind_a_disconnection(void **state)
{
	static const char *const behind[] = {connect_request, setup_request, read_allowed, empty};

	for (size_t i = 0; i < 4; i++) {
		struct sim *sim = ready(RULES);

		assert_allowed(sim, sim_send(sim, REQUEST, "0300000b 06 80 0002 0001 00"));
		assert_int_equal(sim_send(sim, REQUEST, behind[i]), VERDICT_DENY);
		sim_free(sim);
	}
}

/* Even if its beginning was not seen. */
static void
nothing_comes_behind_a_disconnection_in_the_middle(void **state)
{
	struct sim *sim =
	    sim_new("", "protocol = \"s7comm\"; pickup = \"resync\";", "{ access = [\"read\"]; }");

	assert_allowed(sim, sim_send(sim, REQUEST, "0300000b 06 80 0002 0001 00"));
	assert_denied(sim, sim_send(sim, REQUEST, read_allowed), REASON_SESSION_MISSING);
	sim_free(sim);
}

/* A server that gives up behind 64 of them empties its socket. */
static void
too_many_empty_pieces_are_stopped(void **state)
{
	struct sim *sim = ready(RULES);

	for (unsigned i = 0; i < 32; i++)
		assert_allowed(sim, sim_send(sim, REQUEST, empty));
	assert_denied(sim, sim_send(sim, REQUEST, empty), REASON_PIECES_TOO_MANY);
	sim_free(sim);
	sim = ready(RULES);
	for (unsigned i = 0; i < 32; i++)
		assert_allowed(sim, sim_send(sim, REQUEST, empty));
	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	for (unsigned i = 0; i < 32; i++)
		assert_allowed(sim, sim_send(sim, REQUEST, empty));
	sim_free(sim);
}

static void
pieces_need_a_setting_and_have_its_limit(void **state)
{
	struct bytes whole = {.length = 0}, first, second, last;
	struct sim *sim;

	add(&whole, read_allowed);
	first = piece(&whole, 0, 10, false);
	second = piece(&whole, 10, 12, false);
	last = piece(&whole, 12, whole.length - 7, true);
	sim = ready(RULES);
	assert_denied(sim, send(sim, &first), REASON_PIECES_TOO_MANY);
	sim_free(sim);
	sim = ready_with("pieces_max = 2;", RULES);
	assert_allowed(sim, send(sim, &first));
	assert_denied(sim, send(sim, &second), REASON_PIECES_TOO_MANY);
	sim_free(sim);
	sim = ready_with("pieces_max = 3;", RULES);
	assert_allowed(sim, send(sim, &first));
	assert_allowed(sim, send(sim, &second));
	assert_allowed(sim, send(sim, &last));
	assert_int_equal(sim_reason(sim), REASON_RULE);
	sim_free(sim);
	/* between two pieces an empty one moves the second in some servers */
	sim = ready_with("pieces_max = 3;", RULES);
	assert_allowed(sim, send(sim, &first));
	assert_denied(sim, sim_send(sim, REQUEST, empty), REASON_PIECES_TOO_MANY);
	sim_free(sim);
}

/* A PLC stop as the values of a permitted write: 32 bytes from DB10:0 on. */
static struct bytes
write_of_a_stop(void)
{
	static const char values[] =
	    "00 04 0108 03000021 02f080 32010000000900100000 29000000000009 505f50524f4752414d";

	return job(5, "05 01 120a10 02 0021 000a 84 000000", values);
}

/* A server that has waited for 3 s takes the rest of a message for the beginning of one. */
static void
rest_of_a_message_that_comes_late_is_stopped(void **state)
{
	struct bytes b = write_of_a_stop();
	size_t begin = b.length - 33;
	struct sim *sim = ready(RULES);

	assert_allowed(sim, sim_send_bytes(sim, REQUEST, b.data, begin));
	sim->now_ns += UINT64_C(1999000000);
	assert_allowed(sim, sim_send_bytes(sim, REQUEST, &b.data[begin], b.length - begin));
	assert_int_equal(sim_reason(sim), REASON_RULE);
	/* time between messages does not count, and a message begins behind another */
	sim->now_ns += UINT64_C(60000000000);
	add(&b, "03000021");
	assert_allowed(sim, send(sim, &b));
	sim->now_ns += UINT64_C(1900000000);
	assert_allowed(sim, sim_send(sim, REQUEST, "02"));
	sim->now_ns += UINT64_C(100000000);
	assert_denied(sim, sim_send(sim, REQUEST, "f0"), REASON_STREAM_PAUSED);
	sim_free(sim);
	sim = ready(RULES);
	assert_allowed(sim, sim_send_bytes(sim, REQUEST, b.data, begin));
	sim->now_ns += UINT64_C(2000000000);
	assert_denied(sim, sim_send_bytes(sim, REQUEST, &b.data[begin], 33), REASON_STREAM_PAUSED);
	sim_free(sim);
}

static void
answers(const char *items, const char *data, enum reason reason)
{
	struct sim *sim = ready("{ access = [\"read\"]; }");
	struct bytes asked = job(7, items, ""), d = {.length = 0}, b = {.length = 0};
	enum verdict verdict;

	assert_allowed(sim, send(sim, &asked));
	add(&d, data);
	add(&b, "0300");
	put(&b, (unsigned)(21 + d.length));
	add(&b, "02f080 32030000 0007 0002");
	put(&b, (unsigned)d.length);
	add(&b, "0000 04");
	b.data[b.length++] = asked.data[18];
	add(&b, data);
	verdict = sim_send_bytes(sim, RESPONSE, b.data, b.length);
	if (reason == REASON_RESPONSE)
		assert_allowed(sim, verdict);
	else
		assert_denied(sim, verdict, reason);
	sim_free(sim);
}

static void
answers_have_no_more_than_was_asked(void **state)
{
	static const char two[] =
	    "04 02 120a10 02 0003 000a 84 000000 120a10 01 0001 000a 84 000000";

	answers(two, "ff 04 0018 010203 00 ff 03 0001 01", REASON_RESPONSE);
	answers(two, "0a 00 0000 ff 03 0001 01", REASON_RESPONSE);
	answers(two, "0a 00 0004 05 00 0004", REASON_RESPONSE);
	answers(two, "0a 04 0008 01 00 ff 03 0001 01", REASON_RESPONSE);
	answers(two, "ff 04 0018 010203 00 ff 09 0003 010203", REASON_RESPONSE_MISMATCH);
	answers("04 01 120a10 02 0001 000a 84 000000", "05 00 0004", REASON_RESPONSE);
	answers("04 01 120a10 02 0001 000a 84 000000", "05 00 0005", REASON_LENGTH_MISMATCH);
	answers("04 01 120a10 02 0001 000a 84 000000", "ff 04 0008 01", REASON_RESPONSE);
	answers(
	    "04 01 120a10 02 0001 000a 84 000000", "ff 04 0018 010203", REASON_RESPONSE_MISMATCH);
	answers("04 01 120a10 1d 0003 0000 1d 000000", "ff 09 0006 000100020003", REASON_RESPONSE);
	answers("04 01 120a10 1d 0003 0000 1d 000000", "ff 09 0008 0001000200030004",
	    REASON_RESPONSE_MISMATCH);
	/* how long a symbol is nobody knows */
	answers(
	    "04 01 120e b2 ff 8a0e 000a 01020304 40000001", "ff 04 0018 010203", REASON_RESPONSE);
}

/* The first item has its length in bytes, so that some servers find the data of the second item
   inside the first. */
static void
values_behind_a_doubtful_length_are_unknown(void **state)
{
	static const char limited[] = "{ access = [\"write\"]; points = [\"DB10:0-99\"]; "
				      "type = \"byte\"; values = [\"0-100\"]; }";
	static const char two[] =
	    "05 02 120a10 02 0008 000a 84 000000 120a10 02 0001 000a 84 000100";
	static const char bits[] = "00 04 0040 0102000400086300 00 04 0008 05";
	static const char octets[] = "00 09 0008 0102000400086300 00 04 0008 05";
	static const struct {
		const char *rules;
		const char *data;
		enum reason reason;
	} cases[] = {
	    {limited, bits, REASON_RULE},
	    {limited, octets, REASON_VALUE_TYPE},
	    {"{ access = [\"write\"]; }", octets, REASON_RULE},
	};

	for (size_t i = 0; i < 3; i++) {
		struct sim *sim = ready(cases[i].rules);
		struct bytes b = job(7, two, cases[i].data);
		enum verdict verdict = send(sim, &b);

		if (cases[i].reason == REASON_RULE)
			assert_allowed(sim, verdict);
		else
			assert_denied(sim, verdict, cases[i].reason);
		sim_free(sim);
	}
}

static void
one_job(const char *rules, bool user, const char *parameters, const char *data, enum reason reason)
{
	struct sim *sim = ready(rules);
	struct bytes b = job(7, parameters, data);
	enum verdict verdict;

	if (user)
		b.data[8] = 7;
	verdict = send(sim, &b);
	if (reason == REASON_RULE)
		assert_allowed(sim, verdict);
	else
		assert_denied(sim, verdict, reason);
	sim_free(sim);
}

/* User data of the client: group and sub-function, whether it goes on, data. */
static void
asks(const char *rules, const char *parameters, const char *data, enum reason reason)
{
	one_job(rules, true, parameters, data, reason);
}

static void
user_data_nobody_reads_is_never_within_points(void **state)
{
	static const char points[] =
	    "{ access = [\"program\", \"control\", \"write\"]; points = [\"block:DB1\"]; }";
	static const char all[] = "{ access = [\"program\", \"control\"]; }";

	/* memory reset, with and without anything behind it; to force */
	asks(points, "000112 04 11 41 0c 00", "0a 00 0000", REASON_FUNCTION_DENIED);
	asks(points, "000112 04 11 41 0c 00", "ff 09 0002 0000", REASON_FUNCTION_DENIED);
	asks(points, "000112 08 12 41 0c 00 00 00 0000", "0a 00 0000", REASON_FUNCTION_DENIED);
	asks(points, "000112 04 11 41 09 00", "0a 00 0000", REASON_FUNCTION_DENIED);
	asks(all, "000112 04 11 41 0c 00", "0a 00 0000", REASON_RULE);
	asks(points, "000112 04 11 47 02 00", "ff 09 000a 00191211221015320010",
	    REASON_FUNCTION_DENIED);
}

static void
user_data_that_is_read_is_read_whole(void **state)
{
	static const char szl[] = "{ access = [\"diagnose\"]; points = [\"szl:0x0011:*\"]; }";

	asks(szl, "000112 04 11 44 01 00", "ff 09 0004 0011 0000", REASON_RULE);
	asks(szl, "000112 04 11 44 01 00", "ff 09 0004 0012 0000", REASON_POINT_DENIED);
	/* the request for the rest of an answer says nothing more */
	asks(szl, "000112 08 12 44 01 00 01 00 0000", "0a 00 0000", REASON_RULE);
	asks(szl, "000112 08 12 44 01 00 01 00 0000", "ff 09 0004 0011 0000",
	    REASON_LENGTH_MISMATCH);
	asks(szl, "000112 08 12 44 01 00 01 01 0000", "0a 00 0000", REASON_VALUE_INVALID);
	/* some servers read the head of empty data as the list that is wanted */
	asks(szl, "000112 08 12 44 01 00 01 00 0000", "04 00 0000", REASON_VALUE_INVALID);
	asks(szl, "000112 04 11 44 01 00", "00 09 0004 0011 0000", REASON_VALUE_INVALID);
}

/* A job of the server that asks for a piece of DB1, and the client's answer. */
static enum verdict
server_asks(struct sim *sim, unsigned reference)
{
	struct bytes b = job(reference, "1b 00 0000 00000000 09 5f3041303030303150", "");

	return sim_send_bytes(sim, RESPONSE, b.data, b.length);
}

static enum verdict
client_answers(struct sim *sim, unsigned reference)
{
	struct bytes b = {.length = 0};

	add(&b, "03000021 02f080 3203 0000");
	put(&b, reference);
	add(&b, "0002 000c 0000 1b 00 0008 00fb 7070 0101 050a 0001");
	return send(sim, &b);
}

static void
jobs_of_a_server_are_remembered_four_at_a_time(void **state)
{
	static const char rules[] = "{ access = [\"read\"]; }, { functions = [\"download-block\"]; "
				    "points = [\"block:DB1\"]; }";
	struct sim *sim = ready(rules);
	struct bytes b = job(600, "04 01 120a10 02 0001 000a 84 000000", "");

	for (unsigned i = 600; i < 605; i++)
		assert_allowed(sim, server_asks(sim, i));
	for (unsigned i = 601; i < 605; i++)
		assert_allowed(sim, client_answers(sim, i));
	assert_denied(sim, client_answers(sim, 600), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
	/* the numbers of both sides' jobs have nothing to do with each other */
	sim = ready(rules);
	assert_allowed(sim, server_asks(sim, 600));
	assert_allowed(sim, send(sim, &b));
	assert_allowed(sim, client_answers(sim, 600));
	assert_denied(sim, client_answers(sim, 600), REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
}

/* One line of a policy for each kind of work: what it allows, and what it does not. */
static void
access_classes_mean_what_their_words_say(void **state)
{
	enum { READ, WRITE, CONTROL, PROGRAM, DIAGNOSE, CLASSES };
	static const char *const rules[CLASSES] = {"{ access = [\"read\"]; }",
	    "{ access = [\"write\"]; }", "{ access = [\"control\"]; }",
	    "{ access = [\"program\"]; }", "{ access = [\"diagnose\"]; }"};
	static const struct {
		unsigned class;
		const char *parameters;
		const char *data;
		bool user;
	} rows[] = {
	    {READ, "04 01 120a10 02 0001 000a 84 000000", "", false},
	    {READ, "000112 04 11 42 01 00", "ff 09 0010 0001 01 0a 120a10 02 0001 000a 84 000000",
		true},
	    {WRITE, "05 01 120a10 02 0001 000a 84 000000", "00 04 0008 64", false},
	    {CONTROL, "29 0000000000 09 505f50524f4752414d", "", false},
	    {CONTROL, "28 000000000000fd 0000 09 505f50524f4752414d", "", false},
	    {CONTROL, "28 000000000000fd 0002 4320 09 505f50524f4752414d", "", false},
	    {CONTROL, "000112 04 11 47 02 00", "ff 09 000a 00191211221015320010", true},
	    {CONTROL, "000112 04 11 41 09 00", "ff 09 0002 0000", true},
	    {PROGRAM, "1a 00 0100 00000000 09 5f3041303030303150", "", false},
	    {PROGRAM, "1d 00 0000 00000000 09 5f3041303030303141", "", false},
	    {PROGRAM, "1e 00 0000 00000007", "", false},
	    {PROGRAM, "28 000000000000fd 000a 0100 3041303030303441 05 5f44454c45", "", false},
	    {PROGRAM, "28 000000000000fd 000a 0100 3041303030303450 05 5f494e5345", "", false},
	    {PROGRAM, "28 000000000000fd 0000 05 5f47415242", "", false},
	    {PROGRAM, "28 000000000000fd 0002 4550 05 5f4d4f4455", "", false},
	    {PROGRAM, "000112 04 11 41 0c 00", "ff 09 0002 0000", true},
	    {PROGRAM, "000112 04 11 45 01 00", "ff 09 0008 0102030405060708", true},
	    {DIAGNOSE, "000112 04 11 44 01 00", "ff 09 0004 0011 0000", true},
	    {DIAGNOSE, "000112 04 11 43 01 00", "0a 00 0000", true},
	    {DIAGNOSE, "000112 04 11 47 01 00", "0a 00 0000", true},
	};

	for (unsigned class = 0; class < CLASSES; class ++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			enum reason reason =
			    rows[i].class == class ? REASON_RULE : REASON_FUNCTION_DENIED;

			one_job(
			    rules[class], rows[i].user, rows[i].parameters, rows[i].data, reason);
		}
}

/* What a server tells of its mode is for those who may diagnose, and for those who may change it.
 */
static void
transitions_of_mode_are_of_two_classes(void **state)
{
	static const struct {
		const char *rules;
		enum reason reason;
	} rows[] = {
	    {"{ access = [\"control\"]; }", REASON_RULE},
	    {"{ access = [\"diagnose\"]; }", REASON_RULE},
	    {"{ access = [\"read\", \"write\", \"program\"]; }", REASON_FUNCTION_DENIED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim *sim = ready(rows[i].rules);
		enum verdict verdict = sim_send(
		    sim, RESPONSE, "03000019 02f080 3207 0000 0000 0008 0000 01001010 00000000");

		if (rows[i].reason == REASON_RULE)
			assert_allowed(sim, verdict);
		else
			assert_denied(sim, verdict, rows[i].reason);
		sim_free(sim);
	}
}

/* TIA Portal asks an S7-1200 26 things before the first is answered. */
static void
many_requests_may_wait(void **state)
{
	struct sim *sim = ready(RULES);

	for (unsigned i = 0; i <= 64; i++) {
		struct bytes b = job(100 + i, "04 01 120a10 02 0001 000a 84 000000", "");
		enum verdict verdict = send(sim, &b);

		if (i < 64)
			assert_allowed(sim, verdict);
		else
			assert_denied(sim, verdict, REASON_OUTSTANDING_FULL);
	}
	sim_free(sim);
}

/* Another session is an object like others. */
static void
first_object_of_s7comm_plus_is_a_session(void **state)
{
	struct sim *sim = sim_new("", "protocol = \"s7comm-plus\";", "{ access = [\"read\"]; }");

	sim_open(sim);
	assert_allowed(sim, sim_send(sim, REQUEST, connect_request));
	assert_allowed(sim, sim_send(sim, RESPONSE, connect_confirm));
	assert_denied(sim,
	    sim_send(sim, REQUEST,
		"03000021 02f080 7201 0012 31 0000 04ca 0000 0001 00000121 34 00000000 72010000"),
	    REASON_FUNCTION_DENIED);
	sim_free(sim);
}

/* After its first answer, too. */
static void
connection_picked_up_in_the_middle_never_has_a_unit(void **state)
{
	struct sim *sim = sim_new("", "protocol = \"s7comm\"; pickup = \"resync\";",
	    "{ access = [\"read\"]; }, { access = [\"write\"]; units = [\"PG 0/2\"]; }");
	struct bytes b = job(6, "05 01 120a10 02 0001 000a 84 000000", "00 04 0008 64");

	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		"03000029 02f080 3203 0000 0005 0002 0014 0000 04 01 ff 04 0080 "
		"00000000 00000000 00000000 00000000"));
	assert_denied(sim, send(sim, &b), REASON_UNIT_DENIED);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_clients_never_send_is_stopped),
	    cmocka_unit_test(nothing_comes_behind_a_disconnection),
	    cmocka_unit_test(nothing_comes_behind_a_disconnection_in_the_middle),
	    cmocka_unit_test(too_many_empty_pieces_are_stopped),
	    cmocka_unit_test(pieces_need_a_setting_and_have_its_limit),
	    cmocka_unit_test(connection_picked_up_in_the_middle_never_has_a_unit),
	    cmocka_unit_test(rest_of_a_message_that_comes_late_is_stopped),
	    cmocka_unit_test(answers_have_no_more_than_was_asked),
	    cmocka_unit_test(values_behind_a_doubtful_length_are_unknown),
	    cmocka_unit_test(user_data_nobody_reads_is_never_within_points),
	    cmocka_unit_test(user_data_that_is_read_is_read_whole),
	    cmocka_unit_test(jobs_of_a_server_are_remembered_four_at_a_time),
	    cmocka_unit_test(access_classes_mean_what_their_words_say),
	    cmocka_unit_test(transitions_of_mode_are_of_two_classes),
	    cmocka_unit_test(many_requests_may_wait),
	    cmocka_unit_test(first_object_of_s7comm_plus_is_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
