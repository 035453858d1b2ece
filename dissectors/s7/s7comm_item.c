/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: variables by address: what read-var, write-var and cyclic services touch, and the values
 * that are written and read.
 *
 * Three forms of addresses are read: S7ANY (area, byte and bit), DBREAD (bytes of data blocks) and
 * the symbols of the S7-1200, which name a data block or area but not where in it, so that they
 * touch all of it.  Others are known to exist and are refused.
 *
 * What a write carries must agree with its addresses, so the length of the data decides, address
 * by address, what is still possible.
 */
#include "s7comm_item.h"
#include "s7comm_space.h"

enum {
	VARIABLE = 0x12,
	SYNTAX_ANY = 0x10,
	SYNTAX_DBREAD = 0xb0,
	SYNTAX_SYMBOL = 0xb2,
	ANY_LENGTH = 10, /* behind the length byte */
	ITEM_MIN = 12,
	ITEM_MAX = 256,
	DBREAD_HEAD = 4,
	DBREAD_AREA = 5,
	DBREAD_AREAS = 50,
	DATA_HEAD = 4,
	SYMBOL_BLOCK = 0x8a0e,
	SUCCESS = 0xff,
	NUMBER_MAX = 65535,
};

/* How an element is transported: sizes of S7ANY. */
struct element {
	uint8_t bytes;  /* of one; 0: a single bit */
	uint8_t format; /* enum value_format */
	uint8_t kind;
};

enum { ELEMENT_NONE = 0, ELEMENT_MEMORY, ELEMENT_NUMBER, ELEMENT_EITHER, ELEMENT_READ_ONLY };

static const struct element elements[] = {
    [1] = {0, VALUE_U8, ELEMENT_MEMORY},       /* BIT */
    [2] = {1, VALUE_U8, ELEMENT_MEMORY},       /* BYTE */
    [3] = {1, VALUE_U8, ELEMENT_MEMORY},       /* CHAR */
    [4] = {2, VALUE_U16_BE, ELEMENT_MEMORY},   /* WORD */
    [5] = {2, VALUE_S16_BE, ELEMENT_MEMORY},   /* INT */
    [6] = {4, VALUE_U32_BE, ELEMENT_MEMORY},   /* DWORD */
    [7] = {4, VALUE_S32_BE, ELEMENT_MEMORY},   /* DINT */
    [8] = {4, VALUE_F32_BE, ELEMENT_MEMORY},   /* REAL */
    [9] = {2, VALUE_U16_BE, ELEMENT_EITHER},   /* DATE, days; some clients read timers by it */
    [10] = {4, VALUE_U32_BE, ELEMENT_MEMORY},  /* TIME_OF_DAY, milliseconds */
    [11] = {4, VALUE_S32_BE, ELEMENT_MEMORY},  /* TIME, milliseconds */
    [12] = {2, VALUE_NONE, ELEMENT_MEMORY},    /* S5TIME */
    [15] = {8, VALUE_NONE, ELEMENT_MEMORY},    /* DATE_AND_TIME */
    [28] = {2, VALUE_U16_BE, ELEMENT_NUMBER},  /* COUNTER */
    [29] = {2, VALUE_U16_BE, ELEMENT_NUMBER},  /* TIMER */
    [30] = {1, VALUE_NONE, ELEMENT_READ_ONLY}, /* of the S7-200: sizes differ */
    [31] = {1, VALUE_NONE, ELEMENT_READ_ONLY},
    [32] = {1, VALUE_NONE, ELEMENT_READ_ONLY},
};

static const struct element *
find_element(uint8_t code)
{
	const struct element *none = &elements[0];

	return code < sizeof(elements) / sizeof(elements[0]) ? &elements[code] : none;
}

/* Areas of S7ANY and the spaces that they are. */
static const struct {
	uint8_t code;
	uint8_t space;
	bool numbers;
} areas[] = {
    {0x84, S7_DB, false},
    {0x83, S7_M, false},
    {0x81, S7_I, false},
    {0x82, S7_Q, false},
    {0x85, S7_DI, false},
    {0x80, S7_P, false},
    {0x86, S7_L, false},
    {0x87, S7_V, false},
    {0x03, S7_SYS, false},
    {0x05, S7_FLAGS, false},
    {0x06, S7_AI, false},
    {0x07, S7_AQ, false},
    {0x1c, S7_C, true},
    {0x1d, S7_T, true},
    {0x1e, S7_IC, true},
    {0x1f, S7_IT, true},
};

enum { AREA_COUNT = sizeof(areas) / sizeof(areas[0]) };

