/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3 as the standard has it: traffic that must not be refused, however full, long or rare it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

#define ANY "{ access = [\"any\"]; }"

static const char poll[] = "c0 01 3c 02 06 3c 03 06 3c 04 06 3c 01 06";
static const char select_7[] = "c1 03 " DNP3_CROB("07", "03", "01");
static const char operate_7[] = "c2 04 " DNP3_CROB("07", "03", "01");
static const char operated_7[] = "c2 81 0000 " DNP3_CROB("07", "03", "01");
static const char selected_7[] = "c1 81 0000 " DNP3_CROB("07", "03", "01");

enum { FRAGMENT_MAX = 2048 };

/* A range of `count` points of group 1 variation 2, a byte each, at `at`; where it ends. */
static size_t
put_inputs(uint8_t *fragment, size_t at, size_t count)
{
	uint8_t header[7] = {1, 2, 1, 0, 0, (uint8_t)(count - 1), (uint8_t)((count - 1) >> 8)};

	memcpy(&fragment[at], header, sizeof(header));
	memset(&fragment[at + sizeof(header)], 0x81, count);
	return at + sizeof(header) + count;
}

/* Devices fill a fragment as far as their objects go, so that a few bytes are left of the largest.
 */
static void
responses_of_every_length_pass(void **state)
{
	uint8_t fragment[FRAGMENT_MAX] = {0xc0, 0x81, 0x00, 0x00};
	struct sim *sim = opened("", ANY);

	for (size_t length = 20; length <= FRAGMENT_MAX; length++) {
		for (size_t behind = 1; behind <= 5 && length > 1200; behind += 2) {
			size_t first = (length - 4 - 14) * behind / 6;
			struct wire w = {.length = 0};
			size_t end = put_inputs(fragment, 4, first);

			end = put_inputs(fragment, end, length - end - 7);
			assert_int_equal(end, length);
			sim_reset(sim);
			sim_open(sim);
			assert_allowed(sim, say(sim, REQUEST, 10, poll));
			wire_put_fragment(&w, RESPONSE, 10, fragment, length);
			if (wire_send(sim, RESPONSE, &w) != VERDICT_ALLOW)
				fail_msg("%zu bytes, %zu of them in the first header: %s", length,
				    first, reason_word(sim_reason(sim)));
		}
	}
	sim_free(sim);
}

/* Requests are as long, and a channel may want them shorter. */
static void
requests_of_every_length_pass(void **state)
{
	uint8_t fragment[FRAGMENT_MAX] = {0xc0, 0x01};
	struct sim *sim = opened("fragment_max = 300;", ANY);

	for (size_t length = 250; length <= 300; length++) {
		for (size_t last = 0; last < 10; last++) {
			struct wire w = {.length = 0};
			size_t at = 2, indices = length - 2 - 4 - last * 3;

			/* group 30 by index, then headers of classes */
			memcpy(&fragment[at], (uint8_t[4]){30, 0, 0x17, (uint8_t)indices}, 4);
			memset(&fragment[at + 4], 3, indices);
			at += 4 + indices;
			for (size_t i = 0; i < last; i++, at += 3)
				memcpy(&fragment[at], (uint8_t[3]){60, 2, 6}, 3);
			assert_int_equal(at, length);
			if (indices > 255)
				continue;
			sim_reset(sim);
			sim_open(sim);
			wire_put_fragment(&w, REQUEST, 10, fragment, length);
			if (wire_send(sim, REQUEST, &w) != VERDICT_ALLOW)
				fail_msg("%zu bytes, %zu classes: %s", length, last,
				    reason_word(sim_reason(sim)));
		}
	}
	sim_free(sim);
}

static void
retries_pass(void **state)
{
	struct sim *sim = opened("", ANY);

	/* the same read twice, answered twice; select and operate again under their sequences */
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, REQUEST, 10, poll));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, RESPONSE, 10, "c0 81 0000"));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, REQUEST, 10, select_7));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, RESPONSE, 10, selected_7));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, REQUEST, 10, operate_7));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim, say(sim, RESPONSE, 10, operated_7));
	/* an unsolicited response until it is confirmed, with a poll in between */
	assert_allowed(sim, say(sim, RESPONSE, 10, "f3 82 8000"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c3 01 3c 01 06"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "f3 82 8000"));
	assert_allowed(sim, say(sim, REQUEST, 10, "d3 00"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c3 81 8000"));
	/* a response in two fragments, each confirmed; the second never comes, the master asks anew
	 */
	assert_allowed(sim, say(sim, REQUEST, 10, "c4 01 3c 01 06"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "a4 81 0000 01 02 00 00 00 81"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c4 00"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c5 01 3c 01 06"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "a5 81 0000 01 02 00 00 00 81"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c5 00"));
	assert_allowed(sim, say(sim, RESPONSE, 10, "66 81 0000 01 02 00 01 01 81"));
	assert_allowed(sim, say(sim, REQUEST, 10, "c6 00"));
	sim_free(sim);
}

/* Time by delay measurement and by recorded time, the restart indication, classes assigned. */
static void
the_set_up_of_a_master_passes(void **state)
{
	static const char *const exchange[][2] = {
	    {"c0 15 3c 02 06 3c 03 06 3c 04 06", "c0 81 8000"},
	    {"c1 02 50 01 00 07 07 00", "c1 81 0000"},
	    {"c2 17", "c2 81 0000 34 02 07 01 0a00"},
	    {"c3 02 32 01 07 01 a0b1c2d3e400", "c3 81 0000"},
	    {"c4 18", "c4 81 0000"},
	    {"c5 02 32 03 07 01 a0b1c2d3e400", "c5 81 0000"},
	    {"c6 16 3c 02 06 01 00 06 3c 03 06 1e 00 00 00 07", "c6 81 0000"},
	    {"c7 14 3c 02 06 3c 03 06 3c 04 06", "c7 81 0000"},
	    {"c8 07 14 00 06", "c8 81 0000"},
	    {"c9 0b 32 02 07 01 a0b1c2d3e400 00000000 14 00 06", "c9 81 0000"},
	    {"ca 01 00 fe 00 00 00", "ca 81 0000 00 f2 00 00 00 01 03 414243"},
	    {"cb 01 6e 00 06", "cb 81 0000 6e 03 00 00 00 414243"},
	};
	struct sim *sim = opened("", ANY);

	for (size_t i = 0; i < sizeof(exchange) / sizeof(exchange[0]); i++) {
		if (say(sim, REQUEST, 10, exchange[i][0]) != VERDICT_ALLOW)
			fail_msg("%s: %s", exchange[i][0], reason_word(sim_reason(sim)));
		if (say(sim, RESPONSE, 10, exchange[i][1]) != VERDICT_ALLOW)
			fail_msg("%s: %s", exchange[i][1], reason_word(sim_reason(sim)));
	}
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(responses_of_every_length_pass),
	    cmocka_unit_test(requests_of_every_length_pass),
	    cmocka_unit_test(retries_pass),
	    cmocka_unit_test(the_set_up_of_a_master_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
