/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, object headers (IEEE 1815 clause 4): group, variation, qualifier, range, and the objects.
 *
 * Every header is read to its end, and what it touches is listed: points of commands and reads as
 * the header or the prefixes tell them, all points of a group where a header tells none.
 */
#include <string.h>

#include "dnp3_bodies.h"
#include "dnp3_functions.h"
#include "dnp3_objects.h"
#include "dnp3_room.h"

enum { RANGE_ALL = 6, CROB_SIZE = 11, INDEX_MAX = 0xffffffff, SPANS_LISTED = SPANS_MAX - 64 };

static const struct dnp3_shape *
shape_of(const struct dnp3_read *r)
{
	return &dnp3_shapes[r->work->function];
}

/*
 * Bytes of the shortest header that may follow, where one follows.  While segments are to come
 * nobody knows how long the fragment will be, so anything may be left of the longest.
 */
static uint32_t
least_behind(const struct dnp3_read *r)
{
	return r->work->final ? shape_of(r)->least : 0;
}

static bool
takes_group(const struct dnp3_read *r, uint8_t group)
{
	const struct dnp3_shape *shape = shape_of(r);

	for (size_t i = 0; i < shape->takes_count; i++)
		if (group >= shape->takes[i].group_first && group <= shape->takes[i].group_last)
			return true;
	return shape->takes_count == 0;
}

/* Secure authentication has functions of its own; others only begin and end with it (clause 7). */
static bool
is_security(const struct dnp3_read *r)
{
	uint8_t function = r->work->function;

	return function == FC_AUTHENTICATE || function == FC_AUTHENTICATE_NR ||
	    function >= FC_RESPONSE;
}

static bool
takes_variation(const struct dnp3_read *r, uint8_t group, uint8_t variation)
{
	const struct dnp3_shape *shape = shape_of(r);

	if (group == 120 && !is_security(r) && variation != 3 && variation != 9)
		return false;
	for (size_t i = 0; i < shape->takes_count; i++) {
		const struct dnp3_takes *takes = &shape->takes[i];

		if (group >= takes->group_first && group <= takes->group_last &&
		    variation >= takes->variation_first && variation <= takes->variation_last)
			return true;
	}
	return shape->takes_count == 0;
}

/* Do objects follow such a header, whatever its qualifier? */
static bool
has_data(const struct dnp3_read *r, uint8_t group)
{
	uint8_t function = r->work->function;

	if (shape_of(r)->form != FORM_HEADERS || group == 120)
		return true;
	return group == 50 && (function == FC_FREEZE_AT_TIME || function == FC_FREEZE_AT_TIME_NR);
}

/* Fill in what group and variation tell; false if there is no such object here. */
static bool
find_object(const struct dnp3_read *r, struct dnp3_header *h)
{
	h->data = has_data(r, h->group);
	h->size = dnp3_object_size(h->group, h->variation);
	h->body_min = h->size;
	if (h->size == SIZE_VARIATION)
		h->body_min = h->variation;
	else if (h->size == SIZE_ATTRIBUTE)
		h->body_min = 2;
	else if (h->size == SIZE_FREE)
		h->body_min = dnp3_body_min(h->group, h->variation);
	/* variation 0 stands for any, where only points are told, and for an empty string */
	if (h->variation == 0 && !(h->data && h->size == SIZE_VARIATION))
		return !h->data && dnp3_group_measures(h->group);
	return h->size != SIZE_UNKNOWN &&
	    ((h->size != SIZE_HEADER && h->size != SIZE_UNTOLD) || !h->data);
}

/* Is there any variation of this group that fits? */
static bool
group_has_room(const struct dnp3_read *r, uint8_t group, uint32_t left)
{
	if (left == 0)
		return false;
	for (unsigned variation = 0; variation <= 0xff; variation++) {
		struct dnp3_header try = {.group = group, .variation = (uint8_t)variation};

		if (takes_variation(r, group, (uint8_t)variation) && find_object(r, &try) &&
		    dnp3_room_variation(&try, left - 1, least_behind(r)))
			return true;
	}
	return false;
}

