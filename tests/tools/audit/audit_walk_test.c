/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chain over three files: whole in whichever order they are given, and whatever is done to a line
 * of it is found at that line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit_walk.h"

enum { FILES = 3, LINES = 4, ALL = FILES * LINES, ROOM = 512 };

static const struct chain_key key = {.length = 16, .bytes = "0123456789abcdef"};

struct book {
	struct chain_link links[ALL];
	char lines[ALL + 1][ROOM]; /* "" is left out */
	const char *behind;        /* the last one, without line feed */
	struct audit_walk walk;
	struct audit_file files[FILES];
};

static void
book_write(struct book *book, const struct chain_key *with)
{
	struct chain_link last = {0};
	char line[64];

	*book = (struct book){.behind = "", .walk.key = with};
	for (unsigned i = 0; i < ALL; i++) {
		snprintf(line, sizeof(line), "{\"event_type\":\"start\",\"n\":%u}", i);
		chain_seal(&last, with, line, book->lines[i]);
		book->links[i] = last;
	}
}

/* The files in an order of six. */
static enum audit_answer
book_audit(struct book *book, unsigned order)
{
	static const unsigned orders[6][FILES] = {
	    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	static const char *const names[] = {"old", "middle", "new"};
	struct audit_walk fresh = {.key = book->walk.key, .end = book->walk.end};
	enum audit_answer answer;

	book->walk = fresh;
	for (unsigned i = 0; i < FILES; i++) {
		unsigned which = orders[order][i];
		FILE *file = tmpfile();

		for (unsigned n = which * LINES; n < (which + 1) * LINES; n++)
			if (book->lines[n][0] != '\0')
				fprintf(file, "%s\n", book->lines[n]);
		if (which == FILES - 1)
			fputs(book->behind, file);
		rewind(file);
		book->files[i] = (struct audit_file){.name = names[which], .in = file};
	}
	answer = audit_walk(&book->walk, book->files, FILES);
	for (unsigned i = 0; i < FILES; i++) {
		free(book->files[i].line);
		fclose(book->files[i].in);
	}
	return answer;
}

static void
assert_broken(struct book *book, const char *file, uint64_t line, const char *found)
{
	for (unsigned order = 0; order < 6; order++) {
		assert_int_equal(book_audit(book, order), AUDIT_BROKEN);
		assert_string_equal(book->walk.file, file);
		assert_int_equal(book->walk.line, line);
		assert_non_null(strstr(book->walk.found, found));
	}
}

static void
whole_in_any_order(void **state)
{
	struct book book;

	for (unsigned order = 0; order < 6; order++) {
		book_write(&book, NULL);
		assert_int_equal(book_audit(&book, order), AUDIT_WHOLE);
		assert_int_equal(book.walk.lines, ALL);
		assert_int_equal(book.walk.begin.seq, 1);
		assert_int_equal(book.walk.link.seq, ALL);
		book_write(&book, &key);
		assert_int_equal(book_audit(&book, order), AUDIT_WHOLE);
	}
}

static void
a_changed_line_is_named(void **state)
{
	static const char *const names[] = {"old", "middle", "new"};
	struct book book;

	for (unsigned i = 0; i < ALL; i++) {
		book_write(&book, NULL);
		book.lines[i][2] = 'E';
		assert_broken(&book, names[i / LINES], i % LINES + 1, "not what was sealed");
	}
}

/* Whoever has no key can write a line and seal it anew. */
static void
a_forged_line_needs_the_key(void **state)
{
	struct chain_link before;
	struct book book;

	book_write(&book, &key);
	before = book.links[ALL - 2];
	chain_seal(&before, NULL, "{\"event_type\":\"forged\"}", book.lines[ALL - 1]);
	assert_broken(&book, "new", LINES, "without the key");
	before = book.links[ALL - 2];
	chain_seal(&before, &(struct chain_key){.length = 16, .bytes = "fedcba9876543210"},
	    "{\"event_type\":\"forged\"}", book.lines[ALL - 1]);
	assert_broken(&book, "new", LINES, "another key");
	book_write(&book, &key);
	book.walk.key = NULL;
	assert_int_equal(book_audit(&book, 0), AUDIT_UNKNOWN);
}

/* All lines sealed anew without it prove nothing to who has it. */
static void
a_chain_without_the_key_is_not_proved_by_it(void **state)
{
	struct book book;

	for (unsigned order = 0; order < 6; order++) {
		book_write(&book, NULL);
		book.walk.key = &key;
		assert_int_equal(book_audit(&book, order), AUDIT_UNKNOWN);
		assert_string_equal(book.walk.found, "no line that was sealed with the key");
	}
}

/* Without a key all lines behind the forged one must be, too, or it is found. */
static void
a_line_of_another_chain_is_found_behind_it(void **state)
{
	struct chain_link before;
	struct book book;

	book_write(&book, NULL);
	before = book.links[4];
	chain_seal(&before, NULL, "{\"event_type\":\"forged\"}", book.lines[5]);
	assert_broken(&book, "middle", 3, "follows another line");
}

static void
missing_lines_are_counted(void **state)
{
	struct book book;

	book_write(&book, NULL);
	book.lines[5][0] = '\0';
	book.lines[6][0] = '\0';
	assert_broken(&book, "middle", 2, "line 8 of the chain: 2 in front of it are missing");
	assert_non_null(strstr(book.walk.expected, "line 6 "));
}

static void
a_missing_file_is_found(void **state)
{
	struct book book;

	book_write(&book, NULL);
	for (unsigned i = LINES; i < 2 * LINES; i++)
		book.lines[i][0] = '\0';
	assert_broken(&book, "new", 1, "4 in front of it are missing");
}

static void
repeated_and_exchanged_lines_are_found(void **state)
{
	struct book book;
	char line[ROOM];

	book_write(&book, NULL);
	strcpy(book.lines[6], book.lines[5]);
	assert_broken(&book, "middle", 3, "line 6 of the chain, which was there before");
	book_write(&book, NULL);
	strcpy(line, book.lines[5]);
	strcpy(book.lines[5], book.lines[6]);
	strcpy(book.lines[6], line);
	assert_broken(&book, "middle", 2, "line 7 of the chain: 1 in front of it are missing");
}

static void
lines_without_a_seal(void **state)
{
	struct book book;

	book_write(&book, NULL);
	strcpy(book.lines[6], "{\"event_type\":\"start\"}");
	assert_broken(&book, "middle", 3, "without a seal");
	book_write(&book, NULL);
	strcpy(book.lines[4], "{\"event_type\":\"start\"}");
	assert_broken(&book, "middle", 1, "without a seal");
	/* the daemon was one without a chain */
	book_write(&book, NULL);
	memmove(&book.lines[1], &book.lines[0], ROOM * (LINES - 1));
	strcpy(book.lines[0], "{\"event_type\":\"start\"}");
	strcpy(book.lines[LINES], book.lines[ALL]);
	for (unsigned i = LINES; i < ALL; i++)
		book.lines[i][0] = '\0';
	assert_int_equal(book_audit(&book, 0), AUDIT_WHOLE);
	assert_int_equal(book.walk.unsealed, 1);
}

static void
old_files_are_gone(void **state)
{
	struct book book;

	book_write(&book, NULL);
	for (unsigned i = 0; i < LINES; i++)
		book.lines[i][0] = '\0';
	assert_int_equal(book_audit(&book, 5), AUDIT_WHOLE);
	assert_int_equal(book.walk.begin.seq, LINES + 1);
	for (unsigned i = LINES; i < ALL; i++)
		book.lines[i][0] = '\0';
	assert_int_equal(book_audit(&book, 0), AUDIT_BROKEN);
}

/* Only who knows the end notices that it was cut off. */
static void
the_end_is_known(void **state)
{
	struct book book;

	book_write(&book, NULL);
	book.lines[ALL - 1][0] = '\0';
	assert_int_equal(book_audit(&book, 3), AUDIT_WHOLE);
	book.walk.end = (struct audit_end){true, book.links[ALL - 1]};
	assert_broken(&book, "new", 0, "1 lines less than were written");
	book_write(&book, NULL);
	book.walk.end = (struct audit_end){true, book.links[ALL - 1]};
	assert_int_equal(book_audit(&book, 3), AUDIT_WHOLE);
	/* the daemon has gone on meanwhile */
	book.walk.end = (struct audit_end){true, book.links[ALL - 3]};
	assert_int_equal(book_audit(&book, 3), AUDIT_WHOLE);
	book.walk.end.link.hash[0] ^= 1;
	assert_broken(&book, "new", 2, "another line 10");
}

static void
a_line_that_is_being_written(void **state)
{
	struct book book;

	book_write(&book, NULL);
	book.behind = "{\"event_type\":\"sta";
	assert_int_equal(book_audit(&book, 4), AUDIT_WHOLE);
	assert_true(book.walk.piece);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_in_any_order),
	    cmocka_unit_test(a_changed_line_is_named),
	    cmocka_unit_test(a_forged_line_needs_the_key),
	    cmocka_unit_test(a_chain_without_the_key_is_not_proved_by_it),
	    cmocka_unit_test(a_line_of_another_chain_is_found_behind_it),
	    cmocka_unit_test(missing_lines_are_counted),
	    cmocka_unit_test(a_missing_file_is_found),
	    cmocka_unit_test(repeated_and_exchanged_lines_are_found),
	    cmocka_unit_test(lines_without_a_seal),
	    cmocka_unit_test(old_files_are_gone),
	    cmocka_unit_test(the_end_is_known),
	    cmocka_unit_test(a_line_that_is_being_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
