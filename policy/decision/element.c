/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Element: bytes of the message in the order of the memory that they are for. */
#include "element.h"

#include "dissector.h"

enum { ELEMENT_BYTES_MAX = 8 };

/* One element while its bytes are looked for, index by index. */
struct gathering {
	const struct message *message;
	const struct span *span;
	uint32_t index_bits;
	uint32_t first;
	uint32_t last;
	uint8_t bytes[ELEMENT_BYTES_MAX];
};

static bool
writes(const struct span *span, const struct span *other, uint32_t index)
{
	return other->access != ACCESS_READ && other->space == span->space &&
	    other->block == span->block && index >= other->first && index <= other->last;
}

/* Who writes this index? */
static enum element_state
find_writer(const struct gathering *g, uint32_t index, const struct span **ret_writer)
{
	const struct span *writer = NULL;

	if (g->first >= g->span->first && g->last <= g->span->last) {
		*ret_writer = g->span;
		return ELEMENT_WHOLE;
	}
	for (uint32_t i = 0; i < g->message->span_count; i++) {
		const struct span *other = &g->message->spans[i];

		if (!writes(g->span, other, index))
			continue;
		if (writer)
			return ELEMENT_BROKEN;
		writer = other;
	}
	if (!writer)
		return ELEMENT_AWAITED;
	*ret_writer = writer;
	return ELEMENT_WHOLE;
}

/* One or more bytes of memory for each index. */
static enum element_state
gather_bytes(struct gathering *g, const struct span *writer, uint32_t index)
{
	uint32_t bytes = g->index_bits / 8;
	uint32_t from = (index - writer->first) * bytes, to = (index - g->first) * bytes;

	if (writer->values.stride * 8U != span_width(writer) * g->index_bits)
		return ELEMENT_AWAITED;
	for (uint32_t i = 0; i < bytes; i++)
		if (!values_get_byte(&writer->values, from + i, &g->bytes[to + i]))
			return ELEMENT_AWAITED;
	return ELEMENT_WHOLE;
}

/* Are these indices `writer`'s, too? */
static bool
writes_all(const struct gathering *g, const struct span *writer, uint32_t index, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct span *found;

		if (find_writer(g, index + i, &found) != ELEMENT_WHOLE || found != writer)
			return false;
	}
	return true;
}

/* Bits of memory: *ret_count of them are in what was found, a single one or a byte's rest. */
static enum element_state
gather_bits(struct gathering *g, const struct span *writer, uint32_t index, uint32_t *ret_count)
{
	uint32_t place = index % 8, count = 8 - place, offset = index / 8 - writer->first / 8;
	uint8_t *to = &g->bytes[index / 8 - g->first / 8], byte;

	if (span_width(writer) == 1) {
		if (!values_get_byte(&writer->values, index - writer->first, &byte))
			return ELEMENT_AWAITED;
		if (byte > 1)
			return ELEMENT_BROKEN;
		*to |= (uint8_t)(byte << place);
		*ret_count = 1;
		return ELEMENT_WHOLE;
	}
	if (writer->first % 8 != 0 || writer->values.stride * 8U != span_width(writer) ||
	    !values_get_byte(&writer->values, offset, &byte))
		return ELEMENT_AWAITED;
	if (count > g->last - index + 1)
		count = g->last - index + 1;
	if (!writes_all(g, writer, index, count))
		return ELEMENT_BROKEN;
	*to |= byte & (uint8_t)(((1U << count) - 1) << place);
	*ret_count = count;
	return ELEMENT_WHOLE;
}

static void
swap_words(uint8_t *bytes, uint32_t size)
{
	for (uint32_t a = 0, b = size - 2; a < b; a += 2, b -= 2) {
		uint8_t word[2] = {bytes[a], bytes[a + 1]};

		bytes[a] = bytes[b];
		bytes[a + 1] = bytes[b + 1];
		bytes[b] = word[0];
		bytes[b + 1] = word[1];
	}
}

static double
number(struct gathering *g, const struct element_type *type)
{
	struct values values = {.data = g->bytes, .count = 1, .format = type->format};

	if (type->format == VALUE_BIT)
		return g->bytes[0] != 0;
	values.stride = type->bits / 8;
	if (type->swapped)
		swap_words(g->bytes, values.stride);
	return values_get(&values, 0);
}

/* A point that has its own form. */
static enum element_state
read_own(
    const struct span *span, const struct element_type *type, uint32_t first, double *ret_value)
{
	uint32_t i = (first - span->first) / span_width(span);

	if (span->values.format != type->format)
		return span->values.format == VALUE_NONE ? ELEMENT_AWAITED : ELEMENT_BROKEN;
	if (i >= span->values.count)
		return ELEMENT_AWAITED;
	*ret_value = values_get(&span->values, i);
	return ELEMENT_WHOLE;
}

enum element_state
element_read(const struct message *m, const struct span *span, const struct element_type *type,
    uint32_t first, double *ret_value)
{
	struct gathering g = {.message = m,
	    .span = span,
	    .index_bits = m->dissector->spaces[span->space].index_bits,
	    .first = first};
	uint32_t width = dissector_element_width(m->dissector, span->space, type), count = 1;

	if (width == 0 || (g.index_bits == 1 && type->bits > 1 && first % 8 != 0))
		return ELEMENT_BROKEN;
	if (g.index_bits == 0)
		return read_own(span, type, first, ret_value);
	g.last = first + (width - 1);
	for (uint32_t index = first; index <= g.last; index += count) {
		const struct span *writer;
		enum element_state state = find_writer(&g, index, &writer);

		if (state == ELEMENT_WHOLE)
			state = g.index_bits == 1 ? gather_bits(&g, writer, index, &count)
						  : gather_bytes(&g, writer, index);
		if (state != ELEMENT_WHOLE)
			return state;
	}
	*ret_value = number(&g, type);
	return ELEMENT_WHOLE;
}
