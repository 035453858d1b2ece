/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inet wire: see inet_wire.h. */
#include "inet_wire.h"

void
inet_put16(uint8_t *bytes, unsigned value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

void
inet_put32(uint8_t *bytes, uint32_t value)
{
	inet_put16(bytes, value >> 16);
	inet_put16(&bytes[2], value & 0xffff);
}

uint16_t
inet_sum(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}
