/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * COTP: TPKT (RFC 1006) and class 0 of ISO 8073.  See the header for what is not here.
 *
 * Section numbers are those of ISO/IEC 8073.
 */
#include "cotp.h"
#include "demand.h"

#include <assert.h>
#include <string.h>

enum {
	TPKT_SIZE = 4,
	TPKT_VERSION = 3,
	LI_DATA = 2,
	LI_DISCONNECT = 6,
	LI_MAX = 254,
};

/* RFC 1006 section 6 */
static void
read_tpkt_version(struct cursor *c)
{
	cursor_expect_u8(c, TPKT_VERSION, TPKT_VERSION, REASON_PROTOCOL_ID);
	cursor_u8(c, "tpkt version");
	cursor_expect_u8(c, 0, 0, REASON_VALUE_INVALID);
	cursor_u8(c, "tpkt reserved");
}

static uint32_t
read_tpkt_length(struct cursor *c)
{
	cursor_expect_be16(c, COTP_HEADER, COTP_FRAME_MAX, REASON_LENGTH_INVALID);
	return cursor_be16(c, "tpkt length");
}

uint32_t
cotp_frame(struct cursor *c, enum direction direction)
{
	read_tpkt_version(c);
	return read_tpkt_length(c);
}

/* 13.3, 13.4: class 0 has no options. */
static void
read_connect(struct cursor *c, const struct cotp_state *state, enum cotp_called called,
    struct message *m, struct cotp_tpdu *tpdu)
{
	bool request = tpdu->type == TPDU_CR;
	struct cotp_parameters p = cotp_parameters_new(request, called);
	uint8_t size_max = request || state->phase != COTP_ASKED || state->size_code == 0
	    ? COTP_SIZE_CODE_MAX
	    : state->size_code;
	unsigned seen = 0;
	uint16_t reference;

	if (request)
		cursor_expect_be16(c, 0, 0, REASON_VALUE_INVALID);
	reference = cursor_be16(c, "destination reference");
	if (request)
		reference = cursor_be16(c, "source reference");
	else
		cursor_be16(c, "source reference");
	cursor_expect_u8(c, 0, 0, REASON_TRANSPORT_CLASS);
	cursor_u8(c, "class and options");
	while (cursor_left(c) > 0)
		seen |= cotp_read_parameter(c, &p, seen, size_max, &tpdu->told);
	if (!cursor_ok(c))
		return;
	m->token = (uint64_t)COTP_CONNECT << 32 | reference;
	m->sets_up = !request;
	if (request && tpdu->told.called_length == 2) {
		m->unit_source = tpdu->told.called >> 8;
		m->unit = tpdu->told.called & 0xff;
		m->has_unit = true;
	}
}

/* 13.5, 13.6, 13.12 */
static void
read_end(struct cursor *c, struct message *m, const struct cotp_tpdu *tpdu)
{
	m->no_response = true;
	cursor_be16(c, "destination reference");
	if (tpdu->type != TPDU_ER)
		cursor_be16(c, "source reference");
	if (tpdu->type != TPDU_DC)
		cursor_u8(c, "cause");
	cursor_bytes(c, cursor_left(c), "additional information");
}

/* Where the LI leaves so many bytes behind itself, may this type of TPDU come from this side? */
static enum reason
judge_type(uint8_t byte, uint8_t li, bool request)
{
	static const struct {
		uint8_t type;
		uint8_t li_min;
		uint8_t li_max;
	} shapes[] = {
	    {TPDU_DT, LI_DATA, LI_DATA},
	    {TPDU_CR, 6, LI_MAX},
	    {TPDU_CC, 6, LI_MAX},
	    {TPDU_DR, 6, LI_MAX},
	    {TPDU_DC, 5, LI_MAX},
	    {TPDU_ER, 4, LI_MAX},
	    {0, 0, 0},
	};
	uint8_t type = byte & 0xf0;

	/* 13.1: expedited data, acknowledgements, reject: what class 0 does not have */
	if (byte == 0x10 || byte == 0x20 || type == 0x60 || type == 0x50)
		return REASON_TRANSPORT_CLASS;
	if (byte != type)
		return REASON_VALUE_INVALID;
	if (request ? type == TPDU_CC || type == TPDU_DC || type == TPDU_ER : type == TPDU_CR)
		return REASON_FUNCTION_DIRECTION;
	/* what a server does not expect it may read as the beginning of something else */
	if (request && type == TPDU_DR && li > LI_DISCONNECT)
		return REASON_LENGTH_MISMATCH;
	for (unsigned i = 0; shapes[i].type != 0; i++)
		if (shapes[i].type == type)
			return li >= shapes[i].li_min && li <= shapes[i].li_max
			    ? REASON_UNDECIDED
			    : REASON_LENGTH_MISMATCH;
	return REASON_FUNCTION_UNKNOWN;
}

