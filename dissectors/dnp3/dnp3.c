/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: IEEE Std 1815-2012 over TCP and UDP (clause 13).
 *
 * What the engine calls a message is a frame of the link layer here: a message ends with the frame
 * that ends its fragment, and what stands before it is unfinished.  This file only puts the layers
 * together: dnp3_link.c reads frames (clause 9) into user data without CRCs, dnp3_segment.c joins
 * segments to fragments (clause 8), dnp3_application.c reads a fragment's header (clause 4) and
 * dnp3_objects.c what stands behind it.
 */
#include <string.h>

#include "dnp3_application.h"
#include "dnp3_forms.h"
#include "dnp3_functions.h"
#include "dnp3_link.h"
#include "dnp3_pairs.h"
#include "dnp3_segment.h"
#include "dnp3_selects.h"
#include "dnp3_sizes.h"
#include "dnp3_told.h"

enum { FRAME_MAX = DNP3_HEADER_SIZE + DNP3_USER_MAX + 2 * 16 };

static uint32_t
dnp3_frame(struct cursor *c, enum direction direction)
{
	uint32_t user;

	cursor_expect_u8(c, 0x05, 0x05, REASON_LINK_START);
	cursor_u8(c, "sync");
	cursor_expect_u8(c, 0x64, 0x64, REASON_LINK_START);
	cursor_u8(c, "sync");
	cursor_expect_u8(c, 5, 255, REASON_LENGTH_INVALID);
	user = cursor_u8(c, "length");
	if (!cursor_ok(c))
		return 0;
	user -= 5;
	return DNP3_HEADER_SIZE + user + 2 * ((user + DNP3_BLOCK_SIZE - 1) / DNP3_BLOCK_SIZE);
}

/* Where in the frame byte `i` of the user data stands. */
static uint32_t
place_in_frame(uint32_t i)
{
	return DNP3_HEADER_SIZE + i + 2 * (i / DNP3_BLOCK_SIZE);
}

/*
 * Fields of the fragment were recorded where they stand in it; put them where they stand in this
 * frame.  Those of earlier frames keep their values and have no length here.
 */
static void
place_fields(struct trace *trace, uint32_t from, const struct dnp3_work *w)
{
	uint32_t previous = w->previous;

	for (uint32_t i = from; i < trace->count; i++) {
		struct trace_field *f = &trace->fields[i];
		uint32_t end = f->offset + f->length;

		if (end <= previous) {
			f->offset = DNP3_HEADER_SIZE;
			f->length = 0;
			continue;
		}
		/* the first byte of the user data is the transport header */
		f->offset = f->offset < previous ? previous : f->offset;
		f->offset = place_in_frame(w->skipped + f->offset - previous + 1);
		f->length = place_in_frame(w->skipped + end - previous) + 1 - f->offset;
	}
}

static void
read_user_data(struct dnp3_read *r, struct cursor *c)
{
	struct cursor segment, fragment;
	uint32_t fields;
	bool good;

	dnp3_read_blocks(r, c);
	if (r->work->repeated) {
		dnp3_read_repeated(r, c);
		return;
	}
	fields = c->trace != NULL ? c->trace->count : 0;
	/* what is wrong with the segment is wrong however many of its bytes are here */
	cursor_init(&segment, NULL, 0, 0);
	good = dnp3_read_segment(r, &segment, &fragment);
	cursor_sub_end(c, &segment);
	if (!good)
		return;
	fragment.trace = c->trace;
	dnp3_read_fragment(r, &fragment);
	if (c->trace != NULL)
		place_fields(c->trace, fields, r->work);
	cursor_sub_end(c, &fragment);
	r->work->whole = r->work->final;
	r->m->unfinished = cursor_ok(c) && !r->work->final;
}

/* 13: an outstation may open the connection too. */
static enum direction
from_master(enum direction direction, const struct context *context, const struct message *m)
{
	if (!context_setting(m->dissector, context, DNP3_MASTER_LISTENS))
		return direction;
	return direction == DIRECTION_REQUEST ? DIRECTION_RESPONSE : DIRECTION_REQUEST;
}

static void
dnp3_decode(
    struct cursor *c, enum direction direction, const struct context *context, struct message *m)
{
	struct dnp3_read r = {
	    .direction = from_master(direction, context, m),
	    .context = context,
	    .state = context->state,
	    .work = context->scratch,
	    .m = m,
	};

	memset(r.work, 0, offsetof(struct dnp3_work, select));
	r.work->pair = r.work->assembly = DNP3_NONE;
	m->kind = r.direction == DIRECTION_REQUEST ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	m->together = context->datagram && r.direction == DIRECTION_REQUEST &&
	    !context_setting(m->dissector, context, DNP3_SPLIT_REQUESTS);
	dnp3_read_header(&r, c);
	if (!cursor_ok(c))
		return;
	if (r.work->user_length > 0)
		read_user_data(&r, c);
	else
		dnp3_read_link_message(&r, c);
}

static void
dnp3_commit(
    void *state, enum direction direction, const struct context *context, const struct message *m)
{
	enum direction from = from_master(direction, context, m);
	const struct dnp3_work *w = context->scratch;
	struct dnp3_pair *pair = dnp3_keep_pair(state, w, context->now_ms);

	dnp3_keep_frame(state, pair, from, w);
	if (w->segment && w->assembly != DNP3_NONE)
		dnp3_keep_segment(state, context, w);
	if (!w->whole)
		return;
	if (from == DIRECTION_REQUEST)
		dnp3_keep_request(state, w, context->now_ms);
	else if (pair != NULL)
		dnp3_keep_response(pair, w);
}

