/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load: rules of an inspected channel.
 *
 * Lists of units, points and values are put in order, and ranges that touch are joined: what a rule
 * allows stays the same, and the same rule has one form.
 */
#include "rule_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "numbers.h"

static void
set_bit(uint64_t *bits, uint32_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static bool
has_bit(const uint64_t *bits, uint32_t i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

static void
read_functions(struct loader *l, const struct node *node, void *object)
{
	struct rule_reader *reader = object;
	const struct dissector *d = reader->dissector;
	size_t i;
	uint32_t j;

	for (i = 0; d && i < node->count; i++) {
		const struct node *child = &node->children[i];
		const struct function *function = dissector_find_function(d, child->text);
		struct nearest nearest;

		if (function) {
			set_bit(
			    reader->rule->named_functions, dissector_function_index(d, function));
			set_bit(reader->rule->functions, dissector_function_index(d, function));
			continue;
		}
		reader->functions_wrong = true;
		nearest_init(&nearest, child->text);
		for (j = 0; j < d->function_count; j++)
			nearest_offer(&nearest, d->functions[j].name);
		load_error(l, child->where, "protocol \"%s\" has no function \"%.80s\"%s", d->name,
		    child->text,
		    load_hint(l, &nearest, load_format(l, "a name of sluice-%s(7)", d->name)));
	}
}

/* The functions of a class. Returns how many there are. */
static size_t
add_class(struct rule *rule, const struct dissector *d, enum access access)
{
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < d->function_count; i++) {
		bool also = access != ACCESS_NONE && access == d->also.access &&
		    d->functions[i].code == d->also.code;

		if (access != ACCESS_COUNT && d->functions[i].access != access && !also)
			continue;
		set_bit(rule->functions, i);
		count++;
	}
	return count;
}

static void
read_access(struct loader *l, const struct node *node, void *object)
{
	struct rule_reader *reader = object;
	const char *words[ACCESS_COUNT + 1] = {NULL};
	int choice;
	size_t i;

	for (i = ACCESS_READ; i < ACCESS_COUNT; i++)
		words[i - ACCESS_READ] = access_word((enum access)i);
	words[ACCESS_COUNT - ACCESS_READ] = "any";
	for (i = 0; i < node->count; i++) {
		const struct node *child = &node->children[i];

		choice = load_choice(l, child, "access", words);
		if (choice < 0) {
			reader->functions_wrong = true;
			continue;
		}
		choice += ACCESS_READ;
		reader->rule->access_words |= 1u << choice;
		reader->rule->opaque = reader->rule->opaque || choice == ACCESS_COUNT;
		if (!reader->dissector ||
		    add_class(reader->rule, reader->dissector, (enum access)choice) > 0)
			continue;
		reader->functions_wrong = true;
		load_error(l, child->where,
		    "protocol \"%s\" has no functions of access \"%s\"; expected one that it "
		    "has",
		    reader->dissector->name, child->text);
	}
}

static int
compare_units(const void *a, const void *b)
{
	const struct unit_range *x = a, *y = b;

	if (x->named != y->named)
		return x->named ? 1 : -1;
	if (x->source_first != y->source_first)
		return x->source_first < y->source_first ? -1 : 1;
	if (x->source_last != y->source_last)
		return x->source_last < y->source_last ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->last > y->last) - (x->last < y->last);
}

static void
join_units(struct rule *rule)
{
	size_t i, count = 0;

	qsort(rule->units, rule->unit_count, sizeof(*rule->units), compare_units);
	for (i = 0; i < rule->unit_count; i++) {
		struct unit_range *last = count ? &rule->units[count - 1] : NULL;
		const struct unit_range *unit = &rule->units[i];

		if (last && last->named == unit->named &&
		    last->source_first == unit->source_first &&
		    last->source_last == unit->source_last &&
		    (unit->first <= last->last || unit->first - 1 == last->last)) {
			if (unit->last > last->last)
				last->last = unit->last;
		} else {
			rule->units[count++] = *unit;
		}
	}
	rule->unit_count = count;
}

/* Reading and writing of files are one class. */
static bool
writes(const struct rule *rule, const struct dissector *d)
{
	uint32_t i;

	for (i = 0; i < d->function_count; i++) {
		enum access access = d->functions[i].access;

		if (has_bit(rule->functions, i) &&
		    (access == ACCESS_WRITE || access == ACCESS_CONTROL || access == ACCESS_FILE))
			return true;
	}
	return false;
}

