/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compare: see compare.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "print.h"

struct comparison {
	policy_difference *callback;
	void *context;
	bool failed; /* memory is out */
};

static void
tell(struct comparison *c, enum difference_what what, enum difference_how how, const char *name,
    const char *channel, const char *rule)
{
	c->callback(c->context, &(struct difference){what, how, name, channel, rule});
}

/* Takes both texts. */
static bool
same_text(struct comparison *c, char *a, char *b)
{
	bool same = a && b && strcmp(a, b) == 0;

	c->failed |= !a || !b;
	free(a);
	free(b);
	return same;
}

static bool
same_string(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void
compare_zones(struct comparison *c, const struct policy *before, const struct policy *after)
{
	for (size_t i = 0; i < before->zone_count; i++) {
		const struct zone *zone = &before->zones[i];
		const struct zone *now = policy_find_zone_name(after, zone->name);

		if (!now)
			tell(c, DIFFERENCE_ZONE, DIFFERENCE_REMOVED, zone->name, NULL, NULL);
		else if (!same_text(c, policy_print_zone(zone), policy_print_zone(now)))
			tell(c, DIFFERENCE_ZONE, DIFFERENCE_CHANGED, zone->name, NULL, NULL);
	}
	for (size_t i = 0; i < after->zone_count; i++)
		if (!policy_find_zone_name(before, after->zones[i].name))
			tell(
			    c, DIFFERENCE_ZONE, DIFFERENCE_ADDED, after->zones[i].name, NULL, NULL);
}

static const struct conduit *
find_conduit(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->conduit_count; i++)
		if (strcmp(policy->conduits[i].name, name) == 0)
			return &policy->conduits[i];
	return NULL;
}

static const struct channel *
find_channel(const struct conduit *conduit, const char *name)
{
	for (size_t i = 0; conduit && i < conduit->channel_count; i++)
		if (strcmp(conduit->channels[i].name, name) == 0)
			return &conduit->channels[i];
	return NULL;
}

static bool
same_conduit(const struct conduit *a, const struct conduit *b)
{
	return strcmp(a->from->name, b->from->name) == 0 && strcmp(a->to->name, b->to->name) == 0 &&
	    a->mode == b->mode && a->on_deny == b->on_deny && a->when_down == b->when_down &&
	    same_string(a->rationale, b->rationale);
}

/* Without its rules. */
static char *
print_head(const struct channel *channel)
{
	struct channel head = *channel;

	head.rule_count = 0;
	return policy_print_channel(&head);
}

static bool
has_rule(struct comparison *c, const struct channel *channel, const char *text)
{
	for (size_t i = 0; channel && i < channel->rule_count; i++) {
		char *other = policy_print_rule(channel, &channel->rules[i]);
		bool same = other && strcmp(text, other) == 0;

		c->failed |= !other;
		free(other);
		if (same)
			return true;
	}
	return false;
}

/* The rules of one channel that the other has not. */
static void
tell_rules(struct comparison *c, enum difference_how how, const struct channel *channel,
    const struct channel *other)
{
	for (size_t i = 0; i < channel->rule_count; i++) {
		char *text = policy_print_rule(channel, &channel->rules[i]);

		c->failed |= !text;
		if (text && !has_rule(c, other, text))
			tell(c, DIFFERENCE_RULE, how, channel->conduit->name, channel->name, text);
		free(text);
	}
}

static void
compare_channels(struct comparison *c, const struct conduit *before, const struct conduit *after)
{
	for (size_t i = 0; before && i < before->channel_count; i++) {
		const struct channel *channel = &before->channels[i];
		const struct channel *now = find_channel(after, channel->name);

		if (!now) {
			tell(c, DIFFERENCE_CHANNEL, DIFFERENCE_REMOVED, before->name, channel->name,
			    NULL);
			continue;
		}
		if (!same_text(c, print_head(channel), print_head(now)))
			tell(c, DIFFERENCE_CHANNEL, DIFFERENCE_CHANGED, before->name, channel->name,
			    NULL);
		tell_rules(c, DIFFERENCE_REMOVED, channel, now);
		tell_rules(c, DIFFERENCE_ADDED, now, channel);
	}
	for (size_t i = 0; after && i < after->channel_count; i++)
		if (!find_channel(before, after->channels[i].name))
			tell(c, DIFFERENCE_CHANNEL, DIFFERENCE_ADDED, after->name,
			    after->channels[i].name, NULL);
}

static void
compare_conduits(struct comparison *c, const struct policy *before, const struct policy *after)
{
	for (size_t i = 0; i < before->conduit_count; i++) {
		const struct conduit *conduit = &before->conduits[i];
		const struct conduit *now = find_conduit(after, conduit->name);

		if (!now || !same_conduit(conduit, now))
			tell(c, DIFFERENCE_CONDUIT, now ? DIFFERENCE_CHANGED : DIFFERENCE_REMOVED,
			    conduit->name, NULL, NULL);
		compare_channels(c, conduit, now);
	}
	for (size_t i = 0; i < after->conduit_count; i++) {
		if (find_conduit(before, after->conduits[i].name))
			continue;
		tell(c, DIFFERENCE_CONDUIT, DIFFERENCE_ADDED, after->conduits[i].name, NULL, NULL);
		compare_channels(c, NULL, &after->conduits[i]);
	}
}

int
policy_compare(const struct policy *before, const struct policy *after, policy_difference *callback,
    void *context)
{
	struct comparison c = {.callback = callback, .context = context};

	compare_zones(&c, before, after);
	compare_conduits(&c, before, after);
	return c.failed ? -ENOMEM : 0;
}

const struct channel *
policy_find_same_channel(const struct policy *policy, const struct channel *channel)
{
	return find_channel(find_conduit(policy, channel->conduit->name), channel->name);
}

bool
policy_same_rules(const struct channel *a, const struct channel *b)
{
	struct comparison c = {0};

	for (size_t i = 0; i < a->rule_count; i++) {
		char *text = policy_print_rule(a, &a->rules[i]);
		bool same = text && has_rule(&c, b, text);

		free(text);
		if (!same)
			return false;
	}
	return a->rule_count == b->rule_count;
}
