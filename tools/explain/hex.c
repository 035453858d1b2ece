/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hex: see hex.h.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "terminal.h"

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
refuse(const char *text, const char *at)
{
	if (*at == '\0')
		complain("a byte has two hexadecimal digits; the last of \"%s\" has one", text);
	else
		complain(
		    "\"%c\" at place %zu is no hexadecimal digit", *at, (size_t)(at - text) + 1);
	return -EINVAL;
}

int
hex_parse(const char *text, struct hex *ret_hex)
{
	struct hex hex = {.bytes = malloc(HEX_MAX)};
	int r = hex.bytes ? 0 : -ENOMEM;

	for (const char *at = text; r == 0 && *at;) {
		if (strchr(" \t\n:,-", *at)) {
			at++;
		} else if (digit(at[0]) < 0 || digit(at[1]) < 0) {
			r = refuse(text, digit(at[0]) < 0 ? at : at + 1);
		} else if (hex.length == HEX_MAX) {
			complain("more than %d bytes", HEX_MAX);
			r = -EINVAL;
		} else {
			hex.bytes[hex.length++] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
			at += 2;
		}
	}
	if (r == 0 && hex.length == 0) {
		complain("there is no byte in \"%s\"", text);
		r = -EINVAL;
	}
	if (r < 0) {
		hex_done(&hex);
		return r;
	}
	*ret_hex = hex;
	return 0;
}

void
hex_done(struct hex *hex)
{
	free(hex->bytes);
	*hex = (struct hex){0};
}
