/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event filter: times as people write them, and which events are within what was asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "event_filter.h"
#include "event_time.h"

#define S UINT64_C(1000000000)

enum { NOW = 1767605400 /* 2026-01-05 09:30:00 UTC */, DAY = 86400 };

static void
times_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		uint64_t seconds;
	} rows[] = {
	    {"now", NOW},
	    {"10m", NOW - 600},
	    {"90 seconds", NOW - 90},
	    {"2 hours ago", NOW - 7200},
	    {"1d 12h", NOW - DAY - 43200},
	    {"1d12h", NOW - DAY - 43200},
	    {"1 week", NOW - 7 * DAY},
	    {"Today", NOW - 34200},
	    {"yesterday", NOW - 34200 - DAY},
	    {"08:00", NOW - 5400},
	    {"8:00:30", NOW - 5370},
	    {"2026-01-05", NOW - 34200},
	    {"2026-01-04 09:30", NOW - DAY},
	    {"2026-01-04T09:30:00", NOW - DAY},
	    {"2026-01-05T10:30:00+0100", NOW},
	    {"2026-01-05T10:30:00+01:00", NOW},
	    {"2026-01-05T09:30:00.000000Z", NOW},
	    {"2026-01-05T08:00:00.000000-0130", NOW},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t found = 0;

		if (event_time_read(rows[i].text, NOW * S, &found) < 0 ||
		    found != rows[i].seconds * S)
			fail_msg("\"%s\" is %llu, not %llu", rows[i].text,
			    (unsigned long long)(found / S), (unsigned long long)rows[i].seconds);
	}
}

static void
parts_of_a_second_count(void **state)
{
	uint64_t found;

	assert_int_equal(event_time_read("2026-01-05T09:30:00.25+0000", 0, &found), 0);
	assert_true(found == NOW * S + S / 4);
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const texts[] = {"", " ", "ten minutes", "10", "10 x", "10m later",
	    "25:00", "08:60", "8", "08:", "08:00:", "2026", "2026-13-01", "2026-01-32",
	    "2026-01-05x", "2026-01-05 08:00 o'clock", "2026-01-05T08:00:00+1", "-5m", "tomorrow",
	    "1969-01-01", "9999-01-01", "08:00:00."};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint64_t found;

		if (event_time_read(texts[i], NOW * S, &found) == 0)
			fail_msg("\"%s\" is read as a time", texts[i]);
	}
}

static bool
wants(const struct event_filter *filter, const char *text)
{
	json_t *event = json_loads(text, 0, NULL);
	bool wanted;

	assert_non_null(event);
	wanted = event_filter_wants(filter, event);
	json_decref(event);
	return wanted;
}

#define DENIAL                                                                                \
	"{\"timestamp\":\"2026-01-05T09:30:00.000000+0000\",\"event_type\":\"verdict\","      \
	"\"src_ip\":\"10.10.0.5\",\"dest_ip\":\"fd00::11\",\"sluice\":{\"conduit\":\"line\"," \
	"\"channel\":\"hmi\",\"verdict\":\"deny\",\"reason\":\"value-denied\"}}"

static const char alarm_note[] = "{\"timestamp\":\"2026-01-05T09:30:00.000000+0000\","
				 "\"event_type\":\"alarm\",\"sluice\":{\"alarm\":\"x\"}}";

