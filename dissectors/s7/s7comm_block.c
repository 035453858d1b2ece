/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: blocks by type and number, as digits.
 */
#include "s7comm_block.h"
#include "s7comm_space.h"

uint8_t
s7_read_block_type(struct cursor *c)
{
	struct cursor peek;
	uint8_t digit;

	cursor_expect_u8(c, '0', '0', REASON_VALUE_INVALID);
	cursor_u8(c, "block type");
	peek = cursor_peek(c);
	digit = cursor_u8(&peek, "");
	if (cursor_ok(&peek))
		demand(c, digit == '8' || (digit >= 'A' && digit <= 'F'), REASON_VALUE_INVALID);
	cursor_u8(c, "block type");
	return digit == '8' ? 8 : (uint8_t)(digit - 'A' + 10);
}

void
s7_read_block(struct cursor *c, struct message *m, enum access access)
{
	uint8_t type = s7_read_block_type(c);
	uint32_t number = 0;

	for (unsigned i = 0; i < 5; i++) {
		cursor_expect_u8(c, '0', '9', REASON_VALUE_INVALID);
		number = number * 10 + (uint32_t)(cursor_u8(c, "block number") - '0');
	}
	if (!cursor_ok(c))
		return;
	message_add_span(m, c, S7_BLOCK, access, type, number, number);
	/* active, passive, both */
	if (cursor_here(c) > 0) {
		struct cursor peek = cursor_peek(c);
		uint8_t system = cursor_u8(&peek, "");

		demand(c, system == 'A' || system == 'B' || system == 'P', REASON_VALUE_INVALID);
	}
	cursor_u8(c, "file system");
}

void
s7_read_file_name(struct s7_reader *r)
{
	s7_constant(r->c, "\x09", 1, "file name length");
	cursor_expect_either_u8(r->c, '_', '$', REASON_VALUE_INVALID);
	cursor_u8(r->c, "file identifier");
	s7_read_block(r->c, r->m, ACCESS_PROGRAM);
}