/* Is a TPDU of this type expected now? */
static enum reason
judge_phase(const struct cotp_state *state, const struct context *context, uint8_t type)
{
	if (type == TPDU_CR && (state->phase != COTP_CLOSED || context->middle))
		return REASON_SESSION_REPEATED;
	if (type == TPDU_CC && state->phase >= COTP_OPEN)
		return REASON_SESSION_REPEATED;
	if (type == TPDU_DT && state->phase != COTP_OPEN &&
	    (state->phase == COTP_ENDED || !context->middle))
		return REASON_SESSION_MISSING;
	return REASON_UNDECIDED;
}

/* Is this one behind such a pause that it begins to be counted anew? */
static bool
empty_alone(const struct cotp_state *state, enum direction direction, const struct context *context)
{
	return context->now_ms - state->emptied_ms[direction] >= COTP_EMPTY_PAUSE_MS;
}

/*
 * Servers have been seen that put three pieces together wrongly, that do so with an empty one
 * between two, and that give up behind 64 empty ones and take what comes next for the beginning of
 * a message.  They count them while they wait for a message to go on, some seconds for each piece.
 */
static bool
empty_permitted(const struct cotp_state *state, enum direction direction,
    const struct context *context, const struct cotp_demand *demands)
{
	if (direction == DIRECTION_RESPONSE)
		return true;
	return state->waiting[direction] == 0 &&
	    (state->empties[direction] < demands->empties_max ||
		empty_alone(state, direction, context));
}

/* Would one more empty one have to wait?  A segment that alone has too many need not come again. */
static bool
empty_waits(const struct cotp_state *state, enum direction direction, const struct context *context,
    const struct cotp_demand *demands)
{
	return state->waiting[direction] == 0 &&
	    !empty_permitted(state, direction, context, demands) &&
	    state->emptying_ms[direction] != context->now_ms;
}

/* Must the message end with the next data TPDU that has data? */
static bool
last_piece(
    const struct cotp_state *state, enum direction direction, const struct cotp_demand *demands)
{
	return direction == DIRECTION_REQUEST &&
	    state->pieces[direction] + 1U >= demands->pieces_max;
}

/* May a data TPDU have so many bytes of data, at most as many as find_room() says? */
static enum reason
judge_added(const struct cotp_state *state, enum direction direction, const struct context *context,
    const struct cotp_demand *demands, uint32_t added)
{
	if (added == 0)
		return empty_permitted(state, direction, context, demands) ? REASON_UNDECIDED
									   : REASON_PIECES_TOO_MANY;
	if (last_piece(state, direction, demands) && demands->whole_possible != NULL &&
	    !demands->whole_possible(demands->reader, direction, state->waiting[direction] + added))
		return REASON_LENGTH_MISMATCH;
	return REASON_UNDECIDED;
}

/* How many bytes may a data TPDU carry now?  False, and why: none may come. */
static bool
find_room(const struct cotp_state *state, enum direction direction, const struct context *context,
    const struct cotp_demand *demands, uint32_t *ret_room, enum reason *ret_reason)
{
	uint32_t room = demands->data_max, waiting = state->waiting[direction];

	*ret_reason = judge_phase(state, context, TPDU_DT);
	if (*ret_reason != REASON_UNDECIDED)
		return false;
	*ret_reason = demands->reason;
	if (waiting > room)
		return false;
	room -= waiting;
	if (state->size_code != 0 && room > (1U << state->size_code) - 3) {
		*ret_reason = REASON_MESSAGE_TOO_LONG;
		room = (1U << state->size_code) - 3;
	}
	*ret_room = room;
	return true;
}

/* May a data TPDU with so many bytes of data come now? */
static enum reason
judge_data(const struct cotp_state *state, enum direction direction, const struct context *context,
    const struct cotp_demand *demands, uint32_t added)
{
	uint32_t room = 0;
	enum reason reason;

	if (!find_room(state, direction, context, demands, &room, &reason) || added > room)
		return reason;
	return judge_added(state, direction, context, demands, added);
}

