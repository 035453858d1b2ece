/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: user data: test functions, cyclic services, blocks, system status lists, alarms,
 * passwords, clock.
 *
 * A request names group and sub-function and carries one piece of data.  Where the piece tells what
 * is touched (status lists, blocks, variables of cyclic services) it is read; otherwise the message
 * is opaque, and a rule that limits points never allows it.
 */
#include "s7comm_block.h"
#include "s7comm_item.h"
#include "s7comm_space.h"
#include "s7comm_userdata.h"

enum {
	HEAD_REQUEST = 8, /* bytes of parameters */
	HEAD_RESPONSE = S7_USERDATA_PARAMETERS,
	DATA_HEAD = 4,
	METHOD_REQUEST = 0x11,
	METHOD_RESPONSE = 0x12,
	TYPE_PUSH = 0,
	TYPE_REQUEST = 4,
	TYPE_RESPONSE = 8,
	GROUP_CYCLIC = 2,
	GROUP_BLOCKS = 3,
	GROUP_CPU = 4,
	GROUP_COUNT = 16,
	SIZE_OCTETS = 9,
	SUCCESS = 0xff,
	NO_DATA = 0x0a,
};

/* What the data of a request are, behind their head. */
struct payload {
	uint8_t group;
	uint8_t sub;
	uint32_t min;
	uint32_t max;
	void (*read)(struct cursor *c, struct message *m);
};

static void
read_nothing(struct cursor *c, struct message *m)
{
	cursor_bytes(c, cursor_left(c), "payload");
}

static void
read_opaque(struct cursor *c, struct message *m)
{
	m->opaque = true;
	cursor_bytes(c, cursor_left(c), "payload");
}

static void
read_szl(struct cursor *c, struct message *m)
{
	uint16_t id = cursor_be16(c, "szl id"), index = cursor_be16(c, "szl index");

	if (cursor_ok(c))
		message_add_span(m, c, S7_SZL, ACCESS_DIAGNOSE, id, index, index);
}

static void
read_block_type(struct cursor *c, struct message *m)
{
	uint8_t type = s7_read_block_type(c);

	if (cursor_ok(c))
		message_add_span(m, c, S7_BLOCK, ACCESS_DIAGNOSE, type, 0, S7_BLOCK_NUMBER_MAX);
}

static void
read_block(struct cursor *c, struct message *m)
{
	s7_read_block(c, m, ACCESS_DIAGNOSE);
}

enum { ITEM_BYTES = 12, CYCLIC_HEAD = 4 };

/* A list of variables, and how often they are wanted. */
static void
read_cyclic(struct cursor *c, struct message *m)
{
	struct s7_reader r = {.c = c, .m = m};
	uint32_t count = (cursor_left(c) - CYCLIC_HEAD) / ITEM_BYTES;

	cursor_expect_be16(c, count, count, REASON_LENGTH_MISMATCH);
	cursor_be16(c, "items");
	cursor_u8(c, "time base");
	cursor_u8(c, "time factor");
	s7_read_item_list(&r, count);
}

/* Every other request is opaque and may have any payload. */
static const struct payload payloads[] = {
    {GROUP_CYCLIC, 1, CYCLIC_HEAD + ITEM_BYTES, CYCLIC_HEAD + 255 * ITEM_BYTES, read_cyclic},
    {GROUP_CYCLIC, 4, 2, 2, read_nothing},
    {GROUP_BLOCKS, 1, 0, 0, read_nothing},
    {GROUP_BLOCKS, 2, 2, 2, read_block_type},
    {GROUP_BLOCKS, 3, 8, 8, read_block},
    {GROUP_CPU, 1, 4, 4, read_szl},
    {GROUP_CPU, 2, 1, UINT16_MAX, read_nothing},
    {5, 1, 8, 8, read_nothing},
    {5, 2, 0, 0, read_nothing},
    {7, 1, 0, 0, read_nothing},
    {7, 2, 10, 10, read_opaque},
    {7, 3, 0, 0, read_nothing},
    {7, 4, 10, 10, read_opaque},
};

