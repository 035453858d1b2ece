/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3 and rules: points, values, units and access classes of IEEE 1815, each allowed by a rule
 * that names it and refused beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

#define DIRECT(rest) "{ functions = [\"direct-operate\"]; " rest " }"
#define FREEZE(points) "{ functions = [\"immediate-freeze\"]; points = [" points "]; }"
#define ASSIGN(points) "{ functions = [\"assign-class\"]; points = [" points "]; }"
#define READ(points) "{ functions = [\"read\"]; points = [" points "]; }"

/* Under `rules`, this message has this fate; NULL: it passes. */
struct row {
	const char *rules;
	const char *fragment;
	const char *reason;
};

static void
judge_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sim *sim = opened("", rows[i].rules);
		enum verdict verdict = say(sim, REQUEST, 10, rows[i].fragment);
		const char *reason = reason_word(sim_reason(sim));

		if (rows[i].reason == NULL && verdict != VERDICT_ALLOW)
			fail_msg("%s under %s: %s", rows[i].fragment, rows[i].rules, reason);
		if (rows[i].reason != NULL &&
		    (verdict != VERDICT_DENY || strcmp(reason, rows[i].reason) != 0))
			fail_msg("%s under %s: %s, not %s", rows[i].fragment, rows[i].rules, reason,
			    rows[i].reason);
		sim_free(sim);
	}
}

#define JUDGE(rows) judge_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void
points_have_groups_variations_and_indices(void **state)
{
	static const struct row rows[] = {
	    {READ("\"g30:0-3\""), "c0 01 1e 02 00 00 03", NULL},
	    {READ("\"g30:0-3\""), "c0 01 1e 00 00 00 03", NULL},
	    {READ("\"g30:0-3\""), "c0 01 1e 05 01 0000 0400", "point-denied"},
	    {READ("\"g30:0-3\""), "c0 01 1f 02 00 00 03", "point-denied"},
	    {READ("\"g30v2:0-3\""), "c0 01 1e 02 17 02 00 03", NULL},
	    {READ("\"g30v2:0-3\""), "c0 01 1e 01 00 00 03", "point-denied"},
	    /* variation 0 leaves it to the outstation */
	    {READ("\"g30v2:0-3\""), "c0 01 1e 00 00 00 03", "point-denied"},
	    /* all, so many, and by index */
	    {READ("\"g30:*\""), "c0 01 1e 02 06", NULL},
	    {READ("\"g30:0-65535\""), "c0 01 1e 02 06", "point-denied"},
	    {READ("\"g30:0-65535\""), "c0 01 1e 02 08 0100", "point-denied"},
	    {READ("\"g30:0-65535\""), "c0 01 1e 02 28 0100 ffff", NULL},
	    {READ("\"g30:0-65535\""), "c0 01 1e 02 39 01000000 00000100", "point-denied"},
	    {READ("\"g30-33:0-9\", \"g30:10-19\""), "c0 01 1e 02 00 05 0f", NULL},
	    {READ("\"class:1\""), "c0 01 3c 02 06", NULL},
	    {READ("\"class:1\""), "c0 01 3c 02 07 05", NULL},
	    {READ("\"class:1\""), "c0 01 3c 01 06", "point-denied"},
	    {READ("\"class:1-3\""), "c0 01 3c 02 06 3c 03 06 3c 04 06", NULL},
	    {READ("\"class:1-3\""), "c0 01 3c 02 06 3c 01 06", "point-denied"},
	    /* so do other functions that name points without objects */
	    {FREEZE("\"g20:*\""), "c0 07 14 00 06", NULL},
	    {FREEZE("\"g20:0-9\""), "c0 07 14 00 06", "point-denied"},
	    {FREEZE("\"g20:0-9\""), "c0 07 14 00 07 05", "point-denied"},
	    {FREEZE("\"g20:0-9\""), "c0 07 14 00 00 00 09", NULL},
	    {ASSIGN("\"class:1\", \"g30:*\""), "c0 16 3c 02 06 1e 00 06", NULL},
	    {ASSIGN("\"class:1\", \"g30:0-9\""), "c0 16 3c 02 06 1e 00 06", "point-denied"},
	};

	JUDGE(rows);
}

