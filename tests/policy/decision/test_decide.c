/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules: containment, values, rates, read-write functions.  Each row is a set of rules, a
 * request and what must come of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dissectors.h"
#include "sim.h"

struct row {
	const char *rules;
	const char *request;
	enum reason reason; /* REASON_RULE: allowed */
};

#define READ(p) "{ access = [\"read\"]; points = [" p "]; }"

#define POINTED                                                                                    \
	"{ access = [\"write\", \"control\"]; points = [\"holding:40-42\"]; values = [\"0-10\"]; " \
	"}"

static const struct row rows[] = {
    /* functions and classes */
    {"{ access = [\"read\"]; }", "0001 0000 0006 01 03 0000 000a", REASON_RULE},
    {"{ access = [\"read\"]; }", "0001 0000 0006 01 01 0000 000a", REASON_RULE},
    {"{ access = [\"read\"]; }", "0001 0000 0006 01 06 0000 000a", REASON_FUNCTION_DENIED},
    {"{ access = [\"any\"]; }", "0001 0000 0006 01 06 0000 000a", REASON_RULE},
    {"{ functions = [\"read-coils\"]; }", "0001 0000 0006 01 01 0000 000a", REASON_RULE},
    {"{ functions = [\"read-coils\"]; }", "0001 0000 0006 01 02 0000 000a", REASON_FUNCTION_DENIED},
    /* units */
    {"{ access = [\"read\"]; units = [\"1-3\", \"7\"]; }", "0001 0000 0006 07 03 0000 000a",
	REASON_RULE},
    {"{ access = [\"read\"]; units = [\"1-3\", \"7\"]; }", "0001 0000 0006 04 03 0000 000a",
	REASON_UNIT_DENIED},
    {"{ access = [\"read\"]; units = [\"*\"]; }", "0001 0000 0006 ff 03 0000 000a", REASON_RULE},
    {"{ access = [\"read\"]; units = [\"1\"]; }, { access = [\"write\"]; units = [\"2\"]; }",
	"0001 0000 0006 02 03 0000 000a", REASON_UNIT_DENIED},
    /* containment: whole, joined, overlapping, with a hole, one too many, another space */
    {READ("\"holding:0-99\""), "0001 0000 0006 01 03 0000 0064", REASON_RULE},
    {READ("\"holding:0-98\""), "0001 0000 0006 01 03 0000 0064", REASON_POINT_DENIED},
    {READ("\"holding:1-99\""), "0001 0000 0006 01 03 0000 0064", REASON_POINT_DENIED},
    {READ("\"holding:0-49\"") "," READ("\"holding:50-99\""), "0001 0000 0006 01 03 0000 0064",
	REASON_RULE},
    {READ("\"holding:50-99\"") "," READ("\"holding:0-49\""), "0001 0000 0006 01 03 0000 0064",
	REASON_RULE},
    {READ("\"holding:0-49\", \"holding:50-99\""), "0001 0000 0006 01 03 0000 0064", REASON_RULE},
    {READ("\"holding:0-60\"") "," READ("\"holding:40-99\""), "0001 0000 0006 01 03 0000 0064",
	REASON_RULE},
    {READ("\"holding:0-49\"") "," READ("\"holding:51-99\""), "0001 0000 0006 01 03 0000 0064",
	REASON_POINT_DENIED},
    {READ("\"coil:0-99\""), "0001 0000 0006 01 03 0000 0064", REASON_POINT_DENIED},
    {READ("\"holding:*\""), "0001 0000 0006 01 03 ff9c 0064", REASON_RULE},
    /* rules of other units do not help */
    {"{ access = [\"read\"]; units = [\"1\"]; points = [\"holding:0-49\"]; },"
     "{ access = [\"read\"]; units = [\"2\"]; points = [\"holding:50-99\"]; }",
	"0001 0000 0006 01 03 0000 0064", REASON_POINT_DENIED},
    /* values: every one of them, by the rule that contains its point */
    {"{ access = [\"write\"]; values = [\"0-10\"]; }",
	"0001 0000 000b 01 10 0000 0002 04 000a 0000", REASON_RULE},
    {"{ access = [\"write\"]; values = [\"0-10\"]; }",
	"0001 0000 000b 01 10 0000 0002 04 000a 000b", REASON_VALUE_DENIED},
    {"{ access = [\"write\"]; points = [\"holding:0\"]; values = [\"0-10\"]; },"
     "{ access = [\"write\"]; points = [\"holding:1\"]; values = [\"20-30\"]; }",
	"0001 0000 000b 01 10 0000 0002 04 000a 0014", REASON_RULE},
    {"{ access = [\"write\"]; points = [\"holding:0\"]; values = [\"0-10\"]; },"
     "{ access = [\"write\"]; points = [\"holding:1\"]; values = [\"20-30\"]; }",
	"0001 0000 000b 01 10 0000 0002 04 0014 000a", REASON_VALUE_DENIED},
    {"{ access = [\"write\"]; points = [\"coil:0-15\"]; values = [\"0\"]; }",
	"0001 0000 0006 01 05 0003 0000", REASON_RULE},
    {"{ access = [\"write\"]; points = [\"coil:0-15\"]; values = [\"0\"]; }",
	"0001 0000 0006 01 05 0003 ff00", REASON_VALUE_DENIED},
    {"{ access = [\"write\"]; points = [\"coil:0-15\"]; values = [\"0\"]; }",
	"0001 0000 0009 01 0f 0000 000a 02 0000", REASON_RULE},
    {"{ access = [\"write\"]; points = [\"coil:0-15\"]; values = [\"0\"]; }",
	"0001 0000 0009 01 0f 0000 000a 02 0002", REASON_VALUE_DENIED},
    /* a mask write does not tell its value, so no limit of values can hold */
    {"{ access = [\"write\"]; }", "0001 0000 0008 01 16 0004 00f2 0025", REASON_RULE},
    {"{ access = [\"write\"]; values = [\"0-65535\"]; }", "0001 0000 0008 01 16 0004 00f2 0025",
	REASON_VALUE_DENIED},
    /* read-write: both halves */
    {"{ functions = [\"read-write-multiple-registers\"]; points = [\"holding:0-9\"]; }",
	"0001 0000 000d 01 17 0000 0002 0008 0001 02 0001", REASON_RULE},
    {"{ functions = [\"read-write-multiple-registers\"]; points = [\"holding:0-9\"]; }",
	"0001 0000 000d 01 17 0009 0002 0008 0001 02 0001", REASON_POINT_DENIED},
    {"{ functions = [\"read-write-multiple-registers\"]; points = [\"holding:0-9\"]; }",
	"0001 0000 000d 01 17 0000 0002 000a 0001 02 0001", REASON_POINT_DENIED},
    {"{ functions = [\"read-write-multiple-registers\"]; points = [\"holding:8\"]; }," READ(
	 "\"holding:0-1\""),
	"0001 0000 000d 01 17 0000 0002 0008 0001 02 0001", REASON_RULE},
    {"{ functions = [\"read-write-multiple-registers\"]; points = [\"holding:8\"]; }," READ(
	 "\"holding:0-9\""),
	"0001 0000 000d 01 17 0000 0002 0009 0001 02 0001", REASON_POINT_DENIED},
    {READ("\"holding:0-9\""), "0001 0000 000d 01 17 0000 0002 0008 0001 02 0001",
	REASON_FUNCTION_DENIED},
    /* the reading half is not spoken for by a rule of another unit, nor bound by values */
    {"{ functions = [\"read-write-multiple-registers\"]; points = [\"holding:8\"]; },"
     "{ access = [\"read\"]; units = [\"2\"]; points = [\"holding:0-9\"]; }",
	"0001 0000 000d 01 17 0000 0002 0008 0001 02 0001", REASON_POINT_DENIED},
    {"{ functions = [\"read-write-multiple-registers\"]; values = [\"0-10\"]; }",
	"0001 0000 000d 01 17 0000 0002 0008 0001 02 0001", REASON_RULE},
    /* a file is not its neighbour */
    {"{ access = [\"file\"]; points = [\"file:4:0-9\"]; }",
	"0001 0000 000a 01 14 07 06 0004 0001 0002", REASON_RULE},
    {"{ access = [\"file\"]; points = [\"file:4:0-9\"]; }",
	"0001 0000 000a 01 14 07 06 0003 0001 0002", REASON_POINT_DENIED},
    {"{ access = [\"file\"]; points = [\"file:4:0-9\"]; }",
	"0001 0000 000a 01 14 07 06 0005 0001 0002", REASON_POINT_DENIED},
    /* what an opaque function touches can't be told */
    {"{ functions = [\"user-defined-65\", \"read-holding-registers\"]; points = [\"holding:0-9\"]; "
     "}",
	"0001 0000 0004 01 41 0001", REASON_FUNCTION_DENIED},
    {"{ functions = [\"user-defined-65\", \"write-single-register\"]; values = [\"0-9\"]; }",
	"0001 0000 0004 01 41 0001", REASON_FUNCTION_DENIED},
    {"{ access = [\"any\"]; }", "0001 0000 0004 01 41 0001", REASON_RULE},
    {"{ functions = [\"user-defined-66\"]; }", "0001 0000 0004 01 41 0001", REASON_FUNCTION_DENIED},
    /* writes to unit 0 are broadcasts behind a gateway: they must be named, reads need not */
    {"{ access = [\"write\"]; }", "0001 0000 0006 00 06 0000 0001", REASON_UNIT_DENIED},
    {"{ access = [\"any\"]; }", "0001 0000 0006 00 06 0000 0001", REASON_UNIT_DENIED},
    {"{ access = [\"write\"]; units = [\"*\"]; }", "0001 0000 0006 00 06 0000 0001",
	REASON_UNIT_DENIED},
    {"{ access = [\"write\"]; units = [\"0-2\"]; }", "0001 0000 0006 00 05 0000 ff00",
	REASON_UNIT_DENIED},
    {"{ access = [\"write\"]; units = [\"0\"]; }", "0001 0000 0009 00 10 0000 0001 02 0001",
	REASON_UNIT_DENIED},
    {"{ access = [\"any\"]; units = [\"*\"]; }", "0001 0000 0006 00 08 0001 ff00",
	REASON_UNIT_DENIED},
    {"{ access = [\"any\"]; units = [\"*\"]; }", "0001 0000 0004 00 41 0001", REASON_UNIT_DENIED},
    {"{ access = [\"any\"]; units = [\"*\"]; }", "0001 0000 000d 00 17 0000 0002 0008 0001 02 0001",
	REASON_UNIT_DENIED},
    {"{ access = [\"write\"]; units = [\"broadcast\"]; }", "0001 0000 0006 00 06 0000 0001",
	REASON_RULE},
    {"{ access = [\"write\"]; units = [\"broadcast\", \"0-255\"]; }",
	"0001 0000 0006 00 06 0000 0001", REASON_RULE},
    {"{ access = [\"write\"]; units = [\"broadcast\"]; }", "0001 0000 0006 01 06 0000 0001",
	REASON_UNIT_DENIED},
    {"{ access = [\"read\"]; }", "0001 0000 0006 00 03 0000 000a", REASON_RULE},
    {"{ access = [\"read\"]; units = [\"0-2\"]; }", "0001 0000 0006 00 03 0000 000a", REASON_RULE},
    {"{ access = [\"diagnose\"]; units = [\"*\"]; }", "0001 0000 0006 00 08 0002 0000",
	REASON_RULE},
    /* what touches no point and changes the device as a whole: restart, listen only, counters */
    {POINTED, "0001 0000 0006 01 08 0001 ff00", REASON_FUNCTION_DENIED},
    {POINTED, "0001 0000 0006 01 08 0004 0000", REASON_FUNCTION_DENIED},
    {POINTED, "0001 0000 0006 01 08 000a 0000", REASON_FUNCTION_DENIED},
    {"{ access = [\"control\"]; points = [\"holding:40\"]; }", "0001 0000 0006 01 08 0001 ff00",
	REASON_FUNCTION_DENIED},
    {"{ functions = [\"restart-communications\", \"write-single-coil\"]; values = [\"1\"]; }",
	"0001 0000 0006 01 08 0001 ff00", REASON_FUNCTION_DENIED},
    {"{ functions = [\"restart-communications\"]; }", "0001 0000 0006 01 08 0001 ff00",
	REASON_RULE},
    {"{ functions = [\"restart-communications\"]; units = [\"2\"]; }," POINTED,
	"0001 0000 0006 01 08 0001 ff00", REASON_UNIT_DENIED},
    {"{ access = [\"control\"]; rate = \"1/h\"; }", "0001 0000 0006 01 08 0001 ff00", REASON_RULE},
    /* what only asks does no harm to points */
    {"{ access = [\"diagnose\"]; points = [\"holding:40\"]; }", "0001 0000 0006 01 08 0002 0000",
	REASON_RULE},
};

