/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, many outstations behind one connection that speak at once: nothing that is permitted ends
 * it, and nothing is judged less for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

#define ANY "{ access = [\"any\"]; }"
#define SECONDS UINT64_C(1000000000)

enum {
	OUTSTATIONS = 31,
	ASSEMBLIES = 128,
	REQUESTS = 24, /* that are sure to be kept: each takes a piece of 256 bytes */
	PIECES = 40,
	FIRST = 0x40,
	LAST = 0x80,
	HOARDERS = 16, /* whose responses take all room that there is for them */
};

static const char poll[] = "c0 01 3c 02 06";
static const char channel[] = "outstanding = 64; fragment_max = 2048;";

/* A response of analog inputs, `points` of them. */
static size_t
analogs(uint8_t *fragment, unsigned points)
{
	static const uint8_t head[] = {0xc0, 0x81, 0, 0, 30, 1, 1, 0, 0};
	size_t at = sizeof(head);

	memcpy(fragment, head, sizeof(head));
	fragment[at++] = (uint8_t)(points - 1);
	fragment[at++] = (uint8_t)((points - 1) >> 8);
	for (unsigned i = 0; i < points; i++, at += 5)
		memcpy(&fragment[at], (uint8_t[5]){1, (uint8_t)i}, 5);
	return at;
}

static size_t
part_at(size_t at, size_t length)
{
	return length - at < WIRE_SEGMENT_MAX ? length - at : WIRE_SEGMENT_MAX;
}

/* All are polled, and answer in turn, a segment each. */
static void
storm(struct sim *sim, unsigned outstations, unsigned points)
{
	uint8_t fragment[2048];
	size_t length = analogs(fragment, points);
	uint8_t sequence = 0;

	for (unsigned i = 1; i <= outstations; i++)
		assert_allowed(sim, say(sim, REQUEST, i, poll));
	for (size_t at = 0; at < length; at += WIRE_SEGMENT_MAX, sequence++) {
		size_t part = part_at(at, length);
		unsigned flags = (at == 0 ? FIRST : 0U) | (at + part == length ? LAST : 0U);

		for (unsigned i = 1; i <= outstations; i++) {
			struct wire w = {.length = 0};

			wire_put_segment(
			    &w, RESPONSE, i, (uint8_t)(flags | sequence), &fragment[at], part);
			assert_allowed(sim, wire_send(sim, RESPONSE, &w));
			assert_int_equal(
			    sim_reason(sim), flags & LAST ? REASON_RESPONSE : REASON_PARTIAL);
			/* the master acknowledges */
			assert_allowed(sim, sim_send_bytes(sim, REQUEST, NULL, 0));
		}
	}
}

static void
every_poll_of_a_storm_is_answered(void **state)
{
	static const struct {
		unsigned outstations;
		unsigned points;
	} storms[] = {{5, 200}, {OUTSTATIONS, 40}, {OUTSTATIONS, 360}, {64, 100}, {5, 400}};
	struct sim *sim = opened(channel, "{ access = [\"read\"]; units = [\"1>1-64\"]; }");

	for (size_t i = 0; i < sizeof(storms) / sizeof(storms[0]); i++) {
		sim_reset(sim);
		sim_open(sim);
		storm(sim, storms[i].outstations, storms[i].points);
	}
	sim_free(sim);
}

/* Has the outstation begun a response, and let it lie? */
static enum verdict
begin(struct sim *sim, enum direction direction, unsigned outstation, size_t length)
{
	uint8_t fragment[2048] = {0xc0, 0x01};
	struct wire w = {.length = 0};

	if (direction == RESPONSE)
		analogs(fragment, 60);
	else
		for (size_t at = 2; at + 3 <= length; at += 3)
			memcpy(&fragment[at], (uint8_t[3]){30, 1, 6}, 3);
	wire_put_segment(&w, direction, outstation, FIRST, fragment, length);
	return wire_send(sim, direction, &w);
}

