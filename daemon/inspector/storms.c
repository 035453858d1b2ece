/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storms: see storms.h.
 *
 * Whoever reads this after a crash does not believe it: numbers of channels and reasons are looked
 * at where they are used, and everything else is only added and compared.
 */
#include <string.h>

#include "storms.h"

bool
storms_concern(const struct event *event)
{
	return event->type == EVENT_VERDICT && event->family != FAMILY_NONE &&
	    (event->verdict == VERDICT_DENY || event->would_deny);
}

static struct storm_kind
kind_of(const struct event *event)
{
	struct storm_kind kind;

	memset(&kind, 0, sizeof(kind)); /* it is compared byte by byte */
	kind.client = event->direction == DIRECTION_REQUEST ? event->source : event->destination;
	kind.channel = event->channel;
	kind.reason = event->reason;
	kind.family = event->family;
	kind.would_deny = event->would_deny;
	return kind;
}

static struct storm *
set_of(struct storms *storms, const struct storm_kind *kind)
{
	uint64_t words[2], hash;

	memcpy(words, kind->client.bytes, sizeof(words));
	hash = (words[0] ^ storms->seed) * UINT64_C(0x9e3779b97f4a7c15);
	hash = ((hash ^ hash >> 32) + words[1]) * UINT64_C(0xd6e8feb86659fd93);
	hash = ((hash ^ hash >> 32) + kind->channel) * UINT64_C(0x9e3779b97f4a7c15);
	hash = ((hash ^ hash >> 32) + kind->reason) * UINT64_C(0xd6e8feb86659fd93);
	return storms->places[(hash >> 40) % STORM_SETS];
}

/* Nothing is to be told of it any more: the end of a storm has to be told, too. */
static bool
is_over(const struct storm *storm, uint64_t now_ns)
{
	return storm->count.due_ns == 0 && now_ns - storm->count.heard_ns >= STORM_QUIET_NS;
}

/* Its place, or one for it, the longest silent of those that are over; NULL: there is no room. */
static struct storm *
find(struct storms *storms, const struct storm_kind *kind, uint64_t now_ns)
{
	struct storm *set = set_of(storms, kind), *room = NULL;

	for (unsigned i = 0; i < STORM_WAYS; i++) {
		struct storm *storm = &set[i];

		if (storm->used && memcmp(&storm->kind, kind, sizeof(*kind)) == 0)
			return storm;
		if (!storm->used)
			room = storm;
		else if (is_over(storm, now_ns) &&
		    (!room || (room->used && room->count.heard_ns > storm->count.heard_ns)))
			room = storm;
	}
	if (room) {
		room->used = true;
		room->kind = *kind;
		room->each = 0;
		room->count = (struct storm_count){.heard_ns = now_ns};
	}
	return room;
}

/* Look at it again when a summary is due, or when it has been quiet for long enough. */
static void
look_again(struct storms *storms, const struct storm_count *count)
{
	uint64_t end_ns = count->heard_ns + STORM_QUIET_NS;
	uint64_t due_ns = count->due_ns < end_ns ? count->due_ns : end_ns;

	if (storms->due_ns == 0 || due_ns < storms->due_ns)
		storms->due_ns = due_ns;
}

static void
set_due(struct storms *storms, struct storm_count *count, uint64_t due_ns)
{
	count->due_ns = due_ns;
	look_again(storms, count);
}

/* So many more that were not told. */
static void
count_more(struct storms *storms, struct storm_count *count, uint64_t more, uint64_t first_ns,
    uint64_t last_ns, uint64_t now_ns)
{
	if (count->untold == 0 || first_ns < count->first_ns)
		count->first_ns = first_ns;
	if (count->untold == 0 || last_ns > count->last_ns)
		count->last_ns = last_ns;
	count->untold += more;
	if (count->pause_ns == 0)
		count->pause_ns = STORM_PAUSE_NS;
	if (count->due_ns == 0)
		set_due(storms, count, now_ns + count->pause_ns);
}

static struct storm_count *
count_of(struct storms *storms, const struct event *event, struct storm *storm)
{
	return storm ? &storm->count
		     : &storms->others[event->reason < REASON_COUNT ? event->reason : 0];
}

bool
storms_take(struct storms *storms, const struct event *event, uint64_t now_ns)
{
	struct storm_kind kind = kind_of(event);
	struct storm *storm = find(storms, &kind, now_ns);
	struct storm_count *count = count_of(storms, event, storm);
	uint32_t each = storms->each > 0 ? storms->each : STORM_EACH;

	if (storm && is_over(storm, now_ns)) {
		storm->each = 0;
		storm->count = (struct storm_count){0};
	}
	count->heard_ns = now_ns;
	count->total++;
	if (storm && storm->each < each && count->pause_ns == 0) {
		storm->each++;
		return true;
	}
	storms->summed++;
	storms->homeless += !storm;
	count_more(storms, count, 1, event->wall_ns, event->wall_ns, now_ns);
	if (storm)
		storm->last = *event;
	return false;
}

