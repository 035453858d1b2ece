/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64: see base64.h. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_print(const uint8_t *bytes, size_t length, char *ret_text)
{
	for (size_t i = 0; i < length; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16;

		group |= i + 1 < length ? (uint32_t)bytes[i + 1] << 8 : 0;
		group |= i + 2 < length ? bytes[i + 2] : 0;
		*ret_text++ = digits[group >> 18];
		*ret_text++ = digits[group >> 12 & 63];
		*ret_text++ = i + 1 < length ? digits[group >> 6 & 63] : '=';
		*ret_text++ = i + 2 < length ? digits[group & 63] : '=';
	}
	*ret_text = '\0';
}

/* Four digits; returns the bytes that they are, or -EINVAL. Only the last four may be padded. */
static int
read_group(const char *text, uint8_t ret_bytes[3])
{
	uint32_t group = 0;
	int bytes = text[3] != '=' ? 3 : text[2] != '=' ? 2 : 1;

	for (int i = 0; i <= bytes; i++) {
		const char *digit = strchr(digits, text[i]);

		if (!digit)
			return -EINVAL;
		group |= (uint32_t)(digit - digits) << (18 - 6 * i);
	}
	if ((bytes == 1 && (group & 0xffff)) || (bytes == 2 && (group & 0xff)))
		return -EINVAL;
	for (int i = 0; i < bytes; i++)
		ret_bytes[i] = (uint8_t)(group >> (16 - 8 * i));
	return bytes;
}

int
base64_read(const char *text, size_t max, uint8_t *ret_bytes)
{
	size_t length = strlen(text), count = 0;

	if (length % 4 != 0)
		return -EINVAL;
	for (size_t i = 0; i < length; i += 4) {
		uint8_t group[3];
		int bytes = read_group(&text[i], group);

		if (bytes < 0 || (bytes < 3 && i + 4 < length))
			return -EINVAL;
		if (count + (size_t)bytes > max || max > INT_MAX)
			return -E2BIG;
		memcpy(&ret_bytes[count], group, (size_t)bytes);
		count += (size_t)bytes;
	}
	return (int)count;
}