#define CROB(code, count, on, off) \
	"c1 05 0c 01 17 01 07 " code " " count " " on "0000 " off "0000 00"

static void
every_number_of_a_control_can_be_limited(void **state)
{
	static const struct row rows[] = {
	    {DIRECT("values = [\"latch-on\"];"), CROB("03", "01", "0000", "0000"), NULL},
	    {DIRECT("values = [\"latch-on\"];"), CROB("04", "01", "0000", "0000"), "value-denied"},
	    {DIRECT("values = [\"latch-on\"];"), CROB("81", "01", "0000", "0000"), "value-denied"},
	    {DIRECT("values = [\"latch-on\"];"), CROB("83", "01", "0000", "0000"), "value-denied"},
	    {DIRECT("values = [\"latch-on\"];"), CROB("13", "01", "0000", "0000"), "value-denied"},
	    {DIRECT("values = [\"trip\"];"), CROB("81", "01", "0000", "0000"), NULL},
	    {DIRECT("values = [\"trip\"];"), CROB("41", "01", "0000", "0000"), "value-denied"},
	    {DIRECT("values = [\"close\"];"), CROB("41", "01", "0000", "0000"), NULL},
	    {DIRECT("values = [\"pulse-on\", \"pulse-off\", \"nul\"];"),
		CROB("02", "01", "0000", "0000"), NULL},
	    {DIRECT("values = [\"count:1\"];"), CROB("03", "02", "0000", "0000"), "value-denied"},
	    {DIRECT("values = [\"count:1\"];"), CROB("03", "00", "0000", "0000"), "value-denied"},
	    {DIRECT("values = [\"on-time:0-500\"];"), CROB("03", "09", "f401", "ffff"), NULL},
	    {DIRECT("values = [\"on-time:0-500\"];"), CROB("03", "01", "f501", "0000"),
		"value-denied"},
	    {DIRECT("values = [\"off-time:0-500\"];"), CROB("03", "01", "ffff", "f401"), NULL},
	    {DIRECT("values = [\"off-time:0-500\"];"), CROB("03", "01", "0000", "f501"),
		"value-denied"},
	    /* the second of two, and a pattern block */
	    {DIRECT("values = [\"latch-on\"];"),
		"c1 05 0c 01 17 02 07 03 01 00000000 00000000 00 08 04 01 00000000 00000000 00",
		"value-denied"},
	    {DIRECT("values = [\"latch-on\"];"),
		"c1 05 0c 02 07 01 04 01 00000000 00000000 00 0c 03 00 00 02 07", "value-denied"},
	};

	JUDGE(rows);
}

static void
analog_outputs_can_be_limited(void **state)
{
	static const char rule[] = DIRECT("points = [\"g41:3\"]; values = [\"-10-10\"];");
	static const struct row rows[] = {
	    {rule, "c1 05 29 01 17 01 03 0a000000 00", NULL},
	    {rule, "c1 05 29 01 17 01 03 f6ffffff 00", NULL},
	    {rule, "c1 05 29 01 17 01 03 0b000000 00", "value-denied"},
	    {rule, "c1 05 29 01 17 01 03 f5ffffff 00", "value-denied"},
	    {rule, "c1 05 29 02 28 0100 0300 0a00 00", NULL},
	    {rule, "c1 05 29 02 28 0100 0300 f5ff 00", "value-denied"},
	    {rule, "c1 05 29 02 00 03 03 0a00 00", NULL},
	    {rule, "c1 05 29 02 00 03 04 0a00 00 0a00 00", "point-denied"},
	    {rule, "c1 05 29 03 17 01 03 00002041 00", NULL},
	    {rule, "c1 05 29 03 17 01 03 01002041 00", "value-denied"},
	    /* not a number, infinity */
	    {rule, "c1 05 29 03 17 01 03 0000c07f 00", "value-denied"},
	    {rule, "c1 05 29 03 17 01 03 0000807f 00", "value-denied"},
	    {rule, "c1 05 29 04 17 01 03 0000000000002440 00", NULL},
	    {rule, "c1 05 29 04 17 01 03 0100000000002440 00", "value-denied"},
	    {rule, "c1 05 29 04 17 01 04 0000000000002440 00", "point-denied"},
	    {rule, "c1 05 29 02 17 02 03 0a00 00 03 0b00 00", "value-denied"},
	};

	JUDGE(rows);
}

