/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of values that know their type: whatever sizes a message writes memory in, it is judged as
 * the elements that the device will hold.  Each row is a rule, a request and what must come of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"
#include "s7.h"

struct row {
	const char *rules;
	const char *request;
	const char *data; /* S7: the part with the values */
	enum reason reason;
};

#define WRITE(points, type, values)                                                               \
	"{ access = [\"write\"]; points = [" points "]; type = \"" type "\"; values = [\"" values \
	"\"]; }"

#define PAIR WRITE("\"holding:40-43\"", "int32", "0-70000")
#define SWAPPED WRITE("\"holding:40-41\"", "int32-swapped", "0-70000")
#define FLOAT WRITE("\"holding:40-41\"", "float32", "-1.5-20.5")

static const struct row modbus[] = {
    /* both halves of 65536, of 70001; of -1 */
    {PAIR, "0001 0000 000b 01 10 0028 0002 04 0001 0000", NULL, REASON_RULE},
    {PAIR, "0001 0000 000b 01 10 0028 0002 04 0001 1171", NULL, REASON_VALUE_DENIED},
    {PAIR, "0001 0000 000b 01 10 0028 0002 04 ffff ffff", NULL, REASON_VALUE_DENIED},
    /* the second element, both, and both with the second too large */
    {PAIR, "0001 0000 000b 01 10 002a 0002 04 0001 0000", NULL, REASON_RULE},
    {PAIR, "0001 0000 000f 01 10 0028 0004 08 0001 0000 0000 0007", NULL, REASON_RULE},
    {PAIR, "0001 0000 000f 01 10 0028 0004 08 0001 0000 0002 0000", NULL, REASON_VALUE_DENIED},
    /* halves: the first, the second, two that do not belong together, one and a half */
    {PAIR, "0001 0000 0006 01 06 0028 0000", NULL, REASON_VALUE_TYPE},
    {PAIR, "0001 0000 0006 01 06 0029 0001", NULL, REASON_VALUE_TYPE},
    {PAIR, "0001 0000 000b 01 10 0029 0002 04 0000 0000", NULL, REASON_VALUE_TYPE},
    {PAIR, "0001 0000 000d 01 10 0028 0003 06 0000 0001 0000", NULL, REASON_VALUE_TYPE},
    {PAIR, "0001 0000 000d 01 10 0029 0003 06 0001 0000 0001", NULL, REASON_VALUE_TYPE},
    /* what is written has no value; the writing half of a function that reads as well */
    {PAIR, "0001 0000 0008 01 16 0028 00f2 0025", NULL, REASON_VALUE_TYPE},
    {PAIR ", { access = [\"read\"]; }", "0001 0000 000f 01 17 0000 0002 0028 0002 04 0000 0001",
	NULL, REASON_RULE},
    {PAIR ", { access = [\"read\"]; }", "0001 0000 000d 01 17 0000 0002 0028 0001 02 0001", NULL,
	REASON_VALUE_TYPE},
    /* the low word first */
    {SWAPPED, "0001 0000 000b 01 10 0028 0002 04 0000 0001", NULL, REASON_RULE},
    {SWAPPED, "0001 0000 000b 01 10 0028 0002 04 0000 0002", NULL, REASON_VALUE_DENIED},
    /* fractions: 20.5, 20.75, -1.5, no number, without end */
    {FLOAT, "0001 0000 000b 01 10 0028 0002 04 41a4 0000", NULL, REASON_RULE},
    {FLOAT, "0001 0000 000b 01 10 0028 0002 04 41a6 0000", NULL, REASON_VALUE_DENIED},
    {FLOAT, "0001 0000 000b 01 10 0028 0002 04 bfc0 0000", NULL, REASON_RULE},
    {FLOAT, "0001 0000 000b 01 10 0028 0002 04 7fc0 0000", NULL, REASON_VALUE_DENIED},
    {FLOAT, "0001 0000 000b 01 10 0028 0002 04 7f80 0000", NULL, REASON_VALUE_DENIED},
    /* signed registers */
    {WRITE("\"holding:0-9\"", "int16", "-10-10"), "0001 0000 0006 01 06 0003 fff6", NULL,
	REASON_RULE},
    {WRITE("\"holding:0-9\"", "int16", "-10-10"), "0001 0000 0006 01 06 0003 fff5", NULL,
	REASON_VALUE_DENIED},
    /* eight bytes: -2 and its words in reverse order */
    {WRITE("\"holding:0-3\"", "int64", "-2"),
	"0001 0000 000f 01 10 0000 0004 08 ffff ffff ffff fffe", NULL, REASON_RULE},
    {WRITE("\"holding:0-3\"", "int64-swapped", "-2"),
	"0001 0000 000f 01 10 0000 0004 08 fffe ffff ffff ffff", NULL, REASON_RULE},
    {WRITE("\"holding:0-3\"", "float64", "1"),
	"0001 0000 000f 01 10 0000 0004 08 3ff0 0000 0000 0000", NULL, REASON_RULE},
    {WRITE("\"holding:0-3\"", "uint64", "0-9"),
	"0001 0000 000f 01 10 0000 0004 08 8000 0000 0000 0000", NULL, REASON_VALUE_DENIED},
    /* a second rule for one half permits that half, and its own limits alone */
    {PAIR ", { access = [\"write\"]; points = [\"holding:40\"]; values = [\"0\"]; }",
	"0001 0000 0006 01 06 0028 0000", NULL, REASON_RULE},
    {PAIR ", { access = [\"write\"]; points = [\"holding:40\"]; values = [\"0\"]; }",
	"0001 0000 0006 01 06 0028 0001", NULL, REASON_VALUE_DENIED},
    /* records of a file, one element in two groups of the message */
    {"{ access = [\"file\"]; points = [\"file:4:0-1\"]; type = \"int32\"; values = [\"7\"]; }",
	"0001 0000 0015 01 15 12 06 0004 0000 0001 0000 06 0004 0001 0001 0007", NULL, REASON_RULE},
    {"{ access = [\"file\"]; points = [\"file:4:0-1\"]; type = \"int32\"; values = [\"7\"]; }",
	"0001 0000 0015 01 15 12 06 0004 0000 0001 0001 06 0004 0001 0001 0007", NULL,
	REASON_VALUE_DENIED},
    {"{ access = [\"file\"]; points = [\"file:4-5:0-1\"]; type = \"int32\"; values = [\"7\"]; }",
	"0001 0000 0015 01 15 12 06 0004 0000 0001 0000 06 0005 0001 0001 0007", NULL,
	REASON_VALUE_TYPE},
};

