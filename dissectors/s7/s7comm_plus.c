/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm-plus: the protocol of S7-1200 and S7-1500 and their tools, over COTP.
 *
 * Header, version, length, integrity part, opcode and function are read; what functions touch is
 * not.  Messages in fragments, and the TLS of current firmware, are recognised and handled as a
 * whole: they are functions of access "opaque".  There is no public specification.  Not here:
 * S7comm (s7comm.c).
 */
#include <errno.h>
#include <string.h>

#include "cotp.h"
#include "demand.h"

enum {
	PROTOCOL_ID = 0x72,
	VERSION_EVENT = 0xfe,
	VERSION_KEEP_ALIVE = 0xff,
	TLS_FIRST = 0x14, /* content types of TLS records */
	TLS_LAST = 0x17,
	FRAME_HEAD = 4, /* and as many bytes behind the last fragment */
	DIGEST = 32,
	OPCODE_REQUEST = 0x31,
	OPCODE_RESPONSE = 0x32,
	OPCODE_NOTIFICATION = 0x33,
	OPCODE_RESPONSE_2 = 0x02,
	REQUEST_HEAD = 14,
	RESPONSE_HEAD = 10,
	NOTIFICATION_HEAD = 5,
	CREATE_OBJECT = 0x04ca,
	DELETE_OBJECT = 0x04d4,
	ERROR_FUNCTION = 0x04b1,
	OF_SESSION = 1,
	NO_SESSION = 0x120, /* stands for a session that is not there yet */
	DATA_MAX = COTP_FRAME_MAX,
};

/* Rows for what is no function on the wire. */
enum { CODE_NOTIFICATION = 1, CODE_EVENT, CODE_FRAGMENT, CODE_ENCRYPTED, CODE_KEEP_ALIVE };

#define ROW(code, sub, name, access, note, side)                    \
	{                                                           \
		code, sub, name, ACCESS_##access, note, SIDE_##side \
	}
#define FUNCTION(code, name, access) ROW(code, FUNCTION_NO_SUB, name, access, "function", BOTH)

static const struct function functions[] = {
    COTP_FUNCTIONS,
    FUNCTION(0x04bb, "explore", PROGRAM),
    FUNCTION(CREATE_OBJECT, "create-object", PROGRAM),
    ROW(CREATE_OBJECT, OF_SESSION, "create-session", SESSION, "first create-object", CLIENT),
    FUNCTION(DELETE_OBJECT, "delete-object", PROGRAM),
    ROW(DELETE_OBJECT, OF_SESSION, "delete-session", SESSION, "of itself", CLIENT),
    FUNCTION(0x04f2, "set-variable", CONTROL),
    FUNCTION(0x04fc, "get-variable", READ),
    FUNCTION(0x0506, "add-link", PROGRAM),
    FUNCTION(0x051a, "remove-link", PROGRAM),
    FUNCTION(0x0524, "get-link", DIAGNOSE),
    FUNCTION(0x0542, "set-multi-variables", WRITE),
    FUNCTION(0x054c, "get-multi-variables", READ),
    FUNCTION(0x0556, "begin-sequence", PROGRAM),
    FUNCTION(0x0560, "end-sequence", PROGRAM),
    FUNCTION(0x056b, "invoke", CONTROL),
    FUNCTION(0x057c, "set-var-substreamed", WRITE),
    FUNCTION(0x0586, "get-var-substreamed", READ),
    FUNCTION(0x05b3, "init-ssl", SESSION),
    ROW(ERROR_FUNCTION, FUNCTION_NO_SUB, "error", READ, "function", SERVER),
    ROW(CODE_NOTIFICATION, FUNCTION_NO_SUB, "notification", READ, "opcode 0x33", SERVER),
    ROW(CODE_EVENT, FUNCTION_NO_SUB, "system-event", DIAGNOSE, "version 0xfe", SERVER),
    ROW(CODE_FRAGMENT, FUNCTION_NO_SUB, "fragment", OPAQUE, "no trailer", BOTH),
    ROW(CODE_ENCRYPTED, FUNCTION_NO_SUB, "encrypted", OPAQUE, "TLS", BOTH),
    ROW(CODE_KEEP_ALIVE, FUNCTION_NO_SUB, "keep-alive", SESSION, "version 0xff", BOTH),
};

/* Of a connection, by direction. */
struct plus_state {
	struct cotp_state cotp;
	bool session;      /* asked for */
	bool fragments[2]; /* the last frame had no trailer */
	bool pieces[2];    /* the last data TPDU did not end its message */
	bool encrypted;
};