static void
functions_have_access_classes(void **state)
{
	static const char crob[] = "c1 06 0c 01 17 01 07 03 01 00000000 00000000 00";
	static const char change_user[] = "c0 20 78 08 5b 01 0400 01 01 3082";
	static const char reply[] = "c0 20 78 02 5b 01 0a00 01000000 0500 a1b2c3d4";
	static const char read_file[] = "c0 01 46 05 5b 01 0800 78563412 00000000";
	static const struct row rows[] = {
	    {DIRECT(""), crob, "function-denied"},
	    {"{ functions = [\"direct-operate-nr\"]; }", crob, NULL},
	    {"{ access = [\"control\"]; }", crob, NULL},
	    {"{ access = [\"read\"]; }", read_file, "function-denied"},
	    {"{ access = [\"file\"]; }", read_file, NULL},
	    {"{ access = [\"file\"]; points = [\"g70:305419896\"]; }", read_file, NULL},
	    {"{ access = [\"file\"]; points = [\"g70:305419897\"]; }", read_file, "point-denied"},
	    {"{ access = [\"read\"]; }", reply, NULL},
	    {"{ access = [\"read\", \"write\", \"control\"]; }", change_user, "function-denied"},
	    {"{ access = [\"program\"]; }", change_user, NULL},
	    {"{ access = [\"control\"]; }", "c0 0d", NULL},
	    {"{ access = [\"write\"]; }", "c0 0d", "function-denied"},
	    {"{ access = [\"write\"]; }", "c0 14 3c 02 06", NULL},
	    {"{ functions = [\"enable-unsolicited\"]; points = [\"class:1\"]; }",
		"c0 14 3c 02 06 3c 03 06", "point-denied"},
	    {"{ access = [\"diagnose\"]; }", "c0 17", NULL},
	    {"{ access = [\"diagnose\"]; }", "c0 18", "function-denied"},
	};

	JUDGE(rows);
}

#define WRITE(objects) "c0 02 " objects
#define STARTS "{ access = [\"read\", \"write\"]; }"
#define OUTPUTS "{ access = [\"control\"]; }"
#define PROGRAMS "{ access = [\"program\"]; }"

/* What masters write when they start is one class; outputs and programs are others. */
static void
what_is_written_decides_its_class(void **state)
{
	static const char *const written[][4] = {
	    /* with STARTS, OUTPUTS, PROGRAMS */
	    {WRITE("32 01 07 01 010203040506"), NULL, "function-denied", "function-denied"},
	    {WRITE("32 03 07 01 010203040506"), NULL, "function-denied", "function-denied"},
	    {WRITE("50 01 00 07 07 00"), NULL, "function-denied", "function-denied"},
	    {WRITE("22 01 00 00 01 0a00 1400"), NULL, "function-denied", "function-denied"},
	    {WRITE("6e 03 00 00 00 616263"), NULL, "function-denied", "function-denied"},
	    {WRITE("0a 01 00 00 00 01"), "function-denied", NULL, "function-denied"},
	    {WRITE("0a 02 17 01 07 81"), "function-denied", NULL, "function-denied"},
	    {WRITE("0c 01 17 01 07 03 01 f4010000 00000000 00"), "function-denied", NULL,
		"function-denied"},
	    {WRITE("29 02 17 01 07 0a00 00"), "function-denied", NULL, "function-denied"},
	    {WRITE("29 01 00 07 07 0a000000 00"), "function-denied", NULL, "function-denied"},
	    {WRITE("70 05 17 01 01 7265736574"), "function-denied", "function-denied", NULL},
	    {WRITE("00 f0 00 00 00 02 01 08"), "function-denied", "function-denied", NULL},
	    {WRITE("55 01 5b 01 0100 00"), "function-denied", "function-denied", NULL},
	    {WRITE("56 01 5b 01 0100 00"), "function-denied", "function-denied", NULL},
	    {WRITE("57 01 5b 01 0100 00"), "function-denied", "function-denied", NULL},
	    {WRITE("5a 01 5b 01 0100 00"), "function-denied", "function-denied", NULL},
	    {WRITE("5b 01 5b 01 0100 00"), "function-denied", "function-denied", NULL},
	    /* a message is about one of them */
	    {WRITE("50 01 00 07 07 00 0a 01 00 00 00 01"), "object-function", "object-function",
		"object-function"},
	    {WRITE("0a 01 00 00 00 01 50 01 00 07 07 00"), "object-function", "object-function",
		"object-function"},
	    {WRITE("32 01 07 01 010203040506 70 01 17 01 01 61"), "object-function",
		"object-function", "object-function"},
	    {WRITE("50 01 00 07 07 00 46 05 5b 01 0900 01000000 00000000 61"), "object-function",
		"object-function", "object-function"},
	    /* what nobody writes */
	    {WRITE("14 01 00 00 00 0000000000"), "object-function", "object-function",
		"object-function"},
	    {WRITE("1e 02 00 00 00 000000"), "object-function", "object-function",
		"object-function"},
	    {WRITE("02 01 17 01 00 81"), "object-function", "object-function", "object-function"},
	    {WRITE("28 02 00 00 00 000000"), "object-function", "object-function",
		"object-function"},
	    {WRITE("34 01 07 01 0000"), "object-function", "object-function", "object-function"},
	};
	static const char *const rules[] = {STARTS, OUTPUTS, PROGRAMS};

	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		for (size_t n = 0; n < 3; n++)
			judge_rows(
			    &(const struct row){rules[n], written[i][0], written[i][1 + n]}, 1);
}