static void
registers_are_put_together(void **state)
{
	for (size_t i = 0; i < sizeof(modbus) / sizeof(modbus[0]); i++) {
		struct sim *sim = sim_new("", "", modbus[i].rules);

		sim_open(sim);
		sim_send(sim, DIRECTION_REQUEST, modbus[i].request);
		if (sim_reason(sim) != modbus[i].reason)
			fail_msg("%s of %s: %s, expected %s", modbus[i].request, modbus[i].rules,
			    reason_word(sim_reason(sim)), reason_word(modbus[i].reason));
		sim_free(sim);
	}
}

#define WORDS WRITE("\"DB10:0-3\"", "int", "0-1500")
#define REALS WRITE("\"DB10:4-11\"", "real", "0-100")
#define BITS WRITE("\"M:3.0-4.7\"", "bool", "1")
#define FLAG "05 01 120a10 01 0001 0000 83 0000"

static const struct row s7[] = {
    /* a WORD and an INT of 1500 and 1501, at both places */
    {WORDS, "05 01 120a10 04 0001 000a 84 000000", "00 04 0010 05dc", REASON_RULE},
    {WORDS, "05 01 120a10 05 0001 000a 84 000010", "00 04 0010 05dc", REASON_RULE},
    {WORDS, "05 01 120a10 04 0001 000a 84 000000", "00 04 0010 05dd", REASON_VALUE_DENIED},
    {WORDS, "05 01 120a10 04 0001 000a 84 000000", "00 04 0010 ffff", REASON_VALUE_DENIED},
    /* four BYTEs make both words 65535; 200 and 25,700 as clients of node write them */
    {WORDS, "05 01 120a10 02 0004 000a 84 000000", "00 04 0020 ffffffff", REASON_VALUE_DENIED},
    {WORDS, "05 01 120a10 02 0002 000a 84 000000", "00 04 0010 00c8", REASON_RULE},
    {WORDS, "05 01 120a10 02 0002 000a 84 000000", "00 04 0010 6464", REASON_VALUE_DENIED},
    {WORDS, "05 01 120a10 02 0004 000a 84 000000", "00 04 0020 05dc05dc", REASON_RULE},
    {WORDS, "05 01 120a10 06 0001 000a 84 000000", "00 04 0020 05dc05dc", REASON_RULE},
    /* one bit adds 32768; half of each; one byte; a byte too much */
    {WORDS, "05 01 120a10 01 0001 000a 84 000007", "00 03 0001 01", REASON_VALUE_TYPE},
    {WORDS, "05 01 120a10 04 0001 000a 84 000008", "00 04 0010 05dc", REASON_VALUE_TYPE},
    {WORDS, "05 01 120a10 02 0001 000a 84 000008", "00 04 0008 05", REASON_VALUE_TYPE},
    {WORDS, "05 01 120a10 02 0003 000a 84 000000", "00 04 0018 05dc05", REASON_VALUE_TYPE},
    {WORDS, "05 01 120a10 02 0005 000a 84 000000", "00 04 0028 05dc05dc05", REASON_POINT_DENIED},
    /* two items that make one element, in both orders; that write a byte of it twice */
    {WORDS, "05 02 120a10 02 0001 000a 84 000000 120a10 02 0001 000a 84 000008",
	"00 04 0008 05 00 00 04 0008 dc", REASON_RULE},
    {WORDS, "05 02 120a10 02 0001 000a 84 000008 120a10 02 0001 000a 84 000000",
	"00 04 0008 dc 00 00 04 0008 05", REASON_RULE},
    {WORDS, "05 02 120a10 02 0001 000a 84 000008 120a10 02 0001 000a 84 000000",
	"00 04 0008 dc 00 00 04 0008 06", REASON_VALUE_DENIED},
    {WORDS, "05 02 120a10 04 0001 000a 84 000000 120a10 02 0001 000a 84 000000",
	"00 04 0010 05dc 00 04 0008 ff", REASON_VALUE_TYPE},
    {WORDS, "05 02 120a10 02 0001 000a 84 000000 120a10 02 0001 000b 84 000008",
	"00 04 0008 05 00 00 04 0008 dc", REASON_VALUE_TYPE},
    /* the same element twice, each time whole: both must hold */
    {WORDS, "05 02 120a10 04 0001 000a 84 000000 120a10 04 0001 000a 84 000000",
	"00 04 0010 05dc 00 04 0010 0000", REASON_RULE},
    {WORDS, "05 02 120a10 04 0001 000a 84 000000 120a10 04 0001 000a 84 000000",
	"00 04 0010 05dd 00 04 0010 0000", REASON_VALUE_DENIED},
    /* 25.5 as REAL, as DWORD, as BYTEs; 125.5; one half as a WORD; beside the element */
    {REALS, "05 01 120a10 08 0001 000a 84 000020", "00 07 0004 41cc0000", REASON_RULE},
    {REALS, "05 01 120a10 06 0001 000a 84 000040", "00 04 0020 41cc0000", REASON_RULE},
    {REALS, "05 01 120a10 02 0004 000a 84 000040", "00 04 0020 41cc0000", REASON_RULE},
    {REALS, "05 01 120a10 02 0004 000a 84 000040", "00 04 0020 42fb0000", REASON_VALUE_DENIED},
    {REALS, "05 01 120a10 04 0001 000a 84 000040", "00 04 0010 41cc", REASON_VALUE_TYPE},
    {REALS, "05 01 120a10 08 0001 000a 84 000030", "00 07 0004 41cc0000", REASON_VALUE_TYPE},
    /* bits, alone and in a byte */
    {BITS, "05 01 120a10 01 0001 0000 83 00001a", "00 03 0001 01", REASON_RULE},
    {BITS, "05 01 120a10 01 0001 0000 83 00001a", "00 03 0001 00", REASON_VALUE_DENIED},
    {BITS, "05 01 120a10 01 0001 0000 83 00001a", "00 03 0001 03", REASON_VALUE_TYPE},
    {BITS, "05 01 120a10 02 0001 0000 83 000018", "00 04 0008 ff", REASON_RULE},
    {BITS, "05 01 120a10 02 0001 0000 83 000018", "00 04 0008 fb", REASON_VALUE_DENIED},
    {BITS, "05 01 120a10 04 0001 0000 83 000018", "00 04 0010 ffff", REASON_RULE},
    {BITS, "05 01 120a10 04 0001 0000 83 000018", "00 04 0010 ffef", REASON_VALUE_DENIED},
    /* counters are numbers */
    {WRITE("\"C:1-2\"", "word", "0-9"), "05 01 120a10 1c 0001 0000 1c 000001", "00 09 0002 0009",
	REASON_RULE},
    {WRITE("\"C:1-2\"", "word", "0-9"), "05 01 120a10 1c 0001 0000 1c 000001", "00 09 0002 000a",
	REASON_VALUE_DENIED},
    {WRITE("\"C:1-2\"", "dword", "0-9"), "05 01 120a10 1c 0002 0000 1c 000001",
	"00 09 0004 00000009", REASON_RULE},
    {WRITE("\"C:1-2\"", "dword", "0-9"), "05 01 120a10 1c 0001 0000 1c 000001", "00 09 0002 0000",
	REASON_VALUE_TYPE},
};

