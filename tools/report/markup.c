/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Markup: see markup.h. */
#include "markup.h"

#include <stdbool.h>
#include <string.h>

#include "text.h"

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: they turn what follows around. */
static bool
turns_around(const unsigned char *c)
{
	return c[0] == 0xe2 &&
	    ((c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xaa && c[2] <= 0xae))) ||
		(c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

/* One character of `length` bytes; 0: a byte that is none. */
static void
put(FILE *out, const char *c, size_t length)
{
	unsigned char first = (unsigned char)*c;

	if (length == 0 || first == 0x7f || (first < 0x20 && first != '\n' && first != '\t') ||
	    (length == 3 && turns_around((const unsigned char *)c)))
		fputs("\xef\xbf\xbd", out);
	else if (first == '<')
		fputs("&lt;", out);
	else if (first == '>')
		fputs("&gt;", out);
	else if (first == '&')
		fputs("&amp;", out);
	else if (first == '"')
		fputs("&quot;", out);
	else if (first == '\'')
		fputs("&#39;", out);
	else
		fwrite(c, 1, length, out);
}

void
markup_text(FILE *out, const char *text)
{
	for (; text && *text;) {
		size_t length = text_utf8_length(text);

		put(out, text, length);
		text += length ? length : 1;
	}
}

void
markup_short(FILE *out, const char *text, size_t characters)
{
	for (size_t i = 0; text && *text; i++) {
		size_t length = text_utf8_length(text), step = length ? length : 1;

		if (i + 1 == characters && text[step]) {
			fputs("\xe2\x80\xa6", out);
			return;
		}
		put(out, text, length);
		text += step;
	}
}
