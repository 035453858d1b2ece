/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, what a usual master needs: the rules of the manual page permit the procedure that they are
 * for, and nothing beside it.
 *
 * SLUICE_DNP3_7 names the page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

enum { STEPS_MAX = 12, PAGE_MAX = 1 << 16 };

/* Bytes of a message, from the application control on, with "> " or "< " before it. */
struct procedure {
	const char *section; /* of the page */
	const char *steps[STEPS_MAX];
	const char *beside[STEPS_MAX]; /* requests that stay refused */
};

#define TIME "010203040506"
#define LATCH(code, count) "0c 01 28 0100 0700 " code " " count " f4010000 00000000 00"
#define BREAKER(code, on) "0c 01 17 01 00 " code " 01 " on "0000 00000000 00"
#define MODE(function, mode)                                                                   \
	"c0 " function " 46 03 5b 01 1c00 1a00 0200 000000000000 0000 00000000 00000000 " mode \
	" 0000 0000 2f61"

static const struct procedure procedures[] = {
    {"Start-up and polls",
	{"> c0 15 3c 02 06 3c 03 06 3c 04 06", "< c0 81 8000", "> c1 02 50 01 00 07 07 00",
	    "< c1 81 0000", "> c2 01 3c 02 06 3c 03 06 3c 04 06 3c 01 06",
	    "< e2 81 0000 01 02 00 00 00 81", "> c2 00", "> c3 14 3c 02 06 3c 03 06 3c 04 06",
	    "< c3 81 0000", "< f0 82 0000 02 01 17 01 05 81", "> d0 00"},
	{"c0 02 50 01 00 07 07 01", "c0 02 50 01 00 04 04 00", "c0 02 0a 01 00 00 00 01",
	    "c0 02 32 01 07 01 " TIME, "c0 0d", "c0 03 " LATCH("03", "01")}},
    {"Time over a network",
	{"> c0 18", "< c0 81 0000", "> c1 02 32 03 07 01 " TIME, "< c1 81 0000"},
	{"c0 02 32 01 07 01 " TIME, "c0 17", "c0 02 50 01 00 07 07 00"}},
    {"Time over a serial line",
	{"> c0 17", "< c0 81 0000 34 02 07 01 0500", "> c1 02 32 01 07 01 " TIME, "< c1 81 0000"},
	{"c0 02 32 03 07 01 " TIME, "c0 18"}},
    {"Controls and set-points",
	{"> c0 03 " LATCH("03", "01"), "< c0 81 0000 " LATCH("03", "01"),
	    "> c1 04 " LATCH("03", "01"), "< c1 81 0000 " LATCH("03", "01"),
	    "> c2 05 29 02 17 01 03 dc05 00", "< c2 81 0000", "> c3 03 29 02 17 01 03 0000 00",
	    "< c3 81 0000", "> c4 04 29 02 17 01 03 0000 00"},
	{"c0 05 " LATCH("03", "01"), "c0 04 " LATCH("03", "01"), "c0 03 " LATCH("03", "02"),
	    "c0 03 " LATCH("81", "01"), "c0 05 29 02 17 01 03 dd05 00",
	    /* with clear, and in a queue */
	    "c0 03 " LATCH("23", "01"), "c0 03 " LATCH("13", "01")}},
    {"Breakers",
	{"> c0 03 " BREAKER("81", "e803"), "< c0 81 0000", "> c1 04 " BREAKER("81", "e803"),
	    "< c1 81 0000", "> c2 03 " BREAKER("41", "e803")},
	{"c0 03 " BREAKER("81", "e903"), "c0 03 " BREAKER("91", "e803"),
	    "c0 03 " BREAKER("a1", "e803"), "c0 03 " BREAKER("03", "e803")}},
    {"Counters that are frozen",
	{"> c0 07 14 00 06", "< c0 81 0000", "> c1 09 14 00 00 00 03", "< c1 81 0000",
	    "> c2 01 15 00 06"},
	{"c0 07 1e 00 06", "c0 08 14 00 06", "c0 01 1e 00 06"}},
    {"Classes that are assigned",
	{"> c0 16 3c 02 06 01 00 06 3c 03 06 1e 00 00 00 09", "< c0 81 0000"},
	{"c0 16 3c 02 06 1e 00 00 00 0a", "c0 16 3c 02 06 1e 00 06", "c0 16 3c 02 06 14 00 06"}},
    {"Files that are read",
	{"> " MODE("19", "0100"), "< c0 81 0000", "> c1 01 46 05 5b 01 0800 01000000 00000000",
	    "< c1 81 0000", "> c2 1a 46 04 5b 01 0d00 01000000 00000000 0000 0000 00"},
	{MODE("19", "0200"), MODE("19", "0300"), MODE("1b", "0100"),
	    "c0 02 46 05 5b 01 0a00 01000000 00000000 6162"}},
};

