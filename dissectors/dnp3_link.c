/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, data link layer (IEEE 1815 clause 9): frames, their CRCs, and the frames without user data.
 *
 * A block's bytes are read as soon as they are here, and every CRC is checked byte by byte, so that
 * nothing waits for the end of a frame to be refused.
 */
#include <string.h>

#include "dnp3.h"

enum { START_ONE = 0x05, START_TWO = 0x64, LENGTH_BASE = 5 };
enum { CONTROL_DIR = 0x80, CONTROL_PRM = 0x40, CONTROL_FCB = 0x20, CONTROL_FCV = 0x10 };

/* clang-format off */
/* x^16 + x^13 + x^12 + x^11 + x^10 + x^8 + x^6 + x^5 + x^2 + 1, lowest bit first */
static const uint16_t crc_table[256] = {
	0x0000, 0x365e, 0x6cbc, 0x5ae2, 0xd978, 0xef26, 0xb5c4, 0x839a, 0xff89, 0xc9d7,
	0x9335, 0xa56b, 0x26f1, 0x10af, 0x4a4d, 0x7c13, 0xb26b, 0x8435, 0xded7, 0xe889,
	0x6b13, 0x5d4d, 0x07af, 0x31f1, 0x4de2, 0x7bbc, 0x215e, 0x1700, 0x949a, 0xa2c4,
	0xf826, 0xce78, 0x29af, 0x1ff1, 0x4513, 0x734d, 0xf0d7, 0xc689, 0x9c6b, 0xaa35,
	0xd626, 0xe078, 0xba9a, 0x8cc4, 0x0f5e, 0x3900, 0x63e2, 0x55bc, 0x9bc4, 0xad9a,
	0xf778, 0xc126, 0x42bc, 0x74e2, 0x2e00, 0x185e, 0x644d, 0x5213, 0x08f1, 0x3eaf,
	0xbd35, 0x8b6b, 0xd189, 0xe7d7, 0x535e, 0x6500, 0x3fe2, 0x09bc, 0x8a26, 0xbc78,
	0xe69a, 0xd0c4, 0xacd7, 0x9a89, 0xc06b, 0xf635, 0x75af, 0x43f1, 0x1913, 0x2f4d,
	0xe135, 0xd76b, 0x8d89, 0xbbd7, 0x384d, 0x0e13, 0x54f1, 0x62af, 0x1ebc, 0x28e2,
	0x7200, 0x445e, 0xc7c4, 0xf19a, 0xab78, 0x9d26, 0x7af1, 0x4caf, 0x164d, 0x2013,
	0xa389, 0x95d7, 0xcf35, 0xf96b, 0x8578, 0xb326, 0xe9c4, 0xdf9a, 0x5c00, 0x6a5e,
	0x30bc, 0x06e2, 0xc89a, 0xfec4, 0xa426, 0x9278, 0x11e2, 0x27bc, 0x7d5e, 0x4b00,
	0x3713, 0x014d, 0x5baf, 0x6df1, 0xee6b, 0xd835, 0x82d7, 0xb489, 0xa6bc, 0x90e2,
	0xca00, 0xfc5e, 0x7fc4, 0x499a, 0x1378, 0x2526, 0x5935, 0x6f6b, 0x3589, 0x03d7,
	0x804d, 0xb613, 0xecf1, 0xdaaf, 0x14d7, 0x2289, 0x786b, 0x4e35, 0xcdaf, 0xfbf1,
	0xa113, 0x974d, 0xeb5e, 0xdd00, 0x87e2, 0xb1bc, 0x3226, 0x0478, 0x5e9a, 0x68c4,
	0x8f13, 0xb94d, 0xe3af, 0xd5f1, 0x566b, 0x6035, 0x3ad7, 0x0c89, 0x709a, 0x46c4,
	0x1c26, 0x2a78, 0xa9e2, 0x9fbc, 0xc55e, 0xf300, 0x3d78, 0x0b26, 0x51c4, 0x679a,
	0xe400, 0xd25e, 0x88bc, 0xbee2, 0xc2f1, 0xf4af, 0xae4d, 0x9813, 0x1b89, 0x2dd7,
	0x7735, 0x416b, 0xf5e2, 0xc3bc, 0x995e, 0xaf00, 0x2c9a, 0x1ac4, 0x4026, 0x7678,
	0x0a6b, 0x3c35, 0x66d7, 0x5089, 0xd313, 0xe54d, 0xbfaf, 0x89f1, 0x4789, 0x71d7,
	0x2b35, 0x1d6b, 0x9ef1, 0xa8af, 0xf24d, 0xc413, 0xb800, 0x8e5e, 0xd4bc, 0xe2e2,
	0x6178, 0x5726, 0x0dc4, 0x3b9a, 0xdc4d, 0xea13, 0xb0f1, 0x86af, 0x0535, 0x336b,
	0x6989, 0x5fd7, 0x23c4, 0x159a, 0x4f78, 0x7926, 0xfabc, 0xcce2, 0x9600, 0xa05e,
	0x6e26, 0x5878, 0x029a, 0x34c4, 0xb75e, 0x8100, 0xdbe2, 0xedbc, 0x91af, 0xa7f1,
	0xfd13, 0xcb4d, 0x48d7, 0x7e89, 0x246b, 0x1235,
};
/* clang-format on */

