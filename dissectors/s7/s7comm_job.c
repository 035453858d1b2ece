/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: jobs and their acknowledgements: set-up, download and upload; variables and PI services
 * are read elsewhere.
 *
 * A download is asked for by the client; then the server gives the client jobs, one for each piece
 * of the block, and the client's acknowledgements carry the pieces.
 */
#include "s7comm_block.h"
#include "s7comm_download.h"
#include "s7comm_item.h"
#include "s7comm_job.h"
#include "s7comm_pi.h"

enum { UNLIMITED = 0xffffffff, PIECE_HEAD = 4, BLOCK_HEAD = 8, SIZES = 14 };

/* What one half of a job may have; variables and PI services tell more elsewhere. */
struct shape {
	uint8_t function;
	uint8_t parameters_min;
	uint8_t parameters_max; /* only this and the smallest are possible */
	uint32_t data_min;
	uint32_t data_max;
};

static const struct shape client_jobs[] = {
    {S7_SETUP, 8, 8, 0, 0},
    {S7_REQUEST_DOWNLOAD, 18, 18 + SIZES, 0, 0},
    {S7_START_UPLOAD, 18, 18, 0, 0},
    {S7_UPLOAD, 8, 8, 0, 0},
    {S7_END_UPLOAD, 8, 8, 0, 0},
    {S7_PLC_STOP, 16, 16, 0, 0},
    {0},
};

static const struct shape server_jobs[] = {
    {S7_DOWNLOAD_BLOCK, S7_SERVER_JOB_PARAMETERS, S7_SERVER_JOB_PARAMETERS, 0, 0},
    {S7_DOWNLOAD_ENDED, S7_SERVER_JOB_PARAMETERS, S7_SERVER_JOB_PARAMETERS, 0, 0},
    {0},
};

static const struct shape server_acks[] = {
    {S7_READ_VAR, 2, 2, 4, UNLIMITED},
    {S7_WRITE_VAR, 2, 2, 1, 255},
    {S7_SETUP, 8, 8, 0, 0},
    {S7_REQUEST_DOWNLOAD, 1, 1, 0, 0},
    {S7_START_UPLOAD, 16, 16, 0, 0},
    {S7_UPLOAD, 2, 2, PIECE_HEAD, UNLIMITED},
    {S7_END_UPLOAD, 1, 1, 0, 0},
    {S7_PI_SERVICE, 1, 1, 0, 0},
    {S7_PLC_STOP, 1, 1, 0, 0},
    {0},
};

static const struct shape client_acks[] = {
    {S7_DOWNLOAD_BLOCK, 2, 2, PIECE_HEAD, UNLIMITED},
    {S7_DOWNLOAD_ENDED, 1, 1, 0, 0},
    {0},
};

/* `function` 0 stands for any. */
static bool
shapes_fit(
    const struct shape *shapes, uint8_t function, uint32_t parameters, uint32_t lo, uint32_t hi)
{
	for (; shapes->function != 0; shapes++)
		if ((function == 0 || shapes->function == function) &&
		    (parameters == shapes->parameters_min ||
			parameters == shapes->parameters_max) &&
		    lo <= shapes->data_max && hi >= shapes->data_min)
			return true;
	return false;
}

static bool
is_in(const struct shape *shapes, uint8_t function)
{
	while (shapes->function != 0 && shapes->function != function)
		shapes++;
	return shapes->function != 0;
}

bool
s7_job_fits(bool request, uint32_t parameters, uint32_t lo, uint32_t hi)
{
	if (!request)
		return shapes_fit(server_jobs, 0, parameters, lo, hi);
	if (shapes_fit(client_jobs, 0, parameters, lo, hi))
		return true;
	if (lo == 0 &&
	    (s7_pi_fits(parameters) || (parameters >= 2 && s7_items_fit(parameters - 2, false))))
		return true;
	return parameters >= 2 && s7_items_fit(parameters - 2, true) &&
	    s7_item_data_fits(parameters - 2, lo, hi);
}

/* Is this function what the lengths in the header permit? */
static enum reason
judge_job(const struct s7_head *head, uint8_t function)
{
	const struct shape *shapes = head->request ? client_jobs : server_jobs;
	uint32_t items = head->parameters - 2;
	bool fits;

	if (!is_in(client_jobs, function) && !is_in(server_jobs, function) &&
	    function != S7_READ_VAR && function != S7_WRITE_VAR && function != S7_PI_SERVICE)
		return REASON_FUNCTION_UNKNOWN;
	if (is_in(shapes, function))
		fits = shapes_fit(shapes, function, head->parameters, head->data, head->data);
	else if (!head->request || is_in(server_jobs, function))
		return REASON_FUNCTION_DIRECTION;
	else if (function == S7_READ_VAR)
		fits = head->parameters >= 2 && head->data == 0 && s7_items_fit(items, false);
	else if (function == S7_WRITE_VAR)
		fits = head->parameters >= 2 && s7_items_fit(items, true) &&
		    s7_item_data_fits(items, head->data, head->data);
	else
		fits = head->data == 0 && s7_pi_fits(head->parameters);
	return fits ? REASON_UNDECIDED : REASON_LENGTH_MISMATCH;
}

