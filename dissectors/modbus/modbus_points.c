/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP: functions that read and write points: coils, registers, queues, file records.
 */
#include "modbus_points.h"

static uint32_t
bytes_of(uint8_t space, uint32_t quantity)
{
	return modbus_spaces[space].bits ? (quantity + 7) / 8 : quantity * 2;
}

/* Quantities that a message may have. */
struct bounds {
	uint32_t max;   /* the function permits 1 to this */
	uint32_t least; /* the length of the message permits these */
	uint32_t most;
};

/*
 * Starting address and quantity (6.1 to 6.4, 6.11, 6.12, 6.17) and the span that they name.  An
 * address that leaves no room for the least quantity is refused by itself.
 */
static struct span *
read_range(struct cursor *c, struct message *m, enum access access, uint8_t space,
    const struct bounds *bounds)
{
	uint32_t address, quantity;

	cursor_expect_be16(c, 0, ADDRESS_COUNT - bounds->least, REASON_ADDRESS_OVERFLOW);
	address = cursor_be16(c, "address");
	cursor_expect_be16(c, 1, bounds->max, REASON_QUANTITY_INVALID);
	cursor_expect_be16(c, bounds->least, bounds->most, REASON_LENGTH_MISMATCH);
	cursor_expect_be16(c, 1, ADDRESS_COUNT - address, REASON_ADDRESS_OVERFLOW);
	quantity = cursor_be16(c, "quantity");
	return message_add_span(m, c, space, access, 0, address, address + quantity - 1);
}

/* A range without values behind it. */
static struct span *
read_bare_range(struct cursor *c, struct message *m, enum access access)
{
	const struct modbus_range *range = modbus_range(m);
	struct bounds bounds = {range->quantity_max, 1, range->quantity_max};

	return read_range(c, m, access, range->space, &bounds);
}

/*
 * 6.11: bits behind the last one are zero; `last` stands at the byte that holds it.  A server that
 * copies whole bytes would write them to points that the message does not name.
 */
static void
check_padding(struct cursor *c, struct cursor *last, uint32_t count)
{
	if (count % 8 == 0)
		return;
	cursor_expect_u8(last, 0, (uint8_t)((1U << (count % 8)) - 1), REASON_VALUE_INVALID);
	demand(c, last->state != CURSOR_FAILED, REASON_VALUE_INVALID);
}

/* A range to write, its byte count and its values, which are `data` bytes. */
static struct span *
read_write_range(struct cursor *c, struct message *m, uint8_t space, uint32_t max, uint32_t data)
{
	bool bits = modbus_spaces[space].bits;
	uint32_t most = bits ? data * 8 : data / 2;
	struct bounds bounds = {max, bits ? most - 7 : most, most};
	struct span *span = read_range(c, m, ACCESS_WRITE, space, &bounds);
	uint32_t count = span->last - span->first + 1;
	struct cursor last;

	cursor_expect_u8(c, (uint8_t)data, (uint8_t)data, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "byte count");
	last = cursor_peek(c);
	cursor_bytes(&last, data - 1, "");
	span->values = cursor_values(c, bits ? VALUE_BIT : VALUE_U16_BE, count, 2, "values");
	if (bits)
		check_padding(c, &last, count);
	return span;
}

/* 6.1 to 6.4 */
void
modbus_read_request(struct cursor *c, struct message *m)
{
	struct span *span = read_bare_range(c, m, ACCESS_READ);

	agree(c, m, bytes_of(span->space, span->last - span->first + 1));
}

/* 6.1 to 6.4, 6.17: the byte count says again what the MBAP length said. */
void
modbus_read_response(struct cursor *c, struct message *m)
{
	uint32_t count = cursor_left(c) - 1;

	cursor_expect_u8(c, (uint8_t)count, (uint8_t)count, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "byte count");
	agree(c, m, count);
	cursor_bytes(c, count, "values");
}

/*
 * 6.5, 6.6: the response is an echo.  Of the value too, says the specification; devices that clamp
 * a set-point answer with what they have set, and their client should see it.
 */
void
modbus_write_single(struct cursor *c, struct message *m)
{
	bool coil = modbus_range(m)->space == SPACE_COIL;
	uint16_t address = cursor_be16(c, "address");
	struct span *span =
	    message_add_span(m, c, modbus_range(m)->space, ACCESS_WRITE, 0, address, address);

	if (coil)
		cursor_expect_either_be16(c, 0xff00, 0x0000, REASON_VALUE_INVALID);
	span->values = cursor_values(c, coil ? VALUE_COIL : VALUE_U16_BE, 1, 2, "value");
	agree(c, m, mix(address, 0));
}

/* 6.11, 6.12 */
void
modbus_write_multiple_request(struct cursor *c, struct message *m)
{
	const struct modbus_range *range = modbus_range(m);
	struct span *span =
	    read_write_range(c, m, range->space, range->quantity_max, cursor_left(c) - 5);

	agree(c, m, mix(span->first, span->last));
}

void
modbus_write_multiple_response(struct cursor *c, struct message *m)
{
	struct span *span = read_bare_range(c, m, ACCESS_WRITE);

	agree(c, m, mix(span->first, span->last));
}

/* 6.16: what the register will hold depends on what it holds, so the span has no values. */
void
modbus_mask_write(struct cursor *c, struct message *m)
{
	uint16_t address = cursor_be16(c, "address");

	message_add_span(m, c, SPACE_HOLDING, ACCESS_WRITE, 0, address, address);
	cursor_be16(c, "and mask");
	cursor_be16(c, "or mask");
	agree(c, m, mix(address, 0));
}

