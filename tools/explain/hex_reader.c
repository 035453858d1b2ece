/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hex, inside: see hex_reader.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hex_reader.h"
#include "terminal.h"

int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t
hex_digits(const char *at)
{
	size_t count = 0;

	while (hex_digit(at[count]) >= 0)
		count++;
	return count;
}

void
hex_skip_blanks(struct hex_reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
}

int
hex_refuse(const struct hex_reader *r, const char *expected)
{
	const char *line = r->text;
	size_t number = 1;
	char found[16] = "the end";

	for (const char *c = r->text; c < r->at; c++)
		if (*c == '\n') {
			line = c + 1;
			number++;
		}
	if (*r->at == '\n')
		strcpy(found, "the line's end");
	else if (isprint((unsigned char)*r->at))
		snprintf(found, sizeof(found), "\"%c\"", *r->at);
	else if (*r->at)
		snprintf(found, sizeof(found), "byte %02x", (unsigned char)*r->at);
	if (strchr(r->text, '\n'))
		complain("explain: bytes, line %zu, place %zu: found %s; expected %s", number,
		    (size_t)(r->at - line) + 1, found, expected);
	else
		complain("explain: bytes, place %zu: found %s; expected %s",
		    (size_t)(r->at - line) + 1, found, expected);
	return -EINVAL;
}

int
hex_take_group(struct hex_reader *r)
{
	size_t count = hex_digits(r->at);

	if (count % 2 != 0 || count == 0) {
		r->at += count;
		return hex_refuse(
		    r, count == 0 ? "two hexadecimal digits" : "a second digit of the byte");
	}
	for (size_t i = 0; i < count; i += 2) {
		if (r->hex.length == HEX_MAX) {
			complain("explain: more than %d bytes", HEX_MAX);
			return -EINVAL;
		}
		r->hex.bytes[r->hex.length++] =
		    (uint8_t)(hex_digit(r->at[i]) << 4 | hex_digit(r->at[i + 1]));
	}
	r->at += count;
	return 0;
}