/* Who writes unit 0 with functions that change something means it, and does not get it. */
static void
warn_of_broadcast(struct loader *l, const struct rule_reader *reader, const struct node *units)
{
	const struct rule *rule = reader->rule;
	const struct dissector *d = reader->dissector;

	if (!d || !d->broadcast || !units || !writes(rule, d) || rule->unit_count == 0 ||
	    rule->units[rule->unit_count - 1].named || rule->units[0].first > 0 ||
	    rule->units[0].last == UINT32_MAX)
		return;
	load_warning(l, units->where, FINDING_UNIT_ZERO,
	    "unit 0 stands for all units when it is written to, and such messages are allowed only "
	    "where units have \"%s\"",
	    d->broadcast);
}

static const char *
units_hint(struct loader *l, const struct dissector *d, const char *text)
{
	struct nearest nearest;

	if (!d->broadcast)
		return "";
	nearest_init(&nearest, text);
	nearest_offer(&nearest, d->broadcast);
	return nearest_take(&nearest) ? load_format(l, "; did you mean \"%s\"?", d->broadcast) : "";
}

static void
read_units(struct loader *l, const struct node *node, void *object)
{
	struct rule_reader *reader = object;
	struct rule *rule = reader->rule;
	const char *why = "";
	size_t i;

	rule->units = load_alloc(l, l->memory, node->count, sizeof(*rule->units));
	for (i = 0; reader->dissector && i < node->count; i++) {
		const struct node *child = &node->children[i];

		if (dissector_parse_units(
			reader->dissector, child->text, &rule->units[rule->unit_count], &why) == 0)
			rule->unit_count++;
		else
			load_error(l, child->where, "units \"%.80s\"; %s%s", child->text, why,
			    units_hint(l, reader->dissector, child->text));
	}
	join_units(rule);
}

static int
compare_points(const void *a, const void *b)
{
	const struct point_range *x = a, *y = b;

	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	if (x->block_first != y->block_first)
		return x->block_first < y->block_first ? -1 : 1;
	if (x->block_last != y->block_last)
		return x->block_last < y->block_last ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->last > y->last) - (x->last < y->last);
}

static bool
points_overlap(const struct point_range *a, const struct point_range *b)
{
	return a->space == b->space && a->block_first <= b->block_last &&
	    b->block_first <= a->block_last && a->first <= b->last && b->first <= a->last;
}

/*
 * Points of several blocks may overlap those of one of them, and are not joined.  Elements that
 * begin at different places of the same memory would limit each other's halves by nothing.
 */
static void
check_alignment(struct loader *l, const struct rule_reader *reader)
{
	const struct rule *rule = reader->rule;

	for (size_t i = 0; rule->type && i < rule->point_count; i++) {
		const struct point_range *a = &rule->points[i];

		for (size_t j = i + 1; j < rule->point_count; j++) {
			const struct point_range *b = &rule->points[j];

			if (b->space != a->space || b->block_first > a->block_last)
				break;
			if (!points_overlap(a, b))
				continue;
			if (a->first <= b->first)
				load_type_joins(l, reader, a, b);
			else
				load_type_joins(l, reader, b, a);
		}
	}
}

static void
join_points(struct loader *l, struct rule_reader *reader)
{
	struct rule *rule = reader->rule;
	size_t i, count = 0;

	qsort(rule->points, rule->point_count, sizeof(*rule->points), compare_points);
	for (i = 0; i < rule->point_count; i++) {
		struct point_range *last = count ? &rule->points[count - 1] : NULL;
		const struct point_range *point = &rule->points[i];

		if (last && last->space == point->space &&
		    last->block_first == point->block_first &&
		    last->block_last == point->block_last &&
		    (point->first <= last->last || point->first - 1 == last->last)) {
			load_type_joins(l, reader, last, point);
			if (point->last > last->last)
				last->last = point->last;
		} else {
			rule->points[count++] = *point;
		}
	}
	rule->point_count = count;
	check_alignment(l, reader);
}

/* "; did you mean" for a wrong space in front of the colon, or nothing. */
static const char *
space_hint(struct loader *l, const struct dissector *d, const char *text)
{
	const char *word = load_format(l, "%.*s", (int)strcspn(text, ":"), text);
	struct nearest nearest;
	uint32_t i;

	nearest_init(&nearest, word);
	for (i = 0; i < d->space_count; i++) {
		if (strcmp(d->spaces[i].name, word) == 0)
			return "";
		nearest_offer(&nearest, d->spaces[i].name);
	}
	if (!nearest_take(&nearest))
		return "";
	return load_format(
	    l, "; did you mean \"%s%s\"?", nearest_take(&nearest), text + strlen(word));
}

/* The numbers in `text`, if it is written as this habit has it; NULL if not. */
static const char *
habit_numbers(const struct dissector *d, const struct habit *habit, const char *text)
{
	const char *space = d->spaces[habit->space].name;
	size_t length;

	if (habit->prefix) {
		length = strlen(habit->prefix);
		if (strncasecmp(text, habit->prefix, length) != 0)
			return NULL;
		return &text[length + (habit->unsure && text[length] == ':')];
	}
	length = strlen(space);
	if (strncmp(text, space, length) == 0 && text[length] == ':')
		return &text[length + 1];
	return strchr(text, ':') ? NULL : text;
}