/* May a TPDU other than data with this length indicator come now? */
static bool
other_possible(const struct cotp_state *state, enum direction direction,
    const struct context *context, const struct cotp_demand *demands, uint32_t li)
{
	struct cotp_parameters p = cotp_parameters_new(true, demands->called);

	if (direction == DIRECTION_RESPONSE)
		return li >= 4 && li <= LI_MAX;
	return li == LI_DISCONNECT ||
	    (li > LI_DISCONNECT && li <= LI_MAX &&
		judge_phase(state, context, TPDU_CR) == REASON_UNDECIDED &&
		cotp_parameters_fit(&p, li - 6U, 0));
}

/* The largest length indicator that a client's TPDU other than data can have. */
static uint32_t
other_longest(const struct cotp_state *state, const struct context *context,
    const struct cotp_demand *demands)
{
	struct cotp_parameters p = cotp_parameters_new(true, demands->called);
	uint32_t li = 6;

	if (judge_phase(state, context, TPDU_CR) != REASON_UNDECIDED)
		return LI_DISCONNECT;
	for (unsigned i = 0; i < COTP_PARAMETER_COUNT; i++)
		li += p.list[i].max;
	return li;
}

/* Why the TPDU here is refused whose length alone does it: by its type if that is here too. */
static enum reason
name_refusal(const struct cursor *c, enum direction direction, const struct context *context,
    const struct cotp_state *state, enum reason why)
{
	struct cursor peek = cursor_peek(c);
	uint8_t li = cursor_u8(&peek, ""), type;
	enum reason reason;

	type = cursor_u8(&peek, "");
	if (cursor_ok(&peek) && li == LI_DATA && cursor_u8(&peek, "") == 0 && cursor_ok(&peek) &&
	    why == REASON_LENGTH_MISMATCH)
		return REASON_PIECES_TOO_MANY;
	if (!cursor_ok(&peek) || li == LI_DATA)
		return why;
	reason = judge_type(type, li, direction == DIRECTION_REQUEST);
	if (reason == REASON_UNDECIDED)
		reason = judge_phase(state, context, type);
	return reason == REASON_UNDECIDED ? why : reason;
}

static uint8_t
read_type(struct cursor *c, enum direction direction, const struct context *context,
    const struct cotp_state *state, const struct cotp_demand *demands)
{
	uint32_t whole = cursor_left(c) - 1;
	struct cursor peek = cursor_peek(c);
	uint8_t li = cursor_u8(&peek, ""), byte;
	enum reason reason = REASON_UNDECIDED;

	if (cursor_ok(&peek) && li == LI_DATA)
		reason = judge_data(state, direction, context, demands, whole - LI_DATA);
	else if (cursor_ok(&peek) &&
	    (li != whole || !other_possible(state, direction, context, demands, li)))
		reason = name_refusal(c, direction, context, state, REASON_LENGTH_MISMATCH);
	demand(c, reason == REASON_UNDECIDED, reason);
	cursor_u8(c, "length indicator");
	byte = cursor_u8(&peek, "");
	if (cursor_ok(&peek) && cursor_ok(c)) {
		struct cotp_parameters p = cotp_parameters_new(byte == TPDU_CR, demands->called);

		reason = judge_type(byte, li, direction == DIRECTION_REQUEST);
		demand(c, reason == REASON_UNDECIDED, reason);
		if (byte == TPDU_CR || byte == TPDU_CC)
			demand(c, cotp_parameters_fit(&p, li - 6U, 0), REASON_LENGTH_MISMATCH);
		reason = judge_phase(state, context, byte);
		demand(c, reason == REASON_UNDECIDED, reason);
	}
	return cursor_u8(c, "tpdu type");
}

/* A length that leaves no TPDU possible is refused by itself. */
static void
check_length(struct cursor *c, enum direction direction, const struct context *context,
    const struct cotp_state *state, const struct cotp_demand *demands)
{
	struct cursor peek = cursor_peek(c);
	uint32_t length = cursor_be16(&peek, ""), least = COTP_HEADER, most, room = 0;
	enum reason reason, why = REASON_UNDECIDED;

	if (cursor_ok(&peek) && length >= COTP_HEADER) {
		why = judge_data(state, direction, context, demands, length - COTP_HEADER);
		if (why == REASON_UNDECIDED)
			return; /* so many data may come */
	}
	most = direction == DIRECTION_RESPONSE ? LI_MAX : other_longest(state, context, demands);
	most += TPKT_SIZE + 1;
	if (!find_room(state, direction, context, demands, &room, &reason))
		least = TPKT_SIZE + 1 + 4;
	else if (COTP_HEADER + room > most)
		most = COTP_HEADER + room;
	if (!cursor_ok(&peek) || length < least || length > most)
		cursor_expect_be16(
		    c, least, most, name_refusal(&peek, direction, context, state, reason));
	if (cursor_ok(&peek) && cursor_ok(c) &&
	    !other_possible(state, direction, context, demands, length - TPKT_SIZE - 1))
		cursor_fail(c, name_refusal(&peek, direction, context, state, why));
}