static void
bytes_are_put_together(void **state)
{
	for (size_t i = 0; i < sizeof(s7) / sizeof(s7[0]); i++) {
		struct sim *sim = ready(s7[i].rules);
		struct bytes write = job(1, s7[i].request, s7[i].data);

		send(sim, &write);
		if (sim_reason(sim) != s7[i].reason)
			fail_msg("%s, %s of %s: %s, expected %s", s7[i].request, s7[i].data,
			    s7[i].rules, reason_word(sim_reason(sim)), reason_word(s7[i].reason));
		sim_free(sim);
	}
}

#define OUTPUT(type, values)                                                                       \
	"{ access = [\"control\"]; points = [\"g41:3\"]; type = \"" type "\"; values = [\"" values \
	"\"]; }"

static const struct row dnp3[] = {
    {OUTPUT("int16", "-10-10"), "c0 05 29 02 28 0100 0300 f6ff 00", NULL, REASON_RULE},
    {OUTPUT("int16", "-10-10"), "c0 05 29 02 28 0100 0300 f5ff 00", NULL, REASON_VALUE_DENIED},
    {OUTPUT("int16", "-10-10"), "c0 05 29 01 28 0100 0300 05000000 00", NULL, REASON_VALUE_TYPE},
    {OUTPUT("int32", "-10-10"), "c0 05 29 01 28 0100 0300 05000000 00", NULL, REASON_RULE},
    {OUTPUT("float32", "-10-10"), "c0 05 29 03 28 0100 0300 00002041 00", NULL, REASON_RULE},
    {OUTPUT("float32", "-10-10"), "c0 05 29 03 28 0100 0300 00003041 00", NULL,
	REASON_VALUE_DENIED},
    {OUTPUT("float64", "-10-10"), "c0 05 29 04 28 0100 0300 000000000000f03f 00", NULL,
	REASON_RULE},
    {OUTPUT("float64", "-10-10"), "c0 05 29 03 28 0100 0300 00002041 00", NULL, REASON_VALUE_TYPE},
};

