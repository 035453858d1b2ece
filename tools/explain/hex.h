/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hex: bytes from hexadecimal text.
 */
#ifndef SLUICE_HEX_H
#define SLUICE_HEX_H

#include <stddef.h>
#include <stdint.h>

enum { HEX_MAX = 1 << 16 };

struct hex {
	uint8_t *bytes;
	size_t length;
};

/*
 * Read pairs of digits; blanks, colons, commas and dashes may stand between pairs.  Returns 0,
 * -EINVAL or -ENOMEM after the error was told.
 */
int hex_parse(const char *text, struct hex *ret_hex);
void hex_done(struct hex *hex);

#endif
