/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm and S7comm-plus through the engine: what is never let through, whatever TPKT, COTP and TCP
 * do.
 *
 * The policy allows to read a data block and some flags, to write two set-points with limits, and,
 * in one test, to load one block.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s7.h"

#define RULES                                                                            \
	"{ access = [\"read\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-127\", "        \
	"\"M:0-15\"]; },"                                                                \
	"{ functions = [\"write-var\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-3\"]; " \
	"type = \"int\"; values = [\"0-100\"]; },"                                       \
	"{ functions = [\"write-var\"]; units = [\"PG 0/2\"]; points = [\"M:3.2\"]; "    \
	"type = \"bool\"; values = [\"1\"]; }"

#define PIECES "pieces_max = 64;"

/* A job on a fresh connection. */
static void
expect(const char *rules, const char *parameters, const char *data, enum reason reason)
{
	struct sim *sim = ready(rules);
	struct bytes b = job(7, parameters, data);
	enum verdict verdict = send(sim, &b);

	if (reason == REASON_RULE)
		assert_allowed(sim, verdict);
	else
		assert_denied(sim, verdict, reason);
	sim_free(sim);
}

static void
reads_and_writes_within_the_rules_pass(void **state)
{
	struct sim *sim = ready(RULES);
	struct bytes b;

	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	assert_int_equal(sim_reason(sim), REASON_RULE);
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		"03000029 02f080 3203 0000 0005 0002 0014 0000 04 01 ff 04 0080 "
		"00000000 00000000 00000000 00000000"));
	assert_int_equal(sim_reason(sim), REASON_RESPONSE);
	b = job(6, "05 01 120a10 05 0002 000a 84 000000", "00 05 0020 0064 0000");
	assert_allowed(sim, send(sim, &b));
	assert_allowed(
	    sim, sim_send(sim, RESPONSE, "03000016 02f080 3203 0000 0006 0002 0001 0000 05 01 ff"));
	sim_free(sim);
	expect(RULES, "05 01 120a10 01 0001 0000 83 00001a", "00 03 0001 01", REASON_RULE);
}

static void
an_answer_to_nothing_goes_on_to_the_client(void **state)
{
	struct sim *sim = ready(RULES);

	assert_allowed(
	    sim, sim_send(sim, RESPONSE, "03000016 02f080 3203 0000 0006 0002 0001 0000 05 01 ff"));
	assert_int_equal(sim_reason(sim), REASON_RESPONSE_UNMATCHED);
	assert_int_equal(sim->event_count, 1);
	sim_free(sim);
}