static void
rules_say(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim *sim = sim_new("", "", rows[i].rules);
		enum verdict verdict;

		sim_open(sim);
		verdict = sim_send(sim, DIRECTION_REQUEST, rows[i].request);
		if (sim_reason(sim) != rows[i].reason ||
		    (verdict == VERDICT_ALLOW) != (rows[i].reason == REASON_RULE))
			fail_msg("%s of %s: %s, expected %s", rows[i].request, rows[i].rules,
			    reason_word(sim_reason(sim)), reason_word(rows[i].reason));
		sim_free(sim);
	}
}

static void
order_of_rules_does_not_matter(void **state)
{
	static const char *const rules[] = {READ("\"holding:0-4\""),
	    "{ access = [\"write\"]; values = [\"1\"]; }", READ("\"holding:5-9\", \"coil:1\""),
	    "{ access = [\"write\"]; points = [\"holding:3\"]; rate = \"9/s\"; }"};
	static const char *const requests[] = {"0001 0000 0006 01 03 0000 000a",
	    "0001 0000 0006 01 06 0003 0002", "0001 0000 0006 01 06 0004 0001",
	    "0001 0000 0006 01 06 0004 0002"};

	for (size_t r = 0; r < 4; r++) {
		enum verdict first = VERDICT_DENY;

		for (unsigned turn = 0; turn < 4; turn++) {
			struct sim *sim;
			enum verdict verdict;
			char text[512];

			snprintf(text, sizeof(text), "%s, %s, %s, %s", rules[turn],
			    rules[(turn + 1) % 4], rules[(turn + 2) % 4], rules[(turn + 3) % 4]);
			sim = sim_new("", "", text);
			sim_open(sim);
			verdict = sim_send(sim, DIRECTION_REQUEST, requests[r]);
			if (turn == 0)
				first = verdict;
			assert_int_equal(verdict, first);
			sim_free(sim);
		}
	}
}

