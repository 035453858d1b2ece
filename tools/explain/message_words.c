/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message words: see message_words.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "example.h"
#include "message_words.h"
#include "names.h"
#include "numbers.h"
#include "terminal.h"

enum { WORD_MAX = 256, VALUES_OF_WORD_MAX = 128 };

struct reader {
	const struct dissector *d;
	const struct element_type *type;
	struct message *m;
	bool unit;
};

/* What stands behind the "=" of a word. */
struct written {
	double values[VALUES_OF_WORD_MAX];
	size_t count;
	double parts[PARTS_MAX];
};

/* Bytes of the values, which the message points to. */
static uint8_t room[SPANS_MAX][EXAMPLE_BYTES_MAX];

static int
refuse(const char *word, const char *what, const char *expected)
{
	complain("explain: \"%.80s\": %s; expected %s", word, what, expected);
	return -EINVAL;
}

/* In the words of the protocol. */
static int
refuse_form(const char *word, const char *why)
{
	complain("explain: \"%.80s\": %s", word, why);
	return -EINVAL;
}

static int
refuse_function(const struct dissector *d, const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (uint32_t i = 0; i < d->function_count; i++)
		nearest_offer(&nearest, d->functions[i].name);
	if (nearest_take(&nearest))
		complain("explain: protocol \"%s\" has no function \"%.80s\"; did you mean \"%s\"?",
		    d->name, word, nearest_take(&nearest));
	else
		complain("explain: protocol \"%s\" has no function \"%.80s\"; sluice-%s(7) lists "
			 "them",
		    d->name, word, d->name);
	return -EINVAL;
}

static int
read_unit(struct reader *r, const char *word, const char *text)
{
	struct unit_range range;
	const char *why;

	if (dissector_parse_units(r->d, text, &range, &why) < 0)
		return refuse_form(word, why);
	if (range.first != range.last ||
	    (range.source_first != range.source_last &&
		(range.source_first != 0 || range.source_last != UINT32_MAX)))
		return refuse(word, "several units", "one");
	r->m->has_unit = r->unit = true;
	r->m->unit = range.first;
	r->m->unit_source = range.source_first;
	r->m->unit_named = range.named;
	return 0;
}

static int
read_type(struct reader *r, const char *word, const char *text)
{
	for (uint32_t i = 0; i < r->d->type_count; i++)
		if (strcmp(r->d->types[i].name, text) == 0) {
			r->type = &r->d->types[i];
			return 0;
		}
	return refuse(word, "no type of this protocol", "one that sluice.conf(5) lists");
}

/* ---- values ---- */

static bool
read_word(const struct dissector *d, const char *text, double *ret_value)
{
	for (uint32_t i = 0; i < d->value_word_count; i++)
		if (strcmp(d->value_words[i].name, text) == 0) {
			*ret_value = d->value_words[i].value;
			return true;
		}
	return false;
}

static bool
read_number(const char *text, double *ret_value)
{
	struct value_range range;

	if (numbers_read_values(text, &range) < 0 || range.first != range.last)
		return false;
	*ret_value = range.first;
	return true;
}

/* "count:1" */
static bool
read_part(const struct dissector *d, const char *text, struct written *written)
{
	const char *colon = strchr(text, ':');

	for (uint32_t i = 0; colon && i < d->part_count; i++)
		if (strlen(d->parts[i].name) == (size_t)(colon - text) &&
		    strncmp(d->parts[i].name, text, (size_t)(colon - text)) == 0)
			return read_number(colon + 1, &written->parts[i]);
	return false;
}