static void
hosts_are_addresses_and_networks(void **state)
{
	static const struct {
		const char *text;
		bool wanted;
	} rows[] = {
	    {"10.10.0.5", true},
	    {"10.10.0.6", false},
	    {"10.10.0.0/24", true},
	    {"10.10.0.5/24", true},
	    {"10.20.0.0/24", false},
	    {"fd00::11", true},
	    {"FD00:0:0::11", true},
	    {"fd00::/64", true},
	    {"fd01::/64", false},
	    {"10.20.0.0/24,10.10.0.5", true},
	    {"10.20.0.0/24, fd01::1", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct event_filter filter = {0};

		assert_int_equal(event_filter_hosts(&filter, rows[i].text), 0);
		if (wants(&filter, DENIAL) != rows[i].wanted)
			fail_msg("--host %s", rows[i].text);
		assert_false(wants(&filter, alarm_note));
		assert_true(wants(&filter, "{\"event_type\":\"lost\",\"count\":3}"));
		event_filter_done(&filter);
	}
}

static void
channels_are_named_in_full_or_in_half(void **state)
{
	static const struct {
		const char *text;
		bool wanted;
	} rows[] = {
	    {"hmi", true},
	    {"line", true},
	    {"line/hmi", true},
	    {"line/other", false},
	    {"lin/hmi", false},
	    {"linee/hmi", false},
	    {"hm", false},
	    {"other,hmi", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct event_filter filter = {0};

		assert_int_equal(event_filter_channels(&filter, rows[i].text), 0);
		if (wants(&filter, DENIAL) != rows[i].wanted)
			fail_msg("--channel %s", rows[i].text);
		assert_false(wants(&filter, alarm_note));
		event_filter_done(&filter);
	}
}

static void
reasons_are_those_of_the_manual(void **state)
{
	struct event_filter filter = {0};

	assert_int_equal(event_filter_reasons(&filter, "point-denied,value-denied"), 0);
	assert_true(wants(&filter, DENIAL));
	event_filter_done(&filter);
	assert_int_equal(event_filter_reasons(&filter, "point-denied"), 0);
	assert_false(wants(&filter, DENIAL));
	event_filter_done(&filter);
	assert_true(event_filter_reasons(&filter, "value-denid") < 0);
	event_filter_done(&filter);
}

static void
since_hides_what_is_older_and_nothing_else(void **state)
{
	struct event_filter filter = {.since_ns = NOW * S};

	assert_true(wants(&filter, DENIAL));
	assert_true(wants(&filter, "{\"event_type\":\"verdict\"}"));
	filter.since_ns++;
	assert_false(wants(&filter, DENIAL));
	assert_false(wants(&filter, alarm_note));
}

static void
words_without_number_are_refused_beyond_the_limit(void **state)
{
	char text[4 * FILTER_WORDS_MAX] = "";
	struct event_filter filter = {0};

	for (int i = 0; i < FILTER_WORDS_MAX; i++)
		strcat(text, i ? ",a" : "a");
	assert_int_equal(event_filter_channels(&filter, text), 0);
	event_filter_done(&filter);
	strcat(text, ",a");
	assert_true(event_filter_channels(&filter, text) < 0);
	event_filter_done(&filter);
	assert_true(event_filter_channels(&filter, ",") < 0);
	event_filter_done(&filter);
}

/* Events are read from files that anybody may have written. */
static void
members_of_other_types_do_no_harm(void **state)
{
	static const char *const texts[] = {
	    "{}",
	    "{\"timestamp\":7,\"event_type\":[],\"src_ip\":{},\"dest_ip\":null,\"sluice\":\"x\"}",
	    "{\"event_type\":\"verdict\",\"sluice\":{\"verdict\":1,\"conduit\":2,\"channel\":[]}}",
	};
	struct event_filter filter = {.denied = true, .since_ns = 1};

	assert_int_equal(event_filter_hosts(&filter, "10.0.0.1"), 0);
	assert_int_equal(event_filter_channels(&filter, "a/b"), 0);
	assert_int_equal(event_filter_reasons(&filter, "value-denied"), 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(wants(&filter, texts[i]));
	event_filter_done(&filter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_read_as_people_write_them),
	    cmocka_unit_test(parts_of_a_second_count),
	    cmocka_unit_test(what_is_no_time_is_refused),
	    cmocka_unit_test(hosts_are_addresses_and_networks),
	    cmocka_unit_test(channels_are_named_in_full_or_in_half),
	    cmocka_unit_test(reasons_are_those_of_the_manual),
	    cmocka_unit_test(since_hides_what_is_older_and_nothing_else),
	    cmocka_unit_test(words_without_number_are_refused_beyond_the_limit),
	    cmocka_unit_test(members_of_other_types_do_no_harm),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
