/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load: limits of values, and the type of what they are limits of.
 *
 * Ranges are put in order and joined, as points are.  A type must fit the points, so that each of
 * its elements is one that the rule means; and what a limit says must be something that can be
 * written, or it was meant for another type.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "numbers.h"
#include "rule_reader.h"

static int
compare_values(const void *a, const void *b)
{
	const struct value_range *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->last > y->last) - (x->last < y->last);
}

static int
compare_limits(const void *a, const void *b)
{
	const struct part_limit *x = a, *y = b;

	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return compare_values(&x->range, &y->range);
}

/* As for values, within each part. */
static void
join_limits(struct rule *rule)
{
	size_t i, count = 0;

	qsort(rule->limits, rule->limit_count, sizeof(*rule->limits), compare_limits);
	for (i = 0; i < rule->limit_count; i++) {
		struct part_limit *last = count ? &rule->limits[count - 1] : NULL;
		const struct part_limit *limit = &rule->limits[i];

		if (!last || last->part != limit->part || limit->range.first > last->range.last)
			rule->limits[count++] = *limit;
		else if (limit->range.last > last->range.last)
			last->range.last = limit->range.last;
	}
	/* "*" is the same as no limit */
	rule->limit_count = 0;
	for (i = 0; i < count; i++)
		if (!isinf(rule->limits[i].range.first))
			rule->limits[rule->limit_count++] = rule->limits[i];
}

/* Returns what numbers_read_values() does. */
static int
read_value(struct rule *rule, const struct dissector *d, const char *text)
{
	const char *rest = text;
	const struct part *part = load_find_part(d, text, &rest);
	const struct value_word *word = part ? NULL : load_find_word(d, text);
	struct value_range range = {0};
	int r = 0;

	if (word)
		range.first = range.last = word->value;
	else
		r = numbers_read_values(rest, &range);
	if (r < 0)
		return r;
	if (part)
		rule->limits[rule->limit_count++] =
		    (struct part_limit){.part = (uint32_t)(part - d->parts), .range = range};
	else
		rule->values[rule->value_count++] = range;
	return 0;
}

/* What else than numbers the values of a protocol may be, for the error. */
static const char *
value_hint(struct loader *l, const struct dissector *d)
{
	const char *text = "";

	if (d->value_word_count > 0)
		text = load_format(l, ", a word like \"%s\"", d->value_words[0].name);
	if (d->part_count > 0)
		text = load_format(l, "%s, \"%s:\" and numbers", text, d->parts[0].name);
	return text;
}

/* "*" is the same as no limit. */
static void
join_values(struct rule *rule)
{
	size_t i, count = 0;

	qsort(rule->values, rule->value_count, sizeof(*rule->values), compare_values);
	for (i = 0; i < rule->value_count; i++) {
		struct value_range *last = count ? &rule->values[count - 1] : NULL;

		if (!last || rule->values[i].first > last->last)
			rule->values[count++] = rule->values[i];
		else if (rule->values[i].last > last->last)
			last->last = rule->values[i].last;
	}
	rule->value_count = count && isinf(rule->values[0].first) ? 0 : count;
}

void
load_values(struct loader *l, const struct node *node, void *object)
{
	struct rule_reader *reader = object;
	struct rule *rule = reader->rule;
	size_t i;
	int r;

	reader->values_where = node->where;
	reader->values = node;
	rule->values = load_alloc(l, l->memory, node->count, sizeof(*rule->values));
	rule->limits = load_alloc(l, l->memory, node->count, sizeof(*rule->limits));
	for (i = 0; reader->dissector && i < node->count; i++) {
		const struct node *child = &node->children[i];

		r = read_value(rule, reader->dissector, child->text);
		if (r == 0)
			continue;
		if (r == -EDOM)
			load_error(l, child->where,
			    "values \"%.80s\" are reversed; expected the lower one first",
			    child->text);
		else if (r == -ERANGE)
			load_error(l, child->where,
			    "values \"%.80s\"; expected at most 15 digits a number", child->text);
		else
			load_error(l, child->where,
			    "values \"%.80s\"; expected a number, a range like \"0-1500\" or "
			    "\"-5-10\"%s, or \"*\"",
			    child->text, value_hint(l, reader->dissector));
	}
	join_values(rule);
	join_limits(rule);
}

