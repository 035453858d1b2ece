/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * on_deny = "refuse" in DNP3: the outstation is asked for a function that no outstation has, and
 * says so with IIN2.0; by TCP and by UDP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

#define RULES                                                                          \
	"{ access = [\"read\"]; }, { functions = [\"select\", \"operate\"]; points = " \
	"[\"g12:0\"]; }"

#define READ "c1 01 1e 02 00 00 03"
#define OPERATE "c2 05 " DNP3_CROB("07", "03", "01")
#define RESTART "c2 0d"
#define NO_FUNCTION "c2 81 00 01"
#define EMPTY "c1 81 00 00"

static struct sim *
refusing(const char *transport, const char *more)
{
	char channel[128];
	struct sim *sim;

	snprintf(channel, sizeof(channel), "protocol = \"dnp3\"; transport = \"%s\"; %s", transport,
	    more);
	sim = sim_new("on_deny = \"refuse\";", channel, RULES);
	if (strcmp(transport, "tcp") == 0)
		sim_open(sim);
	return sim;
}

/* The same fragment with function 112 and zeros behind it, in a frame with right CRCs. */
static struct wire
refused(const char *hex)
{
	struct wire w = {.length = 0};
	uint8_t fragment[WIRE_SEGMENT_MAX];
	size_t length = sim_hex(hex, fragment, sizeof(fragment));

	memset(&fragment[1], 0, length - 1);
	fragment[1] = 112;
	wire_put_segment(&w, REQUEST, 10, 0xc0, fragment, length);
	return w;
}

static void
assert_refused(const struct sim *sim, size_t from, const char *hex)
{
	struct wire w = refused(hex);

	assert_int_equal(sim_received(sim, REQUEST), from + w.length);
	assert_memory_equal(&sim->end[REQUEST].got[from], w.bytes, w.length);
	assert_int_equal(sim->events[sim->event_count - 1].done, ON_DENY_REFUSE + 1);
}

static void
assert_usable(struct sim *sim)
{
	assert_allowed(sim, say(sim, REQUEST, 10, READ));
	assert_allowed(sim, say(sim, RESPONSE, 10, EMPTY));
	assert_reason(sim, REASON_RESPONSE);
}

static void
outstation_refuses(void **state)
{
	static const char *const list[] = {OPERATE, RESTART, "c2 02 50 01 00 07 07 00",
	    "c2 05 " DNP3_CROB("07", "03", "01") DNP3_CROB("08", "03", "01")
		DNP3_CROB("09", "03", "01") DNP3_CROB("0a", "03", "01")};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct sim *sim = refusing("tcp", "");

		assert_allowed(sim, say(sim, REQUEST, 10, list[i]));
		assert_refused(sim, 0, list[i]);
		assert_allowed(sim, say(sim, RESPONSE, 10, NO_FUNCTION));
		assert_reason(sim, REASON_RESPONSE);
		assert_int_equal(sim->event_count, 1);
		assert_usable(sim);
		sim_free(sim);
	}
}

static void
in_a_pipeline(void **state)
{
	struct sim *sim = refusing("tcp", "");
	struct wire both = message_to(REQUEST, 10, READ),
		    operate = message_to(REQUEST, 10, OPERATE);
	struct wire again = message_to(REQUEST, 10, "c3 01 1e 02 00 00 03");
	size_t first = both.length;

	wire_append(&both, &operate);
	wire_append(&both, &again);
	assert_allowed(sim, wire_send(sim, REQUEST, &both));
	operate = refused(OPERATE);
	assert_memory_equal(&sim->end[REQUEST].got[first], operate.bytes, operate.length);
	assert_int_equal(sim_received(sim, REQUEST), both.length);
	assert_allowed(sim, say(sim, RESPONSE, 10, EMPTY));
	assert_allowed(sim, say(sim, RESPONSE, 10, NO_FUNCTION));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c3 81 00 00"));
	assert_reason(sim, REASON_RESPONSE);
	sim_free(sim);
}

/* A request that is refused ends what was selected, at the outstation as here. */
static void
between_select_and_operate(void **state)
{
	struct sim *sim = refusing("tcp", "");

	assert_allowed(sim, say(sim, REQUEST, 10, "c1 03 " DNP3_CROB("00", "03", "01")));
	assert_allowed(sim, say(sim, RESPONSE, 10, "c1 81 00 00 " DNP3_CROB("00", "03", "01")));
	assert_allowed(sim, say(sim, REQUEST, 10, RESTART));
	assert_allowed(sim, say(sim, RESPONSE, 10, NO_FUNCTION));
	/* the operate is refused: nothing is selected any more */
	assert_allowed(sim, say(sim, REQUEST, 10, "c2 04 " DNP3_CROB("00", "03", "01")));
	assert_int_equal(sim->events[sim->event_count - 1].done, ON_DENY_REFUSE + 1);
	sim_free(sim);
}

