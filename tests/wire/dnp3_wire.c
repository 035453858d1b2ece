/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNP3 wire: see dnp3_wire.h. */
#include "dnp3_wire.h"

#include <string.h>

enum { HEADER = 8, BLOCK = 16, CRC = 2 };

void
dnp3_wire_put_crc(uint8_t *bytes, size_t length)
{
	unsigned crc = 0;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xa6bc : crc >> 1;
	}
	bytes[length] = (uint8_t)~crc;
	bytes[length + 1] = (uint8_t)(~crc >> 8);
}

size_t
dnp3_wire_frame(uint8_t control, unsigned destination, unsigned source, const uint8_t *user,
    size_t length, uint8_t *frame)
{
	const uint8_t header[HEADER] = {0x05, 0x64, (uint8_t)(5 + length), control,
	    (uint8_t)destination, (uint8_t)(destination >> 8), (uint8_t)source,
	    (uint8_t)(source >> 8)};
	size_t size = HEADER + CRC;

	memcpy(frame, header, HEADER);
	dnp3_wire_put_crc(frame, HEADER);
	for (size_t i = 0, block; i < length; i += block) {
		block = length - i < BLOCK ? length - i : BLOCK;
		memcpy(&frame[size], &user[i], block);
		dnp3_wire_put_crc(&frame[size], block);
		size += block + CRC;
	}
	return size;
}
