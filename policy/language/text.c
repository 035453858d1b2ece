/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text: a growing string. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
text_add(struct text *text, const char *format, ...)
{
	size_t room = text->size - text->length;
	va_list arguments;
	char *grown;
	int n;

	if (text->failed)
		return;
	va_start(arguments, format);
	n = vsnprintf(room ? text->data + text->length : NULL, room, format, arguments);
	va_end(arguments);
	if (n >= 0 && (size_t)n < room) {
		text->length += (size_t)n;
		return;
	}
	grown = n < 0 ? NULL : realloc(text->data, text->size * 2 + (size_t)n + 256);
	if (!grown) {
		text->failed = true;
		return;
	}
	text->size = text->size * 2 + (size_t)n + 256;
	text->data = grown;
	va_start(arguments, format);
	vsnprintf(text->data + text->length, text->size - text->length, format, arguments);
	va_end(arguments);
	text->length += (size_t)n;
}

void
text_add_quoted(struct text *text, const char *string)
{
	text_add(text, "\"");
	for (; string && *string; string++) {
		unsigned char c = (unsigned char)*string;

		if (c == '"' || c == '\\')
			text_add(text, "\\%c", c);
		else if (c == '\n')
			text_add(text, "\\n");
		else if (c == '\t')
			text_add(text, "\\t");
		else if (c < 0x20 || c == 0x7f)
			text_add(text, "\\x%02x", c);
		else
			text_add(text, "%c", c);
	}
	text_add(text, "\"");
}

char *
text_take(struct text *text)
{
	char *data = text->data;

	if (text->failed) {
		free(data);
		data = NULL;
	}
	*text = (struct text){.data = NULL};
	return data;
}

/* No overlong forms, no surrogates, nothing beyond U+10FFFF. */
size_t
text_utf8_length(const char *string)
{
	const unsigned char *p = (const unsigned char *)string;
	size_t length = *p < 0x80 ? 1
	    : *p < 0xc2           ? 0
	    : *p < 0xe0           ? 2
	    : *p < 0xf0           ? 3
	    : *p < 0xf5           ? 4
				  : 0;
	size_t i;

	for (i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}
