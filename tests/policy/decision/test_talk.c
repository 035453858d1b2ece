/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talks of the same kind in every protocol: answers as a channel's `answers` has them, and monitor
 * mode, which tells of a forbidden message once and denies nothing that enforcement lets pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"
#include "s7.h"

/* What an end says: a fragment of the outstation, or bytes as they stand where that is 0. */
struct said {
	unsigned outstation;
	const char *hex;
};

enum { WORDS_MAX = 28 };

static const struct protocol {
	const char *name;
	const char *channel;
	const char *rules;
	bool datagrams;
	bool has_units;
	struct said set_up[4]; /* request, answer, request, answer */
	struct said asked, answer;
	struct said other_unit, other_transaction, other_both;
	struct said contradicts; /* as other_unit, but not what was asked for; or nothing */
	struct said forbidden, refused_by_device;
	struct said words[WORDS_MAX]; /* more of what the ends may say, in both directions */
} protocols[] = {
    {.name = "modbus",
	.channel = "",
	.rules = "{ access = [\"read\"]; }, { functions = [\"write-single-register\"]; points = "
		 "[\"holding:40-42\"]; values = [\"0-1500\"]; }",
	.has_units = true,
	.asked = {0, "0001 0000 0006 01 03 0000 0001"},
	.answer = {0, "0001 0000 0005 01 03 02 0007"},
	.other_unit = {0, "0001 0000 0005 02 03 02 0007"},
	.other_transaction = {0, "0002 0000 0005 01 03 02 0007"},
	.other_both = {0, "0002 0000 0005 02 03 02 0007"},
	.contradicts = {0, "0001 0000 0007 02 03 04 0007 0008"},
	.forbidden = {0, "0003 0000 0006 01 05 0032 ff00"},
	.refused_by_device = {0, "0003 0000 0003 01 85 01"},
	.words = {{0, "0102 0304 0506 0708 090a 0b0c 0d0e 0f10"}, {0, "0001 0000 0006 01"},
	    {0, "03 0000 0001"}, {0, "0001 0000 0003 01 83 0b"},
	    {0, "0009 0000 0006 01 03 0000 0001"}, {0, "0009 0000 0005 02 03 02 0007"}, {0, "00"},
	    {0, "0002 0000 0006 01 06 0028 0005"}}},
    {.name = "dnp3",
	.channel = "protocol = \"dnp3\"; ",
	.rules = "{ access = [\"read\"]; }, { functions = [\"select\", \"operate\", "
		 "\"direct-operate\"]; points = [\"g12:7\"]; values = [\"latch-on\"]; }, "
		 "{ functions = [\"unsolicited-response\"]; }",
	.has_units = true,
	.asked = {10, "c1 01 3c 02 06"},
	.answer = {10, "c1 81 0000"},
	.other_unit = {11, "c1 81 0000"},
	.other_transaction = {10, "c2 81 0000"},
	.other_both = {11, "c2 81 0000"},
	.forbidden = {10, "c3 0d"},
	.refused_by_device = {10, "c3 81 0001"},
	.words = {{0, "0102 0304 0506 0708 090a 0b0c 0d0e 0f10"}, {0, "05640bc40a000100acd1 c0c0"},
	    {0, "013c0206 54e0"}, {11, "c1 01 3c 02 06"}, {10, "f3 82 0000"}, {10, "d3 00"},
	    {10, "c1 00"}, {10, "e1 81 0000"}, {10, "a4 81 0000"}, {10, "45 81 0000"},
	    {10, "c4 01 3c 02 06"}, {10, "c5 03 " DNP3_CROB("07", "03", "01")},
	    {10, "c5 81 0000 " DNP3_CROB("07", "03", "01")},
	    {10, "c6 04 " DNP3_CROB("07", "03", "01")},
	    {10, "c6 81 0000 " DNP3_CROB("07", "03", "01")},
	    {10, "c7 05 " DNP3_CROB("07", "04", "01")}, {10, "c1 81 0001"},
	    {10, "c1 81 0000 14 ff 00"}, {0, "056405c90a0001007ed0"}, {0, "0564050b01000a0048f0"},
	    {0, "00"}}},
    {.name = "dnp3 by datagram",
	.channel = "protocol = \"dnp3\"; transport = \"udp\"; ",
	.rules = "{ access = [\"read\"]; }, { functions = [\"direct-operate\"]; points = "
		 "[\"g12:7\"]; values = [\"latch-on\"]; }",
	.datagrams = true,
	.has_units = true,
	.asked = {10, "c1 01 3c 02 06"},
	.answer = {10, "c1 81 0000"},
	.other_unit = {11, "c1 81 0000"},
	.other_transaction = {10, "c2 81 0000"},
	.other_both = {11, "c2 81 0000"},
	.forbidden = {10, "c3 0d"},
	.refused_by_device = {10, "c3 81 0001"},
	.words = {{0, "0102 0304 0506 0708 090a 0b0c 0d0e 0f10"}, {11, "c1 01 3c 02 06"},
	    {10, "f3 82 0000"}, {10, "d3 00"}, {10, "c1 00"}, {10, "81 81 0000"},
	    {10, "42 81 0000"}, {10, "c5 05 " DNP3_CROB("07", "03", "01")},
	    {10, "c5 81 0000 " DNP3_CROB("07", "03", "01")}}},
    {.name = "s7comm",
	.channel = "protocol = \"s7comm\"; ",
	.rules = "{ access = [\"read\"]; }, { access = [\"write\"]; points = [\"DB10:0-9\"]; }",
	.set_up = {{0, "03000016 11e0 0000 0001 00 c0010a c1020100 c2020102"},
	    {0, "03000016 11d0 0001 0002 00 c0010a c1020100 c2020102"},
	    {0, "03000019 02f080 3201 0000 0001 0008 0000 f0 00 0001 0001 01e0"},
	    {0, "0300001b 02f080 3203 0000 0001 0008 0000 0000 f0 00 0001 0001 00f0"}},
	.asked = {0,
	    "0300001f 02f080 3201 0000 0005 000e 0000 04 01 120a10 02 0001 000a 84 000000"},
	.answer = {0, "0300001a 02f080 3203 0000 0005 0002 0005 0000 04 01 ff 04 0008 64"},
	.other_transaction = {0,
	    "0300001a 02f080 3203 0000 0006 0002 0005 0000 04 01 ff 04 0008 64"},
	.forbidden = {0,
	    "03000021 02f080 3201 0000 0009 0010 0000 29 0000000000 09 505f50524f4752414d"},
	.refused_by_device = {0, "03000013 02f080 3203 0000 0009 0000 0000 8104"},
	.words = {{0, "0102 0304 0506 0708 090a 0b0c 0d0e 0f10"}, {0, "03000007 02f000"},
	    {0, "0300001f 02f080 3201 0000"},
	    {0, "0005 000e 0000 04 01 120a10 02 0001 000a 84 000000"},
	    {0,
		"03000024 02f080 3201 0000 0006 000e 0005 05 01 120a10 02 0001 000a 84 000000 00 "
		"04 "
		"0008 64"},
	    {0, "03000016 02f080 3203 0000 0006 0002 0001 0000 05 01 ff"},
	    {0, "03000016 02f080 3203 0000 0006 0002 0001 0000 05 01 0a"},
	    {0, "03000019 02f080 3201 0000 0001 0008 0000 f0 00 0001 0001 01e0"},
	    {0, "03000016 11e0 0000 0001 00 c0010a c1020100 c2020102"},
	    {0, "03000013 02f080 3202 0000 0005 0000 0000 8104"}, {0, "00"}}},
};