/* It would change how long a message may be. */
static void
an_agreement_that_nobody_asked_for_is_stopped(void **state)
{
	struct sim *sim = ready(RULES);

	assert_denied(sim,
	    sim_send(sim, RESPONSE,
		"0300001b 02f080 3203 0000 0009 0008 0000 0000 f0 00 0001 0001 00f0"),
	    REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
}

static void
stop_is_stopped_after_every_byte(void **state)
{
	struct bytes b = {.length = 0};

	add(&b, plc_stop);
	for (size_t cut = 1; cut < b.length; cut++) {
		struct sim *sim = ready(RULES);
		size_t before = sim_received(sim, REQUEST);

		sim_send_bytes(sim, REQUEST, b.data, cut);
		sim_send_bytes(sim, REQUEST, &b.data[cut], b.length - cut);
		assert_int_equal(sim->outcome.verdict, VERDICT_DENY);
		assert_true(sim_received(sim, REQUEST) - before < b.length);
		sim_free(sim);
	}
}

static void
stop_in_pieces_is_stopped_wherever_it_is_cut(void **state)
{
	struct bytes whole = {.length = 0};
	size_t length;

	add(&whole, plc_stop);
	length = whole.length - 7;
	for (size_t cut = 1; cut < 2 * length; cut++) {
		struct sim *sim = cut < length ? ready_with(PIECES, RULES) : ready(RULES);
		size_t at = cut < length ? cut : cut - length + 1;
		struct bytes first = piece(&whole, 0, at, false);
		struct bytes last = piece(&whole, at, length, true);

		send(sim, &first);
		assert_int_equal(send(sim, &last), VERDICT_DENY);
		sim_free(sim);
	}
}

static void
stop_in_pieces_of_one_byte_is_stopped(void **state)
{
	struct sim *sim = ready_with(PIECES, RULES);
	struct bytes whole = {.length = 0};
	size_t before = sim_received(sim, REQUEST), passed = 0;

	add(&whole, plc_stop);
	for (size_t i = 0; i < whole.length - 7; i++) {
		struct bytes one = piece(&whole, i, i + 1, i + 8 == whole.length);

		passed += send(sim, &one) == VERDICT_ALLOW;
	}
	assert_int_equal(passed, 10); /* the header, and not the function */
	assert_true(sim_received(sim, REQUEST) > before);
	sim_free(sim);
}

static void
stop_whose_end_is_not_told_is_stopped(void **state)
{
	struct sim *sim = ready_with(PIECES, RULES);
	struct bytes whole = {.length = 0}, all;

	add(&whole, plc_stop);
	all = piece(&whole, 0, whole.length - 7, false);
	assert_denied(sim, send(sim, &all), REASON_LENGTH_MISMATCH);
	sim_free(sim);
}

static void
permitted_read_in_pieces_passes(void **state)
{
	struct bytes whole = {.length = 0};

	add(&whole, read_allowed);
	for (size_t cut = 1; cut < whole.length - 7; cut++) {
		struct sim *sim = ready_with(PIECES, RULES);
		struct bytes first = piece(&whole, 0, cut, false);
		struct bytes last = piece(&whole, cut, whole.length - 7, true);

		assert_allowed(sim, send(sim, &first));
		assert_allowed(sim, send(sim, &last));
		assert_int_equal(sim_reason(sim), REASON_RULE);
		sim_free(sim);
	}
}

static void
last_of_many_items_outside_the_range_is_stopped(void **state)
{
	static const char good[] = "120a10 02 0001 000a 84 000000 ";
	char items[512] = "04 0f ";

	for (unsigned i = 0; i < 14; i++)
		strcat(items, good);
	strcat(items, "120a10 02 0001 000b 84 000000");
	expect(RULES, items, "", REASON_POINT_DENIED);
	memcpy(&items[strlen(items) - 12], "0a", 2);
	expect(RULES, items, "", REASON_RULE);
}

static void
lying_lengths_of_the_frame_are_stopped(void **state)
{
	struct sim *sim;

	/* larger: the stop hides behind a read */
	sim = ready(RULES);
	assert_denied(sim,
	    sim_send(sim, REQUEST,
		"03000040 02f080 3201 0000 0005 000e 0000 04 01 120a10 02 0010 000a 84 000000 "
		"03000021 02f080 3201 0000 0009 0010 0000 29 0000000000 09 505f50524f4752414d"),
	    REASON_LENGTH_MISMATCH);
	sim_free(sim);
	/* smaller: the message does not fit */
	sim = ready(RULES);
	assert_denied(sim,
	    sim_send(sim, REQUEST,
		"03000018 02f080 3201 0000 0005 000e 0000 04 01 120a10 02 0010 000a 84 000000"),
	    REASON_LENGTH_MISMATCH);
	sim_free(sim);
}

static void
second_frame_of_a_segment_is_judged_too(void **state)
{
	struct sim *sim = ready(RULES);
	struct bytes both = {.length = 0};
	size_t before = sim_received(sim, REQUEST);

	add(&both, read_allowed);
	add(&both, plc_stop);
	assert_denied(sim, send(sim, &both), REASON_FUNCTION_DENIED);
	assert_int_equal(sim_received(sim, REQUEST), before);
	sim_free(sim);
}

static void
data_longer_than_its_address_are_stopped(void **state)
{
	static const char address[] = "05 01 120a10 02 0002 000a 84 000000";

	expect(RULES, address, "00 04 0010 0002", REASON_RULE);
	expect(RULES, address, "00 04 0018 010203", REASON_LENGTH_MISMATCH);
	expect(RULES, address, "00 04 0010 010203", REASON_LENGTH_MISMATCH);
	expect(RULES, address, "00 04 0018 0102", REASON_LENGTH_MISMATCH);
	expect(RULES, address, "00 04 0010 01", REASON_LENGTH_MISMATCH);
}

static void
one_past_the_range_is_stopped(void **state)
{
	/* bytes */
	expect(RULES, "04 01 120a10 02 0001 000a 84 0003f8", "", REASON_RULE);
	expect(RULES, "04 01 120a10 02 0002 000a 84 0003f8", "", REASON_POINT_DENIED);
	expect(RULES, "04 01 120a10 02 0001 000a 84 000400", "", REASON_POINT_DENIED);
	/* bits */
	expect(RULES, "04 01 120a10 01 0001 000a 84 0003ff", "", REASON_RULE);
	expect(RULES, "04 01 120a10 01 0001 000a 84 000400", "", REASON_POINT_DENIED);
	/* words and long ones */
	expect(RULES, "04 01 120a10 04 0001 000a 84 0003f8", "", REASON_POINT_DENIED);
	expect(RULES, "04 01 120a10 08 0001 000a 84 0003e0", "", REASON_RULE);
	expect(RULES, "04 01 120a10 08 0001 000a 84 0003e8", "", REASON_POINT_DENIED);
	/* the bit beside the one that may be written, and its byte */
	expect(RULES, "05 01 120a10 01 0001 0000 83 00001b", "00 03 0001 01", REASON_POINT_DENIED);
	expect(RULES, "05 01 120a10 02 0001 0000 83 000018", "00 04 0008 01", REASON_POINT_DENIED);
	/* another area, another block, the whole block by a symbol */
	expect(RULES, "04 01 120a10 02 0001 0000 82 000000", "", REASON_POINT_DENIED);
	expect(RULES, "04 01 120a10 02 0001 000b 84 000000", "", REASON_POINT_DENIED);
	expect(RULES, "04 01 120e b2 ff 8a0e 000a 01020304 40000001", "", REASON_POINT_DENIED);
}

static void
values_outside_the_limits_are_stopped(void **state)
{
	static const char real[] = "{ access = [\"write\"]; points = [\"DB10:0-3\"]; "
				   "type = \"real\"; values = [\"0-100\"]; }";

	expect(RULES, "05 01 120a10 05 0002 000a 84 000000", "00 05 0020 0064 0065",
	    REASON_VALUE_DENIED);
	expect(
	    RULES, "05 01 120a10 05 0001 000a 84 000000", "00 05 0010 ffff", REASON_VALUE_DENIED);
	expect(real, "05 01 120a10 08 0001 000a 84 000000", "00 07 0004 42c80001",
	    REASON_VALUE_DENIED);
	expect(real, "05 01 120a10 08 0001 000a 84 000000", "00 07 0004 42c80000", REASON_RULE);
	/* not a number */
	expect(real, "05 01 120a10 08 0001 000a 84 000000", "00 07 0004 7fc00000",
	    REASON_VALUE_DENIED);
	/* an element that is none tells no value */
	expect(RULES, "05 01 120a10 0c 0001 000a 84 000000", "00 04 0010 0001", REASON_VALUE_TYPE);
}

static void
jobs_before_set_up_are_stopped(void **state)
{
	struct sim *sim = sim_new("", "protocol = \"s7comm\";", RULES);

	sim_open(sim);
	assert_denied(sim, sim_send(sim, REQUEST, read_allowed), REASON_SESSION_MISSING);
	sim_free(sim);
	sim = connected("", RULES);
	assert_denied(sim, sim_send(sim, REQUEST, read_allowed), REASON_SESSION_MISSING);
	sim_free(sim);
	/* asked for, and not answered */
	sim = connected("", RULES);
	assert_allowed(sim, sim_send(sim, REQUEST, setup_request));
	assert_denied(sim, sim_send(sim, REQUEST, read_allowed), REASON_SESSION_MISSING);
	sim_free(sim);
}

static void
second_connection_is_stopped(void **state)
{
	struct sim *sim = ready(RULES);

	assert_denied(sim, sim_send(sim, REQUEST, connect_request), REASON_SESSION_REPEATED);
	sim_free(sim);
}

static void
another_unit_is_stopped(void **state)
{
	static const char *const others[] = {
	    "03000016 11e0 0000 0001 00 c0010a c1020100 c2020103",
	    "03000016 11e0 0000 0001 00 c0010a c1020100 c2020202",
	    "03000016 11e0 0000 0001 00 c0010a c1020100 c2020122",
	};

	for (size_t i = 0; i < 3; i++) {
		struct sim *sim = sim_new("", "protocol = \"s7comm\";", RULES);

		sim_open(sim);
		assert_denied(sim, sim_send(sim, REQUEST, others[i]), REASON_UNIT_DENIED);
		sim_free(sim);
	}
}

/* 240 bytes were agreed on: 18 and what is written. */
static void
message_above_the_agreed_size_is_stopped(void **state)
{
	char data[600] = "00 04 06a0 ";

	for (unsigned i = 0; i < 212; i++)
		strcat(data, "00");
	expect(
	    "{ access = [\"write\"]; }", "05 01 120a10 02 00d4 000a 84 000000", data, REASON_RULE);
	memcpy(data, "00 04 06a8 ", 11);
	strcat(data, "00");
	expect("{ access = [\"write\"]; }", "05 01 120a10 02 00d5 000a 84 000000", data,
	    REASON_PDU_TOO_LONG);
}

static void
services_other_than_those_named_are_stopped(void **state)
{
	static const char rules[] = "{ functions = [\"plc-start\", \"copy-ram-to-rom\"]; },"
				    "{ functions = [\"delete-block\"]; points = [\"block:DB4\"]; }";
	static const char start[] = "28 000000000000fd 0000 09 505f50524f4752414d";

	expect(rules, start, "", REASON_RULE);
	expect(rules, "28 000000000000fd 0002 4550 05 5f4d4f4455", "", REASON_RULE);
	expect(
	    rules, "28 000000000000fd 000a 0100 3041303030303441 05 5f44454c45", "", REASON_RULE);
	expect(rules, "28 000000000000fd 000a 0100 3041303030303541 05 5f44454c45", "",
	    REASON_POINT_DENIED);
	expect(rules, "28 000000000000fd 000a 0100 3038303030303441 05 5f44454c45", "",
	    REASON_POINT_DENIED);
	expect(rules, "28 000000000000fd 000a 0100 3041303030303450 05 5f494e5345", "",
	    REASON_FUNCTION_DENIED);
	expect(
	    rules, "28 000000000000fd 0002 4320 09 505f50524f4752414d", "", REASON_FUNCTION_DENIED);
	expect(rules, "28 000000000000fd 0000 05 5f47415242", "", REASON_FUNCTION_DENIED);
	expect(rules, "28 000000000000fd 0000 09 5f4e5f4c4f47494e5f", "", REASON_FUNCTION_UNKNOWN);
	expect(rules, "29 0000000000 09 505f50524f4752414d", "", REASON_FUNCTION_DENIED);
}

static void
limits_of_points_never_allow_what_concerns_everything(void **state)
{
	static const char rules[] = "{ access = [\"control\", \"program\", \"write\"]; points = "
				    "[\"block:*\", \"DB*:*\"]; }";

	expect(rules, "29 0000000000 09 505f50524f4752414d", "", REASON_FUNCTION_DENIED);
	expect(rules, "28 000000000000fd 0000 09 505f50524f4752414d", "", REASON_FUNCTION_DENIED);
	expect(rules, "28 000000000000fd 0000 05 5f47415242", "", REASON_FUNCTION_DENIED);
	expect(rules, "28 000000000000fd 0002 4550 05 5f4d4f4455", "", REASON_FUNCTION_DENIED);
}

#define LOAD                                                                            \
	"{ functions = [\"request-download\", \"download-block\", \"download-ended\", " \
	"\"insert-block\"]; points = [\"block:DB1\"]; }"

static const char piece_of_db1[] =
    "03000021 02f080 3203 0000 0200 0002 000c 0000 1b 00 0008 00fb 7070 0101 05 0a 0001";

static void
download_of_the_named_block_passes(void **state)
{
	struct sim *sim = ready(LOAD);
	struct bytes b = job(14, "1a 00 0100 00000000 09 5f3041303030303150", "");

	assert_allowed(sim, send(sim, &b));
	assert_allowed(
	    sim, sim_send(sim, RESPONSE, "03000014 02f080 3203 0000 000e 0001 0000 0000 1a"));
	b = job(512, "1b 00 0000 00000000 09 5f3041303030303150", "");
	assert_allowed(sim, sim_send_bytes(sim, RESPONSE, b.data, b.length));
	assert_allowed(sim, sim_send(sim, REQUEST, piece_of_db1));
	b = job(513, "1c 00 0000 00000000 09 5f3041303030303150", "");
	assert_allowed(sim, sim_send_bytes(sim, RESPONSE, b.data, b.length));
	assert_allowed(
	    sim, sim_send(sim, REQUEST, "03000014 02f080 3203 0000 0201 0001 0000 0000 1c"));
	sim_free(sim);
}

/* A controller may believe what the block says rather than what the job did. */
static void
block_that_says_it_is_another_is_stopped(void **state)
{
	static const char *const pieces[] = {
	    /* DB2; OB1; no block; too short to say */
	    "03000021 02f080 3203 0000 0200 0002 000c 0000 1b 00 0008 00fb 7070 0101 05 0a 0002",
	    "03000021 02f080 3203 0000 0200 0002 000c 0000 1b 00 0008 00fb 7070 0101 01 08 0001",
	    "03000021 02f080 3203 0000 0200 0002 000c 0000 1b 00 0008 00fb 7071 0101 05 0a 0001",
	    "03000020 02f080 3203 0000 0200 0002 000b 0000 1b 00 0007 00fb 7070 0101 05 0a 00",
	};
	struct bytes ask = job(14, "1a 00 0100 00000000 09 5f3041303030303150", "");
	struct bytes want = job(512, "1b 00 0000 00000000 09 5f3041303030303150", "");

	for (size_t i = 0; i < 2 * sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct sim *sim = ready(LOAD);

		assert_allowed(sim, send(sim, &ask));
		assert_allowed(sim, sim_send_bytes(sim, RESPONSE, want.data, want.length));
		/* once more, behind a download that was begun and not ended */
		if (i % 2 == 1) {
			assert_allowed(sim, sim_send(sim, REQUEST, piece_of_db1));
			assert_allowed(sim, send(sim, &ask));
			assert_allowed(sim, sim_send_bytes(sim, RESPONSE, want.data, want.length));
		}
		assert_int_equal(sim_send(sim, REQUEST, pieces[i / 2]), VERDICT_DENY);
		assert_int_equal(
		    sim_reason(sim), i / 2 < 3 ? REASON_VALUE_INVALID : REASON_LENGTH_MISMATCH);
		sim_free(sim);
	}
}

/* Upload, as download, names its block once. */
static void
upload_of_the_named_block_passes(void **state)
{
	static const char rules[] = "{ functions = [\"start-upload\", \"upload\", \"end-upload\"]; "
				    "points = [\"block:DB1\"]; }";

	expect(rules, "1d 00 0000 00000000 09 5f3041303030303141", "", REASON_RULE);
	expect(rules, "1d 00 0000 00000000 09 5f3041303030303241", "", REASON_POINT_DENIED);
	expect(rules, "1e 00 0000 00000007", "", REASON_RULE);
	expect(rules, "1f 00 0000 00000007", "", REASON_RULE);
}

static void
download_of_another_block_is_stopped(void **state)
{
	expect(LOAD, "1a 00 0100 00000000 09 5f3041303030303250", "", REASON_POINT_DENIED);
	expect(LOAD, "1a 00 0100 00000000 09 5f3038303030303150", "", REASON_POINT_DENIED);
	expect(RULES, "1a 00 0100 00000000 09 5f3041303030303150", "", REASON_FUNCTION_DENIED);
}

static void
block_that_nobody_asked_for_is_stopped(void **state)
{
	struct sim *sim = ready(LOAD);

	assert_denied(sim,
	    sim_send(
		sim, REQUEST, "0300001b 02f080 3203 0000 0200 0002 0006 0000 1b 00 0002 00fb 7070"),
	    REASON_RESPONSE_UNMATCHED);
	sim_free(sim);
}

static void
other_protocols_on_the_port_are_stopped(void **state)
{
	struct sim *sim = ready(RULES);

	assert_denied(sim,
	    sim_send(sim, REQUEST, "0300001b 02f080 7201 000c 31 0000 04ca 0000 0001 00000120"),
	    REASON_PROTOCOL_ID);
	sim_free(sim);
}

static void
connection_picked_up_in_the_middle_has_no_unit(void **state)
{
	static const char *const settings = "protocol = \"s7comm\"; pickup = \"resync\";";
	struct sim *sim = sim_new("", settings, "{ access = [\"read\"]; }");

	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	assert_int_equal(sim_reason(sim), REASON_RULE);
	sim_free(sim);
	sim = sim_new("", settings, RULES);
	assert_denied(sim, sim_send(sim, REQUEST, read_allowed), REASON_UNIT_DENIED);
	sim_free(sim);
}

/* S7comm-plus: a session is open, nothing else was asked. */
static struct sim *
plus(const char *rules)
{
	struct sim *sim = sim_new("", "protocol = \"s7comm-plus\";", rules);

	sim_open(sim);
	assert_allowed(sim, sim_send(sim, REQUEST, connect_request));
	assert_allowed(sim, sim_send(sim, RESPONSE, connect_confirm));
	assert_allowed(sim,
	    sim_send(sim, REQUEST,
		"03000021 02f080 7201 0012 31 0000 04ca 0000 0001 00000120 34 00000000 72010000"));
	assert_int_equal(sim_reason(sim), REASON_SESSION);
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		"0300001d 02f080 7201 000e 32 0000 04ca 0000 0001 34 00000000 72010000"));
	return sim;
}

