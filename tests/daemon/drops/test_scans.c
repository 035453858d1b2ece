/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scans: what many dropped packets become, and what happens when there are more sources than room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scans.h"

static struct scans scans;
static unsigned told;
static uint64_t packets;
static struct event last;

static void
hear(void *context, const struct event *event)
{
	told++;
	packets += event->lost;
	last = *event;
}

static int
set_up(void **state)
{
	scans = (struct scans){.tell = hear};
	told = 0;
	packets = 0;
	return 0;
}

static struct event
packet(uint16_t source, uint16_t port, enum reason reason)
{
	struct event event = {
	    .type = EVENT_DROP,
	    .family = FAMILY_IPV4,
	    .reason = reason,
	    .destination_port = port,
	    .source.bytes = {10, 10, (uint8_t)(source >> 8), (uint8_t)source},
	};

	return event;
}

static void
add(uint16_t source, uint16_t port, enum reason reason, uint64_t now)
{
	struct event event = packet(source, port, reason);

	scans_add(&scans, &event, now);
}

static void
first_packet_is_told_at_once(void **state)
{
	add(5, 502, REASON_NO_CHANNEL, 1);
	assert_int_equal(told, 1);
	assert_int_equal(last.lost, 1);
	assert_int_equal(last.destination_port, 502);
}

/* A thousand ports of one host: one event at once, one after the period. */
static void
scan_is_one_entry(void **state)
{
	for (uint16_t port = 1; port <= 1000; port++)
		add(5, port, REASON_NO_CHANNEL, 1);
	scans_tick(&scans, SCANS_PERIOD_NS);
	assert_int_equal(told, 1);
	scans_tick(&scans, 1 + SCANS_PERIOD_NS);
	assert_int_equal(told, 2);
	assert_int_equal(packets, 1000);
	assert_int_equal(last.destination_port, 1000);
}

static void
another_reason_or_source_is_another_entry(void **state)
{
	add(5, 1, REASON_NO_CHANNEL, 1);
	add(5, 1, REASON_WRONG_ZONE, 1);
	add(6, 1, REASON_NO_CHANNEL, 1);
	assert_int_equal(told, 3);
}

/* Who was silent for a period and comes back is told at once. */
static void
silence_is_forgotten(void **state)
{
	add(5, 1, REASON_NO_CHANNEL, 1);
	assert_int_equal(scans.used, 1);
	scans_tick(&scans, 1 + SCANS_PERIOD_NS);
	assert_int_equal(scans.used, 0);
	assert_int_equal(told, 1);
	add(5, 1, REASON_NO_CHANNEL, 2 + SCANS_PERIOD_NS);
	assert_int_equal(told, 2);
}

/* One source more than there is room for: not told by name, but counted; and nobody gives way. */
static void
one_source_too_many(void **state)
{
	for (uint16_t source = 0; source < SCANS_MAX; source++)
		add(source, 1, REASON_NO_CHANNEL, 1);
	assert_int_equal(told, SCANS_MAX);
	add(SCANS_MAX, 1, REASON_NO_CHANNEL, 1);
	add(SCANS_MAX + 1, 1, REASON_NO_CHANNEL, 1);
	assert_int_equal(told, SCANS_MAX);
	assert_int_equal(scans.used, SCANS_MAX);
	scans_tick(&scans, 1 + SCANS_PERIOD_NS);
	assert_int_equal(told, SCANS_MAX + 1);
	assert_int_equal(last.lost, 2);
	assert_int_equal(last.family, FAMILY_NONE);
}

static void
what_is_left_is_told_at_the_end(void **state)
{
	add(5, 1, REASON_NO_CHANNEL, 1);
	add(5, 2, REASON_NO_CHANNEL, 1);
	scans_flush(&scans);
	scans_flush(&scans);
	assert_int_equal(told, 2);
	assert_int_equal(packets, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(first_packet_is_told_at_once, set_up),
	    cmocka_unit_test_setup(scan_is_one_entry, set_up),
	    cmocka_unit_test_setup(another_reason_or_source_is_another_entry, set_up),
	    cmocka_unit_test_setup(silence_is_forgotten, set_up),
	    cmocka_unit_test_setup(one_source_too_many, set_up),
	    cmocka_unit_test_setup(what_is_left_is_told_at_the_end, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