/* What is known while the items of one message are read. */
struct items {
	bool write;
	bool single;     /* the message has one item only */
	uint32_t after;  /* items behind this one */
	uint32_t data;   /* write: bytes of data that this item and those behind it have */
	uint32_t answer; /* read: the most bytes of data that the answer has */
};

/* Can `length` bytes be `count` items (0: any number but none)? */
static bool
count_fits(uint32_t length, uint32_t count, bool write)
{
	if (count == 1 && !write && length > DBREAD_HEAD &&
	    (length - DBREAD_HEAD) % DBREAD_AREA == 0 &&
	    (length - DBREAD_HEAD) / DBREAD_AREA <= DBREAD_AREAS)
		return true;
	if (write && count > 1)
		return length == count * ITEM_MIN;
	return length % 4 == 0 && length >= count * ITEM_MIN && length <= count * ITEM_MAX;
}

static bool
any_count_fits(uint32_t length, bool write)
{
	uint32_t many = write ? length / ITEM_MIN : (length + ITEM_MAX - 1) / ITEM_MAX;

	if (count_fits(length, 1, write))
		return true;
	return many > 1 && many <= 255 && count_fits(length, many, write);
}

bool
s7_items_fit(uint32_t length, bool write)
{
	return any_count_fits(length, write);
}

/* The least data that a write of so many items has: all but the last are filled up to even. */
static uint32_t
data_least(uint32_t count)
{
	return count == 0 ? 0 : (count - 1) * (DATA_HEAD + 2) + DATA_HEAD + 1;
}

bool
s7_item_data_fits(uint32_t length, uint32_t lo, uint32_t hi)
{
	uint32_t many = length / ITEM_MIN;

	(void)lo;
	if (count_fits(length, 1, true) && hi >= data_least(1))
		return true;
	return many > 1 && count_fits(length, many, true) && hi >= data_least(many);
}

/* The number of items must be one for which lengths of parameters and data are right. */
static void
check_count(struct cursor *c, uint32_t length, uint32_t data, bool write)
{
	struct cursor peek = cursor_peek(c);
	uint8_t count = cursor_u8(&peek, "");

	if (!cursor_ok(&peek))
		return;
	demand(c, count > 0, REASON_QUANTITY_INVALID);
	demand(c, count_fits(length, count, write), REASON_LENGTH_MISMATCH);
	demand(c, !write || data >= data_least(count), REASON_LENGTH_MISMATCH);
}

/* How many elements may a write of this size have?  *ret_first > *ret_last: none. */
static void
count_bounds(const struct items *items, const struct element *element, uint32_t *ret_first,
    uint32_t *ret_last)
{
	uint32_t room = items->data - DATA_HEAD - data_least(items->after);
	uint32_t size = element->bytes == 0 ? 1 : element->bytes;

	*ret_first = 1;
	*ret_last = element->bytes == 0 ? 1 : UINT16_MAX;
	if (!items->write)
		return;
	if (items->after > 0) {
		if ((room & ~1U) / size < *ret_last)
			*ret_last = (room & ~1U) / size;
		if (element->bytes == 0 && room < 2)
			*ret_last = 0;
		return;
	}
	if (room % size != 0 || room / size < 1 || room / size > *ret_last)
		*ret_last = 0;
	else
		*ret_first = *ret_last = room / size;
}

static const struct element *
read_element(struct cursor *c, const struct items *items)
{
	struct cursor peek = cursor_peek(c);
	const struct element *element = find_element(cursor_u8(&peek, ""));
	uint32_t first, last;

	if (cursor_ok(&peek) && cursor_ok(c)) {
		demand(c, element->kind != ELEMENT_NONE, REASON_VALUE_INVALID);
		demand(c, !items->write || element->kind != ELEMENT_READ_ONLY, REASON_ADDRESS_FORM);
		count_bounds(items, element, &first, &last);
		demand(c, first <= last, REASON_LENGTH_MISMATCH);
	}
	cursor_u8(c, "transport size");
	return element;
}

static unsigned
read_area(struct cursor *c, const struct element *element)
{
	struct cursor peek = cursor_peek(c);
	uint8_t code = cursor_u8(&peek, "");
	unsigned i = 0;

	while (i < AREA_COUNT && areas[i].code != code)
		i++;
	if (cursor_ok(&peek)) {
		demand(c, i < AREA_COUNT, REASON_ADDRESS_FORM);
		if (cursor_ok(c))
			demand(c,
			    element->kind == ELEMENT_EITHER ||
				areas[i].numbers == (element->kind != ELEMENT_MEMORY),
			    REASON_VALUE_INVALID);
	}
	cursor_u8(c, "area");
	return i;
}

