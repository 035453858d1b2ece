/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Example: see example.h.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "example.h"
#include "words.h"

struct form {
	uint8_t size; /* bytes */
	bool is_signed;
	bool is_float;
	bool big;
};

static const struct form forms[] = {
    [VALUE_U8] = {1, false, false, false},
    [VALUE_S8] = {1, true, false, false},
    [VALUE_U16_BE] = {2, false, false, true},
    [VALUE_U16_LE] = {2, false, false, false},
    [VALUE_S16_BE] = {2, true, false, true},
    [VALUE_S16_LE] = {2, true, false, false},
    [VALUE_U32_BE] = {4, false, false, true},
    [VALUE_U32_LE] = {4, false, false, false},
    [VALUE_U48_LE] = {6, false, false, false},
    [VALUE_S32_BE] = {4, true, false, true},
    [VALUE_S32_LE] = {4, true, false, false},
    [VALUE_F32_BE] = {4, true, true, true},
    [VALUE_F32_LE] = {4, true, true, false},
    [VALUE_U64_BE] = {8, false, false, true},
    [VALUE_S64_BE] = {8, true, false, true},
    [VALUE_F64_BE] = {8, true, true, true},
    [VALUE_F64_LE] = {8, true, true, false},
    [VALUE_BIT] = {1, false, false, false},
    [VALUE_COIL] = {2, false, false, true},
};

bool
example_format_holds(uint8_t format, double *ret_least, double *ret_most)
{
	const struct form *form = &forms[format];
	double half = ldexp(1, form->size * 8 - 1);

	if (form->is_float) {
		*ret_most = form->size == 4 ? (double)FLT_MAX : DBL_MAX;
		*ret_least = -*ret_most;
		return false;
	}
	*ret_least = form->is_signed ? -half : 0;
	*ret_most = form->is_signed ? half - 1 : 2 * half - 1;
	if (format == VALUE_BIT || format == VALUE_COIL)
		*ret_most = 1;
	return true;
}

/* The bits of a number in a format, the lowest first. */
static uint64_t
bits_of(uint8_t format, double value)
{
	const struct form *form = &forms[format];
	float single = (float)value;
	uint64_t bits = 0;
	uint32_t narrow;

	if (format == VALUE_COIL)
		return value != 0 ? 0xff00 : 0;
	if (form->is_float && form->size == 4) {
		memcpy(&narrow, &single, sizeof(narrow));
		return narrow;
	}
	if (form->is_float)
		memcpy(&bits, &value, sizeof(bits));
	else if (value < 0)
		bits = (uint64_t)(int64_t)value;
	else
		bits = (uint64_t)value;
	return bits;
}

static void
put(uint8_t *bytes, uint8_t format, double value)
{
	const struct form *form = &forms[format];
	uint64_t bits = bits_of(format, value);

	for (uint8_t i = 0; i < form->size; i++)
		bytes[form->big ? form->size - 1 - i : i] = (uint8_t)(bits >> (8 * i));
}

static void
swap_words(uint8_t *bytes, uint8_t size)
{
	uint8_t swapped[8] = {0};

	for (uint8_t i = 0; i < size; i++)
		swapped[i] = bytes[(size - 2 - i / 2 * 2) + i % 2];
	memcpy(bytes, swapped, size);
}

/* An element of the device's memory, in the sizes in which the protocol writes that memory. */
static void
put_element(
    const struct dissector *d, const struct example_point *point, uint8_t *bytes, struct span *span)
{
	const struct element_type *type = point->type;
	uint8_t size = (uint8_t)((type->bits + 7) / 8),
		index_bits = d->spaces[span->space].index_bits;
	uint32_t width = dissector_element_width(d, span->space, type);

	put(bytes, type->format, point->value);
	if (type->swapped)
		swap_words(bytes, size);
	span->last = span->first + (width > 0 ? width - 1 : 0);
	span->values =
	    (struct values){.data = bytes, .count = 1, .stride = size, .format = type->format};
	if (index_bits == 1) {
		span->width = type->bits;
		if (type->bits == 1)
			span->values.format = VALUE_U8;
	} else if (index_bits == 16) {
		span->values.count = width;
		span->values.stride = 2;
		span->values.format = VALUE_U16_BE;
	}
}

static bool
speaks_of(const struct part *part, const struct span *span)
{
	return part->space == span->space && span->block >= part->block_first &&
	    span->block <= part->block_last;
}

static void
put_value(
    const struct dissector *d, const struct example_point *point, uint8_t *bytes, struct span *span)
{
	uint8_t size = forms[point->format].size;

	put(bytes, point->format, point->value);
	for (uint32_t i = 0; i < d->part_count; i++) {
		const struct part *part = &d->parts[i];
		uint8_t end = (uint8_t)(part->offset + forms[part->format].size);

		if (!speaks_of(part, span))
			continue;
		put(&bytes[part->offset], part->format, point->parts[i]);
		size = end > size ? end : size;
	}
	span->values =
	    (struct values){.data = bytes, .count = 1, .stride = size, .format = point->format};
}

void
example_span(
    const struct dissector *d, const struct example_point *point, uint8_t *bytes, struct span *span)
{
	*span = (struct span){.space = point->touch->space,
	    .access = point->touch->access,
	    .block = point->block,
	    .first = point->index,
	    .last = point->index};
	if (point->type)
		put_element(d, point, bytes, span);
	else if (point->format != VALUE_NONE)
		put_value(d, point, bytes, span);
}

void
example_message(
    const struct example *example, struct example_room *room, struct message *ret_message)
{
	struct message *m = ret_message;

	message_init(m, example->dissector);
	m->function = example->function;
	m->function_code = example->function->code;
	m->has_function = true;
	m->kind = example->function->side == SIDE_SERVER ? MESSAGE_UNSOLICITED : MESSAGE_REQUEST;
	m->has_unit = true;
	m->unit = example->unit;
	m->unit_source = example->unit_source;
	m->unit_named = example->unit_named;
	m->opaque = example->opaque;
	m->follows = example->follows;
	memset(room, 0, sizeof(*room));
	for (uint32_t i = 0; i < example->point_count; i++)
		example_span(example->dissector, &example->points[i], room->bytes[i], &m->spans[i]);
	m->span_count = example->point_count;
}

static void
print_point(FILE *file, const struct dissector *d, const struct example_point *point,
    const struct span *span)
{
	char *points = words_span(d, span);

	fprintf(file, " %s", points);
	free(points);
	if (span->access == ACCESS_READ || span->values.format == VALUE_NONE)
		return;
	fprintf(file, " = %.15g", point->value);
	for (uint32_t i = 0; !point->type && i < d->part_count; i++)
		if (speaks_of(&d->parts[i], span))
			fprintf(file, ", %s %.15g", d->parts[i].name, point->parts[i]);
}

char *
example_words(const struct example *example)
{
	static struct message m; /* too large for the stack's comfort */
	struct example_room room;
	char *text = NULL, *unit;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return words_format("(out of memory)");
	example_message(example, &room, &m);
	unit = words_unit(example->dissector, &m);
	fprintf(file, "%s unit %s", example->function->name, unit);
	free(unit);
	for (uint32_t i = 0; i < m.span_count; i++)
		print_point(file, example->dissector, &example->points[i], &m.spans[i]);
	fclose(file);
	return text;
}