/* Byte by byte: nothing behind the group of a forbidden object passes, wherever the object stands.
 */
static void
the_head_of_a_forbidden_write_is_refused(void **state)
{
	static const char *const forbidden[] = {WRITE("0a 01 00 00 00 01"),
	    WRITE("70 05 17 01 01 7265736574"), WRITE("50 01 00 07 07 00 0a 01 00 00 00 01"),
	    WRITE("32 01 07 01 010203040506 29 02 17 01 07 0a00 00")};
	enum { GROUP_AT = 13 };

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		struct sim *sim = opened("", STARTS);
		struct wire w = message_to(REQUEST, 10, forbidden[i]);
		size_t passed = 0;

		while (passed < w.length &&
		    sim_send_bytes(sim, REQUEST, &w.bytes[passed], 1) == VERDICT_ALLOW)
			passed++;
		if (i < 2)
			assert_int_equal(passed, GROUP_AT);
		assert_true(passed < w.length - 2);
		sim_free(sim);
	}
}

#define FILE_OF(function, mode)                                                                \
	"c0 " function " 46 03 5b 01 1c00 1a00 0200 000000000000 0000 00000000 00000000 " mode \
	" 0000 0000 2f61"
#define FILES(values) "{ access = [\"file\"]; points = [\"g70:*\"]; values = [" values "]; }"

/* The mode in which a file is opened is a value; elsewhere the same bytes mean nothing. */
static void
a_value_counts_where_the_function_gives_it_a_meaning(void **state)
{
	static const char reads[] = FILES("\"read\""), writes[] = FILES("\"write\"");
	static const struct row rows[] = {
	    {reads, FILE_OF("19", "0100"), NULL},
	    {reads, FILE_OF("19", "0200"), "value-denied"},
	    {reads, FILE_OF("19", "0300"), "value-denied"},
	    {FILES("\"1\""), FILE_OF("19", "0100"), NULL},
	    {writes, FILE_OF("19", "0200"), NULL},
	    {writes, FILE_OF("19", "0100"), "value-denied"},
	    {FILES("\"write\", \"append\""), FILE_OF("19", "0300"), NULL},
	    /* deleting has no mode */
	    {reads, FILE_OF("1b", "0100"), "value-denied"},
	    {writes, FILE_OF("1b", "0200"), "value-denied"},
	    {FILES("\"0\""), FILE_OF("1b", "0000"), "value-denied"},
	    {"{ access = [\"file\"]; points = [\"g70:*\"]; }", FILE_OF("1b", "0000"), NULL},
	    /* the blocks of a read, and what changes nothing */
	    {reads, "c0 01 46 05 5b 01 0800 78563412 00000000", NULL},
	    {reads, "c0 1a 46 04 5b 01 0d00 78563412 00000000 0000 0000 00", NULL},
	    {reads, "c0 1c 46 07 5b 01 1600 1400 0200 0000 00000000 000000000000 0000 0000 2f61",
		NULL},
	    {reads, "c0 1e 46 04 5b 01 0d00 78563412 00000000 0000 0000 00", NULL},
	    /* but not what is written to a file */
	    {reads, "c0 02 46 05 5b 01 0a00 78563412 00000000 6162", "value-denied"},
	    {"{ access = [\"file\"]; points = [\"g70:5\"]; values = [\"read\"]; }",
		"c0 01 46 05 5b 01 0800 78563412 00000000", "point-denied"},
	};

	JUDGE(rows);
}