static void
analog_outputs_have_their_own_form(void **state)
{
	for (size_t i = 0; i < sizeof(dnp3) / sizeof(dnp3[0]); i++) {
		struct sim *sim = opened("", dnp3[i].rules);

		say(sim, REQUEST, 10, dnp3[i].request);
		if (sim_reason(sim) != dnp3[i].reason)
			fail_msg("%s of %s: %s, expected %s", dnp3[i].request, dnp3[i].rules,
			    reason_word(sim_reason(sim)), reason_word(dnp3[i].reason));
		sim_free(sim);
	}
}

/* What is not here yet is not held against a message, but no byte that completes it is let through.
 */
static void
a_write_in_pieces_is_judged_when_it_is_whole(void **state)
{
	struct sim *sim = sim_new("", "", PAIR);

	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "0001 0000 000b 01 10 0028 0002 04 0001"),
	    VERDICT_ALLOW);
	assert_int_equal(sim_reason(sim), REASON_PARTIAL);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "1171"), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_VALUE_DENIED);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(registers_are_put_together),
	    cmocka_unit_test(bytes_are_put_together),
	    cmocka_unit_test(analog_outputs_have_their_own_form),
	    cmocka_unit_test(a_write_in_pieces_is_judged_when_it_is_whole),
	};

	return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
