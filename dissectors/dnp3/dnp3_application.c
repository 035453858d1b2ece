/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, application layer (IEEE 1815 clause 4): the header of a fragment, and the functions.
 *
 * Requests and unsolicited responses are one fragment; a response may be several, which carry on
 * the sequence.
 */
#include "dnp3.h"

enum { CONTROL_FIR = 0x80, CONTROL_FIN = 0x40, CONTROL_CON = 0x20, CONTROL_UNS = 0x10 };
enum { IIN2_ERRORS = 0x17 }; /* function, object, parameter, already executing */

/* Bytes of the shortest header that tells points, and of the shortest with an object behind it. */
enum { LEAST_POINTS = 3, LEAST_DATA = 5 };

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
#define FUNCTION_LIST(X)                                                              \
	X(0, "confirm", SESSION, CLIENT, NOTHING, NO_TAKES(0))                        \
	X(1, "read", READ, CLIENT, HEADERS, NO_TAKES(LEAST_POINTS))                   \
	X(2, "write", WRITE, CLIENT, DATA, NO_TAKES(LEAST_DATA))                      \
	X(3, "select", CONTROL, CLIENT, DATA, CONTROLS)                               \
	X(4, "operate", CONTROL, CLIENT, DATA, CONTROLS)                              \
	X(5, "direct-operate", CONTROL, CLIENT, DATA, CONTROLS)                       \
	X(6, "direct-operate-nr", CONTROL, CLIENT, DATA, CONTROLS)                    \
	X(7, "immediate-freeze", WRITE, CLIENT, HEADERS, FREEZES)                     \
	X(8, "immediate-freeze-nr", WRITE, CLIENT, HEADERS, FREEZES)                  \
	X(9, "freeze-clear", WRITE, CLIENT, HEADERS, FREEZES)                         \
	X(10, "freeze-clear-nr", WRITE, CLIENT, HEADERS, FREEZES)                     \
	X(11, "freeze-at-time", WRITE, CLIENT, HEADERS, FREEZES_AT)                   \
	X(12, "freeze-at-time-nr", WRITE, CLIENT, HEADERS, FREEZES_AT)                \
	X(13, "cold-restart", CONTROL, CLIENT, HEADERS, ALONE)                        \
	X(14, "warm-restart", CONTROL, CLIENT, HEADERS, ALONE)                        \
	X(15, "initialize-data", PROGRAM, CLIENT, HEADERS, NO_TAKES(LEAST_POINTS))    \
	X(16, "initialize-application", CONTROL, CLIENT, HEADERS, APPLICATIONS)       \
	X(17, "start-application", CONTROL, CLIENT, HEADERS, APPLICATIONS)            \
	X(18, "stop-application", CONTROL, CLIENT, HEADERS, APPLICATIONS)             \
	X(19, "save-configuration", PROGRAM, CLIENT, HEADERS, NO_TAKES(LEAST_POINTS)) \
	X(20, "enable-unsolicited", WRITE, CLIENT, HEADERS, CLASSES)                  \
	X(21, "disable-unsolicited", WRITE, CLIENT, HEADERS, CLASSES)                 \
	X(22, "assign-class", WRITE, CLIENT, HEADERS, NO_TAKES(LEAST_POINTS))         \
	X(23, "delay-measurement", DIAGNOSE, CLIENT, HEADERS, ALONE)                  \
	X(24, "record-current-time", WRITE, CLIENT, HEADERS, ALONE)                   \
	X(25, "open-file", FILE, CLIENT, DATA, FILES(3, 13))                          \
	X(26, "close-file", FILE, CLIENT, DATA, FILES(4, 13))                         \
	X(27, "delete-file", FILE, CLIENT, DATA, FILES(3, 13))                        \
	X(28, "get-file-information", FILE, CLIENT, DATA, FILES(7, 13))               \
	X(29, "authenticate-file", FILE, CLIENT, DATA, FILES(2, 13))                  \
	X(30, "abort-file", FILE, CLIENT, DATA, FILES(4, 13))                         \
	X(31, "activate-configuration", PROGRAM, CLIENT, DATA, FILES(8, 6))           \
	X(32, "authenticate-request", SESSION, CLIENT, DATA, SECURITY)                \
	X(33, "authenticate-request-nr", SESSION, CLIENT, DATA, SECURITY)             \
	X(129, "response", SESSION, SERVER, RESPONSE, NO_TAKES(LEAST_DATA))           \
	X(130, "unsolicited-response", READ, SERVER, RESPONSE, NO_TAKES(LEAST_DATA))  \
	X(131, "authenticate-response", SESSION, SERVER, RESPONSE, SECURITY)

const struct dnp3_shape dnp3_shapes[FC_COUNT] = {
#define X(code, name, access, side, form, ...) [code] = {true, FORM_##form, __VA_ARGS__},
    FUNCTION_LIST(X)
#undef X
};

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
 * files, the variations that change users and their keys, an OPERATE that no SELECT stands behind.
 * Frames of the link layer have the numbers 256 + PRM + function.
 */
