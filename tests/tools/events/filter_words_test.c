/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filter words: which events a sentence wants, and which sentences are none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter_words.h"
#include "network.h"

enum { WORDS_MAX = 64, TEXT_MAX = 512 };

/* A policy in which "plc1" is one host, and no other name is known. */
static int
resolve(
    void *context, const char *name, struct network *ret_networks, size_t room, size_t *ret_count)
{
	assert_true(room > 0);
	if (strcmp(name, "plc1") != 0)
		return -EBADMSG;
	*ret_count = 1;
	return network_read("10.20.0.11", &ret_networks[0]);
}

static int
read_words(const char *sentence, struct event_filter *filter)
{
	static char text[TEXT_MAX];
	char *words[WORDS_MAX], *rest = text;
	size_t count = 0;

	snprintf(text, sizeof(text), "%s", sentence);
	while (rest && count < WORDS_MAX)
		words[count++] = strsep(&rest, " ");
	return filter_words_read(filter, "events", words, count, resolve, NULL);
}

/* Letters of the events below. */
static const struct {
	char letter;
	const char *text;
} events[] = {
    {'d',
	"{\"event_type\":\"verdict\",\"src_ip\":\"10.10.0.5\",\"dest_ip\":\"10.20.0.11\","
	"\"direction\":\"to_server\",\"sluice\":{\"conduit\":\"line\",\"channel\":\"hmi\","
	"\"verdict\":\"deny\",\"reason\":\"value-denied\"}}"},
    {'b',
	"{\"event_type\":\"verdict\",\"src_ip\":\"10.20.0.11\",\"dest_ip\":\"10.10.0.5\","
	"\"direction\":\"to_client\",\"sluice\":{\"conduit\":\"line\",\"channel\":\"hmi\","
	"\"verdict\":\"deny\",\"reason\":\"response-unmatched\"}}"},
    {'a',
	"{\"event_type\":\"verdict\",\"src_ip\":\"10.10.0.9\",\"dest_ip\":\"10.20.0.11\","
	"\"direction\":\"to_server\",\"sluice\":{\"conduit\":\"line\",\"channel\":\"log\","
	"\"verdict\":\"allow\",\"reason\":\"rule\"}}"},
    {'m',
	"{\"event_type\":\"verdict\",\"src_ip\":\"10.10.0.9\",\"dest_ip\":\"10.20.0.12\","
	"\"direction\":\"to_server\",\"sluice\":{\"conduit\":\"trial\",\"channel\":\"log\","
	"\"verdict\":\"allow\",\"would_deny\":true,\"reason\":\"point-denied\"}}"},
    {'k',
	"{\"event_type\":\"drop\",\"src_ip\":\"10.9.0.1\",\"dest_ip\":\"10.20.0.11\","
	"\"sluice\":{\"verdict\":\"deny\",\"reason\":\"no-channel\"}}"},
    {'t', "{\"event_type\":\"storm\",\"sluice\":{\"verdict\":\"deny\",\"reason\":\"no-channel\"}}"},
    {'x', "{\"event_type\":\"alarm\",\"sluice\":{\"alarm\":\"queue-overflow\"}}"},
    {'s', "{\"event_type\":\"start\",\"sluice\":{}}"},
    {'l', "{\"event_type\":\"lost\",\"count\":3}"},
};

