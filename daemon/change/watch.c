/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watch: see watch.h (jansson, as a map of names).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "clock.h"
#include "engine.h"
#include "guard.h"
#include "watch.h"

#define NS_PER_S UINT64_C(1000000000)

/* Packets that the kernel has counted, by "conduit/channel". */
static void
take_packets(void *context, const char *name, uint64_t packets, uint64_t bytes)
{
	json_object_set_new(context, name, json_integer((json_int_t)packets));
}

/*
 * What is refused is answered by the server, and that answer is a message that passes: it says no
 * more than the denial.
 */
static struct traffic
count_messages(const struct supervisor *supervisor, const struct channel *channel)
{
	uint64_t messages_of_denial = channel->conduit->on_deny == ON_DENY_REFUSE ? 2 : 1;
	struct channel_counters sum = {0};

	for (unsigned i = 0; i < supervisor->crew.settings.count; i++) {
		struct channel_counters one = {0};

		if (channel->index < CHANNEL_COUNTERS_MAX)
			engine_channel_counters(
			    supervisor->crew.members[i].arena.block, channel->index, &one);
		sum.messages += one.messages;
		sum.denied += one.denied;
	}
	if (channel->conduit->mode == MODE_MONITOR)
		return (struct traffic){.permitted = sum.messages};
	return (struct traffic){.permitted = sum.messages,
	    .denied = sum.denied,
	    .refused = messages_of_denial * sum.denied};
}

static struct traffic
count_packets(const json_t *packets, const struct channel *channel)
{
	json_t *name = json_sprintf("%s/%s", channel->conduit->name, channel->name);
	struct traffic traffic = {.permitted = (uint64_t)json_integer_value(
				      json_object_get(packets, json_string_value(name)))};

	json_decref(name);
	return traffic;
}

/* By channel of the policy in force, since the counters began; NULL: memory is out. */
static struct traffic *
count(const struct supervisor *supervisor)
{
	const struct policy *policy = supervisor->loaded->policy;
	struct traffic *traffic = calloc(policy->channel_count + 1, sizeof(*traffic));
	json_t *packets = json_object();

	nft_counters(supervisor->nft, take_packets, packets);
	for (size_t i = 0; traffic && i < policy->channel_count; i++)
		traffic[i] = policy->channels[i]->dissector
		    ? count_messages(supervisor, policy->channels[i])
		    : count_packets(packets, policy->channels[i]);
	json_decref(packets);
	return traffic;
}

void
watch_tick(struct supervisor *supervisor)
{
	struct change *change = &supervisor->change;
	const struct policy *policy = supervisor->loaded->policy;

	if (change->base && strcmp(change->base_hash, policy->hash) == 0)
		return;
	free(change->base);
	change->base = count(supervisor);
	memcpy(change->base_hash, policy->hash, sizeof(change->base_hash));
}

/* Since the policy is in force; NULL: memory is out, or nobody has looked yet. */
static struct traffic *
count_since(const struct supervisor *supervisor)
{
	const struct change *change = &supervisor->change;
	const struct policy *policy = supervisor->loaded->policy;
	struct traffic *traffic;

	if (!change->base || strcmp(change->base_hash, policy->hash) != 0)
		return NULL;
	traffic = count(supervisor);
	for (size_t i = 0; traffic && i < policy->channel_count; i++) {
		const struct traffic *base = &change->base[i];

		/* counters that began anew */
		traffic[i].permitted -=
		    traffic[i].permitted >= base->permitted ? base->permitted : 0;
		traffic[i].denied -= traffic[i].denied >= base->denied ? base->denied : 0;
		traffic[i].refused -= traffic[i].refused >= base->refused ? base->refused : 0;
		traffic[i].permitted -= traffic[i].permitted >= traffic[i].refused
		    ? traffic[i].refused
		    : traffic[i].permitted;
	}
	return traffic;
}

/* An events_watcher. */
static void
see(void *context, const struct event *event)
{
	const struct supervisor *supervisor = context;

	if (supervisor->change.guard)
		guard_see(supervisor->change.guard, event);
}

int
watch_begin(struct supervisor *supervisor, unsigned seconds)
{
	struct change *change = &supervisor->change;
	struct traffic *traffic;

	watch_tick(supervisor);
	traffic = count_since(supervisor);
	if (!traffic)
		return -ENOMEM;
	change->guard = guard_new(supervisor->loaded->compiled, traffic);
	free(traffic);
	change->guard_count_ns = clock_ns(CLOCK_MONOTONIC) + seconds * NS_PER_S / 2;
	change->guard_from_ns = clock_ns(CLOCK_MONOTONIC) + seconds * NS_PER_S;
	supervisor->events.watcher = see;
	supervisor->events.watched = supervisor;
	return change->guard ? 0 : -ENOMEM;
}

const char *
watch_judge(struct supervisor *supervisor)
{
	struct change *change = &supervisor->change;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	struct traffic *traffic;
	const char *name;

	if (change->guard && now < change->guard_count_ns) {
		/* answers to what was asked under the policy of before say nothing */
		free(change->base);
		change->base = count(supervisor);
	}
	if (!change->guard || now < change->guard_from_ns)
		return NULL;
	traffic = count_since(supervisor);
	name = traffic ? guard_judge(change->guard, supervisor->loaded->policy, traffic) : NULL;
	free(traffic);
	return name;
}

void
watch_end(struct supervisor *supervisor)
{
	supervisor->events.watcher = NULL;
	guard_free(supervisor->change.guard);
	supervisor->change.guard = NULL;
}

void
watch_done(struct change *change)
{
	guard_free(change->guard);
	free(change->base);
	change->guard = NULL;
	change->base = NULL;
}
