/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is barred, for how long, and who is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "barred.h"

static const uint64_t second = 1000000000;

static bool
dies(struct barred *barred, uint32_t peer, uint64_t at_s)
{
	struct address address = {{0}};

	memcpy(address.bytes, &peer, sizeof(peer));
	return barred_note(barred, FAMILY_IPV4, &address, (1000 + at_s) * second);
}

static size_t
count(const struct barred *barred, uint64_t at_s)
{
	struct ruleset_barred list[RULESET_BARRED_MAX];

	return barred_list(barred, (1000 + at_s) * second, list);
}

static void
three_deaths_within_a_minute_bar_a_peer(void **state)
{
	static struct barred barred;

	assert_false(dies(&barred, 1, 0));
	assert_false(dies(&barred, 1, 30));
	assert_true(dies(&barred, 1, BARRED_WITHIN_S));
	assert_int_equal(count(&barred, BARRED_WITHIN_S), 1);
	assert_non_null(barred_fresh(&barred));
	barred_fresh(&barred)->fresh = false;
	assert_null(barred_fresh(&barred));
	/* what waits in the queue may kill once more: that is no news */
	assert_false(dies(&barred, 1, BARRED_WITHIN_S + 1));
	assert_int_equal(count(&barred, BARRED_WITHIN_S + BARRED_FOR_S - 1), 1);
	assert_int_equal(count(&barred, BARRED_WITHIN_S + BARRED_FOR_S), 0);
}

static void
three_deaths_in_more_than_a_minute_do_not(void **state)
{
	static struct barred barred;

	for (uint64_t at = 0; at < 20; at++)
		assert_false(dies(&barred, 1, at * (BARRED_WITHIN_S / 2 + 1)));
	assert_int_equal(count(&barred, 600), 0);
}

static void
peers_are_counted_one_by_one(void **state)
{
	static struct barred barred;
	static const struct address address = {{1}};

	for (uint32_t peer = 1; peer <= 3; peer++)
		assert_false(dies(&barred, peer, 0));
	for (uint32_t peer = 1; peer <= 3; peer++)
		assert_false(dies(&barred, peer, 1));
	assert_false(barred_note(&barred, FAMILY_NONE, &address, 1002 * second));
	assert_false(barred_note(&barred, FAMILY_IPV6, &address, 1002 * second));
	assert_true(dies(&barred, 2, 2));
	assert_int_equal(count(&barred, 2), 1);
}

static void
there_is_room_for_so_many_and_not_for_one_more(void **state)
{
	static struct barred barred;
	uint32_t peer = 0;

	for (; peer <= BARRED_PEERS_MAX; peer++) {
		assert_false(dies(&barred, peer, 0));
		assert_false(dies(&barred, peer, 0));
		assert_int_equal(dies(&barred, peer, 0), peer < BARRED_PEERS_MAX);
	}
	assert_int_equal(barred.refused, 1);
	assert_int_equal(count(&barred, 1), BARRED_PEERS_MAX);
	/* and when the time of the others is over, there is again */
	assert_int_equal(count(&barred, BARRED_FOR_S + 1), 0);
	for (unsigned i = 0; i < BARRED_DEATHS - 1; i++)
		assert_false(dies(&barred, 1, BARRED_FOR_S + 1));
	assert_true(dies(&barred, 1, BARRED_FOR_S + 1));
}

/* Those that are watched push each other out, the oldest first, and bar nobody by that. */
static void
watched_peers_do_not_grow(void **state)
{
	static struct barred barred;

	for (uint32_t peer = 0; peer <= BARRED_PEERS_MAX; peer++)
		assert_false(dies(&barred, peer, peer / 10));
	for (uint32_t peer = 1; peer <= BARRED_PEERS_MAX; peer++)
		assert_false(dies(&barred, peer, 10));
	assert_true(dies(&barred, BARRED_PEERS_MAX, 11));
	assert_false(dies(&barred, 0, 11));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(three_deaths_within_a_minute_bar_a_peer),
	    cmocka_unit_test(three_deaths_in_more_than_a_minute_do_not),
	    cmocka_unit_test(peers_are_counted_one_by_one),
	    cmocka_unit_test(there_is_room_for_so_many_and_not_for_one_more),
	    cmocka_unit_test(watched_peers_do_not_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
