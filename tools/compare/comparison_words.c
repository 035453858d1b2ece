/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparison in words: see comparison_words.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comparison_words.h"
#include "network.h"
#include "numbers.h"
#include "terminal.h"
#include "words.h"

struct writer {
	char *text;
	size_t size;
	FILE *file;
};

static void
writer_init(struct writer *w)
{
	*w = (struct writer){0};
	w->file = open_memstream(&w->text, &w->size);
	if (!w->file) {
		complain("out of memory");
		exit(2);
	}
}

static char *
writer_done(struct writer *w)
{
	if (fclose(w->file) != 0) {
		complain("out of memory");
		exit(2);
	}
	return w->text;
}

char
change_sign(enum change change)
{
	return "+-~?"[change];
}

const char *
change_word(enum change change)
{
	static const char *const words[] = {"added", "removed", "rate", "mixed"};

	return words[change];
}

char *
difference_functions(const struct difference *difference)
{
	const struct dissector *d = difference->example.dissector;
	const char *comma = "";
	struct writer w;

	writer_init(&w);
	for (uint32_t i = 0; i < d->function_count; i++) {
		if (!(difference->functions[i / 64] >> (i % 64) & 1))
			continue;
		fprintf(w.file, "%s%s", comma, d->functions[i].name);
		comma = ", ";
	}
	return writer_done(&w);
}

static uint32_t
last_of(const struct interval *interval)
{
	return (uint32_t)(interval->to - 1);
}

char *
difference_units(const struct difference *difference)
{
	const struct dissector *d = difference->example.dissector;
	const struct interval *unit = &difference->axes[AXIS_UNIT];
	const struct interval *source = &difference->axes[AXIS_SOURCE];
	struct unit_range range = {(uint32_t)source->from, last_of(source), (uint32_t)unit->from,
	    last_of(unit), difference->example.unit_named};
	char buf[128];

	if (!range.named && range.source_first == 0 && range.source_last == UINT32_MAX &&
	    range.first == 0 && range.last == d->unit_max)
		return NULL;
	if (range.last == d->unit_max && range.first == 0)
		range.last = UINT32_MAX;
	dissector_print_units(d, &range, buf, sizeof(buf));
	return words_format("%s", buf);
}

char *
difference_points(const struct difference *difference, uint32_t i)
{
	const struct interval *block = &difference->axes[AXIS_BLOCK + i];
	const struct interval *index = &difference->axes[AXIS_INDEX + i];
	struct point_range range = {difference->example.points[i].touch->space,
	    (uint32_t)block->from, last_of(block), (uint32_t)index->from, last_of(index)};
	char buf[128];

	dissector_print_points(difference->example.dissector, &range, buf, sizeof(buf));
	return words_format("%s", buf);
}

static void
write_interval(FILE *file, const struct interval *interval, uint8_t format)
{
	double least, most, last;
	bool whole = example_format_holds(format, &least, &most);

	last = whole ? interval->to - 1 : nextafter(interval->to, -INFINITY);
	if (interval->from == last)
		fprintf(file, "%.15g", interval->from);
	else if (interval->from <= least && last >= most)
		fprintf(file, "any");
	else if (interval->from <= least)
		fprintf(file, "%.15g or less", last);
	else if (last >= most)
		fprintf(file, "%.15g or more", interval->from);
	else
		fprintf(file, "%.15g to %.15g", interval->from, last);
}

char *
difference_values(const struct difference *difference)
{
	const struct example *e = &difference->example;
	const struct example_point *point = &e->points[e->point_count > 0 ? e->point_count - 1 : 0];
	struct writer w;

	if (difference->untold)
		return words_format("not told by the message");
	if (!difference->valued)
		return NULL;
	writer_init(&w);
	write_interval(w.file, &difference->axes[AXIS_VALUE],
	    point->type              ? point->type->bits == 1 ? VALUE_U8 : point->type->format
		: point->format == 0 ? VALUE_U16_BE
				     : point->format);
	if (point->type)
		fprintf(w.file, " as %s", point->type->name);
	for (uint32_t i = 0; i < e->dissector->part_count; i++)
		if (difference->parts >> i & 1) {
			fprintf(w.file, ", %s ", e->dissector->parts[i].name);
			write_interval(w.file, &difference->axes[AXIS_PARTS + i],
			    e->dissector->parts[i].format);
		}
	return writer_done(&w);
}

