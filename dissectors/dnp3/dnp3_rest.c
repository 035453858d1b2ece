/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNP3, responses that are not kept as a whole: see dnp3_rest.h. */
#include <assert.h>
#include <string.h>

#include "dnp3_rest.h"

enum { UNTOLD_HEADER = 3 }; /* group, variation, qualifier */
enum { RESPONSE_HEADER = 4, RANGE_LAST = 2, RANGE_FREE = 11, RANGE_LONG = 2, COUNT_LONG = 9 };

/* What is left to read, and how much of it is here. */
struct left {
	struct dnp3_header header; /* of no objects: a new header comes */
	struct cursor here;
	uint32_t skip; /* bytes that are not here of an object whose others need not be kept */
};

static void
pass_objects(struct left *left, uint32_t count)
{
	left->header.count -= count;
	left->header.lowest += count;
}

/* An object begins: pass over it if what can be wrong with it is here. */
static void
pass_begun(struct left *left, uint32_t needed, uint32_t size)
{
	uint32_t here = cursor_here(&left->here);

	if (here == 0 || here < needed || left->header.count == 0)
		return;
	assert(size >= here);
	left->skip = size - here;
	cursor_bytes(&left->here, here, "");
	pass_objects(left, 1);
}

/* Objects of one length, one behind the other. */
static void
pass_run(struct left *left)
{
	const struct dnp3_header *h = &left->header;
	uint32_t here = cursor_here(&left->here), size = h->body_min;
	uint64_t count;

	if (h->size == SIZE_BIT || h->size == SIZE_TWO_BITS) {
		count = (uint64_t)here * (h->size == SIZE_BIT ? 8 : 4);
		cursor_bytes(&left->here, here, "");
		pass_objects(left, (uint32_t)(count < h->count ? count : h->count));
		return;
	}
	count = size == 0 || here / size > h->count ? h->count : here / size;
	cursor_bytes(&left->here, count * size, "");
	pass_objects(left, (uint32_t)count);
	pass_begun(left, 1, size);
}

static uint32_t
peek_number(struct cursor *ahead, uint32_t width)
{
	return width == 1 ? cursor_u8(ahead, "")
	    : width == 2  ? cursor_le16(ahead, "")
			  : cursor_le32(ahead, "");
}

/* One object with an index or a length before it. */
static void
pass_single(struct left *left)
{
	const struct dnp3_header *h = &left->header;
	struct cursor ahead = cursor_peek(&left->here);
	uint32_t extra, size;

	if (h->size == SIZE_FREE) {
		size = peek_number(&ahead, h->prefix);
		pass_begun(left, h->prefix + h->body_min, h->prefix + size);
	} else if (h->size == SIZE_ATTRIBUTE) {
		cursor_bytes(&ahead, h->prefix, "");
		extra = cursor_u8(&ahead, "") == 0xff ? 256 : 0;
		size = cursor_u8(&ahead, "") + extra;
		pass_begun(left, h->prefix + h->body_min, h->prefix + h->body_min + size);
	} else {
		pass_begun(left, h->prefix > 0 ? h->prefix : 1u, h->prefix + h->body_min);
	}
}

static uint32_t
put(uint8_t *at, uint32_t number, uint32_t width)
{
	for (uint32_t i = 0; i < width; i++)
		at[i] = (uint8_t)(number >> 8 * i);
	return width;
}

/* A header of the objects that are left, with ranges wide enough for any. */
static uint32_t
put_header(const struct dnp3_header *h, uint8_t *at)
{
	uint8_t prefix = h->qualifier & 0xf0;
	uint32_t n = 0;

	at[n++] = h->group;
	at[n++] = h->variation;
	if (h->range <= RANGE_LAST) {
		at[n++] = prefix | RANGE_LONG;
		n += put(&at[n], h->lowest, 4);
		n += put(&at[n], (uint32_t)(h->lowest + h->count - 1), 4);
	} else if (h->range == RANGE_FREE) {
		at[n++] = h->qualifier;
		n += put(&at[n], (uint32_t)h->count, 1);
	} else {
		at[n++] = prefix | COUNT_LONG;
		n += put(&at[n], (uint32_t)h->count, 4);
	}
	return n;
}

uint32_t
dnp3_cut(const struct dnp3_work *w, uint8_t rest[static DNP3_REST_MAX], uint32_t *ret_skip)
{
	struct left left = {.header = w->rest.header};
	uint32_t length = w->rest.from > 0 ? RESPONSE_HEADER : 0, here;
	const uint8_t *bytes;

	memcpy(rest, w->fragment, length);
	*ret_skip = 0;
	if (w->rest.untold) {
		memcpy(&rest[length], &w->fragment[w->rest.from], UNTOLD_HEADER);
		return length + UNTOLD_HEADER;
	}
	cursor_init(&left.here, w->fragment, w->fragment_here, w->fragment_here);
	cursor_bytes(&left.here, w->rest.from, "");
	if (left.header.count > 0 && w->rest.each)
		pass_single(&left);
	else if (left.header.count > 0)
		pass_run(&left);
	if (left.header.count > 0)
		length += put_header(&left.header, &rest[length]);
	here = cursor_here(&left.here);
	assert(length + here <= DNP3_REST_MAX);
	bytes = cursor_bytes(&left.here, here, "");
	if (bytes != NULL)
		memcpy(&rest[length], bytes, here);
	*ret_skip = left.skip;
	return length + here;
}