/* Three bytes, at most `last`; bytes have addresses whose bit is 0. */
static uint32_t
read_address(struct cursor *c, uint32_t last, bool whole_bytes)
{
	struct cursor peek;
	uint32_t address;

	cursor_expect_u8(c, 0, (uint8_t)(last >> 16), REASON_ADDRESS_OVERFLOW);
	address = (uint32_t)cursor_u8(c, "address") << 16;
	if (address == (last & 0xff0000))
		cursor_expect_be16(c, 0, last & 0xffff, REASON_ADDRESS_OVERFLOW);
	peek = cursor_peek(c);
	if ((cursor_be16(&peek, "") & 7) != 0 && whole_bytes)
		cursor_fail(c, REASON_VALUE_INVALID);
	return address | cursor_be16(c, "address");
}

static uint32_t
answer_bytes(const struct element *element, uint32_t count)
{
	return element->bytes == 0 ? count : count * element->bytes;
}

static void
read_any(struct cursor *c, struct message *m, struct items *items)
{
	const struct element *element = read_element(c, items);
	uint32_t first, last, count, block, address, length;
	struct span *span;
	unsigned area;

	if (!cursor_ok(c))
		return;
	count_bounds(items, element, &first, &last);
	cursor_expect_be16(c, 1, element->bytes == 0 ? 1 : UINT16_MAX, REASON_QUANTITY_INVALID);
	cursor_expect_be16(c, first, last, REASON_LENGTH_MISMATCH);
	count = cursor_be16(c, "count");
	block = cursor_be16(c, "block");
	area = read_area(c, element);
	if (!cursor_ok(c))
		return;
	length = areas[area].numbers ? count : element->bytes == 0 ? 1 : count * element->bytes * 8;
	address = read_address(c, (areas[area].numbers ? NUMBER_MAX : S7_BIT_MAX) + 1 - length,
	    !areas[area].numbers && element->bytes > 0);
	if (!cursor_ok(c))
		return;
	if (areas[area].space != S7_DB && areas[area].space != S7_DI)
		block = 0;
	span = message_add_span(m, c, areas[area].space, items->write ? ACCESS_WRITE : ACCESS_READ,
	    block, address, address + length - 1);
	if (!items->write && element->kind == ELEMENT_READ_ONLY)
		items->answer = UINT16_MAX;
	else if (!items->write)
		items->answer += DATA_HEAD + (answer_bytes(element, count) + 1U) / 2 * 2;
	if (items->write) {
		span->width = (uint16_t)(length / count);
		span->values.format = element->format;
		span->values.stride = element->bytes == 0 ? 1 : element->bytes;
		length = element->bytes == 0 ? 1 : count * element->bytes;
		items->data -= DATA_HEAD + length + (items->after > 0 ? length & 1 : 0);
	}
}

/* Bytes of data blocks: length, block, first byte. */
static void
read_dbread(struct cursor *c, struct message *m)
{
	uint8_t count = (uint8_t)(cursor_left(c) / DBREAD_AREA);

	cursor_expect_u8(c, count, count, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "areas");
	for (unsigned i = 0; i < count && cursor_ok(c); i++) {
		uint32_t length, block, byte;

		cursor_expect_u8(c, 1, 255, REASON_QUANTITY_INVALID);
		length = cursor_u8(c, "length");
		block = cursor_be16(c, "block");
		byte = cursor_be16(c, "start");
		if (cursor_ok(c))
			message_add_span(
			    m, c, S7_DB, ACCESS_READ, block, byte * 8, (byte + length) * 8 - 1);
	}
}

/* A symbol says in which block or area it is; its checksum and numbers say nothing about where. */
static void
read_symbol(struct cursor *c, struct message *m, const struct items *items)
{
	static const uint8_t spaces[] = {S7_I, S7_Q, S7_M, S7_C, S7_T};
	enum access access = items->write ? ACCESS_WRITE : ACCESS_READ;
	uint16_t root, sub;
	uint8_t space = S7_DB;

	cursor_u8(c, "reserved");
	cursor_expect_either_be16(c, SYMBOL_BLOCK, 0, REASON_ADDRESS_FORM);
	root = cursor_be16(c, "root");
	if (cursor_ok(c) && root == 0)
		cursor_expect_be16(c, 0x50, 0x54, REASON_ADDRESS_FORM);
	sub = cursor_be16(c, "block or area");
	if (!cursor_ok(c))
		return;
	if (root == 0)
		space = spaces[sub - 0x50];
	message_add_span(m, c, space, access, root == 0 ? 0 : sub, 0, s7_spaces[space].index_max);
	cursor_be32(c, "checksum");
	while (cursor_left(c) > 0)
		cursor_be32(c, "symbol");
}

