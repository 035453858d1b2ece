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

	assert_int_equal(events_init(&events, &(struct events_settings){.path = file}), 0);
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
	assert_int_equal(events_init(&events, &(struct events_settings){.path = file}), 0);
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

	assert_int_equal(events_init(&events, &(struct events_settings){.path = NULL}), 0);
	events_record(&events, NULL, &event);
	assert_int_equal(events.total, 1);
	assert_int_equal(events.outlet.lost_total, 0);
	events_done(&events);
}

static void
unwritable_file(void **state)
{
	struct events events;

	assert_true(
	    events_init(&events, &(struct events_settings){.path = "/nonexistent/events"}) < 0);
	events_done(&events);
	assert_true(events_init(&events, &(struct events_settings){.path = directory}) < 0);
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
	assert_true(events_init(&events, &(struct events_settings){.path = path}) < 0);
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
	assert_int_equal(events_init(&events, &(struct events_settings){.path = file}), 0);
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
	/* that it could not be written, and that it can be */
	assert_int_equal(count_lines(file, ""), after + 2);
}

/* ---- the chain ---- */

static const char *
path_of(const char *name)
{
	static char paths[4][96];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

/* The seals of a file's lines, each of which follows `last` or the test fails. */
static void
follow(const char *path, struct chain_link *last, const struct chain_key *key)
{
	FILE *in = fopen(path, "r");
	struct chain_seal seal;
	char line[1024];

	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		assert_true(chain_read(line, strlen(line) - 1, &seal));
		assert_true(chain_verify(key, line, &seal));
		assert_int_equal(seal.link.seq, last->seq + 1);
		assert_true(chain_same_hash(seal.prev, last->hash));
		*last = seal.link;
	}
	fclose(in);
}

static void
remove_files(void)
{
	static const char *const names[] = {
	    "events", "events.1", "events.2", "events.3", "old", "key", "state/chain"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
	rmdir(path_of("state"));
}

static struct events_settings
with_state(void)
{
	static char state[96];

	strcpy(state, path_of("state"));
	return (struct events_settings){.path = file, .state = state};
}

static void
told(struct events *events, unsigned count)
{
	while (count-- > 0)
		events_note(events, "alarm", "alarm", "told", NULL);
}

/* A restart and a renamed file between, by the file's end or by what is kept. */
static void
chain_goes_on(void **state)
{
	struct events_settings settings = with_state(), stateless = {.path = file};
	struct chain_link last = {0};
	struct events events;

	remove_files();
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 3);
	events_done(&events);
	assert_int_equal(events_init(&events, &stateless), 0);
	told(&events, 2);
	events_done(&events);
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 2);
	assert_int_equal(rename(file, old), 0);
	events_done(&events);
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 2);
	events_done(&events);
	follow(old, &last, NULL);
	assert_int_equal(last.seq, 7);
	follow(file, &last, NULL);
	assert_int_equal(last.seq, 9);
}

/* A loss of power, or a state directory that can't be written, just behind a renaming. */
static void
chain_goes_on_behind_a_renamed_file_without_state(void **state)
{
	struct events_settings stateless = {.path = file};
	struct chain_link last = {0};
	struct events events;

	for (int begun = 0; begun < 2; begun++) {
		remove_files();
		last = (struct chain_link){0};
		assert_int_equal(events_init(&events, &stateless), 0);
		told(&events, 3);
		events_done(&events);
		assert_int_equal(rename(file, path_of("events.1")), 0);
		if (begun)
			fclose(fopen(file, "w"));
		assert_int_equal(events_init(&events, &stateless), 0);
		told(&events, 2);
		events_done(&events);
		follow(path_of("events.1"), &last, NULL);
		follow(file, &last, NULL);
		assert_int_equal(last.seq, 5);
	}
}

static void
piece_of_a_line_is_cut_off(void **state)
{
	struct events_settings settings = with_state();
	struct chain_link last = {0};
	struct events events;
	FILE *out;

	remove_files();
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 3);
	events_done(&events);
	out = fopen(file, "a");
	fputs("{\"timestamp\":\"2026", out);
	fclose(out);
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 1);
	events_done(&events);
	follow(file, &last, NULL);
	assert_int_equal(last.seq, 4);
}

static off_t
size_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

