/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks: what is made is read again, in the bits of the mask alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mark.h"

static const uint32_t masks[] = {MARK_MASK_ALL, 0xffff0000, 0x0000ffff, 0xff, 0x0ff00ff0,
    0x55555555, 0x80000001 | 0x00ffff00, 0x7fffffff, 0xf000000f, 0xfffffffe};

enum { MASKS = sizeof(masks) / sizeof(masks[0]) };

static void
what_is_made_is_read(void **state)
{
	for (unsigned m = 0; m < MASKS; m++) {
		uint32_t mask = masks[m], last = mark_channels(mask) - 1;
		const uint32_t indices[] = {0, 1, last / 2, last};

		for (unsigned i = 0; i < 4 * 2 * mark_generations(mask); i++) {
			struct mark mark = {.generation = (uint8_t)(i / 8 + 1),
			    .channel_index = indices[i % 4],
			    .back = i & 4};
			uint32_t value = mark_make(mask, &mark);
			struct mark read;

			assert_int_equal(value & ~mask, 0);
			assert_int_not_equal(value, mask);
			assert_int_equal(mark_back(mask) & value, mark.back ? mark_back(mask) : 0);
			/* whatever others put into their bits */
			assert_true(mark_read(mask, value | ~mask, &read));
			assert_int_equal(read.generation, mark.generation);
			assert_int_equal(read.channel_index, mark.channel_index);
			assert_int_equal(read.back, mark.back);
			/* the generation stands where it is looked for */
			mark.channel_index = 0;
			assert_int_equal(value & mark_generation_mask(mask),
			    mark_make(mask, &mark) & mark_generation_mask(mask));
		}
	}
}

static void
others_are_none_of_ours(void **state)
{
	for (unsigned m = 0; m < MASKS; m++) {
		uint32_t mask = masks[m], generation = mark_generation_mask(mask);
		struct mark read;

		assert_false(mark_read(mask, 0, &read));
		assert_false(mark_read(mask, ~mask, &read));
		assert_false(mark_read(mask, mask, &read));       /* what inspectors send */
		assert_false(mark_read(mask, generation, &read)); /* no channel */
		assert_false(mark_read(mask, generation | mark_back(mask), &read));
		/* no generation */
		assert_false(mark_read(mask, (mask & ~generation) & -(mask & ~generation), &read));
	}
}

/* As documented, and what a policy may count on. */
static void
bits_are_shared_out(void **state)
{
	assert_int_equal(mark_make(MARK_MASK_ALL, &(struct mark){.generation = 1}), 0x01000001);
	assert_int_equal(mark_back(MARK_MASK_ALL), 0x00800000);
	assert_int_equal(mark_channels(MARK_MASK_ALL), 0x7ffffe);
	assert_int_equal(mark_generations(MARK_MASK_ALL), 255);
	assert_int_equal(mark_channels(0xff), 30);
	assert_int_equal(mark_generations(0xff), 3);
	assert_int_equal(mark_channels(0xffff), 2046);
	assert_int_equal(mark_generations(0xffff), 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_made_is_read),
	    cmocka_unit_test(others_are_none_of_ours),
	    cmocka_unit_test(bits_are_shared_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
