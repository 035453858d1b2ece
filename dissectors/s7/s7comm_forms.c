/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: how policies write points and units.
 *
 * Memory is counted in bits inside and written in bytes, or in bytes and bits: "DB10:0-127",
 * "M:3.2", "M:3.2-4.0", or as engineers write it (s7comm_address.c).  Timers and counters are
 * numbers: "T:0-9".  Blocks have a type and a number: "block:OB1", "block:OB*".  Units are rack and
 * slot, with a connection type or without: "0/2", "PG 0/2".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "s7comm_address.h"
#include "s7comm_forms.h"
#include "s7comm_scan.h"
#include "s7comm_space.h"

enum { SLOT_MAX = 31, RACK_MAX = 7, SLOTS = 32, TYPE_MAX = 255 };

static const char *const block_types[S7_BLOCK_TYPE_MAX + 1] = {
    [8] = "OB",
    [10] = "DB",
    [11] = "SDB",
    [12] = "FC",
    [13] = "SFC",
    [14] = "FB",
    [15] = "SFB",
};

static const char *const type_names[] = {[1] = "PG", [2] = "OP", [3] = "basic"};

static void
scan_range(struct s7_scanner *s, uint32_t max, uint32_t *ret_first, uint32_t *ret_last)
{
	if (s7_scan(s, "*")) {
		*ret_first = 0;
		*ret_last = max;
		return;
	}
	*ret_first = *ret_last = s7_scan_number(s, max);
	if (s7_scan(s, "-"))
		*ret_last = s7_scan_number(s, max);
	if (*ret_last < *ret_first)
		s->at = NULL;
}

/* "7" or "7.3": the bits of it. */
static void
scan_place(struct s7_scanner *s, uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t byte = s7_scan_number(s, S7_BIT_MAX / 8), bit;

	*ret_first = byte * 8;
	*ret_last = byte * 8 + 7;
	if (s7_scan(s, ".")) {
		bit = s7_scan_number(s, 7);
		*ret_first = *ret_last = byte * 8 + bit;
	}
}

static void
scan_memory(struct s7_scanner *s, uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t ignored;

	if (s7_scan(s, "*")) {
		*ret_first = 0;
		*ret_last = S7_BIT_MAX;
		return;
	}
	scan_place(s, ret_first, ret_last);
	if (s7_scan(s, "-"))
		scan_place(s, &ignored, ret_last);
	if (*ret_last < *ret_first)
		s->at = NULL;
}

static int
complain(const char *why, const char **ret_why)
{
	*ret_why = why;
	return -EINVAL;
}

/* Behind "block:". */
static void
scan_block(struct s7_scanner *s, struct point_range *range)
{
	if (s->at != NULL && strcmp(s->at, "*") == 0) {
		range->block_last = S7_BLOCK_TYPE_MAX;
		scan_range(s, S7_BLOCK_NUMBER_MAX, &range->first, &range->last);
		return;
	}
	for (uint32_t i = 0; i <= S7_BLOCK_TYPE_MAX; i++)
		if (block_types[i] != NULL && s7_scan(s, block_types[i])) {
			range->block_first = range->block_last = i;
			scan_range(s, S7_BLOCK_NUMBER_MAX, &range->first, &range->last);
			return;
		}
	s->at = NULL;
}

/* The longest name of a space that the text begins with. */
static const struct space *
scan_space(struct s7_scanner *s)
{
	const struct space *best = NULL;

	for (uint32_t i = 0; i < S7_SPACE_COUNT; i++)
		if (strncmp(s->at, s7_spaces[i].name, strlen(s7_spaces[i].name)) == 0 &&
		    (best == NULL || strlen(s7_spaces[i].name) > strlen(best->name)))
			best = &s7_spaces[i];
	if (best != NULL)
		s->at = &s->at[strlen(best->name)];
	return best;
}

int
s7_parse_points(const char *text, struct point_range *ret_range, const char **ret_why)
{
	struct s7_scanner s = {text};
	struct point_range range = {0};
	const struct space *space;

	if (s7_parse_address(text, ret_range))
		return 0;
	*ret_why = s7_explain_address(text);
	if (*ret_why != NULL)
		return -EINVAL;
	space = scan_space(&s);
	if (space == NULL)
		return complain("expected an area and a colon, as in \"DB10:0-127\", \"M:0-15\", "
				"\"I:0.3\", \"T:0-9\", \"block:OB1\" or \"szl:0x0011:*\"",
		    ret_why);
	range.space = (uint16_t)(space - s7_spaces);
	if (range.space == S7_DB || range.space == S7_DI)
		scan_range(&s, space->block_max, &range.block_first, &range.block_last);
	if (!s7_scan(&s, ":"))
		s.at = NULL;
	if (range.space == S7_SZL) {
		scan_range(&s, space->block_max, &range.block_first, &range.block_last);
		if (!s7_scan(&s, ":"))
			s.at = NULL;
	}
	if (range.space == S7_BLOCK)
		scan_block(&s, &range);
	else if (space->index_max == S7_BIT_MAX)
		scan_memory(&s, &range.first, &range.last);
	else
		scan_range(&s, space->index_max, &range.first, &range.last);
	if (s.at == NULL || *s.at != '\0')
		return complain("expected numbers that the area has, smaller one first, as in "
				"\"DB10:0-127\", \"M:3.2\", \"T:0-9\", \"block:OB*\" or "
				"\"szl:0x0011:*\"; \"*\" stands for all",
		    ret_why);
	*ret_range = range;
	return 0;
}

static void
print_range(uint32_t first, uint32_t last, uint32_t max, bool hex, char *buf, size_t size)
{
	if (first == 0 && last == max)
		snprintf(buf, size, "*");
	else if (first == last)
		snprintf(buf, size, hex ? "0x%04x" : "%u", first);
	else
		snprintf(buf, size, hex ? "0x%04x-0x%04x" : "%u-%u", first, last);
}

