/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Example: a message made of what it says, without its bytes on the wire.
 *
 * Judges nothing: decide() is asked about it as about one that a dissector has read.
 */
#ifndef SLUICE_EXAMPLE_H
#define SLUICE_EXAMPLE_H

#include "model.h"

/* One thing that an example touches: a value of `format` or an element of `type`, or only the
 * point. */
struct example_point {
	const struct touchable *touch;
	uint32_t block;
	uint32_t index;                  /* the first, where an element has several */
	const struct element_type *type; /* NULL: a value as the message carries it */
	uint8_t format;                  /* without a type; VALUE_NONE: no value is told */
	double value;
	double parts[PARTS_MAX]; /* those of the dissector that speak of this block */
};

enum { EXAMPLE_POINTS_MAX = 2, EXAMPLE_BYTES_MAX = 32 };

struct example {
	const struct dissector *dissector;
	const struct function *function;
	bool opaque;
	bool follows; /* goes on with what an earlier message began */
	bool unit_named;
	uint32_t unit_source;
	uint32_t unit;
	uint32_t point_count;
	struct example_point points[EXAMPLE_POINTS_MAX];
};

/* Room for the values that the message of an example points to. */
struct example_room {
	uint8_t bytes[EXAMPLE_POINTS_MAX][EXAMPLE_BYTES_MAX];
};

/* The example as a complete message; it lives as long as the room. */
void example_message(
    const struct example *example, struct example_room *room, struct message *ret_message);

/* One point of an example as a span; `bytes`, EXAMPLE_BYTES_MAX of them, live as long as it. */
void example_span(const struct dissector *dissector, const struct example_point *point,
    uint8_t *bytes, struct span *ret_span);

/* "write-single-register unit 1 holding:40 = 7", newly allocated. */
char *example_words(const struct example *example);

/* What numbers a format holds: from *ret_least to *ret_most, whole ones or not. */
bool example_format_holds(uint8_t format, double *ret_least, double *ret_most);

#endif