static const struct payload *
find_payload(uint8_t group, uint8_t sub)
{
	for (unsigned i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
		if (payloads[i].group == group && payloads[i].sub == sub)
			return &payloads[i];
	return NULL;
}

/*
 * `parts`: the request goes on with the parts of an answer that came before, and says no more (test
 * functions, which are opaque, have such heads always).
 */
static bool
payload_fits(const struct payload *payload, uint32_t length, bool parts)
{
	if (payload == NULL)
		return true;
	if (parts)
		return length == 0;
	if (payload->read == read_cyclic && (length - CYCLIC_HEAD) % ITEM_BYTES != 0)
		return false;
	return length >= payload->min && length <= payload->max;
}

bool
s7_userdata_fits(bool request, uint32_t parameters, uint32_t lo, uint32_t hi)
{
	if (parameters == HEAD_REQUEST && lo == 0 && !request)
		return true;
	return (parameters == HEAD_REQUEST || parameters == HEAD_RESPONSE) && hi >= DATA_HEAD;
}

/* Is there a function of this group (and this sub-function, if it is known) for such a message? */
static enum reason
judge_function(
    const struct s7_head *head, const struct message *m, uint8_t type, uint8_t group, int sub)
{
	enum reason reason = REASON_FUNCTION_UNKNOWN;

	for (uint32_t i = 0; i < m->dissector->function_count; i++) {
		const struct function *f = &m->dissector->functions[i];
		uint8_t low = (uint8_t)(sub >= 0 ? sub : f->sub);

		if (f->code != (S7_USERDATA | group) || group == 0 ||
		    (sub >= 0 && f->sub != FUNCTION_NO_SUB && f->sub != sub))
			continue;
		if (type != TYPE_PUSH && f->side == SIDE_SERVER) {
			reason = REASON_FUNCTION_DIRECTION;
			continue;
		}
		if (!head->request ||
		    payload_fits(find_payload(group, low), head->data - DATA_HEAD,
			head->parameters == HEAD_RESPONSE))
			return REASON_UNDECIDED;
		reason = REASON_LENGTH_MISMATCH;
	}
	return reason;
}

static uint8_t
read_type(struct s7_reader *r)
{
	struct s7_head *head = r->head;
	struct cursor *c = r->c, peek = cursor_peek(c);
	uint8_t byte = cursor_u8(&peek, ""), type = byte >> 4, group = byte & 15;
	enum reason reason;
	bool side;

	if (cursor_ok(&peek) && cursor_ok(c)) {
		if (head->request)
			side = type == TYPE_REQUEST;
		else
			side = type == TYPE_PUSH ||
			    (type == TYPE_RESPONSE && head->parameters == HEAD_RESPONSE);
		demand(c, side, REASON_FUNCTION_DIRECTION);
		reason = judge_function(head, r->m, type, group, -1);
		demand(c, reason == REASON_UNDECIDED, reason);
	}
	return cursor_u8(c, "type and group");
}

static void
read_function(struct s7_reader *r, uint8_t type, uint8_t group)
{
	struct cursor *c = r->c, peek = cursor_peek(c);
	struct message *m = r->m;
	uint8_t sub = cursor_u8(&peek, "");
	enum reason reason;

	if (cursor_ok(&peek) && cursor_ok(c)) {
		reason = judge_function(r->head, m, type, group, sub);
		demand(c, reason == REASON_UNDECIDED, reason);
	}
	cursor_u8(c, "sub-function");
	if (!cursor_ok(c))
		return;
	m->function_code = S7_USERDATA | group;
	m->function = dissector_find_code(m->dissector, m->function_code, sub);
	m->has_function = true;
	m->expect = mix(m->function_code, sub);
	r->head->function = sub;
	if (type == TYPE_PUSH)
		m->kind = MESSAGE_UNSOLICITED;
}

/* Reference and state of an answer in parts, and its error. */
static void
read_parts(struct s7_reader *r, uint8_t type, uint8_t group)
{
	struct cursor *c = r->c;
	uint16_t error;

	cursor_u8(c, "data unit");
	/* what comes in several requests can't be read, unless nobody reads it anyway */
	if (type == TYPE_REQUEST && find_payload(group, r->head->function) != NULL)
		cursor_expect_u8(c, 0, 0, REASON_VALUE_INVALID);
	cursor_u8(c, "more follows");
	if (type == TYPE_REQUEST)
		cursor_expect_be16(c, 0, 0, REASON_VALUE_INVALID);
	error = cursor_be16(c, "error");
	if (!cursor_ok(c) || error == 0 || type != TYPE_RESPONSE)
		return;
	r->m->kind = MESSAGE_EXCEPTION;
	r->m->exception = (uint8_t)(error >> 8);
	r->m->has_exception = true;
}

static void
read_payload(struct s7_reader *r, uint8_t type, uint8_t group)
{
	struct cursor *c = r->c;
	uint32_t length = r->head->data - DATA_HEAD;
	const struct payload *payload = find_payload(group, r->head->function);
	struct cursor peek, body;
	uint8_t size;

	if (type == TYPE_REQUEST) {
		r->m->opaque = payload == NULL;
		cursor_expect_either_u8(
		    c, SUCCESS, length == 0 ? NO_DATA : SUCCESS, REASON_VALUE_INVALID);
	}
	cursor_u8(c, "return code");
	peek = cursor_peek(c);
	size = cursor_u8(&peek, "");
	if (cursor_ok(&peek))
		demand(c,
		    size == SIZE_OCTETS || (size == 0 && length == 0) ||
			(!r->head->request && size == 4),
		    REASON_VALUE_INVALID);
	size = cursor_u8(c, "data size");
	cursor_expect_be16(c, size == 4 ? length * 8 : length, size == 4 ? length * 8 : length,
	    REASON_LENGTH_MISMATCH);
	cursor_be16(c, "data length");
	if (length == 0)
		return;
	body = cursor_sub(c, length, "payload");
	if (type != TYPE_REQUEST)
		read_nothing(&body, r->m);
	else if (payload != NULL)
		payload->read(&body, r->m);
	else
		read_opaque(&body, r->m);
	cursor_sub_end(c, &body);
}

/* The server tells its new mode. */
static void
read_mode(struct s7_reader *r)
{
	struct cursor *c = r->c, peek;
	struct message *m = r->m;
	uint8_t mode;

	s7_constant(c, "\x00\x10\x10\x00\x00", 5, "head");
	peek = cursor_peek(c);
	mode = cursor_u8(&peek, "");
	if (cursor_ok(&peek))
		demand(c, dissector_find_code(m->dissector, S7_MODE_TRANSITION, mode) != NULL,
		    REASON_FUNCTION_UNKNOWN);
	cursor_u8(c, "mode");
	if (cursor_ok(c)) {
		m->kind = MESSAGE_UNSOLICITED;
		m->function_code = S7_MODE_TRANSITION;
		m->function = dissector_find_code(m->dissector, S7_MODE_TRANSITION, mode);
		m->has_function = true;
	}
	cursor_u8(c, "reserved");
}

void
s7_read_userdata(struct s7_reader *r)
{
	struct s7_head *head = r->head;
	struct cursor *c = r->c;
	bool long_head = head->parameters == HEAD_RESPONSE;
	uint8_t method = long_head ? METHOD_RESPONSE : METHOD_REQUEST, type, group;

	r->m->kind = head->request ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	if (head->data == 0) {
		cursor_expect_u8(c, 1, 1, REASON_VALUE_INVALID);
		cursor_u8(c, "head");
		read_mode(r);
		return;
	}
	s7_constant(c, "\x00\x01\x12", 3, "head");
	cursor_expect_u8(c, long_head ? 8 : 4, long_head ? 8 : 4, REASON_LENGTH_MISMATCH);
	cursor_u8(c, "head length");
	cursor_expect_u8(c, method, method, REASON_VALUE_INVALID);
	cursor_u8(c, "method");
	type = read_type(r);
	if (!cursor_ok(c))
		return;
	group = type & 15;
	type = type >> 4;
	read_function(r, type, group);
	cursor_u8(c, "sequence");
	if (long_head)
		read_parts(r, type, group);
	if (cursor_ok(c))
		read_payload(r, type, group);
}
