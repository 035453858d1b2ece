/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amend, words: see amend_words.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amend_words.h"
#include "comparison_words.h"
#include "element.h"
#include "search.h"
#include "terminal.h"
#include "words.h"

/* So much more than any rule that what is inspected is always less. */
#define WEIGHT_PLAIN 1e80
#define WEIGHT_SETTING 1e160

enum { LISTED_MAX = 40 };

/* ---- how much ---- */

static double
width(const struct interval *interval)
{
	return interval->to - interval->from;
}

static double
format_count(uint8_t format)
{
	double least, most;

	if (example_format_holds(format, &least, &most))
		return most - least + 1;
	return 1e18;
}

/* As many as there are values, where none is told apart. */
static double
values_count(const struct difference *d, uint32_t i)
{
	const struct example_point *point = &d->example.points[i];
	const struct dissector *of = d->example.dissector;
	double count = 1;

	if (point->touch->access == ACCESS_READ)
		return 1;
	if (d->untold || !d->valued || i + 1 < d->example.point_count)
		count = point->type ? format_count(point->type->format)
		    : point->format ? format_count(point->format)
				    : 65536;
	else
		count = width(&d->axes[AXIS_VALUE]);
	for (uint32_t p = 0; p < of->part_count; p++) {
		const struct part *part = &of->parts[p];

		if (part->space == point->touch->space && point->block >= part->block_first &&
		    point->block <= part->block_last)
			count *= d->parts >> p & 1 ? width(&d->axes[AXIS_PARTS + p])
						   : format_count(part->format);
	}
	return count;
}

static double
weight_of_difference(const struct difference *d)
{
	double weight = width(&d->axes[AXIS_UNIT]) * width(&d->axes[AXIS_SOURCE]);
	double functions = 0;

	if (d->change == CHANGE_RATE)
		return 1;
	for (size_t i = 0; i < FUNCTIONS_MAX / 64; i++)
		functions += __builtin_popcountll(d->functions[i]);
	for (uint32_t i = 0; i < d->example.point_count; i++)
		weight *= width(&d->axes[AXIS_INDEX + i]) * width(&d->axes[AXIS_BLOCK + i]) *
		    values_count(d, i);
	return weight * functions;
}

static double
weight_of_messages(const struct differences *messages)
{
	double weight = messages->truncated ? WEIGHT_PLAIN : 0;

	for (size_t i = 0; i < messages->count; i++)
		weight += weight_of_difference(&messages->items[i]);
	return weight;
}

static double
weight_of_channel(const struct channel *channel)
{
	struct channel nothing = *channel;
	struct differences all;
	double weight;

	if (!channel->dissector)
		return WEIGHT_PLAIN;
	nothing.rule_count = 0;
	differences_find(&nothing, channel, &all);
	weight = weight_of_messages(&all);
	differences_done(&all);
	return weight;
}

static double
weight_of_connections(const struct connections_change *change)
{
	double connections = 0;

	for (size_t i = 0; i < change->boxes.count; i++) {
		double box = 1;

		for (int s = 0; s < BOX_SIDES; s++) {
			const struct box_range *range = &change->boxes.items[i].sides[s];

			box *= wide_distance(range->first, range->last) + 1;
		}
		connections += box;
	}
	return connections * weight_of_channel(change->channel);
}

/* ---- nothing else? ---- */

/* Do all elements that the span writes hold this one value? */
static bool
has_element(const struct message *m, const struct span *span, const struct element_type *type,
    const struct interval *value)
{
	uint32_t step = dissector_element_width(m->dissector, span->space, type);
	uint64_t count = (uint64_t)span->last - span->first + 1;

	if (step == 0 || count % step != 0)
		return false;
	for (uint64_t i = 0; i < count; i += step) {
		double written;

		if (element_read(m, span, type, span->first + (uint32_t)i, &written) !=
			ELEMENT_WHOLE ||
		    written != value->from)
			return false;
	}
	return true;
}

static bool
has_value(const struct span *span, const struct interval *value)
{
	if (span->values.format == VALUE_NONE || span->values.count == 0)
		return false;
	for (uint32_t i = 0; i < span->values.count; i++)
		if (values_get(&span->values, i) != value->from)
			return false;
	return true;
}

