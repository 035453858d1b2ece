/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the protocol of S7-300 and S7-400 controllers, and of S7-1200 and S7-1500 where they
 * permit it (PUT/GET), over COTP.
 *
 * The catalogue of functions, the header, and the memory of a connection: what was agreed on, and
 * pieces of messages.  Jobs are read in s7comm_job.c, s7comm_item.c and s7comm_pi.c, user data in
 * s7comm_userdata.c, text forms in s7comm_forms.c.  Not here: S7comm-plus.
 */
#include "s7comm.h"

#include <string.h>

enum {
	PROTOCOL_ID = 0x32,
	HEADER_SHORT = 10,
	HEADER_LONG = 12,
	PDU_MIN = 112,
	PDU_NORMAL = 960,
	SETUP_SIZE = 8,
	PIECES_MAX = 64,
	EMPTIES_MAX = 32,
	EVERY_LENGTH = 22, /* from this one on some user data or acknowledgement has it */
};

#define ROW(code, sub, name, access, note, side)                    \
	{                                                           \
		code, sub, name, ACCESS_##access, note, SIDE_##side \
	}
#define JOB(code, name, access) ROW(code, FUNCTION_NO_SUB, name, access, "job", BOTH)
#define PI(sub, name, access, service) ROW(S7_PI_SERVICE, sub, name, access, service, CLIENT)
#define USER(group, sub, name, access, side) \
	ROW(S7_USERDATA | (group), sub, name, access, "user data", side)

