/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept in the state directory comes back as it was, or not at all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "isolated.h"
#include "store.h"

static char folder[32];

static int
set_up(void **state)
{
	strcpy(folder, "/tmp/sluice-test-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int
tear_down(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static const char *
path_of(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
what_was_written_is_read(void **state)
{
	char *text = NULL;

	assert_int_equal(store_read(folder, "a", &text), -ENOENT);
	assert_int_equal(store_write(folder, "a", "one\n"), 0);
	assert_int_equal(store_write(folder, "a", "two\n"), 0);
	assert_int_equal(store_read(folder, "a", &text), 0);
	assert_string_equal(text, "two\n");
	free(text);
	assert_int_equal(store_write(folder, "empty", ""), 0);
	assert_int_equal(store_read(folder, "empty", &text), 0);
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(store_remove(folder, "a"), 0);
	assert_int_equal(store_remove(folder, "a"), 0);
	assert_int_equal(store_read(folder, "a", &text), -ENOENT);
	assert_int_equal(store_read("/nowhere/at/all", "a", &text), -ENOENT);
	assert_int_equal(store_read("/etc/passwd", "a", &text), -ENOENT);
}

/* Each byte that is another one, and each length that is not the whole, is noticed. */
static void
what_has_changed_is_not_believed(void **state)
{
	char *text = NULL, whole[256];
	size_t size;
	FILE *file;

	assert_int_equal(store_write(folder, "a", "zones: { };\n"), 0);
	file = fopen(path_of("a"), "re");
	size = fread(whole, 1, sizeof(whole), file);
	fclose(file);
	for (size_t i = 0; i < 2 * size; i++) {
		char other[256];
		size_t length = i < size ? size : i - size;

		memcpy(other, whole, size);
		if (i < size)
			other[i] ^= 1;
		file = fopen(path_of("a"), "we");
		fwrite(other, 1, length, file);
		fclose(file);
		assert_int_equal(store_read(folder, "a", &text), -EBADMSG);
	}
	assert_null(text);
}

static void
what_is_no_file_is_not_read(void **state)
{
	char *text = NULL;

	assert_int_equal(mkdir(path_of("d"), 0700), 0);
	assert_int_equal(store_read(folder, "d", &text), -EBADMSG);
	assert_int_equal(mkfifo(path_of("f"), 0600), 0);
	assert_int_equal(store_read(folder, "f", &text), -EBADMSG);
	assert_int_equal(symlink("/etc/passwd", path_of("l")), 0);
	assert_int_equal(store_read(folder, "l", &text), -ELOOP);
	assert_int_equal(store_write("/proc/nothing", "a", "text"), -ENOENT);
}

static void
islands_come_back(void **state)
{
	struct isolated isolated = {0}, again;
	struct island island;

	assert_int_equal(isolated_add(&isolated, "pumps", "root", "\"worm\"\n", 7), 0);
	assert_int_equal(isolated_add(&isolated, "office", "anna", "", 8), 0);
	assert_int_equal(isolated_add(&isolated, "pumps", "root", "", 9), -EEXIST);
	assert_int_equal(isolated_save(&isolated, folder), 0);
	isolated_load(&again, folder);
	assert_false(again.damaged);
	assert_int_equal(again.count, 2);
	assert_string_equal(isolated_find(&again, "pumps")->why, "\"worm\"\n");
	assert_int_equal(isolated_find(&again, "office")->at_ns, 8);
	assert_true(isolated_take(&again, "pumps", &island));
	assert_null(isolated_find(&again, "pumps"));
	isolated_put_back(&again, &island);
	assert_non_null(isolated_find(&again, "pumps"));
	isolated_done(&again);
	assert_int_equal(store_write(folder, "isolated", "{}"), 0);
	isolated_load(&again, folder);
	assert_true(again.damaged);
	isolated_done(&isolated);
	assert_int_equal(isolated_save(&isolated, folder), 0); /* none: there is no record */
	isolated_load(&again, folder);
	assert_false(again.damaged);
	assert_int_equal(again.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_was_written_is_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_has_changed_is_not_believed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_no_file_is_not_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(islands_come_back, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
