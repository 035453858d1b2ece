/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow seen: what is told of a connection, and that nothing in the arena is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_arena.h"
#include "flow_seen.h"
#include "sim.h"

#define READ "0001 0000 0006 01 03 0028 0003"
#define ANSWER "0001 0000 0009 01 03 06 0001 0002 0003"
#define WRITE "0002 0000 0006 01 06 0028 0005"
#define RULES "{ access = [\"read\"]; points = [\"holding:0-99\"]; }"

static struct engine_limits
limits_of(const struct sim *sim)
{
	return ((const struct flow_arena *)sim->arena)->limits;
}

/* The only flow that there is. */
static void
see_one(const struct sim *sim, struct flow_seen *ret_seen)
{
	struct engine_limits limits = limits_of(sim);
	struct flow_view view;
	unsigned found = 0;

	flow_view_init(&view, sim->arena, &limits);
	for (uint32_t i = 1; i <= view.top; i++)
		found += flow_see(&view, i, ret_seen);
	assert_int_equal(found, 1);
	assert_false(flow_see(&view, 0, ret_seen));
	assert_false(flow_see(&view, view.top + 1, ret_seen));
}

static void
what_was_asked_and_why_it_was_refused_is_seen(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	struct flow_seen seen;

	see_one(sim, &seen);
	assert_string_equal(seen.state, "open");
	assert_int_equal(seen.note.messages, 0);
	assert_int_equal(seen.note.function, 0);
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, READ));
	see_one(sim, &seen);
	assert_int_equal(seen.waiting, 1);
	assert_int_equal(seen.note.messages, 1);
	assert_int_equal(seen.note.bytes, 12);
	assert_int_equal(seen.note.unit, 1);
	assert_int_equal(seen.note.span_count, 1);
	assert_int_equal(seen.note.first, 40);
	assert_int_equal(seen.note.last, 42);
	assert_int_equal(seen.note.reason, 0);
	assert_int_equal(seen.client_port, sim->client_port);
	assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, ANSWER));
	see_one(sim, &seen);
	assert_int_equal(seen.waiting, 0);
	assert_int_equal(seen.note.messages, 2);
	assert_int_equal(seen.note.bytes, 12 + 15);
	assert_int_equal(seen.note.last, 42); /* an answer is not asked */
	assert_denied(sim, sim_send(sim, DIRECTION_REQUEST, WRITE), REASON_FUNCTION_DENIED);
	sim_client_at(sim, sim->end[DIRECTION_REQUEST].next, READ);
	see_one(sim, &seen);
	assert_true(seen.denied);
	assert_int_equal(seen.note.reason, REASON_FUNCTION_DENIED);
	assert_int_equal(seen.note.last, 40);
	sim_free(sim);
}

static void
a_new_connection_has_no_past(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	struct flow_seen seen;

	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, READ));
	sim_reset(sim);
	sim_open(sim);
	see_one(sim, &seen);
	assert_int_equal(seen.note.messages, 0);
	sim_free(sim);
}

/* Whoever has taken over an inspector writes there what it likes. */
static void
an_arena_of_noise_is_looked_at_without_harm(void **state)
{
	struct engine_limits limits = {.flows = 64, .held_bytes = 4096, .states = 16};
	size_t size = flow_arena_size(&limits);
	uint8_t *arena = malloc(size);
	unsigned seen_count = 0;

	assert_non_null(arena);
	srand(1);
	for (int round = 0; round < 20; round++) {
		struct flow_view view;
		struct flow_seen seen;

		for (size_t i = 0; i < size; i++)
			arena[i] = (uint8_t)(round == 0 ? 0xff : rand());
		flow_view_init(&view, arena, &limits);
		assert_true(view.top <= limits.flows);
		for (uint32_t i = 0; i <= view.top + 1; i++)
			seen_count += flow_see(&view, i, &seen) && seen.state[0] != '\0';
	}
	free(arena);
	assert_true(seen_count < 20 * 64); /* most of it is none */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_asked_and_why_it_was_refused_is_seen),
	    cmocka_unit_test(a_new_connection_has_no_past),
	    cmocka_unit_test(an_arena_of_noise_is_looked_at_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