void
load_type(struct loader *l, const struct node *node, void *object)
{
	struct rule_reader *reader = object;
	const struct dissector *d = reader->dissector;
	const char *names = "";
	struct nearest nearest;

	reader->type = node;
	nearest_init(&nearest, node->text);
	for (uint32_t i = 0; d && i < d->type_count; i++) {
		if (strcmp(d->types[i].name, node->text) == 0)
			reader->rule->type = &d->types[i];
		nearest_offer(&nearest, d->types[i].name);
		names = load_format(l, "%s%s%s", names, i > 0 ? ", " : "", d->types[i].name);
	}
	if (!d || reader->rule->type)
		return;
	if (d->type_count == 0)
		load_error(l, node->where,
		    "protocol \"%s\" has no types; expected \"type\" to be left out", d->name);
	else
		load_error(l, node->where, "protocol \"%s\" has no type \"%.80s\"%s", d->name,
		    node->text, load_hint(l, &nearest, load_format(l, "one of %s", names)));
}

/* The same points with whole elements, for an error. */
static const char *
whole_elements(struct loader *l, const struct rule_reader *reader, const struct point_range *range,
    uint32_t width)
{
	uint32_t max = reader->dissector->spaces[range->space].index_max;
	uint32_t part = reader->rule->type->bits == 1 ? 1 : 8;
	struct point_range whole = *range;
	char text[128];

	if (reader->dissector->spaces[range->space].index_bits == 1)
		whole.first -= whole.first % part;
	if (max - whole.first < width - 1)
		return "expected whole ones";
	whole.last = whole.first + ((range->last - whole.first) / width * width + (width - 1));
	if (whole.last > max)
		whole.last -= width;
	dissector_print_points(reader->dissector, &whole, text, sizeof(text));
	return load_format(l, "expected whole ones, as in \"%s\"", text);
}

void
load_type_fits(struct loader *l, const struct rule_reader *reader, const struct node *node,
    const struct point_range *range)
{
	const struct element_type *type = reader->rule->type;
	enum value_format format = VALUE_NONE;
	uint32_t width;
	bool inside;

	if (!type)
		return;
	width = dissector_element_width(reader->dissector, range->space, type);
	if (reader->dissector->point_format)
		format = reader->dissector->point_format(range);
	if (width == 0 || (format != VALUE_NONE && format != type->format)) {
		load_error(l, node->where,
		    "points \"%.80s\" have no elements of type \"%s\"; expected points that have, "
		    "or "
		    "a rule of their own",
		    node->text, type->name);
		return;
	}
	inside = reader->dissector->spaces[range->space].index_bits == 1 && type->bits > 1 &&
	    range->first % 8 != 0;
	if (inside || (range->last - range->first + 1) % width != 0)
		load_error(l, node->where,
		    "points \"%.80s\" hold a part of an element of type \"%s\"; %s", node->text,
		    type->name, whole_elements(l, reader, range, width));
}

void
load_type_joins(struct loader *l, const struct rule_reader *reader, const struct point_range *a,
    const struct point_range *b)
{
	const struct element_type *type = reader->rule->type;
	uint32_t width = type ? dissector_element_width(reader->dissector, a->space, type) : 0;
	char text[128];

	if (width == 0 || (b->first - a->first) % width == 0)
		return;
	dissector_print_points(reader->dissector, b, text, sizeof(text));
	load_error(l, reader->points_where,
	    "points \"%s\" begin inside an element of type \"%s\" that other points hold; expected "
	    "points that do not overlap",
	    text, type->name);
}

/* Does the rule mean memory of which only a type tells what it holds? */
static bool
needs_type(const struct rule_reader *reader)
{
	const struct rule *rule = reader->rule;
	const struct dissector *d = reader->dissector;

	for (size_t i = 0; i < rule->point_count; i++)
		if (d->spaces[rule->points[i].space].index_bits == 1)
			return true;
	for (uint32_t i = 0; rule->point_count == 0 && i < d->space_count; i++)
		if (d->spaces[i].index_bits == 1)
			return true;
	return false;
}

