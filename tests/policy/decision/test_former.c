/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arena of other limits, or of another build: what of it comes along is judged as before, and
 * what does not is never let through unjudged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_arena.h"
#include "former.h"
#include "sim.h"

#define RULES                                                                            \
	"{ access = [\"read\"]; }, { functions = [\"write-single-register\"]; points = " \
	"[\"holding:40\"]; }"

static const char read_request[] = "0001 0000 0006 01 03 0000 0001";
static const char read_answer[] = "0001 0000 0005 01 03 02 0007";
static const char forbidden[] = "0002 0000 0006 01 06 0032 0007";
static const char forbidden_head[] = "0002 0000 0006";
static const char forbidden_tail[] = "01 06 0032 0007";

static const struct engine_limits larger = {.flows = 640, .held_bytes = 655360, .states = 640};
static const struct engine_limits smaller = {.flows = 16, .held_bytes = 65536, .states = 16};

/* Another engine goes on, with what `block` holds; how many connections it leaves. */
static uint32_t
move(struct sim *sim, const struct engine_limits *limits, const void *block, size_t size,
    const struct former *former)
{
	void *arena = calloc(1, engine_arena_size(limits));
	uint32_t left;

	engine_arena_init(arena, limits, 0xf00d);
	engine_free(sim->engine);
	assert_int_equal(engine_new(arena, sim->compiled, sim->rates, &sim->engine), 0);
	left = former_take_over(sim->engine, block, size, former, sim->now_ns);
	engine_recover(sim->engine, sim->now_ns, sim->now_ns);
	engine_recheck(sim->engine, sim->now_ns, sim->now_ns, NULL, NULL);
	free(sim->arena);
	sim->arena = arena;
	return left;
}

static uint32_t
move_limits(struct sim *sim, const struct engine_limits *limits)
{
	const struct flow_arena *arena = sim->arena;

	assert_true(former_is_ours(arena, arena->size));
	return move(sim, limits, arena, arena->size, NULL);
}

/*
 * The arena as another build would have it: everything of a flow lies 24 bytes further on, and the
 * table somewhere else; rows in between, or none and the addresses of all flows in front.
 */
enum { SHIFT = 24, ROW_SHIFT = 8, HEAD = 4096, ENDS = sizeof(struct flow_ends) };

static void
lay_rows(uint8_t *rows, const struct flow_table *table, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct seldom seldom = *flow_seldom(table, &table->flows[i]);

		memcpy(&rows[(size_t)i * (sizeof(seldom) + ROW_SHIFT) + ROW_SHIFT], &seldom,
		    sizeof(seldom));
	}
}

/* As it was when a flow was told alone. */
static uint32_t
move_old_build(struct sim *sim, const struct engine_limits *limits)
{
	const struct flow_arena *arena = sim->arena;
	uint32_t count = arena->limits.flows + 1, left;
	size_t stride = ENDS + sizeof(struct flow);
	uint8_t *block = calloc(count + (HEAD + stride - 1) / stride, stride);
	struct former former;
	struct flow_table table;

	flow_table_attach(&table, sim->arena);
	former_describe(sim->arena, &former);
	for (unsigned i = 0; i < FORMER_FIELDS; i++)
		former.at[i] += ENDS;
	former.at[FORMER_ADDRESSES] = former.at[FORMER_ADDRESSES4] = 0;
	former.flow_size = (uint32_t)stride;
	former.flows_at = HEAD;
	former.flow_top_at = former.rows_at = former.row_size = 0;
	memcpy(block, &arena->flow_top, sizeof(arena->flow_top));
	for (uint32_t i = 0; i < count; i++) {
		struct flow_ends ends = flow_ends(&table, &table.flows[i]);

		memcpy(&block[HEAD + i * stride], &ends, ENDS);
		memcpy(&block[HEAD + i * stride + ENDS], &table.flows[i], sizeof(struct flow));
	}
	left = move(sim, limits, block, HEAD + count * stride, &former);
	free(block);
	return left;
}