/* The same points by the numbers of messages, if `text` looks like those of drawings; or NULL. */
static const char *
points_meant(struct loader *l, const struct dissector *d, const char *text)
{
	uint64_t first, last;

	for (uint32_t i = 0; i < d->habit_count; i++) {
		const struct habit *habit = &d->habits[i];
		const char *space = d->spaces[habit->space].name;
		const char *numbers = habit_numbers(d, habit, text);

		if (habit->unsure || !numbers ||
		    numbers_read_range(numbers, UINT32_MAX, &first, &last) < 0 ||
		    first < habit->first || last > habit->last)
			continue;
		first -= habit->first;
		last -= habit->first;
		return first == last
		    ? load_format(l, "%s:%u", space, (unsigned)first)
		    : load_format(l, "%s:%u-%u", space, (unsigned)first, (unsigned)last);
	}
	return NULL;
}

/* Is it a word that some count from 0 and some from 1?  What it is then. */
static const char *
unsure_hint(struct loader *l, const struct dissector *d, const char *text)
{
	uint64_t first, last;

	for (uint32_t i = 0; i < d->habit_count; i++) {
		const struct habit *habit = &d->habits[i];
		const char *space = d->spaces[habit->space].name;
		const char *numbers = habit->unsure ? habit_numbers(d, habit, text) : NULL;

		if (!numbers || numbers_read_range(numbers, habit->last, &first, &last) < 0)
			continue;
		if (first == 0)
			return load_format(l, "; did you mean \"%s:%s\"?", space, numbers);
		return load_format(l,
		    "; where the device counts from 0, that is \"%s:%s\", where it counts from 1 "
		    "\"%s:%u%s\"",
		    space, numbers, space, (unsigned)(first - 1),
		    first == last ? "" : load_format(l, "-%u", (unsigned)(last - 1)));
	}
	return NULL;
}

/* The same without a bit behind a dot, which no message of the protocol can name. */
static const char *
bit_hint(struct loader *l, const struct dissector *d, const char *text)
{
	size_t dot = strcspn(text, ".");
	const char *meant;

	if (d->habit_count == 0 || text[dot] == '\0' ||
	    strspn(&text[dot + 1], "0123456789") != strlen(&text[dot + 1]))
		return NULL;
	meant = points_meant(l, d, load_format(l, "%.*s", (int)dot, text));
	return meant
	    ? load_format(l, "; a bit can't be named alone, what it is in is \"%s\"", meant)
	    : NULL;
}

/* What may have been meant by points that are none. */
static const char *
points_hint(struct loader *l, const struct dissector *d, const char *text)
{
	const char *meant = points_meant(l, d, text);

	if (meant)
		return load_format(l, "; did you mean \"%s\"?", meant);
	meant = unsure_hint(l, d, text);
	if (!meant)
		meant = bit_hint(l, d, text);
	return meant ? meant : space_hint(l, d, text);
}

static void
warn_of_habit(struct loader *l, const struct dissector *d, const struct node *node)
{
	const char *meant = points_meant(l, d, node->text);

	if (meant && strchr(node->text, ':'))
		load_warning(l, node->where, FINDING_POINT_HABIT,
		    "points \"%.80s\" are numbers as messages carry them; if they are those of a "
		    "drawing that counts from %.1s0001, write \"%s\"",
		    node->text, &strchr(node->text, ':')[1], meant);
}

static void
read_points(struct loader *l, const struct node *node, void *object)
{
	struct rule_reader *reader = object;
	struct rule *rule = reader->rule;
	const char *why = "";
	size_t i;

	reader->points_where = node->where;
	rule->points = load_alloc(l, l->memory, node->count, sizeof(*rule->points));
	for (i = 0; reader->dissector && i < node->count; i++) {
		const struct node *child = &node->children[i];

		if (dissector_parse_points(reader->dissector, child->text,
			&rule->points[rule->point_count], &why) < 0) {
			load_error(l, child->where, "points \"%.80s\"; %s%s", child->text, why,
			    points_hint(l, reader->dissector, child->text));
			continue;
		}
		load_type_fits(l, reader, child, &rule->points[rule->point_count]);
		rule->point_count++;
		warn_of_habit(l, reader->dissector, child);
	}
	join_points(l, reader);
}