/*
 * The function may depend on the group, and one message is about things of one class: what its
 * first header says is then said of all, and nothing of it has passed as something else.
 */
static void
settle_group(struct dnp3_read *r, struct cursor *a, uint8_t group)
{
	uint16_t sub = group == 70 ? 70 : FUNCTION_NO_SUB;
	uint8_t function = r->work->function;

	if (group == 120 || (function != FC_READ && function != FC_WRITE))
		return;
	if (function == FC_WRITE)
		sub = dnp3_written(group);
	dnp3_know_function(r, sub);
	demand(a, r->m->function->sub == sub, REASON_OBJECT_FUNCTION);
}

static void
settle_variation(struct dnp3_read *r, struct cursor *a, uint8_t variation)
{
	uint8_t function = r->work->function;
	bool users = variation == 8 || (variation >= 10 && variation != 12);

	if (function != FC_AUTHENTICATE && function != FC_AUTHENTICATE_NR)
		return;
	dnp3_know_function(r, users ? 120 : FUNCTION_NO_SUB);
	demand(a, (r->m->function->access == ACCESS_PROGRAM) == users, REASON_OBJECT_FUNCTION);
}

/* ---- ranges ---- */

/* A number of `width` bytes in Intel order, of which only the first may be here. */
static uint64_t
peek_low(const struct cursor *a, uint32_t width, uint32_t *ret_known)
{
	struct cursor ahead = cursor_peek(a);
	uint32_t here = cursor_here(a);
	uint64_t low = 0;

	*ret_known = here < width ? here : width;
	for (uint32_t i = 0; i < *ret_known; i++)
		low |= (uint64_t)cursor_u8(&ahead, "") << 8 * i;
	return low;
}

static uint32_t
read_number(struct cursor *a, uint32_t width, const char *field)
{
	switch (width) {
	case 1:
		return cursor_u8(a, field);
	case 2:
		return cursor_le16(a, field);
	default:
		return cursor_le32(a, field);
	}
}

/*
 * Is the header with its range here, and does it fit?  That answers all questions whether something
 * could follow that fits, so that nothing needs to be sought.  *ret_header is what it says.
 */
static bool
header_fits(const struct dnp3_read *r, const struct cursor *a, struct dnp3_header *ret_header)
{
	struct cursor ahead = cursor_peek(a);
	struct dnp3_header h = {.fits = true};
	uint8_t qualifier;
	uint32_t width, last;

	h.group = cursor_u8(&ahead, "");
	h.variation = cursor_u8(&ahead, "");
	qualifier = cursor_u8(&ahead, "");
	if (!cursor_ok(&ahead) || !takes_variation(r, h.group, h.variation) ||
	    !find_object(r, &h) || !dnp3_qualifier(&h, qualifier))
		return false;
	width = dnp3_range_bytes(&h);
	if (h.range <= 2)
		h.lowest = read_number(&ahead, width, "");
	last = width == 0 ? 0 : read_number(&ahead, width, "");
	h.count = h.range <= 2 ? (uint64_t)last - h.lowest + 1 : last;
	if (!cursor_ok(&ahead) || last < h.lowest ||
	    (width == 0 ? !dnp3_room_qualifier(&h, cursor_left(&ahead), least_behind(r))
			: !dnp3_room_count(&h, h.count, cursor_left(&ahead), least_behind(r))))
		return false;
	*ret_header = h;
	return true;
}

