/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, the catalogue of functions (IEEE 1815 clause 4): class, sender, and the objects each takes.
 */
#include "dnp3_functions.h"

#define NO_TAKES(least)            \
	least, 0,                  \
	{                          \
		{                  \
			0, 0, 0, 0 \
		}                  \
	}
#define CONTROLS                                \
	6, 3,                                   \
	{                                       \
		{12, 12, 1, 3}, {41, 41, 1, 4}, \
		{                               \
			120, 120, 3, 9          \
		}                               \
	}
/* Outputs; deadbands, times, indications, numbers, texts; files; what configures and programs. */
#define WRITES                                                                                  \
	DNP3_LEAST_DATA, 15,                                                                    \
	{                                                                                       \
		{10, 10, 1, 2}, {12, 12, 1, 3}, {41, 41, 1, 4}, {34, 34, 1, 3}, {50, 50, 1, 4}, \
		    {80, 80, 1, 1}, {101, 102, 1, 3}, {110, 110, 0, 255}, {70, 70, 0, 255},     \
		    {0, 0, 0, 255}, {82, 83, 1, 2}, {85, 88, 1, 3}, {90, 91, 1, 1},             \
		    {112, 112, 0, 255},                                                         \
		{                                                                               \
			120, 120, 3, 9                                                          \
		}                                                                               \
	}
#define FREEZES                                                   \
	3, 4,                                                     \
	{                                                         \
		{20, 20, 0, 8}, {30, 30, 0, 6}, {120, 120, 3, 9}, \
		{                                                 \
			60, 60, 1, 4                              \
		}                                                 \
	}
#define FREEZES_AT                                              \
	3, 4,                                                   \
	{                                                       \
		{50, 50, 2, 2}, {20, 20, 0, 8}, {30, 30, 0, 6}, \
		{                                               \
			120, 120, 3, 9                          \
		}                                               \
	}
#define APPLICATIONS                   \
	3, 2,                          \
	{                              \
		{90, 90, 0, 1},        \
		{                      \
			120, 120, 3, 9 \
		}                      \
	}
#define CLASSES                        \
	3, 2,                          \
	{                              \
		{60, 60, 2, 4},        \
		{                      \
			120, 120, 3, 9 \
		}                      \
	}
#define FILES(variation, least)                 \
	least, 2,                               \
	{                                       \
		{70, 70, variation, variation}, \
		{                               \
			120, 120, 3, 9          \
		}                               \
	}
/* in aggressive mode, authentication and nothing else */
#define ALONE                          \
	10, 1,                         \
	{                              \
		{                      \
			120, 120, 3, 9 \
		}                      \
	}
#define SECURITY                        \
	6, 1,                           \
	{                               \
		{                       \
			120, 120, 1, 15 \
		}                       \
	}

/* Functions take any objects or these; the number in front is that of bytes of the shortest header.
 */
