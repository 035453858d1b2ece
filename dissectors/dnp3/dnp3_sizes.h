/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: the table of objects (IEEE 1815 Annex A).
 */
#ifndef SLUICE_DNP3_SIZES_H
#define SLUICE_DNP3_SIZES_H

#include "dnp3_codes.h"

/* Sizes of objects: bytes, or one of these. */
enum {
	SIZE_UNKNOWN = 0,
	SIZE_LARGEST = 240,
	SIZE_BIT, /* packed, least significant bit first */
	SIZE_TWO_BITS,
	SIZE_HEADER,    /* only ever a header: classes */
	SIZE_FREE,      /* the qualifier's prefix tells */
	SIZE_VARIATION, /* as many bytes as the variation says */
	SIZE_ATTRIBUTE, /* type, length, value */
	SIZE_UNTOLD,    /* nobody knows */
};

bool dnp3_group_known(uint8_t group);
/* Extended strings, which later editions have: what their objects look like is not known. */
bool dnp3_group_untold(uint8_t group);
/* Does variation 0 stand for any of the group? */
bool dnp3_group_measures(uint8_t group);
uint8_t dnp3_object_size(uint8_t group, uint8_t variation);
enum value_format dnp3_object_format(uint8_t group, uint8_t variation);
enum value_format dnp3_point_format(const struct point_range *range);
extern const struct space dnp3_spaces[DNP3_SPACE_COUNT];
extern const struct element_type dnp3_types[DNP3_TYPE_COUNT];
extern const struct part dnp3_parts[DNP3_PART_COUNT];
extern const struct value_word dnp3_value_words[DNP3_VALUE_WORD_COUNT];

#endif
