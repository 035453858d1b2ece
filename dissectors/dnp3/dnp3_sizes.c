/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, the table of objects (IEEE 1815 Annex A): how long each is, and which hold one value that a
 * rule may limit.
 */
#include "dnp3_sizes.h"

enum { BIT = SIZE_BIT, BITS = SIZE_TWO_BITS, HEAD = SIZE_HEADER, FREE = SIZE_FREE };

struct group {
	uint8_t count;
	const uint8_t *sizes; /* of variations 1..count */
};

/* clang-format off */
#define GROUP(number, ...) \
	[number] = {sizeof((const uint8_t[]){__VA_ARGS__}), (const uint8_t[]){__VA_ARGS__}}

static const struct group groups[256] = {
	/* binary inputs, their events; double-bit ones */
	GROUP(1, BIT, 1), GROUP(2, 1, 7, 3), GROUP(3, BITS, 1), GROUP(4, 1, 7, 3),
	/* binary outputs, their events, commands, command events */
	GROUP(10, BIT, 1), GROUP(11, 1, 7), GROUP(12, 11, 11, BIT), GROUP(13, 1, 7),
	/* counters, frozen counters, events of both */
	GROUP(20, 5, 3, 5, 3, 4, 2, 4, 2),
	GROUP(21, 5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2),
	GROUP(22, 5, 3, 5, 3, 11, 9, 11, 9),
	GROUP(23, 5, 3, 5, 3, 11, 9, 11, 9),
	/* analog inputs, frozen ones, events of both, deadbands */
	GROUP(30, 5, 3, 4, 2, 5, 9), GROUP(31, 5, 3, 11, 9, 4, 2, 5, 9),
	GROUP(32, 5, 3, 11, 9, 5, 9, 11, 15), GROUP(33, 5, 3, 11, 9, 5, 9, 11, 15),
	GROUP(34, 2, 4, 4),
	/* analog outputs: status, commands, events, command events */
	GROUP(40, 5, 3, 5, 9), GROUP(41, 5, 3, 5, 9),
	GROUP(42, 5, 3, 11, 9, 5, 9, 11, 15), GROUP(43, 5, 3, 11, 9, 5, 9, 11, 15),
	/* time and date, common time of occurrence, delay */
	GROUP(50, 6, 10, 6, 11), GROUP(51, 6, 6), GROUP(52, 2, 2),
	/* classes; files; internal indications; device storage */
	GROUP(60, HEAD, HEAD, HEAD, HEAD),
	GROUP(70, FREE, FREE, FREE, FREE, FREE, FREE, FREE, FREE),
	GROUP(80, BIT), GROUP(81, 3), GROUP(82, FREE), GROUP(83, FREE, FREE),
	/* data sets; applications */
	GROUP(85, FREE), GROUP(86, FREE, 1, FREE), GROUP(87, FREE), GROUP(88, FREE),
	GROUP(90, FREE), GROUP(91, FREE),
	/* numbers in other forms */
	GROUP(101, 2, 4, 8), GROUP(102, 1),
	/* secure authentication, its statistics */
	GROUP(120, FREE, FREE, 6, 2, FREE, FREE, FREE, FREE, FREE, FREE, FREE, FREE, FREE, FREE, FREE),
	GROUP(121, 7), GROUP(122, 7, 13),
};
/* clang-format on */

/* Octet strings and virtual terminals, and their events: the variation is the length. */
static bool
is_string(uint8_t group)
{
	return group >= 110 && group <= 113;
}

bool
dnp3_group_untold(uint8_t group)
{
	return group == 114 || group == 115;
}

bool
dnp3_group_known(uint8_t group)
{
	return group == 0 || is_string(group) || dnp3_group_untold(group) ||
	    groups[group].count > 0;
}

uint8_t
dnp3_object_size(uint8_t group, uint8_t variation)
{
	if (is_string(group))
		return SIZE_VARIATION;
	if (dnp3_group_untold(group))
		return SIZE_UNTOLD;
	if (variation == 0)
		return SIZE_UNKNOWN;
	if (group == 0)
		return SIZE_ATTRIBUTE;
	return variation <= groups[group].count ? groups[group].sizes[variation - 1] : SIZE_UNKNOWN;
}