/* 6.17: both halves are spans; the response is that of a read. */
void
modbus_read_write_request(struct cursor *c, struct message *m)
{
	enum { WRITE_QUANTITY_MAX = 121 };
	uint32_t data = cursor_left(c) - 9;
	struct span *span = read_bare_range(c, m, ACCESS_READ);

	agree(c, m, bytes_of(SPACE_HOLDING, span->last - span->first + 1));
	read_write_range(c, m, SPACE_HOLDING, WRITE_QUANTITY_MAX, data);
}

/* 6.18 */
void
modbus_fifo_request(struct cursor *c, struct message *m)
{
	uint16_t address = cursor_be16(c, "address");

	message_add_span(m, c, SPACE_HOLDING, ACCESS_READ, 0, address, address);
}

void
modbus_fifo_response(struct cursor *c, struct message *m)
{
	uint32_t bytes = cursor_left(c) - 2;
	uint32_t count = bytes / 2 - 1;

	cursor_expect_be16(c, bytes, bytes, REASON_LENGTH_MISMATCH);
	cursor_be16(c, "byte count");
	cursor_expect_be16(c, count, count, REASON_LENGTH_MISMATCH);
	cursor_be16(c, "fifo count");
	cursor_bytes(c, count * 2, "values");
}

/* 6.14, 6.15: reference type, file, record and record length; as read_range() otherwise. */
static struct span *
read_record_address(
    struct cursor *c, struct message *m, enum access access, const struct bounds *bounds)
{
	uint32_t file, record, length;

	cursor_expect_u8(c, 6, 6, REASON_VALUE_INVALID);
	cursor_u8(c, "reference type");
	cursor_expect_be16(c, 1, FILE_MAX, REASON_VALUE_INVALID);
	file = cursor_be16(c, "file");
	cursor_expect_be16(c, 0, RECORD_COUNT - bounds->least, REASON_ADDRESS_OVERFLOW);
	record = cursor_be16(c, "record");
	cursor_expect_be16(c, 1, bounds->max, REASON_QUANTITY_INVALID);
	cursor_expect_be16(c, bounds->least, bounds->most, REASON_LENGTH_MISMATCH);
	cursor_expect_be16(c, 1, RECORD_COUNT - record, REASON_ADDRESS_OVERFLOW);
	length = cursor_be16(c, "record length");
	return message_add_span(m, c, SPACE_FILE, access, file, record, record + length - 1);
}

/*
 * 6.14: seven bytes a group.  What they ask for must fit a response, whose data length is 245 at
 * most; each group needs at least 4 of those.
 */
void
modbus_read_file_request(struct cursor *c, struct message *m)
{
	struct bounds bounds = {.least = 1};
	uint32_t room = 245;
	uint64_t expect = 0;
	struct span *span;

	read_byte_count(c);
	while (cursor_left(c) > 0) {
		uint32_t others = (cursor_left(c) / 7 - 1) * 4;

		bounds.max = bounds.most = (room - others - 2) / 2;
		span = read_record_address(c, m, ACCESS_READ, &bounds);
		room -= (span->last - span->first + 1) * 2 + 2;
		expect = mix(expect, span->last - span->first + 1);
	}
	agree(c, m, expect);
}

void
modbus_read_file_response(struct cursor *c, struct message *m)
{
	uint64_t expect = 0;

	read_byte_count(c);
	while (cursor_left(c) > 0) {
		uint32_t here = cursor_left(c) - 1;
		struct cursor peek = cursor_peek(c);
		uint32_t length = cursor_u8(&peek, "");

		/* what is left behind this group must be none or hold another one */
		if (cursor_ok(&peek))
			demand(c,
			    length % 2 == 1 && length >= 3 &&
				(length == here || length + 4 <= here),
			    REASON_LENGTH_MISMATCH);
		cursor_u8(c, "record data length");
		cursor_expect_u8(c, 6, 6, REASON_VALUE_INVALID);
		cursor_u8(c, "reference type");
		cursor_bytes(c, length - 1, "values");
		expect = mix(expect, length / 2);
	}
	agree(c, m, expect);
}

enum { RECORDS_WRITTEN_MAX = (251 - 7) / 2 };

/* Can `length` bytes be groups of 7 bytes and at least one register each? */
static bool
holds_write_groups(uint32_t length)
{
	return length == 0 || (length % 2 == 1 && length >= 9) || length >= 18;
}

/*
 * 6.15: one group of a write, `left` bytes being declared from it on.  Its record length is not
 * told by a byte count, so it must leave as many bytes as further groups can have.
 */
static uint64_t
write_file_group(struct cursor *c, struct message *m, uint32_t left, uint64_t expect)
{
	uint32_t data = left - 7;
	struct bounds bounds = {RECORDS_WRITTEN_MAX, 1, data / 2};
	struct span *span;

	while (bounds.least < bounds.most && !holds_write_groups(data - bounds.least * 2))
		bounds.least++;
	while (bounds.most > bounds.least && !holds_write_groups(data - bounds.most * 2))
		bounds.most--;
	span = read_record_address(c, m, ACCESS_WRITE, &bounds);
	if (!cursor_ok(c))
		return expect;
	demand(c, holds_write_groups(data - (span->last - span->first + 1) * 2),
	    REASON_LENGTH_MISMATCH);
	expect = mix(mix(mix(expect, span->block), span->first), span->last);
	span->values = cursor_values(c, VALUE_U16_BE, span->last - span->first + 1, 2, "values");
	return expect;
}

/* The response is an echo. */
void
modbus_write_file(struct cursor *c, struct message *m)
{
	uint64_t expect = 0;

	demand(c, holds_write_groups(cursor_left(c) - 1), REASON_LENGTH_MISMATCH);
	read_byte_count(c);
	while (cursor_left(c) > 0)
		expect = write_file_group(c, m, cursor_left(c), expect);
	agree(c, m, expect);
}