static void
rate_is_a_burst_and_then_a_pace(void **state)
{
	struct sim *sim = sim_new("mode = \"enforce\"; on_deny = \"drop\";", "",
	    "{ access = [\"write\"]; rate = \"3/min\"; }");
	static const char write[] = "0001 0000 0006 01 06 0000 0001";

	sim_open(sim);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sim_send(sim, DIRECTION_REQUEST, write), VERDICT_ALLOW);
		assert_int_equal(sim_send(sim, DIRECTION_RESPONSE, write), VERDICT_ALLOW);
	}
	sim->now_ns += UINT64_C(20000000000);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, write), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, write), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_RATE_EXCEEDED);
	sim_free(sim);
}

static void
a_message_in_pieces_uses_the_rate_once(void **state)
{
	struct sim *sim = sim_new("", "", "{ access = [\"write\"]; rate = \"1/h\"; }");

	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "0001 0000 0006"), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "01 06 00"), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "00 00"), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "01"), VERDICT_ALLOW);
	sim_free(sim);
}

static void
a_rule_needed_twice_by_a_message_is_used_once(void **state)
{
	struct sim *sim = sim_new("", "",
	    "{ access = [\"read\"]; points = [\"holding:0-4\", \"holding:6-9\"]; rate = \"2/h\"; },"
	    "{ access = [\"read\"]; points = [\"holding:5\"]; }");

	sim_open(sim);
	for (int i = 0; i < 2; i++)
		assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "0001 0000 0006 01 03 0000 000a"),
		    VERDICT_ALLOW);
	assert_int_equal(
	    sim_send(sim, DIRECTION_REQUEST, "0001 0000 0006 01 03 0000 000a"), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_RATE_EXCEEDED);
	sim_free(sim);
}