static void
name_function(struct s7_reader *r, uint8_t function)
{
	r->head->function = function;
	r->m->function_code = function;
	r->m->function = dissector_find_code(r->m->dissector, function, FUNCTION_NO_SUB);
	r->m->has_function = true;
}

/* `amq`: jobs that may wait for their answers. */
static void
read_setup(struct s7_reader *r, bool answer)
{
	uint32_t most = UINT16_MAX, bound;
	struct cursor *c = r->c;

	if (answer) {
		bound = context_setting(r->m->dissector, r->context, SETTING_PDU_MAX);
		most = r->state->pdu_asked != 0 ? r->state->pdu_asked : most;
		most = most < bound ? most : bound;
	}
	if (!answer) /* servers have been seen that answer with 1 */
		cursor_expect_u8(c, 0, 0, REASON_VALUE_INVALID);
	cursor_u8(c, "reserved");
	cursor_be16(c, "amq calling");
	cursor_be16(c, "amq called");
	cursor_expect_be16(c, 1, most, REASON_QUANTITY_INVALID);
	r->scratch->pdu = cursor_be16(c, "pdu length");
	r->m->sets_up = answer;
}

static void
read_transfer_id(struct cursor *c)
{
	cursor_u8(c, "status");
	cursor_be16(c, "error");
	cursor_be32(c, "transfer id");
}

/* "1" and the lengths of block and code, six digits each. */
static void
read_sizes(struct cursor *c)
{
	s7_constant(c,
	    "\x0d"
	    "1",
	    2, "sizes length");
	for (unsigned i = 0; i < 12; i++) {
		cursor_expect_u8(c, '0', '9', REASON_VALUE_INVALID);
		cursor_u8(c, "digit");
	}
}

static void
read_transfer(struct s7_reader *r)
{
	read_transfer_id(r->c);
	s7_read_file_name(r);
	if (cursor_left(r->c) > 0)
		read_sizes(r->c);
}

void
s7_read_job(struct s7_reader *r)
{
	struct cursor peek = cursor_peek(r->c);
	uint8_t function = cursor_u8(&peek, "");
	enum reason reason = REASON_UNDECIDED;

	if (cursor_ok(&peek))
		reason = judge_job(r->head, function);
	demand(r->c, reason == REASON_UNDECIDED, reason);
	if (cursor_ok(&peek) && function != S7_SETUP)
		demand(r->c, !r->head->unset, REASON_SESSION_MISSING);
	cursor_u8(r->c, "function");
	if (!cursor_ok(r->c))
		return;
	r->m->expect = mix(0, function);
	if (function != S7_PI_SERVICE)
		name_function(r, function);
	switch (function) {
	case S7_SETUP:
		read_setup(r, false);
		break;
	case S7_READ_VAR:
	case S7_WRITE_VAR:
		s7_read_items(r, function == S7_WRITE_VAR);
		break;
	case S7_UPLOAD:
	case S7_END_UPLOAD:
		r->m->follows = true;
		read_transfer_id(r->c);
		break;
	case S7_PI_SERVICE:
		s7_read_pi(r);
		break;
	case S7_PLC_STOP:
		s7_read_stop(r);
		break;
	default:
		read_transfer(r);
		break;
	}
}

/* The server's job that a client's acknowledgement is for, or NULL. */
static const struct s7_job *
find_job(const struct s7_reader *r)
{
	return r->head->request ? s7_find_job(r->state, r->head->reference) : NULL;
}

/* Its function; 0 if there is none. */
static uint8_t
job_function(const struct s7_reader *r)
{
	const struct s7_job *job = find_job(r);

	return job == NULL ? 0 : job->function;
}

bool
s7_ack_fits(const struct s7_reader *r)
{
	const struct s7_head *head = r->head;
	const struct s7_job *job = find_job(r);

	if (head->rosctr == ROSCTR_ACK)
		return head->parameters == 0 && head->data == 0;
	/* the first piece says what the block is */
	if (job != NULL && job->function == S7_DOWNLOAD_BLOCK && s7_piece_is_first(r->state, job) &&
	    head->data < PIECE_HEAD + BLOCK_HEAD)
		return false;
	return shapes_fit(head->request ? client_acks : server_acks,
	    head->unset ? S7_SETUP : job_function(r), head->parameters, head->data, head->data);
}

