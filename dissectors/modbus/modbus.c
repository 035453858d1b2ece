/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP: MODBUS Application Protocol Specification V1.1b3 and MODBUS Messaging on TCP/IP
 * Implementation Guide V1.0b.
 *
 * The frame, and which bytes each function may have.  The number of bytes that are left behind the
 * function code is compared with what the function needs at once, because some servers act on the
 * function alone and do not wait for the declared length.  Bodies are read in modbus_points.c and
 * modbus_device.c; functions and points stand in modbus_catalogue.c.
 */
#include "modbus_device.h"
#include "modbus_points.h"

enum { MBAP_SIZE = 6, LENGTH_MIN = 2, LENGTH_MAX = 254, DATA_MAX = LENGTH_MAX - 2 };

enum { READ_FILE_RECORD = 20 };

/*
 * 4.2: a register is sent high byte first.  What is longer stands in several, and devices differ
 * in which of them comes first.
 */
static const struct element_type types[] = {
    {"int16", 16, VALUE_S16_BE, false},
    {"uint16", 16, VALUE_U16_BE, false},
    {"int32", 32, VALUE_S32_BE, false},
    {"int32-swapped", 32, VALUE_S32_BE, true},
    {"uint32", 32, VALUE_U32_BE, false},
    {"uint32-swapped", 32, VALUE_U32_BE, true},
    {"float32", 32, VALUE_F32_BE, false},
    {"float32-swapped", 32, VALUE_F32_BE, true},
    {"int64", 64, VALUE_S64_BE, false},
    {"int64-swapped", 64, VALUE_S64_BE, true},
    {"uint64", 64, VALUE_U64_BE, false},
    {"uint64-swapped", 64, VALUE_U64_BE, true},
    {"float64", 64, VALUE_F64_BE, false},
    {"float64-swapped", 64, VALUE_F64_BE, true},
};

/*
 * Modicon's numbers of registers: the first digit says the kind, and counting begins at 1.  Then
 * what other tools make of them, and the variables of IEC 61131-3, which count from 0.
 */
static const struct habit modbus_habits[] = {
    {SPACE_DISCRETE, 10001, 19999, NULL, false},
    {SPACE_INPUT, 30001, 39999, NULL, false},
    {SPACE_HOLDING, 40001, 49999, NULL, false},
    {SPACE_DISCRETE, 100001, 165536, NULL, false},
    {SPACE_INPUT, 300001, 365536, NULL, false},
    {SPACE_HOLDING, 400001, 465536, NULL, false},
    {SPACE_COIL, 1, 9999, "0", false},
    {SPACE_COIL, 1, ADDRESS_COUNT, "0x", false},
    {SPACE_DISCRETE, 1, ADDRESS_COUNT, "1x", false},
    {SPACE_INPUT, 1, ADDRESS_COUNT, "3x", false},
    {SPACE_HOLDING, 1, ADDRESS_COUNT, "4x", false},
    {SPACE_HOLDING, 0, ADDRESS_COUNT - 1, "%MW", false},
    {SPACE_HOLDING, 0, ADDRESS_COUNT - 1, "MW", false},
    {SPACE_COIL, 0, ADDRESS_COUNT - 1, "%MX", false},
    {SPACE_COIL, 0, ADDRESS_COUNT - 1, "%M", false},
    {SPACE_INPUT, 0, ADDRESS_COUNT - 1, "%IW", false},
    {SPACE_DISCRETE, 0, ADDRESS_COUNT - 1, "%IX", false},
    {SPACE_DISCRETE, 0, ADDRESS_COUNT - 1, "%I", false},
    /* registers, inputs and coils by letters */
    {SPACE_HOLDING, 0, ADDRESS_COUNT - 1, "HR", true},
    {SPACE_HOLDING, 0, ADDRESS_COUNT - 1, "AO", true},
    {SPACE_INPUT, 0, ADDRESS_COUNT - 1, "IR", true},
    {SPACE_INPUT, 0, ADDRESS_COUNT - 1, "AI", true},
    {SPACE_DISCRETE, 0, ADDRESS_COUNT - 1, "DI", true},
    {SPACE_COIL, 0, ADDRESS_COUNT - 1, "DO", true},
    {SPACE_COIL, 0, ADDRESS_COUNT - 1, "CO", true},
};

/* One half of a function: what may be left behind the function code, and who reads it. */
struct half {
	void (*read)(struct cursor *c, struct message *m);
	uint8_t left_min;
	uint8_t left_max;
	uint8_t left_step; /* 0: left_min is the only one */
};

struct form {
	struct half request;
	struct half response;
};

#define OPAQUE                                        \
	{                                             \
		{modbus_opaque, 0, DATA_MAX, 1},      \
		{                                     \
			modbus_opaque, 0, DATA_MAX, 1 \
		}                                     \
	}