static void
read_start_stop(struct dnp3_read *r, struct cursor *a, struct dnp3_header *h, uint32_t width)
{
	uint64_t numbers = UINT64_C(1) << 8 * width, low;
	uint32_t least = least_behind(r), left = cursor_left(a) - 2 * width, known, stop;

	h->lowest = read_number(a, width, "start");
	if (!cursor_ok(a))
		return;
	numbers -= h->lowest;
	demand(a, dnp3_room_some(h, 0, 0, numbers, left, least), REASON_LENGTH_MISMATCH);
	low = peek_low(a, width, &known) - h->lowest + 1;
	if (cursor_ok(a) && !dnp3_room_some(h, low, known, numbers, left, least))
		cursor_fail(a,
		    dnp3_room_some(h, low, known, UINT64_MAX, left, least)
			? REASON_RANGE_REVERSED
			: REASON_LENGTH_MISMATCH);
	stop = read_number(a, width, "stop");
	if (!cursor_ok(a))
		return;
	demand(a, stop >= h->lowest, REASON_RANGE_REVERSED);
	h->count = (uint64_t)stop - h->lowest + 1;
	demand(a, dnp3_room_count(h, h->count, left, least), REASON_LENGTH_MISMATCH);
}

static void
read_count(struct dnp3_read *r, struct cursor *a, struct dnp3_header *h, uint32_t width)
{
	uint64_t max = (UINT64_C(1) << 8 * width) - 1, low;
	uint32_t least = least_behind(r), left = cursor_left(a) - width, known;

	low = peek_low(a, width, &known);
	if (known == width)
		demand(a, low > 0, REASON_QUANTITY_INVALID);
	demand(a, dnp3_room_some(h, low, known, max, left, least), REASON_LENGTH_MISMATCH);
	h->count = read_number(a, width, "count");
	if (cursor_ok(a))
		demand(a, dnp3_room_count(h, h->count, left, least), REASON_LENGTH_MISMATCH);
}

static void
read_range(struct dnp3_read *r, struct cursor *a, struct dnp3_header *h)
{
	uint32_t width = dnp3_range_bytes(h);

	demand(a, h->fits || dnp3_room_qualifier(h, cursor_left(a), least_behind(r)),
	    REASON_LENGTH_MISMATCH);
	if (!cursor_ok(a) || width == 0)
		return;
	if (h->fits) { /* it was read ahead */
		read_number(a, width, h->range <= 2 ? "start" : "count");
		if (h->range <= 2)
			read_number(a, width, "stop");
	} else if (h->range <= 2)
		read_start_stop(r, a, h, width);
	else
		read_count(r, a, h, width);
}

/* ---- what is touched ---- */

/* Only what rules judge is listed; the objects of secure authentication only where they are meant.
 */
static bool
lists_points(const struct dnp3_read *r, const struct dnp3_header *h)
{
	enum message_kind kind = r->m->kind;

	return (kind == MESSAGE_REQUEST || kind == MESSAGE_UNSOLICITED) &&
	    (h->group != 120 || is_security(r));
}

static enum access
access_of(const struct dnp3_read *r)
{
	if (r->work->function == FC_OPERATE)
		return ACCESS_CONTROL;
	return r->m->function != NULL ? r->m->function->access : ACCESS_READ;
}

/*
 * Events of one kind may be more than the list of points has room for: towards its end they are
 * listed with all points between them.
 */
static bool
widen_last(struct message *m, const struct cursor *a, uint32_t block, uint32_t first, uint32_t last)
{
	struct span *span = &m->spans[m->span_count > 0 ? m->span_count - 1 : 0];

	if (m->span_count < SPANS_LISTED || !cursor_ok(a) || span->space != DNP3_GROUPS ||
	    span->block != block || span->values.format != VALUE_NONE)
		return false;
	span->first = first < span->first ? first : span->first;
	span->last = last > span->last ? last : span->last;
	return true;
}

static struct span *
list_points(struct dnp3_read *r, struct cursor *a, const struct dnp3_header *h, uint32_t first,
    uint32_t last)
{
	static const uint32_t no_block = 0;
	uint32_t block = (uint32_t)h->group << 8 | h->variation;

	if (h->size == SIZE_HEADER)
		return message_add_span(r->m, a, DNP3_CLASSES, access_of(r), no_block,
		    h->variation - 1u, h->variation - 1u);
	if (widen_last(r->m, a, block, first, last))
		return &r->m->spans[r->m->span_count - 1];
	return message_add_span(r->m, a, DNP3_GROUPS, access_of(r), block, first, last);
}