/* So many at a time; a response that did not go on for two seconds makes room. */
static void
responses_are_put_together_up_to_a_limit(void **state)
{
	struct sim *sim = opened(channel, ANY);

	for (unsigned outstation = 1; outstation <= ASSEMBLIES; outstation++)
		assert_allowed(sim, begin(sim, RESPONSE, outstation, 5));
	sim->now_ns += 2 * SECONDS;
	for (unsigned outstation = 1; outstation <= ASSEMBLIES; outstation++)
		assert_allowed(sim, begin(sim, RESPONSE, 1000 + outstation, 5));
	assert_denied(sim, begin(sim, RESPONSE, 2000, 5), REASON_ASSEMBLIES_FULL);
	sim_free(sim);
}

/* Requests are kept to their end, whatever responses take. */
static void
requests_are_put_together_up_to_a_limit(void **state)
{
	struct sim *sim = opened(channel, ANY);

	for (unsigned outstation = 1; outstation <= 100; outstation++)
		assert_allowed(sim, begin(sim, RESPONSE, outstation, 200));
	for (unsigned outstation = 1; outstation <= REQUESTS; outstation++)
		assert_allowed(sim, begin(sim, REQUEST, outstation, 200));
	assert_denied(sim, begin(sim, REQUEST, 1000, 200), REASON_ASSEMBLIES_FULL);
	sim_free(sim);
	sim = opened(channel, ANY);
	for (unsigned outstation = 1; outstation <= PIECES; outstation++)
		assert_allowed(sim, begin(sim, REQUEST, outstation, 200));
	assert_denied(sim, begin(sim, REQUEST, 1000, 200), REASON_ASSEMBLIES_FULL);
	sim_free(sim);
}

/* ---- with and without the bytes that went before ---- */

/* Responses as they are, and as they should not be. */
static const char *const answers[] = {
    "c0 81 0000",
    "c0 81 0000 01 01 00 00 2f 010203040506",
    "c0 81 0000 01 01 00 00 2f 0102030405",
    "c0 81 0000 01 01 00 00 2f 01020304050607",
    "c0 81 0000 03 01 00 05 10 aaaaaa 01 02 01 0000 0200 818181",
    "c0 81 0000 1e 01 01 0000 0300 0111111111 0122222222 0133333333 0144444444",
    "c0 81 0000 1e 01 01 0000 0300 0111111111 0122222222 0133333333 01444444",
    "c0 81 0000 1e 02 02 00000000 02000000 011111 012222 013333 1e 04 00 00 00 1234",
    "c0 81 0000 02 01 17 03 0181 0201 0781 02 02 28 0200 0100 81010203040506 0200 01 060504030201",
    "c0 81 0000 02 01 17 03 0181 0201 07",
    "c0 81 0000 20 01 18 0200 01 0111111111 02 0122222222",
    "c0 81 0000 33 01 07 01 010203040506 02 03 17 02 01 81 0102 02 01 0304",
    "c0 81 0000 6e 04 00 00 02 61626364 61626364 61626364 6f 03 17 02 01 616263 02 616263",
    "c0 81 0000 6e 00 00 00 02 6f 00 17 02 01 02 6e 00 02 00000000 ffffffff 1e 02 00 00 00 010203",
    "c0 81 0000 00 f2 00 00 00 02 05 6162636465 00 f1 17 01 00 02 02 6162",
    "c0 81 0000 00 f2 00 00 00 02 05 61626364",
    "c0 81 0000 00 ff 00 00 01 ff 00",
    "c0 81 0000 46 05 5b 01 1000 01000000 00000000 6162636465666768",
    ("c0 81 0000 46 04 5b 02 0d00 01000000 00010000 0004 0100 00 0d00 02000000 00010000 0004 0200 "
     "00"),
    "c0 81 0000 46 07 5b 01 1700 1400 0300 0100 10000000 010203040506 ff01 0100 666f6f",
    "c0 81 0000 46 07 5b 01 1700 1400 0400 0100 10000000 010203040506 ff01 0100 666f6f",
    "c0 81 0000 46 07 5b 01 1700 1300 0300 0100 10000000 010203040506 ff01 0100 666f6f",
    "c0 81 0000 57 01 5b 03 0300 616263 0000 0400 61626364",
    "c0 81 0000 57 01 5b 03 0300 616263 0000 0500 61626364",
    "c0 81 0000 32 01 07 01 010203040506 3c 01 06",
    "c0 81 0000 1e 01 00 05 04 0111111111",
    "c0 81 0000 1e 01 00 00 01 0111111111 0111111111 c8",
    "c0 81 0000 1e 63 00 00 01 0111111111 0111111111",
    "c0 81 0000 0c 01 28 0100 0700 03 01 f4010000 00000000 00",
    "f0 82 0000 02 01 17 03 0181 0281 0381 1e 01 00 01 02 0111111111 0122222222",
    "f0 82 0000 02 01 17 03 0181 0281 0481",
    "f0 82 0000 02 01 28 0300 0100 81 0200 81 0301 81",
    "f0 82 0000 02 01 28 0300 0100 81 0201 81 0300 81",
    "f0 82 0000 1e 01 00 01 04 0111111111 0122222222 0133333333 0144444444",
    "f0 82 0000 01 01 00 00 03 0f",
    "f0 82 0000 01 01 00 01 0a ff03",
    "f0 82 0000 6f 03 17 02 01 616263 05 616263",
    "f0 82 0000 78 07 5b 01 1000 01000000 0300 0100 01 010203040506 61",
    "f0 82 0000 78 07 5b 01 1000 01000000 0400 0100 01 010203040506 61",
};

