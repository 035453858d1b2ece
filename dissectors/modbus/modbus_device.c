/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP: functions about the device itself: diagnostics, events, identification, and those
 * whose content only its maker knows.
 */
#include "modbus_device.h"

void
modbus_nothing(struct cursor *c, struct message *m)
{
}

/* User-defined and reserved functions. */
void
modbus_opaque(struct cursor *c, struct message *m)
{
	m->opaque = true;
	cursor_bytes(c, cursor_left(c), "data");
}

/* 6.7 */
void
modbus_exception_status_response(struct cursor *c, struct message *m)
{
	cursor_u8(c, "outputs");
}

/* 6.9, and the beginning of 6.10: the status says busy or not. */
void
modbus_event_counter_response(struct cursor *c, struct message *m)
{
	cursor_expect_either_be16(c, 0x0000, 0xffff, REASON_VALUE_INVALID);
	cursor_be16(c, "status");
	cursor_be16(c, "event count");
}

/* 6.10 */
void
modbus_event_log_response(struct cursor *c, struct message *m)
{
	read_byte_count(c);
	modbus_event_counter_response(c, m);
	cursor_be16(c, "message count");
	cursor_bytes(c, cursor_left(c), "events");
}

/* 6.13: identification and run indicator have lengths that only the device knows. */
void
modbus_server_id_response(struct cursor *c, struct message *m)
{
	read_byte_count(c);
	cursor_bytes(c, cursor_left(c), "server id");
}

/* 6.8.1: what the two bytes of data may be. */
enum diagnostic_data {
	DATA_ZERO = 0,
	DATA_ANY,
	DATA_SWITCH,
	DATA_CHARACTER,
	DATA_LOOP,
	DATA_NEVER
};

struct diagnostic {
	uint8_t request; /* enum diagnostic_data */
	uint8_t response;
	bool echo; /* the data come back as they were */
};

/* By sub-function; those between 10 and 18 are counters, which is the first row. */
static const struct diagnostic diagnostics[] = {
    [0] = {DATA_LOOP, DATA_LOOP, true},
    [1] = {DATA_SWITCH, DATA_SWITCH, true},
    [2] = {DATA_ZERO, DATA_ANY, false},
    [3] = {DATA_CHARACTER, DATA_CHARACTER, true},
    [4] = {DATA_ZERO, DATA_NEVER, false},
    [10] = {DATA_ZERO, DATA_ZERO, true},
    [11 ... 18] = {DATA_ZERO, DATA_ANY, false},
    [20] = {DATA_ZERO, DATA_ZERO, true},
};

static void
check_diagnostic_data(struct cursor *c, enum diagnostic_data data)
{
	struct cursor peek;

	switch (data) {
	case DATA_ZERO:
		cursor_expect_be16(c, 0, 0, REASON_VALUE_INVALID);
		break;
	case DATA_SWITCH:
		cursor_expect_either_be16(c, 0xff00, 0x0000, REASON_VALUE_INVALID);
		break;
	case DATA_CHARACTER:
		peek = cursor_peek(c);
		cursor_u8(&peek, "");
		cursor_expect_u8(&peek, 0, 0, REASON_VALUE_INVALID);
		demand(c, peek.state != CURSOR_FAILED, REASON_VALUE_INVALID);
		break;
	case DATA_NEVER:
	case DATA_ANY:
	case DATA_LOOP:
		break;
	}
}

static void
read_diagnostic(struct cursor *c, struct message *m, bool request)
{
	uint16_t sub = cursor_be16(c, "sub-function");
	uint64_t expect = mix(m->function_code, sub);
	const struct diagnostic *diagnostic;
	enum diagnostic_data data;
	uint32_t left;

	if (!cursor_ok(c))
		return;
	if (!modbus_find_sub(m, sub)) {
		m->expect = expect;
		modbus_opaque(c, m);
		return;
	}
	left = cursor_left(c);
	diagnostic = &diagnostics[sub];
	data = request ? diagnostic->request : diagnostic->response;
	m->no_response = request && diagnostic->response == DATA_NEVER;
	demand(c, data != DATA_NEVER, REASON_FUNCTION_DIRECTION);
	demand(
	    c, data == DATA_LOOP ? left >= 2 && left % 2 == 0 : left == 2, REASON_LENGTH_MISMATCH);
	check_diagnostic_data(c, data);
	while (cursor_left(c) > 0) {
		uint16_t word = cursor_be16(c, "data");

		expect = diagnostic->echo ? mix(expect, word) : expect;
	}
	agree(c, m, expect);
}

void
modbus_diagnostic_request(struct cursor *c, struct message *m)
{
	read_diagnostic(c, m, true);
}

void
modbus_diagnostic_response(struct cursor *c, struct message *m)
{
	read_diagnostic(c, m, false);
}

enum { INTERFACE_IDENTIFICATION = 14 };

/* 6.19: which encapsulated interface; opaque unless it is device identification. */
static bool
read_interface(struct cursor *c, struct message *m)
{
	uint8_t type = cursor_u8(c, "interface type");

	if (!cursor_ok(c))
		return false;
	m->expect = mix(m->function_code, type);
	if (modbus_find_sub(m, type) && type == INTERFACE_IDENTIFICATION)
		return true;
	modbus_opaque(c, m);
	return false;
}

/* 6.21: four ways to ask, and an object. */
void
modbus_interface_request(struct cursor *c, struct message *m)
{
	if (!read_interface(c, m))
		return;
	demand(c, cursor_left(c) == 2, REASON_LENGTH_MISMATCH);
	cursor_expect_u8(c, 1, 4, REASON_VALUE_INVALID);
	agree(c, m, mix(m->expect, cursor_u8(c, "read code")));
	cursor_u8(c, "object");
}

static void
check_conformity(struct cursor *c)
{
	struct cursor peek = cursor_peek(c);
	uint8_t level = cursor_u8(&peek, "") & 0x7f;

	if (cursor_ok(&peek))
		demand(c, level >= 1 && level <= 3, REASON_VALUE_INVALID);
}

/* Objects to the end of the message: the last fills what is left, the others leave two bytes each.
 */
static void
read_objects(struct cursor *c, uint32_t count)
{
	for (; count > 0 && cursor_ok(c); count--) {
		uint32_t room = cursor_left(c) - count * 2;
		uint8_t length;

		cursor_u8(c, "object");
		cursor_expect_u8(
		    c, count == 1 ? (uint8_t)room : 0, (uint8_t)room, REASON_LENGTH_MISMATCH);
		length = cursor_u8(c, "object length");
		cursor_bytes(c, length, "object value");
	}
}

void
modbus_interface_response(struct cursor *c, struct message *m)
{
	uint32_t left;
	uint8_t more;

	if (!read_interface(c, m))
		return;
	left = cursor_left(c);
	demand(c, left == 5 || left >= 7, REASON_LENGTH_MISMATCH);
	cursor_expect_u8(c, 1, 4, REASON_VALUE_INVALID);
	agree(c, m, mix(m->expect, cursor_u8(c, "read code")));
	check_conformity(c);
	cursor_u8(c, "conformity level");
	cursor_expect_either_u8(c, 0x00, 0xff, REASON_VALUE_INVALID);
	more = cursor_u8(c, "more follows");
	cursor_expect_u8(c, 0, more, REASON_VALUE_INVALID);
	cursor_u8(c, "next object");
	left = cursor_left(c) - 1;
	cursor_expect_u8(c, left > 0, (uint8_t)(left / 2), REASON_LENGTH_MISMATCH);
	read_objects(c, cursor_u8(c, "objects"));
}