uint16_t
dnp3_crc(const uint8_t *data, size_t length)
{
	uint16_t crc = 0;

	for (size_t i = 0; i < length; i++)
		crc = (uint16_t)(crc >> 8 ^ crc_table[(crc ^ data[i]) & 0xff]);
	return (uint16_t)~crc;
}

/* The CRC of `length` bytes at `data`, which stand before the cursor. */
static void
read_crc(struct cursor *c, const uint8_t *data, uint32_t length)
{
	if (data == NULL)
		return;
	expect_le16(c, dnp3_crc(data, length), REASON_LINK_CRC);
	cursor_le16(c, "CRC");
}

/* Which frames there are, FCV where it is meant, and whether they carry user data. */
static bool
function_known(const struct dnp3_work *w)
{
	if (!w->primary)
		return w->link_function == LINK_ACK || w->link_function == LINK_NACK ||
		    w->link_function == LINK_STATUS || w->link_function == LINK_NOT_SUPPORTED;
	return w->link_function == LINK_RESET || w->link_function == LINK_TEST ||
	    w->link_function == LINK_CONFIRMED || w->link_function == LINK_UNCONFIRMED ||
	    w->link_function == LINK_REQUEST_STATUS;
}

static bool
carries_data(const struct dnp3_work *w)
{
	return w->primary &&
	    (w->link_function == LINK_CONFIRMED || w->link_function == LINK_UNCONFIRMED);
}

/* Does this pair wait for such a frame: an answer that was asked for, the count bit that is next?
 */
static bool
pair_expects(const struct dnp3_read *r, const struct dnp3_pair *pair)
{
	const struct dnp3_work *w = r->work;
	bool ack = pair->due_ack[r->direction] > 0, status = pair->due_status[r->direction] > 0;

	if (w->primary)
		return pair->fcb_known[r->direction] && pair->fcb[r->direction] == w->fcb;
	if (w->link_function == LINK_NOT_SUPPORTED)
		return ack || status;
	return w->link_function == LINK_STATUS ? status : ack;
}

/* Is this, as far as the header tells, the frame that this side sent last, once more? */
static bool
may_repeat(const struct dnp3_read *r, const struct dnp3_pair *pair)
{
	const struct dnp3_confirmed *last = &r->state->confirmed[r->direction];
	const struct dnp3_work *w = r->work;

	return w->primary && last->known && last->function == w->link_function &&
	    last->fcb == w->fcb && last->length == w->user_length &&
	    (pair == NULL ||
		(pair->master == last->master && pair->outstation == last->outstation));
}

/* The same where it matters, of any pair while the addresses are not known (`pair` is NULL then).
 */
static bool
expected(const struct dnp3_read *r, const struct dnp3_pair *pair)
{
	bool any = false;

	if (r->work->primary && !r->work->fcv)
		return true;
	if (may_repeat(r, pair))
		return true;
	if (pair != NULL)
		return pair_expects(r, pair);
	for (size_t i = 0; i < DNP3_PAIRS_MAX; i++)
		any = any || pair_expects(r, &r->state->pairs[i]);
	return any;
}

static void
read_control(struct dnp3_read *r, struct cursor *c)
{
	struct dnp3_work *w = r->work;
	uint8_t control = cursor_u8(c, "link control");
	bool counted;

	if (!cursor_ok(c))
		return;
	w->link_control = control;
	w->link_known = true;
	w->primary = control & CONTROL_PRM;
	w->fcb = control & CONTROL_FCB;
	w->fcv = w->primary && (control & CONTROL_FCV);
	w->link_function = control & 0x0f;
	counted = w->link_function == LINK_TEST || w->link_function == LINK_CONFIRMED;
	demand(c, ((control & CONTROL_DIR) != 0) == (r->direction == DIRECTION_REQUEST),
	    REASON_LINK_DIRECTION);
	demand(c, function_known(w), REASON_LINK_FUNCTION);
	/* In answers the bit of FCB is reserved and that of FCV tells that buffers are full. */
	demand(c, w->primary ? w->fcv == counted : !w->fcb, REASON_LINK_FUNCTION);
	demand(c, carries_data(w) == (w->user_length > 0), REASON_LENGTH_INVALID);
	if (w->link_function == LINK_CONFIRMED && w->primary)
		demand(c, context_setting(r->m->dissector, r->context, DNP3_LINK_CONFIRM),
		    REASON_LINK_FUNCTION);
	demand(c, expected(r, NULL), w->primary ? REASON_LINK_COUNT : REASON_RESPONSE_UNMATCHED);
}