enum { PROCEDURES = sizeof(procedures) / sizeof(procedures[0]) };

static char page[PAGE_MAX];

/* What stands between "rules: (" and ");" of a section. */
static void
rules_of(const char *section, char *ret_rules, size_t size)
{
	char heading[128];
	const char *start, *end;

	snprintf(heading, sizeof(heading), "\n.Ss %s\n", section);
	start = strstr(page, heading);
	if (start == NULL || (start = strstr(start, "rules: (\n")) == NULL)
		fail_msg("the page has no rules for \"%s\"", section);
	start += strlen("rules: (\n");
	end = strstr(start, "\n);\n");
	assert_non_null(end);
	assert_true((size_t)(end - start) < size);
	memcpy(ret_rules, start, (size_t)(end - start));
	ret_rules[end - start] = '\0';
}

static void
rules_permit_their_procedure(void **state)
{
	char rules[2048];

	for (size_t i = 0; i < PROCEDURES; i++) {
		const struct procedure *p = &procedures[i];
		struct sim *sim;

		rules_of(p->section, rules, sizeof(rules));
		sim = opened("", rules);
		/* the link layer is always reset, and asked whether it is there */
		assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
		assert_allowed(sim, say_frame(sim, RESPONSE, 0x00, 10));
		assert_allowed(sim, say_frame(sim, REQUEST, 0xc9, 10));
		assert_allowed(sim, say_frame(sim, RESPONSE, 0x0b, 10));
		for (size_t n = 0; n < STEPS_MAX && p->steps[n] != NULL; n++)
			if (say(sim, p->steps[n][0] == '>' ? REQUEST : RESPONSE, 10,
				&p->steps[n][2]) != VERDICT_ALLOW)
				fail_msg("%s: %s: %s", p->section, p->steps[n],
				    reason_word(sim_reason(sim)));
		sim_free(sim);
	}
}

static void
rules_permit_nothing_beside_it(void **state)
{
	char rules[2048];

	for (size_t i = 0; i < PROCEDURES; i++) {
		const struct procedure *p = &procedures[i];

		rules_of(p->section, rules, sizeof(rules));
		for (size_t n = 0; n < STEPS_MAX && p->beside[n] != NULL; n++) {
			struct sim *sim = opened("", rules);

			if (say(sim, REQUEST, 10, p->beside[n]) == VERDICT_ALLOW)
				fail_msg("%s permits %s", p->section, p->beside[n]);
			/* by the rules, not because it makes no sense */
			if (sim_reason(sim) != REASON_FUNCTION_DENIED &&
			    sim_reason(sim) != REASON_POINT_DENIED &&
			    sim_reason(sim) != REASON_VALUE_DENIED)
				fail_msg("%s: %s: %s", p->section, p->beside[n],
				    reason_word(sim_reason(sim)));
			sim_free(sim);
		}
	}
}

/* The bits for queue and clear make another number of a word, as the page says. */
static void
queue_and_clear_are_part_of_the_number(void **state)
{
	static const struct {
		const char *values;
		const char *message;
		bool allowed;
	} rows[] = {
	    {"latch-on", "c0 05 " LATCH("03", "01"), true},
	    {"latch-on", "c0 05 " LATCH("23", "01"), false},
	    {"latch-on", "c0 05 " LATCH("13", "01"), false},
	    {"35", "c0 05 " LATCH("23", "01"), true},
	    {"35", "c0 05 " LATCH("03", "01"), false},
	    {"19", "c0 05 " LATCH("13", "01"), true},
	    {"161", "c0 05 " LATCH("a1", "01"), true},
	};
	char rules[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim *sim;
		enum verdict verdict;

		snprintf(rules, sizeof(rules),
		    "{ functions = [\"direct-operate\"]; points = [\"g12:7\"]; values = [\"%s\"]; "
		    "}",
		    rows[i].values);
		sim = opened("", rules);
		verdict = say(sim, REQUEST, 10, rows[i].message);
		if (rows[i].allowed)
			assert_allowed(sim, verdict);
		else
			assert_denied(sim, verdict, REASON_VALUE_DENIED);
		sim_free(sim);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_permit_their_procedure),
	    cmocka_unit_test(rules_permit_nothing_beside_it),
	    cmocka_unit_test(queue_and_clear_are_part_of_the_number),
	};
	const char *path = getenv("SLUICE_DNP3_7");
	FILE *file = path != NULL ? fopen(path, "r") : NULL;

	if (file == NULL || fread(page, 1, sizeof(page) - 1, file) == 0) {
		fprintf(stderr, "SLUICE_DNP3_7 does not name the manual page\n");
		return 1;
	}
	fclose(file);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
