/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: the catalogue of functions (IEEE 1815 clause 4), and what object headers each of them
 * takes.
 */
#ifndef SLUICE_DNP3_FUNCTIONS_H
#define SLUICE_DNP3_FUNCTIONS_H

#include "dnp3_read.h"

/* What a function's object headers look like. */
enum dnp3_form {
	FORM_NOTHING = 0, /* no objects */
	FORM_HEADERS,     /* headers tell points, but no values */
	FORM_DATA,        /* each header is followed by its objects */
	FORM_RESPONSE,    /* the same, and there may be none */
};

/* Objects that a function takes. */
struct dnp3_takes {
	uint8_t group_first, group_last;
	uint8_t variation_first, variation_last;
};

enum { DNP3_TAKES_MAX = 15 };

/* Bytes of the shortest header that tells points, and of the shortest with an object behind it. */
enum { DNP3_LEAST_POINTS = 3, DNP3_LEAST_DATA = 5 };

struct dnp3_shape {
	bool known;
	uint8_t form;        /* enum dnp3_form */
	uint8_t least;       /* bytes of the shortest header with its objects */
	uint8_t takes_count; /* 0: any */
	struct dnp3_takes takes[DNP3_TAKES_MAX];
};

extern const struct dnp3_shape dnp3_shapes[FC_COUNT];

/* Row of the catalogue; NULL if there is none. */
const struct function *dnp3_function(uint16_t code, uint16_t sub);

/* The sub-function of a WRITE of objects of this group. */
uint16_t dnp3_written(uint8_t group);

/* From here on the function is settled. */
void dnp3_know_function(struct dnp3_read *r, uint16_t sub);

extern const struct function dnp3_functions[DNP3_FUNCTION_COUNT];

/* What each of them may touch, for `touches` of the dissector. */
enum { DNP3_TOUCH_COUNT = 78 };
extern const struct touchable dnp3_touches[DNP3_TOUCH_COUNT];

#endif
