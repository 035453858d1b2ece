/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the header of a message: which kinds, with which lengths, may come from this side now.
 *
 * A prefix of a header is refused as soon as no message goes on from it.  What stands behind it is
 * read elsewhere.
 */
#include "s7comm_head.h"
#include "s7comm_job.h"
#include "s7comm_userdata.h"

enum { PROTOCOL_ID = 0x32 };

uint32_t
s7_header_size(uint8_t rosctr)
{
	return rosctr == ROSCTR_ACK || rosctr == ROSCTR_ACK_DATA ? S7_HEADER_LONG : S7_HEADER_SHORT;
}

/* May a message of this kind, from this side, have these lengths? */
static bool
lengths_fit(
    const struct s7_head *head, uint8_t rosctr, uint32_t parameters, uint32_t lo, uint32_t hi)
{
	if (lo > hi)
		return false;
	if (head->unset && (rosctr == ROSCTR_JOB || rosctr == ROSCTR_USERDATA))
		return head->request && rosctr == ROSCTR_JOB && parameters == S7_SETUP_SIZE &&
		    lo == 0;
	switch (rosctr) {
	case ROSCTR_JOB:
		return s7_job_fits(head->request, parameters, lo, hi);
	case ROSCTR_USERDATA:
		return s7_userdata_fits(head->request, parameters, lo, hi);
	case ROSCTR_ACK:
		return !head->request;
	case ROSCTR_ACK_DATA: /* with an error it may have any */
		return true;
	default:
		return false;
	}
}

/* May this side send this kind of message now? */
static enum reason
judge_rosctr(const struct s7_reader *r, uint8_t rosctr)
{
	switch (rosctr) {
	case ROSCTR_JOB:
		return r->head->unset && !r->head->request ? REASON_SESSION_MISSING
							   : REASON_UNDECIDED;
	case ROSCTR_USERDATA:
		return r->head->unset ? REASON_SESSION_MISSING : REASON_UNDECIDED;
	case ROSCTR_ACK:
		return r->head->request ? REASON_FUNCTION_DIRECTION : REASON_UNDECIDED;
	case ROSCTR_ACK_DATA:
		if (!r->head->request)
			return REASON_UNDECIDED;
		for (unsigned i = 0; i < S7_SERVER_JOBS; i++)
			if (r->state->jobs[i].function != 0)
				return REASON_UNDECIDED;
		return REASON_RESPONSE_UNMATCHED;
	default:
		return REASON_FUNCTION_UNKNOWN;
	}
}

/* Bounds of a number of two bytes from `at` on, of which `known` bytes of all are here. */
static void
number_bounds(const uint8_t *bytes, uint32_t at, uint32_t known, uint32_t *ret_lo, uint32_t *ret_hi)
{
	uint32_t upper = known > at ? bytes[at] : 0, lower = known > at + 1 ? bytes[at + 1] : 0;

	*ret_lo = upper << 8 | lower;
	*ret_hi = known > at + 1 ? *ret_lo : known > at ? upper << 8 | 0xff : UINT16_MAX;
}

/* More parameters than these no message of this kind has; it saves looking at each length. */
static uint32_t
parameters_most(const struct s7_head *head, uint8_t rosctr)
{
	if (rosctr == ROSCTR_USERDATA)
		return S7_USERDATA_PARAMETERS;
	return rosctr == ROSCTR_JOB && !head->request ? S7_SERVER_JOB_PARAMETERS : UINT16_MAX;
}

/* Is there a message of this kind whose header begins like this? */
static bool
kind_possible(const struct s7_head *head, uint8_t rosctr, const uint8_t *bytes, uint32_t known)
{
	uint32_t size = s7_header_size(rosctr), first, last, data_first, data_last;

	number_bounds(bytes, 6, known, &first, &last);
	number_bounds(bytes, 8, known, &data_first, &data_last);
	if (last > parameters_most(head, rosctr))
		last = parameters_most(head, rosctr);
	for (uint32_t p = first; p <= last && p + size <= head->max; p++) {
		uint32_t lo = head->min > p + size ? head->min - p - size : 0;
		uint32_t hi = head->max - p - size;

		lo = lo > data_first ? lo : data_first;
		hi = hi < data_last ? hi : data_last;
		if (lengths_fit(head, rosctr, p, lo, hi))
			return true;
	}
	return false;
}

