/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Eve, the headers of a message: members that the dissector names; and how a number is written.
 *
 * Knows no protocol.  The numbers come from an inspector: none is believed to be in its range.
 */
#include <stdio.h>
#include <string.h>

#include "eve_told.h"

json_t *
eve_value(double value)
{
	if (value >= -9007199254740992.0 && value <= 9007199254740992.0 &&
	    value == (double)(long long)value)
		return json_integer((long long)value);
	return json_real(value); /* NULL for what JSON has no word for: not a number, infinity */
}

/* A member by its path, "control.dir"; objects on the way are made.  The value is taken over. */
static void
put_path(json_t *object, const char *path, json_t *value)
{
	const char *dot;
	char name[32];

	while ((dot = strchr(path, '.'))) {
		json_t *inner;

		snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
		inner = json_object_get(object, name);
		if (!inner && json_object_set_new(object, name, json_object()) == 0)
			inner = json_object_get(object, name);
		object = inner;
		path = dot + 1;
	}
	json_object_set_new(object, path, value);
}

static json_t *
bits(const struct detail *detail, uint32_t number)
{
	json_t *words = json_array();

	for (uint32_t i = 0; i < detail->word_count; i++)
		if (number >> i & 1)
			json_array_append_new(words, json_string(detail->words[i]));
	return words;
}

static json_t *
detail_value(const struct detail *detail, uint32_t number)
{
	switch (detail->form) {
	case DETAIL_FLAG:
		return json_boolean(number != 0);
	case DETAIL_WORD:
		return number < detail->word_count ? json_string(detail->words[number])
						   : json_integer(number);
	case DETAIL_BITS:
		return bits(detail, number);
	default:
		return json_integer(number);
	}
}

/* Points with values of the spans that a row has, as far as they are in the event. */
static json_t *
points_of(const struct told_row *row, const struct event *event)
{
	json_t *points = json_array();
	uint32_t end = (uint32_t)row->span_first + row->span_count;

	for (uint32_t i = row->span_first; i < end && i < event->span_count && i < EVENT_SPANS_MAX;
	     i++) {
		const struct event_span *span = &event->spans[i];

		for (uint32_t v = 0; v < span->value_count && v < EVENT_VALUES_MAX; v++) {
			json_t *value = eve_value(span->values[v]);

			json_array_append_new(points,
			    json_pack("{s:I, s:o}", "index", (json_int_t)span->first + v, "value",
				value ? value : json_null()));
		}
	}
	return points;
}

static json_t *
row_object(const struct told_row *row, const struct dissector *dissector, const struct event *event)
{
	json_t *object = json_object(), *points = points_of(row, event);

	for (uint32_t i = 0; i < dissector->column_count && i < TOLD_COLUMNS_MAX; i++)
		json_object_set_new(object, dissector->columns[i], json_integer(row->numbers[i]));
	if (json_array_size(points) > 0)
		json_object_set(object, "points", points);
	json_decref(points);
	return object;
}

void
eve_put_told(json_t *object, const struct dissector *dissector, const struct event *event)
{
	const struct told *told = &event->told;
	json_t *rows;

	for (uint32_t i = 0; i < dissector->detail_count && i < DETAILS_MAX; i++)
		if (told->known >> i & 1)
			put_path(object, dissector->details[i].name,
			    detail_value(&dissector->details[i], told->numbers[i]));
	if (!dissector->rows || told->row_count == 0)
		return;
	rows = json_array();
	for (uint32_t i = 0; i < told->row_count && i < TOLD_ROWS_MAX; i++)
		json_array_append_new(rows, row_object(&told->rows[i], dissector, event));
	put_path(object, dissector->rows, rows);
	if (told->row_count > TOLD_ROWS_MAX)
		json_object_set_new(
		    object, "objects_left_out", json_integer(told->row_count - TOLD_ROWS_MAX));
}
