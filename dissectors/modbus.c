/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP: MODBUS Application Protocol Specification V1.1b3 and MODBUS Messaging on TCP/IP
 * Implementation Guide V1.0b.
 *
 * "left" below is the number of bytes that the MBAP length declares behind the current field.  It
 * is compared with what the function needs as soon as the function is known, because some servers
 * act on the function alone and do not wait for the declared length.  Contents of user-defined and
 * reserved functions are opaque.
 */
#include "dissector.h"

enum { MBAP_SIZE = 6, LENGTH_MIN = 2, LENGTH_MAX = 254, DATA_MAX = LENGTH_MAX - 2 };

enum { SPACE_COIL = 0, SPACE_DISCRETE, SPACE_INPUT, SPACE_HOLDING, SPACE_FILE, SPACE_COUNT };

enum { ADDRESS_COUNT = 65536, RECORD_COUNT = 10000, FILE_MAX = 65535 };

static const struct space spaces[] = {
    [SPACE_COIL] = {"coil", ADDRESS_COUNT - 1, 0, true},
    [SPACE_DISCRETE] = {"discrete", ADDRESS_COUNT - 1, 0, true},
    [SPACE_INPUT] = {"input", ADDRESS_COUNT - 1, 0, false},
    [SPACE_HOLDING] = {"holding", ADDRESS_COUNT - 1, 0, false},
    [SPACE_FILE] = {"file", RECORD_COUNT - 1, FILE_MAX, false},
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
#define X(code, name, access, section) {code, FUNCTION_NO_SUB, name, ACCESS_##access, section},
    PLAIN_LIST(X)
#undef X
	{8, 0, "return-query-data", ACCESS_DIAGNOSE, "6.8"},
    {8, 1, "restart-communications", ACCESS_CONTROL, "6.8"},
    {8, 2, "return-diagnostic-register", ACCESS_DIAGNOSE, "6.8"},
    {8, 3, "change-ascii-delimiter", ACCESS_CONTROL, "6.8"},
    {8, 4, "force-listen-only", ACCESS_CONTROL, "6.8"},
    {8, 10, "clear-counters", ACCESS_CONTROL, "6.8"},
    {8, 11, "return-bus-message-count", ACCESS_DIAGNOSE, "6.8"},
    {8, 12, "return-bus-communication-error-count", ACCESS_DIAGNOSE, "6.8"},
    {8, 13, "return-bus-exception-error-count", ACCESS_DIAGNOSE, "6.8"},
    {8, 14, "return-server-message-count", ACCESS_DIAGNOSE, "6.8"},
    {8, 15, "return-server-no-response-count", ACCESS_DIAGNOSE, "6.8"},
    {8, 16, "return-server-nak-count", ACCESS_DIAGNOSE, "6.8"},
    {8, 17, "return-server-busy-count", ACCESS_DIAGNOSE, "6.8"},
    {8, 18, "return-bus-character-overrun-count", ACCESS_DIAGNOSE, "6.8"},
    {8, 20, "clear-overrun-counter", ACCESS_CONTROL, "6.8"},
    {43, 13, "canopen-general-reference", ACCESS_PROGRAM, "6.20"},
    {43, 14, "read-device-identification", ACCESS_DIAGNOSE, "6.21"},
};

enum { FUNCTION_COUNT = sizeof(functions) / sizeof(functions[0]) };

/* One half of a function: what may be left behind the function code, and who reads it. */
struct form {
	void (*read)(struct cursor *c, struct message *m);
	uint8_t left_min;
	uint8_t left_max;
	uint8_t left_step; /* 0: left_min is the only one */
};

struct shape {
	struct form request;
	struct form response;
	uint8_t space;
	uint16_t quantity_max;
};

static const struct shape *shape_of(const struct message *m);

