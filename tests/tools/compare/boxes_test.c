/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boxes: what is left of one when others are taken away, point by point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "boxes.h"
#include "load.h"

enum { EDGE = 4, OTHERS_MAX = 6, ROUNDS = 2000 };

static unsigned
below(unsigned limit)
{
	return (unsigned)rand() % limit;
}

static struct connections_box
random_box(void)
{
	struct connections_box box = {.family = FAMILY_IPV4, .transport = PROTOCOL_TCP};

	for (int i = 0; i < BOX_SIDES; i++) {
		box.sides[i].first = wide_of(below(EDGE));
		box.sides[i].last = wide_of(
		    box.sides[i].first.low + below(EDGE - (unsigned)box.sides[i].first.low));
	}
	return box;
}

static bool
holds(const struct connections_box *box, const unsigned *point)
{
	for (int i = 0; i < BOX_SIDES; i++)
		if (point[i] < box->sides[i].first.low || point[i] > box->sides[i].last.low)
			return false;
	return true;
}

static unsigned
times_held(const struct boxes *boxes, const unsigned *point)
{
	unsigned times = 0;

	for (size_t i = 0; i < boxes->count; i++)
		times += holds(&boxes->items[i], point);
	return times;
}

static bool
next_point(unsigned *point)
{
	for (int i = 0; i < BOX_SIDES; i++) {
		if (++point[i] < EDGE)
			return true;
		point[i] = 0;
	}
	return false;
}

static void
what_is_left_is_what_no_other_holds(void **state)
{
	struct connections_box others_room[OTHERS_MAX];

	(void)state;
	srand(7);
	for (int round = 0; round < ROUNDS; round++) {
		struct connections_box box = random_box();
		struct boxes others = {others_room, below(OTHERS_MAX + 1), 0}, left = {0};
		unsigned point[BOX_SIDES] = {0};

		for (size_t i = 0; i < others.count; i++)
			others_room[i] = random_box();
		box_subtract(&box, &others, &left);
		do {
			bool expected = holds(&box, point) && times_held(&others, point) == 0;

			assert_int_equal(times_held(&left, point), expected);
		} while (next_point(point));
		boxes_done(&left);
	}
}

static void
other_families_and_transports_take_nothing_away(void **state)
{
	struct connections_box box = random_box(), udp = box, six = box;
	struct connections_box both[2];
	struct boxes others = {both, 2, 0}, left = {0};

	(void)state;
	udp.transport = PROTOCOL_UDP;
	six.family = FAMILY_IPV6;
	both[0] = udp;
	both[1] = six;
	box_subtract(&box, &others, &left);
	assert_int_equal(left.count, 1);
	assert_memory_equal(left.items[0].sides, box.sides, sizeof(box.sides));
	boxes_done(&left);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_left_is_what_no_other_holds),
	    cmocka_unit_test(other_families_and_transports_take_nothing_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