bool
s7_header_possible(const struct s7_reader *r, const uint8_t *bytes, uint32_t known)
{
	static const uint8_t all[] = {ROSCTR_JOB, ROSCTR_ACK, ROSCTR_ACK_DATA, ROSCTR_USERDATA};

	for (unsigned i = 0; i < sizeof(all); i++)
		if ((known < 2 || bytes[1] == all[i]) && r->head->max >= s7_header_size(all[i]) &&
		    judge_rosctr(r, all[i]) == REASON_UNDECIDED &&
		    kind_possible(r->head, all[i], bytes, known))
			return true;
	return false;
}

/* A prefix of a header must have a continuation. */
static void
check_header_prefix(const struct s7_reader *r)
{
	const struct s7_head *head = r->head;
	struct cursor *c = r->c, peek = cursor_peek(c);
	uint8_t bytes[S7_HEADER_SHORT] = {0};
	uint32_t known = 0;

	if (cursor_here(c) >= S7_HEADER_SHORT)
		return;
	while (cursor_here(&peek) > 0)
		bytes[known++] = cursor_u8(&peek, "");
	demand(c, s7_header_possible(r, bytes, known),
	    head->unset ? REASON_SESSION_MISSING : REASON_LENGTH_MISMATCH);
}

/* The client answers only jobs that the server gave it. */
static void
check_reference(const struct s7_reader *r)
{
	struct cursor peek = cursor_peek(r->c);
	uint8_t upper, lower;
	bool one, both, found = false;

	if (r->head->rosctr != ROSCTR_ACK_DATA || !r->head->request)
		return;
	upper = cursor_u8(&peek, "");
	one = cursor_ok(&peek);
	lower = cursor_u8(&peek, "");
	both = cursor_ok(&peek);
	for (unsigned i = 0; i < S7_SERVER_JOBS; i++) {
		const struct s7_job *job = &r->state->jobs[i];

		found |= job->function != 0 && job->reference >> 8 == upper &&
		    (!both || (job->reference & 0xff) == lower);
	}
	demand(r->c, found || !one, REASON_RESPONSE_UNMATCHED);
}

void
s7_read_head(struct s7_reader *r)
{
	struct s7_head *head = r->head;
	struct cursor *c = r->c;
	uint32_t lo, hi, size;
	enum reason reason;

	cursor_expect_u8(c, PROTOCOL_ID, PROTOCOL_ID, REASON_PROTOCOL_ID);
	check_header_prefix(r);
	cursor_u8(c, "protocol");
	head->rosctr = cursor_u8(c, "rosctr");
	if (!cursor_ok(c))
		return;
	reason = judge_rosctr(r, head->rosctr);
	demand(c, reason == REASON_UNDECIDED, reason);
	size = s7_header_size(head->rosctr);
	demand(c, head->max >= size, REASON_LENGTH_MISMATCH);
	cursor_expect_be16(c, 0, 0, REASON_VALUE_INVALID);
	cursor_be16(c, "redundancy");
	check_reference(r);
	head->reference = cursor_be16(c, "pdu reference");
	cursor_expect_be16(c, 0, head->max - size, REASON_LENGTH_MISMATCH);
	head->parameters = cursor_be16(c, "parameter length");
	if (!cursor_ok(c))
		return;
	size += head->parameters;
	lo = head->min > size ? head->min - size : 0;
	hi = head->max - size;
	cursor_expect_be16(c, lo, hi, REASON_LENGTH_MISMATCH);
	head->data = cursor_be16(c, "data length");
	if (!cursor_ok(c))
		return;
	demand(c, lengths_fit(head, head->rosctr, head->parameters, head->data, head->data),
	    head->unset ? REASON_SESSION_MISSING : REASON_LENGTH_MISMATCH);
}