/* X(code, name, access, side, form, objects) */
#define FUNCTION_LIST(X)                                                                   \
	X(0, "confirm", SESSION, CLIENT, NOTHING, NO_TAKES(0))                             \
	X(1, "read", READ, CLIENT, HEADERS, NO_TAKES(DNP3_LEAST_POINTS))                   \
	X(2, "write", WRITE, CLIENT, DATA, WRITES)                                         \
	X(3, "select", CONTROL, CLIENT, DATA, CONTROLS)                                    \
	X(4, "operate", CONTROL, CLIENT, DATA, CONTROLS)                                   \
	X(5, "direct-operate", CONTROL, CLIENT, DATA, CONTROLS)                            \
	X(6, "direct-operate-nr", CONTROL, CLIENT, DATA, CONTROLS)                         \
	X(7, "immediate-freeze", WRITE, CLIENT, HEADERS, FREEZES)                          \
	X(8, "immediate-freeze-nr", WRITE, CLIENT, HEADERS, FREEZES)                       \
	X(9, "freeze-clear", WRITE, CLIENT, HEADERS, FREEZES)                              \
	X(10, "freeze-clear-nr", WRITE, CLIENT, HEADERS, FREEZES)                          \
	X(11, "freeze-at-time", WRITE, CLIENT, HEADERS, FREEZES_AT)                        \
	X(12, "freeze-at-time-nr", WRITE, CLIENT, HEADERS, FREEZES_AT)                     \
	X(13, "cold-restart", CONTROL, CLIENT, HEADERS, ALONE)                             \
	X(14, "warm-restart", CONTROL, CLIENT, HEADERS, ALONE)                             \
	X(15, "initialize-data", PROGRAM, CLIENT, HEADERS, NO_TAKES(DNP3_LEAST_POINTS))    \
	X(16, "initialize-application", CONTROL, CLIENT, HEADERS, APPLICATIONS)            \
	X(17, "start-application", CONTROL, CLIENT, HEADERS, APPLICATIONS)                 \
	X(18, "stop-application", CONTROL, CLIENT, HEADERS, APPLICATIONS)                  \
	X(19, "save-configuration", PROGRAM, CLIENT, HEADERS, NO_TAKES(DNP3_LEAST_POINTS)) \
	X(20, "enable-unsolicited", WRITE, CLIENT, HEADERS, CLASSES)                       \
	X(21, "disable-unsolicited", WRITE, CLIENT, HEADERS, CLASSES)                      \
	X(22, "assign-class", WRITE, CLIENT, HEADERS, NO_TAKES(DNP3_LEAST_POINTS))         \
	X(23, "delay-measurement", DIAGNOSE, CLIENT, HEADERS, ALONE)                       \
	X(24, "record-current-time", WRITE, CLIENT, HEADERS, ALONE)                        \
	X(25, "open-file", FILE, CLIENT, DATA, FILES(3, 13))                               \
	X(26, "close-file", FILE, CLIENT, DATA, FILES(4, 13))                              \
	X(27, "delete-file", FILE, CLIENT, DATA, FILES(3, 13))                             \
	X(28, "get-file-information", FILE, CLIENT, DATA, FILES(7, 13))                    \
	X(29, "authenticate-file", FILE, CLIENT, DATA, FILES(2, 13))                       \
	X(30, "abort-file", FILE, CLIENT, DATA, FILES(4, 13))                              \
	X(31, "activate-configuration", PROGRAM, CLIENT, DATA, FILES(8, 6))                \
	X(32, "authenticate-request", SESSION, CLIENT, DATA, SECURITY)                     \
	X(33, "authenticate-request-nr", SESSION, CLIENT, DATA, SECURITY)                  \
	X(129, "response", SESSION, SERVER, RESPONSE, NO_TAKES(DNP3_LEAST_DATA))           \
	X(130, "unsolicited-response", READ, SERVER, RESPONSE, NO_TAKES(DNP3_LEAST_DATA))  \
	X(131, "authenticate-response", SESSION, SERVER, RESPONSE, SECURITY)

const struct dnp3_shape dnp3_shapes[FC_COUNT] = {
#define X(code, name, access, side, form, ...) [code] = {true, FORM_##form, __VA_ARGS__},
    FUNCTION_LIST(X)
#undef X
};

/* Sub-functions of WRITE: one of the groups that they stand for. */
enum { WRITE_OUTPUT = 10, WRITE_PROGRAM = 112 };

enum row {
#define X(code, name, access, side, form, ...) ROW_##code,
	FUNCTION_LIST(X)
#undef X
	    ROW_REST
};

/* Index into dnp3_functions by function code. */
static const uint8_t rows[FC_COUNT] = {
#define X(code, name, access, side, form, ...) [code] = ROW_##code,
    FUNCTION_LIST(X)
#undef X
};

/*
 * Rows with a sub-function are told apart by what the message touches, not by a field: the group of
 * files, of outputs, of what programs a device (whatever is not known to be harmless), the
 * variations that change users and their keys, an OPERATE that no SELECT stands behind. Frames of
 * the link layer have the numbers 256 + PRM + function.
 */