/* Whoever is asked without wanting an answer gets to hear it all the same. */
static void
without_an_answer(void **state)
{
	for (int answered = 0; answered < 2; answered++) {
		struct sim *sim = refusing("tcp", "");

		assert_allowed(sim, say(sim, REQUEST, 10, "c2 06 " DNP3_CROB("07", "03", "01")));
		assert_refused(sim, 0, "c2 06 " DNP3_CROB("07", "03", "01"));
		if (answered)
			assert_allowed(sim, say(sim, RESPONSE, 10, NO_FUNCTION));
		assert_usable(sim);
		sim_free(sim);
	}
}

/* In two frames, the first of which has gone: the connection ends. */
static void
in_several_frames(void **state)
{
	struct sim *sim = refusing("tcp", "");
	uint8_t fragment[300] = {0xc2, 0x02};
	struct wire w = {.length = 0};

	for (size_t i = 2; i + 3 < sizeof(fragment); i++)
		fragment[i] = 0;
	sim_hex("c2 02 50 01 00 07 07 00", fragment, sizeof(fragment));
	wire_put_fragment(&w, REQUEST, 10, fragment, 290);
	assert_int_equal(wire_send(sim, REQUEST, &w), VERDICT_DENY);
	assert_true(sim->outcome.segment_count >= 2);
	assert_int_equal(sim->events[sim->event_count - 1].done, ON_DENY_RESET + 1);
	sim_free(sim);
}

/* The link layer of both ends may repeat such frames by itself; they are not rewritten. */
static void
confirmed_frames_end_the_flow(void **state)
{
	struct sim *sim = refusing("tcp", "link_confirm = 1;");
	struct wire w = {.length = 0};
	const uint8_t user[] = {0xc0, 0xc2, 0x0d};

	assert_allowed(sim, say_frame(sim, REQUEST, 0xc0, 10));
	assert_allowed(sim, say_frame(sim, RESPONSE, 0x00, 10));
	wire_put_frame(&w, 0xf3, 10, 1, user, sizeof(user));
	assert_int_equal(wire_send(sim, REQUEST, &w), VERDICT_DENY);
	assert_true(sim->outcome.segment_count >= 2);
	sim_free(sim);
}

static void
comes_again(void **state)
{
	struct sim *sim = refusing("tcp", "");
	uint32_t first = sim->end[REQUEST].next;
	struct wire w = message_to(REQUEST, 10, OPERATE);

	assert_allowed(sim, wire_send(sim, REQUEST, &w));
	for (int i = 0; i < 3; i++)
		assert_allowed(sim,
		    sim_segment(
			sim, REQUEST, first, sim->end[RESPONSE].next, TCP_ACK, w.bytes, w.length));
	assert_false(sim->changed[REQUEST]);
	assert_refused(sim, 0, OPERATE);
	sim_free(sim);
}

static void
by_datagrams(void **state)
{
	struct sim *sim = refusing("udp", "");
	struct wire w = message_to(REQUEST, 10, OPERATE), expected = refused(OPERATE);

	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	assert_memory_equal(&sim->left[28], expected.bytes, expected.length);
	assert_int_equal(sim->events[0].done, ON_DENY_REFUSE + 1);
	w = message_to(RESPONSE, 10, NO_FUNCTION);
	assert_allowed(sim, send_datagram(sim, RESPONSE, &w));
	assert_reason(sim, REASON_RESPONSE);
	/* once more, as masters do, and something permitted */
	w = message_to(REQUEST, 10, OPERATE);
	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	assert_memory_equal(&sim->left[28], expected.bytes, expected.length);
	w = message_to(REQUEST, 10, READ);
	assert_allowed(sim, send_datagram(sim, REQUEST, &w));
	assert_null(sim->outcome.bytes);
	sim_free(sim);
}

/* A sender that computes no checksum gets none; the others get the right one (see sim_raw()). */
static void
datagrams_without_checksum(void **state)
{
	struct sim *sim = refusing("udp", "");
	struct wire w = message_to(REQUEST, 10, OPERATE), expected = refused(OPERATE);
	uint8_t packet[512];
	size_t length = sim_datagram_packet(sim, REQUEST, w.bytes, w.length, packet);

	packet[26] = packet[27] = 0;
	assert_allowed(sim, sim_raw(sim, packet, length));
	assert_non_null(sim->outcome.bytes);
	assert_int_equal(sim->left[26] | sim->left[27], 0);
	assert_memory_equal(&sim->left[28], expected.bytes, expected.length);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(outstation_refuses),
	    cmocka_unit_test(in_a_pipeline),
	    cmocka_unit_test(between_select_and_operate),
	    cmocka_unit_test(without_an_answer),
	    cmocka_unit_test(in_several_frames),
	    cmocka_unit_test(confirmed_frames_end_the_flow),
	    cmocka_unit_test(comes_again),
	    cmocka_unit_test(by_datagrams),
	    cmocka_unit_test(datagrams_without_checksum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
