/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text: a string that grows while it is written. */
#ifndef SLUICE_TEXT_H
#define SLUICE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Start with zeros. Once memory is out it stays failed, and only text_take() tells. */
struct text {
	char *data;
	size_t length;
	size_t size;
	bool failed;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* In quotes, with what libconfig needs escaped; NULL is an empty string. */
void text_add_quoted(struct text *text, const char *string);

/* Bytes of the UTF-8 character that a string begins with; 0 if it is none. */
size_t text_utf8_length(const char *string);

/* The string, to be freed by the caller; NULL when memory was out. */
char *text_take(struct text *text);

#endif
