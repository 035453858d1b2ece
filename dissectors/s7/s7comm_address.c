/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: addresses as engineers write them, with German or international letters, with the percent
 * sign of IEC 61131-3 or without, in data blocks with the separators of several tools.
 *
 * Only read: what is printed has the forms of s7comm_forms.c.
 */
#include "s7comm_address.h"
#include "s7comm_scan.h"
#include "s7comm_space.h"

#include <string.h>

enum { TEXT_MAX = 48, BYTE_MAX = S7_BIT_MAX / 8 };

/* Letters of an area, and the space that it is. */
struct letters {
	const char *text;
	uint16_t space;
};

static const struct letters areas[] = {
    {"M", S7_M},
    {"I", S7_I},
    {"E", S7_I},
    {"Q", S7_Q},
    {"A", S7_Q},
    {"PI", S7_P},
    {"PE", S7_P},
    {"PQ", S7_P},
    {"PA", S7_P},
    {"L", S7_L},
    {"V", S7_V},
    {"SM", S7_FLAGS},
    {"AI", S7_AI},
    {"AQ", S7_AQ},
};

static const struct letters numbers[] = {{"T", S7_T}, {"C", S7_C}, {"Z", S7_C}};

/* What is behind the area: how many bytes; 0: one bit. */
struct size {
	const char *text;
	uint8_t bytes;
};

static const struct size letters[] = {{"", 0}, {"X", 0}, {"B", 1}, {"W", 2}, {"D", 4}};

/* Behind the comma in a data block. */
static const struct size words[] = {
    {"X", 0},
    {"B", 1},
    {"BYTE", 1},
    {"CHAR", 1},
    {"W", 2},
    {"WORD", 2},
    {"INT", 2},
    {"D", 4},
    {"DWORD", 4},
    {"DINT", 4},
    {"REAL", 4},
    {"LREAL", 8},
};

/* "10", or "10.3" of a bit. */
static void
scan_place(struct s7_scanner *s, uint32_t bytes, struct point_range *range)
{
	uint32_t byte = s7_scan_number(s, BYTE_MAX), bit = 0;

	if (bytes == 0) {
		if (!s7_scan(s, "."))
			s->at = NULL;
		bit = s7_scan_number(s, 7);
	}
	range->first = byte * 8 + bit;
	range->last = bytes == 0 ? range->first : range->first + bytes * 8 - 1;
	if (range->last > S7_BIT_MAX)
		s->at = NULL;
}

/* The size among these that a place is behind. */
static void
scan_sized(struct s7_scanner *s, const struct size *sizes, size_t count, struct point_range *range)
{
	struct s7_scanner found = {NULL};

	for (size_t i = 0; i < count && found.at == NULL; i++) {
		found = *s;
		if (!s7_scan(&found, sizes[i].text))
			found.at = NULL;
		scan_place(&found, sizes[i].bytes, range);
	}
	*s = found;
}

/* "DB1.DBW4", "DB1:DBX0.0", "DB1.W4", "DB1,INT4"; the same of instance data blocks. */
static bool
scan_block(struct s7_scanner *s, const char *name, uint16_t space, struct point_range *range)
{
	if (!s7_scan(s, name))
		return false;
	*range = (struct point_range){.space = space};
	range->block_first = range->block_last = s7_scan_number(s, s7_spaces[space].block_max);
	if (s7_scan(s, ",")) {
		scan_sized(s, words, sizeof(words) / sizeof(words[0]), range);
		return s->at != NULL;
	}
	if (!s7_scan(s, ".") && !s7_scan(s, ":"))
		return false;
	s7_scan(s, name);
	/* the first of the letters is none, which a data block does not have */
	scan_sized(s, &letters[1], sizeof(letters) / sizeof(letters[0]) - 1, range);
	return s->at != NULL;
}

static bool
scan_area(struct s7_scanner *s, const struct letters *area, struct point_range *range)
{
	if (!s7_scan(s, area->text))
		return false;
	*range = (struct point_range){.space = area->space};
	scan_sized(s, letters, sizeof(letters) / sizeof(letters[0]), range);
	return s->at != NULL;
}

