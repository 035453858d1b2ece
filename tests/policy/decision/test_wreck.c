/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory of connections that an inspector has left as it liked: whoever takes it over, and
 * whoever reads numbers in it, believes nothing of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine_counters.h"
#include "flow_arena.h"
#include "former.h"
#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

#define RULES "{ functions = [\"read-holding-registers\"]; }"
#define READ "0001 0000 0006 01 03 0000 0001"
#define READ_ANSWER "0001 0000 0005 01 03 02 0007"
#define WRITE "0002 0000 0006 01 06 0032 0005"

enum { ROUNDS = 300, CONNECTIONS = 12, WOUNDS = 24, MORE = 100 };

/* Whatever becomes of it. */
static void
try_to_open(struct sim *sim)
{
	static const uint32_t first[2] = {0xfffffff0, 0xffffff00};

	for (int i = 0; i < 2; i++) {
		sim->end[i].isn = first[i];
		sim->end[i].next = first[i] + 1;
		memset(sim->end[i].got_map, 0, sizeof(sim->end[i].got_map));
		sim->end[i].acked = 0;
	}
	sim_segment(sim, REQUEST, first[0], 0, TCP_SYN, NULL, 0);
	sim_segment(sim, RESPONSE, first[1], first[0] + 1, TCP_SYN | TCP_ACK, NULL, 0);
}

static void
talk(struct sim *sim, unsigned connections)
{
	for (unsigned i = 0; i < connections; i++) {
		sim->client_port = (uint16_t)(40000 + i);
		try_to_open(sim);
		sim_send(sim, REQUEST, READ);
		if (i % 2 == 0)
			sim_send(sim, RESPONSE, READ_ANSWER);
		if (i % 3 == 0)
			sim_send(sim, REQUEST, "0003 0000");
		if (i % 4 == 0)
			sim_send(sim, REQUEST, WRITE);
	}
}

/* Numbers that are wrong in ways that matter. */
static uint32_t
bad_number(void)
{
	static const uint32_t list[] = {
	    0, 1, 2, 63, 64, 65, 255, 65535, 1U << 24, 1U << 31, 0xfffffffe, 0xffffffff};

	return rand() % 2 ? list[(size_t)rand() % (sizeof(list) / sizeof(list[0]))]
			  : (uint32_t)rand();
}

static void
wound(uint8_t *block, size_t from, size_t to)
{
	uint32_t number = bad_number();
	size_t at = from + (size_t)rand() % (to - from);

	at -= at % 4;
	if (at >= from && at + sizeof(number) <= to)
		memcpy(&block[at], &number, sizeof(number));
}

/* The head, but not what is remembered of connections that are gone, which may be anything. */
static void
wound_head(struct sim *sim)
{
	if (rand() % 16 == 0)
		wound(
		    sim->arena, offsetof(struct flow_arena, buckets_at), sizeof(struct flow_arena));
	else
		wound(sim->arena, offsetof(struct flow_arena, bucket_mask),
		    offsetof(struct flow_arena, past));
}

/* A table, at its beginning or anywhere. */
static void
wound_table(struct sim *sim, size_t size)
{
	const struct flow_arena *arena = sim->arena;
	const size_t tables[] = {arena->buckets_at, arena->flows_at, arena->flows_at,
	    arena->outstanding_at, arena->chunks_at, arena->states_at, arena->shares_at,
	    arena->share_channels_at};
	size_t from = tables[(size_t)rand() % (sizeof(tables) / sizeof(tables[0]))];
	size_t to = rand() % 2 ? from + 8192 : size;

	if (from < size)
		wound(sim->arena, from, to < size ? to : size);
}

static void
wreck(struct sim *sim, size_t size)
{
	unsigned wounds = 1 + (unsigned)rand() % WOUNDS;

	for (unsigned i = 0; i < wounds; i++)
		if (rand() % 8 == 0)
			wound_head(sim);
		else
			wound_table(sim, size);
}

/* Whatever was done to it: a successor works on, in its bounds, and nothing forbidden passes. */
static void
a_successor_survives(void **state)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct sim *sim = sim_new("", "", RULES);
		struct engine_limits limits = {sim->policy->limits.flows,
		    sim->policy->limits.held_bytes, sim->policy->limits.states};

		srand(round);
		talk(sim, CONNECTIONS);
		wreck(sim, engine_arena_size(&limits));
		engine_arena_mend(sim->arena, engine_arena_size(&limits), &limits, 0x5eed);
		sim_restart(sim);
		engine_recover(sim->engine, sim->now_ns, sim->now_ns);
		for (unsigned i = 0; i < CONNECTIONS; i++) {
			sim->client_port = (uint16_t)(40000 + i);
			assert_int_equal(sim_client_at(sim, sim->end[0].next, WRITE), VERDICT_DENY);
		}
		talk(sim, MORE);
		sim->now_ns += UINT64_C(20000000000);
		talk(sim, MORE);
		sim_free(sim);
	}
}

/* The numbers that the supervisor reads: whatever the head says of places. */
static void
counters_stand_where_they_were_made(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	struct channel_counters channel;
	struct conduit_counters conduit;

	assert_allowed(sim, sim_send(sim, REQUEST, READ));
	assert_allowed(sim, sim_send(sim, RESPONSE, READ_ANSWER));
	assert_denied(sim, sim_send(sim, REQUEST, WRITE), REASON_FUNCTION_DENIED);
	memset((uint8_t *)sim->arena + offsetof(struct flow_arena, buckets_at), 0x7f,
	    sizeof(struct flow_arena) - offsetof(struct flow_arena, buckets_at));
	engine_channel_counters(sim->arena, 0, &channel);
	engine_conduit_counters(sim->arena, 0, &conduit);
	assert_int_equal(channel.messages, 3);
	assert_int_equal(channel.denied, 1);
	assert_int_equal(conduit.by_reason[REASON_FUNCTION_DENIED], 1);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counters_stand_where_they_were_made),
	    cmocka_unit_test(a_successor_survives),
	};

	return cmocka_run_group_tests_name("wreck", tests, NULL, NULL);
}