/* What the device can hold where the rule's values go. */
struct domain {
	const char *name;
	double first;
	double last;
	bool whole;    /* numbers only */
	bool in_words; /* 16 bits: a type could make more of it */
};

static struct domain
format_domain(const char *name, enum value_format format)
{
	struct domain domain = {.name = name, .whole = true};

	switch (format) {
	case VALUE_BIT:
	case VALUE_COIL:
		domain.last = 1;
		break;
	case VALUE_U8:
		domain.last = UINT8_MAX;
		break;
	case VALUE_S8:
		domain.first = INT8_MIN;
		domain.last = INT8_MAX;
		break;
	case VALUE_U16_BE:
	case VALUE_U16_LE:
		domain.last = UINT16_MAX;
		break;
	case VALUE_S16_BE:
	case VALUE_S16_LE:
		domain.first = INT16_MIN;
		domain.last = INT16_MAX;
		break;
	case VALUE_U32_BE:
	case VALUE_U32_LE:
		domain.last = UINT32_MAX;
		break;
	case VALUE_S32_BE:
	case VALUE_S32_LE:
		domain.first = INT32_MIN;
		domain.last = INT32_MAX;
		break;
	case VALUE_U64_BE:
		domain.last = (double)UINT64_MAX;
		break;
	case VALUE_S64_BE:
		domain.first = (double)INT64_MIN;
		domain.last = (double)INT64_MAX;
		break;
	default:
		domain = (struct domain){.name = name, .first = -INFINITY, .last = INFINITY};
		break;
	}
	return domain;
}

/* What the points of a range hold without a type; false where nobody knows. */
static bool
point_domain(struct loader *l, const struct dissector *d, const struct point_range *range,
    struct domain *ret_domain)
{
	const struct space *s = &d->spaces[range->space];
	enum value_format format = s->bits ? VALUE_BIT : VALUE_U16_BE;
	char text[128];

	if (!d->point_format) {
		*ret_domain = format_domain(load_format(l, "a point of \"%s\"", s->name), format);
		ret_domain->in_words = !s->bits;
		return s->bits || s->index_bits == 16;
	}
	format = d->point_format(range);
	dissector_print_points(d, range, text, sizeof(text));
	*ret_domain = format_domain(load_format(l, "\"%s\"", text), format);
	return format != VALUE_NONE;
}

/* `sum` comes to hold what either holds. */
static void
widen(struct domain *sum, bool first, const struct domain *one)
{
	if (first) {
		*sum = *one;
		return;
	}
	if (one->last > sum->last)
		sum->name = one->name;
	sum->first = fmin(sum->first, one->first);
	sum->last = fmax(sum->last, one->last);
	sum->whole = sum->whole && one->whole;
	sum->in_words = sum->in_words || one->in_words;
}

/* Of all points that the functions of a rule without points write. */
static bool
touched_domain(struct loader *l, const struct rule_reader *reader, struct domain *ret_domain)
{
	const struct dissector *d = reader->dissector;
	bool found = false;

	for (uint32_t i = 0; i < d->touch_count; i++) {
		const struct touchable *t = &d->touches[i];
		struct point_range points = {.space = t->space,
		    .block_first = t->block_first,
		    .block_last = t->block_last,
		    .last = d->spaces[t->space].index_max};
		struct domain domain;

		if (!load_writes_touch(reader->rule, d, t))
			continue;
		if (!point_domain(l, d, &points, &domain))
			return false;
		widen(ret_domain, !found, &domain);
		found = true;
	}
	return found;
}

/* Of all points that the rule names, the widest; false where nobody knows. */
static bool
find_domain(struct loader *l, const struct rule_reader *reader, struct domain *ret_domain)
{
	const struct rule *rule = reader->rule;
	const struct dissector *d = reader->dissector;
	bool found = false;

	if (rule->type) {
		*ret_domain =
		    format_domain(load_format(l, "an element of type \"%s\"", rule->type->name),
			(enum value_format)rule->type->format);
		return true;
	}
	if (!reader->points_where.file)
		return touched_domain(l, reader, ret_domain);
	for (size_t i = 0; i < rule->point_count; i++) {
		struct domain domain;

		if (!point_domain(l, d, &rule->points[i], &domain))
			return false;
		widen(ret_domain, !found, &domain);
		found = true;
	}
	return found;
}

