/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A slow reader loses whole lines, and is told how many.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "outlet.h"

enum { LIMIT = 8192 };

static void
pipe_open(int ends[2])
{
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0);
}

static void
whole_lines(void **state)
{
	struct outlet outlet;
	char text[32] = "";
	int ends[2];

	pipe_open(ends);
	outlet_init(&outlet, ends[1], LIMIT);
	outlet_line(&outlet, "one");
	outlet_line(&outlet, "");
	outlet_line(&outlet, "two");
	assert_false(outlet_waiting(&outlet));
	assert_int_equal(read(ends[0], text, sizeof(text)), 9);
	assert_string_equal(text, "one\n\ntwo\n");
	outlet_done(&outlet);
	close(ends[0]);
}

enum { SENT = 1000, LINE = 99 };

static char heard[SENT * (LINE + 1) * 2];
static size_t heard_length;

static void
hear(int fd)
{
	ssize_t n;

	while ((n = read(fd, heard + heard_length, sizeof(heard) - heard_length)) > 0)
		heard_length += (size_t)n;
}

/* Count what came: lines, none of them a piece, and what "lost" lines tell. */
static void
count_lines(unsigned *ret_lines, unsigned *ret_told)
{
	unsigned lines = 0, told = 0, count;

	for (char *line = strtok(heard, "\n"); line; line = strtok(NULL, "\n")) {
		const char *lost = strstr(line, "\"event_type\":\"lost\"");

		if (lost) {
			assert_int_equal(
			    sscanf(strstr(lost, "\"count\":"), "\"count\":%u", &count), 1);
			told += count;
			continue;
		}
		assert_int_equal(strlen(line), LINE);
		assert_int_equal(strspn(line, "x"), LINE);
		lines++;
	}
	*ret_lines = lines;
	*ret_told = told;
}

static void
lost_lines_are_counted(void **state)
{
	unsigned lines, told;
	struct outlet outlet;
	char line[LINE + 1];
	int ends[2];

	memset(line, 'x', LINE);
	line[LINE] = '\0';
	pipe_open(ends);
	outlet_init(&outlet, ends[1], LIMIT);
	for (unsigned i = 0; i < SENT; i++)
		outlet_line(&outlet, line);
	assert_true(outlet_waiting(&outlet));
	assert_true(outlet.used <= LIMIT);
	assert_true(outlet.lost > 0);
	while (outlet_waiting(&outlet)) {
		hear(ends[0]);
		outlet_flush(&outlet);
	}
	outlet_line(&outlet, line); /* comes with the count of those before it */
	hear(ends[0]);
	outlet_flush(&outlet);
	hear(ends[0]);
	count_lines(&lines, &told);
	assert_int_equal(lines + told, SENT + 1);
	assert_int_equal(told, outlet.lost_total);
	assert_int_equal(outlet.lost, 0);
	outlet_done(&outlet);
	close(ends[0]);
}

static void
reader_gone(void **state)
{
	struct outlet outlet;
	int ends[2];

	pipe_open(ends);
	outlet_init(&outlet, ends[1], LIMIT);
	close(ends[0]);
	outlet_line(&outlet, "nobody");
	assert_int_equal(outlet.error, EPIPE);
	assert_int_equal(outlet_flush(&outlet), -EPIPE);
	outlet_done(&outlet);
	outlet_line(&outlet, "closed"); /* does nothing */
	assert_false(outlet_waiting(&outlet));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_lines),
	    cmocka_unit_test(lost_lines_are_counted),
	    cmocka_unit_test(reader_gone),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
