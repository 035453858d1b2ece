/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seen: see seen.h. */
#include "seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t minute_ns = UINT64_C(60000000000);

int
seen_init(struct seen *seen)
{
	*seen = (struct seen){
	    .uses = calloc(SEEN_USES_MAX, sizeof(*seen->uses)),
	    .faults = calloc(SEEN_USES_MAX, sizeof(*seen->faults)),
	};
	return seen->uses && seen->faults ? 0 : -ENOMEM;
}

void
seen_done(struct seen *seen)
{
	for (uint32_t i = 0; seen->uses && i < seen->use_count; i++)
		free(seen->uses[i].ranges);
	free(seen->uses);
	free(seen->faults);
	*seen = (struct seen){.file = 0};
}

static int
compare_ranges(const struct seen_range *a, const struct seen_range *b)
{
	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return 0;
}

/* Do they touch or overlap? */
static bool
meet(const struct seen_range *a, const struct seen_range *b)
{
	return compare_ranges(a, b) == 0 && (uint64_t)a->first <= (uint64_t)b->last + 1 &&
	    (uint64_t)b->first <= (uint64_t)a->last + 1;
}

/* One of them less: the two of one block that lie nearest to each other become one. */
static void
give_room(struct seen_use *use)
{
	uint32_t best = 0, gap = UINT32_MAX;

	for (uint32_t i = 0; i + 1 < use->range_count; i++) {
		const struct seen_range *a = &use->ranges[i], *b = &use->ranges[i + 1];

		if (compare_ranges(a, b) == 0 && b->first - a->last < gap) {
			gap = b->first - a->last;
			best = i + 1;
		}
	}
	if (best == 0)
		return;
	use->ranges[best - 1].last = use->ranges[best].last;
	memmove(&use->ranges[best], &use->ranges[best + 1],
	    (use->range_count - best - 1) * sizeof(*use->ranges));
	use->range_count--;
}

static void
add_range(struct seen *seen, struct seen_use *use, struct seen_range range)
{
	uint32_t at = 0, kept = 0;

	if (!use->ranges)
		use->ranges = calloc(SEEN_RANGES_MAX + 1, sizeof(*use->ranges));
	if (!use->ranges) {
		seen->failed = true;
		return;
	}
	for (uint32_t i = 0; i < use->range_count; i++) {
		const struct seen_range *r = &use->ranges[i];

		if (meet(r, &range)) {
			range.first = r->first < range.first ? r->first : range.first;
			range.last = r->last > range.last ? r->last : range.last;
		} else {
			use->ranges[kept++] = *r;
		}
	}
	use->range_count = kept;
	if (use->range_count == SEEN_RANGES_MAX)
		give_room(use);
	if (use->range_count == SEEN_RANGES_MAX) {
		seen->untold++;
		return;
	}
	while (at < use->range_count &&
	    (compare_ranges(&use->ranges[at], &range) < 0 ||
		(compare_ranges(&use->ranges[at], &range) == 0 &&
		    use->ranges[at].first < range.first)))
		at++;
	memmove(
	    &use->ranges[at + 1], &use->ranges[at], (use->range_count - at) * sizeof(*use->ranges));
	use->ranges[at] = range;
	use->range_count++;
}

static void
add_values(struct seen_use *use, const struct span *span)
{
	if (span->access != ACCESS_WRITE && span->access != ACCESS_CONTROL)
		return;
	if (span->values.format == VALUE_NONE || span->values.count == 0) {
		use->valueless = true;
		return;
	}
	for (uint32_t i = 0; i < span->values.count; i++) {
		double value = values_get(&span->values, i);

		if (!use->values || value < use->lowest)
			use->lowest = value;
		if (!use->values || value > use->highest)
			use->highest = value;
		use->values = true;
	}
}

static struct seen_use *
find_use(struct seen *seen, uint32_t talk, const struct message *m)
{
	struct seen_use *use;

	for (uint32_t i = seen->use_count; i-- > 0;) {
		use = &seen->uses[i];
		if (use->talk == talk && use->function == m->function &&
		    use->has_unit == m->has_unit && use->unit == m->unit &&
		    use->unit_source == m->unit_source && use->unit_named == m->unit_named)
			return use;
	}
	if (seen->use_count == SEEN_USES_MAX) {
		seen->untold++;
		return NULL;
	}
	use = &seen->uses[seen->use_count++];
	*use = (struct seen_use){.talk = talk,
	    .function = m->function,
	    .has_unit = m->has_unit,
	    .unit = m->unit,
	    .unit_source = m->unit_source,
	    .unit_named = m->unit_named,
	    .file_first = seen->file,
	    .frame_first = seen->frame};
	return use;
}

static void
add_message(struct seen *seen, uint32_t talk, const struct message *m, uint64_t wall_ns)
{
	struct seen_use *use = find_use(seen, talk, m);

	if (!use)
		return;
	use->count++;
	use->file_last = seen->file;
	use->frame_last = seen->frame;
	use->opaque |= m->opaque;
	if (use->minute != wall_ns / minute_ns)
		use->in_minute = 0;
	use->minute = wall_ns / minute_ns;
	if (++use->in_minute > use->most_in_minute)
		use->most_in_minute = use->in_minute;
	for (uint32_t i = 0; i < m->span_count; i++) {
		const struct span *span = &m->spans[i];

		add_range(seen, use,
		    (struct seen_range){span->space, span->block, span->first, span->last});
		add_values(use, span);
	}
}

static void
add_fault(struct seen *seen, uint32_t talk, enum reason reason)
{
	struct seen_fault *fault;

	for (uint32_t i = seen->fault_count; i-- > 0;) {
		fault = &seen->faults[i];
		if (fault->talk == talk && fault->reason == reason) {
			fault->count++;
			return;
		}
	}
	if (seen->fault_count == SEEN_USES_MAX) {
		seen->untold++;
		return;
	}
	seen->faults[seen->fault_count++] = (struct seen_fault){
	    .talk = talk, .reason = reason, .file = seen->file, .frame = seen->frame, .count = 1};
}

void
seen_observe(void *context, const struct judgement *judgement)
{
	struct seen *seen = context;
	const struct event *event = judgement->event;
	const struct message *m = judgement->message;
	uint32_t talk;

	if (!judgement->channel)
		return;
	talk = (uint32_t)strtoul(judgement->channel->name + 1, NULL, 10);
	if (event->verdict != VERDICT_ALLOW || event->would_deny) {
		add_fault(seen, talk, event->reason);
		return;
	}
	if (m && m->function &&
	    (m->kind == MESSAGE_REQUEST || m->kind == MESSAGE_UNSOLICITED ||
		m->kind == MESSAGE_LINK))
		add_message(seen, talk, m, event->wall_ns);
}