const struct function dnp3_functions[DNP3_FUNCTION_COUNT] = {
#define X(code, name, access, side, form, ...) \
	{code, FUNCTION_NO_SUB, name, ACCESS_##access, "4", SIDE_##side},
    FUNCTION_LIST(X)
#undef X
	{FC_READ, 70, "read-file", ACCESS_FILE, "4", SIDE_CLIENT},
    {FC_WRITE, 70, "write-file", ACCESS_FILE, "4", SIDE_CLIENT},
    {FC_OPERATE, 0, "operate-without-select", ACCESS_NONE, "4", SIDE_CLIENT},
    {FC_AUTHENTICATE, 120, "change-user", ACCESS_PROGRAM, "7", SIDE_CLIENT},
    {FC_AUTHENTICATE_NR, 120, "change-user-nr", ACCESS_PROGRAM, "7", SIDE_CLIENT},
    {0x100, FUNCTION_NO_SUB, "link-ack", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x101, FUNCTION_NO_SUB, "link-nack", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x10b, FUNCTION_NO_SUB, "link-status", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x10f, FUNCTION_NO_SUB, "link-not-supported", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x140, FUNCTION_NO_SUB, "reset-link-states", ACCESS_CONTROL, "9", SIDE_BOTH},
    {0x142, FUNCTION_NO_SUB, "test-link-states", ACCESS_DIAGNOSE, "9", SIDE_BOTH},
    {0x143, FUNCTION_NO_SUB, "link-repeat", ACCESS_SESSION, "9", SIDE_BOTH},
    {0x149, FUNCTION_NO_SUB, "request-link-status", ACCESS_SESSION, "9", SIDE_BOTH},
};

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

/* From here on the function is settled. */
void
dnp3_know_function(struct dnp3_read *r, uint16_t sub)
{
	if (r->m->has_function)
		return;
	r->m->function = dnp3_function(r->work->function, sub);
	r->m->has_function = true;
}

/* Functions whose row depends on what comes behind. */
static bool
is_open_question(const struct dnp3_read *r)
{
	bool same;

	switch (r->work->function) {
	case FC_READ:
	case FC_WRITE:
	case FC_AUTHENTICATE:
	case FC_AUTHENTICATE_NR:
		return true;
	case FC_OPERATE:
		return dnp3_selected(r, &same);
	default:
		return false;
	}
}

static bool
is_unanswered(uint8_t function)
{
	switch (function) {
	case FC_CONFIRM:
	case FC_DIRECT_OPERATE_NR:
	case FC_FREEZE_NR:
	case FC_FREEZE_CLEAR_NR:
	case FC_FREEZE_AT_TIME_NR:
	case FC_AUTHENTICATE_NR:
		return true;
	default:
		return false;
	}
}

/* Functions that mean all where they name nothing. */
static bool
may_mean_all(uint8_t function)
{
	return function >= FC_COLD_RESTART && function <= FC_SAVE_CONFIGURATION;
}

/* Functions that need no objects. */
static bool
may_be_bare(uint8_t function)
{
	return may_mean_all(function) || function == FC_DELAY_MEASUREMENT ||
	    function == FC_RECORD_TIME;
}

static uint64_t
token(const struct dnp3_work *w, uint8_t sequence)
{
	return UINT64_C(1) << 48 | (uint64_t)w->master << 32 | (uint64_t)w->outstation << 16 |
	    sequence;
}

static void
read_function(struct dnp3_read *r, struct cursor *a)
{
	struct dnp3_work *w = r->work;
	uint8_t function = cursor_u8(a, "function");
	bool response = function >= FC_RESPONSE;

	if (!cursor_ok(a))
		return;
	if (function >= FC_COUNT || !dnp3_shapes[function].known) {
		r->m->function_code = function;
		r->m->has_function = true;
		cursor_fail(a, REASON_FUNCTION_UNKNOWN);
		return;
	}
	r->m->function_code = w->function = function;
	demand(a, response == (r->direction == DIRECTION_RESPONSE), REASON_FUNCTION_DIRECTION);
	if (!cursor_ok(a)) {
		dnp3_know_function(r, FUNCTION_NO_SUB);
		return;
	}
	if (!is_open_question(r))
		dnp3_know_function(r, function == FC_OPERATE ? 0 : FUNCTION_NO_SUB);
	if (dnp3_shapes[function].form == FORM_NOTHING)
		demand(a, r->least == 2, REASON_TRAILING_BYTES);
	else if (!response)
		demand(a,
		    cursor_left(a) >= dnp3_shapes[function].least ||
			(may_be_bare(function) && r->least == 2),
		    REASON_LENGTH_MISMATCH);
	else
		demand(a, r->least == 4 || cursor_left(a) >= 2u + dnp3_shapes[function].least,
		    REASON_LENGTH_MISMATCH);
}

/* Either nothing but the header or at least the shortest object header behind it. */
static bool
has_length(const struct dnp3_read *r, const struct cursor *a, uint32_t header, uint32_t least)
{
	return r->least == header || cursor_left(a) >= header + least;
}

static void
note_control(struct dnp3_work *w, uint8_t control)
{
	w->application_control = control;
	w->application_known = true;
	w->sequence = control & 0x0f;
}

static void
read_request(struct dnp3_read *r, struct cursor *a)
{
	struct dnp3_work *w = r->work;
	struct message *m = r->m;
	uint8_t control;

	m->kind = MESSAGE_REQUEST;
	demand(a, has_length(r, a, 2, LEAST_POINTS), REASON_LENGTH_MISMATCH);
	control = cursor_u8(a, "application control");
	if (!cursor_ok(a))
		return;
	note_control(w, control);
	m->transaction = w->sequence;
	demand(a,
	    (control & (CONTROL_FIR | CONTROL_FIN | CONTROL_CON)) == (CONTROL_FIR | CONTROL_FIN),
	    REASON_APPLICATION_CONTROL);
	/* only the confirmation of an unsolicited response speaks of one */
	if (control & CONTROL_UNS)
		demand(a, r->least == 2, REASON_APPLICATION_CONTROL);
	read_function(r, a);
	if (!cursor_ok(a))
		return;
	if (control & CONTROL_UNS)
		demand(a, w->function == FC_CONFIRM, REASON_APPLICATION_CONTROL);
	m->token = token(w, w->sequence);
	m->no_response = is_unanswered(w->function) || m->unit_named;
	if (w->function == FC_CONFIRM)
		demand(a, !m->unit_named, REASON_LINK_ADDRESS);
	if (w->function == FC_SELECT) {
		demand(a, r->least <= DNP3_FRAGMENT_NORMAL, REASON_FRAGMENT_TOO_LONG);
		dnp3_want_select(r, a);
	}
	dnp3_read_objects(r, a);
	/* a rule that limits points can't mean what stops or restarts everything */
	m->opaque = cursor_ok(a) && may_mean_all(w->function) && m->span_count == 0;
}

/* Does the response carry on one that began in an earlier fragment?  The request's sequence then.
 */
static uint8_t
response_origin(struct dnp3_read *r, struct cursor *a, bool first)
{
	const struct dnp3_pair *pair = dnp3_pair(r);
	bool more = pair != NULL && pair->more;

	if (first)
		return r->work->sequence;
	demand(a, more && pair->more_next == r->work->sequence, REASON_RESPONSE_UNMATCHED);
	return more ? pair->more_origin : 0;
}

static void
read_indications(struct dnp3_read *r, struct cursor *a)
{
	struct message *m = r->m;
	uint8_t errors;

	r->work->iin[0] = cursor_u8(a, "internal indications 1");
	r->work->iin[1] = cursor_u8(a, "internal indications 2");
	r->work->indications_known = cursor_ok(a);
	errors = r->work->iin[1] & IIN2_ERRORS;
	if (!cursor_ok(a) || errors == 0 || m->kind != MESSAGE_RESPONSE)
		return;
	m->kind = MESSAGE_EXCEPTION;
	m->exception = errors & -errors;
	m->has_exception = true;
}

static void
read_response(struct dnp3_read *r, struct cursor *a)
{
	struct dnp3_work *w = r->work;
	struct message *m = r->m;
	bool first, unsolicited;
	uint8_t control;

	m->kind = MESSAGE_RESPONSE;
	demand(a, has_length(r, a, 4, LEAST_DATA), REASON_LENGTH_MISMATCH);
	control = cursor_u8(a, "application control");
	if (!cursor_ok(a))
		return;
	first = control & CONTROL_FIR;
	unsolicited = control & CONTROL_UNS;
	w->app_first = first;
	w->app_final = control & CONTROL_FIN;
	note_control(w, control);
	m->transaction = w->sequence;
	if (unsolicited) {
		demand(a, first && w->app_final, REASON_APPLICATION_CONTROL);
		m->kind = MESSAGE_UNSOLICITED;
	} else {
		m->token = token(w, response_origin(r, a, first));
		m->more = !w->app_final;
		if (!w->app_final)
			dnp3_want_pair(r, a);
	}
	read_function(r, a);
	if (cursor_ok(a))
		demand(a,
		    unsolicited == (w->function == FC_UNSOLICITED) &&
			(w->function != FC_AUTHENTICATE_RESPONSE || (first && w->app_final)),
		    REASON_APPLICATION_CONTROL);
	read_indications(r, a);
	dnp3_read_objects(r, a);
}

void
dnp3_read_fragment(struct dnp3_read *r, struct cursor *a)
{
	bool same = false;

	if (r->direction == DIRECTION_REQUEST)
		read_request(r, a);
	else
		read_response(r, a);
	if (r->work->function == FC_OPERATE && r->work->final && cursor_ok(a) &&
	    !r->m->has_function)
		dnp3_know_function(r, dnp3_selected(r, &same) && same ? FUNCTION_NO_SUB : 0);
}
