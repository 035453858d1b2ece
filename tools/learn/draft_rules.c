/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draft rules: see draft_rules.h.
 *
 * Reads of one unit are one rule, everything else a rule for each function: who writes is looked at
 * one by one.  Functions of class session need none.
 */
#include "draft_rules.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reason.h"
#include "words.h"

enum { REGISTER_MAX = 65535 };

/* Is it for a rule to permit? */
static bool
needs_rule(const struct lesson *lesson, const struct seen_use *use)
{
	return use->function->access != ACCESS_SESSION && !lesson_doubts(lesson, use);
}

bool
draft_rules_any(const struct lesson *lesson, uint32_t talk)
{
	for (uint32_t i = 0; i < lesson->seen->use_count; i++) {
		const struct seen_use *use = &lesson->seen->uses[i];

		if (use->talk == talk && !lesson_doubts(lesson, use))
			return true;
	}
	return false;
}

/* Those of one rule. */
struct bundle {
	const struct seen_use *uses[FUNCTIONS_MAX];
	size_t count;
};

static bool
has_points(const struct seen_use *use)
{
	return use->range_count > 0 && !use->opaque;
}

static bool
same_unit(const struct seen_use *a, const struct seen_use *b)
{
	return a->has_unit == b->has_unit && a->unit == b->unit &&
	    a->unit_source == b->unit_source && a->unit_named == b->unit_named;
}

static bool
belongs(const struct seen_use *first, const struct seen_use *use)
{
	return use == first ||
	    (use->talk == first->talk && first->function->access == ACCESS_READ &&
		use->function->access == ACCESS_READ && same_unit(first, use) &&
		has_points(first) == has_points(use));
}