struct plus_scratch {
	struct cotp_tpdu tpdu;
	bool fragment;
	bool encrypted;
};

struct reader {
	struct cursor *c;
	struct message *m;
	const struct plus_state *state;
	struct plus_scratch *scratch;
	enum direction direction;
	bool follows; /* this frame goes on with the one before */
};

static void
name_function(struct message *m, uint16_t code, uint16_t sub)
{
	m->function_code = code;
	m->function = dissector_find_code(m->dissector, code, sub);
	m->has_function = true;
}

/* What nobody can look into. */
static void
read_whole(struct reader *r, uint16_t code)
{
	r->m->kind = r->direction == DIRECTION_REQUEST ? MESSAGE_REQUEST : MESSAGE_UNSOLICITED;
	r->m->no_response = true;
	r->m->opaque = true;
	name_function(r->m, code, FUNCTION_NO_SUB);
	cursor_bytes(r->c, cursor_left(r->c), "content");
}

/* The least that a frame has behind its head, by version. */
static uint32_t
least(const struct reader *r, uint8_t version)
{
	uint32_t head = r->direction == DIRECTION_REQUEST ? REQUEST_HEAD : NOTIFICATION_HEAD;

	if (version == VERSION_EVENT || r->follows)
		head = 1;
	return version == 3 ? 1 + DIGEST + head : head;
}

static uint32_t
opcode_size(uint8_t opcode, bool request)
{
	if (request)
		return opcode == OPCODE_REQUEST ? REQUEST_HEAD : 0;
	if (opcode == OPCODE_RESPONSE || opcode == OPCODE_RESPONSE_2)
		return RESPONSE_HEAD;
	return opcode == OPCODE_NOTIFICATION ? NOTIFICATION_HEAD : 0;
}

static uint8_t
read_opcode(struct reader *r)
{
	struct cursor *c = r->c, peek = cursor_peek(c);
	uint8_t opcode = cursor_u8(&peek, "");
	bool request = r->direction == DIRECTION_REQUEST;

	if (cursor_ok(&peek)) {
		demand(c, opcode_size(opcode, true) != 0 || opcode_size(opcode, false) != 0,
		    REASON_FUNCTION_UNKNOWN);
		demand(c, opcode_size(opcode, request) != 0, REASON_FUNCTION_DIRECTION);
		demand(c, cursor_left(c) >= opcode_size(opcode, request), REASON_LENGTH_MISMATCH);
	}
	return cursor_u8(c, "opcode");
}

/* Is there a function with this code, or, while half of it is here, with this upper byte? */
static bool
function_known(const struct message *m, bool request, uint8_t upper, int lower)
{
	for (uint32_t i = 0; i < m->dissector->function_count; i++) {
		const struct function *f = &m->dissector->functions[i];

		if (f->code >> 8 == upper && upper >= 4 &&
		    (lower < 0 || (f->code & 0xff) == lower) &&
		    (!request || f->side != SIDE_SERVER))
			return true;
	}
	return false;
}

static uint16_t
read_function(struct reader *r)
{
	struct cursor *c = r->c, peek = cursor_peek(c);
	bool request = r->direction == DIRECTION_REQUEST;
	uint8_t upper = cursor_u8(&peek, "");
	int lower = -1;

	if (cursor_ok(&peek)) {
		lower = cursor_u8(&peek, "");
		demand(c, function_known(r->m, request, upper, cursor_ok(&peek) ? lower : -1),
		    REASON_FUNCTION_UNKNOWN);
	}
	return cursor_be16(c, "function");
}

/*
 * The first object that is created is the session; deleting the session's own object ends it.
 * Until that is known, no function is named.
 */
static void
read_request(struct reader *r, bool fragment)
{
	struct cursor *c = r->c;
	uint16_t code, sub = FUNCTION_NO_SUB, sequence;
	uint32_t session;

	cursor_be16(c, "reserved");
	code = read_function(r);
	cursor_be16(c, "reserved");
	sequence = cursor_be16(c, "sequence");
	session = cursor_be32(c, "session");
	cursor_u8(c, "flags");
	if (code == DELETE_OBJECT && cursor_left(c) >= 4) {
		if (cursor_be32(c, "object") == session)
			sub = OF_SESSION;
	} else if (code == CREATE_OBJECT && !r->state->session && session == NO_SESSION) {
		sub = OF_SESSION;
	}
	if (!cursor_ok(c))
		return;
	r->m->transaction = sequence;
	r->m->token = (uint64_t)PROTOCOL_ID << 32 | sequence;
	r->m->expect = ((uint64_t)code << 1) | 1;
	if (fragment)
		name_function(r->m, CODE_FRAGMENT, FUNCTION_NO_SUB);
	else
		name_function(r->m, code, sub);
	r->m->opaque = r->m->function->access != ACCESS_SESSION;
}

