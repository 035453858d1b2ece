/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scans: see scans.h.
 */
#include <string.h>

#include "scans.h"

static void
tell(struct scans *scans, struct scan *scan)
{
	if (scan->count == 0)
		return;
	scan->last.lost = scan->count;
	scan->count = 0;
	scans->tell(scans->context, &scan->last);
}

static bool
same_source(const struct event *a, const struct event *b)
{
	return a->reason == b->reason && a->family == b->family &&
	    memcmp(&a->source, &b->source, sizeof(a->source)) == 0;
}

/* Its place, or a free one, or NULL. A few hundred comparisons, a thousand times a second at most.
 */
static struct scan *
find(struct scans *scans, const struct event *event)
{
	struct scan *free = NULL;

	for (unsigned i = 0; i < SCANS_MAX; i++) {
		struct scan *scan = &scans->sources[i];

		if (scan->used && same_source(&scan->last, event))
			return scan;
		if (!scan->used && !free)
			free = scan;
	}
	return free;
}

void
scans_add(struct scans *scans, const struct event *event, uint64_t now_ns)
{
	struct scan *scan = find(scans, event);
	bool first = scan && !scan->used;

	if (!scan) {
		scan = &scans->others;
		if (!scan->used)
			scan->begun_ns = now_ns;
		scan->used = true;
	}
	if (first) {
		scan->used = true;
		scan->begun_ns = now_ns;
		scans->used++;
	}
	scan->last = *event;
	scan->count++;
	if (first)
		tell(scans, scan);
}

/* Who was silent for a whole period is forgotten. */
static bool
period_end(struct scans *scans, struct scan *scan, uint64_t now_ns)
{
	if (!scan->used || now_ns - scan->begun_ns < SCANS_PERIOD_NS)
		return false;
	scan->begun_ns = now_ns;
	scan->used = scan->count > 0;
	tell(scans, scan);
	return !scan->used;
}

void
scans_tick(struct scans *scans, uint64_t now_ns)
{
	for (unsigned i = 0; i < SCANS_MAX; i++)
		scans->used -= period_end(scans, &scans->sources[i], now_ns);
	/* addresses of many: that of one would say something wrong */
	scans->others.last.family = FAMILY_NONE;
	scans->others.last.label[0] = '\0';
	period_end(scans, &scans->others, now_ns);
}

void
scans_flush(struct scans *scans)
{
	for (unsigned i = 0; i < SCANS_MAX; i++)
		tell(scans, &scans->sources[i]);
	scans->others.last.family = FAMILY_NONE;
	tell(scans, &scans->others);
}
