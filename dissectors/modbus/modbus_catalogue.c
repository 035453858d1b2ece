/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modbus/TCP: see modbus_catalogue.h.
 */
#include "modbus_catalogue.h"

const struct space modbus_spaces[] = {
    [SPACE_COIL] = {"coil", ADDRESS_COUNT - 1, 0, true, 0},
    [SPACE_DISCRETE] = {"discrete", ADDRESS_COUNT - 1, 0, true, 0},
    [SPACE_INPUT] = {"input", ADDRESS_COUNT - 1, 0, false, 16},
    [SPACE_HOLDING] = {"holding", ADDRESS_COUNT - 1, 0, false, 16},
    [SPACE_FILE] = {"file", RECORD_COUNT - 1, FILE_MAX, false, 16},
};

#define TOUCH(code, space, access, format, form)                                             \
	{                                                                                    \
		code, FUNCTION_NO_SUB, SPACE_##space, ACCESS_##access, VALUE_##format, 0, 0, \
		    TOUCH_##form                                                             \
	}

/* 6.1 to 6.18; of a masked register the message does not tell what it will hold */
const struct touchable modbus_touches[MODBUS_TOUCH_COUNT] = {
    TOUCH(1, COIL, READ, NONE, RANGES),
    TOUCH(2, DISCRETE, READ, NONE, RANGES),
    TOUCH(3, HOLDING, READ, NONE, RANGES),
    TOUCH(4, INPUT, READ, NONE, RANGES),
    TOUCH(5, COIL, WRITE, COIL, SINGLE),
    TOUCH(6, HOLDING, WRITE, U16_BE, SINGLE),
    TOUCH(15, COIL, WRITE, BIT, RANGES),
    TOUCH(16, HOLDING, WRITE, U16_BE, RANGES),
    {20, FUNCTION_NO_SUB, SPACE_FILE, ACCESS_READ, VALUE_NONE, 1, FILE_MAX, TOUCH_RANGES},
    {21, FUNCTION_NO_SUB, SPACE_FILE, ACCESS_WRITE, VALUE_U16_BE, 1, FILE_MAX, TOUCH_RANGES},
    TOUCH(22, HOLDING, WRITE, NONE, UNTOLD),
    TOUCH(23, HOLDING, READ, NONE, TOGETHER),
    TOUCH(23, HOLDING, WRITE, U16_BE, TOGETHER),
    TOUCH(24, HOLDING, READ, NONE, SINGLE),
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

/* Index into the functions by function code; 0 for those that the protocol does not define. */
static const uint8_t rows[] = {
#define X(code, name, access, section) [code] = ROW_##code,
    PLAIN_LIST(X)
#undef X
};

/* What changes the device's state, if only its counters, is control and not diagnosis. */
const struct function modbus_functions[] = {
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

_Static_assert(sizeof(modbus_functions) / sizeof(modbus_functions[0]) == MODBUS_FUNCTION_COUNT,
    "the number of rows is told in modbus_catalogue.h");

/* By function code: the points that it reads or writes, and how many of them at most. */
static const struct modbus_range ranges[FUNCTION_CODES] = {
    [1] = {SPACE_COIL, 2000},
    [2] = {SPACE_DISCRETE, 2000},
    [3] = {SPACE_HOLDING, 125},
    [4] = {SPACE_INPUT, 125},
    [5] = {SPACE_COIL, 1},
    [6] = {SPACE_HOLDING, 1},
    [15] = {SPACE_COIL, 1968},
    [16] = {SPACE_HOLDING, 123},
    [23] = {SPACE_HOLDING, 125}, /* of the half that reads */
};

const struct modbus_range *
modbus_range(const struct message *m)
{
	return &ranges[m->function_code];
}

const struct function *
modbus_function(uint16_t code)
{
	return &modbus_functions[rows[code]];
}

bool
modbus_find_sub(struct message *m, uint16_t sub)
{
	m->has_function = true;
	for (uint32_t i = ROW_FIRST_SUB; i < MODBUS_FUNCTION_COUNT; i++)
		if (modbus_functions[i].code == m->function_code &&
		    modbus_functions[i].sub == sub) {
			m->function = &modbus_functions[i];
			return true;
		}
	m->function = modbus_function(m->function_code);
	return false;
}
