/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Storms: few events of many denials, none of them lost, nobody's first hidden. The time is made
 * up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "storms.h"

enum { MANY = 1000000 };

static const uint64_t begin_ns = UINT64_C(1000000000000);
static const uint64_t wall_ns = UINT64_C(1764000000000000000);

static struct storms storms;
static uint64_t now, one_by_one, summaries, summed;
static struct event last;
static bool deaf;

static bool
hear(void *context, const struct event *event)
{
	if (deaf)
		return false;
	assert_int_equal(event->type, EVENT_STORM);
	summaries++;
	summed += event->lost;
	last = *event;
	return true;
}

static int
set_up(void **state)
{
	memset(&storms, 0, sizeof(storms));
	storms.seed = 12345;
	now = begin_ns;
	one_by_one = summaries = summed = 0;
	deaf = false;
	return 0;
}

static struct event
denial(uint16_t client, enum reason reason)
{
	return (struct event){
	    .type = EVENT_VERDICT,
	    .family = FAMILY_IPV4,
	    .verdict = VERDICT_DENY,
	    .reason = reason,
	    .channel = 3,
	    .wall_ns = wall_ns + (now - begin_ns),
	    .source.bytes = {10, 10, (uint8_t)(client >> 8), (uint8_t)client},
	};
}

static bool
deny(uint16_t client, enum reason reason)
{
	struct event event = denial(client, reason);
	bool told = storms_take(&storms, &event, now);

	one_by_one += told;
	return told;
}

static void
tick(void)
{
	storms_tick(&storms, now, wall_ns + (now - begin_ns), hear, NULL);
}

static void
a_million_denials_are_few_events(void **state)
{
	for (unsigned i = 0; i < MANY; i++) {
		deny(1, REASON_POINT_DENIED);
		now += 1000000;
		tick();
	}
	now += STORM_QUIET_NS;
	tick();
	assert_int_equal(one_by_one, STORM_EACH);
	assert_int_equal(one_by_one + summed, MANY); /* every one is accounted for */
	assert_true(summaries <= 12);                /* 1, 2, 4 ... 512 seconds, and the end */
	assert_true(last.over);
	assert_int_equal(last.total, MANY);
	assert_int_equal(storms_untold(&storms), 0);
	assert_int_equal(storms.summed, MANY - STORM_EACH);
}

static void
a_summary_names_first_and_last(void **state)
{
	for (unsigned i = 0; i <= STORM_EACH; i++)
		deny(1, REASON_POINT_DENIED);
	now += 700;
	deny(1, REASON_POINT_DENIED);
	now += STORM_PAUSE_NS;
	tick();
	assert_int_equal(summaries, 1);
	assert_int_equal(last.lost, 2);
	assert_int_equal(last.total, STORM_EACH + 2);
	assert_int_equal(last.first_ns, wall_ns);
	assert_int_equal(last.last_ns, wall_ns + 700);
	assert_int_equal(last.channel, 3);
	assert_false(last.over);
}

static void
others_are_told_at_once(void **state)
{
	for (unsigned i = 0; i < MANY; i++)
		deny(1, REASON_POINT_DENIED);
	assert_true(deny(2, REASON_POINT_DENIED));
	assert_true(deny(1, REASON_VALUE_DENIED));
}

/* What monitor mode lets pass is counted apart from what is stopped. */
static void
would_be_denials_are_of_another_kind(void **state)
{
	struct event event = denial(1, REASON_POINT_DENIED);

	for (unsigned i = 0; i < 2 * STORM_EACH; i++)
		deny(1, REASON_POINT_DENIED);
	event.verdict = VERDICT_ALLOW;
	assert_false(storms_concern(&event));
	event.would_deny = 1;
	assert_true(storms_concern(&event));
	assert_true(storms_take(&storms, &event, now));
}

/* Its end is told, and the next is news again. */
static void
a_storm_ends(void **state)
{
	for (unsigned i = 0; i < 2 * STORM_EACH; i++)
		deny(1, REASON_POINT_DENIED);
	now += STORM_PAUSE_NS;
	tick();
	assert_int_equal(summaries, 1);
	now += STORM_QUIET_NS;
	tick();
	assert_int_equal(summaries, 2);
	assert_int_equal(last.lost, 0);
	assert_true(last.over);
	assert_int_equal(storms.due_ns, 0);
	assert_true(deny(1, REASON_POINT_DENIED));
	assert_int_equal(one_by_one + summed, 2 * STORM_EACH + 1);
}