/* For `expect`: one more number that request and response must agree in; never gives 0. */
static uint64_t
mix(uint64_t sum, uint32_t number)
{
	return ((sum ^ number) + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

static void
demand(struct cursor *c, bool holds, enum reason reason)
{
	if (!holds)
		cursor_fail(c, reason);
}

/* While bytes are missing there is nothing to agree in yet. */
static void
agree(const struct cursor *c, struct message *m, uint64_t expect)
{
	if (cursor_ok(c))
		m->expect = expect;
}

static uint32_t
bytes_of(uint8_t space, uint32_t quantity)
{
	return spaces[space].bits ? (quantity + 7) / 8 : quantity * 2;
}

/* Which sub-function is this?  Without a row of its own the row of its function stays. */
static bool
find_sub(struct message *m, uint16_t sub)
{
	for (const struct function *f = &functions[ROW_FIRST_SUB]; f < &functions[FUNCTION_COUNT];
	     f++)
		if (f->code == m->function_code && f->sub == sub) {
			m->function = f;
			return true;
		}
	return false;
}

/* Quantities that a message may have. */
struct bounds {
	uint32_t max;   /* the function permits 1 to this */
	uint32_t least; /* the length of the message permits these */
	uint32_t most;
};

/*
 * Starting address and quantity (6.1 to 6.4, 6.11, 6.12, 6.17) and the span that they name.  An
 * address that leaves no room for the least quantity is refused by itself.
 */
static struct span *
read_range(struct cursor *c, struct message *m, enum access access, uint8_t space,
    const struct bounds *bounds)
{
	uint32_t address, quantity;

	cursor_expect_be16(c, 0, ADDRESS_COUNT - bounds->least, REASON_ADDRESS_OVERFLOW);
	address = cursor_be16(c, "address");
	cursor_expect_be16(c, 1, bounds->max, REASON_QUANTITY_INVALID);
	cursor_expect_be16(c, bounds->least, bounds->most, REASON_LENGTH_MISMATCH);
	cursor_expect_be16(c, 1, ADDRESS_COUNT - address, REASON_ADDRESS_OVERFLOW);
	quantity = cursor_be16(c, "quantity");
	return message_add_span(m, c, space, access, 0, address, address + quantity - 1);
}

/* A range without values behind it. */
static struct span *
read_bare_range(struct cursor *c, struct message *m, enum access access)
{
	const struct shape *shape = shape_of(m);
	struct bounds bounds = {shape->quantity_max, 1, shape->quantity_max};

	return read_range(c, m, access, shape->space, &bounds);
}

/* A range to write, its byte count and its values, which are `data` bytes. */
static struct span *
read_write_range(struct cursor *c, struct message *m, uint8_t space, uint32_t max, uint32_t data)
{
	bool bits = spaces[space].bits;
	uint32_t most = bits ? data * 8 : data / 2;
	struct bounds bounds = {max, bits ? most - 7 : most, most};
	struct span *span = read_range(c, m, ACCESS_WRITE, space, &bounds);
	uint32_t count = span->last - span->first + 1;

	cursor_expect_u8(c, (uint8_t)data, (uint8_t)data, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "byte count");
	if (cursor_ok(c))
		span->values =
		    cursor_values(c, bits ? VALUE_BIT : VALUE_U16_BE, count, 2, "values");
	return span;
}

/* 6.1 to 6.4 */
static void
read_points_request(struct cursor *c, struct message *m)
{
	struct span *span = read_bare_range(c, m, ACCESS_READ);

	agree(c, m, bytes_of(span->space, span->last - span->first + 1));
}

/* 6.1 to 6.4, 6.17: the byte count says again what the MBAP length said. */
static void
read_points_response(struct cursor *c, struct message *m)
{
	uint32_t count = cursor_left(c) - 1;

	cursor_expect_u8(c, (uint8_t)count, (uint8_t)count, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "byte count");
	agree(c, m, count);
	cursor_bytes(c, count, "values");
}

/* 6.5, 6.6: the response is an echo. */
static void
write_single(struct cursor *c, struct message *m)
{
	bool coil = shape_of(m)->space == SPACE_COIL;
	uint16_t address = cursor_be16(c, "address");
	struct span *span =
	    message_add_span(m, c, shape_of(m)->space, ACCESS_WRITE, 0, address, address);

	if (coil)
		cursor_expect_either_be16(c, 0xff00, 0x0000, REASON_VALUE_INVALID);
	span->values = cursor_values(c, coil ? VALUE_COIL : VALUE_U16_BE, 1, 2, "value");
	if (cursor_ok(c))
		m->expect = mix(address, (uint32_t)values_get(&span->values, 0));
}

/* 6.11, 6.12 */
static void
write_multiple_request(struct cursor *c, struct message *m)
{
	const struct shape *shape = shape_of(m);
	struct span *span =
	    read_write_range(c, m, shape->space, shape->quantity_max, cursor_left(c) - 5);

	agree(c, m, mix(span->first, span->last));
}

static void
write_multiple_response(struct cursor *c, struct message *m)
{
	struct span *span = read_bare_range(c, m, ACCESS_WRITE);

	agree(c, m, mix(span->first, span->last));
}

/* 6.16: what the register will hold depends on what it holds, so the span has no values. */
static void
mask_write(struct cursor *c, struct message *m)
{
	uint16_t address = cursor_be16(c, "address");
	uint32_t masks;

	message_add_span(m, c, SPACE_HOLDING, ACCESS_WRITE, 0, address, address);
	masks = (uint32_t)cursor_be16(c, "and mask") << 16;
	masks |= cursor_be16(c, "or mask");
	agree(c, m, mix(address, masks));
}

/* 6.17: both halves are spans; the response is that of a read. */
static void
read_write_request(struct cursor *c, struct message *m)
{
	enum { WRITE_QUANTITY_MAX = 121 };
	uint32_t data = cursor_left(c) - 9;
	struct span *span = read_bare_range(c, m, ACCESS_READ);

	agree(c, m, bytes_of(SPACE_HOLDING, span->last - span->first + 1));
	read_write_range(c, m, SPACE_HOLDING, WRITE_QUANTITY_MAX, data);
}

static void
read_nothing(struct cursor *c, struct message *m)
{
}

/* User-defined and reserved functions. */
static void
read_opaque(struct cursor *c, struct message *m)
{
	m->opaque = true;
	cursor_bytes(c, cursor_left(c), "data");
}

/* 6.7 */
static void
exception_status_response(struct cursor *c, struct message *m)
{
	cursor_u8(c, "outputs");
}

/* 6.9, and the beginning of 6.10: the status says busy or not. */
static void
event_counter_response(struct cursor *c, struct message *m)
{
	cursor_expect_either_be16(c, 0x0000, 0xffff, REASON_VALUE_INVALID);
	cursor_be16(c, "status");
	cursor_be16(c, "event count");
}

static void
read_byte_count(struct cursor *c)
{
	uint8_t count = (uint8_t)(cursor_left(c) - 1);

	cursor_expect_u8(c, count, count, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "byte count");
}

/* 6.10 */
static void
event_log_response(struct cursor *c, struct message *m)
{
	read_byte_count(c);
	event_counter_response(c, m);
	cursor_be16(c, "message count");
	cursor_bytes(c, cursor_left(c), "events");
}

/* 6.13: identification and run indicator have lengths that only the device knows. */
static void
server_id_response(struct cursor *c, struct message *m)
{
	read_byte_count(c);
	cursor_bytes(c, cursor_left(c), "server id");
}

/* 6.18 */
static void
fifo_request(struct cursor *c, struct message *m)
{
	uint16_t address = cursor_be16(c, "address");

	message_add_span(m, c, SPACE_HOLDING, ACCESS_READ, 0, address, address);
}

static void
fifo_response(struct cursor *c, struct message *m)
{
	uint32_t bytes = cursor_left(c) - 2;
	uint32_t count = bytes / 2 - 1;

	cursor_expect_be16(c, bytes, bytes, REASON_LENGTH_MISMATCH);
	cursor_be16(c, "byte count");
	cursor_expect_be16(c, count, count, REASON_LENGTH_MISMATCH);
	cursor_be16(c, "fifo count");
	cursor_bytes(c, count * 2, "values");
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
	if (!find_sub(m, sub)) {
		m->expect = expect;
		read_opaque(c, m);
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

static void
diagnostic_request(struct cursor *c, struct message *m)
{
	read_diagnostic(c, m, true);
}

static void
diagnostic_response(struct cursor *c, struct message *m)
{
	read_diagnostic(c, m, false);
}

/* 6.14, 6.15: reference type, file and record, with room for at least `least` records. */
static struct span *
read_record_address(
    struct cursor *c, struct message *m, enum access access, uint32_t least, uint32_t most)
{
	uint32_t file, record, length;

	cursor_expect_u8(c, 6, 6, REASON_VALUE_INVALID);
	cursor_u8(c, "reference type");
	cursor_expect_be16(c, 1, FILE_MAX, REASON_VALUE_INVALID);
	file = cursor_be16(c, "file");
	cursor_expect_be16(c, 0, RECORD_COUNT - least, REASON_ADDRESS_OVERFLOW);
	record = cursor_be16(c, "record");
	cursor_expect_be16(c, least, most, REASON_QUANTITY_INVALID);
	cursor_expect_be16(c, least, RECORD_COUNT - record, REASON_ADDRESS_OVERFLOW);
	length = cursor_be16(c, "record length");
	return message_add_span(m, c, SPACE_FILE, access, file, record, record + length - 1);
}

/*
 * 6.14: seven bytes a group.  What they ask for must fit a response, whose data length is 245 at
 * most; each group needs at least 4 of those.
 */
static void
read_file_request(struct cursor *c, struct message *m)
{
	uint32_t room = 245;
	uint64_t expect = 0;
	struct span *span;

	read_byte_count(c);
	while (cursor_left(c) > 0) {
		uint32_t others = (cursor_left(c) / 7 - 1) * 4;

		span = read_record_address(c, m, ACCESS_READ, 1, (room - others - 2) / 2);
		room -= (span->last - span->first + 1) * 2 + 2;
		expect = mix(expect, span->last - span->first + 1);
	}
	agree(c, m, expect);
}

static void
read_file_response(struct cursor *c, struct message *m)
{
	uint64_t expect = 0;

	read_byte_count(c);
	while (cursor_left(c) > 0) {
		uint32_t here = cursor_left(c) - 1;
		struct cursor peek = cursor_peek(c);
		uint32_t length = cursor_u8(&peek, "");

		/* what is left behind this group must be none or hold another one */
		if (cursor_ok(&peek))
			demand(c,
			    length % 2 == 1 && length >= 3 &&
				(length == here || length + 4 <= here),
			    REASON_LENGTH_MISMATCH);
		cursor_u8(c, "record data length");
		cursor_expect_u8(c, 6, 6, REASON_VALUE_INVALID);
		cursor_u8(c, "reference type");
		cursor_bytes(c, length - 1, "values");
		expect = mix(expect, length / 2);
	}
	agree(c, m, expect);
}

/* Can `length` bytes be groups of 7 bytes and at least one register each? */
static bool
holds_write_groups(uint32_t length)
{
	return length == 0 || (length % 2 == 1 && length >= 9) || length >= 18;
}

/*
 * 6.15: one group of a write, `left` bytes being declared from it on.  Its record length is not
 * told by a byte count, so it must leave as many bytes as further groups can have.
 */
static uint64_t
write_file_group(struct cursor *c, struct message *m, uint32_t left, uint64_t expect)
{
	uint32_t data = left - 7;
	uint32_t most = data / 2;
	uint32_t least = 1;
	struct span *span;
	struct cursor peek;

	while (least < most && !holds_write_groups(data - least * 2))
		least++;
	while (most > least && !holds_write_groups(data - most * 2))
		most--;
	span = read_record_address(c, m, ACCESS_WRITE, least, most);
	if (!cursor_ok(c))
		return expect;
	demand(c, holds_write_groups(data - (span->last - span->first + 1) * 2),
	    REASON_LENGTH_MISMATCH);
	expect = mix(mix(mix(expect, span->block), span->first), span->last);
	peek = cursor_peek(c);
	for (uint32_t i = span->first; i <= span->last; i++)
		expect = mix(expect, cursor_be16(&peek, ""));
	span->values = cursor_values(c, VALUE_U16_BE, span->last - span->first + 1, 2, "values");
	return expect;
}

/* The response is an echo. */
static void
write_file(struct cursor *c, struct message *m)
{
	uint64_t expect = 0;

	demand(c, holds_write_groups(cursor_left(c) - 1), REASON_LENGTH_MISMATCH);
	read_byte_count(c);
	while (cursor_left(c) > 0)
		expect = write_file_group(c, m, cursor_left(c), expect);
	agree(c, m, expect);
}

/* 6.19: which encapsulated interface; opaque unless it is device identification. */
static bool
read_interface(struct cursor *c, struct message *m)
{
	uint8_t type = cursor_u8(c, "interface type");

	if (!cursor_ok(c))
		return false;
	m->expect = mix(m->function_code, type);
	find_sub(m, type);
	if (type == 14)
		return true;
	read_opaque(c, m);
	return false;
}

/* 6.21: four ways to ask, and an object. */
static void
interface_request(struct cursor *c, struct message *m)
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

static void
interface_response(struct cursor *c, struct message *m)
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

#define OPAQUE                                                                     \
	{                                                                          \
		{read_opaque, 0, DATA_MAX, 1}, {read_opaque, 0, DATA_MAX, 1}, 0, 0 \
	}

/* By function code; codes without a row are unknown. */
static const struct shape shapes[] = {
    [1] = {{read_points_request, 4, 0, 0}, {read_points_response, 2, 251, 1}, SPACE_COIL, 2000},
    [2] = {{read_points_request, 4, 0, 0}, {read_points_response, 2, 251, 1}, SPACE_DISCRETE, 2000},
    [3] = {{read_points_request, 4, 0, 0}, {read_points_response, 3, 251, 2}, SPACE_HOLDING, 125},
    [4] = {{read_points_request, 4, 0, 0}, {read_points_response, 3, 251, 2}, SPACE_INPUT, 125},
    [5] = {{write_single, 4, 0, 0}, {write_single, 4, 0, 0}, SPACE_COIL, 1},
    [6] = {{write_single, 4, 0, 0}, {write_single, 4, 0, 0}, SPACE_HOLDING, 1},
    [7] = {{read_nothing, 0, 0, 0}, {exception_status_response, 1, 0, 0}, 0, 0},
    [8] = {{diagnostic_request, 2, DATA_MAX, 1}, {diagnostic_response, 2, DATA_MAX, 1}, 0, 0},
    [9 ... 10] = OPAQUE,
    [11] = {{read_nothing, 0, 0, 0}, {event_counter_response, 4, 0, 0}, 0, 0},
    [12] = {{read_nothing, 0, 0, 0}, {event_log_response, 7, 71, 1}, 0, 0},
    [13 ... 14] = OPAQUE,
    [15] = {{write_multiple_request, 6, 251, 1}, {write_multiple_response, 4, 0, 0}, SPACE_COIL,
	1968},
    [16] = {{write_multiple_request, 7, 251, 2}, {write_multiple_response, 4, 0, 0}, SPACE_HOLDING,
	123},
    [17] = {{read_nothing, 0, 0, 0}, {server_id_response, 2, DATA_MAX, 1}, 0, 0},
    [20] = {{read_file_request, 8, 246, 7}, {read_file_response, 5, 246, 2}, SPACE_FILE, 0},
    [21] = {{write_file, 10, DATA_MAX, 1}, {write_file, 10, DATA_MAX, 1}, SPACE_FILE, 0},
    [22] = {{mask_write, 6, 0, 0}, {mask_write, 6, 0, 0}, SPACE_HOLDING, 1},
    [23] = {{read_write_request, 11, 251, 2}, {read_points_response, 3, 251, 2}, SPACE_HOLDING,
	125},
    [24] = {{fifo_request, 2, 0, 0}, {fifo_response, 4, 66, 2}, SPACE_HOLDING, 0},
    [41 ... 42] = OPAQUE,
    [43] = {{interface_request, 1, DATA_MAX, 1}, {interface_response, 1, DATA_MAX, 1}, 0, 0},
    [65 ... 72] = OPAQUE,
    [90 ... 91] = OPAQUE,
    [100 ... 110] = OPAQUE,
    [125 ... 127] = OPAQUE,
};

static const struct shape *
shape_of(const struct message *m)
{
	return &shapes[m->function_code];
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
	struct cursor peek = cursor_peek(c);
	uint8_t code = cursor_u8(&peek, "");

	m->kind = MESSAGE_EXCEPTION;
	if (m->function_code == 8 || m->function_code == 43)
		m->function = NULL; /* the exception does not tell the sub-function */
	demand(c, cursor_left(c) == 1, REASON_LENGTH_MISMATCH);
	if (cursor_ok(&peek))
		demand(c, modbus_exception_word(code) != NULL, REASON_VALUE_INVALID);
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
read_body(struct cursor *c, const struct form *form, struct message *m)
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
modbus_decode(struct cursor *c, enum direction direction, const void *state, struct message *m)
{
	uint32_t length;
	uint16_t transaction = read_header(c, &length);
	uint8_t code;

	m->unit = cursor_u8(c, "unit");
	m->has_unit = cursor_ok(c);
	code = cursor_u8(c, "function");
	if (!cursor_ok(c))
		return;
	m->kind = direction == DIRECTION_REQUEST ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	m->function_code = direction == DIRECTION_REQUEST ? code : code & 0x7f;
	m->has_function = true;
	m->transaction = transaction;
	m->token = (uint64_t)transaction << 24 | (uint64_t)m->unit << 16 | m->function_code;
	if (m->function_code > 127 || shapes[m->function_code].request.read == NULL) {
		cursor_fail(c, REASON_FUNCTION_UNKNOWN);
		return;
	}
	m->function = &functions[rows[m->function_code]];
	if (code > 127)
		read_exception(c, m);
	else if (direction == DIRECTION_REQUEST)
		read_body(c, &shape_of(m)->request, m);
	else
		read_body(c, &shape_of(m)->response, m);
}

const struct dissector modbus_dissector = {
    .name = "modbus",
    .title = "Modbus/TCP",
    .port = 502,
    .tcp = true,
    .message_max = MBAP_SIZE + LENGTH_MAX,
    .functions = functions,
    .function_count = FUNCTION_COUNT,
    .spaces = spaces,
    .space_count = SPACE_COUNT,
    .frame = modbus_frame,
    .decode = modbus_decode,
    .unit_max = 255,
    .exception_word = modbus_exception_word,
};
