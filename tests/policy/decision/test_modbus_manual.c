/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus, what a usual client needs: the rules of the manual page permit the requests that they are
 * for, and nothing beside them.
 *
 * SLUICE_MODBUS_7 names the page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim.h"

enum { STEPS_MAX = 12, PAGE_MAX = 1 << 16 };

/* Messages from the unit on; a request that is permitted, the answer to it, and so on. */
struct need {
	const char *section; /* of the page */
	const char *talk[STEPS_MAX];
	const char *beside[STEPS_MAX]; /* requests that stay refused */
};

static const struct need needs[] = {
    {"Values that are shown",
	{"01 03 0000 0002", "01 03 04 00010002", "01 04 0013 0001", "01 04 02 0001",
	    "01 01 0000 0010", "01 01 02 0000", "01 02 0000 0010", "01 02 02 0000",
	    "01 03 0062 0002", "01 83 02"},
	{"01 03 0063 0002", "01 04 0014 0001", "02 03 0000 0001", "01 06 0000 0001",
	    "01 05 0000 ff00", "01 17 0000 0001 0000 0001 02 0000", "01 08 0001 0000"}},
    {"Set-points and switches",
	{"01 06 0028 05dc", "01 06 0028 05dc", "01 10 0028 0003 06 0001 0002 05dc",
	    "01 10 0028 0003", "01 05 0003 ff00", "01 05 0003 ff00", "01 0f 0003 0001 01 01",
	    "01 0f 0003 0001"},
	{"01 06 0028 05dd", "01 10 0028 0002 04 0001 05dd", "01 10 002a 0002 04 0001 0001",
	    "01 06 0027 0001", "01 05 0004 ff00", "01 0f 0003 0002 01 03", "01 16 0028 ffff 0000",
	    "02 06 0028 0001", "00 06 0028 0001"}},
    {"Numbers with decimals",
	{"01 10 0064 0002 04 42200000", "01 10 0064 0002", "01 10 0064 0004 08 42200000 c1a00000",
	    "01 10 0064 0004"},
	{"01 10 0064 0002 04 42c80000", "01 06 0064 4220", "01 10 0065 0002 04 42200000",
	    "01 10 0064 0001 02 4220"}},
    {"Asking who is there",
	{"01 2b 0e 01 00", "01 ab 01", "01 11", "01 91 01", "01 08 0000 a537", "01 08 0000 a537"},
	{"01 08 0001 0000", "01 08 0004 0000", "01 08 000a 0000", "01 03 0000 0001"}},
    {"Behind a serial gateway",
	{"01 03 0000 0010", "01 83 0b", "08 06 0000 0064", "08 06 0000 0064", "00 05 0007 0000"},
	{"09 03 0000 0001", "08 06 0000 0065", "00 05 0007 ff00", "00 06 0000 0001",
	    "01 05 0007 0000"}},
};

enum { NEEDS = sizeof(needs) / sizeof(needs[0]) };

static char page[PAGE_MAX];

/* The elements of "rules: ( ... );" in the example of a section. */
static void
rules_of(const char *section, char *ret_rules, size_t size)
{
	char heading[64];
	char *start, *end;

	snprintf(heading, sizeof(heading), ".Ss %s\n", section);
	start = strstr(page, heading);
	assert_non_null(start);
	start = strstr(start, "rules: (\n");
	assert_non_null(start);
	start += strlen("rules: (\n");
	end = strstr(start, "\n);");
	assert_non_null(end);
	assert_in_range(end - start, 1, size - 1);
	memcpy(ret_rules, start, (size_t)(end - start));
	ret_rules[end - start] = '\0';
}

static enum verdict
say(struct sim *sim, enum direction direction, uint8_t transaction, const char *hex)
{
	uint8_t bytes[6 + 254] = {0, transaction};
	size_t length = sim_hex(hex, &bytes[6], sizeof(bytes) - 6);

	bytes[5] = (uint8_t)length;
	return sim_send_bytes(sim, direction, bytes, 6 + length);
}

static struct sim *
opened(const char *rules)
{
	struct sim *sim = sim_new("", "", rules);

	sim_open(sim);
	return sim;
}

static void
rules_permit_what_they_are_for(void **state)
{
	char rules[2048];

	for (size_t i = 0; i < NEEDS; i++) {
		const struct need *h = &needs[i];
		struct sim *sim;

		rules_of(h->section, rules, sizeof(rules));
		sim = opened(rules);
		for (size_t n = 0; n < STEPS_MAX && h->talk[n] != NULL; n++)
			if (say(sim, n % 2 == 0 ? DIRECTION_REQUEST : DIRECTION_RESPONSE,
				(uint8_t)(n / 2 + 1), h->talk[n]) != VERDICT_ALLOW)
				fail_msg("%s: %s: %s", h->section, h->talk[n],
				    reason_word(sim_reason(sim)));
		sim_free(sim);
	}
}

static void
rules_permit_nothing_beside_it(void **state)
{
	char rules[2048];

	for (size_t i = 0; i < NEEDS; i++) {
		const struct need *h = &needs[i];

		rules_of(h->section, rules, sizeof(rules));
		for (size_t n = 0; n < STEPS_MAX && h->beside[n] != NULL; n++) {
			struct sim *sim = opened(rules);
			enum reason reason;

			if (say(sim, DIRECTION_REQUEST, 1, h->beside[n]) == VERDICT_ALLOW)
				fail_msg("%s permits %s", h->section, h->beside[n]);
			/* by the rules, not because it makes no sense */
			reason = sim_reason(sim);
			if (reason != REASON_FUNCTION_DENIED && reason != REASON_UNIT_DENIED &&
			    reason != REASON_POINT_DENIED && reason != REASON_VALUE_DENIED &&
			    reason != REASON_VALUE_TYPE)
				fail_msg(
				    "%s: %s: %s", h->section, h->beside[n], reason_word(reason));
			sim_free(sim);
		}
	}
}

/* Each example of the section is tried. */
static void
every_example_is_tried(void **state)
{
	const char *p = strstr(page, ".Sh WHAT A USUAL CLIENT NEEDS\n");
	const char *end = p != NULL ? strstr(p, ".Sh WHAT IS REFUSED") : NULL;
	size_t count = 0;

	assert_non_null(end);
	while ((p = strstr(p + 1, "rules: (")) != NULL && p < end)
		count++;
	assert_int_equal(count, NEEDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_permit_what_they_are_for),
	    cmocka_unit_test(rules_permit_nothing_beside_it),
	    cmocka_unit_test(every_example_is_tried),
	};
	const char *path = getenv("SLUICE_MODBUS_7");
	FILE *file = path != NULL ? fopen(path, "r") : NULL;

	if (file == NULL || fread(page, 1, sizeof(page) - 1, file) == 0) {
		fprintf(stderr, "SLUICE_MODBUS_7 does not name the manual page\n");
		return 1;
	}
	fclose(file);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