static void
an_unlimited_rule_spares_the_rate(void **state)
{
	struct sim *sim = sim_new("", "",
	    "{ access = [\"write\"]; rate = \"1/h\"; }, { access = [\"write\"]; points = "
	    "[\"holding:0\"]; }");

	sim_open(sim);
	for (int i = 0; i < 5; i++)
		assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "0001 0000 0006 01 06 0000 0001"),
		    VERDICT_ALLOW);
	assert_int_equal(
	    sim_send(sim, DIRECTION_REQUEST, "0001 0000 0006 01 06 0001 0001"), VERDICT_ALLOW);
	assert_int_equal(
	    sim_send(sim, DIRECTION_REQUEST, "0001 0000 0006 01 06 0001 0001"), VERDICT_DENY);
	sim_free(sim);
}

/* A message that needs more rules with a rate than one message may use is refused for that. */
static void
a_message_uses_eight_rates_at_most(void **state)
{
	static const char *const requests[] = {
	    "0001 0000 0006 01 03 0000 0008", "0001 0000 0006 01 03 0000 0009"};
	char rules[1024] = "";

	for (size_t i = 0; i < 9; i++)
		snprintf(&rules[strlen(rules)], sizeof(rules) - strlen(rules),
		    "%s{ access = [\"read\"]; points = [\"holding:%zu\"]; rate = \"5/h\"; }",
		    i > 0 ? ", " : "", i);
	for (size_t i = 0; i < 2; i++) {
		struct sim *sim = sim_new("", "", rules);

		sim_open(sim);
		assert_int_equal(sim_send(sim, DIRECTION_REQUEST, requests[i]),
		    i == 0 ? VERDICT_ALLOW : VERDICT_DENY);
		assert_int_equal(sim_reason(sim), i == 0 ? REASON_RULE : REASON_RATE_EXCEEDED);
		sim_free(sim);
	}
}

