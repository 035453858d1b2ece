/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cursor: the rarer readers, and what happens when a read is refused.
 *
 * The hot readers are inline in cursor.h.  Outside these two files no pointer into a packet moves.
 */
#include <assert.h>
#include <string.h>

#include "cursor.h"

/* Beyond the declared end is worse than not here yet: no further byte can heal it. */
enum cursor_state
cursor_refused(uint32_t left, uint32_t length)
{
	return length > left ? CURSOR_OVERRUN : CURSOR_SHORT;
}

void
cursor_record(
    struct trace *trace, const uint8_t *at, uint32_t offset, uint32_t length, const char *field)
{
	struct trace_field *f;

	if (trace->count >= TRACE_FIELDS_MAX)
		return;
	f = &trace->fields[trace->count++];
	*f = (struct trace_field){.name = field, .offset = offset, .length = length};
	for (uint32_t i = 0; i < length && i < 8; i++)
		f->value = f->value << 8 | at[i];
}

/* Of the field that was recorded last, if there was room for it. */
void
cursor_record_value(struct trace *trace, uint32_t offset, uint32_t value)
{
	if (trace->count > 0 && trace->fields[trace->count - 1].offset == offset)
		trace->fields[trace->count - 1].value = value;
}

void
cursor_record_refused(struct trace *trace, const struct trace_refused *refused)
{
	trace->refused = *refused;
}

void
cursor_expect_either_be16(struct cursor *c, uint16_t one, uint16_t other, enum reason reason)
{
	struct cursor first = cursor_peek(c), second = cursor_peek(c);

	cursor_expect_be16(&first, one, one, reason);
	cursor_expect_be16(&second, other, other, reason);
	if (!cursor_ok(&first) && !cursor_ok(&second))
		cursor_refuse_number(c, 2, one, other, true, reason);
}

struct cursor
cursor_sub(struct cursor *c, size_t length, const char *field)
{
	struct cursor sub = *c;

	if (!cursor_ok(c))
		return sub;
	if (length > c->declared - c->offset) {
		c->state = sub.state = CURSOR_OVERRUN;
		return sub;
	}
	sub.declared = c->offset + (uint32_t)length;
	if (sub.available > sub.declared)
		sub.available = sub.declared;
	if (sub.available < sub.declared)
		c->state = CURSOR_SHORT;
	else
		c->offset = sub.declared;
	return sub;
}

void
cursor_sub_end(struct cursor *c, const struct cursor *sub)
{
	enum reason reason;

	if (c->state != CURSOR_OK && c->state != CURSOR_SHORT)
		return;
	if (sub->state == CURSOR_FAILED)
		reason = sub->reason;
	else if (sub->state == CURSOR_OVERRUN)
		reason = REASON_LENGTH_MISMATCH;
	else if (sub->state == CURSOR_OK && sub->offset < sub->declared)
		reason = REASON_TRAILING_BYTES;
	else
		return;
	c->state = CURSOR_FAILED;
	c->reason = reason;
}

/* Sizes of one value of each format in bytes; bits are packed, 0 here. */
static const uint8_t value_sizes[] = {
    [VALUE_U8] = 1,
    [VALUE_S8] = 1,
    [VALUE_U16_BE] = 2,
    [VALUE_U16_LE] = 2,
    [VALUE_S16_BE] = 2,
    [VALUE_S16_LE] = 2,
    [VALUE_U32_BE] = 4,
    [VALUE_U32_LE] = 4,
    [VALUE_U48_LE] = 6,
    [VALUE_S32_BE] = 4,
    [VALUE_S32_LE] = 4,
    [VALUE_F32_BE] = 4,
    [VALUE_F32_LE] = 4,
    [VALUE_U64_BE] = 8,
    [VALUE_S64_BE] = 8,
    [VALUE_F64_BE] = 8,
    [VALUE_F64_LE] = 8,
    [VALUE_BIT] = 0,
    [VALUE_COIL] = 2,
};

/* Values that are complete in `length` bytes. */
static uint32_t
values_in(enum value_format format, uint32_t length, uint32_t stride)
{
	uint32_t size = value_sizes[format];

	if (format == VALUE_BIT)
		return length > UINT32_MAX / 8 ? UINT32_MAX : length * 8;
	return length < size ? 0 : (length - size) / stride + 1;
}

