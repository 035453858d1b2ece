/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7 servers as they are: what makes one of them lose the place where messages begin, or read
 * something else than was judged, must not reach it; and what real clients and servers send passes.
 *
 * Each attack here has been carried out against a server (Snap7's) without a firewall before it was
 * written down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "s7.h"

#define RULES                                                                        \
	"{ access = [\"read\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-127\"]; }," \
	"{ functions = [\"write-var\"]; units = [\"PG 0/2\"]; points = [\"DB10:0-99\"]; }"

static const char empty[] = "03000007 02f000";

/* PLC stop, in the additional information of a transport error: a server that knows no such TPDU
   reads seven bytes, empties its socket, and takes what comes then for a message. */
static void
what_clients_never_send_is_stopped(void **state)
{
	static const char *const tpdus[] = {
	    "03000028 23 70 0003 00 002102f080 "
	    "3201000000090010000029000000000009505f50524f4752414d",
	    "0300000a 05 c0 0001 0002",
	    "0300002a 25 80 0001 0300 00 2102f080 "
	    "3201000000090010000029000000000009505f50524f4752414d",
	};
	static const enum reason reasons[] = {
	    REASON_FUNCTION_DIRECTION, REASON_FUNCTION_DIRECTION, REASON_LENGTH_MISMATCH};

	for (size_t i = 0; i < 3; i++) {
		struct sim *sim = ready(RULES);

		assert_denied(sim, sim_send(sim, REQUEST, tpdus[i]), reasons[i]);
		sim_free(sim);
	}
}

static void
nothing_comes_behind_a_disconnection(void **state)
{
	static const char *const behind[] = {connect_request, setup_request, read_allowed, empty};

	for (size_t i = 0; i < 4; i++) {
		struct sim *sim = ready(RULES);

		assert_allowed(sim, sim_send(sim, REQUEST, "0300000b 06 80 0002 0001 00"));
		assert_int_equal(sim_send(sim, REQUEST, behind[i]), VERDICT_DENY);
		sim_free(sim);
	}
}

/* A server that gives up behind 64 of them empties its socket. */
static void
too_many_empty_pieces_are_stopped(void **state)
{
	struct sim *sim = ready(RULES);

	for (unsigned i = 0; i < 32; i++)
		assert_allowed(sim, sim_send(sim, REQUEST, empty));
	assert_denied(sim, sim_send(sim, REQUEST, empty), REASON_PIECES_TOO_MANY);
	sim_free(sim);
	sim = ready(RULES);
	for (unsigned i = 0; i < 32; i++)
		assert_allowed(sim, sim_send(sim, REQUEST, empty));
	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	for (unsigned i = 0; i < 32; i++)
		assert_allowed(sim, sim_send(sim, REQUEST, empty));
	sim_free(sim);
}

static void
pieces_need_a_setting_and_have_its_limit(void **state)
{
	struct bytes whole = {.length = 0}, first, second, last;
	struct sim *sim;

	add(&whole, read_allowed);
	first = piece(&whole, 0, 10, false);
	second = piece(&whole, 10, 12, false);
	last = piece(&whole, 12, whole.length - 7, true);
	sim = ready(RULES);
	assert_denied(sim, send(sim, &first), REASON_PIECES_TOO_MANY);
	sim_free(sim);
	sim = ready_with("pieces_max = 2;", RULES);
	assert_allowed(sim, send(sim, &first));
	assert_denied(sim, send(sim, &second), REASON_PIECES_TOO_MANY);
	sim_free(sim);
	sim = ready_with("pieces_max = 3;", RULES);
	assert_allowed(sim, send(sim, &first));
	assert_allowed(sim, send(sim, &second));
	assert_allowed(sim, send(sim, &last));
	assert_int_equal(sim_reason(sim), REASON_RULE);
	sim_free(sim);
	/* between two pieces an empty one moves the second in some servers */
	sim = ready_with("pieces_max = 3;", RULES);
	assert_allowed(sim, send(sim, &first));
	assert_denied(sim, sim_send(sim, REQUEST, empty), REASON_PIECES_TOO_MANY);
	sim_free(sim);
}

/* After its first answer, too. */
static void
connection_picked_up_in_the_middle_never_has_a_unit(void **state)
{
	struct sim *sim = sim_new("", "protocol = \"s7comm\"; pickup = \"resync\";",
	    "{ access = [\"read\"]; }, { access = [\"write\"]; units = [\"PG 0/2\"]; }");
	struct bytes b = job(6, "05 01 120a10 02 0001 000a 84 000000", "00 04 0008 64");

	assert_allowed(sim, sim_send(sim, REQUEST, read_allowed));
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		"03000029 02f080 3203 0000 0005 0002 0014 0000 04 01 ff 04 0080 "
		"00000000 00000000 00000000 00000000"));
	assert_denied(sim, send(sim, &b), REASON_UNIT_DENIED);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_clients_never_send_is_stopped),
	    cmocka_unit_test(nothing_comes_behind_a_disconnection),
	    cmocka_unit_test(too_many_empty_pieces_are_stopped),
	    cmocka_unit_test(pieces_need_a_setting_and_have_its_limit),
	    cmocka_unit_test(connection_picked_up_in_the_middle_never_has_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