enum { PROTOCOL_COUNT = sizeof(protocols) / sizeof(protocols[0]) };

static enum verdict
speak(const struct protocol *p, struct sim *sim, enum direction direction, const struct said *said)
{
	struct wire w = {.length = 0};

	if (said->outstation)
		w = message_to(direction, said->outstation, said->hex);
	else
		w.length = sim_hex(said->hex, w.bytes, sizeof(w.bytes));
	return p->datagrams ? send_datagram(sim, direction, &w) : wire_send(sim, direction, &w);
}

static void
assert_spoken(const struct protocol *p, struct sim *sim, enum direction direction,
    const struct said *said, enum reason reason)
{
	enum verdict verdict = speak(p, sim, direction, said);

	if (verdict != VERDICT_ALLOW || sim_reason(sim) != reason)
		fail_msg("%s, \"%s\": %s, %s; expected %s", p->name, said->hex,
		    verdict == VERDICT_ALLOW ? "passed" : "stopped", reason_word(sim_reason(sim)),
		    reason_word(reason));
}

/* A policy of the protocol, and no packet yet. */
static struct sim *
unseen(const struct protocol *p, const char *conduit, const char *key)
{
	char channel[256];
	struct sim *sim;

	snprintf(channel, sizeof(channel), "%s%s", p->channel, key);
	sim = sim_new(conduit, channel, p->rules);
	for (int i = 0; i < 2; i++) {
		sim->end[i].isn = 0xfffffff0;
		sim->end[i].next = sim->end[i].isn + 1;
	}
	return sim;
}

