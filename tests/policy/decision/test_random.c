/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hundred thousand hostile clients, always the same ones.  The fuzzer goes on from here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "drive.h"

enum { CLIENTS = 100000, REFUSED_CLIENTS = CLIENTS / 5, STEERING = 96 };

static uint32_t
lcg(uint32_t *state)
{
	return (*state = *state * 1664525 + 1013904223) >> 24;
}

static void
try_clients(const char *on_deny, uint32_t count)
{
	struct sim *sim = drive_new(on_deny);
	size_t reached = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint8_t steering[STEERING];
		uint32_t seed = i;
		const char *wrong;

		for (size_t n = 0; n < sizeof(steering); n++)
			steering[n] = (uint8_t)lcg(&seed);
		wrong = drive(sim, steering, sizeof(steering));
		if (wrong)
			fail_msg("client %u: %s", i, wrong);
		reached += sim_received(sim, DIRECTION_REQUEST) >= 12;
	}
	/* A firewall that lets nothing pass would keep the promise too. */
	assert_true(reached > count / 10);
	sim_free(sim);
}

static void
no_hostile_client_gets_a_forbidden_message_through(void **state)
{
	try_clients("drop", CLIENTS);
}

/* Nor do those get through who are refused and may go on. */
static void
no_refused_client_gets_a_forbidden_message_through(void **state)
{
	try_clients("refuse", REFUSED_CLIENTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_hostile_client_gets_a_forbidden_message_through),
	    cmocka_unit_test(no_refused_client_gets_a_forbidden_message_through),
	};

	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
