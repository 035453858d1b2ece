/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trial: see trial.h.
 */
#include <stdlib.h>
#include <string.h>

#include "amend_words.h"
#include "load.h"
#include "remedies.h"
#include "terminal.h"
#include "trial.h"

struct edits
amend_begin(const struct amend *a)
{
	return (struct edits){.draft = a->question->draft, .comment = a->question->comment};
}

/* ---- is it allowed now? ---- */

static bool
is_of(const struct amend_question *q, enum remedy_kind kind)
{
	return remedies[q->reason].kind == kind;
}

/* The channel that has the names of this one. */
static const struct channel *
find_same(const struct policy *policy, const struct channel *channel)
{
	for (size_t i = 0; i < policy->channel_count; i++)
		if (strcmp(policy->channels[i]->name, channel->name) == 0 &&
		    strcmp(policy->channels[i]->conduit->name, channel->conduit->name) == 0)
			return policy->channels[i];
	return NULL;
}

/* The channel of the new policy on which the connection would come. */
static const struct channel *
find_channel(const struct amend_question *q, const struct policy *policy)
{
	if (q->channel)
		return find_same(policy, q->channel);
	for (size_t i = 0; q->has_connection && i < policy->channel_count; i++) {
		const struct channel *c = policy->channels[i];

		if (c->transport == q->transport && q->port >= c->port_first &&
		    q->port <= c->port_last &&
		    endpoints_contain(c->clients, c->client_count, q->family, &q->client) &&
		    endpoints_contain(c->servers, c->server_count, q->family, &q->server))
			return c;
	}
	return NULL;
}

static bool
has_interface(const struct zone *zone, const char *interface)
{
	for (size_t i = 0; i < zone->interface_count; i++)
		if (strcmp(zone->interfaces[i], interface) == 0)
			return true;
	return zone->interface_count == 0 || zone->class == ZONE_GATEWAY;
}

static bool
is_allowed(const struct amend_question *q, const struct policy *policy)
{
	const struct channel *channel = find_channel(q, policy);
	struct rate_state *rates;
	struct decision decision;

	if (!channel)
		return !q->channel && !is_of(q, REMEDY_CONNECTIONS);
	if (q->reason == REASON_WRONG_ZONE && q->interface &&
	    !has_interface(channel->client_zone, q->interface))
		return false;
	if (!q->message || (!is_of(q, REMEDY_RULES) && !is_of(q, REMEDY_CONNECTIONS)))
		return true;
	if (channel->dissector != q->message->dissector)
		return false;
	rates = calloc(policy->rate_count + 1, sizeof(*rates));
	if (!rates) {
		complain("out of memory");
		exit(2);
	}
	decide(channel, q->message, q->complete, 1, rates, &decision);
	free(rates);
	return decision.verdict == VERDICT_ALLOW;
}

bool
amend_is_needless(const struct amend_question *q)
{
	bool rules = is_of(q, REMEDY_RULES) && q->channel && q->message;
	bool connection = is_of(q, REMEDY_CONNECTIONS) && q->has_connection &&
	    (q->reason != REASON_WRONG_ZONE || q->interface);

	return (rules || connection) && is_allowed(q, q->policy);
}

/* ---- the difference ---- */

/* A policy that has no other channel than this one. */
static struct policy
policy_of_channel(const struct policy *policy, struct channel **channel)
{
	struct policy one = *policy;

	one.channels = channel;
	one.channel_count = *channel ? 1 : 0;
	return one;
}

static void
compare(const struct amend_question *q, const struct channel *channel, struct amendment *item)
{
	const struct channel *now = channel ? find_same(item->policy, channel) : NULL;

	item->sides[SIDE_OLD] = *q->policy;
	item->sides[SIDE_NEW] = *item->policy;
	if (now) {
		item->channels[SIDE_OLD] = q->policy->channels[channel->index];
		item->channels[SIDE_NEW] = item->policy->channels[now->index];
		for (int i = 0; i < SIDE_COUNT; i++)
			item->sides[i] = policy_of_channel(
			    i == SIDE_OLD ? q->policy : item->policy, &item->channels[i]);
	}
	comparison_make(&item->sides[SIDE_OLD], &item->sides[SIDE_NEW], &item->comparison);
}

static bool
takes_away(const struct comparison *c)
{
	for (size_t i = 0; i < c->connections_count; i++)
		if (c->connections[i].change == CHANGE_REMOVED)
			return true;
	for (size_t i = 0; i < c->channel_count; i++)
		for (size_t n = 0; n < c->channels[i].messages.count; n++)
			if (c->channels[i].messages.items[n].change == CHANGE_REMOVED)
				return true;
	return false;
}

/* ---- trying ---- */

void
amendment_done(struct amendment *item)
{
	comparison_done(&item->comparison);
	changed_files_done(&item->files);
	policy_free(item->policy);
	free(item->what);
	free(item->patch);
	free(item->permits);
}

static bool
is_known(const struct amendments *found, const struct amendment *item)
{
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->items[i].patch, item->patch) == 0)
			return true;
	return false;
}

static struct policy *
load(const char *text, const char *name)
{
	struct diagnostics diagnostics;
	struct policy *policy = NULL;

	policy_load_text(text, name, &policy, &diagnostics);
	diagnostics_done(&diagnostics);
	return policy;
}

void
amend_try(struct amend *a, struct edits *edits, const struct channel *channel, char *what)
{
	const struct amend_question *q = a->question;
	struct amendment item = {.what = what};
	char *text = NULL;
	bool good = false;

	if (!edits->failed && edits->count > 0 && a->found->count < AMENDMENTS_MAX)
		text = edits_apply(edits);
	if (text)
		item.policy = load(text, q->policy->file);
	if (item.policy && is_allowed(q, item.policy) && edits_files(edits, &item.files) == 0) {
		item.patch = changed_files_patch(&item.files);
		compare(q, edits_are_mirrored(edits) ? NULL : channel, &item);
		good = !is_known(a->found, &item) && !takes_away(&item.comparison) &&
		    strcmp(item.policy->hash, q->policy->hash) != 0;
	}
	if (good)
		amend_tell(q, &item);
	if (good)
		a->found->items[a->found->count++] = item;
	else
		amendment_done(&item);
	free(text);
	edits_done(edits);
}