static uint32_t
move_build(struct sim *sim, const struct engine_limits *limits)
{
	const struct flow_arena *arena = sim->arena;
	struct former former;
	struct flow_table table;
	uint32_t count = arena->limits.flows + 1, left;
	size_t size;
	uint8_t *block;

	flow_table_attach(&table, sim->arena);
	former_describe(sim->arena, &former);
	for (unsigned i = 0; i < FORMER_FIELDS; i++)
		former.at[i] += SHIFT;
	former.at[FORMER_ADDRESSES] += ROW_SHIFT - SHIFT;
	former.flow_size += SHIFT;
	former.row_size += ROW_SHIFT;
	former.rows_at = HEAD;
	former.flows_at = HEAD + count * former.row_size;
	former.flow_top_at = 8;
	size = former.flows_at + (size_t)count * former.flow_size;
	block = malloc(size);
	memset(block, 0xee, size);
	memcpy(&block[8], &arena->flow_top, sizeof(arena->flow_top));
	for (uint32_t i = 0; i < count; i++)
		memcpy(&block[former.flows_at + (size_t)i * former.flow_size + SHIFT],
		    &table.flows[i], sizeof(struct flow));
	lay_rows(&block[HEAD], &table, count);
	left = move(sim, limits, block, size, &former);
	free(block);
	return left;
}

static void
exchange(struct sim *sim)
{
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, read_answer));
}

static struct sim *
opened(const char *channel)
{
	struct sim *sim = sim_opened("", channel, RULES);

	exchange(sim);
	return sim;
}

static void
other_limits_keep_everything(void **state)
{
	static const struct engine_limits *const limits[] = {&larger, &smaller};

	for (unsigned i = 0; i < 2; i++) {
		struct sim *sim = opened("");
		uint32_t before;

		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
		assert_int_equal(move_limits(sim, limits[i]), 0);
		assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, read_answer));
		/* what was sent before must come again as it was */
		before = sim->end[DIRECTION_REQUEST].next;
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
		assert_int_equal(move_limits(sim, limits[!i]), 0);
		assert_allowed(sim, sim_client_at(sim, before, read_request));
		assert_denied(sim, sim_client_at(sim, before, forbidden), REASON_STREAM_CHANGED);
		sim_free(sim);
	}
}

static void
other_limits_keep_many_requests(void **state)
{
	struct sim *sim = opened("");
	struct engine_counters counters;

	for (unsigned asked = 0; asked < OUTSTANDING_MAX; asked++)
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	assert_int_equal(move_limits(sim, &smaller), 0);
	assert_int_equal(move_limits(sim, &larger), 0);
	for (unsigned asked = 0; asked < OUTSTANDING_MAX; asked++)
		assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, read_answer));
	engine_counters(sim->arena, &counters);
	assert_int_equal(counters.by_reason[REASON_RESPONSE_UNMATCHED], 0);
	sim_free(sim);
}

static void
other_limits_know_half_a_message(void **state)
{
	struct sim *sim = opened("");

	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, forbidden_head));
	assert_int_equal(move_limits(sim, &larger), 0);
	assert_denied(sim, sim_send(sim, DIRECTION_REQUEST, forbidden_tail), REASON_POINT_DENIED);
	sim_free(sim);
}

static void
denied_stays_denied(void **state)
{
	struct sim *sim = opened("pickup = \"resync\";");

	sim_send(sim, DIRECTION_REQUEST, forbidden);
	assert_int_equal(move_limits(sim, &larger), 0);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_DENY);
	sim_free(sim);
	sim = opened("pickup = \"resync\";");
	sim_send(sim, DIRECTION_REQUEST, forbidden);
	assert_int_equal(move_build(sim, &larger), 1);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_DENY);
	sim_free(sim);
}