static void
read_addresses(struct dnp3_read *r, struct cursor *c)
{
	struct dnp3_work *w = r->work;
	bool request = r->direction == DIRECTION_REQUEST;
	uint16_t destination, source;

	destination = cursor_le16(c, "destination");
	if (cursor_ok(c) && destination >= DNP3_ADDRESS_RESERVED) {
		demand(c, destination >= DNP3_ADDRESS_SELF && request, REASON_LINK_ADDRESS);
		/* only data that nobody acknowledges may go to all */
		if (destination >= DNP3_ADDRESS_BROADCAST)
			demand(c, w->primary && w->link_function == LINK_UNCONFIRMED,
			    REASON_LINK_ADDRESS);
	}
	source = cursor_le16(c, "source");
	if (cursor_ok(c))
		demand(c, source < DNP3_ADDRESS_RESERVED, REASON_LINK_ADDRESS);
	if (!cursor_ok(c))
		return;
	w->master = request ? source : destination;
	w->outstation = request ? destination : source;
	w->pair = dnp3_find_pair(r->state, w->master, w->outstation);
	demand(c, w->pair != DNP3_NONE ? expected(r, dnp3_pair(r)) : w->primary && !w->fcv,
	    w->primary ? REASON_LINK_COUNT : REASON_RESPONSE_UNMATCHED);
	w->repeated = w->fcv && w->pair != DNP3_NONE && !pair_expects(r, dnp3_pair(r));
	r->m->unit_source = w->master;
	r->m->unit = w->outstation;
	r->m->has_unit = true;
	r->m->unit_named = destination >= DNP3_ADDRESS_SELF;
}

void
dnp3_read_header(struct dnp3_read *r, struct cursor *c)
{
	struct cursor ahead = cursor_peek(c);
	const uint8_t *header = cursor_bytes(&ahead, DNP3_HEADER_SIZE - 2, "");
	uint8_t length;

	cursor_expect_u8(c, START_ONE, START_ONE, REASON_LINK_START);
	cursor_u8(c, "sync");
	cursor_expect_u8(c, START_TWO, START_TWO, REASON_LINK_START);
	cursor_u8(c, "sync");
	length = cursor_u8(c, "length");
	if (cursor_ok(c))
		demand(
		    c, length == LENGTH_BASE || length >= LENGTH_BASE + 2, REASON_LENGTH_INVALID);
	r->work->user_length = length - LENGTH_BASE;
	read_control(r, c);
	read_addresses(r, c);
	read_crc(c, header, DNP3_HEADER_SIZE - 2);
}

/* Take what is here of one block; false if that was the last. */
static bool
read_block(struct dnp3_work *w, struct cursor *c)
{
	uint32_t length = w->user_length - w->user_here, here = cursor_here(c);
	struct cursor ahead = cursor_peek(c);
	const uint8_t *bytes;

	if (length > DNP3_BLOCK_SIZE)
		length = DNP3_BLOCK_SIZE;
	if (here > length)
		here = length;
	bytes = cursor_bytes(&ahead, here, "");
	if (bytes != NULL) {
		memcpy(&w->user[w->user_here], bytes, here);
		w->user_here += here;
	}
	read_crc(c, cursor_bytes(c, length, "user data"), length);
	return cursor_ok(c) && w->user_here < w->user_length;
}

void
dnp3_read_blocks(struct dnp3_read *r, struct cursor *c)
{
	if (cursor_ok(c) && r->work->user_length > 0)
		while (read_block(r->work, c))
			continue;
}

/*
 * User data that was let through before: whoever got it then will only acknowledge it, and whoever
 * did not gets the same.
 */
void
dnp3_read_repeated(struct dnp3_read *r, struct cursor *c)
{
	const struct dnp3_confirmed *last = &r->state->confirmed[r->direction];
	struct cursor same;

	/* what differs is wrong however many bytes are here */
	cursor_init(&same, NULL, 0, 0);
	demand(
	    &same, memcmp(r->work->user, last->user, r->work->user_here) == 0, REASON_LINK_COUNT);
	cursor_sub_end(c, &same);
	dnp3_read_link_message(r, c);
}

void
dnp3_read_link_message(struct dnp3_read *r, struct cursor *c)
{
	struct dnp3_work *w = r->work;
	struct message *m = r->m;

	m->kind = MESSAGE_LINK;
	m->function_code = (uint16_t)(0x100 | (w->primary ? CONTROL_PRM : 0) | w->link_function);
	m->function = dnp3_function(m->function_code, FUNCTION_NO_SUB);
	m->has_function = true;
	m->no_response = true;
	m->opaque = w->primary && w->link_function == LINK_RESET;
	if (w->primary)
		dnp3_want_pair(r, c);
}