/* The two that matter for speed come first. */
static const struct function functions[] = {
    JOB(S7_READ_VAR, "read-var", READ),
    JOB(S7_WRITE_VAR, "write-var", WRITE),
    JOB(S7_SETUP, "setup-communication", SESSION),
    COTP_FUNCTIONS,
    JOB(S7_REQUEST_DOWNLOAD, "request-download", PROGRAM),
    JOB(S7_DOWNLOAD_BLOCK, "download-block", PROGRAM),
    JOB(S7_DOWNLOAD_ENDED, "download-ended", PROGRAM),
    JOB(S7_START_UPLOAD, "start-upload", PROGRAM),
    JOB(S7_UPLOAD, "upload", PROGRAM),
    JOB(S7_END_UPLOAD, "end-upload", PROGRAM),
    JOB(S7_PLC_STOP, "plc-stop", CONTROL),
    ROW(S7_PI_SERVICE, FUNCTION_NO_SUB, "pi-service", CONTROL, "answers to all PI", SERVER),
    PI(0, "plc-start", CONTROL, "P_PROGRAM"),
    PI(1, "plc-cold-start", CONTROL, "P_PROGRAM C"),
    PI(2, "insert-block", PROGRAM, "_INSE"),
    PI(3, "insert-block-2", PROGRAM, "_INS2"),
    PI(4, "delete-block", PROGRAM, "_DELE"),
    PI(5, "copy-ram-to-rom", PROGRAM, "_MODU"),
    PI(6, "compress-memory", PROGRAM, "_GARB"),
    USER(0, 0, "mode-stop", DIAGNOSE, SERVER),
    USER(0, 1, "mode-warm-restart", DIAGNOSE, SERVER),
    USER(0, 2, "mode-run", DIAGNOSE, SERVER),
    USER(0, 3, "mode-hot-restart", DIAGNOSE, SERVER),
    USER(0, 4, "mode-hold", DIAGNOSE, SERVER),
    USER(0, 6, "mode-cold-restart", DIAGNOSE, SERVER),
    USER(0, 9, "mode-run-redundant", DIAGNOSE, SERVER),
    USER(0, 11, "mode-link-up", DIAGNOSE, SERVER),
    USER(0, 12, "mode-update", DIAGNOSE, SERVER),
    USER(1, 1, "block-status", DIAGNOSE, BOTH),
    USER(1, 2, "variable-status", READ, BOTH),
    USER(1, 3, "output-istack", DIAGNOSE, BOTH),
    USER(1, 4, "output-bstack", DIAGNOSE, BOTH),
    USER(1, 5, "output-lstack", DIAGNOSE, BOTH),
    USER(1, 6, "time-measurement", DIAGNOSE, BOTH),
    USER(1, 7, "force-selection", CONTROL, BOTH),
    USER(1, 8, "modify-variable", WRITE, BOTH),
    USER(1, 9, "force", CONTROL, BOTH),
    USER(1, 10, "breakpoint", CONTROL, BOTH),
    USER(1, 11, "exit-hold", CONTROL, BOTH),
    USER(1, 12, "memory-reset", PROGRAM, BOTH),
    USER(1, 13, "disable-job", CONTROL, BOTH),
    USER(1, 14, "enable-job", CONTROL, BOTH),
    USER(1, 15, "delete-job", CONTROL, BOTH),
    USER(1, 16, "read-job-list", DIAGNOSE, BOTH),
    USER(1, 17, "read-job", DIAGNOSE, BOTH),
    USER(1, 18, "replace-job", CONTROL, BOTH),
    USER(1, 19, "block-status-2", DIAGNOSE, BOTH),
    USER(1, 22, "flash-led", CONTROL, BOTH),
    USER(2, 1, "cyclic-transfer", READ, BOTH),
    USER(2, 4, "unsubscribe", READ, BOTH),
    USER(2, 5, "change-driven-transfer", READ, BOTH),
    USER(2, 7, "change-driven-modify", READ, BOTH),
    USER(2, 8, "read-record", DIAGNOSE, BOTH),
    USER(3, 1, "list-blocks", DIAGNOSE, BOTH),
    USER(3, 2, "list-blocks-of-type", DIAGNOSE, BOTH),
    USER(3, 3, "get-block-info", DIAGNOSE, BOTH),
    USER(4, 1, "read-szl", DIAGNOSE, BOTH),
    USER(4, 2, "message-service", DIAGNOSE, BOTH),
    USER(4, 3, "diagnostic-message", DIAGNOSE, SERVER),
    USER(4, 5, "alarm-8-indication", DIAGNOSE, SERVER),
    USER(4, 6, "notify-indication", DIAGNOSE, SERVER),
    USER(4, 7, "alarm-8-lock", CONTROL, BOTH),
    USER(4, 8, "alarm-8-unlock", CONTROL, BOTH),
    USER(4, 9, "scan-indication", DIAGNOSE, SERVER),
    USER(4, 11, "alarm-acknowledge", CONTROL, BOTH),
    USER(4, 12, "alarm-acknowledge-indication", DIAGNOSE, SERVER),
    USER(4, 13, "alarm-lock-indication", DIAGNOSE, SERVER),
    USER(4, 14, "alarm-unlock-indication", DIAGNOSE, SERVER),
    USER(4, 17, "alarm-sq-indication", DIAGNOSE, SERVER),
    USER(4, 18, "alarm-s-indication", DIAGNOSE, SERVER),
    USER(4, 19, "alarm-query", DIAGNOSE, BOTH),
    USER(4, 22, "notify-8-indication", DIAGNOSE, SERVER),
    USER(5, 1, "enter-password", PROGRAM, BOTH),
    USER(5, 2, "cancel-password", PROGRAM, BOTH),
    USER(6, FUNCTION_NO_SUB, "block-send", WRITE, BOTH),
    USER(7, 1, "read-clock", DIAGNOSE, BOTH),
    USER(7, 2, "set-clock", CONTROL, BOTH),
    USER(7, 3, "read-clock-following", DIAGNOSE, BOTH),
    USER(7, 4, "set-clock-following", CONTROL, BOTH),
    USER(15, 1, "nc-request-download", PROGRAM, BOTH),
    USER(15, 2, "nc-download-block", PROGRAM, BOTH),
    USER(15, 3, "nc-continue-download", PROGRAM, BOTH),
    USER(15, 4, "nc-download-ended", PROGRAM, BOTH),
    USER(15, 6, "nc-start-upload", PROGRAM, BOTH),
    USER(15, 7, "nc-upload", PROGRAM, BOTH),
    USER(15, 8, "nc-continue-upload", PROGRAM, BOTH),
};

