/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP: MODBUS Application Protocol Specification V1.1b3 and MODBUS Messaging on TCP/IP
 * Implementation Guide V1.0b.
 *
 * The frame, the catalogue of functions, and which bytes each may have.  The number of bytes that
 * are left behind the function code is compared with what the function needs at once, because some
 * servers act on the function alone and do not wait for the declared length.  Bodies are read in
 * modbus_points.c and modbus_device.c.
 */
#include "modbus.h"

enum { MBAP_SIZE = 6, LENGTH_MIN = 2, LENGTH_MAX = 254, DATA_MAX = LENGTH_MAX - 2 };

const struct space modbus_spaces[] = {
    [SPACE_COIL] = {"coil", ADDRESS_COUNT - 1, 0, true},
    [SPACE_DISCRETE] = {"discrete", ADDRESS_COUNT - 1, 0, true},
    [SPACE_INPUT] = {"input", ADDRESS_COUNT - 1, 0, false},
    [SPACE_HOLDING] = {"holding", ADDRESS_COUNT - 1, 0, false},
    [SPACE_FILE] = {"file", RECORD_COUNT - 1, FILE_MAX, false},
};

/* Modicon's numbers of registers: the first digit says the kind, and counting begins at 1. */
static const struct habit modbus_habits[] = {
    {SPACE_DISCRETE, 10001, 19999},
    {SPACE_INPUT, 30001, 39999},
    {SPACE_HOLDING, 40001, 49999},
    {SPACE_DISCRETE, 100001, 165536},
    {SPACE_INPUT, 300001, 365536},
    {SPACE_HOLDING, 400001, 465536},
};

/* X(code, name, access, section): functions without sub-function, or what no row below names. */
#define PLAIN_LIST(X)                                         \
	X(1, "read-coils", READ, "6.1")                       \
	X(2, "read-discrete-inputs", READ, "6.2")             \
	X(3, "read-holding-registers", READ, "6.3")           \
	X(4, "read-input-registers", READ, "6.4")             \
	X(5, "write-single-coil", WRITE, "6.5")               \
	X(6, "write-single-register", WRITE, "6.6")           \
	X(7, "read-exception-status", DIAGNOSE, "6.7")        \
	X(8, "reserved-8", PROGRAM, "Annex A")                \
	X(9, "reserved-9", PROGRAM, "Annex A")                \
	X(10, "reserved-10", PROGRAM, "Annex A")              \
	X(11, "get-comm-event-counter", DIAGNOSE, "6.9")      \
	X(12, "get-comm-event-log", DIAGNOSE, "6.10")         \
	X(13, "reserved-13", PROGRAM, "Annex A")              \
	X(14, "reserved-14", PROGRAM, "Annex A")              \
	X(15, "write-multiple-coils", WRITE, "6.11")          \
	X(16, "write-multiple-registers", WRITE, "6.12")      \
	X(17, "report-server-id", DIAGNOSE, "6.13")           \
	X(20, "read-file-record", FILE, "6.14")               \
	X(21, "write-file-record", FILE, "6.15")              \
	X(22, "mask-write-register", WRITE, "6.16")           \
	X(23, "read-write-multiple-registers", WRITE, "6.17") \
	X(24, "read-fifo-queue", READ, "6.18")                \
	X(41, "reserved-41", PROGRAM, "Annex A")              \
	X(42, "reserved-42", PROGRAM, "Annex A")              \
	X(43, "reserved-43", PROGRAM, "Annex A")              \
	X(65, "user-defined-65", PROGRAM, "5")                \
	X(66, "user-defined-66", PROGRAM, "5")                \
	X(67, "user-defined-67", PROGRAM, "5")                \
	X(68, "user-defined-68", PROGRAM, "5")                \
	X(69, "user-defined-69", PROGRAM, "5")                \
	X(70, "user-defined-70", PROGRAM, "5")                \
	X(71, "user-defined-71", PROGRAM, "5")                \
	X(72, "user-defined-72", PROGRAM, "5")                \
	X(90, "reserved-90", PROGRAM, "Annex A")              \
	X(91, "reserved-91", PROGRAM, "Annex A")              \
	X(100, "user-defined-100", PROGRAM, "5")              \
	X(101, "user-defined-101", PROGRAM, "5")              \
	X(102, "user-defined-102", PROGRAM, "5")              \
	X(103, "user-defined-103", PROGRAM, "5")              \
	X(104, "user-defined-104", PROGRAM, "5")              \
	X(105, "user-defined-105", PROGRAM, "5")              \
	X(106, "user-defined-106", PROGRAM, "5")              \
	X(107, "user-defined-107", PROGRAM, "5")              \
	X(108, "user-defined-108", PROGRAM, "5")              \
	X(109, "user-defined-109", PROGRAM, "5")              \
	X(110, "user-defined-110", PROGRAM, "5")              \
	X(125, "reserved-125", PROGRAM, "Annex A")            \
	X(126, "reserved-126", PROGRAM, "Annex A")            \
	X(127, "reserved-127", PROGRAM, "Annex A")