/* 13.7; the number of a TPDU is not used in class 0. */
static bool
read_data_header(struct cursor *c, const struct cotp_state *state, enum direction direction,
    const struct cotp_demand *demands, struct cotp_tpdu *tpdu)
{
	uint32_t added = cursor_left(c) - 1;

	/* one that is not the last needs another behind it */
	if (added > 0 && last_piece(state, direction, demands))
		cursor_expect_u8(c, 0x80, 0x80, REASON_PIECES_TOO_MANY);
	cursor_expect_either_u8(c, 0x00, 0x80, REASON_VALUE_INVALID);
	if (added == 0)
		cursor_expect_u8(c, 0x00, 0x00, REASON_LENGTH_MISMATCH);
	tpdu->end = cursor_u8(c, "end of message") != 0;
	tpdu->added = (uint16_t)added;
	return cursor_ok(c);
}

static bool
data_here(const struct cursor *c)
{
	struct cursor peek = cursor_peek(c);

	cursor_be32(&peek, "");
	return cursor_u8(&peek, "") == LI_DATA && cursor_u8(&peek, "") == TPDU_DT &&
	    cursor_here(&peek) > 1;
}

static void
name_function(struct message *m, uint16_t code)
{
	m->has_function = true;
	m->function_code = code;
	m->function = dissector_find_code(m->dissector, code, FUNCTION_NO_SUB);
}

/*
 * The usual frame at once: a data TPDU that ends its message, and the first byte of that is here.
 * False: it is another one, or is wrong, or each of its fields is to be recorded, and nothing was
 * consumed; cotp_read() finds the same in this one, field by field.
 */
static bool
read_usual(struct cursor *c, enum direction direction, const struct context *context,
    const struct cotp_state *state, const struct cotp_demand *demands, struct cotp_tpdu *tpdu)
{
	struct cursor peek = cursor_peek(c);
	uint32_t version = cursor_be16(&peek, ""), length = cursor_be16(&peek, "");
	uint32_t head = cursor_be16(&peek, ""), room = 0;
	enum reason reason;

	if (cursor_u8(&peek, "") != 0x80 || cursor_here(&peek) == 0 ||
	    version != TPKT_VERSION << 8 || head != (LI_DATA << 8 | TPDU_DT) ||
	    length != cursor_left(c) || c->trace != NULL)
		return false;
	if (!find_room(state, direction, context, demands, &room, &reason) ||
	    length - COTP_HEADER > room)
		return false;
	cursor_bytes(c, COTP_HEADER, "");
	*tpdu = (struct cotp_tpdu){
	    .type = TPDU_DT, .end = true, .added = (uint16_t)(length - COTP_HEADER)};
	return true;
}

bool
cotp_read(struct cursor *c, enum direction direction, const struct context *context,
    const struct cotp_state *state, const struct cotp_demand *demands, struct message *m,
    struct cotp_tpdu *tpdu)
{
	bool request = direction == DIRECTION_REQUEST;
	struct cotp_demand wanted;
	uint16_t code;

	m->kind = MESSAGE_LINK;
	if (read_usual(c, direction, context, state, demands, tpdu))
		return true;
	wanted = *demands;
	/* data that are here tell by themselves what is wrong with them */
	if (data_here(c))
		wanted.whole_possible = NULL;
	demands = &wanted;
	m->later = empty_waits(state, direction, context, demands);
	*tpdu = (struct cotp_tpdu){0};
	read_tpkt_version(c);
	check_length(c, direction, context, state, demands);
	read_tpkt_length(c);
	if (!cursor_ok(c))
		return false;
	tpdu->type = read_type(c, direction, context, state, demands);
	if (!cursor_ok(c))
		return false;
	if (tpdu->type == TPDU_DT) {
		if (!read_data_header(c, state, direction, demands, tpdu))
			return false;
		if (tpdu->added > 0)
			return true;
		name_function(m, COTP_EMPTY);
		m->no_response = true;
		return false;
	}
	if (tpdu->type == TPDU_CR || tpdu->type == TPDU_CC) {
		code = COTP_CONNECT;
		m->kind = request ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	} else {
		code = tpdu->type == TPDU_ER ? COTP_ERROR : COTP_DISCONNECT;
	}
	name_function(m, code);
	if (code == COTP_CONNECT)
		read_connect(c, state, demands->called, m, tpdu);
	else
		read_end(c, m, tpdu);
	return false;
}