static bool
has_parts(const struct difference *d, const struct span *span)
{
	const struct dissector *of = d->example.dissector;

	for (uint32_t p = 0; p < of->part_count; p++) {
		const struct part *part = &of->parts[p];
		const struct interval *axis = &d->axes[AXIS_PARTS + p];

		if (part->space != span->space || span->block < part->block_first ||
		    span->block > part->block_last)
			continue;
		if (!(d->parts >> p & 1) || width(axis) > 1)
			return false;
		for (uint32_t i = 0; i < span->values.count; i++)
			if (values_get_part(&span->values, i, part->format, part->offset) !=
			    axis->from)
				return false;
	}
	return true;
}

static bool
point_is_of_span(
    const struct difference *d, uint32_t i, const struct message *m, const struct span *span)
{
	const struct interval *block = &d->axes[AXIS_BLOCK + i], *index = &d->axes[AXIS_INDEX + i];
	const struct interval *value = &d->axes[AXIS_VALUE];
	const struct example_point *point = &d->example.points[i];

	if (span->space != point->touch->space || span->access != point->touch->access ||
	    block->from != span->block || width(block) > 1 || index->from < span->first ||
	    index->to > (double)span->last + 1)
		return false;
	if (span->access == ACCESS_READ || span->valueless)
		return true;
	if (!d->valued || d->untold)
		return false;
	if (point->type)
		return value->to <= nextafter(value->from + 1, INFINITY) &&
		    has_element(m, span, point->type, value);
	return width(value) <= 1 && has_value(span, value) && has_parts(d, span);
}

/* Of protocols whose units are one number, no source is told. */
static bool
is_source(const struct difference *d, const struct message *m)
{
	const struct interval *source = &d->axes[AXIS_SOURCE];
	struct unit_range one = {0, 0, 1, 1, false}, all = {0, UINT32_MAX, 1, 1, false};
	char first[64], second[64];

	if (source->from == m->unit_source && width(source) <= 1)
		return true;
	dissector_print_units(m->dissector, &one, first, sizeof(first));
	dissector_print_units(m->dissector, &all, second, sizeof(second));
	return strcmp(first, second) == 0;
}

/* Is it a part of the message itself? */
static bool
is_of_message(const struct difference *d, const struct message *m)
{
	uint32_t row = dissector_function_index(m->dissector, m->function), count = 0;
	const struct interval *unit = &d->axes[AXIS_UNIT];

	for (size_t i = 0; i < FUNCTIONS_MAX / 64; i++)
		count += (uint32_t)__builtin_popcountll(d->functions[i]);
	if (d->change != CHANGE_ADDED || count != 1 || !(d->functions[row / 64] >> (row % 64) & 1))
		return false;
	if (m->has_unit &&
	    (unit->from != m->unit || width(unit) > 1 || !is_source(d, m) ||
		d->example.unit_named != m->unit_named))
		return false;
	if (d->example.opaque != m->opaque || d->example.follows != m->follows)
		return false;
	for (uint32_t i = 0; i < d->example.point_count; i++) {
		bool found = false;

		for (uint32_t s = 0; s < m->span_count && !found; s++)
			found = point_is_of_span(d, i, m, &m->spans[s]);
		if (!found)
			return false;
	}
	return d->example.point_count > 0 || m->span_count == 0;
}

/* ---- in words ---- */

struct list {
	char *items[LISTED_MAX];
	size_t count; /* those beyond the last counted */
};

/* Each once; the item is taken. */
static void
add(struct list *list, char *item)
{
	size_t kept = list->count < LISTED_MAX ? list->count : LISTED_MAX;

	for (size_t i = 0; i < kept; i++)
		if (strcmp(list->items[i], item) == 0) {
			free(item);
			return;
		}
	if (list->count < LISTED_MAX)
		list->items[list->count] = item;
	else
		free(item);
	list->count++;
}