enum row {
#define X(code, name, access, section) ROW_##code,
	PLAIN_LIST(X)
#undef X
	    ROW_FIRST_SUB
};

/* Index into `functions` by function code; meaningful for codes that have a shape. */
static const uint8_t rows[] = {
#define X(code, name, access, section) [code] = ROW_##code,
    PLAIN_LIST(X)
#undef X
};

/* What changes the device's state, if only its counters, is control and not diagnosis. */
static const struct function functions[] = {
#define X(code, name, access, section) \
	{code, FUNCTION_NO_SUB, name, ACCESS_##access, section, SIDE_BOTH},
    PLAIN_LIST(X)
#undef X
	{8, 0, "return-query-data", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 1, "restart-communications", ACCESS_CONTROL, "6.8", SIDE_BOTH},
    {8, 2, "return-diagnostic-register", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 3, "change-ascii-delimiter", ACCESS_CONTROL, "6.8", SIDE_BOTH},
    {8, 4, "force-listen-only", ACCESS_CONTROL, "6.8", SIDE_BOTH},
    {8, 10, "clear-counters", ACCESS_CONTROL, "6.8", SIDE_BOTH},
    {8, 11, "return-bus-message-count", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 12, "return-bus-communication-error-count", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 13, "return-bus-exception-error-count", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 14, "return-server-message-count", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 15, "return-server-no-response-count", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 16, "return-server-nak-count", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 17, "return-server-busy-count", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 18, "return-bus-character-overrun-count", ACCESS_DIAGNOSE, "6.8", SIDE_BOTH},
    {8, 20, "clear-overrun-counter", ACCESS_CONTROL, "6.8", SIDE_BOTH},
    {43, 13, "canopen-general-reference", ACCESS_PROGRAM, "6.20", SIDE_BOTH},
    {43, 14, "read-device-identification", ACCESS_DIAGNOSE, "6.21", SIDE_BOTH},
};

enum { FUNCTION_COUNT = sizeof(functions) / sizeof(functions[0]) };

/* By function code; codes without a row are unknown. */
#define OPAQUE                                                                         \
	{                                                                              \
		{modbus_opaque, 0, DATA_MAX, 1}, {modbus_opaque, 0, DATA_MAX, 1}, 0, 0 \
	}

const struct modbus_shape modbus_shapes[128] = {
    /* {request, bytes left: min, max, step}, {response, ...}, space, largest quantity */
    [1] = {{modbus_read_request, 4, 0, 0}, {modbus_read_response, 2, 251, 1}, SPACE_COIL, 2000},
    [2] = {{modbus_read_request, 4, 0, 0}, {modbus_read_response, 2, 251, 1}, SPACE_DISCRETE, 2000},
    [3] = {{modbus_read_request, 4, 0, 0}, {modbus_read_response, 3, 251, 2}, SPACE_HOLDING, 125},
    [4] = {{modbus_read_request, 4, 0, 0}, {modbus_read_response, 3, 251, 2}, SPACE_INPUT, 125},
    [5] = {{modbus_write_single, 4, 0, 0}, {modbus_write_single, 4, 0, 0}, SPACE_COIL, 1},
    [6] = {{modbus_write_single, 4, 0, 0}, {modbus_write_single, 4, 0, 0}, SPACE_HOLDING, 1},
    [7] = {{modbus_nothing, 0, 0, 0}, {modbus_exception_status_response, 1, 0, 0}, 0, 0},
    [8] = {{modbus_diagnostic_request, 2, DATA_MAX, 1},
	{modbus_diagnostic_response, 2, DATA_MAX, 1}, 0, 0},
    [9 ... 10] = OPAQUE,
    [11] = {{modbus_nothing, 0, 0, 0}, {modbus_event_counter_response, 4, 0, 0}, 0, 0},
    [12] = {{modbus_nothing, 0, 0, 0}, {modbus_event_log_response, 7, 71, 1}, 0, 0},
    [13 ... 14] = OPAQUE,
    [15] = {{modbus_write_multiple_request, 6, 251, 1}, {modbus_write_multiple_response, 4, 0, 0},
	SPACE_COIL, 1968},
    [16] = {{modbus_write_multiple_request, 7, 251, 2}, {modbus_write_multiple_response, 4, 0, 0},
	SPACE_HOLDING, 123},
    [17] = {{modbus_nothing, 0, 0, 0}, {modbus_server_id_response, 2, DATA_MAX, 1}, 0, 0},
    [20] = {{modbus_read_file_request, 8, 246, 7}, {modbus_read_file_response, 5, 245, 2},
	SPACE_FILE, 0},
    [21] = {{modbus_write_file, 10, DATA_MAX, 1}, {modbus_write_file, 10, DATA_MAX, 1}, SPACE_FILE,
	0},
    [22] = {{modbus_mask_write, 6, 0, 0}, {modbus_mask_write, 6, 0, 0}, SPACE_HOLDING, 1},
    [23] = {{modbus_read_write_request, 11, 251, 2}, {modbus_read_response, 3, 251, 2},
	SPACE_HOLDING, 125},
    [24] = {{modbus_fifo_request, 2, 0, 0}, {modbus_fifo_response, 4, 66, 2}, SPACE_HOLDING, 0},
    [41 ... 42] = OPAQUE,
    [43] = {{modbus_interface_request, 1, DATA_MAX, 1}, {modbus_interface_response, 1, DATA_MAX, 1},
	0, 0},
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

bool
modbus_find_sub(struct message *m, uint16_t sub)
{
	m->has_function = true;
	for (const struct function *f = &functions[ROW_FIRST_SUB]; f < &functions[FUNCTION_COUNT];
	     f++)
		if (f->code == m->function_code && f->sub == sub) {
			m->function = f;
			return true;
		}
	m->function = &functions[rows[m->function_code]];
	return false;
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
	/* Devices have codes of their own; they tell the client something and change nothing. */
	cursor_expect_u8(c, 1, UINT8_MAX, REASON_VALUE_INVALID);
	m->exception = cursor_u8(c, "exception");
	m->has_exception = cursor_ok(c);
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
read_body(struct cursor *c, const struct modbus_form *form, struct message *m)
{
	uint32_t left = cursor_left(c);

	if (form->left_step == 0)
		demand(c, left == form->left_min, REASON_LENGTH_MISMATCH);
	else
		demand(c,
		    left >= form->left_min && left <= form->left_max &&
			(left - form->left_min) % form->left_step == 0,
		    REASON_LENGTH_MISMATCH);
	if (cursor_ok(c))
		form->read(c, m);
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
	if (m->function_code > 127 || modbus_shape(m)->request.read == NULL) {
		cursor_fail(c, REASON_FUNCTION_UNKNOWN);
		return;
	}
	if (m->has_function)
		m->function = &functions[rows[m->function_code]];
	if (code > 127)
		read_exception(c, m);
	else if (direction == DIRECTION_REQUEST)
		read_body(c, &modbus_shape(m)->request, m);
	else
		read_body(c, &modbus_shape(m)->response, m);
}

const struct dissector modbus_dissector = {
    .name = "modbus",
    .title = "Modbus/TCP",
    .port = 502,
    .tcp = true,
    .message_max = MBAP_SIZE + LENGTH_MAX,
    .functions = functions,
    .function_count = FUNCTION_COUNT,
    .spaces = modbus_spaces,
    .space_count = SPACE_COUNT,
    .habits = modbus_habits,
    .habit_count = sizeof(modbus_habits) / sizeof(modbus_habits[0]),
    .frame = modbus_frame,
    .decode = modbus_decode,
    .unit_max = 255,
    .exception_word = modbus_exception_word,
};
