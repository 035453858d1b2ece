/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hex, the ground: bytes, and one text while they are read from it, for hex.c and hex_dump.c.
 */
#ifndef SLUICE_HEX_READER_H
#define SLUICE_HEX_READER_H

#include <stddef.h>
#include <stdint.h>

enum { HEX_MAX = 1 << 16 };

struct hex {
	uint8_t *bytes;
	size_t length;
};

struct hex_reader {
	const char *text;
	const char *at; /* in it */
	struct hex hex; /* so far */
};

/* Value of a hexadecimal digit, -1 for what is none. */
int hex_digit(char c);

/* Digits from `at` on. */
size_t hex_digits(const char *at);

void hex_skip_blanks(struct hex_reader *r);

/* Tell what was found at `r->at` and what was expected there; -EINVAL. */
int hex_refuse(const struct hex_reader *r, const char *expected);

/* Take an even number of digits, two at least, as bytes; 0, or -EINVAL after it was told. */
int hex_take_group(struct hex_reader *r);

#endif
