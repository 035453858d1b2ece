/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, the length of fragments: 2,048 bytes, or what the channel says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

#define ANY "{ access = [\"any\"]; }"

static const char poll[] = "c0 01 3c 02 06";

enum { NORMAL = 2048, LARGEST = 4096, CROB_SIZE = 11, CROBS_MAX = 170 };

/* A response of `length` bytes to a poll: binary inputs, a byte each. */
static enum verdict
respond(struct sim *sim, size_t length)
{
	uint8_t fragment[LARGEST + 1] = {0xc0, 0x81, 0, 0, 1, 2, 1, 0, 0};
	struct wire w = {.length = 0};
	size_t count = length - 11;

	fragment[9] = (uint8_t)(count - 1);
	fragment[10] = (uint8_t)((count - 1) >> 8);
	memset(&fragment[11], 0x81, count);
	sim_reset(sim);
	sim_open(sim);
	assert_allowed(sim, say(sim, REQUEST, 10, poll));
	wire_put_fragment(&w, RESPONSE, 10, fragment, length);
	return wire_send(sim, RESPONSE, &w);
}

/* A read of `length` bytes, by indices. */
static enum verdict
request(struct sim *sim, size_t length)
{
	uint8_t fragment[LARGEST + 1] = {0xc0, 0x01};
	struct wire w = {.length = 0};
	size_t at = 2;

	while (at < length) {
		size_t indices = length - at - 4 < 250 ? length - at - 4 : 250;

		/* what is left must hold another header */
		if (length - at - 4 - indices < 5)
			indices = length - at - 4 > 250 ? 200 : length - at - 4;
		memcpy(&fragment[at], (uint8_t[4]){30, 0, 0x17, (uint8_t)indices}, 4);
		for (size_t i = 0; i < indices; i++)
			fragment[at + 4 + i] = (uint8_t)i;
		at += 4 + indices;
	}
	sim_reset(sim);
	sim_open(sim);
	wire_put_fragment(&w, REQUEST, 10, fragment, length);
	return wire_send(sim, REQUEST, &w);
}

/* Where a header tells of more objects than there is room for, that is what is wrong. */
static void
fragments_end_at_2048_bytes(void **state)
{
	struct sim *sim = opened("", ANY);

	assert_allowed(sim, respond(sim, NORMAL));
	assert_denied(sim, respond(sim, NORMAL + 1), REASON_LENGTH_MISMATCH);
	assert_allowed(sim, request(sim, NORMAL));
	assert_denied(sim, request(sim, NORMAL + 1), REASON_FRAGMENT_TOO_LONG);
	sim_free(sim);
}

static void
fragments_end_where_the_channel_says(void **state)
{
	struct sim *sim = opened("fragment_max = 4096;", ANY);

	assert_allowed(sim, respond(sim, NORMAL + 1));
	assert_allowed(sim, respond(sim, LARGEST));
	assert_denied(sim, respond(sim, LARGEST + 1), REASON_LENGTH_MISMATCH);
	assert_allowed(sim, request(sim, NORMAL + 1));
	assert_allowed(sim, request(sim, LARGEST));
	assert_denied(sim, request(sim, LARGEST + 1), REASON_FRAGMENT_TOO_LONG);
	sim_free(sim);
	sim = opened("fragment_max = 3000;", ANY);
	assert_allowed(sim, respond(sim, 3000));
	assert_denied(sim, respond(sim, 3001), REASON_LENGTH_MISMATCH);
	sim_free(sim);
}

/* What is forbidden is found wherever it stands. */
static void
a_point_behind_2048_bytes_is_judged(void **state)
{
	struct sim *sim =
	    opened("fragment_max = 4096;", "{ access = [\"read\"]; points = [\"g30:0-249\"]; }");
	uint8_t fragment[LARGEST] = {0xc0, 0x01};
	size_t at = 2;

	for (int header = 0; header < 16; header++, at += 254) {
		memcpy(&fragment[at], (uint8_t[4]){30, 0, 0x17, 250}, 4);
		for (unsigned i = 0; i < 250; i++)
			fragment[at + 4 + i] = (uint8_t)i;
	}
	for (int forbidden = 0; forbidden < 2; forbidden++) {
		struct wire w = {.length = 0};

		fragment[at - 1] = forbidden ? 250 : 249;
		sim_reset(sim);
		sim_open(sim);
		wire_put_fragment(&w, REQUEST, 10, fragment, at);
		if (forbidden)
			assert_denied(sim, wire_send(sim, REQUEST, &w), REASON_POINT_DENIED);
		else
			assert_allowed(sim, wire_send(sim, REQUEST, &w));
	}
	sim_free(sim);
}

/* A control of `count` blocks; function 3 is SELECT, 4 is OPERATE. */
static enum verdict
control(struct sim *sim, uint8_t function, unsigned count)
{
	static const uint8_t block[CROB_SIZE] = {3, 1, 0xf4, 1};
	uint8_t fragment[LARGEST] = {(uint8_t)(0xc0 + function), function, 12, 1, 0x17};
	struct wire w = {.length = 0};
	size_t at = 6;

	fragment[5] = (uint8_t)count;
	for (unsigned i = 0; i < count; i++, at += 1 + CROB_SIZE) {
		fragment[at] = (uint8_t)i;
		memcpy(&fragment[at + 1], block, CROB_SIZE);
	}
	wire_put_fragment(&w, REQUEST, 10, fragment, at);
	return wire_send(sim, REQUEST, &w);
}

/* A SELECT is kept for its OPERATE, and there is room for 2,048 bytes. */
static void
selects_end_at_2048_bytes_whatever_the_channel_says(void **state)
{
	static const char rules[] = "{ functions = [\"select\", \"operate\"]; }";
	struct sim *sim = opened("fragment_max = 4096;", rules);

	assert_allowed(sim, control(sim, 3, CROBS_MAX));
	assert_allowed(sim, control(sim, 4, CROBS_MAX));
	sim_reset(sim);
	sim_open(sim);
	assert_denied(sim, control(sim, 3, CROBS_MAX + 1), REASON_FRAGMENT_TOO_LONG);
	sim_reset(sim);
	sim_open(sim);
	assert_allowed(sim, control(sim, 3, CROBS_MAX));
	assert_denied(sim, control(sim, 4, CROBS_MAX + 1), REASON_FUNCTION_DENIED);
	sim_free(sim);
	/* nor is one that needs no SELECT taken for one that was selected */
	sim = opened("fragment_max = 4096;", "{ functions = [\"operate-without-select\"]; }");
	assert_allowed(sim, control(sim, 4, 255));
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fragments_end_at_2048_bytes),
	    cmocka_unit_test(fragments_end_where_the_channel_says),
	    cmocka_unit_test(a_point_behind_2048_bytes_is_judged),
	    cmocka_unit_test(selects_end_at_2048_bytes_whatever_the_channel_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
