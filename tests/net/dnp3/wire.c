/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wire: frames of the DNP3 link layer. See wire.h. */
#include "wire.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
wire_put(struct wire *wire, const uint8_t *data, size_t length)
{
	if (wire->length + length > sizeof(wire->bytes))
		abort();
	if (length > 0)
		memcpy(&wire->bytes[wire->length], data, length);
	wire->length += length;
}

void
wire_put_frame(struct wire *wire, uint8_t control, unsigned destination, unsigned source,
    const uint8_t *user, size_t length)
{
	uint8_t frame[DNP3_WIRE_FRAME_MAX];

	wire_put(wire, frame, dnp3_wire_frame(control, destination, source, user, length, frame));
}

size_t
wire_frame_size(size_t user)
{
	return WIRE_HEADER + user + 2 * ((user + WIRE_BLOCK - 1) / WIRE_BLOCK);
}

size_t
wire_hex(const char *hex, uint8_t *bytes, size_t size)
{
	size_t digits = 0;
	unsigned value = 0;

	for (; *hex && *hex != ';' && *hex != '|'; hex++) {
		if (!isxdigit((unsigned char)*hex))
			continue;
		value = value << 4 |
		    (unsigned)(isdigit((unsigned char)*hex) ? *hex - '0'
							    : tolower(*hex) - 'a' + 10);
		if (digits / 2 >= size)
			abort();
		if (digits++ % 2)
			bytes[digits / 2 - 1] = (uint8_t)value;
	}
	return digits / 2;
}

void
wire_text(const uint8_t *bytes, size_t length, char *text)
{
	text[0] = '\0';
	for (size_t i = 0; i < length; i++)
		sprintf(&text[2 * i], "%02x", bytes[i]);
}

size_t
wire_user_data(const struct wire *wire, uint8_t user[WIRE_USER_MAX])
{
	size_t length = 0;

	for (size_t at = WIRE_HEADER; at < wire->length; at += WIRE_BLOCK + 2)
		for (size_t i = at; i < at + WIRE_BLOCK && i + 2 < wire->length; i++)
			user[length++] = wire->bytes[i];
	return length;
}