/* By function code; codes without a row are unknown and have no readers. */
static const struct form forms[FUNCTION_CODES] = {
    /* {request, bytes left: min, max, step}, {response, ...} */
    [1] = {{modbus_read_request, 4, 0, 0}, {modbus_read_response, 2, 251, 1}},
    [2] = {{modbus_read_request, 4, 0, 0}, {modbus_read_response, 2, 251, 1}},
    [3] = {{modbus_read_request, 4, 0, 0}, {modbus_read_response, 3, 251, 2}},
    [4] = {{modbus_read_request, 4, 0, 0}, {modbus_read_response, 3, 251, 2}},
    [5] = {{modbus_write_single, 4, 0, 0}, {modbus_write_single, 4, 0, 0}},
    [6] = {{modbus_write_single, 4, 0, 0}, {modbus_write_single, 4, 0, 0}},
    [7] = {{modbus_nothing, 0, 0, 0}, {modbus_exception_status_response, 1, 0, 0}},
    [8] = {{modbus_diagnostic_request, 2, DATA_MAX, 1},
	{modbus_diagnostic_response, 2, DATA_MAX, 1}},
    [9 ... 10] = OPAQUE,
    [11] = {{modbus_nothing, 0, 0, 0}, {modbus_event_counter_response, 4, 0, 0}},
    [12] = {{modbus_nothing, 0, 0, 0}, {modbus_event_log_response, 7, 71, 1}},
    [13 ... 14] = OPAQUE,
    [15] = {{modbus_write_multiple_request, 6, 251, 1}, {modbus_write_multiple_response, 4, 0, 0}},
    [16] = {{modbus_write_multiple_request, 7, 251, 2}, {modbus_write_multiple_response, 4, 0, 0}},
    [17] = {{modbus_nothing, 0, 0, 0}, {modbus_server_id_response, 2, DATA_MAX, 1}},
    [20] = {{modbus_read_file_request, 8, 246, 7}, {modbus_read_file_response, 5, 245, 2}},
    [21] = {{modbus_write_file, 10, DATA_MAX, 1}, {modbus_write_file, 10, DATA_MAX, 1}},
    [22] = {{modbus_mask_write, 6, 0, 0}, {modbus_mask_write, 6, 0, 0}},
    [23] = {{modbus_read_write_request, 11, 251, 2}, {modbus_read_response, 3, 251, 2}},
    [24] = {{modbus_fifo_request, 2, 0, 0}, {modbus_fifo_response, 4, 66, 2}},
    [41 ... 42] = OPAQUE,
    [43] = {{modbus_interface_request, 1, DATA_MAX, 1},
	{modbus_interface_response, 1, DATA_MAX, 1}},
    [65 ... 72] = OPAQUE,
    [90 ... 91] = OPAQUE,
    [100 ... 110] = OPAQUE,
    [125 ... 127] = OPAQUE,
};

/* Functions with sub-functions; until the sub-function is read, the function is not known. */
static bool
has_subs(uint16_t code)
{
	return code == 8 || code == 43;
}

/* Section 7 */
static const char *const exception_words[] = {
    [1] = "illegal-function",
    [2] = "illegal-data-address",
    [3] = "illegal-data-value",
    [4] = "server-device-failure",
    [5] = "acknowledge",
    [6] = "server-device-busy",
    [8] = "memory-parity-error",
    [10] = "gateway-path-unavailable",
    [11] = "gateway-target-failed-to-respond",
};

static const char *
modbus_exception_word(uint8_t code)
{
	return code < sizeof(exception_words) / sizeof(exception_words[0]) ? exception_words[code]
									   : NULL;
}

static void
read_exception(struct cursor *c, struct message *m)
{
	m->kind = MESSAGE_EXCEPTION;
	m->has_function = true;
	demand(c, cursor_left(c) == 1, REASON_LENGTH_MISMATCH);
	/* Devices have codes of their own, 0 among them; they tell the client something and change
	 * nothing. */
	m->exception = cursor_u8(c, "exception");
	m->has_exception = cursor_ok(c);
}

/*
 * By the messaging guide a device may take unit 0 for itself.  Over serial lines (their guide, 2.2)
 * it is all devices, none of which answers, and that is what a gateway makes of it.
 */
static void
judge_broadcast(struct message *m)
{
	if (m->unit != 0 || m->function == NULL || m->kind != MESSAGE_REQUEST)
		return;
	m->unit_named = m->function->access != ACCESS_READ &&
	    m->function->access != ACCESS_DIAGNOSE && m->function_code != READ_FILE_RECORD;
	m->silent = m->unit_named;
}

/* Messaging guide 3.1.3: the MBAP header up to its length field; returns the transaction. */
static uint16_t
read_header(struct cursor *c, uint32_t *ret_length)
{
	uint16_t transaction = cursor_be16(c, "transaction");

	cursor_expect_be16(c, 0, 0, REASON_PROTOCOL_ID);
	cursor_be16(c, "protocol");
	cursor_expect_be16(c, LENGTH_MIN, LENGTH_MAX, REASON_LENGTH_INVALID);
	*ret_length = cursor_be16(c, "length");
	return transaction;
}

static uint32_t
modbus_frame(struct cursor *c, enum direction direction)
{
	uint32_t length;

	read_header(c, &length);
	return MBAP_SIZE + length;
}