/* Lines cut off at the end are an alarm, and stay missing. */
static void
missing_end_is_an_alarm(void **state)
{
	struct events_settings settings = with_state();
	struct chain_link last = {0};
	struct events events;
	off_t size;

	remove_files();
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 3);
	size = size_of(file);
	told(&events, 2);
	events_done(&events);
	assert_int_equal(truncate(file, size), 0);
	assert_int_equal(events_init(&events, &settings), 0);
	events_done(&events);
	assert_int_equal(count_lines(file, "\"events-missing\",\"lines\":\"2\""), 1);
	assert_int_equal(count_lines(file, "\"seq\":6,"), 1);
	assert_int_equal(truncate(file, size), 0);
	follow(file, &last, NULL);
}

/* Lines that found no room are counted by one that stands in the chain, and no number is lost. */
static void
lost_lines_take_no_numbers(void **state)
{
	struct events_settings settings = with_state();
	struct chain_link last = {0};
	struct events events;

	remove_files();
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(events_init(&events, &settings), 0);
	events.outlet.limit = 4096;
	file_size_limit(700);
	assert_true(events_recorded(&events));
	told(&events, 40);
	assert_false(events_recorded(&events));
	assert_true(events.outlet.lost > 0);
	file_size_limit(RLIM_INFINITY);
	events_tick(&events);
	told(&events, 1);
	assert_true(events_recorded(&events));
	events_done(&events);
	assert_int_equal(count_lines(file, "\"events-unwritten\""), 1);
	assert_int_equal(count_lines(file, "\"events-written\""), 1);
	assert_int_equal(count_lines(file, "\"event_type\":\"lost\""), 1);
	follow(file, &last, NULL);
}

static void
files_are_renamed_by_size(void **state)
{
	struct events_settings settings = with_state();
	struct chain_link last = {0};
	struct events events;

	remove_files();
	settings.size = 4096;
	settings.keep = 2;
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 100);
	events_done(&events);
	assert_int_equal(access(path_of("events.3"), F_OK), -1);
	assert_in_range(size_of(path_of("events.2")), 4096, 4096 + 512);
	assert_in_range(size_of(path_of("events.1")), 4096, 4096 + 512);
	assert_in_range(size_of(file), 0, 4096);
	last = (struct chain_link){.seq = events.ledger.last.seq};
	assert_int_equal(last.seq, 100);
	remove_files();
	settings.keep = 3;
	settings.size = 16384;
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 100);
	events_done(&events);
	last = (struct chain_link){0};
	follow(path_of("events.1"), &last, NULL);
	follow(file, &last, NULL);
	assert_int_equal(last.seq, 100);
}

/* What can't be renamed is written on, and tried again. */
static void
file_that_cannot_be_renamed(void **state)
{
	struct events_settings settings = with_state();
	struct events events;
	char inside[112];

	remove_files();
	settings.size = 1024;
	settings.keep = 1;
	snprintf(inside, sizeof(inside), "%s/x", path_of("events.1"));
	assert_int_equal(mkdir(path_of("events.1"), 0700), 0);
	assert_int_equal(mkdir(inside, 0700), 0);
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 20);
	assert_int_equal(count_lines(file, "told"), 20);
	rmdir(inside);
	rmdir(path_of("events.1"));
	events_tick(&events);
	told(&events, 1);
	told(&events, 1);
	assert_int_equal(count_lines(path_of("events.1"), "told"), 21);
	assert_int_equal(count_lines(file, "told"), 1);
	events_done(&events);
}

static void
chain_with_a_key(void **state)
{
	struct events_settings settings = with_state();
	struct chain_link last = {0};
	struct chain_key key;
	struct events events;
	char path[96];
	FILE *out;

	remove_files();
	strcpy(path, path_of("key"));
	settings.key = path;
	assert_int_equal(events_init(&events, &settings), -EKEYREJECTED);
	assert_int_equal(access(file, F_OK), -1);
	events_done(&events);
	out = fopen(path, "w");
	fputs("0123456789abcdef", out);
	fclose(out);
	chmod(path, 0600);
	assert_int_equal(events_init(&events, &settings), 0);
	told(&events, 3);
	events_done(&events);
	assert_int_equal(chain_read_key(path, &key), 0);
	follow(file, &last, &key);
	assert_int_equal(last.seq, 3);
	remove_files();
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
	    cmocka_unit_test(chain_goes_on),
	    cmocka_unit_test(chain_goes_on_behind_a_renamed_file_without_state),
	    cmocka_unit_test(piece_of_a_line_is_cut_off),
	    cmocka_unit_test(missing_end_is_an_alarm),
	    cmocka_unit_test(lost_lines_take_no_numbers),
	    cmocka_unit_test(files_are_renamed_by_size),
	    cmocka_unit_test(file_that_cannot_be_renamed),
	    cmocka_unit_test(chain_with_a_key),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
