/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events reach the file and the subscribers, and survive that the file is renamed.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "events.h"

static char directory[] = "/tmp/sluice-events-XXXXXX";
static char file[64], old[64];

static int
set_up(void **state)
{
	if (!mkdtemp(directory))
		return -1;
	snprintf(file, sizeof(file), "%s/events", directory);
	snprintf(old, sizeof(old), "%s/old", directory);
	return 0;
}

static int
tear_down(void **state)
{
	unlink(file);
	unlink(old);
	return rmdir(directory);
}

static unsigned
count_lines(const char *path, const char *with)
{
	FILE *in = fopen(path, "r");
	char line[1024];
	unsigned count = 0;

	assert_non_null(in);
	while (fgets(line, sizeof(line), in))
		count += strstr(line, with) != NULL;
	fclose(in);
	return count;
}

static void
note_subscribed(void *context, const char *line)
{
	unsigned *count = context;

	assert_non_null(strstr(line, "\"event_type\":\"alarm\""));
	(*count)++;
}

static void
file_and_subscribers(void **state)
{
	struct events events;
	unsigned seen = 0;

	assert_int_equal(events_init(&events, file), 0);
	events.subscriber = note_subscribed;
	events.context = &seen;
	events_note(&events, "alarm", "alarm", "first", NULL);
	events.subscribed = true;
	events_note(&events, "alarm", "alarm", "second", NULL);
	assert_int_equal(seen, 1);
	assert_int_equal(events.total, 2);
	events_done(&events);
	assert_int_equal(count_lines(file, "\"alarm\""), 2);
}

static void
renamed_file(void **state)
{
	struct events events;

	unlink(file);
	assert_int_equal(events_init(&events, file), 0);
	events_lost(&events, 3);
	assert_int_equal(rename(file, old), 0);
	events_lost(&events, 4); /* still the old one */
	assert_int_equal(events_reopen(&events), 0);
	events_lost(&events, 5);
	events_done(&events);
	assert_int_equal(count_lines(old, "\"lost\""), 2);
	assert_int_equal(count_lines(file, "\"count\":5"), 1);
}

/* Without anybody who reads, records are counted and nothing is formatted. */
static void
nobody_listens(void **state)
{
	struct events events;
	struct event event = {.type = EVENT_VERDICT};

	assert_int_equal(events_init(&events, NULL), 0);
	events_record(&events, NULL, &event);
	assert_int_equal(events.total, 1);
	assert_int_equal(events.outlet.lost_total, 0);
	events_done(&events);
}

static void
unwritable_file(void **state)
{
	struct events events;

	assert_true(events_init(&events, "/nonexistent/events") < 0);
	events_done(&events);
	assert_true(events_init(&events, directory) < 0);
	events_done(&events);
}

/* Its directory is made later: nothing that was told meanwhile is missing then. */
static void
file_that_comes_later(void **state)
{
	struct events events;
	char path[80];

	unlink(file);
	snprintf(path, sizeof(path), "%s/events", file);
	assert_true(events_init(&events, path) < 0);
	assert_int_equal(events.failing, ENOENT);
	events_lost(&events, 3);
	events_tick(&events);
	assert_int_equal(events.failing, ENOENT);
	assert_int_equal(mkdir(file, 0700), 0);
	events_tick(&events);
	assert_int_equal(events.failing, 0);
	events_lost(&events, 4);
	events_done(&events);
	assert_int_equal(count_lines(path, "\"lost\""), 2);
	unlink(path);
	rmdir(file);
}

/* A disk is full in the middle of a line: here files may not grow beyond some bytes. */
static void
file_size_limit(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The file of a full disk is renamed: what waited is in the new one, and no line is in pieces. */
static void
renamed_while_the_disk_is_full(void **state)
{
	struct events events;
	unsigned before, after;

	unlink(file);
	unlink(old);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(events_init(&events, file), 0);
	file_size_limit(250);
	for (unsigned i = 0; i < 6; i++)
		events_lost(&events, 3);
	assert_int_equal(events.failing, EFBIG);
	assert_int_equal(events_file(&events), -1); /* asking again at once would not help */
	assert_int_equal(rename(file, old), 0);
	assert_int_equal(events_reopen(&events), 0);
	file_size_limit(RLIM_INFINITY);
	events_tick(&events);
	assert_int_equal(events.failing, 0);
	events_done(&events);
	before = count_lines(old, "\"count\":3");
	after = count_lines(file, "\"count\":3");
	assert_true(before > 0 && after > 0);
	assert_int_equal(before + after, 6);
	assert_int_equal(count_lines(old, "}\n"), before);
	assert_int_equal(count_lines(old, ""), before);
	assert_int_equal(count_lines(file, ""), after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(file_and_subscribers),
	    cmocka_unit_test(renamed_file),
	    cmocka_unit_test(nobody_listens),
	    cmocka_unit_test(unwritable_file),
	    cmocka_unit_test(file_that_comes_later),
	    cmocka_unit_test(renamed_while_the_disk_is_full),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