enum { FUNCTION_COUNT = sizeof(functions) / sizeof(functions[0]) };

static const struct setting settings[] = {
    [SETTING_PDU_MAX] = {"pdu_max", PDU_MIN, COTP_DATA_MAX, PDU_NORMAL},
    [SETTING_PIECES_MAX] = {"pieces_max", 1, PIECES_MAX, 1},
};

/* Error classes of acknowledgements; user data have them in the upper byte of their error code. */
static const char *
s7_exception_word(uint8_t code)
{
	static const char *const words[] = {
	    [0x81] = "application-relationship",
	    [0x82] = "object-definition",
	    [0x83] = "no-resources",
	    [0x84] = "service-processing",
	    [0x85] = "supplies",
	    [0x87] = "access-error",
	    [0xd0] = "test-function",
	    [0xd2] = "block-function",
	    [0xd4] = "information-function",
	    [0xd6] = "protection",
	};

	return code < sizeof(words) / sizeof(words[0]) ? words[code] : NULL;
}

void
s7_constant(struct cursor *c, const char *bytes, uint32_t length, const char *field)
{
	struct cursor peek = cursor_peek(c);

	for (uint32_t i = 0; i < length; i++) {
		cursor_expect_u8(&peek, (uint8_t)bytes[i], (uint8_t)bytes[i], REASON_VALUE_INVALID);
		cursor_u8(&peek, "");
	}
	if (peek.state == CURSOR_FAILED)
		cursor_fail(c, REASON_VALUE_INVALID);
	cursor_bytes(c, length, field);
}

static uint32_t
header_size(uint8_t rosctr)
{
	return rosctr == ROSCTR_ACK || rosctr == ROSCTR_ACK_DATA ? HEADER_LONG : HEADER_SHORT;
}