struct values
cursor_values(
    struct cursor *c, enum value_format format, uint32_t count, uint16_t stride, const char *field)
{
	struct values values = {.stride = stride, .format = (uint8_t)format};
	uint64_t length =
	    format == VALUE_BIT ? ((uint64_t)count + 7) / 8 : (uint64_t)count * stride;
	uint32_t here = cursor_here(c);

	assert(format != VALUE_NONE && (format == VALUE_BIT || stride >= value_sizes[format]));
	if (length > UINT32_MAX)
		length = UINT32_MAX;
	if (!cursor_ok(c) || length == 0)
		return values;
	values.data = c->start + c->offset;
	values.count = count;
	if (cursor_take(c, (uint32_t)length, field) != NULL)
		return values;
	values.count = c->state == CURSOR_SHORT ? values_in(format, here, stride) : 0;
	if (values.count > count)
		values.count = count;
	return values;
}

static uint64_t
read_number(const uint8_t *at, uint32_t size, bool intel)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < size; i++)
		value = value << 8 | at[intel ? size - 1 - i : i];
	return value;
}

static double
float_from(uint64_t bits, uint32_t size)
{
	uint32_t low = (uint32_t)bits;
	float single;
	double value;

	if (size == 4) {
		memcpy(&single, &low, sizeof(single));
		return (double)single;
	}
	memcpy(&value, &bits, sizeof(value));
	return value;
}

double
values_get(const struct values *values, uint32_t i)
{
	const uint8_t *at;
	uint64_t bits;
	bool intel;

	assert(i < values->count);
	if (values->format == VALUE_BIT)
		return values->data[i / 8] >> (i % 8) & 1;
	at = values->data + (size_t)i * values->stride;
	intel = values->format == VALUE_U16_LE || values->format == VALUE_S16_LE ||
	    values->format == VALUE_S32_LE || values->format == VALUE_F32_LE ||
	    values->format == VALUE_F64_LE || values->format == VALUE_U32_LE ||
	    values->format == VALUE_U48_LE;
	bits = read_number(at, value_sizes[values->format], intel);
	switch (values->format) {
	case VALUE_S8:
		return (int8_t)bits;
	case VALUE_S16_BE:
	case VALUE_S16_LE:
		return (int16_t)bits;
	case VALUE_S32_BE:
	case VALUE_S32_LE:
		return (int32_t)bits;
	case VALUE_S64_BE:
		return (double)(int64_t)bits;
	case VALUE_F32_BE:
	case VALUE_F32_LE:
	case VALUE_F64_BE:
	case VALUE_F64_LE:
		return float_from(bits, value_sizes[values->format]);
	case VALUE_COIL:
		return bits == 0xff00;
	default:
		return (double)bits;
	}
}

double
values_get_part(const struct values *values, uint32_t i, enum value_format format, uint32_t offset)
{
	struct values part = *values;

	assert(values->format != VALUE_BIT && format != VALUE_BIT && format != VALUE_NONE);
	assert(offset + value_sizes[format] <= values->stride);
	part.data += offset;
	part.format = (uint8_t)format;
	return values_get(&part, i);
}

bool
values_get_byte(const struct values *values, uint32_t offset, uint8_t *ret_byte)
{
	if (values->format == VALUE_NONE || values->format == VALUE_BIT ||
	    values->format == VALUE_COIL || value_sizes[values->format] != values->stride ||
	    offset / values->stride >= values->count)
		return false;
	*ret_byte = values->data[offset];
	return true;
}

/* Summed in the machine's own byte order, four bytes at a time; RFC 1071 section 2 permits it. */
uint64_t
cursor_checksum_add(uint64_t sum, const uint8_t *data, size_t length)
{
	uint32_t word;
	size_t i = 0;

	for (; length - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, &data[i], sizeof(word));
		sum += word;
	}
	if (i < length) {
		word = 0;
		memcpy(&word, &data[i], length - i);
		sum += word;
	}
	return sum;
}

uint16_t
cursor_checksum_fold(uint64_t sum)
{
	uint16_t native;
	uint8_t bytes[2];

	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	native = (uint16_t)~sum;
	memcpy(bytes, &native, sizeof(bytes));
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}