static void
set_up(const struct protocol *p, struct sim *sim)
{
	if (!p->datagrams)
		sim_open(sim);
	for (int i = 0; i < 4 && p->set_up[i].hex; i++)
		assert_int_equal(
		    speak(p, sim, i % 2 ? RESPONSE : REQUEST, &p->set_up[i]), VERDICT_ALLOW);
}

static struct sim *
begun(const struct protocol *p, const char *conduit, const char *key)
{
	struct sim *sim = unseen(p, conduit, key);

	set_up(p, sim);
	return sim;
}

/* ---- answers ---- */

/* What is not taken for an answer is told; it goes on, except by datagram. */
static void
assert_answers(const struct protocol *p, const char *key, const struct said *said, bool is_one)
{
	struct sim *sim;

	if (!said->hex)
		return;
	sim = begun(p, "", key);
	assert_spoken(p, sim, REQUEST, &p->asked, REASON_RULE);
	if (p->datagrams && !is_one)
		assert_denied(sim, speak(p, sim, RESPONSE, said), REASON_RESPONSE_UNMATCHED);
	else
		assert_spoken(
		    p, sim, RESPONSE, said, is_one ? REASON_RESPONSE : REASON_RESPONSE_UNMATCHED);
	assert_int_equal(sim->event_count, !is_one);
	/* the question waits for another answer only if that was none */
	if (p->datagrams && is_one)
		assert_denied(sim, speak(p, sim, RESPONSE, &p->answer), REASON_RESPONSE_UNMATCHED);
	else
		assert_spoken(p, sim, RESPONSE, &p->answer,
		    is_one ? REASON_RESPONSE_UNMATCHED : REASON_RESPONSE);
	sim_free(sim);
}

static void
channel_may_say_how_its_devices_answer(void **state)
{
	static const struct {
		const char *key;
		bool unit, transaction, both, needs_units;
	} rows[] = {
	    {"", false, false, false, false},
	    {"answers = \"exact\";", false, false, false, false},
	    {"answers = \"any-unit\";", true, false, false, true},
	    {"answers = \"any-transaction\";", false, true, false, false},
	    {"answers = \"any\";", true, true, true, true},
	};

	for (const struct protocol *p = protocols; p < &protocols[PROTOCOL_COUNT]; p++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			if (rows[i].needs_units && !p->has_units)
				continue;
			assert_answers(p, rows[i].key, &p->other_unit, rows[i].unit);
			assert_answers(p, rows[i].key, &p->other_transaction, rows[i].transaction);
			assert_answers(p, rows[i].key, &p->other_both, rows[i].both);
			assert_answers(p, rows[i].key, &p->contradicts, false);
		}
}

/* ---- monitor mode ---- */

static size_t
would_be_denied(const struct sim *sim)
{
	size_t count = 0;

	for (size_t i = 0; i < sim->event_count; i++)
		count += sim->events[i].would_deny;
	return count;
}