/* May a message of this kind, from this side, have these lengths? */
static bool
lengths_fit(
    const struct s7_head *head, uint8_t rosctr, uint32_t parameters, uint32_t lo, uint32_t hi)
{
	if (lo > hi)
		return false;
	if (head->unset && (rosctr == ROSCTR_JOB || rosctr == ROSCTR_USERDATA))
		return head->request && rosctr == ROSCTR_JOB && parameters == SETUP_SIZE && lo == 0;
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
	uint32_t size = header_size(rosctr), first, last, data_first, data_last;

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

/* Is there a message whose header begins like this?  `known` bytes of it are here. */
static bool
header_possible(const struct s7_reader *r, const uint8_t *bytes, uint32_t known)
{
	static const uint8_t all[] = {ROSCTR_JOB, ROSCTR_ACK, ROSCTR_ACK_DATA, ROSCTR_USERDATA};

	for (unsigned i = 0; i < sizeof(all); i++)
		if ((known < 2 || bytes[1] == all[i]) && r->head->max >= header_size(all[i]) &&
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
	uint8_t bytes[HEADER_SHORT] = {0};
	uint32_t known = 0;

	if (cursor_here(c) >= HEADER_SHORT)
		return;
	while (cursor_here(&peek) > 0)
		bytes[known++] = cursor_u8(&peek, "");
	demand(c, header_possible(r, bytes, known),
	    head->unset ? REASON_SESSION_MISSING : REASON_LENGTH_MISMATCH);
}

static void
read_error(struct s7_reader *r)
{
	struct s7_head *head = r->head;
	struct cursor *c = r->c;
	struct cursor peek = cursor_peek(c);
	uint8_t class = cursor_u8(&peek, "");

	if (cursor_ok(&peek) && class == 0)
		demand(c, s7_ack_fits(r), REASON_LENGTH_MISMATCH);
	class = cursor_u8(c, "error class");
	if (class == 0)
		cursor_expect_u8(c, 0, 0, REASON_VALUE_INVALID);
	cursor_u8(c, "error code");
	head->error = class != 0;
	if (!cursor_ok(c) || !head->error)
		return;
	if (!head->request)
		r->m->kind = MESSAGE_EXCEPTION;
	r->m->exception = class;
	r->m->has_exception = true;
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

static void
read_head(struct s7_reader *r)
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
	size = header_size(head->rosctr);
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

/* A message, whole or the first pieces of it. */
static void
read_pdu(struct s7_reader *r)
{
	struct s7_head *head = r->head;

	read_head(r);
	if (!cursor_ok(r->c))
		return;
	/* every message declares its length; what the frame says is only more exact */
	cursor_limit(r->c,
	    r->c->offset + head->parameters + head->data +
		(header_size(head->rosctr) - HEADER_SHORT));
	r->m->transaction = head->reference;
	r->m->token = (uint64_t)(head->rosctr == ROSCTR_USERDATA ? 7 : 1) << 32 | head->reference;
	switch (head->rosctr) {
	case ROSCTR_JOB:
		r->m->kind = head->request ? MESSAGE_REQUEST : MESSAGE_UNSOLICITED;
		s7_read_job(r);
		break;
	case ROSCTR_USERDATA:
		s7_read_userdata(r);
		break;
	default:
		r->m->kind = head->request ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
		r->m->no_response = head->request;
		read_error(r);
		s7_read_ack(r);
		break;
	}
}

static void
read_data(struct s7_reader *r, enum direction direction, uint32_t limit)
{
	struct cotp_tpdu *tpdu = &r->scratch->tpdu;
	uint32_t waiting = r->state->cotp.waiting[direction];
	uint32_t whole = waiting + tpdu->added;
	struct cursor pieces, *outer = r->c;

	demand(r->c, whole + !tpdu->end <= limit, REASON_PDU_TOO_LONG);
	if (!cursor_ok(r->c))
		return;
	r->head->min = tpdu->end ? whole : whole + 1;
	r->head->max = tpdu->end ? whole : limit;
	r->m->kind = r->head->request ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	r->m->unfinished = !tpdu->end;
	if (tpdu->end && waiting == 0) {
		read_pdu(r);
		return;
	}
	/* an empty piece says nothing new; devices send it to keep the other end content */
	if (tpdu->added == 0 && !tpdu->end)
		return;
	pieces = cotp_pieces(r->c, &r->state->cotp, direction, tpdu->end, r->scratch->room);
	r->scratch->pieces = true;
	r->c = &pieces;
	read_pdu(r);
	cotp_pieces_end(outer, &pieces, tpdu->end);
	r->c = outer;
}

/*
 * The longest message that the next piece can belong to: what waits may tell its length already.
 * At most what was agreed on.
 */
static uint32_t
longest_message(struct s7_reader *r, enum direction direction, uint32_t limit)
{
	uint32_t waiting = r->state->cotp.waiting[direction];
	uint32_t known = waiting < HEADER_SHORT ? waiting : HEADER_SHORT, length = limit;

	if (waiting == 0)
		return r->head->unset && r->head->request ? HEADER_SHORT + SETUP_SIZE : limit;
	for (; length > waiting; length--) {
		r->head->min = r->head->max = length;
		if (header_possible(r, r->state->cotp.data[direction], known))
			break;
	}
	return length;
}

/* Can what waits and the last piece make up a message of this length? */
static bool
whole_possible(const void *reader, enum direction direction, uint32_t length)
{
	struct s7_reader r = *(const struct s7_reader *)reader;
	uint32_t waiting = r.state->cotp.waiting[direction];
	uint32_t known = waiting < HEADER_SHORT ? waiting : HEADER_SHORT;
	struct s7_head head = *r.head;

	if (waiting == 0 && length >= EVERY_LENGTH && !head.unset)
		return true;
	head.min = head.max = length;
	r.head = &head;
	return header_possible(&r, r.state->cotp.data[direction], known);
}

static void
s7_decode(
    struct cursor *c, enum direction direction, const struct context *context, struct message *m)
{
	struct s7_scratch *scratch = context->scratch;
	const struct s7_state *state = context->state;
	struct s7_reader r = {c, m, context, state, scratch, &scratch->head};
	struct cotp_demand demands = {
	    .called = CALLED_PLACE,
	    .reason = REASON_PDU_TOO_LONG,
	    .pieces_max = context_setting(m->dissector, context, SETTING_PIECES_MAX),
	    .empties_max = EMPTIES_MAX,
	    .whole_possible = whole_possible,
	    .reader = &r,
	};
	uint32_t limit;

	scratch->head = (struct s7_head){.request = direction == DIRECTION_REQUEST};
	scratch->pieces = false;
	scratch->pdu = 0;
	scratch->answer = 0;
	limit =
	    state->pdu != 0 ? state->pdu : context_setting(m->dissector, context, SETTING_PDU_MAX);
	scratch->head.unset = state->pdu == 0 && !context->middle;
	demands.data_max = longest_message(&r, direction, limit);
	if (demands.data_max < limit)
		demands.reason =
		    scratch->head.unset ? REASON_SESSION_MISSING : REASON_LENGTH_MISMATCH;
	if (cotp_read(c, direction, context, &state->cotp, &demands, m, &scratch->tpdu)) {
		cotp_unit(&state->cotp, context, m);
		read_data(&r, direction, limit);
	} else if (!m->has_unit) {
		cotp_unit(&state->cotp, context, m);
	}
}

static void
forget_job(struct s7_state *state, uint16_t reference)
{
	for (unsigned i = 0; i < S7_SERVER_JOBS; i++)
		if (state->jobs[i].reference == reference)
			state->jobs[i].function = 0;
}

static void
commit_job(struct s7_state *state, enum direction direction, const struct s7_head *head)
{
	if (head->rosctr == ROSCTR_JOB && direction == DIRECTION_RESPONSE) {
		forget_job(state, head->reference);
		state->jobs[state->job_next++ % S7_SERVER_JOBS] =
		    (struct s7_job){head->reference, head->function};
	} else if (head->rosctr == ROSCTR_ACK_DATA && direction == DIRECTION_REQUEST) {
		forget_job(state, head->reference);
	}
}

/* An older one with the same reference is behind it, where answer_fits() does not come. */
static void
commit_read(struct s7_state *state, const struct s7_head *head, uint16_t answer)
{
	state->reads[state->read_next++ % S7_READS] = (struct s7_read){head->reference, answer};
}

static void
s7_commit(
    void *memory, enum direction direction, const struct context *context, const struct message *m)
{
	const struct s7_scratch *scratch = context->scratch;
	struct s7_state *state = memory;

	cotp_commit(
	    &state->cotp, direction, &scratch->tpdu, scratch->pieces ? scratch->room : NULL);
	if (scratch->tpdu.type != TPDU_DT) {
		/* a new connection agrees on everything anew */
		state->pdu = 0;
		state->pdu_asked = 0;
		memset(state->jobs, 0, sizeof(state->jobs));
		return;
	}
	if (context->middle && state->pdu == 0)
		state->pdu = (uint16_t)context_setting(m->dissector, context, SETTING_PDU_MAX);
	if (m->unfinished)
		return;
	commit_job(state, direction, &scratch->head);
	if (scratch->answer != 0)
		commit_read(state, &scratch->head, scratch->answer);
	if (scratch->pdu != 0 && direction == DIRECTION_REQUEST)
		state->pdu_asked = scratch->pdu;
	else if (scratch->pdu != 0)
		state->pdu = scratch->pdu;
}

const struct dissector s7comm_dissector = {
    .name = "s7comm",
    .title = "S7comm",
    .port = 102,
    .tcp = true,
    .message_max = COTP_FRAME_MAX,
    .state_size = sizeof(struct s7_state),
    .scratch_size = sizeof(struct s7_scratch),
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .functions = functions,
    .function_count = FUNCTION_COUNT,
    /* its new mode is news for who may diagnose a controller, and for who may change it */
    .also = {S7_MODE_TRANSITION, ACCESS_CONTROL},
    .spaces = s7_spaces,
    .space_count = S7_SPACE_COUNT,
    .frame = cotp_frame,
    .decode = s7_decode,
    .commit = s7_commit,
    .parse_points = s7_parse_points,
    .print_points = s7_print_points,
    .parse_units = s7_parse_units,
    .print_units = s7_print_units,
    .unit_max = 255,
    .exception_word = s7_exception_word,
};
