/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hex, dumps: see hex_dump.h.
 *
 * Each offset must be the number of bytes in front of it, and characters beside the bytes must be
 * those of the bytes: so neither is ever taken for bytes, nor a line lost without notice.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex_dump.h"

enum { OFFSET_DIGITS_MIN = 3, OFFSET_DIGITS_MAX = 8, HALF_LINE = 8 };

struct offset {
	size_t value;
	size_t digits;
	size_t length; /* of the word: "0x0010:" */
	size_t blanks; /* behind it */
	bool marked;   /* by ":" */
};

static bool
read_offset(const char *at, struct offset *ret_offset)
{
	struct offset o = {0};

	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
		o.length = 2;
	o.digits = hex_digits(at + o.length);
	if (o.digits < OFFSET_DIGITS_MIN || o.digits > OFFSET_DIGITS_MAX)
		return false;
	o.value = strtoul(at + o.length, NULL, 16);
	o.length += o.digits;
	o.marked = at[o.length] == ':';
	o.length += o.marked;
	if (!strchr(" \t\r\n", at[o.length])) /* the end is one, too */
		return false;
	o.blanks = strspn(at + o.length, " \t");
	*ret_offset = o;
	return true;
}

/* Are all groups in this line pairs of digits, as dumps have them? */
static bool
has_pairs_only(const char *at)
{
	for (;;) {
		size_t digits;

		at += strspn(at, " \t");
		digits = hex_digits(at);
		if (digits == 0)
			return true; /* the end, or characters beside the bytes */
		if (digits != 2)
			return false;
		at += digits;
	}
}

int
hex_is_dump(struct hex_reader *r, bool *ret_dump)
{
	struct offset first;
	const char *next;

	*ret_dump = false;
	if (!read_offset(r->at, &first) || first.value != 0)
		return 0;
	next = r->at + first.length;
	next += strspn(next, " \t\r");
	if (*next == '\0' || *next == '\n') {
		r->at = next;
		return hex_refuse(r, "bytes behind an offset (zeros alone are no message)");
	}
	next = r->at + first.length;
	if (first.marked || first.digits % 2 != 0 || next[0] == '\t' ||
	    (next[0] == ' ' && next[1] == ' ')) {
		*ret_dump = true;
		return 0;
	}
	if (*next == ' ' && has_pairs_only(next) && strspn(next, " \t\r\n") < strlen(next)) {
		r->at = next + 1;
		return hex_refuse(
		    r, "two blanks behind an offset, or no blanks if the zeros in front are bytes");
	}
	return 0;
}

/* May the character stand for the byte? tcpdump shows a blank as a dot. */
static bool
stands_for(char c, uint8_t byte)
{
	return byte > 0x20 && byte < 0x7f ? c == (char)byte
					  : c == '.' || (c == ' ' && byte == 0x20);
}

static bool
all_stand_for(const char *text, size_t length, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < length && i < count; i++)
		if (!stands_for(text[i], bytes[i]))
			return false;
	return length == count;
}

/*
 * Is the rest of the line the characters of its bytes?  Blanks at either end may be lost among
 * those that stand around them.
 */
static bool
are_characters(const char *rest, const uint8_t *bytes, size_t count)
{
	size_t length = strcspn(rest, "\n"), first = 0;

	while (length > 0 && strchr(" \t\r", rest[length - 1]))
		length--;
	if (length == count + 2 && rest[0] == '|' && rest[length - 1] == '|')
		return all_stand_for(rest + 1, count, bytes, count);
	for (; first + length <= count; first++) {
		size_t behind = first + length;

		if (all_stand_for(rest, length, bytes + first, length)) {
			while (behind < count && bytes[behind] == 0x20)
				behind++;
			return behind == count;
		}
		if (first == count || bytes[first] != 0x20)
			return false;
	}
	return false;
}

/* Are they the first of them, so that some may be lost? */
static bool
are_some_characters(const char *rest, const uint8_t *bytes, size_t count)
{
	size_t length = strcspn(rest, "\n");

	return length < count && all_stand_for(rest, length, bytes, length);
}

/* The bytes of a line, and the characters beside them. */
static int
read_line(struct hex_reader *r)
{
	size_t before = r->hex.length;

	for (;;) {
		size_t blanks = strspn(r->at, " \t"), count = r->hex.length - before;
		const char *next = r->at + blanks;
		int r0;

		if (*next == '\0' || *next == '\n' || (*next == '\r' && next[1] == '\n')) {
			r->at = next;
			return 0;
		}
		if (blanks >= 2 && count > 0 &&
		    are_characters(next, r->hex.bytes + before, count)) {
			r->at = next + strcspn(next, "\n");
			return 0;
		}
		r->at = next;
		if (blanks == 0)
			return hex_refuse(r, "a blank between bytes");
		if (blanks > 1 && count > 0 &&
		    (blanks > 2 || count % HALF_LINE != 0 ||
			are_some_characters(next, r->hex.bytes + before, count)))
			return hex_refuse(
			    r, "the characters of the bytes in front, or the line's end");
		r0 = hex_take_group(r);
		if (r0 < 0)
			return r0;
	}
}

bool
hex_is_offset(const char *at)
{
	struct offset offset;

	return read_offset(at, &offset) && (offset.marked || offset.blanks > 1);
}

/* Do both stand in the same way in front of their bytes? */
static bool
are_alike(const struct offset *a, const struct offset *b)
{
	return a->digits == b->digits && a->marked == b->marked && a->blanks == b->blanks;
}

int
hex_read_dump(struct hex_reader *r)
{
	struct offset first = {0};
	bool ended = false; /* by an offset without bytes, as hexdump does */

	for (hex_skip_blanks(r); *r->at; hex_skip_blanks(r)) {
		struct offset offset;
		size_t before = r->hex.length;
		char expected[64];
		int r0;

		snprintf(expected, sizeof(expected), "the offset %04zx", r->hex.length);
		if (ended || !read_offset(r->at, &offset) || offset.value != r->hex.length)
			return hex_refuse(r, ended ? "nothing behind the last offset" : expected);
		if (before == 0)
			first = offset;
		if (offset.blanks > 0 && !are_alike(&first, &offset))
			return hex_refuse(r, "an offset like the first");
		r->at += offset.length;
		r0 = read_line(r);
		if (r0 < 0)
			return r0;
		ended = r->hex.length == before;
	}
	return 0;
}
