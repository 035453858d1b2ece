/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hex: see hex.h.
 *
 * The beginning of the text tells its form, and then all of it must be of that form.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "hex_dump.h"
#include "hex_reader.h"
#include "terminal.h"

/* "01 02", "01:02", "0102", "0001 0000". */
static int
read_plain(struct hex_reader *r)
{
	char sign = '\0'; /* that stands between all of them; a blank is none */

	for (bool first = true;; first = false) {
		char here;
		int r0;

		if ((first || r->at[-1] == '\n') && hex_is_offset(r->at))
			return hex_refuse(r, "bytes; this is like the offset of a dump");
		if (sign != '\0' && hex_digits(r->at) > 2)
			return hex_refuse(r, "two digits in each byte");
		r0 = hex_take_group(r);
		if (r0 < 0)
			return r0;
		hex_skip_blanks(r);
		here = *r->at && strchr(":,-", *r->at) ? *r->at : '\0';
		if (*r->at == '\0')
			return 0;
		if (first)
			sign = here;
		if (here != sign)
			return hex_refuse(r, "the same sign between all bytes");
		r->at += here != '\0';
		hex_skip_blanks(r);
		if (*r->at == '\0')
			return 0;
	}
}

/* One "0x01"; what follows must end it. */
static int
take_prefixed(struct hex_reader *r, bool one_byte)
{
	int r0;

	if (r->at[0] != '0' || (r->at[1] != 'x' && r->at[1] != 'X'))
		return hex_refuse(r, "\"0x\" and two digits");
	r->at += 2;
	if (one_byte && hex_digits(r->at) > 2) {
		r->at += 2;
		return hex_refuse(r, "two digits in each number");
	}
	r0 = hex_take_group(r);
	if (r0 == 0 && *r->at && !strchr(" \t\r\n,}/", *r->at))
		return hex_refuse(r, "a blank or a comma");
	return r0;
}

/* "0x01 0x02", "0x01,0x02", "0x0102". */
static int
read_prefixed(struct hex_reader *r)
{
	while (*r->at) {
		int r0 = take_prefixed(r, false);

		if (r0 < 0)
			return r0;
		hex_skip_blanks(r);
		r->at += *r->at == ',';
		hex_skip_blanks(r);
	}
	return 0;
}

/* Blanks and comments of C. */
static int
skip_comments(struct hex_reader *r)
{
	for (;;) {
		const char *end;

		hex_skip_blanks(r);
		if (strncmp(r->at, "//", 2) == 0) {
			r->at += strcspn(r->at, "\n");
			continue;
		}
		if (strncmp(r->at, "/*", 2) != 0)
			return 0;
		end = strstr(r->at + 2, "*/");
		if (!end) {
			r->at += strlen(r->at);
			return hex_refuse(r, "the end of a comment");
		}
		r->at = end + 2;
	}
}

/* What stands in front of "{": "static const unsigned char packet[12] =". */
static int
skip_declaration(struct hex_reader *r)
{
	for (;;) {
		int r0 = skip_comments(r);

		if (r0 < 0 || *r->at == '{')
			return r0;
		if (!isalnum((unsigned char)*r->at) && (*r->at == '\0' || !strchr("_*[]=", *r->at)))
			return hex_refuse(r, "the declaration of an array");
		r->at++;
	}
}

static int
read_array(struct hex_reader *r)
{
	int r0 = skip_declaration(r);

	if (r0 == 0)
		r->at++;
	while (r0 == 0 && (r0 = skip_comments(r)) == 0 && *r->at != '}') {
		r0 = take_prefixed(r, true);
		if (r0 == 0)
			r0 = skip_comments(r);
		if (r0 == 0 && *r->at != ',' && *r->at != '}')
			return hex_refuse(r, "\",\" or \"}\"");
		r->at += r0 == 0 && *r->at == ',';
	}
	if (r0 < 0)
		return r0;
	r->at++;
	hex_skip_blanks(r);
	r->at += *r->at == ';';
	r0 = skip_comments(r);
	return r0 == 0 && *r->at ? hex_refuse(r, "nothing behind the array") : r0;
}

/* "<Buffer 01 02>" of Node.js. */
static int
read_buffer(struct hex_reader *r)
{
	r->at += strlen("<Buffer");
	for (;;) {
		int r0;

		hex_skip_blanks(r);
		if (*r->at == '>')
			break;
		if (strncmp(r->at, "...", 3) == 0)
			return hex_refuse(r, "all bytes; some are left out here");
		r0 = hex_digits(r->at) == 2 ? hex_take_group(r)
					    : hex_refuse(r, "two hexadecimal digits, or \">\"");
		if (r0 < 0)
			return r0;
	}
	r->at++;
	hex_skip_blanks(r);
	return *r->at ? hex_refuse(r, "nothing behind \">\"") : 0;
}

/* "\x01\x02", in quotes, as a string of bytes of Python or C; no character of any other form. */
static int
read_escapes(struct hex_reader *r)
{
	char quote;

	r->at += *r->at == 'b' && (r->at[1] == '\'' || r->at[1] == '"');
	quote = *r->at == '\'' || *r->at == '"' ? *r->at++ : '\0';
	while (*r->at && *r->at != quote) {
		int r0;

		if (strncmp(r->at, "\\x", 2) != 0)
			return hex_refuse(r, "\"\\x\" and two digits");
		r->at += 2;
		if (hex_digits(r->at) > 2) {
			r->at += 2;
			return hex_refuse(r, "\"\\x\" in front of each byte");
		}
		r0 = hex_take_group(r);
		if (r0 < 0)
			return r0;
	}
	if (quote && *r->at != quote)
		return hex_refuse(r, "the closing quotation mark");
	r->at += quote != '\0';
	hex_skip_blanks(r);
	return *r->at ? hex_refuse(r, "nothing behind the quotation mark") : 0;
}

static bool
is_escaped(const char *at)
{
	at += *at == 'b' && (at[1] == '\'' || at[1] == '"');
	at += *at == '\'' || *at == '"';
	return strncmp(at, "\\x", 2) == 0;
}

static int
read_text(struct hex_reader *r)
{
	bool dump;
	int r0;

	hex_skip_blanks(r);
	if (strncmp(r->at, "<Buffer", strlen("<Buffer")) == 0)
		return read_buffer(r);
	if (strchr(r->at, '{'))
		return read_array(r);
	if (is_escaped(r->at))
		return read_escapes(r);
	r0 = hex_is_dump(r, &dump);
	if (r0 < 0)
		return r0;
	if (dump)
		return hex_read_dump(r);
	if (r->at[0] == '0' && (r->at[1] == 'x' || r->at[1] == 'X'))
		return read_prefixed(r);
	return read_plain(r);
}

int
hex_parse(const char *text, struct hex *ret_hex)
{
	struct hex_reader reader = {.text = text, .at = text, .hex.bytes = malloc(HEX_MAX)};
	int r = reader.hex.bytes ? read_text(&reader) : -ENOMEM;

	if (r == -ENOMEM)
		complain("explain: out of memory");
	if (r == 0 && reader.hex.length == 0) {
		complain("explain: there is no byte in \"%s\"", text);
		r = -EINVAL;
	}
	if (r < 0) {
		hex_done(&reader.hex);
		return r;
	}
	*ret_hex = reader.hex;
	return 0;
}

void
hex_done(struct hex *hex)
{
	free(hex->bytes);
	*hex = (struct hex){0};
}
