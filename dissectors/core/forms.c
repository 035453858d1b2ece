/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forms: how policies write points ("holding:40-42", "file:4:0-9") and units ("1-10").
 *
 * The generic forms, used by every dissector that does not bring its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dissector.h"
#include "forms.h"

const char *
form_number(const char *text, uint32_t max, uint32_t *ret_number)
{
	uint64_t number = 0;

	if (*text < '0' || *text > '9')
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++) {
		number = number * 10 + (uint64_t)(*text - '0');
		if (number > max)
			return NULL;
	}
	*ret_number = (uint32_t)number;
	return text;
}

const char *
form_range(const char *text, uint32_t max, uint32_t all, uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t first, last;

	if (*text == '*') {
		*ret_first = 0;
		*ret_last = all;
		return ++text;
	}
	text = form_number(text, max, &first);
	if (text == NULL)
		return NULL;
	last = first;
	if (*text == '-')
		text = form_number(++text, max, &last);
	if (text == NULL || last < first)
		return NULL;
	*ret_first = first;
	*ret_last = last;
	return text;
}

int
form_print_range(uint32_t first, uint32_t last, uint32_t all, char *buf, size_t size)
{
	if (first == 0 && last == all)
		return snprintf(buf, size, "*");
	if (first == last)
		return snprintf(buf, size, "%u", first);
	return snprintf(buf, size, "%u-%u", first, last);
}

int
form_refuse(const char *why, const char **ret_why)
{
	*ret_why = why;
	return -EINVAL;
}

/* The space whose name stands before the first colon, and the text behind that colon. */
static const struct space *
find_space(const struct dissector *d, const char *text, const char **ret_rest)
{
	const char *colon = strchr(text, ':');
	size_t length;

	if (colon == NULL)
		return NULL;
	length = (size_t)(colon - text);
	for (uint32_t i = 0; i < d->space_count; i++) {
		if (strncmp(d->spaces[i].name, text, length) != 0 ||
		    d->spaces[i].name[length] != '\0')
			continue;
		*ret_rest = ++colon;
		return &d->spaces[i];
	}
	return NULL;
}

static int
parse_points(const struct dissector *d, const char *text, struct point_range *ret_range,
    const char **ret_why)
{
	struct point_range range = {0};
	const struct space *space = find_space(d, text, &text);

	if (space == NULL)
		return form_refuse("expected a kind of point that the protocol has, a colon, and "
				   "numbers, as in \"holding:40-42\"",
		    ret_why);
	range.space = (uint16_t)(space - d->spaces);
	if (space->block_max > 0) {
		text = form_range(text, space->block_max, space->block_max, &range.block_first,
		    &range.block_last);
		if (text == NULL || *text++ != ':')
			return form_refuse(
			    "expected a block, a colon, and numbers of points, as in "
			    "\"file:4:0-9\"; \"*\" stands for all",
			    ret_why);
	}
	text = form_range(text, space->index_max, space->index_max, &range.first, &range.last);
	if (text == NULL || *text != '\0')
		return form_refuse(
		    "expected one number or a range of numbers that the protocol has, "
		    "smaller one first, as in \"40-42\"; \"*\" stands for all",
		    ret_why);
	*ret_range = range;
	return 0;
}

static int
print_points(const struct dissector *d, const struct point_range *range, char *buf, size_t size)
{
	const struct space *space = &d->spaces[range->space];
	char block[32] = "", index[32];

	if (space->block_max > 0)
		form_print_range(
		    range->block_first, range->block_last, space->block_max, block, sizeof(block));
	form_print_range(range->first, range->last, space->index_max, index, sizeof(index));
	return snprintf(
	    buf, size, "%s:%s%s%s", space->name, block, space->block_max > 0 ? ":" : "", index);
}

static int
parse_units(
    const struct dissector *d, const char *text, struct unit_range *ret_range, const char **ret_why)
{
	struct unit_range range = {.source_first = 0, .source_last = UINT32_MAX};

	if (d->broadcast != NULL && strcmp(text, d->broadcast) == 0) {
		range.named = true;
		*ret_range = range;
		return 0;
	}
	text = form_range(text, d->unit_max, UINT32_MAX, &range.first, &range.last);
	if (text == NULL || *text != '\0')
		return form_refuse("expected a unit or a range of units that the protocol has, "
				   "smaller one first, as in \"1-10\"; \"*\" stands for all",
		    ret_why);
	*ret_range = range;
	return 0;
}

int
dissector_parse_points(const struct dissector *d, const char *text, struct point_range *ret_range,
    const char **ret_why)
{
	if (d->parse_points != NULL)
		return d->parse_points(text, ret_range, ret_why);
	return parse_points(d, text, ret_range, ret_why);
}

int
dissector_print_points(
    const struct dissector *d, const struct point_range *range, char *buf, size_t size)
{
	if (d->print_points != NULL)
		return d->print_points(range, buf, size);
	return print_points(d, range, buf, size);
}

int
dissector_parse_units(
    const struct dissector *d, const char *text, struct unit_range *ret_range, const char **ret_why)
{
	if (d->parse_units != NULL)
		return d->parse_units(text, ret_range, ret_why);
	return parse_units(d, text, ret_range, ret_why);
}

int
dissector_print_units(
    const struct dissector *d, const struct unit_range *range, char *buf, size_t size)
{
	if (d->print_units != NULL)
		return d->print_units(range, buf, size);
	if (range->named)
		return snprintf(buf, size, "%s", d->broadcast);
	return form_print_range(range->first, range->last, UINT32_MAX, buf, size);
}