char *
difference_words(const struct difference *difference)
{
	const struct example *e = &difference->example;
	char *functions = difference_functions(difference);
	char *units = difference_units(difference), *values = difference_values(difference);
	struct writer w;

	writer_init(&w);
	fprintf(w.file, "%s", functions);
	if (units)
		fprintf(w.file, "; unit %s", units);
	for (uint32_t i = 0; i < e->point_count; i++) {
		char *points = difference_points(difference, i);

		fprintf(w.file, "%s%s%s", i ? ", " : "; ",
		    e->point_count > 1 ? i ? "writes " : "reads " : "", points);
		free(points);
	}
	if (e->opaque)
		fprintf(w.file, "; where it does not tell what it touches");
	if (values)
		fprintf(w.file, "; value %s", values);
	free(values);
	free(units);
	free(functions);
	return writer_done(&w);
}

char *
difference_why(const struct difference *difference, enum side side)
{
	const struct rule *rule = difference->rules[side];
	char rate[64] = "";

	if (!rule)
		return words_format("%s", reason_word(difference->reasons[side]));
	if (difference->change == CHANGE_RATE && rule->rate.count > 0)
		numbers_print_rate(&rule->rate, rate, sizeof(rate));
	return words_format("rule %u, %s:%u%s%s", rule->index + 1, rule->where.file,
	    rule->where.line, rate[0] ? ", " : "", rate);
}

/* ---- connections ---- */

/* The prefix length of a range that is a network, -1 if it is none. */
static int
prefix_of(const struct box_range *range, enum family family)
{
	unsigned width = network_host_prefix(family);
	struct wide mask = {
	    range->first.high ^ range->last.high, range->first.low ^ range->last.low};

	for (unsigned prefix = 0; prefix <= width; prefix++) {
		struct wide bits = wide_ones(width - prefix);

		if (mask.high == bits.high && mask.low == bits.low &&
		    (range->first.high & bits.high) == 0 && (range->first.low & bits.low) == 0)
			return (int)prefix;
	}
	return -1;
}

char *
box_addresses(const struct connections_box *box, enum box_side side)
{
	const struct box_range *range = &box->sides[side];
	int prefix = prefix_of(range, box->family);
	struct network network = {.family = box->family};
	struct address last = number_address(range->last, box->family);
	char first_text[NETWORK_TEXT_MAX], last_text[NETWORK_TEXT_MAX];

	network.address = number_address(range->first, box->family);
	network.prefix = prefix < 0 ? network_host_prefix(box->family) : (uint8_t)prefix;
	network_print(&network, first_text, sizeof(first_text));
	if (prefix >= 0)
		return words_format("%s", first_text);
	address_print(box->family, &last, last_text, sizeof(last_text));
	return words_format("%s to %s", first_text, last_text);
}

char *
box_transport(const struct connections_box *box)
{
	unsigned first = (unsigned)box->sides[BOX_PORT].first.low;
	unsigned last = (unsigned)box->sides[BOX_PORT].last.low;
	const char *word = box->transport == PROTOCOL_TCP ? "tcp" : "udp";

	if (box->transport == PROTOCOL_ICMP)
		return words_format("icmp-echo");
	if (first == last)
		return words_format("%s/%u", word, first);
	return words_format("%s/%u-%u", word, first, last);
}

char *
box_example(const struct connections_box *box, const struct interfaces *interfaces)
{
	struct connections_box one = *box;
	char *client, *server, *transport, *text;

	for (int i = 0; i < BOX_SIDES; i++)
		one.sides[i].last = one.sides[i].first;
	client = box_addresses(&one, BOX_CLIENT);
	server = box_addresses(&one, BOX_SERVER);
	transport = box_transport(&one);
	text = words_format("%s (%s) > %s (%s) %s", client,
	    interfaces_name(interfaces, one.sides[BOX_CLIENT_INTERFACE].first), server,
	    interfaces_name(interfaces, one.sides[BOX_SERVER_INTERFACE].first), transport);
	free(transport);
	free(server);
	free(client);
	return text;
}