enum { ANSWERS = sizeof(answers) / sizeof(answers[0]) };

static const char few_points[] =
    "{ access = [\"read\"]; points = [\"class:0-3\", \"g1:*\", \"g2:1-3\", \"g30:1-3\", "
    "\"g111:1-3\", \"g120:1-3\"]; }";

/* No more bytes of responses can be kept. */
static void
fill(struct sim *sim)
{
	for (unsigned i = 0; i < HOARDERS; i++)
		assert_allowed(sim, begin(sim, RESPONSE, 100 + i, 200));
}

/* The reason of the last segment, or of the one that was refused. */
static enum reason
answer_in_parts(
    struct sim *sim, bool filled, const uint8_t *fragment, size_t length, const size_t *parts)
{
	uint8_t sequence = 0;
	size_t at = 0;

	sim_reset(sim);
	sim_open(sim);
	assert_allowed(sim, say(sim, REQUEST, 10, poll));
	if (filled)
		fill(sim);
	for (size_t i = 0; at < length; i++, sequence++) {
		size_t part = parts[i] > 0 && parts[i] < length - at ? parts[i] : length - at;
		unsigned flags = (at == 0 ? FIRST : 0U) | (at + part == length ? LAST : 0U);
		struct wire w = {.length = 0};

		wire_put_segment(
		    &w, RESPONSE, 10, (uint8_t)(flags | sequence), &fragment[at], part);
		if (wire_send(sim, RESPONSE, &w) != VERDICT_ALLOW)
			return sim_reason(sim);
		at += part;
	}
	return sim_reason(sim);
}

static void
assert_same(struct sim *sim, const char *text, const size_t *parts)
{
	uint8_t fragment[WIRE_SEGMENT_MAX];
	size_t length = sim_hex(text, fragment, sizeof(fragment));
	enum reason kept = answer_in_parts(sim, false, fragment, length, parts);
	enum reason cut = answer_in_parts(sim, true, fragment, length, parts);

	if (kept != cut)
		fail_msg("%s in parts of %zu, %zu, %zu: %s, and %s where it is not kept", text,
		    parts[0], parts[1], parts[2], reason_word(kept), reason_word(cut));
}

/* Cut in two, in three, and into single bytes. */
static void
a_response_is_judged_alike_whether_it_is_kept_or_not(void **state)
{
	struct sim *sim = opened(channel, few_points);

	for (size_t i = 0; i < ANSWERS; i++) {
		static const size_t bytes[WIRE_SEGMENT_MAX] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
		uint8_t fragment[WIRE_SEGMENT_MAX];
		size_t length = sim_hex(answers[i], fragment, sizeof(fragment));

		assert_same(sim, answers[i], bytes);
		for (size_t first = 1; first < length; first++)
			for (size_t second = 1; second <= length - first; second += 1 + first % 3)
				assert_same(sim, answers[i],
				    (size_t[WIRE_SEGMENT_MAX]){first, second, second});
	}
	sim_free(sim);
}

