/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listens: a master that is the server of its connections is the one who asks, and must not be able
 * to shift where its messages begin, whatever its TCP does.  The client is honest here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

#define RULES "{ access = [\"any\"]; }"

static const char poll[] = "c0 01 3c 02 06";

/* A connection of an outstation, and half a frame of the master in it. */
static struct sim *
half_a_frame(const char *conduit, const char *pickup)
{
	struct wire w = message_to(REQUEST, 10, poll);
	struct sim *sim;
	char text[128] = "protocol = \"dnp3\"; master_listens = 1; ";

	strncat(text, pickup, sizeof(text) - strlen(text) - 1);
	sim = sim_new(conduit, text, RULES);
	sim_open(sim);
	assert_allowed(sim, sim_send_bytes(sim, RESPONSE, w.bytes, 12));
	return sim;
}

/* To the outstation this is the other half. */
static void
assert_nothing_begins(struct sim *sim)
{
	struct wire w = message_to(REQUEST, 10, poll);

	assert_int_equal(sim_send_bytes(sim, RESPONSE, w.bytes, w.length), VERDICT_DENY);
	sim_free(sim);
}

static void
another_answer_to_a_syn_shifts_nothing(void **state)
{
	struct sim *sim = half_a_frame("on_deny = \"drop\";", "");

	sim_segment(
	    sim, RESPONSE, sim->end[1].next - 1, sim->end[0].next, TCP_SYN | TCP_ACK, NULL, 0);
	assert_nothing_begins(sim);
	/* the same with one in between that is far away */
	sim = half_a_frame("on_deny = \"drop\";", "");
	sim_segment(sim, RESPONSE, sim->end[1].next + (1U << 30), sim->end[0].next,
	    TCP_SYN | TCP_ACK, NULL, 0);
	sim_segment(
	    sim, RESPONSE, sim->end[1].next - 1, sim->end[0].next, TCP_SYN | TCP_ACK, NULL, 0);
	assert_nothing_begins(sim);
	/* and with a SYN that the client had sent before it got the first answer */
	sim = half_a_frame("on_deny = \"drop\";", "");
	sim_segment(
	    sim, RESPONSE, sim->end[1].next - 1, sim->end[0].next, TCP_SYN | TCP_ACK, NULL, 0);
	sim_segment(sim, REQUEST, sim->end[0].isn, 0, TCP_SYN, NULL, 0);
	sim_segment(
	    sim, RESPONSE, sim->end[1].next - 1, sim->end[0].next, TCP_SYN | TCP_ACK, NULL, 0);
	assert_nothing_begins(sim);
}

/* What lies before the second beginning was judged by nobody, and the client waits for it. */
static void
nothing_passes_before_another_beginning(void **state)
{
	static const char *const settings[] = {
	    "", "protocol = \"dnp3\"; port = 502; master_listens = 1;"};
	static const uint8_t bytes[10] = {0};

	for (size_t i = 0; i < 2; i++) {
		struct sim *sim = sim_new("on_deny = \"drop\";", settings[i], RULES);

		sim_open(sim);
		sim_segment(sim, RESPONSE, sim->end[1].isn + sizeof(bytes), sim->end[0].next,
		    TCP_SYN | TCP_ACK, NULL, 0);
		assert_int_equal(sim_segment(sim, RESPONSE, sim->end[1].isn + 1, sim->end[0].next,
				     TCP_ACK, bytes, sizeof(bytes)),
		    VERDICT_DENY);
		sim_free(sim);
	}
}

/* A server that has forgotten its first answer is believed when the client asks once more. */
static void
server_may_begin_again_when_the_client_still_asks(void **state)
{
	struct sim *sim = sim_new("on_deny = \"drop\";", "", RULES);

	sim_open(sim);
	for (unsigned i = 1; i <= 3; i++) {
		sim->now_ns += UINT64_C(2000000000) << i;
		assert_allowed(
		    sim, sim_segment(sim, REQUEST, sim->end[0].isn, 0, TCP_SYN, NULL, 0));
		sim->end[1].isn += 64000;
		sim->end[1].next = sim->end[1].isn + 1;
		sim_segment(
		    sim, RESPONSE, sim->end[1].isn, sim->end[0].next, TCP_SYN | TCP_ACK, NULL, 0);
	}
	sim->now_ns += UINT64_C(20000000000);
	assert_allowed(sim, sim_segment(sim, REQUEST, sim->end[0].isn, 0, TCP_SYN, NULL, 0));
	assert_allowed(sim,
	    sim_segment(
		sim, RESPONSE, sim->end[1].isn, sim->end[0].next, TCP_SYN | TCP_ACK, NULL, 0));
	assert_allowed(sim, sim_send(sim, REQUEST, "0001 0000 0006 01 03 0000 0001"));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0001 0000 0005 01 03 02 0007"));
	sim_free(sim);
}

/* A reset that the outstation never got. */
static void
reset_of_the_master_forgets_nothing(void **state)
{
	struct sim *sim = half_a_frame("on_deny = \"drop\";", "pickup = \"resync\";");

	assert_allowed(sim,
	    sim_segment(
		sim, RESPONSE, sim->end[1].next, sim->end[0].next, TCP_RST | TCP_ACK, NULL, 0));
	assert_nothing_begins(sim);
}

/* Only who gets the requests can prove that some passed the inspector by. */
static void
master_cannot_pretend_that_something_passed_by(void **state)
{
	struct sim *sim = half_a_frame("on_deny = \"drop\"; when_down = \"open\";", "");

	sim->end[0].next += 9;
	assert_nothing_begins(sim);
}

static void
outstation_proves_that_something_passed_by(void **state)
{
	struct sim *sim = half_a_frame("on_deny = \"drop\"; when_down = \"open\";", "");
	struct wire w = message_to(RESPONSE, 10, "c0 81 00 00");

	sim->end[1].next += 20;
	assert_allowed(sim, sim_send_bytes(sim, REQUEST, w.bytes, w.length));
	w = message_to(REQUEST, 10, poll);
	assert_allowed(sim, sim_send_bytes(sim, RESPONSE, w.bytes, w.length));
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(another_answer_to_a_syn_shifts_nothing),
	    cmocka_unit_test(nothing_passes_before_another_beginning),
	    cmocka_unit_test(server_may_begin_again_when_the_client_still_asks),
	    cmocka_unit_test(reset_of_the_master_forgets_nothing),
	    cmocka_unit_test(master_cannot_pretend_that_something_passed_by),
	    cmocka_unit_test(outstation_proves_that_something_passed_by),
	};

	return cmocka_run_group_tests_name("listens", tests, NULL, NULL);
}
