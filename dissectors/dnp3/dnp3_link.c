/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, data link layer (IEEE 1815 clause 9): frames, their CRCs, and the frames without user data.
 *
 * A block's bytes are read as soon as they are here, and every CRC is checked byte by byte, so that
 * nothing waits for the end of a frame to be refused.
 */
#include <string.h>

#include "dnp3_functions.h"
#include "dnp3_link.h"
#include "dnp3_pairs.h"

enum { START_ONE = 0x05, START_TWO = 0x64, LENGTH_BASE = 5 };
enum { CONTROL_DIR = 0x80, CONTROL_PRM = 0x40, CONTROL_FCB = 0x20, CONTROL_FCV = 0x10 };

/* clang-format off */
/*
 * x^16 + x^13 + x^12 + x^11 + x^10 + x^8 + x^6 + x^5 + x^2 + 1, lowest bit first.  A CRC is linear:
 * what a byte does to it is the sum of what its bits do, highest first in these rows.  Row k is of
 * a byte with k others behind it.
 */
#define BIT_OF(i, n, x) ((i) >> (n) & 1 ? (x) : 0)
#define ENTRY(i, a, b, c, d, e, f, g, h)                                             \
	(BIT_OF(i, 7, a) ^ BIT_OF(i, 6, b) ^ BIT_OF(i, 5, c) ^ BIT_OF(i, 4, d) ^     \
	 BIT_OF(i, 3, e) ^ BIT_OF(i, 2, f) ^ BIT_OF(i, 1, g) ^ BIT_OF(i, 0, h))
#define ENTRIES_4(i, ...)                                                            \
	ENTRY(i, __VA_ARGS__), ENTRY((i) + 1, __VA_ARGS__),                          \
	ENTRY((i) + 2, __VA_ARGS__), ENTRY((i) + 3, __VA_ARGS__)
#define ENTRIES_16(i, ...)                                                           \
	ENTRIES_4(i, __VA_ARGS__), ENTRIES_4((i) + 4, __VA_ARGS__),                  \
	ENTRIES_4((i) + 8, __VA_ARGS__), ENTRIES_4((i) + 12, __VA_ARGS__)
#define ENTRIES_64(i, ...)                                                           \
	ENTRIES_16(i, __VA_ARGS__), ENTRIES_16((i) + 16, __VA_ARGS__),               \
	ENTRIES_16((i) + 32, __VA_ARGS__), ENTRIES_16((i) + 48, __VA_ARGS__)
#define ENTRIES_256(...)                                                             \
	ENTRIES_64(0, __VA_ARGS__), ENTRIES_64(64, __VA_ARGS__),                     \
	ENTRIES_64(128, __VA_ARGS__), ENTRIES_64(192, __VA_ARGS__)

enum { CRC_AT_ONCE = 8 };

static const uint16_t crc_table[CRC_AT_ONCE][256] = {
	{ENTRIES_256(0xa6bc, 0x535e, 0x29af, 0xb26b, 0xff89, 0xd978, 0x6cbc, 0x365e)},
	{ENTRIES_256(0x1b2f, 0xab2b, 0xf329, 0xdf28, 0x6f94, 0x37ca, 0x1be5, 0xab4e)},
	{ENTRIES_256(0x55a7, 0x8c6f, 0xe08b, 0xd6f9, 0xcdc0, 0x66e0, 0x3370, 0x19b8)},
	{ENTRIES_256(0x0cdc, 0x066e, 0x0337, 0xa727, 0xf52f, 0xdc2b, 0xc8a9, 0xc2e8)},
	{ENTRIES_256(0x6174, 0x30ba, 0x185d, 0xaa92, 0x5549, 0x8c18, 0x460c, 0x2306)},
	{ENTRIES_256(0x1183, 0xae7d, 0xf182, 0x78c1, 0x9adc, 0x4d6e, 0x26b7, 0xb5e7)},
	{ENTRIES_256(0xfc4f, 0xd89b, 0xcaf1, 0xc3c4, 0x61e2, 0x30f1, 0xbec4, 0x5f62)},
	{ENTRIES_256(0x2fb1, 0xb164, 0x58b2, 0x2c59, 0xb090, 0x5848, 0x2c24, 0x1612)},
};
/* clang-format on */

/* Eight bytes at once: their look-ups need not wait for each other. */
uint16_t
dnp3_crc(const uint8_t *data, size_t length)
{
	uint16_t crc = 0;
	size_t i = 0;

	for (; length - i >= CRC_AT_ONCE; i += CRC_AT_ONCE)
		crc = crc_table[7][(crc ^ data[i]) & 0xff] ^ crc_table[6][crc >> 8 ^ data[i + 1]] ^
		    crc_table[5][data[i + 2]] ^ crc_table[4][data[i + 3]] ^
		    crc_table[3][data[i + 4]] ^ crc_table[2][data[i + 5]] ^
		    crc_table[1][data[i + 6]] ^ crc_table[0][data[i + 7]];
	for (; i < length; i++)
		crc = (uint16_t)(crc >> 8 ^ crc_table[0][(crc ^ data[i]) & 0xff]);
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
	if (w->primary)
		dnp3_want_pair(r, c);
}

/* ---- what is remembered ---- */

static void
count_up(uint8_t *counter)
{
	if (*counter < UINT8_MAX)
		++*counter;
}

static void
count_down(uint8_t *counter)
{
	if (*counter > 0)
		--*counter;
}

static void
keep_counts(struct dnp3_pair *pair, enum direction direction, const struct dnp3_work *w)
{
	enum direction back =
	    direction == DIRECTION_REQUEST ? DIRECTION_RESPONSE : DIRECTION_REQUEST;

	if (!w->primary) {
		bool ack = w->link_function == LINK_ACK || w->link_function == LINK_NACK;

		if (w->link_function == LINK_NOT_SUPPORTED)
			ack = pair->due_ack[direction] > 0;
		count_down(ack ? &pair->due_ack[direction] : &pair->due_status[direction]);
		return;
	}
	if (w->link_function == LINK_REQUEST_STATUS)
		count_up(&pair->due_status[back]);
	else if (w->link_function != LINK_UNCONFIRMED)
		count_up(&pair->due_ack[back]);
	if (w->link_function == LINK_RESET)
		pair->fcb_known[direction] = pair->fcb[direction] = true;
	else if (w->fcv)
		pair->fcb[direction] = !w->fcb;
}

static void
keep_confirmed(struct dnp3_confirmed *last, const struct dnp3_work *w)
{
	if (!w->primary || w->link_function == LINK_UNCONFIRMED ||
	    w->link_function == LINK_REQUEST_STATUS)
		return;
	/* a reset begins to count anew */
	last->known = w->fcv;
	last->fcb = w->fcb;
	last->function = w->link_function;
	last->length = (uint8_t)w->user_length;
	last->master = w->master;
	last->outstation = w->outstation;
	memcpy(last->user, w->user, w->user_here);
}

void
dnp3_keep_frame(struct dnp3_state *state, struct dnp3_pair *pair, enum direction direction,
    const struct dnp3_work *w)
{
	if (pair != NULL)
		keep_counts(pair, direction, w);
	keep_confirmed(&state->confirmed[direction], w);
}