static void
read_rate(struct loader *l, const struct node *node, void *object)
{
	struct rule_reader *reader = object;
	struct nearest nearest;
	const char *unit;
	size_t i;
	int r = numbers_read_rate(node->text, &reader->rule->rate, &unit);

	if (r == 0) {
		reader->rule->rate.slot = l->policy->rate_count++;
	} else if (r == -ENOENT) {
		nearest_init(&nearest, unit);
		for (i = 0; numbers_rate_units[i]; i++)
			nearest_offer(&nearest, numbers_rate_units[i]);
		load_error(l, node->where, "rate \"%.80s\": unknown unit of time \"%.80s\"%s",
		    node->text, unit, load_hint(l, &nearest, load_words(l, numbers_rate_units)));
	} else if (r == -ERANGE) {
		load_error(l, node->where,
		    "rate \"%.80s\"; expected a count of 1 to %d (for none at all, leave the "
		    "rule out)",
		    node->text, RATE_COUNT_MAX);
	} else {
		load_error(
		    l, node->where, "rate \"%.80s\"; expected one like \"10/min\"", node->text);
	}
}

static void
read_schedule(struct loader *l, const struct node *node, void *object)
{
	load_error(l, node->where, "\"schedule\" is not yet supported; expected it to be left out");
}

static const struct key rule_keys[] = {
    {"functions", KEY_WORDS, NULL, read_functions},
    {"access", KEY_WORDS, NULL, read_access},
    {"units", KEY_WORDS, NULL, read_units},
    {"type", KEY_STRING, NULL, load_type},
    {"points", KEY_WORDS, NULL, read_points},
    {"values", KEY_WORDS, NULL, load_values},
    {"rate", KEY_STRING, NULL, read_rate},
    {"schedule", KEY_ANY, NULL, read_schedule},
};

static void
read_rule(struct loader *l, const struct node *node, struct rule *rule, const struct dissector *d)
{
	struct rule_reader reader = {.rule = rule, .dissector = d};

	rule->where = node->where;
	load_group(l, node, "a rule", rule_keys, sizeof(rule_keys) / sizeof(rule_keys[0]), &reader);
	if (!load_find(node, "functions") && !load_find(node, "access"))
		load_error(l, node->where,
		    "a rule has neither \"functions\" nor \"access\"; expected what it allows, "
		    "like access = [\"read\"]");
	else if (rule->opaque && (reader.points_where.file || reader.values_where.file))
		load_error(l, reader.points_where.file ? reader.points_where : reader.values_where,
		    "points or values with access = [\"any\"], which means everything; expected "
		    "the "
		    "access words that are meant");
	else if (d && reader.values_where.file && !reader.functions_wrong && !writes(rule, d))
		load_error(l, reader.values_where,
		    "\"values\" in a rule that writes nothing; expected them with functions of "
		    "access \"write\", \"control\" or \"file\"");
	else
		load_values_finish(l, &reader);
	warn_of_broadcast(l, &reader, load_find(node, "units"));
	if (rule->opaque) {
		rule->access_words = 1u << ACCESS_COUNT;
		memset(rule->named_functions, 0, sizeof(rule->named_functions));
	}
}

/* Events that are asked for are allowed, and the same ones sent unasked are not. */
static void
warn_of_unasked(struct loader *l, const struct channel *channel, const struct dissector *d)
{
	const struct function *function = dissector_find_code(d, d->unasked.code, FUNCTION_NO_SUB);
	const struct rule *asks = NULL;

	if (d->unasked.code == 0 || !function)
		return;
	for (size_t i = 0; i < channel->rule_count; i++) {
		const struct rule *rule = &channel->rules[i];

		if (!has_bit(rule->functions, dissector_function_index(d, function)))
			continue;
		if (rule->point_count == 0)
			return;
		for (size_t p = 0; p < rule->point_count; p++)
			if (rule->points[p].space != d->unasked.space)
				return;
		asks = asks ? asks : rule;
	}
	if (asks)
		load_warning(l, asks->where, FINDING_UNASKED,
		    "points of \"%s\" are what clients ask for: \"%s\", which servers send "
		    "unasked, "
		    "tells points like \"%s\", and no rule of channel \"%s\" allows it",
		    d->spaces[d->unasked.space].name, function->name, d->unasked.like,
		    channel->name);
}

void
load_rules(
    struct loader *l, const struct node *node, struct channel *channel, const struct dissector *d)
{
	size_t i;

	if (node->count > RULES_MAX) {
		load_error(l, node->where, "%zu rules in a channel; expected at most %d",
		    node->count, RULES_MAX);
		return;
	}
	channel->rules = load_alloc(l, l->memory, node->count, sizeof(*channel->rules));
	for (i = 0; i < node->count; i++) {
		struct rule *rule = &channel->rules[channel->rule_count++];

		rule->index = (uint32_t)i;
		l->at.rule = rule;
		read_rule(l, &node->children[i], rule, d);
	}
	l->at.rule = NULL;
	if (d)
		warn_of_unasked(l, channel, d);
}
