/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Base64: bytes as text and back, with padding and without line feeds (RFC 4648, section 4).
 */
#ifndef SLUICE_BASE64_H
#define SLUICE_BASE64_H

#include <stddef.h>
#include <stdint.h>

#define BASE64_SIZE(length) (((length) + 2) / 3 * 4 + 1)

/* Into BASE64_SIZE(length) characters, the final zero among them. */
void base64_print(const uint8_t *bytes, size_t length, char *ret_text);

/*
 * Read it back.  Returns the number of bytes, -EINVAL for text that base64_print() does not write,
 * or -E2BIG for more than `max` bytes.
 */
int base64_read(const char *text, size_t max, uint8_t *ret_bytes);

#endif