/* Behind a gateway nobody answers to a broadcast; a device that takes unit 0 for itself does. */
static void
broadcasts_take_no_place_from_others(void **state)
{
	struct sim *sim = sim_new("", "outstanding = 4;",
	    "{ access = [\"read\"]; }, { access = [\"write\"]; units = [\"broadcast\"]; }");

	sim_open(sim);
	for (int i = 0; i < 70; i++)
		assert_allowed(
		    sim, sim_send(sim, DIRECTION_REQUEST, "0001 0000 0006 00 06 0000 0001"));
	assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, "0001 0000 0006 00 06 0000 0001"));
	for (int i = 0; i < 4; i++)
		assert_allowed(
		    sim, sim_send(sim, DIRECTION_REQUEST, "0002 0000 0006 01 03 0000 0001"));
	for (int i = 0; i < 4; i++)
		assert_allowed(
		    sim, sim_send(sim, DIRECTION_RESPONSE, "0002 0000 0005 01 03 02 0007"));
	sim_free(sim);
}

/* Units of protocols in which the client has an address, too. */
static void
unit_and_its_source_must_both_be_meant(void **state)
{
	static struct unit_range ranges[] = {
	    {2, 3, 10, 11, false}, {5, 5, 20, 20, false}, {0, UINT32_MAX, 30, 30, true}};
	static const struct {
		uint32_t source;
		uint32_t unit;
		bool named;
		bool matches;
	} messages[] = {
	    {2, 10, false, true},
	    {3, 11, false, true},
	    {1, 10, false, false},
	    {4, 10, false, false},
	    {2, 9, false, false},
	    {2, 12, false, false},
	    {5, 20, false, true},
	    {5, 10, false, false},
	    {2, 20, false, false},
	    /* a special one is in no range but those of special ones, and these have no others */
	    {3, 10, true, false},
	    {3, 30, true, true},
	    {3, 30, false, false},
	};
	const struct dissector *modbus = dissector_find("modbus");
	struct message *message = calloc(1, sizeof(*message));
	struct rule rule = {.functions = {1}, .units = ranges, .unit_count = 3};
	struct rule any = {.functions = {1}};

	message_init(message, modbus);
	message->function = &modbus->functions[0];
	message->has_unit = true;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		message->unit_source = messages[i].source;
		message->unit = messages[i].unit;
		message->unit_named = messages[i].named;
		assert_int_equal(rule_matches(&rule, message), messages[i].matches);
		assert_int_equal(rule_matches(&any, message), !messages[i].named);
	}
	message->has_unit = false;
	assert_true(rule_matches(&rule, message));
	message->function = &modbus->functions[1];
	assert_false(rule_matches(&rule, message));
	free(message);
}

static void
nearest_rule_is_the_one_a_person_would_change(void **state)
{
	struct sim *sim = sim_new("", "",
	    READ("\"coil:0-9\"") ", { functions = [\"write-single-register\"]; points = "
				 "[\"holding:40-42\"]; },"
				 "{ functions = [\"write-single-register\"]; units = [\"9\"]; }");
	const struct channel *channel = sim->policy->channels[0];
	struct message *message = calloc(1, sizeof(*message));
	uint8_t bytes[16];
	uint32_t length;
	enum reason reason;
	static struct context_room room;
	struct context context = context_new(&room);

	sim_hex("0001 0000 0006 01 06 0032 0001", bytes, sizeof(bytes));
	assert_int_equal(dissect(channel->dissector, DIRECTION_REQUEST, &context, bytes, 12, NULL,
			     message, &length, &reason),
	    DISSECT_COMPLETE);
	assert_ptr_equal(decide_nearest(channel, message), &channel->rules[1]);
	free(message);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_say),
	    cmocka_unit_test(order_of_rules_does_not_matter),
	    cmocka_unit_test(rate_is_a_burst_and_then_a_pace),
	    cmocka_unit_test(a_message_in_pieces_uses_the_rate_once),
	    cmocka_unit_test(a_rule_needed_twice_by_a_message_is_used_once),
	    cmocka_unit_test(an_unlimited_rule_spares_the_rate),
	    cmocka_unit_test(a_message_uses_eight_rates_at_most),
	    cmocka_unit_test(broadcasts_take_no_place_from_others),
	    cmocka_unit_test(unit_and_its_source_must_both_be_meant),
	    cmocka_unit_test(nearest_rule_is_the_one_a_person_would_change),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
