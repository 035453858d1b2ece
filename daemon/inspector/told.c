/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Told: see told.h.
 *
 * A record holds numbers; the names that they stand for are looked up here.  Nothing that an
 * inspector has written is believed.
 */
#include <net/if.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "told.h"

enum { EVENTS_AT_ONCE = 256 }; /* records read before others have their turn */

/*
 * Records of an earlier generation were all read before its successors began, so there are none; if
 * there were, they would be printed without names rather than with wrong ones.
 */
static const struct policy *
record_policy(const struct crew *crew, const struct event *event)
{
	return crew->loaded && event->generation == crew->loaded->generation ? crew->loaded->policy
									     : NULL;
}

/* The inspector tells a number; the name is looked up here, whatever it has written there. */
static void
event_name_interface(struct event *event)
{
	memset(event->interface_name, 0, sizeof(event->interface_name));
	if (event->interface == 0 || !if_indextoname(event->interface, event->interface_name))
		event->interface_name[0] = '\0';
}

static void
record(struct crew *crew, struct event *event)
{
	event_name_interface(event);
	events_record(crew->events, record_policy(crew, event), event);
}

bool
crew_read_events(struct crew *crew, struct member *member)
{
	struct event events[16];
	ssize_t n = 0;

	for (int count = 0; count < EVENTS_AT_ONCE; count += n / (ssize_t)sizeof(events[0])) {
		uint64_t counted = atomic_load(&member->shared->events);

		n = read(member->event_read, events, sizeof(events));
		if (n < (ssize_t)sizeof(events[0])) { /* what was counted before was read */
			atomic_store(&member->shared->events_read, counted);
			return false;
		}
		shared_add(&member->shared->events_read, (uint64_t)n / sizeof(events[0]));
		for (size_t i = 0; i < (size_t)n / sizeof(events[0]); i++)
			record(crew, &events[i]);
	}
	return true;
}

static bool
storm_tell(void *context, const struct event *event)
{
	struct event told = *event;

	record(context, &told);
	return true;
}

void
member_tell_storms(struct crew *crew, struct member *member)
{
	if (member->shared)
		storms_end(&member->shared->storms, clock_ns(CLOCK_REALTIME), storm_tell, crew);
}