static enum reason
judge_syntax(const struct items *items, uint8_t syntax, uint32_t length)
{
	switch (syntax) {
	case SYNTAX_ANY:
		return length == ANY_LENGTH ? REASON_UNDECIDED : REASON_LENGTH_MISMATCH;
	case SYNTAX_DBREAD:
		if (items->write || !items->single)
			return REASON_ADDRESS_FORM;
		return length > 2 && (length - 2) % DBREAD_AREA == 0 ? REASON_UNDECIDED
								     : REASON_LENGTH_MISMATCH;
	case SYNTAX_SYMBOL:
		if (items->write && !items->single)
			return REASON_ADDRESS_FORM;
		return length >= ANY_LENGTH && length % 4 == 2 ? REASON_UNDECIDED
							       : REASON_LENGTH_MISMATCH;
	default:
		return REASON_ADDRESS_FORM;
	}
}

static void
read_item(struct cursor *c, struct message *m, struct items *items)
{
	uint32_t left = cursor_left(c);
	struct cursor peek, item;
	uint8_t length, syntax;
	enum reason reason;

	cursor_expect_u8(c, VARIABLE, VARIABLE, REASON_VALUE_INVALID);
	cursor_u8(c, "variable");
	peek = cursor_peek(c);
	length = cursor_u8(&peek, "");
	if (cursor_ok(&peek))
		demand(c,
		    length + 2U <= left && count_fits(length + 2U, 1, items->write) &&
			(items->after > 0 ? length % 4 == 2 &&
				    count_fits(left - length - 2, items->after, items->write)
					  : length + 2U == left),
		    REASON_LENGTH_MISMATCH);
	cursor_u8(c, "address length");
	syntax = cursor_u8(&peek, "");
	if (cursor_ok(&peek) && cursor_ok(c)) {
		reason = judge_syntax(items, syntax, length);
		demand(c, reason == REASON_UNDECIDED, reason);
	}
	if (!cursor_ok(c))
		return;
	item = cursor_sub(c, length, "address");
	cursor_u8(&item, "syntax");
	if (syntax == SYNTAX_ANY)
		read_any(&item, m, items);
	else if (syntax == SYNTAX_DBREAD)
		read_dbread(&item, m);
	else
		read_symbol(&item, m, items);
	if (syntax != SYNTAX_ANY)
		items->answer = UINT16_MAX;
	cursor_sub_end(c, &item);
}

void
s7_read_item_list(struct s7_reader *r, uint32_t count)
{
	struct items items = {.single = count == 1};

	for (; count > 0 && cursor_ok(r->c); count--) {
		items.after = count - 1;
		read_item(r->c, r->m, &items);
	}
}

/*
 * Servers have been seen that look for the data of the second item in the values of the first, if
 * these have a length in the other unit (bytes or bits) than such servers believe.  What will be
 * written by the items behind it is then not told.
 */
static bool
length_doubtful(bool memory, uint8_t size)
{
	return memory ? size == 6 || size == 7 || size == 9 : size == 4 || size == 5;
}

/* The size of what is written, which must be the address's where that tells an element. */
static uint8_t
read_data_size(struct cursor *c, bool symbol, bool bit)
{
	struct cursor peek = cursor_peek(c);
	uint8_t size = cursor_u8(&peek, "");
	bool several = (size >= 4 && size <= 7) || size == 9;

	if (cursor_ok(&peek))
		demand(c,
		    symbol    ? size == 3 || several
			: bit ? size == 3
			      : several,
		    REASON_VALUE_INVALID);
	return cursor_u8(c, "data size");
}

/*
 * What is written by one item: return code, size, length, values, a byte to fill up.  True: what
 * comes behind it is doubtful.
 */