static void
read_response(struct reader *r)
{
	struct cursor *c = r->c;
	uint16_t code, sequence;

	cursor_be16(c, "reserved");
	code = read_function(r);
	cursor_be16(c, "reserved");
	sequence = cursor_be16(c, "sequence");
	cursor_u8(c, "flags");
	if (!cursor_ok(c))
		return;
	r->m->kind = MESSAGE_RESPONSE;
	r->m->transaction = sequence;
	r->m->token = (uint64_t)PROTOCOL_ID << 32 | sequence;
	name_function(r->m, code, FUNCTION_NO_SUB);
	if (code != ERROR_FUNCTION)
		r->m->expect = ((uint64_t)code << 1) | 1;
}

static void
read_content(struct reader *r, uint8_t version, bool fragment)
{
	struct cursor *c = r->c;
	uint8_t opcode;

	if (version == VERSION_EVENT) {
		read_whole(r, CODE_EVENT);
		r->m->opaque = false;
		return;
	}
	if (version == 3) {
		cursor_expect_u8(c, DIGEST, DIGEST, REASON_VALUE_INVALID);
		cursor_u8(c, "integrity length");
		cursor_bytes(c, DIGEST, "integrity");
	}
	if (r->follows) {
		read_whole(r, CODE_FRAGMENT);
		return;
	}
	opcode = read_opcode(r);
	if (!cursor_ok(c))
		return;
	if (opcode == OPCODE_REQUEST) {
		read_request(r, fragment);
	} else if (opcode == OPCODE_NOTIFICATION) {
		r->m->kind = MESSAGE_UNSOLICITED;
		name_function(r->m, fragment ? CODE_FRAGMENT : CODE_NOTIFICATION, FUNCTION_NO_SUB);
		r->m->opaque = true;
		cursor_be32(c, "subscription");
	} else {
		read_response(r);
	}
	cursor_bytes(c, cursor_left(c), "content");
}

static uint8_t
read_version(struct reader *r)
{
	struct cursor *c = r->c, peek = cursor_peek(c);
	uint8_t version = cursor_u8(&peek, "");
	bool server = r->direction == DIRECTION_RESPONSE;

	if (cursor_ok(&peek)) {
		demand(c, (version >= 1 && version <= 3) || (version == VERSION_EVENT && server),
		    REASON_VALUE_INVALID);
		demand(c, cursor_left(c) >= FRAME_HEAD - 1 + least(r, version),
		    REASON_LENGTH_MISMATCH);
	}
	return cursor_u8(c, "version");
}

/* A number instead of a length, and a byte of 0; it may come between two fragments. */
static void
read_keep_alive(struct reader *r)
{
	struct cursor *c = r->c;

	cursor_u8(c, "protocol");
	cursor_expect_u8(c, VERSION_KEEP_ALIVE, VERSION_KEEP_ALIVE, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "version");
	cursor_u8(c, "sequence");
	cursor_expect_u8(c, 0, 0, REASON_VALUE_INVALID);
	cursor_u8(c, "reserved");
	r->scratch->fragment = r->follows;
	r->m->kind = MESSAGE_LINK;
	r->m->no_response = true;
	if (cursor_ok(c))
		name_function(r->m, CODE_KEEP_ALIVE, FUNCTION_NO_SUB);
}

/* Head, content, and behind the last fragment a trailer. */
static void
read_frame(struct reader *r)
{
	struct cursor *c = r->c, content;
	uint32_t left, length;
	uint8_t version;

	if (cursor_left(c) == FRAME_HEAD) {
		read_keep_alive(r);
		return;
	}
	demand(c,
	    cursor_left(c) >=
		FRAME_HEAD + least(r, r->direction == DIRECTION_RESPONSE ? VERSION_EVENT : 1),
	    REASON_LENGTH_MISMATCH);
	cursor_u8(c, "protocol");
	version = read_version(r);
	if (!cursor_ok(c))
		return;
	left = cursor_left(c) - 2;
	if (version != VERSION_EVENT && left >= FRAME_HEAD + least(r, version))
		cursor_expect_either_be16(
		    c, (uint16_t)left, (uint16_t)(left - FRAME_HEAD), REASON_LENGTH_MISMATCH);
	else
		cursor_expect_be16(c, left, left, REASON_LENGTH_MISMATCH);
	length = cursor_be16(c, "length");
	if (!cursor_ok(c))
		return;
	/* an event may come between two fragments */
	r->scratch->fragment = version == VERSION_EVENT ? r->follows : length == left;
	content = cursor_sub(c, length, "data");
	r->c = &content;
	read_content(r, version, r->scratch->fragment);
	r->c = c;
	cursor_sub_end(c, &content);
	if (length < left) {
		cursor_expect_u8(c, PROTOCOL_ID, PROTOCOL_ID, REASON_VALUE_INVALID);
		cursor_u8(c, "trailer");
		cursor_expect_u8(c, version, version, REASON_VALUE_INVALID);
		cursor_u8(c, "trailer version");
		cursor_expect_be16(c, 0, 0, REASON_VALUE_INVALID);
		cursor_be16(c, "trailer length");
	}
}