/* More connections than there is room for: those that are left are refused, not forgotten. */
static void
what_finds_no_room_is_refused(void **state)
{
	enum { COUNT = 40 };
	static struct sim_end ends[COUNT][2];
	struct sim *sim = sim_new("", "pickup = \"resync\";", RULES);
	unsigned passed = 0;

	for (unsigned i = 0; i < COUNT; i++) {
		sim->client_port = (uint16_t)(40000 + i);
		sim_open(sim);
		exchange(sim);
		memcpy(ends[i], sim->end, sizeof(sim->end));
	}
	assert_int_equal(move_limits(sim, &smaller), COUNT - smaller.flows);
	for (unsigned i = 0; i < COUNT; i++) {
		sim->client_port = (uint16_t)(40000 + i);
		memcpy(sim->end, ends[i], sizeof(sim->end));
		passed += sim_send(sim, DIRECTION_REQUEST, read_request) == VERDICT_ALLOW;
	}
	assert_int_equal(passed, smaller.flows);
	sim_free(sim);
}

static void
other_build_goes_on_between_messages(void **state)
{
	struct sim *sim = opened("");

	exchange(sim);
	/* the kernel's bare acknowledgement of the answer is never seen */
	assert_int_equal(move_build(sim, &larger), 0);
	exchange(sim);
	exchange(sim);
	assert_denied(sim, sim_send(sim, DIRECTION_REQUEST, forbidden), REASON_POINT_DENIED);
	sim_free(sim);
}

/* Addresses of both families come along from builds that keep them in either way. */
static void
other_build_of_either_family_goes_on(void **state)
{
	for (unsigned i = 0; i < 4; i++) {
		struct sim *sim = sim_new("", "", RULES);

		sim->ipv6 = i % 2;
		sim_open(sim);
		exchange(sim);
		assert_int_equal(
		    i / 2 ? move_old_build(sim, &larger) : move_build(sim, &larger), 0);
		exchange(sim);
		assert_denied(
		    sim, sim_send(sim, DIRECTION_REQUEST, forbidden), REASON_POINT_DENIED);
		sim_free(sim);
	}
}

/* What is kept for few: repetitions of IPv6 are compared after a move. */
static void
other_limits_keep_what_few_have(void **state)
{
	struct sim *sim = sim_new("", "", RULES);
	uint32_t before;

	sim->ipv6 = true;
	sim_open(sim);
	exchange(sim);
	before = sim->end[DIRECTION_REQUEST].next;
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	assert_int_equal(move_limits(sim, &larger), 0);
	assert_allowed(sim, sim_client_at(sim, before, read_request));
	assert_denied(sim, sim_client_at(sim, before, forbidden), REASON_STREAM_CHANGED);
	sim_free(sim);
}

static void
other_build_forbids_from_the_first_message(void **state)
{
	struct sim *sim = opened("");

	move_build(sim, &larger);
	assert_denied(sim, sim_send(sim, DIRECTION_REQUEST, forbidden), REASON_POINT_DENIED);
	sim_free(sim);
	sim = opened("");
	move_build(sim, &larger);
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, forbidden_head));
	assert_denied(sim, sim_send(sim, DIRECTION_REQUEST, forbidden_tail), REASON_POINT_DENIED);
	sim_free(sim);
}

/* Something is outstanding, or half there: as the channel's pickup says. */
static void
other_build_does_not_guess(void **state)
{
	struct sim *sim = opened("");

	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	assert_int_equal(move_build(sim, &larger), 1);
	assert_denied(sim, sim_send(sim, DIRECTION_REQUEST, read_request), REASON_STREAM_MIDDLE);
	sim_free(sim);
	sim = opened("pickup = \"resync\";");
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	assert_int_equal(move_build(sim, &larger), 1);
	assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, read_answer));
	exchange(sim);
	sim_free(sim);
	sim = opened("pickup = \"resync\";");
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, forbidden_head));
	assert_int_equal(move_build(sim, &larger), 1);
	assert_denied(sim, sim_send(sim, DIRECTION_REQUEST, forbidden_tail), REASON_STREAM_MIDDLE);
	sim_free(sim);
}