static int
compare_ranges(const void *a, const void *b)
{
	const struct seen_range *x = a, *y = b;

	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static void
write_points(
    const struct lesson *lesson, const struct bundle *bundle, const struct dissector *d, FILE *out)
{
	size_t count = 0, kept = 0;
	struct seen_range *ranges;

	for (size_t i = 0; i < bundle->count; i++)
		count += bundle->uses[i]->range_count;
	ranges = calloc(count + 1, sizeof(*ranges));
	if (!ranges || count == 0) {
		free(ranges);
		return;
	}
	count = 0;
	for (size_t i = 0; i < bundle->count; i++)
		for (uint32_t k = 0; k < bundle->uses[i]->range_count; k++)
			ranges[count++] = bundle->uses[i]->ranges[k];
	qsort(ranges, count, sizeof(*ranges), compare_ranges);
	for (size_t i = 0; i < count; i++) {
		struct seen_range *last = kept > 0 ? &ranges[kept - 1] : NULL;
		bool read = bundle->uses[0]->function->access == ACCESS_READ;
		uint64_t reach =
		    last ? (uint64_t)last->last + 1 + (read ? lesson->settings.gap : 0) : 0;

		if (last && last->space == ranges[i].space && last->block == ranges[i].block &&
		    ranges[i].first <= reach) {
			if (ranges[i].last > last->last)
				last->last = ranges[i].last;
		} else {
			ranges[kept++] = ranges[i];
		}
	}
	fprintf(out, " points = [");
	for (size_t i = 0; i < kept; i++) {
		const struct span span = {.space = ranges[i].space,
		    .block = ranges[i].block,
		    .first = ranges[i].first,
		    .last = ranges[i].last};
		char *text = words_span(d, &span);

		fprintf(out, "%s\"%s\"", i ? ", " : "", text ? text : "");
		free(text);
	}
	fprintf(out, "];");
	free(ranges);
}

/* Of registers, which are what they are; elsewhere a limit would need to know the type. */
static void
write_values(
    const struct lesson *lesson, const struct seen_use *use, const struct dissector *d, FILE *out)
{
	double room, low, high;

	if (use->function->access != ACCESS_WRITE || !use->values || use->valueless ||
	    strcmp(d->name, "modbus") != 0)
		return;
	for (uint32_t i = 0; i < use->range_count; i++)
		if (strcmp(d->spaces[use->ranges[i].space].name, "holding") != 0)
			return;
	room = ceil((use->highest - use->lowest) * (double)lesson->settings.margin / 100);
	low = use->lowest - room < 0 ? 0 : use->lowest - room;
	high = use->highest + room > REGISTER_MAX ? REGISTER_MAX : use->highest + room;
	fprintf(out, " values = [\"%.0f-%.0f\"];", low, high);
}

static void
write_unit(const struct seen_use *use, const struct dissector *d, FILE *out)
{
	static struct message message; /* large */
	char *text;

	if (!use->has_unit)
		return;
	message_init(&message, d);
	message.has_unit = true;
	message.unit = use->unit;
	message.unit_source = use->unit_source;
	message.unit_named = use->unit_named;
	text = words_unit(d, &message);
	/* nobody has told which it is, and no rule can name it */
	if (text && strcmp(text, "unknown") != 0)
		fprintf(out, " units = [\"%s\"];", text);
	free(text);
}

static void
write_rule(
    const struct lesson *lesson, const struct bundle *bundle, const struct dissector *d, FILE *out)
{
	const struct seen_use *first = bundle->uses[0], *last = first;
	uint64_t count = 0;
	uint32_t most = 0;

	for (size_t i = 0; i < bundle->count; i++) {
		const struct seen_use *use = bundle->uses[i];

		count += use->count;
		most += use->most_in_minute;
		if (use->file_last > last->file_last ||
		    (use->file_last == last->file_last && use->frame_last > last->frame_last))
			last = use;
	}
	fprintf(out, "\t\t\t\t// %" PRIu64 " messages, frame %" PRIu64 " of %s to %" PRIu64, count,
	    first->frame_first, lesson_file(lesson, first->file_first), last->frame_last);
	if (last->file_last != first->file_first)
		fprintf(out, " of %s", lesson_file(lesson, last->file_last));
	fputc('\n', out);
	fprintf(out, "\t\t\t\t{ functions = [");
	for (size_t i = 0; i < bundle->count; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", bundle->uses[i]->function->name);
	fprintf(out, "];");
	write_unit(first, d, out);
	if (has_points(first))
		write_points(lesson, bundle, d, out);
	write_values(lesson, first, d, out);
	if (first->function->access != ACCESS_READ && first->function->access != ACCESS_DIAGNOSE)
		fprintf(out, " rate = \"%u/min\";", 2 * most);
	fprintf(out, " }");
}

void
draft_rules_write(const struct lesson *lesson, uint32_t talk, FILE *out)
{
	const struct seen *seen = lesson->seen;
	const struct dissector *d = lesson->talks->items[talk].dissector;
	bool *done = calloc(seen->use_count + 1, sizeof(*done)), begun = false;

	fprintf(out, "\n\t\t\t  rules: (\n");
	for (uint32_t i = 0; done && i < seen->use_count; i++) {
		struct bundle bundle = {.count = 0};

		if (done[i] || seen->uses[i].talk != talk || !needs_rule(lesson, &seen->uses[i]))
			continue;
		for (uint32_t k = i; k < seen->use_count && bundle.count < FUNCTIONS_MAX; k++)
			if (!done[k] && seen->uses[k].talk == talk &&
			    needs_rule(lesson, &seen->uses[k]) &&
			    belongs(&seen->uses[i], &seen->uses[k])) {
				bundle.uses[bundle.count++] = &seen->uses[k];
				done[k] = true;
			}
		fprintf(out, "%s", begun ? ",\n" : "");
		begun = true;
		write_rule(lesson, &bundle, d, out);
	}
	/* what sets connections up needs a rule beside it, if only one that permits nothing more */
	if (!begun)
		fprintf(out, "\t\t\t\t{ access = [\"session\"]; }");
	fprintf(out, "\n\t\t\t  );");
	free(done);
}

static void
write_ends(const struct lesson *lesson, uint32_t number, FILE *out)
{
	const struct talk *talk = &lesson->talks->items[number];
	char client[64], server[64];

	fprintf(out,
	    "// %s > %s %s: ", address_print(talk->family, &talk->client, client, sizeof(client)),
	    address_print(talk->family, &talk->server, server, sizeof(server)),
	    talk->dissector ? talk->dissector->name : "");
}

void
draft_rules_doubts(const struct lesson *lesson, FILE *out)
{
	for (uint32_t i = 0; i < lesson->seen->use_count; i++) {
		const struct seen_use *use = &lesson->seen->uses[i];

		if (!lesson_doubts(lesson, use))
			continue;
		write_ends(lesson, use->talk, out);
		fprintf(out,
		    "%s, of class %s; %" PRIu64 " messages, frame %" PRIu64
		    " of %s (--include %s)\n",
		    use->function->name, access_word((enum access)use->function->access),
		    use->count, use->frame_first, lesson_file(lesson, use->file_first),
		    access_word((enum access)use->function->access));
	}
	for (uint32_t i = 0; i < lesson->seen->fault_count; i++) {
		const struct seen_fault *fault = &lesson->seen->faults[i];

		write_ends(lesson, fault->talk, out);
		fprintf(out, "%s, %" PRIu64 " times, frame %" PRIu64 " of %s\n",
		    reason_word(fault->reason), fault->count, fault->frame,
		    lesson_file(lesson, fault->file));
	}
}