static void
read_data(struct reader *r)
{
	struct cotp_tpdu *tpdu = &r->scratch->tpdu;
	struct cursor peek = cursor_peek(r->c);
	uint8_t first;

	if (r->state->encrypted) {
		read_whole(r, CODE_ENCRYPTED);
		return;
	}
	if (!tpdu->end || r->state->pieces[r->direction]) {
		read_whole(r, CODE_FRAGMENT);
		return;
	}
	first = cursor_u8(&peek, "");
	if (!cursor_ok(&peek)) {
		cursor_u8(r->c, "protocol");
		return;
	}
	r->scratch->encrypted = first >= TLS_FIRST && first <= TLS_LAST && !r->follows;
	demand(r->c, r->scratch->encrypted || first == PROTOCOL_ID, REASON_PROTOCOL_ID);
	if (r->scratch->encrypted)
		read_whole(r, CODE_ENCRYPTED);
	else
		read_frame(r);
}

static void
plus_decode(
    struct cursor *c, enum direction direction, const struct context *context, struct message *m)
{
	struct plus_scratch *scratch = context->scratch;
	const struct plus_state *state = context->state;
	struct reader r = {c, m, state, scratch, direction, state->fragments[direction]};
	struct cotp_demand demands = {
	    .called = CALLED_ANY,
	    .data_max = DATA_MAX,
	    .reason = REASON_MESSAGE_TOO_LONG,
	    .pieces_max = UINT32_MAX, /* nobody puts them together here */
	    .empties_max = UINT32_MAX,
	};

	scratch->fragment = false;
	scratch->encrypted = false;
	if (!cotp_read(c, direction, context, &state->cotp, &demands, m, &scratch->tpdu)) {
		m->has_unit = false;
		return;
	}
	m->kind = direction == DIRECTION_REQUEST ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	read_data(&r);
}

static void
plus_commit(
    void *memory, enum direction direction, const struct context *context, const struct message *m)
{
	const struct plus_scratch *scratch = context->scratch;
	struct plus_state *state = memory;

	cotp_commit(&state->cotp, direction, context, &scratch->tpdu, NULL);
	if (scratch->tpdu.type != TPDU_DT) {
		state->session = false;
		memset(state->fragments, 0, sizeof(state->fragments));
		memset(state->pieces, 0, sizeof(state->pieces));
		return;
	}
	if (scratch->tpdu.added == 0)
		return;
	state->pieces[direction] = !scratch->tpdu.end;
	state->fragments[direction] = scratch->fragment;
	state->encrypted = state->encrypted || scratch->encrypted;
	if (context->middle || (m->function != NULL && m->function->code == CREATE_OBJECT))
		state->session = true;
}

/* Clients ask for names ("SIMATIC-ROOT-HMI"), not for racks and slots. */
static int
plus_parse_units(const char *text, struct unit_range *ret_range, const char **ret_why)
{
	if (strcmp(text, "*") != 0) {
		*ret_why = "expected \"*\": the protocol has no units";
		return -EINVAL;
	}
	*ret_range = (struct unit_range){0, UINT32_MAX, 0, UINT32_MAX, false};
	return 0;
}

static const struct token_part token_parts[] = {
    {"sequence", 0, 16},
};

const struct dissector s7comm_plus_dissector = {
    .name = "s7comm-plus",
    .title = "S7comm-plus",
    .port = 102,
    .tcp = true,
    .message_max = COTP_FRAME_MAX,
    .token_transaction = 0xffff,
    .state_size = sizeof(struct plus_state),
    .scratch_size = sizeof(struct plus_scratch),
    .functions = functions,
    .function_count = sizeof(functions) / sizeof(functions[0]),
    .frame = cotp_frame,
    .decode = plus_decode,
    .commit = plus_commit,
    .parse_units = plus_parse_units,
    .token_parts = token_parts,
    .token_part_count = sizeof(token_parts) / sizeof(token_parts[0]),
};
