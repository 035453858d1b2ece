/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: can an object header still fit into what is left of its fragment?
 */
#ifndef SLUICE_DNP3_ROOM_H
#define SLUICE_DNP3_ROOM_H

#include "dnp3_sizes.h"

struct dnp3_header {
	uint8_t group;
	uint8_t variation;
	uint8_t qualifier;
	uint8_t size;   /* as above */
	uint8_t prefix; /* bytes in front of each object */
	uint8_t range;  /* code of the qualifier */
	bool sized;     /* the prefix tells a size, not an index */
	bool data;      /* objects follow */
	bool fits;      /* it is known that all of the header fits */
	uint32_t lowest;
	uint64_t count;
	uint32_t body_min; /* of an object, prefix not counted */
};

/* Is the qualifier one for such a header? Fills prefix, range and sized. */
bool dnp3_qualifier(struct dnp3_header *h, uint8_t qualifier);

/* Bytes of the range field's numbers; 0 where there is none. */
uint32_t dnp3_range_bytes(const struct dnp3_header *h);

/* With `left` bytes behind the qualifier and `least` for any further header: is there a range that
 * fits? */
bool dnp3_room_qualifier(const struct dnp3_header *h, uint32_t left, uint32_t least);
bool dnp3_room_variation(const struct dnp3_header *h, uint32_t left, uint32_t least);

/* The least number not below `from` whose low `known` bytes are those of `low`. */
uint64_t dnp3_next_like(uint64_t from, uint64_t low, uint32_t known);

/* Numbers of objects that `left` bytes can hold so that nothing or at least `least` bytes are left
 * over. */
bool dnp3_room_count(const struct dnp3_header *h, uint64_t count, uint32_t left, uint32_t least);

/* Is there such a number up to `max` whose low `known` bytes are those of `low`? */
bool dnp3_room_some(const struct dnp3_header *h, uint64_t low, uint32_t known, uint64_t max,
    uint32_t left, uint32_t least);

#endif