static int
read_values(const struct dissector *d, const char *word, char *text, struct written *ret_written)
{
	struct written written = {.count = 0};
	char *rest = NULL;

	for (char *item = strtok_r(text, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
		double value;

		if (written.count == VALUES_OF_WORD_MAX)
			return refuse(word, "too many values", "at most 128");
		if (read_word(d, item, &value) || read_number(item, &value))
			written.values[written.count++] = value;
		else if (!read_part(d, item, &written))
			return refuse(word, "no value",
			    "numbers, or words of the protocol, with commas between them");
	}
	if (written.count == 0)
		return refuse(word, "nothing is written", "a value behind the \"=\"");
	*ret_written = written;
	return 0;
}

/* ---- points ---- */

/* What the function does to these points: what writes has a value, or the only row is of it. */
static const struct touchable *
find_touch(const struct reader *r, const struct point_range *range, bool written)
{
	const struct touchable *found = NULL;

	for (uint32_t i = 0; i < r->d->touch_count; i++) {
		const struct touchable *t = &r->d->touches[i];

		if (t->code != r->m->function->code || t->sub != r->m->function->sub ||
		    t->form == TOUCH_NOTHING || t->space != range->space ||
		    range->block_first < t->block_first || range->block_first > t->block_last)
			continue;
		if (!found || (found->access != ACCESS_READ) != written)
			found = t;
	}
	return found;
}

static int
refuse_points(const struct reader *r, const char *word, const struct point_range *range)
{
	complain("explain: \"%.80s\": %s touches no points of kind \"%s\"%s", word,
	    r->m->function->name, r->d->spaces[range->space].name,
	    r->d->spaces[range->space].block_max > 0 ? " in this block" : "");
	return -EINVAL;
}

/* Where points are no memory, what is written to them is a number and nothing else. */
static uint8_t
format_of(const struct reader *r, const struct touchable *touch, const struct point_range *range)
{
	enum value_format format = touch->format;

	if (format == VALUE_NONE && touch->form != TOUCH_UNTOLD && r->d->point_format)
		format = r->d->point_format(range);
	if (format == VALUE_NONE && touch->form != TOUCH_UNTOLD &&
	    r->d->spaces[range->space].index_bits == 0)
		format = VALUE_F64_LE;
	return (uint8_t)format;
}

static int
add_span(struct reader *r, const char *word, const struct example_point *point, uint32_t last)
{
	struct span *span = &r->m->spans[r->m->span_count];

	if (r->m->span_count == SPANS_MAX)
		return refuse(word, "too many points", "at most 512 of them");
	example_span(r->d, point, room[r->m->span_count], span);
	span->last = last > span->last ? last : span->last;
	r->m->span_count++;
	return 0;
}

/* Each element has a value of its own, or all the same. */
static int
write_points(struct reader *r, const char *word, const struct point_range *range,
    struct example_point *point, const struct written *written)
{
	uint32_t width = r->type ? dissector_element_width(r->d, range->space, r->type) : 1;
	uint64_t count = (uint64_t)range->last - range->first + 1;

	if (width == 0 || count % width != 0)
		return refuse(word, "a part of an element", "points of whole elements of the type");
	count /= width;
	if (written->count != 1 && written->count != count)
		return refuse(word, "more or fewer values than points", "one, or one for each");
	memcpy(point->parts, written->parts, sizeof(point->parts));
	for (uint64_t i = 0; i < count; i++) {
		int r0;

		point->index = range->first + (uint32_t)i * width;
		point->value = written->values[written->count == 1 ? 0 : i];
		r0 = add_span(r, word, point, 0);
		if (r0 < 0)
			return r0;
	}
	return 0;
}

static int
read_points(struct reader *r, const char *word)
{
	char text[WORD_MAX], *equals;
	struct example_point point = {0};
	struct point_range range;
	struct written written;
	const char *why;

	if (strlen(word) >= sizeof(text))
		return refuse(word, "too long a word", "at most 255 characters");
	strcpy(text, word);
	equals = strchr(text, '=');
	if (equals)
		*equals++ = '\0';
	if (dissector_parse_points(r->d, text, &range, &why) < 0)
		return refuse_form(word, why);
	if (range.block_first != range.block_last)
		return refuse(word, "several blocks", "points of one");
	point.touch = find_touch(r, &range, equals);
	if (!point.touch)
		return refuse_points(r, word, &range);
	point.block = range.block_first;
	point.index = range.first;
	if (!equals || point.touch->access == ACCESS_READ)
		return add_span(r, word, &point, range.last);
	if (read_values(r->d, word, equals, &written) < 0)
		return -EINVAL;
	point.type = r->type;
	point.format = r->type ? VALUE_NONE : format_of(r, point.touch, &range);
	if (!point.type && point.format == VALUE_NONE)
		return refuse(word, "nobody knows what these points hold",
		    "a type in front of them, like type=int");
	return write_points(r, word, &range, &point, &written);
}

/* ---- all of it ---- */

static bool
touches_something(const struct dissector *d, const struct function *function)
{
	bool something = false;

	for (uint32_t i = 0; i < d->touch_count; i++) {
		const struct touchable *t = &d->touches[i];

		if (t->code != function->code || t->sub != function->sub)
			continue;
		if (t->form == TOUCH_NOTHING)
			return false;
		something = true;
	}
	return something;
}

static int
finish(struct reader *r)
{
	struct message *m = r->m;

	if (!r->unit && r->d->unit_of_session) {
		m->has_unit = true;
		m->unit = m->unit_source = UINT32_MAX;
	} else if (!r->unit && r->d->unit_max > 0) {
		return refuse(m->function->name, "no unit is named", "unit=... behind it");
	}
	/* what is told to all is special only where it changes something */
	if (m->unit_named && r->d->broadcast &&
	    (m->function->access == ACCESS_READ || m->function->access == ACCESS_DIAGNOSE))
		m->unit_named = false;
	if (m->span_count == 0 && touches_something(r->d, m->function))
		return refuse(m->function->name, "no points are named",
		    "what it touches, as a policy writes points");
	return 0;
}

int
message_of_words(
    const struct dissector *d, char *const *words, size_t count, struct message *ret_message)
{
	struct reader r = {.d = d, .m = ret_message};
	const struct function *function = count > 0 ? dissector_find_function(d, words[0]) : NULL;

	if (count == 0)
		return refuse(d->name, "no function", "one behind the protocol");
	if (!function)
		return refuse_function(d, words[0]);
	message_init(ret_message, d);
	ret_message->function = function;
	ret_message->function_code = function->code;
	ret_message->has_function = true;
	ret_message->kind = function->side == SIDE_SERVER ? MESSAGE_UNSOLICITED : MESSAGE_REQUEST;
	for (size_t i = 1; i < count; i++) {
		int r0 = strncmp(words[i], "unit=", 5) == 0 ? read_unit(&r, words[i], words[i] + 5)
		    : strncmp(words[i], "type=", 5) == 0    ? read_type(&r, words[i], words[i] + 5)
							    : read_points(&r, words[i]);

		if (r0 < 0)
			return r0;
	}
	return finish(&r);
}