static bool
scan_number(struct s7_scanner *s, const struct letters *kind, struct point_range *range)
{
	if (!s7_scan(s, kind->text))
		return false;
	*range = (struct point_range){.space = kind->space};
	range->first = range->last = s7_scan_number(s, s7_spaces[kind->space].index_max);
	return s->at != NULL;
}

/* "DB1.DBX0.0 BYTE 10" behind "P#": so many elements from a place on. */
static bool
scan_pointer(struct s7_scanner *s, struct point_range *range)
{
	static const struct size pointed[] = {{"BOOL ", 0}, {"BYTE ", 1}, {"CHAR ", 1},
	    {"WORD ", 2}, {"INT ", 2}, {"DWORD ", 4}, {"DINT ", 4}, {"REAL ", 4}};
	uint64_t bits = 0;

	for (size_t i = 0; i < sizeof(pointed) / sizeof(pointed[0]) && bits == 0; i++)
		if (s7_scan(s, pointed[i].text))
			bits = pointed[i].bytes == 0 ? 1 : pointed[i].bytes * UINT64_C(8);
	bits *= s7_scan_number(s, UINT16_MAX);
	if (bits == 0 || bits > (uint64_t)S7_BIT_MAX + 1 - range->first)
		return false;
	range->last = (uint32_t)(range->first + bits - 1);
	return s->at != NULL;
}

static bool
scan_address(struct s7_scanner *s, struct point_range *range)
{
	struct s7_scanner begin;

	s7_scan(s, "%");
	begin = *s;
	if (scan_block(s, "DB", S7_DB, range))
		return true;
	*s = begin;
	if (scan_block(s, "DI", S7_DI, range))
		return true;
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
		*s = begin;
		if (scan_area(s, &areas[i], range))
			return true;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		*s = begin;
		if (scan_number(s, &numbers[i], range))
			return true;
	}
	return false;
}

/* Small letters are as good as large ones. */
static bool
copy_large(const char *text, char *large)
{
	size_t length = strlen(text);

	if (length >= TEXT_MAX)
		return false;
	for (size_t i = 0; i <= length; i++)
		large[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
	return true;
}

bool
s7_parse_address(const char *text, struct point_range *ret_range)
{
	struct point_range range, end;
	char large[TEXT_MAX];
	struct s7_scanner s = {large};
	bool points;

	if (!copy_large(text, large))
		return false;
	points = s7_scan(&s, "P#");
	if (!scan_address(&s, &range))
		return false;
	if (points) {
		if (range.first != range.last || !s7_scan(&s, " ") || !scan_pointer(&s, &range))
			return false;
	} else if (s7_scan(&s, "-")) {
		if (!scan_address(&s, &end) || end.space != range.space ||
		    end.block_first != range.block_first || end.last < range.last)
			return false;
		range.last = end.last;
	}
	if (*s.at != '\0')
		return false;
	*ret_range = range;
	return true;
}

const char *
s7_explain_address(const char *text)
{
	char large[TEXT_MAX];
	struct s7_scanner s = {large}, block;

	if (!copy_large(text, large))
		return NULL;
	s7_scan(&s, "%");
	block = s;
	if (s7_scan(&block, "DB"))
		s7_scan_number(&block, s7_spaces[S7_DB].block_max);
	else
		block.at = NULL;
	if (block.at != NULL && *block.at == '\0')
		return "expected what of it: all data of data block 10 are \"DB10:*\", a word of "
		       "them \"DB10.DBW4\", the block itself is \"block:DB10\"";
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
		struct s7_scanner area = s;

		if (!s7_scan(&area, areas[i].text))
			continue;
		s7_scan_number(&area, BYTE_MAX);
		if (area.at != NULL && *area.at == '\0')
			return "expected a size or a bit, as in \"MB10\", \"MW10\", \"MD10\" or "
			       "\"M10.3\"; byte 10 is \"M:10\"";
		area = s;
		s7_scan(&area, areas[i].text);
		if (!s7_scan(&area, "W") && !s7_scan(&area, "D"))
			continue;
		s7_scan_number(&area, BYTE_MAX);
		if (area.at != NULL && *area.at == '.')
			return "expected a bit of a byte, as in \"M11.1\", which is bit 1 of "
			       "\"MW10\"";
	}
	return NULL;
}