static enum verdict
poll_from(struct sim *sim, unsigned master, unsigned outstation)
{
	static const uint8_t user[] = {0xc0, 0xc0, 0x01, 0x3c, 0x02, 0x06};
	struct wire w = {.length = 0};

	wire_put_frame(&w, 0xc4, outstation, master, user, sizeof(user));
	return wire_send(sim, REQUEST, &w);
}

static void
units_name_master_and_outstation(void **state)
{
	static const struct {
		const char *units;
		unsigned master;
		unsigned outstation;
		bool allowed;
	} rows[] = {
	    {"1>10", 1, 10, true},
	    {"1>10", 2, 10, false},
	    {"1>10", 1, 11, false},
	    {"1>10", 10, 1, false},
	    {"*>10", 65519, 10, true},
	    {"*>10", 1, 11, false},
	    {"1-3>10-19", 3, 19, true},
	    {"1-3>10-19", 4, 19, false},
	    {"1-3>10-19", 3, 20, false},
	    {"*>*", 7, 65519, true},
	    {"*>*", 7, 65535, false},
	    {"*>broadcast", 7, 65533, true},
	    {"*>broadcast", 7, 7, false},
	    {"1>65534", 1, 65534, true},
	    {"1>65534", 1, 65535, false},
	};
	char rule[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim *sim;
		enum verdict verdict;

		snprintf(rule, sizeof(rule), "{ access = [\"read\"]; units = [\"%s\"]; }",
		    rows[i].units);
		sim = opened("", rule);
		verdict = poll_from(sim, rows[i].master, rows[i].outstation);
		if (rows[i].allowed)
			assert_allowed(sim, verdict);
		else
			assert_denied(sim, verdict, REASON_UNIT_DENIED);
		sim_free(sim);
	}
}

/* Ten seconds unless the channel says otherwise. */
static void
a_select_holds_for_ten_seconds(void **state)
{
	static const char rules[] = "{ functions = [\"select\", \"operate\"]; }";

	for (uint64_t ms = 10000; ms <= 10001; ms++) {
		struct sim *sim = opened("", rules);

		assert_allowed(sim, say(sim, REQUEST, 10, "c1 03 " DNP3_CROB("07", "03", "01")));
		sim->now_ns += ms * 1000000;
		if (ms == 10000)
			assert_allowed(
			    sim, say(sim, REQUEST, 10, "c2 04 " DNP3_CROB("07", "03", "01")));
		else
			assert_denied(sim,
			    say(sim, REQUEST, 10, "c2 04 " DNP3_CROB("07", "03", "01")),
			    REASON_FUNCTION_DENIED);
		sim_free(sim);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(points_have_groups_variations_and_indices),
	    cmocka_unit_test(every_number_of_a_control_can_be_limited),
	    cmocka_unit_test(analog_outputs_can_be_limited),
	    cmocka_unit_test(functions_have_access_classes),
	    cmocka_unit_test(what_is_written_decides_its_class),
	    cmocka_unit_test(the_head_of_a_forbidden_write_is_refused),
	    cmocka_unit_test(a_value_counts_where_the_function_gives_it_a_meaning),
	    cmocka_unit_test(units_name_master_and_outstation),
	    cmocka_unit_test(a_select_holds_for_ten_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
