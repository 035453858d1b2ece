/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP, the ground: spaces of points, the catalogue of functions, and what the readers of
 * bodies share.  Knows no reader.
 *
 * Readers of function bodies are called with a cursor that stands behind the function code and has
 * as many bytes left as the row of forms[] in modbus.c permits.  Section numbers are those of the
 * MODBUS Application Protocol Specification V1.1b3.
 */
#ifndef SLUICE_MODBUS_CATALOGUE_H
#define SLUICE_MODBUS_CATALOGUE_H

#include "dissector.h"

enum { SPACE_COIL = 0, SPACE_DISCRETE, SPACE_INPUT, SPACE_HOLDING, SPACE_FILE, SPACE_COUNT };

enum { ADDRESS_COUNT = 65536, RECORD_COUNT = 10000, FILE_MAX = 65535, FUNCTION_CODES = 128 };

enum { MODBUS_FUNCTION_COUNT = 66, MODBUS_TOUCH_COUNT = 14 };

extern const struct space modbus_spaces[];
extern const struct function modbus_functions[];
extern const struct touchable modbus_touches[MODBUS_TOUCH_COUNT];

/* The points that a function of the message's code reads or writes in one range. */
struct modbus_range {
	uint8_t space;
	uint16_t quantity_max;
};

const struct modbus_range *modbus_range(const struct message *m);

/* The row of a code below FUNCTION_CODES that the protocol defines, without a sub-function. */
const struct function *modbus_function(uint16_t code);

/*
 * The sub-function has been read: the message's function is the row of it, or the row of the
 * function alone (returns false).  Until then the function is not known and nothing is decided on
 * it.
 */
bool modbus_find_sub(struct message *m, uint16_t sub);

/* For `expect`: one more number that request and response must agree in; never gives 0. */
static inline uint64_t
mix(uint64_t sum, uint32_t number)
{
	return ((sum ^ number) + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* While bytes are missing there is nothing to agree in yet. */
static inline void
agree(const struct cursor *c, struct message *m, uint64_t expect)
{
	if (cursor_ok(c))
		m->expect = expect;
}

static inline void
demand(struct cursor *c, bool holds, enum reason reason)
{
	if (!holds)
		cursor_fail(c, reason);
}

/* A byte count that says again what the length of the message said. */
static inline void
read_byte_count(struct cursor *c)
{
	uint8_t count = (uint8_t)(cursor_left(c) - 1);

	cursor_expect_u8(c, count, count, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "byte count");
}

#endif
