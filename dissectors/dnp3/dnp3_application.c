/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, application layer (IEEE 1815 clause 4): the header of a fragment.
 *
 * Requests and unsolicited responses are one fragment; a response may be several, which carry on
 * the sequence.
 */
#include "dnp3_application.h"
#include "dnp3_functions.h"
#include "dnp3_objects.h"
#include "dnp3_pairs.h"
#include "dnp3_selects.h"

enum {
	CONTROL_FIR = 0x80,
	CONTROL_FIN = 0x40,
	CONTROL_CON = 0x20,
	CONTROL_UNS = 0x10,
	SEQUENCE_MASK = 0x0f
};
enum { SEQUENCE_NOBODY = 0x10 }; /* behind the last sequence number */
enum { IIN2_ERRORS = 0x17 };     /* function, object, parameter, already executing */

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

/* Confirmations of unsolicited responses and challenges to them carry their flag and sequence. */
static bool
may_be_of_unsolicited(uint8_t function)
{
	return function == FC_CONFIRM || function == FC_AUTHENTICATE ||
	    function == FC_AUTHENTICATE_NR;
}

/* Unsolicited responses have sequences of their own. */
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
		demand(a,
		    r->work->cut || r->least == 4 ||
			cursor_left(a) >= 2u + dnp3_shapes[function].least,
		    REASON_LENGTH_MISMATCH);
}

/* Either nothing but the header or at least the shortest object header behind it. */
static bool
has_length(const struct dnp3_read *r, const struct cursor *a, uint32_t header, uint32_t least)
{
	return r->work->cut || r->least == header || cursor_left(a) >= header + least;
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
	demand(a, has_length(r, a, 2, DNP3_LEAST_POINTS), REASON_LENGTH_MISMATCH);
	control = cursor_u8(a, "application control");
	if (!cursor_ok(a))
		return;
	note_control(w, control);
	m->transaction = w->sequence;
	demand(a,
	    (control & (CONTROL_FIR | CONTROL_FIN | CONTROL_CON)) == (CONTROL_FIR | CONTROL_FIN),
	    REASON_APPLICATION_CONTROL);
	if (control & CONTROL_UNS)
		demand(a, r->least == 2 || cursor_left(a) > dnp3_shapes[FC_AUTHENTICATE].least,
		    REASON_APPLICATION_CONTROL);
	read_function(r, a);
	if (!cursor_ok(a))
		return;
	if (control & CONTROL_UNS)
		demand(a, may_be_of_unsolicited(w->function), REASON_APPLICATION_CONTROL);
	m->token = token(w, control & (CONTROL_UNS | SEQUENCE_MASK));
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

/*
 * The sequence of the request that is answered.  Who carries on what has not begun answers a number
 * that no request has.
 */
static uint8_t
response_origin(const struct dnp3_read *r, bool first)
{
	const struct dnp3_pair *pair = dnp3_pair(r);

	if (first)
		return r->work->sequence;
	if (pair != NULL && pair->more && pair->more_next == r->work->sequence)
		return pair->more_origin;
	return SEQUENCE_NOBODY;
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
	demand(a, has_length(r, a, 4, DNP3_LEAST_DATA), REASON_LENGTH_MISMATCH);
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
		m->token = token(w, response_origin(r, first));
		m->more = !w->app_final;
		if (!w->app_final)
			dnp3_want_pair(r, a);
	}
	read_function(r, a);
	if (cursor_ok(a) && w->function == FC_AUTHENTICATE_RESPONSE) {
		demand(a, first && w->app_final, REASON_APPLICATION_CONTROL);
		/* it answers a challenge, of an unsolicited response too */
		m->kind = MESSAGE_RESPONSE;
		m->token = token(w, control & (CONTROL_UNS | SEQUENCE_MASK));
	} else if (cursor_ok(a)) {
		demand(
		    a, unsolicited == (w->function == FC_UNSOLICITED), REASON_APPLICATION_CONTROL);
	}
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

void
dnp3_keep_response(struct dnp3_pair *pair, const struct dnp3_work *w)
{
	if (w->function != FC_RESPONSE)
		return;
	if (w->app_first)
		pair->more_origin = w->sequence;
	pair->more = !w->app_final;
	pair->more_next = (w->sequence + 1) & 0x0f;
}
