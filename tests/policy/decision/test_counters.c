/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters under a new policy: they go with the names of channels and conduits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "engine_counters.h"
#include "flow_arena.h"

enum { NAMES_MAX = 8 };

static const struct engine_limits limits = {.flows = 16, .held_bytes = 4096, .states = 16};

/* Conduits of the names a, b, ...; each has a channel x, and a channel y. */
struct sample {
	struct policy policy;
	struct conduit conduits[NAMES_MAX];
	struct channel channels[2 * NAMES_MAX];
	struct channel *by_index[2 * NAMES_MAX];
	char names[NAMES_MAX][2];
};

static void
make(struct sample *sample, const char *names)
{
	static char x[] = "x", y[] = "y";

	memset(sample, 0, sizeof(*sample));
	for (size_t i = 0; names[i] != '\0'; i++) {
		sample->names[i][0] = names[i];
		sample->conduits[i].name = sample->names[i];
		for (size_t k = 2 * i; k < 2 * i + 2; k++) {
			sample->channels[k].name = k % 2 ? y : x;
			sample->channels[k].conduit = &sample->conduits[i];
			sample->channels[k].index = (uint32_t)k;
			sample->by_index[k] = &sample->channels[k];
		}
		sample->policy.conduit_count++;
		sample->policy.channel_count += 2;
	}
	sample->policy.conduits = sample->conduits;
	sample->policy.channels = sample->by_index;
}

/* What is counted for a name, whichever place it has. */
static uint64_t
number(char name, bool y)
{
	return (uint64_t)name * 10 + y;
}

static void
counters_go_with_their_names(void **state)
{
	static const char *const rows[][2] = {{"abc", "abc"}, {"abc", "cab"}, {"abc", "xabc"},
	    {"abc", "ac"}, {"abc", ""}, {"", "abc"}, {"abcdefgh", "hgfedcba"}, {"ab", "cd"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *before = rows[i][0], *now = rows[i][1];
		void *arena = calloc(1, engine_arena_size(&limits));
		struct sample old, new;
		struct flow_table table;

		assert_non_null(arena);
		engine_arena_init(arena, &limits, 1);
		flow_table_attach(&table, arena);
		make(&old, before);
		make(&new, now);
		for (size_t k = 0; before[k] != '\0'; k++) {
			table.conduits[k].by_reason[REASON_POINT_DENIED] = number(before[k], false);
			table.channels[2 * k].denied = number(before[k], false);
			table.channels[2 * k + 1].messages = number(before[k], true);
		}
		assert_int_equal(engine_counters_follow(arena, &old.policy, &new.policy), 0);
		for (size_t k = 0; k < NAMES_MAX; k++) {
			bool known = k < strlen(now) && strchr(before, now[k]) != NULL;
			uint64_t expected = known ? number(now[k], false) : 0;
			struct conduit_counters conduit;
			struct channel_counters x, y;

			engine_conduit_counters(arena, k, &conduit);
			engine_channel_counters(arena, (uint32_t)(2 * k), &x);
			engine_channel_counters(arena, (uint32_t)(2 * k + 1), &y);
			assert_int_equal(conduit.by_reason[REASON_POINT_DENIED], expected);
			assert_int_equal(x.denied, expected);
			assert_int_equal(y.messages, known ? number(now[k], true) : 0);
		}
		free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counters_go_with_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