static char *
list_done(struct list *list)
{
	size_t kept = list->count < LISTED_MAX ? list->count : LISTED_MAX, size;
	char *text = NULL;
	FILE *file = open_memstream(&text, &size);

	for (size_t i = 0; file && i < kept; i++) {
		fprintf(file, "%s%s", i ? "; or " : "", list->items[i]);
		free(list->items[i]);
	}
	if (file && list->count > kept)
		fprintf(file, "; and %zu more, which `sluice compare` lists", list->count - kept);
	if (!file || fclose(file) != 0) {
		complain("out of memory");
		exit(2);
	}
	return text;
}

/* Of functions that every session needs it is enough to know for whom. */
static bool
is_session(const struct difference *d)
{
	const struct dissector *of = d->example.dissector;

	for (uint32_t i = 0; i < of->function_count; i++)
		if ((d->functions[i / 64] >> (i % 64) & 1) &&
		    of->functions[i].access != ACCESS_SESSION)
			return false;
	return true;
}

static char *
words_of(const struct difference *d)
{
	char *units, *text;

	if (!is_session(d))
		return difference_words(d);
	units = difference_units(d);
	text = words_format(
	    "the set-up of sessions%s%s", units ? " with unit " : "", units ? units : "");
	free(units);
	return text;
}

static void
add_rule(struct list *list, const struct channel *channel, const struct rule *rule)
{
	char *words = words_rule(channel, rule);

	add(list, words_format("on these: %s", words));
	free(words);
}

static void
add_connections(struct list *list, const struct connections_change *change)
{
	const struct channel *channel = change->channel;
	char *last = NULL, *name = words_channel(channel);

	for (size_t i = 0; i < change->boxes.count; i++) {
		const struct connections_box *box = &change->boxes.items[i];
		char *clients = box_addresses(box, BOX_CLIENT);
		char *servers = box_addresses(box, BOX_SERVER), *transport = box_transport(box);
		char *text = words_format("connections from %s to %s, %s (channel %s)", clients,
		    servers, transport, name);

		free(clients);
		free(servers);
		free(transport);
		if (!last || strcmp(last, text) != 0)
			add(list, words_format("%s", text));
		free(last);
		last = text;
	}
	free(last);
	for (size_t i = 0; i < channel->rule_count; i++)
		add_rule(list, channel, &channel->rules[i]);
	if (!channel->dissector)
		add(list, words_format("on these: anything, for the channel is not inspected"));
	free(name);
}

static void
add_message(struct list *list, const struct difference *d)
{
	char *words = words_of(d);

	if (d->change == CHANGE_RATE)
		add(list, words_format("more often than before: %s", words));
	else if (d->change == CHANGE_MIXED)
		add(list,
		    words_format("perhaps, for limits of different types meet there: %s", words));
	else
		add(list, words_format("%s", words));
	free(words);
}

static void
add_messages(struct list *list, const struct amend_question *q, const struct channel_change *c)
{
	for (size_t i = 0; i < c->setting_count; i++)
		add(list,
		    words_format("what comes of %s = %s instead of %s", c->settings[i].name,
			c->settings[i].values[SIDE_NEW], c->settings[i].values[SIDE_OLD]));
	for (size_t i = 0; i < c->messages.count; i++) {
		const struct difference *d = &c->messages.items[i];

		if (!q->message || !q->message->function || !is_of_message(d, q->message))
			add_message(list, d);
	}
	if (c->messages.truncated)
		add(list, words_format("more than can be listed"));
}

void
amend_tell(const struct amend_question *q, struct amendment *item)
{
	const struct comparison *c = &item->comparison;
	struct list list = {0};
	char *text;

	for (size_t i = 0; i < c->connections_count; i++) {
		add_connections(&list, &c->connections[i]);
		item->weight += weight_of_connections(&c->connections[i]);
	}
	for (size_t i = 0; i < c->channel_count; i++) {
		add_messages(&list, q, &c->channels[i]);
		item->weight += weight_of_messages(&c->channels[i].messages) +
		    (double)c->channels[i].setting_count * WEIGHT_SETTING;
	}
	item->alone = list.count == 0;
	text = list_done(&list);
	if (!item->alone)
		item->permits = words_format("Besides, it permits %s.", text);
	else if (c->connections_count > 0 || c->channel_count > 0)
		item->permits = words_format(
		    "Besides this message, however often it comes, it permits nothing.");
	else
		item->permits = words_format(
		    "It permits no message and no connection that was not permitted before.");
	free(text);
}