static void
read_body(struct cursor *c, const struct half *half, struct message *m)
{
	uint32_t left = cursor_left(c);

	if (half->left_step == 0)
		demand(c, left == half->left_min, REASON_LENGTH_MISMATCH);
	else
		demand(c,
		    left >= half->left_min && left <= half->left_max &&
			(left - half->left_min) % half->left_step == 0,
		    REASON_LENGTH_MISMATCH);
	if (cursor_ok(c))
		half->read(c, m);
}

static void
modbus_decode(
    struct cursor *c, enum direction direction, const struct context *context, struct message *m)
{
	uint32_t length;
	uint16_t transaction = read_header(c, &length);
	uint8_t code;

	m->kind = direction == DIRECTION_REQUEST ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	m->unit = cursor_u8(c, "unit");
	m->has_unit = cursor_ok(c);
	code = cursor_u8(c, "function");
	if (!cursor_ok(c))
		return;
	m->function_code = direction == DIRECTION_REQUEST ? code : code & 0x7f;
	m->transaction = transaction;
	m->token = (uint64_t)transaction << 24 | (uint64_t)m->unit << 16 | m->function_code;
	m->has_function = !has_subs(m->function_code);
	if (m->function_code >= FUNCTION_CODES || !forms[m->function_code].request.read) {
		cursor_fail(c, REASON_FUNCTION_UNKNOWN);
		return;
	}
	if (m->has_function)
		m->function = modbus_function(m->function_code);
	if (code > 127)
		read_exception(c, m);
	else if (direction == DIRECTION_REQUEST)
		read_body(c, &forms[m->function_code].request, m);
	else
		read_body(c, &forms[m->function_code].response, m);
	judge_broadcast(m);
}

/*
 * A request that is refused becomes one of function 85 with the same header, and zeros behind it.
 * The code is one of those that the specification keeps for itself (5: 73 to 99 are public) and has
 * never given to a function; no list of what vendors use has it, as it has 8 to 10, 13, 14, 18, 19,
 * 40 to 43, 65 to 72, 90, 91, 100 to 110 and 125 to 127.  A server looks at the code before
 * anything else (4.3, figure 9) and answers "illegal function" to one that it does not support; one
 * that is behind a gateway is asked the same by the gateway.
 *
 * Why not a known function with a quantity that nobody may ask for: it would be refused as an
 * illegal value, by servers that check it, and the longest requests are writes.  Why zeros: who
 * takes them for the beginning of another message reads function 0, which is not valid (4.1).
 */
enum { REFUSED_FUNCTION = 85, AT_UNIT = 6, AT_FUNCTION = 7, AT_DATA = 8, EXCEPTION = 0x80 };

static bool
modbus_refuse(struct edit *e, const struct context *context, struct message *m)
{
	if (m->kind != MESSAGE_REQUEST || m->function_code >= EXCEPTION || e->length <= AT_FUNCTION)
		return false;
	edit_put(e, AT_FUNCTION, REFUSED_FUNCTION);
	edit_clear(e, AT_DATA, e->length);
	return true;
}

/*
 * The function byte is translated as soon as it is here.  The exception code too, unless it comes
 * alone; then the server's own passes, which is this one wherever the specification is kept.
 */
static bool
modbus_answer_refused(struct edit *e, uint64_t token, uint64_t bits, uint8_t function)
{
	uint64_t answered =
	    (uint64_t)edit_get_be16(e, 0) << 24 | (uint64_t)edit_get(e, AT_UNIT) << 16 | function;

	if (e->length <= AT_FUNCTION ||
	    edit_get(e, AT_FUNCTION) != (REFUSED_FUNCTION | EXCEPTION) ||
	    ((answered ^ token) & bits) != 0)
		return false;
	edit_put(e, AT_FUNCTION, function | EXCEPTION);
	edit_put(e, AT_DATA, 1);
	return true;
}

static const struct token_part token_parts[] = {
    {"transaction", 24, 16},
    {"unit", 16, 8},
    {"function", 0, 16},
};

const struct dissector modbus_dissector = {
    .name = "modbus",
    .title = "Modbus/TCP",
    .port = 502,
    .tcp = true,
    .message_max = MBAP_SIZE + LENGTH_MAX,
    .token_unit = 0xff0000,
    .token_transaction = UINT64_C(0xffff) << 24,
    .functions = modbus_functions,
    .function_count = MODBUS_FUNCTION_COUNT,
    .spaces = modbus_spaces,
    .space_count = SPACE_COUNT,
    .touches = modbus_touches,
    .touch_count = MODBUS_TOUCH_COUNT,
    .types = types,
    .type_count = sizeof(types) / sizeof(types[0]),
    .habits = modbus_habits,
    .habit_count = sizeof(modbus_habits) / sizeof(modbus_habits[0]),
    .frame = modbus_frame,
    .decode = modbus_decode,
    .refuse = modbus_refuse,
    .answer_refused = modbus_answer_refused,
    .unit_max = 255,
    .token_parts = token_parts,
    .token_part_count = sizeof(token_parts) / sizeof(token_parts[0]),
    .broadcast = "broadcast",
    .exception_word = modbus_exception_word,
};