static void
expect_plus(const char *rules, const char *frame, enum reason reason)
{
	struct sim *sim = plus(rules);
	enum verdict verdict = sim_send(sim, REQUEST, frame);

	if (reason == REASON_RULE)
		assert_allowed(sim, verdict);
	else
		assert_denied(sim, verdict, reason);
	sim_free(sim);
}

static void
functions_of_s7comm_plus_pass_by_name(void **state)
{
	static const char get[] =
	    "03000021 02f080 7202 0012 31 0000 054c 0000 0002 00000394 34 00000000 72020000";
	static const char set[] =
	    "03000021 02f080 7202 0012 31 0000 04f2 0000 0002 00000394 34 00000000 72020000";
	static const char create[] =
	    "03000021 02f080 7202 0012 31 0000 04ca 0000 0002 00000394 34 00000000 72020000";

	expect_plus("{ access = [\"read\"]; }", get, REASON_RULE);
	expect_plus("{ access = [\"read\"]; }", set, REASON_FUNCTION_DENIED);
	expect_plus("{ access = [\"read\", \"opaque\"]; }", set, REASON_FUNCTION_DENIED);
	expect_plus("{ access = [\"read\"]; }", create, REASON_FUNCTION_DENIED);
}

static void
what_nobody_can_read_needs_its_own_permission(void **state)
{
	static const char fragment[] =
	    "0300001d 02f080 7202 0012 31 0000 054c 0000 0002 00000394 34 00000000";
	static const char encrypted[] = "03000011 02f080 160301000568656c6c6f";
	static const char piece[] = "0300000a 02f000 720200";

	expect_plus("{ access = [\"read\"]; }", fragment, REASON_FUNCTION_DENIED);
	expect_plus("{ access = [\"read\"]; }", encrypted, REASON_FUNCTION_DENIED);
	expect_plus("{ access = [\"read\"]; }", piece, REASON_FUNCTION_DENIED);
	expect_plus("{ access = [\"opaque\"]; }", fragment, REASON_RULE);
	expect_plus("{ access = [\"opaque\"]; }", encrypted, REASON_RULE);
	expect_plus("{ access = [\"opaque\"]; }", piece, REASON_RULE);
	/* the other protocol, whatever the rules say */
	expect_plus("{ access = [\"any\"]; }", plc_stop, REASON_PROTOCOL_ID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_and_writes_within_the_rules_pass),
	    cmocka_unit_test(an_answer_to_nothing_goes_on_to_the_client),
	    cmocka_unit_test(an_agreement_that_nobody_asked_for_is_stopped),
	    cmocka_unit_test(stop_is_stopped_after_every_byte),
	    cmocka_unit_test(stop_in_pieces_is_stopped_wherever_it_is_cut),
	    cmocka_unit_test(stop_in_pieces_of_one_byte_is_stopped),
	    cmocka_unit_test(stop_whose_end_is_not_told_is_stopped),
	    cmocka_unit_test(permitted_read_in_pieces_passes),
	    cmocka_unit_test(last_of_many_items_outside_the_range_is_stopped),
	    cmocka_unit_test(lying_lengths_of_the_frame_are_stopped),
	    cmocka_unit_test(second_frame_of_a_segment_is_judged_too),
	    cmocka_unit_test(data_longer_than_its_address_are_stopped),
	    cmocka_unit_test(one_past_the_range_is_stopped),
	    cmocka_unit_test(values_outside_the_limits_are_stopped),
	    cmocka_unit_test(jobs_before_set_up_are_stopped),
	    cmocka_unit_test(second_connection_is_stopped),
	    cmocka_unit_test(another_unit_is_stopped),
	    cmocka_unit_test(message_above_the_agreed_size_is_stopped),
	    cmocka_unit_test(services_other_than_those_named_are_stopped),
	    cmocka_unit_test(limits_of_points_never_allow_what_concerns_everything),
	    cmocka_unit_test(download_of_the_named_block_passes),
	    cmocka_unit_test(upload_of_the_named_block_passes),
	    cmocka_unit_test(download_of_another_block_is_stopped),
	    cmocka_unit_test(block_that_says_it_is_another_is_stopped),
	    cmocka_unit_test(block_that_nobody_asked_for_is_stopped),
	    cmocka_unit_test(other_protocols_on_the_port_are_stopped),
	    cmocka_unit_test(connection_picked_up_in_the_middle_has_no_unit),
	    cmocka_unit_test(functions_of_s7comm_plus_pass_by_name),
	    cmocka_unit_test(what_nobody_can_read_needs_its_own_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