/* What a block says that it is, at the beginning of its first piece. */
static void
read_block_head(struct cursor *c, const struct s7_block *block)
{
	s7_constant(c, "pp", 2, "block mark");
	cursor_bytes(c, 3, "version, attributes, language");
	cursor_expect_u8(c, block->type, block->type, REASON_VALUE_INVALID);
	cursor_u8(c, "block type");
	cursor_expect_be16(c, block->number, block->number, REASON_VALUE_INVALID);
	cursor_be16(c, "block number");
}

/* A piece of a block. */
static void
read_piece(struct s7_reader *r)
{
	const struct s7_job *job = find_job(r);
	uint16_t length = (uint16_t)(r->head->data - PIECE_HEAD);

	cursor_u8(r->c, "more follows");
	cursor_expect_be16(r->c, length, length, REASON_LENGTH_MISMATCH);
	cursor_be16(r->c, "piece length");
	s7_constant(r->c, "\x00\xfb", 2, "piece mark");
	if (job != NULL && s7_piece_is_first(r->state, job)) {
		read_block_head(r->c, &job->block);
	}
	cursor_bytes(r->c, cursor_left(r->c), "block data");
}

/* The answer to start-upload: an id and how long the block is, seven digits. */
static void
read_upload_answer(struct s7_reader *r)
{
	read_transfer_id(r->c);
	s7_constant(r->c, "\x07", 1, "digits");
	cursor_bytes(r->c, 7, "block length");
}

static void
read_ack_body(struct s7_reader *r, uint8_t function)
{
	switch (function) {
	case S7_SETUP:
		read_setup(r, true);
		break;
	case S7_READ_VAR:
	case S7_WRITE_VAR:
		s7_read_values(r);
		break;
	case S7_START_UPLOAD:
		read_upload_answer(r);
		break;
	case S7_UPLOAD:
	case S7_DOWNLOAD_BLOCK:
		read_piece(r);
		break;
	default:
		break;
	}
}

/* Does the last read-var with this reference say that so many bytes may be answered? */
static bool
answer_fits(const struct s7_reader *r)
{
	for (unsigned age = 1; age <= S7_READS; age++) {
		const struct s7_read *read =
		    &r->state->reads[(r->state->read_next - age) % S7_READS];

		if (read->answer != 0 && read->reference == r->head->reference)
			return r->head->data <= read->answer;
	}
	return true;
}

static enum reason
judge_ack(const struct s7_reader *r, uint8_t function)
{
	const struct s7_head *head = r->head;
	const struct shape *shapes = head->request ? client_acks : server_acks;

	if (!is_in(shapes, function))
		return is_in(client_acks, function) || is_in(server_acks, function)
		    ? REASON_FUNCTION_DIRECTION
		    : REASON_FUNCTION_UNKNOWN;
	if (job_function(r) != 0 && job_function(r) != function)
		return REASON_RESPONSE_MISMATCH;
	if (function != S7_SETUP && head->unset)
		return REASON_SESSION_MISSING;
	if (function == S7_READ_VAR && !head->error && !answer_fits(r))
		return REASON_RESPONSE_MISMATCH;
	if (head->error || shapes_fit(shapes, function, head->parameters, head->data, head->data))
		return REASON_UNDECIDED;
	return REASON_LENGTH_MISMATCH;
}

void
s7_read_ack(struct s7_reader *r)
{
	struct s7_head *head = r->head;
	struct cursor peek = cursor_peek(r->c);
	uint8_t function;
	enum reason reason = REASON_UNDECIDED;

	if (cursor_ok(r->c) && head->parameters == 0 && head->request)
		name_function(r, job_function(r));
	if (!cursor_ok(r->c) || head->parameters == 0) {
		cursor_bytes(r->c, cursor_left(r->c), "data");
		return;
	}
	function = cursor_u8(&peek, "");
	if (cursor_ok(&peek))
		reason = judge_ack(r, function);
	demand(r->c, reason == REASON_UNDECIDED, reason);
	cursor_u8(r->c, "function");
	if (!cursor_ok(r->c))
		return;
	name_function(r, function);
	r->m->expect = mix(0, function);
	if (head->error)
		cursor_bytes(r->c, cursor_left(r->c), "error data");
	else
		read_ack_body(r, function);
}