const struct function dnp3_functions[DNP3_FUNCTION_COUNT] = {
#define X(code, name, access, side, form, ...) \
	{code, FUNCTION_NO_SUB, name, ACCESS_##access, "4", SIDE_##side},
    FUNCTION_LIST(X)
#undef X
	{FC_READ, 70, "read-file", ACCESS_FILE, "4", SIDE_CLIENT},
    {FC_WRITE, 70, "write-file", ACCESS_FILE, "4", SIDE_CLIENT},
    {FC_WRITE, WRITE_OUTPUT, "write-output", ACCESS_CONTROL, "A", SIDE_CLIENT},
    {FC_WRITE, WRITE_PROGRAM, "write-program", ACCESS_PROGRAM, "A", SIDE_CLIENT},
    {FC_OPERATE, 0, "operate-without-select", ACCESS_NONE, "4", SIDE_CLIENT},
    {FC_AUTHENTICATE, 120, "change-user", ACCESS_PROGRAM, "7", SIDE_CLIENT},
    {FC_AUTHENTICATE_NR, 120, "change-user-nr", ACCESS_PROGRAM, "7", SIDE_CLIENT},
    {0x100, FUNCTION_NO_SUB, "link-ack", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x101, FUNCTION_NO_SUB, "link-nack", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x10b, FUNCTION_NO_SUB, "link-status", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x10f, FUNCTION_NO_SUB, "link-not-supported", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x140, FUNCTION_NO_SUB, "reset-link-states", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x142, FUNCTION_NO_SUB, "test-link-states", ACCESS_DIAGNOSE, "9", SIDE_BOTH},
    {0x143, FUNCTION_NO_SUB, "link-repeat", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x149, FUNCTION_NO_SUB, "request-link-status", ACCESS_SESSION, "9", SIDE_BOTH},
};

#define GROUPS(code, sub, access, group_first, variation_first, group_last, variation_last)       \
	{                                                                                         \
		code, sub, DNP3_GROUPS, ACCESS_##access, VALUE_NONE,                              \
		    (group_first) << 8 | (variation_first), (group_last) << 8 | (variation_last), \
		    TOUCH_RANGES                                                                  \
	}
#define CLASSES_OF(code, access)                                                        \
	{                                                                               \
		code, FUNCTION_NO_SUB, DNP3_CLASSES, ACCESS_##access, VALUE_NONE, 0, 0, \
		    TOUCH_RANGES                                                        \
	}

#define NOTHING(code)                                                                            \
	{                                                                                        \
		code, FUNCTION_NO_SUB, DNP3_GROUPS, ACCESS_NONE, VALUE_NONE, 0, 0, TOUCH_NOTHING \
	}

const struct touchable dnp3_touches[DNP3_TOUCH_COUNT] = {
    GROUPS(FC_READ, FUNCTION_NO_SUB, READ, 0, 0, 69, 255),
    GROUPS(FC_READ, FUNCTION_NO_SUB, READ, 71, 0, 255, 255),
    GROUPS(FC_READ, 70, FILE, 70, 0, 70, 255),
    CLASSES_OF(FC_READ, READ),
    GROUPS(FC_WRITE, FUNCTION_NO_SUB, WRITE, 34, 0, 34, 255),
    GROUPS(FC_WRITE, FUNCTION_NO_SUB, WRITE, 50, 0, 50, 255),
    GROUPS(FC_WRITE, FUNCTION_NO_SUB, WRITE, 80, 0, 80, 255),
    GROUPS(FC_WRITE, FUNCTION_NO_SUB, WRITE, 101, 0, 102, 255),
    GROUPS(FC_WRITE, FUNCTION_NO_SUB, WRITE, 110, 0, 110, 255),
    GROUPS(FC_WRITE, WRITE_OUTPUT, CONTROL, 10, 0, 10, 255),
    GROUPS(FC_WRITE, WRITE_OUTPUT, CONTROL, 12, 0, 12, 255),
    GROUPS(FC_WRITE, WRITE_OUTPUT, CONTROL, 41, 0, 41, 255),
    GROUPS(FC_WRITE, 70, FILE, 70, 0, 70, 255),
    GROUPS(FC_WRITE, WRITE_PROGRAM, PROGRAM, 0, 0, 9, 255),
    GROUPS(FC_WRITE, WRITE_PROGRAM, PROGRAM, 82, 0, 83, 255),
    GROUPS(FC_WRITE, WRITE_PROGRAM, PROGRAM, 85, 0, 88, 255),
    GROUPS(FC_WRITE, WRITE_PROGRAM, PROGRAM, 90, 0, 91, 255),
    GROUPS(FC_WRITE, WRITE_PROGRAM, PROGRAM, 112, 0, 112, 255),
    GROUPS(FC_WRITE, WRITE_PROGRAM, PROGRAM, 120, 0, 120, 255),
    GROUPS(3, FUNCTION_NO_SUB, CONTROL, 12, 0, 12, 255),
    GROUPS(3, FUNCTION_NO_SUB, CONTROL, 41, 0, 41, 255),
    GROUPS(4, FUNCTION_NO_SUB, CONTROL, 12, 0, 12, 255),
    GROUPS(4, FUNCTION_NO_SUB, CONTROL, 41, 0, 41, 255),
    GROUPS(5, FUNCTION_NO_SUB, CONTROL, 12, 0, 12, 255),
    GROUPS(5, FUNCTION_NO_SUB, CONTROL, 41, 0, 41, 255),
    GROUPS(6, FUNCTION_NO_SUB, CONTROL, 12, 0, 12, 255),
    GROUPS(6, FUNCTION_NO_SUB, CONTROL, 41, 0, 41, 255),
    GROUPS(FC_OPERATE, 0, CONTROL, 12, 0, 12, 255),
    GROUPS(FC_OPERATE, 0, CONTROL, 41, 0, 41, 255),
    GROUPS(7, FUNCTION_NO_SUB, WRITE, 20, 0, 20, 255),
    GROUPS(7, FUNCTION_NO_SUB, WRITE, 30, 0, 30, 255),
    CLASSES_OF(7, WRITE),
    GROUPS(8, FUNCTION_NO_SUB, WRITE, 20, 0, 20, 255),
    GROUPS(8, FUNCTION_NO_SUB, WRITE, 30, 0, 30, 255),
    CLASSES_OF(8, WRITE),
    GROUPS(9, FUNCTION_NO_SUB, WRITE, 20, 0, 20, 255),
    GROUPS(9, FUNCTION_NO_SUB, WRITE, 30, 0, 30, 255),
    CLASSES_OF(9, WRITE),
    GROUPS(10, FUNCTION_NO_SUB, WRITE, 20, 0, 20, 255),
    GROUPS(10, FUNCTION_NO_SUB, WRITE, 30, 0, 30, 255),
    CLASSES_OF(10, WRITE),
    GROUPS(11, FUNCTION_NO_SUB, WRITE, 20, 0, 20, 255),
    GROUPS(11, FUNCTION_NO_SUB, WRITE, 30, 0, 30, 255),
    CLASSES_OF(11, WRITE),
    GROUPS(11, FUNCTION_NO_SUB, WRITE, 50, 0, 50, 255),
    GROUPS(12, FUNCTION_NO_SUB, WRITE, 20, 0, 20, 255),
    GROUPS(12, FUNCTION_NO_SUB, WRITE, 30, 0, 30, 255),
    CLASSES_OF(12, WRITE),
    GROUPS(12, FUNCTION_NO_SUB, WRITE, 50, 0, 50, 255),
    GROUPS(15, FUNCTION_NO_SUB, PROGRAM, 0, 0, 255, 255),
    GROUPS(16, FUNCTION_NO_SUB, CONTROL, 90, 0, 90, 255),
    GROUPS(17, FUNCTION_NO_SUB, CONTROL, 90, 0, 90, 255),
    GROUPS(18, FUNCTION_NO_SUB, CONTROL, 90, 0, 90, 255),
    GROUPS(19, FUNCTION_NO_SUB, PROGRAM, 0, 0, 255, 255),
    CLASSES_OF(20, WRITE),
    CLASSES_OF(21, WRITE),
    CLASSES_OF(22, WRITE),
    GROUPS(22, FUNCTION_NO_SUB, WRITE, 0, 0, 255, 255),
    GROUPS(25, FUNCTION_NO_SUB, FILE, 70, 0, 70, 255),
    GROUPS(26, FUNCTION_NO_SUB, FILE, 70, 0, 70, 255),
    GROUPS(27, FUNCTION_NO_SUB, FILE, 70, 0, 70, 255),
    GROUPS(28, FUNCTION_NO_SUB, FILE, 70, 0, 70, 255),
    GROUPS(29, FUNCTION_NO_SUB, FILE, 70, 0, 70, 255),
    GROUPS(30, FUNCTION_NO_SUB, FILE, 70, 0, 70, 255),
    GROUPS(31, FUNCTION_NO_SUB, PROGRAM, 70, 0, 70, 255),
    NOTHING(13),
    NOTHING(14),
    NOTHING(15),
    NOTHING(16),
    NOTHING(17),
    NOTHING(18),
    NOTHING(19),
    NOTHING(130),
    GROUPS(FC_AUTHENTICATE, FUNCTION_NO_SUB, SESSION, 120, 0, 120, 255),
    GROUPS(FC_AUTHENTICATE_NR, FUNCTION_NO_SUB, SESSION, 120, 0, 120, 255),
    GROUPS(FC_AUTHENTICATE, 120, PROGRAM, 120, 0, 120, 255),
    GROUPS(FC_AUTHENTICATE_NR, 120, PROGRAM, 120, 0, 120, 255),
    GROUPS(130, FUNCTION_NO_SUB, READ, 0, 0, 255, 255),
};

uint16_t
dnp3_written(uint8_t group)
{
	switch (group) {
	case 10:
	case 12:
	case 41:
		return WRITE_OUTPUT;
	case 34:
	case 50:
	case 80:
	case 101:
	case 102:
	case 110:
		return FUNCTION_NO_SUB;
	case 70:
		return 70;
	default:
		return WRITE_PROGRAM;
	}
}

const struct function *
dnp3_function(uint16_t code, uint16_t sub)
{
	if (sub == FUNCTION_NO_SUB && code < FC_COUNT)
		return &dnp3_functions[rows[code]];
	for (uint32_t i = ROW_REST; i < DNP3_FUNCTION_COUNT; i++)
		if (dnp3_functions[i].code == code && dnp3_functions[i].sub == sub)
			return &dnp3_functions[i];
	return NULL;
}

void
dnp3_know_function(struct dnp3_read *r, uint16_t sub)
{
	if (r->m->has_function)
		return;
	r->m->function = dnp3_function(r->work->function, sub);
	r->m->has_function = true;
}