/* One every ten seconds: no storm, but nobody wants to read each of them for years either. */
static void
slow_ones_are_summed_up_too(void **state)
{
	for (unsigned i = 0; i < 1000; i++) {
		deny(1, REASON_POINT_DENIED);
		now += UINT64_C(10000000000);
		tick();
	}
	assert_int_equal(one_by_one, STORM_EACH);
	assert_true(summaries < 30);
}

/* One kind more than there is room for: known by its number and reason; nobody gives way. */
static void
one_kind_too_many(void **state)
{
	unsigned kinds = 0;
	uint64_t denials = 0;

	for (uint16_t client = 0; client < 4 * STORMS_MAX; client++, denials++)
		kinds += deny(client, REASON_POINT_DENIED);
	/* places are found by chance: all are taken, or nearly */
	assert_true(kinds > STORMS_MAX * 9 / 10 && kinds <= STORMS_MAX);
	assert_int_equal(storms.homeless, denials - kinds);
	now += STORM_PAUSE_NS;
	tick();
	assert_int_equal(summaries, 1);
	assert_int_equal(last.lost, denials - kinds);
	assert_int_equal(last.family, FAMILY_NONE);
	assert_int_equal(last.channel, EVENT_NO_INDEX);
	assert_int_equal(last.reason, REASON_POINT_DENIED);
	/* those of before are quiet and make room */
	now += STORM_QUIET_NS;
	tick();
	assert_true(deny(60000, REASON_POINT_DENIED));
}

static void
the_limit_is_what_it_says(void **state)
{
	struct event event;

	/* without a seed and by channel alone, until one set has no place left */
	unsigned told = 0, denials = 0;

	for (uint32_t channel = 0; storms.homeless == 0; channel++, denials++) {
		event = denial(1, REASON_POINT_DENIED);
		event.channel = channel;
		told += storms_take(&storms, &event, now);
	}
	assert_int_equal(told, denials - 1);
	assert_true(told >= STORM_WAYS && told <= STORMS_MAX);
}

/* The way to the supervisor is full: what was to be told by itself is told later. */
static void
what_could_not_be_told_is_told_later(void **state)
{
	struct event event = denial(1, REASON_POINT_DENIED);

	assert_true(storms_take(&storms, &event, now));
	storms_keep(&storms, &event, now);
	assert_int_equal(storms_untold(&storms), 1);
	now += STORM_PAUSE_NS;
	deaf = true;
	tick();
	assert_int_equal(storms_untold(&storms), 1);
	deaf = false;
	now += STORM_PAUSE_NS;
	tick();
	assert_int_equal(summed, 1);
	/* and a summary that was lost behind us comes again, with all that it told */
	storms_keep(&storms, &last, now);
	now += 2 * STORM_PAUSE_NS;
	tick();
	assert_int_equal(last.lost, 1);
	assert_int_equal(summed, 2);
}

static void
the_end_tells_everything(void **state)
{
	for (unsigned i = 0; i < 100; i++)
		deny(1, REASON_POINT_DENIED);
	for (uint16_t client = 0; client < 4 * STORMS_MAX; client++)
		deny(client, REASON_VALUE_DENIED);
	deaf = true;
	storms_end(&storms, wall_ns, hear, NULL);
	assert_true(storms_untold(&storms) > 0);
	deaf = false;
	storms_end(&storms, wall_ns, hear, NULL);
	assert_int_equal(one_by_one + summed, 100 + 4 * STORMS_MAX);
	assert_int_equal(storms_untold(&storms), 0);
}

/* What a crash, or who has caused it, leaves there harms nobody. */
static void
garbage_is_survived(void **state)
{
	memset(&storms, 0xa5, sizeof(storms));
	tick();
	for (uint16_t client = 0; client < 4 * STORMS_MAX; client++)
		deny(client, (enum reason)(0xa5a5));
	storms_end(&storms, wall_ns, hear, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(a_million_denials_are_few_events, set_up),
	    cmocka_unit_test_setup(a_summary_names_first_and_last, set_up),
	    cmocka_unit_test_setup(others_are_told_at_once, set_up),
	    cmocka_unit_test_setup(would_be_denials_are_of_another_kind, set_up),
	    cmocka_unit_test_setup(a_storm_ends, set_up),
	    cmocka_unit_test_setup(slow_ones_are_summed_up_too, set_up),
	    cmocka_unit_test_setup(one_kind_too_many, set_up),
	    cmocka_unit_test_setup(the_limit_is_what_it_says, set_up),
	    cmocka_unit_test_setup(what_could_not_be_told_is_told_later, set_up),
	    cmocka_unit_test_setup(the_end_tells_everything, set_up),
	    cmocka_unit_test_setup(garbage_is_survived, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