/* What follows from a message that would have been denied is not a denial of its own. */
static void
monitor_mode_tells_of_a_forbidden_request_once(void **state)
{
	for (const struct protocol *p = protocols; p < &protocols[PROTOCOL_COUNT]; p++) {
		struct sim *sim = begun(p, "mode = \"monitor\";", "");

		for (size_t i = 0; i < 4; i++) {
			assert_spoken(p, sim, REQUEST, &p->forbidden, REASON_FUNCTION_DENIED);
			assert_int_equal(would_be_denied(sim), i + 1);
			assert_spoken(p, sim, RESPONSE, &p->refused_by_device, REASON_RESPONSE);
			assert_int_equal(would_be_denied(sim), i + 1);
		}
		sim_free(sim);
	}
}

/* A random one of all that the protocol's ends say. */
static const struct said *
any_word(const struct protocol *p)
{
	const struct said *const known[] = {&p->asked, &p->answer, &p->other_unit,
	    &p->other_transaction, &p->forbidden, &p->refused_by_device};
	enum { KNOWN = sizeof(known) / sizeof(known[0]) };
	size_t count = 0, at;

	while (count < WORDS_MAX && p->words[count].hex)
		count++;
	do {
		at = (size_t)rand() % (KNOWN + count);
	} while (at < KNOWN && !known[at]->hex);
	return at < KNOWN ? known[at] : &p->words[at - KNOWN];
}

/* One random talk under both; the number of words until enforcement stops one. */
static size_t
talk(const struct protocol *p, struct sim *enforce, struct sim *monitor, int round)
{
	enum { WORDS = 12 };

	for (size_t i = 0; i < WORDS; i++) {
		/* mostly the usual way, so that talks get far */
		const struct said *said = any_word(p);
		enum direction direction = (enum direction)(rand() % 2);

		if (rand() % 5 < 3) {
			said = i % 2 ? &p->answer : &p->asked;
			direction = i % 2 ? RESPONSE : REQUEST;
		}
		if (speak(p, enforce, direction, said) != VERDICT_ALLOW)
			return i;
		assert_int_equal(speak(p, monitor, direction, said), VERDICT_ALLOW);
		enforce->now_ns += UINT64_C(1000000) * (uint64_t)(rand() % 700);
		monitor->now_ns = enforce->now_ns;
		if (would_be_denied(monitor) > 0)
			fail_msg("%s, round %d, word %zu, \"%s\" %s: %s", p->name, round, i,
			    said->hex, direction == REQUEST ? "asked" : "answered",
			    reason_word(monitor->events[monitor->event_count - 1].reason));
	}
	return WORDS;
}

/*
 * Random words from both sides: where enforcement has let all of them pass, monitor mode is quiet.
 * Connections from their beginning and from their middle, which enforcement must be told to take;
 * so must both by datagram.
 */
static void
monitor_mode_denies_nothing_that_enforcement_lets_pass(void **state)
{
	enum { ROUNDS = 800 };

	srand(7);
	for (const struct protocol *p = protocols; p < &protocols[PROTOCOL_COUNT]; p++) {
		size_t passed = 0, far = 0;

		for (int round = 0; round < ROUNDS; round++) {
			struct sim *enforce = unseen(p, "", "pickup = \"resync\";");
			bool said = p->datagrams || round % 3;
			struct sim *monitor =
			    unseen(p, "mode = \"monitor\";", said ? "pickup = \"resync\";" : "");
			size_t words;

			if (round % 2) {
				set_up(p, enforce);
				set_up(p, monitor);
			}
			words = talk(p, enforce, monitor, round);
			passed += words;
			far += words > 5;
			sim_free(enforce);
			sim_free(monitor);
		}
		assert_true(passed > ROUNDS && far > ROUNDS / 20);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(channel_may_say_how_its_devices_answer),
	    cmocka_unit_test(monitor_mode_tells_of_a_forbidden_request_once),
	    cmocka_unit_test(monitor_mode_denies_nothing_that_enforcement_lets_pass),
	};

	return cmocka_run_group_tests_name("talk", tests, NULL, NULL);
}