static bool
is_whole(double number)
{
	return number == floor(number);
}

/* A limit that can't mean what it says. */
static void
check_range(struct loader *l, const struct node *node, const struct domain *domain,
    const struct value_range *range)
{
	const char *hint = "";

	if (range->first < domain->first && domain->in_words)
		hint = "; for numbers below 0, say type = \"int16\"";
	else if (range->last > domain->last && domain->in_words)
		hint = "; for elements of two registers, say type = \"int32\" or what they are";
	else if (domain->last == 1 && range->first == 0xff00)
		hint = "; messages write 1 as 65280, so say \"1\"";
	if (range->first > domain->last || range->last < domain->first)
		load_warning(l, node->where, FINDING_VALUE_NEVER,
		    "values \"%.80s\" can never be written: %s holds %.15g to %.15g%s", node->text,
		    domain->name, domain->first, domain->last, hint);
	else if (range->first < domain->first || range->last > domain->last)
		load_warning(l, node->where, FINDING_VALUE_BEYOND,
		    "values \"%.80s\" go beyond what %s holds, %.15g to %.15g%s", node->text,
		    domain->name, domain->first, domain->last, hint);
	else if (domain->whole && (!is_whole(range->first) || !is_whole(range->last)))
		load_warning(l, node->where, FINDING_VALUE_DECIMALS,
		    "values \"%.80s\" have decimals, and %s holds whole numbers", node->text,
		    domain->name);
}

static void
check_values(struct loader *l, const struct rule_reader *reader)
{
	struct domain domain;

	if (!find_domain(l, reader, &domain))
		return;
	for (size_t i = 0; i < reader->values->count; i++) {
		const struct node *node = &reader->values->children[i];
		struct value_range range;

		if (numbers_read_values(node->text, &range) == 0 && !isinf(range.first))
			check_range(l, node, &domain, &range);
	}
}

/* What the message does not tell can't lie within limits: such functions are named in vain. */
static void
warn_of_untold(struct loader *l, const struct rule_reader *reader)
{
	const struct rule *rule = reader->rule;
	const struct dissector *d = reader->dissector;

	for (uint32_t i = 0; rule->value_count > 0 && i < d->touch_count; i++) {
		const struct touchable *touch = &d->touches[i];
		const struct function *function = dissector_find_code(d, touch->code, touch->sub);
		uint32_t row;

		if (touch->form != TOUCH_UNTOLD || !function)
			continue;
		row = dissector_function_index(d, function);
		if (rule->named_functions[row / 64] >> (row % 64) & 1)
			load_warning(l, reader->values_where, FINDING_VALUE_UNTOLD,
			    "no message of \"%s\" tells what it leaves behind, so none lies within "
			    "\"values\"; expected a rule of its own without them",
			    function->name);
	}
}

void
load_values_finish(struct loader *l, struct rule_reader *reader)
{
	struct rule *rule = reader->rule;

	if (!reader->dissector)
		return;
	load_words_finish(l, reader);
	warn_of_untold(l, reader);
	if (rule->type && !reader->values)
		load_error(l, reader->type->where,
		    "\"type\" without \"values\"; expected the limits that it is the type of");
	else if (rule->type && !reader->points_where.file)
		load_error(l, reader->type->where,
		    "\"type\" without \"points\"; expected those at which its elements begin");
	else if (rule->type && rule->value_count == 0 && rule->limit_count > 0)
		load_error(l, reader->type->where,
		    "\"type\" with \"values\" that limit only \"%s:\"; expected limits of what it "
		    "is the type of",
		    reader->dissector->parts[rule->limits[0].part].name);
	else if (!reader->type && rule->value_count > 0 && needs_type(reader))
		load_error(l, reader->values_where,
		    "\"values\" without \"type\" for memory that is written in any size; expected "
		    "%s"
		    "what it holds, like type = \"int\"",
		    reader->points_where.file ? "" : "\"points\" and ");
	else if (reader->values && !reader->type == !rule->type)
		check_values(l, reader);
	/* without a limit there is nothing to put together */
	if (rule->value_count == 0)
		rule->type = NULL;
}
