/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guard: see guard.h.
 */
#include <stdlib.h>
#include <string.h>

#include "guard.h"

struct guarded {
	bool carried;
	uint64_t dropped; /* packets that it would have permitted */
};

struct guard {
	const struct compiled *before;
	struct guarded conduits[]; /* by their place in the policy */
};

static size_t
place_of(const struct policy *policy, const struct conduit *conduit)
{
	return (size_t)(conduit - policy->conduits);
}

struct guard *
guard_new(const struct compiled *before, const struct traffic *traffic)
{
	const struct policy *policy = compiled_policy(before);
	struct guard *guard =
	    calloc(1, sizeof(*guard) + policy->conduit_count * sizeof(guard->conduits[0]));

	if (!guard)
		return NULL;
	guard->before = before;
	for (size_t i = 0; i < policy->channel_count; i++)
		if (traffic[i].permitted > 0)
			guard->conduits[place_of(policy, policy->channels[i]->conduit)].carried =
			    true;
	return guard;
}

void
guard_free(struct guard *guard)
{
	free(guard);
}

/* The channel of before, whichever end has sent the packet. */
static const struct channel *
channel_of(const struct compiled *before, const struct event *event)
{
	const struct channel *channel = compiled_find_channel(before, event->family, &event->source,
	    &event->destination, event->transport, event->destination_port);

	return channel ? channel
		       : compiled_find_channel(before, event->family, &event->destination,
			     &event->source, event->transport, event->source_port);
}

void
guard_see(struct guard *guard, const struct event *event)
{
	const struct channel *channel;

	bool judged = event->type == EVENT_VERDICT || event->type == EVENT_STORM;

	if (event->type != EVENT_DROP && (!judged || event->verdict != VERDICT_DENY))
		return;
	channel = channel_of(guard->before, event);
	if (channel)
		guard->conduits[place_of(compiled_policy(guard->before), channel->conduit)]
		    .dropped++;
}

static const struct conduit *
find_conduit(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->conduit_count; i++)
		if (strcmp(policy->conduits[i].name, name) == 0)
			return &policy->conduits[i];
	return NULL;
}

static struct traffic
sum_of(const struct policy *policy, const struct conduit *conduit, const struct traffic *traffic)
{
	struct traffic sum = {0};

	for (size_t i = 0; conduit && i < policy->channel_count; i++) {
		if (policy->channels[i]->conduit != conduit)
			continue;
		sum.permitted += traffic[i].permitted;
		sum.denied += traffic[i].denied;
	}
	return sum;
}

const char *
guard_judge(const struct guard *guard, const struct policy *now, const struct traffic *traffic)
{
	const struct policy *before = compiled_policy(guard->before);

	for (size_t i = 0; i < before->conduit_count; i++) {
		const struct guarded *guarded = &guard->conduits[i];
		const struct conduit *conduit = find_conduit(now, before->conduits[i].name);
		struct traffic sum = sum_of(now, conduit, traffic);

		if (guarded->carried && !(conduit && conduit->isolated) && sum.permitted == 0 &&
		    sum.denied + guarded->dropped > 0)
			return before->conduits[i].name;
	}
	return NULL;
}