void
cotp_unit(const struct cotp_state *state, const struct context *context, struct message *m)
{
	if (state->has_place) {
		m->unit_source = state->type;
		m->unit = state->place;
		m->has_unit = true;
	} else if (context->middle || state->phase == COTP_OPEN) {
		/* nobody saw to which place: a rule that names some does not mean it */
		m->unit_source = m->unit = UINT32_MAX;
		m->has_unit = true;
	}
}

struct cursor
cotp_pieces(const struct cursor *c, const struct cotp_state *state, enum direction direction,
    bool end, uint8_t *room)
{
	struct cursor here = cursor_peek(c), pieces;
	uint32_t waiting = state->waiting[direction], count = cursor_here(c);
	uint32_t whole = waiting + cursor_left(c);

	assert(whole <= COTP_DATA_MAX);
	memcpy(room, state->data[direction], waiting);
	if (count > 0)
		memcpy(&room[waiting], cursor_bytes(&here, count, ""), count);
	cursor_init(&pieces, room, waiting + count, end ? whole : UINT32_MAX);
	return pieces;
}

void
cotp_pieces_end(struct cursor *c, const struct cursor *pieces, bool end)
{
	if (pieces->state == CURSOR_FAILED)
		cursor_fail(c, pieces->reason);
	else if (pieces->state == CURSOR_OVERRUN)
		cursor_fail(c, REASON_LENGTH_MISMATCH);
	else if (end && cursor_ok(pieces) && cursor_left(pieces) > 0)
		cursor_fail(c, REASON_TRAILING_BYTES);
	cursor_bytes(c, cursor_left(c), "piece");
}

static void
commit_empty(struct cotp_state *state, enum direction direction, const struct context *context)
{
	if (empty_alone(state, direction, context))
		state->empties[direction] = 0;
	if (state->empties[direction] == 0)
		state->emptying_ms[direction] = context->now_ms;
	if (state->empties[direction] < UINT8_MAX)
		state->empties[direction]++;
	state->emptied_ms[direction] = context->now_ms;
}

static void
commit_data(struct cotp_state *state, enum direction direction, const struct context *context,
    const struct cotp_tpdu *tpdu, const uint8_t *room)
{
	state->phase = COTP_OPEN;
	if (tpdu->added > 0)
		state->empties[direction] = 0;
	else
		commit_empty(state, direction, context);
	if (tpdu->end) {
		state->waiting[direction] = 0;
		state->pieces[direction] = 0;
		return;
	}
	assert(state->waiting[direction] + tpdu->added <= COTP_DATA_MAX);
	if (room == NULL)
		return;
	if (state->pieces[direction] < UINT8_MAX)
		state->pieces[direction]++;
	memcpy(state->data[direction], room, state->waiting[direction] + (size_t)tpdu->added);
	state->waiting[direction] = (uint16_t)(state->waiting[direction] + tpdu->added);
}

void
cotp_commit(struct cotp_state *state, enum direction direction, const struct context *context,
    const struct cotp_tpdu *tpdu, const uint8_t *room)
{
	switch (tpdu->type) {
	case TPDU_CR:
		memset(state->waiting, 0, sizeof(state->waiting));
		memset(state->pieces, 0, sizeof(state->pieces));
		state->phase = COTP_ASKED;
		state->size_code = tpdu->told.size_code;
		state->has_place = tpdu->told.called_length == 2;
		state->type = (uint8_t)(tpdu->told.called >> 8);
		state->place = (uint8_t)(tpdu->told.called & 0xff);
		break;
	case TPDU_CC:
		state->phase = COTP_OPEN;
		if (tpdu->told.size_code != 0)
			state->size_code = tpdu->told.size_code;
		break;
	case TPDU_DT:
		commit_data(state, direction, context, tpdu, room);
		break;
	default:
		state->phase = COTP_ENDED;
		break;
	}
}