static bool
is_written(const struct dnp3_read *r, const struct dnp3_header *h)
{
	return h->data && r->m->kind == MESSAGE_REQUEST;
}

/* ---- objects ---- */

/* Op type 0 to 4; trip and close are not both (Annex A, group 12). */
static void
check_control_code(struct cursor *a)
{
	struct cursor ahead = cursor_peek(a);
	uint8_t code = cursor_u8(&ahead, "");

	if (cursor_ok(&ahead))
		demand(a, (code & 0x0f) <= 4 && code >> 6 != 3, REASON_VALUE_INVALID);
}

/* Bits behind the last point of a request, whose objects `before` is at, belong to nothing that is
 * judged. */
static void
check_padding(struct cursor *a, struct cursor before, uint32_t bits)
{
	uint8_t last;

	if (bits % 8 == 0)
		return;
	cursor_bytes(&before, bits / 8, "");
	last = cursor_u8(&before, "");
	if (cursor_ok(&before))
		demand(a, last >> bits % 8 == 0, REASON_VALUE_INVALID);
}

static void
read_fixed(struct dnp3_read *r, struct cursor *a, const struct dnp3_header *h, uint32_t index,
    uint32_t count)
{
	enum value_format format =
	    is_written(r, h) ? dnp3_object_format(h->group, h->variation) : VALUE_NONE;
	struct cursor before = cursor_peek(a);
	struct span scratch, *span = &scratch;
	uint32_t bytes = count * h->body_min;

	if (lists_points(r, h))
		span = list_points(r, a, h, index, index + count - 1);
	if (h->size == SIZE_BIT)
		bytes = (count + 7) / 8;
	else if (h->size == SIZE_TWO_BITS)
		bytes = (count + 3) / 4;
	if (format != VALUE_NONE) {
		if (h->group == 12)
			check_control_code(a);
		span->values = cursor_values(a, format, count, (uint16_t)h->body_min, "objects");
		/* the numbers beside the value are looked at too: all of it or nothing */
		if (h->group == 12 && !cursor_ok(a))
			span->values.count = 0;
	} else {
		cursor_bytes(a, bytes, "objects");
	}
	if (h->size == SIZE_BIT && is_written(r, h))
		check_padding(a, before, count);
}

/* Behind an object of variable length: room for the others, and then for nothing or a header. */
static bool
size_fits(const struct dnp3_read *r, const struct dnp3_header *h, uint64_t size, uint32_t known,
    uint32_t left, uint64_t others)
{
	uint64_t behind = others * (h->prefix + h->body_min), least = least_behind(r);
	uint64_t min = h->size == SIZE_FREE ? h->body_min : 0, first = size;
	bool fills = size == left;

	if (known < (h->size == SIZE_FREE ? h->prefix : 1u)) {
		first = dnp3_next_like(min, size, known);
		fills = left >= min && dnp3_next_like(left, size, known) == left;
	}
	if (first < min)
		return false;
	return first + (behind > 0 ? behind : least) <= left || (behind == 0 && fills);
}

static void
read_free(struct dnp3_read *r, struct cursor *a, const struct dnp3_header *h, uint32_t i)
{
	uint32_t width = h->prefix, known, left, size;
	uint64_t low;
	struct cursor body;

	left = cursor_left(a);
	low = peek_low(a, width, &known);
	demand(a, left >= width && size_fits(r, h, low, known, left - width, h->count - 1 - i),
	    REASON_LENGTH_MISMATCH);
	size = read_number(a, width, "size");
	if (!cursor_ok(a))
		return;
	body = cursor_sub(a, size, "object");
	dnp3_read_body(r, &body, h, i, lists_points(r, h));
	cursor_sub_end(a, &body);
}