/* The place of a kind that has one. */
static struct storm *
find_known(struct storms *storms, const struct event *event)
{
	struct storm_kind kind = kind_of(event);
	struct storm *set = set_of(storms, &kind);

	for (unsigned i = 0; event->family != FAMILY_NONE && i < STORM_WAYS; i++)
		if (set[i].used && memcmp(&set[i].kind, &kind, sizeof(kind)) == 0)
			return &set[i];
	return NULL;
}

void
storms_keep(struct storms *storms, const struct event *event, uint64_t now_ns)
{
	struct storm *storm = find_known(storms, event);
	struct storm_count *count = count_of(storms, event, storm);
	bool summary = event->type == EVENT_STORM;
	uint64_t more = summary ? event->lost : 1;

	if (storm && count->untold == 0)
		storm->last = *event;
	storms->summed += !summary;
	if (summary && count->total < event->total)
		count->total = event->total; /* it was the end of the storm */
	count_more(storms, count, more, summary ? event->first_ns : event->wall_ns,
	    summary ? event->last_ns : event->wall_ns, now_ns);
}

/* What is told of a storm.  Others have a reason alone. */
static struct event
summary_of(const struct storm_count *count, const struct storm *storm, enum reason reason,
    uint64_t wall_ns)
{
	struct event event = {
	    .reason = (uint16_t)reason,
	    .channel = EVENT_NO_INDEX,
	    .rule = EVENT_NO_INDEX,
	    .function = EVENT_NO_INDEX,
	    .refused = EVENT_NO_INDEX,
	};

	if (storm)
		event = storm->last;
	event.type = EVENT_STORM;
	event.lost = count->untold;
	event.total = count->total;
	event.first_ns = count->first_ns;
	event.last_ns = count->last_ns;
	event.wall_ns = wall_ns;
	return event;
}

/* True if it was told. */
static bool
tell(const struct storm_count *count, const struct storm *storm, enum reason reason, bool over,
    uint64_t wall_ns, storms_teller *teller, void *context)
{
	struct event event = summary_of(count, storm, reason, wall_ns);

	event.over = over;
	return teller(context, &event);
}

/* Is it due, and told?  Its end is due once it was quiet, whatever pause it has come to. */
static void
tick_one(struct storms *storms, struct storm_count *count, const struct storm *storm,
    enum reason reason, uint64_t now_ns, uint64_t wall_ns, storms_teller *teller, void *context)
{
	bool over = now_ns - count->heard_ns >= STORM_QUIET_NS;

	if (count->due_ns == 0)
		return;
	if (now_ns < count->due_ns && !over) {
		look_again(storms, count);
		return;
	}
	if ((count->untold > 0 || over) &&
	    !tell(count, storm, reason, over, wall_ns, teller, context)) {
		count->due_ns = now_ns + STORM_PAUSE_NS;
		storms->due_ns = now_ns + 1; /* nothing else is due before what could not be told */
		return;
	}
	count->untold = 0;
	if (over) {
		*count = (struct storm_count){.heard_ns = count->heard_ns};
		return;
	}
	if (count->pause_ns < STORM_PAUSE_MAX_NS / 2)
		count->pause_ns *= 2;
	else
		count->pause_ns = STORM_PAUSE_MAX_NS;
	set_due(storms, count, now_ns + count->pause_ns);
}

void
storms_tick(
    struct storms *storms, uint64_t now_ns, uint64_t wall_ns, storms_teller *teller, void *context)
{
	if (storms->due_ns == 0 || now_ns < storms->due_ns)
		return;
	storms->due_ns = 0; /* those that still wait say when */
	for (unsigned i = 0; i < STORMS_MAX; i++) {
		struct storm *storm = &storms->places[i / STORM_WAYS][i % STORM_WAYS];

		if (storm->used)
			tick_one(storms, &storm->count, storm, storm->kind.reason, now_ns, wall_ns,
			    teller, context);
	}
	for (unsigned i = 0; i < REASON_COUNT; i++)
		tick_one(storms, &storms->others[i], NULL, (enum reason)i, now_ns, wall_ns, teller,
		    context);
}

void
storms_end(struct storms *storms, uint64_t wall_ns, storms_teller *teller, void *context)
{
	for (unsigned i = 0; i < STORMS_MAX; i++) {
		struct storm *storm = &storms->places[i / STORM_WAYS][i % STORM_WAYS];

		if (!storm->used || storm->count.due_ns == 0 ||
		    tell(&storm->count, storm, storm->kind.reason, true, wall_ns, teller, context))
			storm->used = false;
	}
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		struct storm_count *count = &storms->others[i];

		if (count->due_ns == 0 ||
		    tell(count, NULL, (enum reason)i, true, wall_ns, teller, context))
			*count = (struct storm_count){0};
	}
}

uint64_t
storms_untold(const struct storms *storms)
{
	uint64_t untold = 0;

	for (unsigned i = 0; i < STORMS_MAX; i++)
		if (storms->places[i / STORM_WAYS][i % STORM_WAYS].used)
			untold += storms->places[i / STORM_WAYS][i % STORM_WAYS].count.untold;
	for (unsigned i = 0; i < REASON_COUNT; i++)
		untold += storms->others[i].untold;
	return untold;
}