static void
print_memory(uint32_t first, uint32_t last, char *buf, size_t size)
{
	if (first == 0 && last == S7_BIT_MAX)
		snprintf(buf, size, "*");
	else if (first == last)
		snprintf(buf, size, "%u.%u", first / 8, first % 8);
	else if (first % 8 == 0 && last % 8 == 7 && first / 8 == last / 8)
		snprintf(buf, size, "%u", first / 8);
	else if (first % 8 == 0 && last % 8 == 7)
		snprintf(buf, size, "%u-%u", first / 8, last / 8);
	else
		snprintf(buf, size, "%u.%u-%u.%u", first / 8, first % 8, last / 8, last % 8);
}

/* The range need not come from a policy or a message: what has no name is a number. */
static void
print_block_type(uint32_t type, char *buf, size_t size)
{
	if (type <= S7_BLOCK_TYPE_MAX && block_types[type] != NULL)
		snprintf(buf, size, "%s", block_types[type]);
	else
		snprintf(buf, size, "%u.", type);
}

int
s7_print_points(const struct point_range *range, char *buf, size_t size)
{
	const struct space *space = &s7_spaces[range->space];
	bool blocks = range->space == S7_DB || range->space == S7_DI;
	bool hex = range->space == S7_SZL;
	char block[48] = "", numbers[64];

	if (space->index_max == S7_BIT_MAX)
		print_memory(range->first, range->last, numbers, sizeof(numbers));
	else
		print_range(
		    range->first, range->last, space->index_max, hex, numbers, sizeof(numbers));
	if (blocks || hex)
		print_range(range->block_first, range->block_last, space->block_max, hex, block,
		    sizeof(block));
	if (blocks)
		return snprintf(buf, size, "%s%s:%s", space->name, block, numbers);
	if (range->space == S7_BLOCK && range->block_first == range->block_last)
		print_block_type(range->block_first, block, sizeof(block));
	return snprintf(buf, size, "%s:%s%s%s", space->name, block, hex ? ":" : "", numbers);
}

/* "PG ", "16 " or nothing: any type of connection. */
static void
scan_type(struct s7_scanner *s, struct unit_range *range)
{
	struct s7_scanner number = *s;
	uint32_t type;

	range->source_first = 0;
	range->source_last = UINT32_MAX;
	for (uint32_t i = 1; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (s7_scan(s, type_names[i])) {
			range->source_first = range->source_last = i;
			if (!s7_scan(s, " "))
				s->at = NULL;
			return;
		}
	type = s7_scan_number(&number, TYPE_MAX);
	if (!s7_scan(&number, " "))
		return;
	*s = number;
	range->source_first = range->source_last = type;
}

/* "0/2", "0/2-4", "0/2-1/0", rack and a star, or a star alone */
static void
scan_slots(struct s7_scanner *s, struct unit_range *range)
{
	uint32_t rack, slot;

	range->first = 0;
	range->last = UINT32_MAX;
	if (s7_scan(s, "*"))
		return;
	rack = s7_scan_number(s, RACK_MAX);
	if (!s7_scan(s, "/"))
		s->at = NULL;
	if (s7_scan(s, "*")) {
		range->first = rack * SLOTS;
		range->last = rack * SLOTS + SLOT_MAX;
		return;
	}
	range->first = range->last = rack * SLOTS + s7_scan_number(s, SLOT_MAX);
	if (!s7_scan(s, "-"))
		return;
	slot = s7_scan_number(s, SLOT_MAX);
	if (s7_scan(s, "/")) {
		rack = slot;
		slot = s7_scan_number(s, SLOT_MAX);
	}
	range->last = rack * SLOTS + slot;
	if (rack > RACK_MAX || range->last < range->first)
		s->at = NULL;
}

int
s7_parse_units(const char *text, struct unit_range *ret_range, const char **ret_why)
{
	struct s7_scanner s = {text};
	struct unit_range range = {0};

	scan_type(&s, &range);
	scan_slots(&s, &range);
	if (s.at == NULL || *s.at != '\0')
		return complain("expected rack and slot, with a type of connection or without, as "
				"in \"0/2\", \"0/2-4\", \"PG 0/2\", \"OP 0/*\" or \"basic *\"",
		    ret_why);
	*ret_range = range;
	return 0;
}

int
s7_print_units(const struct unit_range *range, char *buf, size_t size)
{
	uint32_t rack = range->first / SLOTS, last_rack = range->last / SLOTS;
	uint32_t slot = range->first % SLOTS, last_slot = range->last % SLOTS;
	char type[16] = "", place[64];

	if (range->source_first == range->source_last && range->source_first <= TYPE_MAX) {
		if (range->source_first >= 1 && range->source_first <= 3)
			snprintf(type, sizeof(type), "%s ", type_names[range->source_first]);
		else
			snprintf(type, sizeof(type), "%u ", range->source_first);
	}
	if (range->first == UINT32_MAX)
		snprintf(place, sizeof(place), "unknown");
	else if (range->last == UINT32_MAX)
		snprintf(place, sizeof(place), "*");
	else if (range->first == range->last)
		snprintf(place, sizeof(place), "%u/%u", rack, slot);
	else if (rack == last_rack && slot == 0 && last_slot == SLOT_MAX)
		snprintf(place, sizeof(place), "%u/*", rack);
	else if (rack == last_rack)
		snprintf(place, sizeof(place), "%u/%u-%u", rack, slot, last_slot);
	else
		snprintf(place, sizeof(place), "%u/%u-%u/%u", rack, slot, last_rack, last_slot);
	return snprintf(buf, size, "%s%s", type, place);
}