/* Bytes that can't be compared any more are not taken on trust. */
static void
other_build_compares_nothing_by_heart(void **state)
{
	struct sim *sim = opened("");
	uint32_t before = sim->end[DIRECTION_RESPONSE].next;

	exchange(sim);
	move_build(sim, &larger);
	assert_denied(sim,
	    sim_segment(sim, DIRECTION_RESPONSE, before, sim->end[DIRECTION_REQUEST].next, 0x10,
		(const uint8_t *)"\0\1\0\0\0\5\1\3\2\0\x9", 11),
	    REASON_STREAM_STALE);
	sim_free(sim);
}

/* Whatever a description and a block say: nothing outside is read, and nothing forbidden passes. */
static void
lies_are_not_believed(void **state)
{
	srand(7);
	for (unsigned round = 0; round < 3000; round++) {
		struct sim *sim = opened("pickup = \"resync\";");
		struct former former;
		size_t size = 1 + (size_t)rand() % 40000;
		uint8_t *block = malloc(size), *words = (uint8_t *)&former;

		former_describe(sim->arena, &former);
		for (size_t i = 0; i < size; i++)
			block[i] = (uint8_t)(rand() % 5 == 0 ? rand() : 2);
		for (unsigned i = 0; i < 4; i++)
			words[(size_t)rand() % offsetof(struct former, dissectors)] =
			    (uint8_t)rand();
		if (round % 2)
			former.flows_at = (uint32_t)rand() % 4096;
		if (round % 4 >= 2)
			former.rows_at = (uint32_t)rand() % 4096;
		move(sim, &smaller, block, size, &former);
		assert_int_equal(sim_send(sim, DIRECTION_REQUEST, forbidden), VERDICT_DENY);
		free(block);
		assert_false(former_is_ours(words, 1));
		sim_free(sim);
	}
}

/* There is not even room for the number of connections. */
static void
block_of_a_few_bytes_is_not_read(void **state)
{
	for (size_t size = 0; size < sizeof(uint32_t); size++) {
		struct sim *sim = opened("");
		uint8_t *block = malloc(size + 1);
		struct former former;

		former_describe(sim->arena, &former);
		former.flow_top_at = 1U << 30;
		former.flows_at = 0;
		assert_int_equal(move(sim, &smaller, block, size, &former), 0);
		free(block);
		sim_free(sim);
	}
}

/* A block of this build with holes in it: the tables are usable, whatever became of the
 * connections. */
static void
torn_arena_of_this_build(void **state)
{
	srand(8);
	for (unsigned round = 0; round < 2000; round++) {
		struct sim *sim = opened("");
		struct flow_arena *arena = sim->arena;
		uint8_t *bytes = sim->arena;

		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, forbidden_head));
		for (unsigned i = 0; i < 6; i++)
			bytes[arena->flows_at + (size_t)rand() % (4 * sizeof(struct flow))] =
			    (uint8_t)rand();
		arena->flow_top = (uint32_t)rand() % 100;
		move_limits(sim, round % 2 ? &larger : &smaller);
		sim_send(sim, DIRECTION_REQUEST, forbidden_tail);
		sim->now_ns += UINT64_C(100000000000);
		sim_open(sim);
		assert_int_equal(sim_send(sim, DIRECTION_REQUEST, forbidden), VERDICT_DENY);
		sim_free(sim);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(other_limits_keep_everything),
	    cmocka_unit_test(other_limits_know_half_a_message),
	    cmocka_unit_test(other_limits_keep_many_requests),
	    cmocka_unit_test(denied_stays_denied),
	    cmocka_unit_test(what_finds_no_room_is_refused),
	    cmocka_unit_test(other_build_goes_on_between_messages),
	    cmocka_unit_test(other_build_of_either_family_goes_on),
	    cmocka_unit_test(other_limits_keep_what_few_have),
	    cmocka_unit_test(other_build_forbids_from_the_first_message),
	    cmocka_unit_test(other_build_does_not_guess),
	    cmocka_unit_test(other_build_compares_nothing_by_heart),
	    cmocka_unit_test(lies_are_not_believed),
	    cmocka_unit_test(block_of_a_few_bytes_is_not_read),
	    cmocka_unit_test(torn_arena_of_this_build),
	};

	return cmocka_run_group_tests_name("former", tests, NULL, NULL);
}
