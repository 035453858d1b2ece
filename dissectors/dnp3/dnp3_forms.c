/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, text: points as "g12:7", "g12v1:0-3", "g30-33:*" or "class:1-3", units as "1>10".
 *
 * "*" for units stands for all addresses of single devices; those of all devices must be named.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dnp3_codes.h"
#include "dnp3_forms.h"
#include "forms.h"

enum { ADDRESS_ALL = DNP3_ADDRESS_RESERVED - 1 };

/* "g12", "g30-33", "g12v1" or "g*": blocks are group and variation in one number. */
static const char *
parse_group(const char *text, struct point_range *range)
{
	uint32_t first, last, variation;

	text = form_range(text, 255, 255, &first, &last);
	if (text == NULL)
		return NULL;
	range->block_first = first << 8;
	range->block_last = last << 8 | 0xff;
	if (*text != 'v' || first != last)
		return text;
	text = form_number(&text[1], 255, &variation);
	if (text != NULL)
		range->block_first = range->block_last = first << 8 | variation;
	return text;
}

/* Points as drawings and other tools have them, and what they are here. */
static const char *
explain(const char *text)
{
	static const struct {
		const char *letters;
		const char *why;
	} kinds[] = {
	    {"BI",
		"expected a group and an index: binary input 5 is \"g1:5\", its events \"g2:5\""},
	    {"DI",
		"expected a group and an index: binary input 5 is \"g1:5\", its events \"g2:5\""},
	    {"BO",
		"expected a group and an index: binary output 5 is \"g12:5\" to operate it, "
		"\"g10:5\" to read it"},
	    {"DO",
		"expected a group and an index: binary output 5 is \"g12:5\" to operate it, "
		"\"g10:5\" to read it"},
	    {"AI",
		"expected a group and an index: analog input 5 is \"g30:5\", its events \"g32:5\""},
	    {"AO",
		"expected a group and an index: analog output 5 is \"g41:5\" to operate it, "
		"\"g40:5\" to read it"},
	    {"CT", "expected a group and an index: counter 5 is \"g20:5\", its events \"g22:5\""},
	};
	struct point_range range;
	const char *behind = *text == 'g' || *text == 'G' ? parse_group(&text[1], &range) : NULL;
	uint32_t group;

	if (behind != NULL && *behind == '\0')
		return "expected indices behind the group, as in \"g12:7\"; all of a group are "
		       "\"g12:*\"";
	if (behind != NULL && *text == 'G')
		return "expected a small letter in front of the group, as in \"g12:7\"";
	behind = form_number(text, 255, &group);
	if (behind != NULL && *behind == ':')
		return "expected the letter g in front of the group, as in \"g12:7\"";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncasecmp(text, kinds[i].letters, 2) == 0 && text[2] != '\0' &&
		    strspn(&text[2], ":0123456789-") == strlen(&text[2]))
			return kinds[i].why;
	return NULL;
}

int
dnp3_parse_points(const char *text, struct point_range *ret_range, const char **ret_why)
{
	struct point_range range = {.space = DNP3_GROUPS};
	const char *written = text;
	uint32_t max = UINT32_MAX;

	if (strncmp(text, "class:", 6) == 0) {
		range.space = DNP3_CLASSES;
		max = 3;
		text = &text[5];
	} else {
		text = *text == 'g' ? parse_group(&text[1], &range) : NULL;
	}
	if (text != NULL && *text == ':')
		text = form_range(&text[1], max, max, &range.first, &range.last);
	else
		text = NULL;
	if ((text == NULL || *text != '\0') && explain(written) != NULL)
		return form_refuse(explain(written), ret_why);
	if (text == NULL || *text != '\0')
		return form_refuse(
		    "expected a group, with or without variation, a colon and indices, as in "
		    "\"g12:7\", \"g30v2:0-9\" or \"g30-33:*\"; or classes, as in \"class:1-3\"",
		    ret_why);
	*ret_range = range;
	return 0;
}

int
dnp3_print_points(const struct point_range *range, char *buf, size_t size)
{
	uint32_t first = range->block_first >> 8, last = range->block_last >> 8;
	char group[32], index[32];

	if (range->space == DNP3_CLASSES) {
		form_print_range(range->first, range->last, 3, index, sizeof(index));
		return snprintf(buf, size, "class:%s", index);
	}
	form_print_range(range->first, range->last, UINT32_MAX, index, sizeof(index));
	form_print_range(first, last, 255, group, sizeof(group));
	if (range->block_first == range->block_last)
		return snprintf(
		    buf, size, "g%sv%u:%s", group, (unsigned)(range->block_first & 0xff), index);
	return snprintf(buf, size, "g%s:%s", group, index);
}

int
dnp3_parse_units(const char *text, struct unit_range *ret_range, const char **ret_why)
{
	struct unit_range range;

	text = form_range(text, UINT16_MAX, ADDRESS_ALL, &range.source_first, &range.source_last);
	if (text != NULL && *text == '>')
		text = strcmp(text, ">broadcast") == 0 ? ">65533-65535" : text;
	if (text != NULL && *text == '>')
		text = form_range(&text[1], UINT16_MAX, ADDRESS_ALL, &range.first, &range.last);
	else
		text = NULL;
	if (text == NULL || *text != '\0')
		return form_refuse("expected the master's and the outstation's address, as in "
				   "\"1>10\", \"1>10-19\", \"*>10\" or \"1>broadcast\"",
		    ret_why);
	range.named = range.first >= DNP3_ADDRESS_SELF;
	*ret_range = range;
	return 0;
}

int
dnp3_print_units(const struct unit_range *range, char *buf, size_t size)
{
	char source[32], unit[32];

	form_print_range(
	    range->source_first, range->source_last, ADDRESS_ALL, source, sizeof(source));
	form_print_range(range->first, range->last, ADDRESS_ALL, unit, sizeof(unit));
	if (range->first == DNP3_ADDRESS_BROADCAST && range->last == UINT16_MAX)
		snprintf(unit, sizeof(unit), "broadcast");
	return snprintf(buf, size, "%s>%s", source, unit);
}
