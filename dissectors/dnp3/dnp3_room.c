/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, room: can a header still become one that fits into what the fragment has left?
 *
 * A count is right if its objects fill the rest exactly, or leave enough for another header.  Asked
 * with every byte of a header, so that a prefix that can't go on is refused at once.
 */
#include "dnp3_room.h"

enum { RANGE_ALL = 6, RANGE_COUNT = 7, RANGE_FREE = 11, PREFIX_SIZED = 4 };

bool
dnp3_qualifier(struct dnp3_header *h, uint8_t qualifier)
{
	static const uint8_t widths[8] = {0, 1, 2, 4, 1, 2, 4, 0};
	uint8_t prefix = qualifier >> 4;
	bool packed = h->size == SIZE_BIT || h->size == SIZE_TWO_BITS;

	if (prefix > 6)
		return false;
	h->qualifier = qualifier;
	h->range = qualifier & 0x0f;
	h->prefix = widths[prefix];
	h->sized = prefix >= PREFIX_SIZED;
	if (h->sized) {
		h->data = true;
		return h->range == RANGE_FREE && h->size == SIZE_FREE;
	}
	/* 3 to 5 are addresses in the device's memory, which nobody uses any more */
	if ((h->range > 2 && h->range < RANGE_ALL) || h->range > RANGE_COUNT + 2)
		return false;
	if (h->size == SIZE_HEADER)
		return prefix == 0 && h->range >= RANGE_ALL;
	if (prefix > 0 && h->range < RANGE_COUNT)
		return false;
	if (!h->data)
		return true;
	if (h->size == SIZE_FREE || h->range == RANGE_ALL)
		return false;
	return !packed || (prefix == 0 && h->range <= 2);
}

uint32_t
dnp3_range_bytes(const struct dnp3_header *h)
{
	switch (h->range) {
	case 0:
	case RANGE_COUNT:
	case RANGE_FREE:
		return 1;
	case 1:
	case RANGE_COUNT + 1:
		return 2;
	case 2:
	case RANGE_COUNT + 2:
		return 4;
	default:
		return 0;
	}
}

/* Bytes of so many objects, prefixes included; of variable ones at least. */
static uint64_t
objects_bytes(const struct dnp3_header *h, uint64_t count)
{
	if (!h->data || h->size == SIZE_HEADER)
		return count * h->prefix;
	if (h->size == SIZE_BIT)
		return (count + 7) / 8;
	if (h->size == SIZE_TWO_BITS)
		return (count + 3) / 4;
	return count * (h->prefix + h->body_min);
}

static bool
is_variable(const struct dnp3_header *h)
{
	return h->data && (h->size == SIZE_FREE || h->size == SIZE_ATTRIBUTE);
}

bool
dnp3_room_count(const struct dnp3_header *h, uint64_t count, uint32_t left, uint32_t least)
{
	uint64_t bytes = objects_bytes(h, count);

	if (count == 0 || bytes > left)
		return false;
	return is_variable(h) || bytes == left || left - bytes >= least;
}

uint64_t
dnp3_next_like(uint64_t from, uint64_t low, uint32_t known)
{
	uint64_t step = UINT64_C(1) << 8 * known;

	low &= step - 1;
	return from + ((low - from) & (step - 1));
}

/*
 * Numbers that fit are 1 up to the largest that leaves room for another header, and those that fill
 * the rest exactly, which are neighbours (eight of them where objects are bits).
 */
bool
dnp3_room_some(const struct dnp3_header *h, uint64_t low, uint32_t known, uint64_t max,
    uint32_t left, uint32_t least)
{
	uint64_t first = dnp3_next_like(1, low, known), from = 1;
	uint64_t unit = objects_bytes(h, 8);

	if (first <= max && dnp3_room_count(h, first, left, least))
		return true;
	if (unit == 0)
		return false;
	/* the numbers that fill it */
	if (unit >= 8)
		from = left * UINT64_C(8) / unit;
	else
		from = left * UINT64_C(8) / unit - 8 / unit + 1;
	if (from < 1)
		from = 1;
	first = dnp3_next_like(from, low, known);
	return first <= max && dnp3_room_count(h, first, left, least);
}

bool
dnp3_room_qualifier(const struct dnp3_header *h, uint32_t left, uint32_t least)
{
	uint32_t width = dnp3_range_bytes(h), numbers = h->range <= 2 ? 2 * width : width;
	uint64_t max = width == 0 ? 1 : (UINT64_C(1) << 8 * width) - (h->range > 2);

	if (numbers > left)
		return false;
	if (width == 0)
		return left == 0 || left >= least;
	return dnp3_room_some(h, 0, 0, max, left - numbers, least);
}

bool
dnp3_room_variation(const struct dnp3_header *h, uint32_t left, uint32_t least)
{
	/* the likely ones first: all, counts, ranges, counts with index, sizes */
	static const uint8_t qualifiers[] = {0x06, 0x07, 0x00, 0x17, 0x5b, 0x08, 0x01, 0x28, 0x4b,
	    0x6b, 0x02, 0x09, 0x18, 0x19, 0x27, 0x29, 0x37, 0x38, 0x39};

	if (left == 0)
		return false;
	for (size_t i = 0; i < sizeof(qualifiers); i++) {
		struct dnp3_header try = *h;

		if (dnp3_qualifier(&try, qualifiers[i]) &&
		    dnp3_room_qualifier(&try, left - 1, least))
			return true;
	}
	return false;
}
