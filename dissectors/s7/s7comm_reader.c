/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the smallest reads.  See the header.
 */
#include "s7comm_reader.h"

void
s7_constant(struct cursor *c, const char *bytes, uint32_t length, const char *field)
{
	struct cursor peek = cursor_peek(c);

	for (uint32_t i = 0; i < length; i++) {
		cursor_expect_u8(&peek, (uint8_t)bytes[i], (uint8_t)bytes[i], REASON_VALUE_INVALID);
		cursor_u8(&peek, "");
	}
	if (peek.state == CURSOR_FAILED)
		cursor_fail(c, REASON_VALUE_INVALID);
	cursor_bytes(c, length, field);
}