static bool
read_written(struct s7_reader *r, struct span *span, uint32_t left, bool last)
{
	bool memory = s7_spaces[span->space].index_max == S7_BIT_MAX;
	bool symbol = span->width == 0;
	bool bit = memory && span->width == 1;
	uint32_t count, bytes, length;
	struct cursor *c = r->c;
	uint8_t size;

	count = symbol ? 1 : (span->last - span->first + 1) / span->width;
	bytes = symbol ? left - DATA_HEAD : count * span->values.stride;
	cursor_expect_either_u8(c, 0x00, SUCCESS, REASON_VALUE_INVALID);
	cursor_u8(c, "return code");
	size = read_data_size(c, symbol, bit);
	length = bit ? 1 : size <= 5 ? bytes * 8 : bytes;
	/* bits of a symbol may end within their last byte */
	cursor_expect_be16(
	    c, symbol && size == 3 ? length - 7 : length, length, REASON_LENGTH_MISMATCH);
	cursor_be16(c, "data length");
	if (span->values.format != VALUE_NONE)
		span->values = cursor_values(c, (enum value_format)span->values.format, count,
		    span->values.stride, "values");
	else
		cursor_bytes(c, bytes, "values");
	if (!last && bytes % 2 != 0)
		cursor_u8(c, "fill byte");
	return length_doubtful(memory, size);
}

static void
read_all_written(struct s7_reader *r, uint32_t count)
{
	bool doubtful = false;

	for (uint32_t i = 0; i < count && cursor_ok(r->c); i++) {
		if (doubtful)
			r->m->spans[i].values.format = VALUE_NONE;
		doubtful |= read_written(r, &r->m->spans[i], cursor_left(r->c), i + 1 == count);
	}
}

void
s7_read_items(struct s7_reader *r, bool write)
{
	struct s7_head *head = r->head;
	struct items items = {.write = write, .data = head->data};
	struct cursor *c = r->c, parameters;
	uint32_t count;

	parameters = cursor_sub(c, head->parameters - 1, "parameters");
	check_count(&parameters, head->parameters - 2, head->data, write);
	count = cursor_u8(&parameters, "items");
	items.single = count == 1;
	if (cursor_ok(&parameters))
		r->m->expect = mix(r->m->expect, count);
	for (uint32_t i = 0; i < count && cursor_ok(&parameters); i++) {
		items.after = count - i - 1;
		read_item(&parameters, r->m, &items);
	}
	cursor_sub_end(c, &parameters);
	r->scratch->answer = (uint16_t)(items.answer < UINT16_MAX ? items.answer : UINT16_MAX);
	if (write && cursor_ok(c))
		read_all_written(r, count);
}

/* One item of an answer to read-var; `after` more follow. */
static void
read_answer(struct cursor *c, uint32_t after)
{
	uint32_t left = cursor_left(c), room = left - DATA_HEAD - after * DATA_HEAD, length, bytes;
	bool bits;
	struct cursor peek;
	uint8_t size, code;

	code = cursor_u8(c, "return code");
	peek = cursor_peek(c);
	size = cursor_u8(&peek, "");
	if (cursor_ok(&peek))
		demand(c, size == 0 || (size >= 3 && size <= 7) || size == 9, REASON_VALUE_INVALID);
	size = cursor_u8(c, "data size");
	bits = size >= 3 && size <= 5;
	/* what could not be read has no data, though some servers say that it has four bytes */
	if (code != SUCCESS && size == 0 && (after > 0 || room == 0)) {
		cursor_expect_either_be16(c, 0, DATA_HEAD, REASON_LENGTH_MISMATCH);
		cursor_be16(c, "data length");
		return;
	}
	if (after > 0)
		cursor_expect_be16(
		    c, 0, bits ? (room & ~1U) * 8 : room & ~1U, REASON_LENGTH_MISMATCH);
	else if (bits)
		cursor_expect_be16(
		    c, room == 0 ? 0 : room * 8 - 7, room * 8, REASON_LENGTH_MISMATCH);
	else
		cursor_expect_be16(c, room, room, REASON_LENGTH_MISMATCH);
	length = cursor_be16(c, "data length");
	bytes = bits ? (length + 7) / 8 : length;
	cursor_bytes(c, bytes, "values");
	if (after > 0 && bytes % 2 != 0)
		cursor_u8(c, "fill byte");
}

void
s7_read_values(struct s7_reader *r)
{
	struct cursor *c = r->c, peek = cursor_peek(c);
	uint8_t count = cursor_u8(&peek, "");

	if (cursor_ok(&peek) && r->head->function == S7_READ_VAR)
		demand(c, count >= 1 && count * (uint32_t)DATA_HEAD <= r->head->data,
		    REASON_QUANTITY_INVALID);
	else if (cursor_ok(&peek))
		demand(c, count == r->head->data, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "items");
	if (!cursor_ok(c))
		return;
	r->m->expect = mix(r->m->expect, count);
	if (r->head->function == S7_WRITE_VAR) {
		cursor_bytes(c, count, "return codes");
		return;
	}
	for (uint32_t i = 0; i < count && cursor_ok(c); i++)
		read_answer(c, count - i - 1U);
}
