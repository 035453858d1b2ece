/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the protocol of S7-300 and S7-400 controllers, and of S7-1200 and S7-1500 where they
 * permit it (PUT/GET), over COTP.
 *
 * The row of the dissector, and the memory of a connection: what was agreed on, and pieces of
 * messages.  The parts are read below: the header in s7comm_head.c, jobs in s7comm_job.c, with
 * s7comm_item.c and s7comm_pi.c, user data in s7comm_userdata.c.  Not here: S7comm-plus.
 */
#include <string.h>

#include "s7comm_download.h"
#include "s7comm_forms.h"
#include "s7comm_functions.h"
#include "s7comm_head.h"
#include "s7comm_job.h"
#include "s7comm_refuse.h"
#include "s7comm_space.h"
#include "s7comm_userdata.h"

enum {
	PDU_MIN = 112,
	PDU_NORMAL = 960,
	PIECES_MAX = 64,
	EMPTIES_MAX = 32,
	EVERY_LENGTH = 22, /* from this one on some user data or acknowledgement has it */
};

static const struct setting settings[] = {
    [SETTING_PDU_MAX] = {"pdu_max", PDU_MIN, COTP_DATA_MAX, PDU_NORMAL},
    [SETTING_PIECES_MAX] = {"pieces_max", 1, PIECES_MAX, 1},
};

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

/* A message, whole or the first pieces of it. */
static void
read_pdu(struct s7_reader *r)
{
	struct s7_head *head = r->head;

	s7_read_head(r);
	if (!cursor_ok(r->c))
		return;
	/* every message declares its length; what the frame says is only more exact */
	cursor_limit(r->c,
	    r->c->offset + head->parameters + head->data +
		(s7_header_size(head->rosctr) - S7_HEADER_SHORT));
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
		r->m->follows = head->request;
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
	uint32_t known = waiting < S7_HEADER_SHORT ? waiting : S7_HEADER_SHORT, length = limit;

	if (waiting == 0)
		return r->head->unset && r->head->request ? S7_HEADER_SHORT + S7_SETUP_SIZE : limit;
	for (; length > waiting; length--) {
		r->head->min = r->head->max = length;
		if (s7_header_possible(r, r->state->cotp.data[direction], known))
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
	uint32_t known = waiting < S7_HEADER_SHORT ? waiting : S7_HEADER_SHORT;
	struct s7_head head = *r.head;

	if (waiting == 0 && length >= EVERY_LENGTH && !head.unset)
		return true;
	head.min = head.max = length;
	r.head = &head;
	return s7_header_possible(&r, r.state->cotp.data[direction], known);
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

	cotp_commit(&state->cotp, direction, context, &scratch->tpdu,
	    scratch->pieces ? scratch->room : NULL);
	if (scratch->tpdu.type != TPDU_DT) {
		/* a new connection agrees on everything anew */
		state->pdu = 0;
		state->pdu_asked = 0;
		memset(state->jobs, 0, sizeof(state->jobs));
		memset(state->begun, 0, sizeof(state->begun));
		return;
	}
	if (context->middle && state->pdu == 0)
		state->pdu = (uint16_t)context_setting(m->dissector, context, SETTING_PDU_MAX);
	if (m->unfinished || scratch->tpdu.added == 0)
		return;
	s7_commit_download(state, &scratch->head, m);
	if (scratch->answer != 0)
		commit_read(state, &scratch->head, scratch->answer);
	if (scratch->pdu != 0 && direction == DIRECTION_REQUEST)
		state->pdu_asked = scratch->pdu;
	else if (scratch->pdu != 0)
		state->pdu = scratch->pdu;
}

static const struct token_part token_parts[] = {
    {"reference", 0, 16},
};

const struct dissector s7comm_dissector = {
    .name = "s7comm",
    .title = "S7comm",
    .port = 102,
    .tcp = true,
    .message_max = COTP_FRAME_MAX,
    .token_transaction = 0xffff,
    .state_size = sizeof(struct s7_state),
    .scratch_size = sizeof(struct s7_scratch),
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
    .functions = s7_functions,
    .function_count = S7_FUNCTION_COUNT,
    /* its new mode is news for who may diagnose a controller, and for who may change it */
    .also = {S7_MODE_TRANSITION, ACCESS_CONTROL},
    .spaces = s7_spaces,
    .space_count = S7_SPACE_COUNT,
    .touches = s7_touches,
    .touch_count = S7_TOUCH_COUNT,
    .types = s7_types,
    .type_count = S7_TYPE_COUNT,
    .frame = cotp_frame,
    .decode = s7_decode,
    .commit = s7_commit,
    .refuse = s7_refuse,
    .answer_refused = s7_answer_refused,
    .parse_points = s7_parse_points,
    .print_points = s7_print_points,
    .parse_units = s7_parse_units,
    .print_units = s7_print_units,
    .unit_max = 255,
    .unit_of_session = true,
    .token_parts = token_parts,
    .token_part_count = sizeof(token_parts) / sizeof(token_parts[0]),
    .exception_word = s7_exception_word,
};