/*
 * A request that is refused becomes one of function code 112 with the same addresses and control
 * octets, zeros for objects, and CRCs that fit.  The table of function codes reserves 34 to 128; an
 * outstation answers a code that it does not support with IIN2.0 and no objects (4.4.1, 4.5), and
 * reads no objects that it does not know the function of.  To its master this is the refusal that
 * it asked for: the answer has the request's sequence, and nothing in it must be translated.  Why
 * not a read of an unknown object: reads may bring events, which are gone when they are confirmed.
 *
 * Not: requests in several frames, of which some have gone already; confirmations, which are never
 * answered; frames that the link layer may repeat, which are compared with what was sent before.
 */
enum { REFUSED_FUNCTION = 112, AT_FUNCTION = 2 };

static void
put_crcs(struct edit *e, uint32_t user_length)
{
	for (uint32_t i = 0; i < user_length; i += DNP3_BLOCK_SIZE) {
		uint32_t left = user_length - i, at = place_in_frame(i);
		uint32_t size = left < DNP3_BLOCK_SIZE ? left : DNP3_BLOCK_SIZE;
		uint16_t crc = dnp3_crc(&e->bytes[at], size);

		edit_put(e, at + size, (uint8_t)crc);
		edit_put(e, at + size + 1, (uint8_t)(crc >> 8));
	}
}

static bool
dnp3_refuse(struct edit *e, const struct context *context, struct message *m)
{
	struct dnp3_work *w = context->scratch;

	if (m->kind != MESSAGE_REQUEST || !w->segment || w->response || w->repeated || !w->first ||
	    !w->final || w->previous > 0 || w->link_function != LINK_UNCONFIRMED ||
	    w->function == FC_CONFIRM || w->user_length <= AT_FUNCTION ||
	    w->user_here != w->user_length ||
	    e->length < place_in_frame(w->user_length - 1) + 1 + 2)
		return false;
	edit_put(e, place_in_frame(AT_FUNCTION), REFUSED_FUNCTION);
	for (uint32_t i = AT_FUNCTION + 1; i < w->user_length; i++)
		edit_put(e, place_in_frame(i), 0);
	put_crcs(e, w->user_length);
	w->function = REFUSED_FUNCTION;
	return true;
}

/* Internal indications that refuse a request, the lowest bit of them (4, table of indications). */
static const char *
dnp3_exception_word(uint8_t code)
{
	switch (code) {
	case 0x01:
		return "no-func-code-support";
	case 0x02:
		return "object-unknown";
	case 0x04:
		return "parameter-error";
	case 0x10:
		return "already-executing";
	default:
		return NULL;
	}
}

static const struct setting settings[DNP3_SETTING_COUNT] = {
    [DNP3_SELECT_TIMEOUT] = {"select_timeout", 1, 3600, 10},
    [DNP3_FRAGMENT_SIZE] = {"fragment_max", DNP3_FRAGMENT_MIN, DNP3_FRAGMENT_MAX,
	DNP3_FRAGMENT_NORMAL},
    [DNP3_LINK_CONFIRM] = {"link_confirm", 0, 1, 0},
    [DNP3_SPLIT_REQUESTS] = {"split_requests", 0, 1, 0},
    [DNP3_MASTER_LISTENS] = {"master_listens", 0, 1, 0},
};

static const struct token_part token_parts[] = {
    {"sequence", 0, 16},
    {"outstation", 16, 16},
    {"master", 32, 16},
};

const struct dissector dnp3_dissector = {
    .name = "dnp3",
    .title = "DNP3",
    .port = 20000,
    .tcp = true,
    .udp = true,
    .message_max = FRAME_MAX,
    .token_unit = UINT64_C(0xffff) << 16,
    .token_transaction = 0xffff,
    .state_size = sizeof(struct dnp3_state),
    .scratch_size = sizeof(struct dnp3_work),
    .settings = settings,
    .setting_count = DNP3_SETTING_COUNT,
    .server_asks = DNP3_MASTER_LISTENS + 1,
    .functions = dnp3_functions,
    .function_count = DNP3_FUNCTION_COUNT,
    .spaces = dnp3_spaces,
    .space_count = DNP3_SPACE_COUNT,
    .touches = dnp3_touches,
    .touch_count = DNP3_TOUCH_COUNT,
    .types = dnp3_types,
    .type_count = DNP3_TYPE_COUNT,
    .unasked = {FC_UNSOLICITED, DNP3_CLASSES, "g2:*"},
    .parts = dnp3_parts,
    .part_count = DNP3_PART_COUNT,
    .value_words = dnp3_value_words,
    .value_word_count = DNP3_VALUE_WORD_COUNT,
    .frame = dnp3_frame,
    .decode = dnp3_decode,
    .commit = dnp3_commit,
    .refuse = dnp3_refuse,
    .parse_points = dnp3_parse_points,
    .point_format = dnp3_point_format,
    .print_points = dnp3_print_points,
    .parse_units = dnp3_parse_units,
    .print_units = dnp3_print_units,
    .unit_max = UINT16_MAX,
    .token_parts = token_parts,
    .token_part_count = sizeof(token_parts) / sizeof(token_parts[0]),
    .exception_word = dnp3_exception_word,
    .tell = dnp3_tell,
    .details = dnp3_details,
    .detail_count = DNP3_DETAIL_COUNT,
    .rows = "application.objects",
    .columns = dnp3_columns,
    .column_count = DNP3_COLUMN_COUNT,
};