/* Points that a master may read in whatever form, and data sets; not time, files, classes and so
 * on. */
bool
dnp3_group_measures(uint8_t group)
{
	return (group > 0 && group < 50 && dnp3_group_known(group)) || is_string(group) ||
	    dnp3_group_untold(group) || (group >= 85 && group <= 88) || group == 121 ||
	    group == 122;
}

struct valued {
	uint8_t group;
	uint8_t variation;
	enum value_format format;
};

/* What a master may write or operate with a number in it. */
static const struct valued valued[] = {
    {10, 1, VALUE_BIT},
    {12, 1, VALUE_U8},
    {12, 2, VALUE_U8},
    {34, 1, VALUE_U16_LE},
    {34, 2, VALUE_U32_LE},
    {34, 3, VALUE_F32_LE},
    {41, 1, VALUE_S32_LE},
    {41, 2, VALUE_S16_LE},
    {41, 3, VALUE_F32_LE},
    {41, 4, VALUE_F64_LE},
    {50, 1, VALUE_U48_LE},
    {50, 3, VALUE_U48_LE},
    {80, 1, VALUE_BIT},
};

enum value_format
dnp3_object_format(uint8_t group, uint8_t variation)
{
	for (size_t i = 0; i < sizeof(valued) / sizeof(valued[0]); i++)
		if (valued[i].group == group && valued[i].variation == variation)
			return valued[i].format;
	return VALUE_NONE;
}

enum value_format
dnp3_point_format(const struct point_range *range)
{
	enum value_format format = VALUE_NONE;

	for (size_t i = 0; i < sizeof(valued) / sizeof(valued[0]); i++) {
		uint32_t block = (uint32_t)valued[i].group << 8 | valued[i].variation;

		if (range->space != DNP3_GROUPS || block < range->block_first ||
		    block > range->block_last)
			continue;
		if (format != VALUE_NONE && format != valued[i].format)
			return VALUE_NONE;
		format = valued[i].format;
	}
	return format;
}

const struct space dnp3_spaces[DNP3_SPACE_COUNT] = {
    [DNP3_GROUPS] = {"g", UINT32_MAX, UINT16_MAX, false, 0},
    [DNP3_CLASSES] = {"class", 3, 0, false, 0},
};

/* Annex A, groups 34 and 41: deadbands and analog outputs */
const struct element_type dnp3_types[DNP3_TYPE_COUNT] = {
    {"uint16", 16, VALUE_U16_LE, false},
    {"int16", 16, VALUE_S16_LE, false},
    {"uint32", 32, VALUE_U32_LE, false},
    {"int32", 32, VALUE_S32_LE, false},
    {"float32", 32, VALUE_F32_LE, false},
    {"float64", 64, VALUE_F64_LE, false},
};

/* Annex A, group 12: behind the control code */
const struct part dnp3_parts[DNP3_PART_COUNT] = {
    {"count", DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2, VALUE_U8, 1},
    {"on-time", DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2, VALUE_U32_LE, 2},
    {"off-time", DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2, VALUE_U32_LE, 6},
};

/* The same: operation type, and trip or close in the highest bits; group 70, variation 3: mode */
const struct value_word dnp3_value_words[DNP3_VALUE_WORD_COUNT] = {
    {"nul", 0x00, DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2},
    {"pulse-on", 0x01, DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2},
    {"pulse-off", 0x02, DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2},
    {"latch-on", 0x03, DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2},
    {"latch-off", 0x04, DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2},
    {"close", 0x41, DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2},
    {"trip", 0x81, DNP3_GROUPS, 12 << 8 | 1, 12 << 8 | 2},
    {"read", 1, DNP3_GROUPS, 70 << 8 | 3, 70 << 8 | 3},
    {"write", 2, DNP3_GROUPS, 70 << 8 | 3, 70 << 8 | 3},
    {"append", 3, DNP3_GROUPS, 70 << 8 | 3, 70 << 8 | 3},
};