/* Group 0: a type, a length, a value; lists (type 255) are 256 longer than the length says. */
static void
read_attribute(struct dnp3_read *r, struct cursor *a, const struct dnp3_header *h, uint32_t i)
{
	uint64_t others = h->count - 1 - i;
	uint32_t extra, left;
	uint64_t low;
	uint32_t known;

	extra = cursor_u8(a, "attribute type") == 0xff ? 256 : 0;
	left = cursor_left(a);
	low = peek_low(a, 1, &known);
	if (cursor_ok(a)) {
		demand(a, left >= 1 + extra, REASON_LENGTH_MISMATCH);
		if (cursor_ok(a))
			demand(a, size_fits(r, h, low, known, left - 1 - extra, others),
			    REASON_LENGTH_MISMATCH);
	}
	extra += cursor_u8(a, "attribute length");
	cursor_bytes(a, cursor_ok(a) ? extra : 0, "attribute");
}

/* Objects from this one on are still to be read. */
static void
note_rest(struct dnp3_read *r, const struct cursor *a, const struct dnp3_header *h, uint32_t i)
{
	struct dnp3_rest *rest = &r->work->rest;

	rest->from = a->offset;
	rest->header.count = h->count - i;
	rest->header.lowest = h->lowest + i;
}

static void
read_objects(struct dnp3_read *r, struct cursor *a, const struct dnp3_header *h)
{
	bool single = h->prefix > 0 || h->size == SIZE_FREE || h->size == SIZE_ATTRIBUTE ||
	    (h->group == 12 && h->size == CROB_SIZE);

	r->work->rest = (struct dnp3_rest){.from = a->offset, .each = single, .header = *h};
	if (!single) {
		read_fixed(r, a, h, h->lowest, (uint32_t)h->count);
		return;
	}
	for (uint32_t i = 0; i < h->count && cursor_ok(a); i++) {
		uint32_t index = h->lowest + i;

		note_rest(r, a, h, i);
		if (h->prefix > 0 && !h->sized)
			index = read_number(a, h->prefix, "index");
		if (!cursor_ok(a))
			return;
		if (h->size == SIZE_FREE)
			read_free(r, a, h, i);
		else if (h->size == SIZE_ATTRIBUTE) {
			if (lists_points(r, h))
				list_points(r, a, h, index, index);
			read_attribute(r, a, h, i);
		} else
			read_fixed(r, a, h, index, 1);
	}
}

/* A header without objects: its points are told by the range, by indices, or not at all. */
static void
read_points(struct dnp3_read *r, struct cursor *a, const struct dnp3_header *h)
{
	bool ranged = h->range <= 2;

	if (h->prefix == 0) {
		if (lists_points(r, h) && cursor_ok(a))
			list_points(r, a, h, ranged ? h->lowest : 0,
			    ranged ? (uint32_t)(h->lowest + h->count - 1) : INDEX_MAX);
		return;
	}
	for (uint64_t i = 0; i < h->count && cursor_ok(a); i++) {
		uint32_t index = read_number(a, h->prefix, "index");

		if (lists_points(r, h) && cursor_ok(a))
			list_points(r, a, h, index, index);
	}
}

/* What a SELECT selects must be what its OPERATE operates, authentication apart. */
static void
keep_control(struct dnp3_read *r, const struct cursor *a, uint32_t from)
{
	struct dnp3_work *w = r->work;
	uint32_t length = a->offset - from;

	if (w->function != FC_SELECT && w->function != FC_OPERATE)
		return;
	if (length > DNP3_SELECT_MAX || w->select_length > DNP3_SELECT_MAX - length) {
		w->select_length = DNP3_SELECT_MAX + 1;
		return;
	}
	memcpy(&w->select[w->select_length], &w->fragment[from], length);
	w->select_length += length;
}

/* For events; those that are refused inside are told too. */
static void
note_header(
    struct dnp3_read *r, const struct dnp3_header *h, uint8_t qualifier, uint32_t span_first)
{
	struct dnp3_work *w = r->work;