/* The list of all attributes is 256 bytes longer than its length says. */
static void
a_long_list_is_passed_over(void **state)
{
	struct sim *sim = opened(channel, ANY);
	uint8_t fragment[512] = {0xc0, 0x81, 0, 0, 0, 0xff, 0, 0, 0, 0xff, 4};
	size_t length = 11 + 256 + 4;

	memcpy(&fragment[length], (uint8_t[6]){1, 2, 0, 0, 0, 0x81}, 6);
	length += 6;
	for (size_t first = 1; first < 40; first++) {
		const size_t parts[8] = {first, 100, 100, 7};

		for (int filled = 0; filled < 2; filled++)
			assert_int_equal(
			    answer_in_parts(sim, filled, fragment, length, parts), REASON_RESPONSE);
	}
	sim_free(sim);
}

/* What is forbidden is found behind any number of bytes that were not kept. */
static void
a_forbidden_point_of_a_long_response_is_found(void **state)
{
	uint8_t fragment[2048] = {0xf0, 0x82, 0, 0, 30, 1, 0x28, 200, 0};
	size_t at = 9;

	for (unsigned i = 0; i < 200; i++, at += 7)
		memcpy(&fragment[at], (uint8_t[7]){1 + i % 3, 0, 1, (uint8_t)i}, 7);
	for (unsigned bad = 0; bad <= 200; bad += 40) {
		struct sim *sim = opened(channel, few_points);
		struct wire w = {.length = 0};

		fill(sim);
		if (bad > 0)
			fragment[9 + (bad - 1) * 7] = 4;
		wire_put_fragment(&w, RESPONSE, 10, fragment, at);
		if (bad == 0)
			assert_allowed(sim, wire_send(sim, RESPONSE, &w));
		else
			assert_denied(sim, wire_send(sim, RESPONSE, &w), REASON_POINT_DENIED);
		if (bad > 0)
			fragment[9 + (bad - 1) * 7] = 1;
		sim_free(sim);
	}
}

/* The longest response that there may be, and a byte more. */
static void
a_response_that_is_not_kept_has_a_longest_length(void **state)
{
	struct sim *sim = opened("fragment_max = 500;", ANY);
	uint8_t fragment[2048];
	size_t length;

	for (unsigned points = 97; points <= 98; points++) {
		struct wire w = {.length = 0};

		sim_reset(sim);
		sim_open(sim);
		assert_allowed(sim, say(sim, REQUEST, 10, poll));
		fill(sim);
		length = analogs(fragment, points);
		wire_put_fragment(&w, RESPONSE, 10, fragment, length);
		if (length <= 500)
			assert_allowed(sim, wire_send(sim, RESPONSE, &w));
		else
			assert_denied(sim, wire_send(sim, RESPONSE, &w), REASON_LENGTH_MISMATCH);
	}
	sim_free(sim);
}

/* ---- requests ---- */

