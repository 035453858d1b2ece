/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turn: a storm of one client leaves room for what others have to tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "turn.h"

enum { ROOM = 768, STORM = 10000 };

static struct address
client(uint8_t number)
{
	return (struct address){.bytes = {10, 10, 0, number}};
}

/* How many events of a client find room behind `waiting`, if nobody reads. */
static uint64_t
tell(struct turn *turn, uint8_t number, uint64_t *waiting, unsigned events)
{
	const struct address who = client(number);
	uint64_t before = *waiting;

	for (unsigned i = 0; i < events; i++)
		if (*waiting < ROOM && turn_takes(turn, &who, *waiting, ROOM))
			++*waiting;
	return *waiting - before;
}

static void
storm_leaves_room_for_others(void **state)
{
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct turn turn = {.seed = seed};
		uint64_t waiting = 0;
		unsigned heard = 0;

		assert_int_equal(tell(&turn, 66, &waiting, STORM), ROOM / 4 * 3);
		for (uint8_t other = 1; other <= 20; other++)
			heard += tell(&turn, other, &waiting, 1) == 1;
		/* the place of the storm may be that of another by chance, one in 256 */
		assert_true(heard >= 18);
		assert_int_equal(tell(&turn, 66, &waiting, STORM), 0);
		/* and of a second storm it leaves some, too */
		tell(&turn, 67, &waiting, STORM);
		assert_true(waiting <= ROOM / 4 * 3 + 20 + TURN_FEW);
	}
}

static void
all_is_told_as_long_as_somebody_reads(void **state)
{
	struct turn turn = {.seed = 1};
	const struct address who = client(66);

	for (unsigned i = 0; i < STORM; i++)
		assert_true(turn_takes(&turn, &who, i % (ROOM / 4 * 3), ROOM));
}

static void
an_empty_pipe_forgets(void **state)
{
	struct turn turn = {.seed = 1};
	uint64_t waiting = 0;

	tell(&turn, 66, &waiting, STORM);
	waiting = 0;
	assert_int_equal(tell(&turn, 66, &waiting, STORM), ROOM / 4 * 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(storm_leaves_room_for_others),
	    cmocka_unit_test(all_is_told_as_long_as_somebody_reads),
	    cmocka_unit_test(an_empty_pipe_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