	if (w->header_count < TOLD_ROWS_MAX)
		w->headers[w->header_count] = (struct dnp3_told_header){
		    .group = h->group,
		    .variation = h->variation,
		    .qualifier = qualifier,
		    .span_first = (uint16_t)span_first,
		    .span_count = (uint16_t)(r->m->span_count - span_first),
		    .start = h->lowest,
		    .stop = h->range <= 2 ? (uint32_t)(h->lowest + h->count - 1) : 0,
		    .count = (uint32_t)h->count,
		};
	if (w->header_count < UINT8_MAX)
		w->header_count++;
}

/*
 * What an outstation says in extended strings, and behind them: nobody knows where they end, so all
 * that is left is theirs.  It operates nothing; but of unsolicited ones no limit of points can
 * hold.
 */
static void
read_untold(struct dnp3_read *r, struct cursor *a, struct dnp3_header *h)
{
	uint8_t qualifier;

	h->variation = cursor_u8(a, "variation");
	qualifier = cursor_u8(a, "qualifier");
	r->m->opaque = true;
	if (!cursor_ok(a))
		return;
	r->work->rest.untold = true;
	cursor_bytes(a, cursor_left(a), "strings");
	note_header(r, h, qualifier, r->m->span_count);
}

static void
read_header(struct dnp3_read *r, struct cursor *a)
{
	uint32_t least = least_behind(r), from = a->offset, spans;
	struct dnp3_header h = {.fits = false};
	uint8_t qualifier;

	r->work->rest.from = a->offset;
	r->work->rest.header.count = 0;
	r->work->rest.untold = false;
	demand(a, cursor_left(a) >= least, REASON_LENGTH_MISMATCH);
	header_fits(r, a, &h);
	h.group = cursor_u8(a, "group");
	if (!cursor_ok(a))
		return;
	if (dnp3_group_untold(h.group) && shape_of(r)->form == FORM_RESPONSE) {
		read_untold(r, a, &h);
		return;
	}
	demand(a, dnp3_group_known(h.group), REASON_OBJECT_UNKNOWN);
	demand(a, takes_group(r, h.group), REASON_OBJECT_FUNCTION);
	if (cursor_ok(a))
		settle_group(r, a, h.group);
	demand(a, h.fits || group_has_room(r, h.group, cursor_left(a)), REASON_LENGTH_MISMATCH);
	h.variation = cursor_u8(a, "variation");
	if (!cursor_ok(a))
		return;
	demand(a, h.fits || find_object(r, &h), REASON_OBJECT_UNKNOWN);
	demand(a, h.fits || takes_variation(r, h.group, h.variation), REASON_OBJECT_FUNCTION);
	if (cursor_ok(a))
		settle_variation(r, a, h.variation);
	demand(a, h.fits || dnp3_room_variation(&h, cursor_left(a), least), REASON_LENGTH_MISMATCH);
	qualifier = cursor_u8(a, "qualifier");
	if (!cursor_ok(a))
		return;
	demand(a, h.fits || dnp3_qualifier(&h, qualifier), REASON_QUALIFIER_INVALID);
	if (cursor_ok(a))
		read_range(r, a, &h);
	if (!cursor_ok(a))
		return;
	spans = r->m->span_count;
	if (h.data)
		read_objects(r, a, &h);
	else
		read_points(r, a, &h);
	note_header(r, &h, qualifier, spans);
	if (cursor_ok(a) && h.group != 120)
		keep_control(r, a, from);
}

void
dnp3_read_objects(struct dnp3_read *r, struct cursor *a)
{
	if (!cursor_ok(a) || shape_of(r)->form == FORM_NOTHING)
		return;
	while (cursor_left(a) > 0)
		read_header(r, a);
	/* nothing but authentication in it */
	if (cursor_ok(a) && r->work->final && r->work->function != FC_OPERATE)
		dnp3_know_function(r, FUNCTION_NO_SUB);
}