static const uint8_t operate[] = {0xc1, 0x05, 0x0c, 0x01, 0x28, 0x01, 0x00, 0x07, 0x00, 0x03, 0x01,
    0xf4, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

static enum verdict
send_part(struct sim *sim, unsigned outstation, unsigned transport, size_t from, size_t to)
{
	struct wire w = {.length = 0};

	wire_put_segment(&w, REQUEST, outstation, (uint8_t)transport, &operate[from], to - from);
	return wire_send(sim, REQUEST, &w);
}

/* The confirmation of another outstation's response, or a poll of it, between two segments. */
static void
messages_to_other_outstations_stand_between_segments(void **state)
{
	struct sim *sim = opened(channel,
	    "{ access = [\"read\"]; }, { access = [\"control\"]; points = "
	    "[\"g12:7\"]; }");

	for (size_t cut = 1; cut < sizeof(operate); cut++) {
		assert_allowed(sim, send_part(sim, 11, FIRST, 0, cut));
		assert_allowed(sim, say(sim, REQUEST, 10, "c3 00"));
		assert_allowed(sim, say(sim, REQUEST, 10, poll));
		assert_allowed(sim, say(sim, RESPONSE, 10, "c0 81 0000"));
		assert_allowed(sim, send_part(sim, 11, LAST | 1, cut, sizeof(operate)));
		assert_int_equal(sim_reason(sim), REASON_RULE);
		assert_allowed(sim, say(sim, RESPONSE, 11, "c1 81 0000"));
	}
	sim_free(sim);
}

static void
requests_to_many_outstations_come_in_turn(void **state)
{
	struct sim *sim = opened(channel, "{ access = [\"control\"]; points = [\"g12:7\"]; }");

	for (unsigned i = 1; i <= OUTSTATIONS; i++)
		assert_allowed(sim, send_part(sim, i, FIRST, 0, 9));
	for (unsigned i = 1; i <= OUTSTATIONS; i++) {
		assert_allowed(sim, send_part(sim, i, LAST | 1, 9, sizeof(operate)));
		assert_int_equal(sim_reason(sim), REASON_RULE);
	}
	sim_free(sim);
}

/* What stands between them does not hide what is forbidden. */
static void
a_request_is_judged_whatever_stands_between(void **state)
{
	for (size_t cut = 1; cut < sizeof(operate); cut++) {
		struct sim *sim = opened(channel,
		    "{ access = [\"read\", \"control\"]; points = [\"class:*\", \"g12:8\"]; }");

		if (send_part(sim, 11, FIRST, 0, cut) == VERDICT_ALLOW) {
			assert_allowed(sim, say(sim, REQUEST, 10, poll));
			assert_denied(sim, send_part(sim, 11, LAST | 1, cut, sizeof(operate)),
			    REASON_POINT_DENIED);
		}
		sim_free(sim);
	}
}

/* A response that begins anew in the middle of another: the first is given up, as the master does.
 */
static void
a_response_may_begin_anew(void **state)
{
	static const uint8_t half[] = {0xc0, 0x81, 0x00, 0x00, 0x01, 0x02};

	for (int filled = 0; filled < 2; filled++) {
		struct sim *sim = opened(channel, ANY);
		struct wire w = {.length = 0};

		assert_allowed(sim, say(sim, REQUEST, 10, poll));
		if (filled)
			fill(sim);
		wire_put_segment(&w, RESPONSE, 10, FIRST, half, sizeof(half));
		wire_append(&w, &w);
		assert_allowed(sim, wire_send(sim, RESPONSE, &w));
		assert_allowed(sim, say(sim, RESPONSE, 10, "c0 81 0000 01 02 00 00 00 81"));
		assert_int_equal(sim_reason(sim), REASON_RESPONSE);
		w.length = 0;
		wire_put_segment(&w, RESPONSE, 10, LAST | 1, half, sizeof(half));
		assert_denied(sim, wire_send(sim, RESPONSE, &w), REASON_TRANSPORT_SEQUENCE);
		sim_free(sim);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_poll_of_a_storm_is_answered),
	    cmocka_unit_test(responses_are_put_together_up_to_a_limit),
	    cmocka_unit_test(requests_are_put_together_up_to_a_limit),
	    cmocka_unit_test(a_response_is_judged_alike_whether_it_is_kept_or_not),
	    cmocka_unit_test(a_long_list_is_passed_over),
	    cmocka_unit_test(a_forbidden_point_of_a_long_response_is_found),
	    cmocka_unit_test(a_response_that_is_not_kept_has_a_longest_length),
	    cmocka_unit_test(messages_to_other_outstations_stand_between_segments),
	    cmocka_unit_test(requests_to_many_outstations_come_in_turn),
	    cmocka_unit_test(a_request_is_judged_whatever_stands_between),
	    cmocka_unit_test(a_response_may_begin_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