static void
sentences_want_what_they_say(void **state)
{
	static const struct {
		const char *sentence;
		const char *wanted;
	} rows[] = {
	    {"denied", "dbmktxsl"},
	    {"allowed", "axsl"},
	    {"denied allowed", "dbamktxsl"},
	    {"alarms", "xl"},
	    {"alarm", "xl"},
	    {"alarms denied", "dbmktxl"},
	    {"channel hmi", "dbl"},
	    {"channel line/hmi", "dbl"},
	    {"channel line", "dbal"},
	    {"conduit line", "dbal"},
	    {"conduit hmi", "l"},
	    {"conduit line,trial denied", "dbml"},
	    {"channel hmi denied", "dbl"},
	    {"host 10.10.0.5", "dbl"},
	    {"host 10.10.0.0/24", "dbaml"},
	    {"host plc1", "dbakl"},
	    {"client 10.10.0.5", "dbl"},
	    {"client plc1", "l"},
	    {"server plc1", "dbakl"},
	    {"server 10.10.0.5", "l"},
	    {"server plc1,10.20.0.12", "dbamkl"},
	    {"reason value-denied", "dl"},
	    {"reason value-denied,no-channel", "dktl"},
	    {"client 10.10.0.9 server plc1", "al"},
	    {"since 10m channel hmi", "dbl"},
	    {"since 2 hours ago channel hmi", "dbl"},
	    {"since yesterday channel alarm", "l"},
	    {"last 5 channel hmi", "dbl"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char found[sizeof(events) / sizeof(events[0]) + 1] = "";
		struct event_filter filter = {0};
		size_t length = 0;

		if (read_words(rows[i].sentence, &filter) < 0)
			fail_msg("\"%s\" is refused", rows[i].sentence);
		for (size_t k = 0; k < sizeof(events) / sizeof(events[0]); k++) {
			json_t *event = json_loads(events[k].text, 0, NULL);

			assert_non_null(event);
			if (event_filter_wants(&filter, event))
				found[length++] = events[k].letter;
			json_decref(event);
		}
		if (strcmp(found, rows[i].wanted) != 0)
			fail_msg(
			    "\"%s\" wants %s, not %s", rows[i].sentence, found, rows[i].wanted);
		event_filter_done(&filter);
	}
}

static void
numbers_and_times_are_kept(void **state)
{
	struct event_filter filter = {0};

	assert_int_equal(read_words("since 2026-10-05 08:00 last 7", &filter), 0);
	assert_int_equal(filter.last, 7);
	assert_true(filter.since_ns == UINT64_C(1791187200) * 1000000000);
	event_filter_done(&filter);
}

static void
what_is_no_sentence_is_refused(void **state)
{
	static const char *const sentences[] = {"chanel hmi", "xyzzy", "denied hmi", "channel",
	    "since", "since now and then", "last", "last 0", "last -1", "last 5x", "last 10001",
	    "host 10.10.0.0/40", "host nobody", "reason value-denid", "channel a channel b",
	    "host 10.0.0.1 host 10.0.0.2", "last 1 last 2", "since 1m since 2m", "channel ,",
	    "host a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", ""};

	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		struct event_filter filter = {0};

		if (read_words(sentences[i], &filter) == 0)
			fail_msg("\"%s\" is read", sentences[i]);
		event_filter_done(&filter);
	}
}

static void
hosts_without_number_are_refused_beyond_the_limit(void **state)
{
	char text[32 * FILTER_WORDS_MAX] = "host plc1";
	struct event_filter filter = {0};

	for (int i = 1; i < FILTER_WORDS_MAX; i++)
		strcat(text, ",plc1");
	assert_int_equal(read_words(text, &filter), 0);
	assert_int_equal(filter.hosts.count, FILTER_WORDS_MAX);
	event_filter_done(&filter);
	strcat(text, ",plc1");
	assert_true(read_words(text, &filter) < 0);
	event_filter_done(&filter);
}

static void
a_wrong_word_gets_the_nearest_one(void **state)
{
	assert_string_equal(filter_word_nearest("chanel"), "channel");
	assert_string_equal(filter_word_nearest("denyed"), "denied");
	assert_null(filter_word_nearest("events"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sentences_want_what_they_say),
	    cmocka_unit_test(numbers_and_times_are_kept),
	    cmocka_unit_test(what_is_no_sentence_is_refused),
	    cmocka_unit_test(hosts_without_number_are_refused_beyond_the_limit),
	    cmocka_unit_test(a_wrong_word_gets_the_nearest_one),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
