/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures of what killed inspectors: what is in them, and how many there ever are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture.h"

static char directory[64];

static int
set_up(void **state)
{
	snprintf(directory, sizeof(directory), "/tmp/test_capture.XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static void
path_of(unsigned number, char *path, size_t size)
{
	snprintf(path, size, "%s/deadly-%u.pcap", directory, number);
}

static int
tear_down(void **state)
{
	for (unsigned i = 0; i <= CAPTURES_MAX; i++) {
		char path[128];

		path_of(i, path, sizeof(path));
		unlink(path);
	}
	return rmdir(directory);
}

static size_t
read_file(unsigned number, uint8_t *buf, size_t size)
{
	char path[128];
	FILE *file;
	size_t length;

	path_of(number, path, sizeof(path));
	file = fopen(path, "r");
	if (!file)
		return 0;
	length = fread(buf, 1, size, file);
	fclose(file);
	return length;
}

static void
a_capture_is_one_packet(void **state)
{
	static const uint8_t packet[] = {0x45, 1, 2, 3, 4, 5};
	char name[CAPTURE_NAME_SIZE];
	uint8_t file[64];
	uint32_t number;

	assert_int_equal(capture_keep(directory, UINT64_C(1700000000000000005), packet,
			     sizeof(packet), 1500, name),
	    0);
	assert_string_equal(name, "deadly-0.pcap");
	assert_int_equal(read_file(0, file, sizeof(file)), 24 + 16 + sizeof(packet));
	memcpy(&number, &file[20], sizeof(number));
	assert_int_equal(number, 101);
	memcpy(&number, &file[24], sizeof(number));
	assert_int_equal(number, 1700000000);
	memcpy(&number, &file[28], sizeof(number));
	assert_int_equal(number, 5);
	memcpy(&number, &file[32], sizeof(number));
	assert_int_equal(number, sizeof(packet));
	memcpy(&number, &file[36], sizeof(number));
	assert_int_equal(number, 1500);
	assert_memory_equal(&file[40], packet, sizeof(packet));
}

/* Who can kill inspectors can't fill a disk: the oldest gives way. */
static void
one_more_than_may_be_replaces_the_oldest(void **state)
{
	char name[CAPTURE_NAME_SIZE], path[128];
	uint8_t file[64];

	for (uint8_t i = 0; i < CAPTURES_MAX; i++) {
		struct timespec times[2] = {{.tv_sec = 1000 + i}, {.tv_sec = 1000 + i}};

		if (i == 3)
			times[0].tv_sec = times[1].tv_sec = 1;
		assert_int_equal(capture_keep(directory, 0, &i, 1, 1, name), 0);
		path_of(i, path, sizeof(path));
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	}
	assert_int_equal(capture_keep(directory, 0, (const uint8_t *)"!", 1, 1, name), 0);
	assert_string_equal(name, "deadly-3.pcap");
	assert_int_equal(read_file(3, file, sizeof(file)), 41);
	assert_int_equal(file[40], '!');
	path_of(CAPTURES_MAX, path, sizeof(path));
	assert_int_equal(access(path, F_OK), -1);
}

/* A file of that name that somebody has put there is not followed. */
static void
a_link_is_replaced_and_not_followed(void **state)
{
	char name[CAPTURE_NAME_SIZE], path[128], other[128];
	struct stat status;

	snprintf(other, sizeof(other), "%s/other", directory);
	for (unsigned i = 0; i < CAPTURES_MAX; i++) {
		path_of(i, path, sizeof(path));
		assert_int_equal(symlink(other, path), 0);
	}
	assert_int_equal(capture_keep(directory, 0, (const uint8_t *)"!", 1, 1, name), 0);
	assert_int_equal(access(other, F_OK), -1);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
a_directory_that_can_not_be_is_an_error(void **state)
{
	char name[CAPTURE_NAME_SIZE];

	assert_true(capture_keep("/dev/null/nowhere", 0, (const uint8_t *)"!", 1, 1, name) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_capture_is_one_packet, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		one_more_than_may_be_replaces_the_oldest, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_link_is_replaced_and_not_followed, set_up, tear_down),
	    cmocka_unit_test(a_directory_that_can_not_be_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
