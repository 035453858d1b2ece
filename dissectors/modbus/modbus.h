/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP, inside: what the files of this dissector share.  Nobody else includes this.
 *
 * Readers of function bodies are called with a cursor that stands behind the function code and has
 * as many bytes left as the row of modbus_shapes[] permits.  Section numbers are those of the
 * MODBUS Application Protocol Specification V1.1b3.
 */
#ifndef SLUICE_MODBUS_H
#define SLUICE_MODBUS_H

#include "dissector.h"

enum { SPACE_COIL = 0, SPACE_DISCRETE, SPACE_INPUT, SPACE_HOLDING, SPACE_FILE, SPACE_COUNT };

enum { ADDRESS_COUNT = 65536, RECORD_COUNT = 10000, FILE_MAX = 65535 };

/* One half of a function: what may be left behind the function code, and who reads it. */
struct modbus_form {
	void (*read)(struct cursor *c, struct message *m);
	uint8_t left_min;
	uint8_t left_max;
	uint8_t left_step; /* 0: left_min is the only one */
};

struct modbus_shape {
	struct modbus_form request;
	struct modbus_form response;
	uint8_t space;
	uint16_t quantity_max;
};

/* By function code, 0 to 127; codes without a row are unknown and have no readers. */
extern const struct modbus_shape modbus_shapes[];
extern const struct space modbus_spaces[];

static inline const struct modbus_shape *
modbus_shape(const struct message *m)
{
	return &modbus_shapes[m->function_code];
}

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

/* modbus_points.c: reading and writing points */
void modbus_read_request(struct cursor *c, struct message *m);
void modbus_read_response(struct cursor *c, struct message *m);
void modbus_write_single(struct cursor *c, struct message *m);
void modbus_write_multiple_request(struct cursor *c, struct message *m);
void modbus_write_multiple_response(struct cursor *c, struct message *m);
void modbus_mask_write(struct cursor *c, struct message *m);
void modbus_read_write_request(struct cursor *c, struct message *m);
void modbus_fifo_request(struct cursor *c, struct message *m);
void modbus_fifo_response(struct cursor *c, struct message *m);
void modbus_read_file_request(struct cursor *c, struct message *m);
void modbus_read_file_response(struct cursor *c, struct message *m);
void modbus_write_file(struct cursor *c, struct message *m);

/* modbus_device.c: the device itself */
void modbus_nothing(struct cursor *c, struct message *m);
void modbus_opaque(struct cursor *c, struct message *m);
void modbus_exception_status_response(struct cursor *c, struct message *m);
void modbus_event_counter_response(struct cursor *c, struct message *m);
void modbus_event_log_response(struct cursor *c, struct message *m);
void modbus_server_id_response(struct cursor *c, struct message *m);
void modbus_diagnostic_request(struct cursor *c, struct message *m);
void modbus_diagnostic_response(struct cursor *c, struct message *m);
void modbus_interface_request(struct cursor *c, struct message *m);
void modbus_interface_response(struct cursor *c, struct message *m);

#endif
