/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset: from a policy to the objects of its table.  What a chain does is in ruleset_rules.c,
 * what a policy's addresses become is in ruleset_sets.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset.h"
#include "ruleset_bridge.h"
#include "ruleset_chains.h"
#include "ruleset_ir.h"
#include "ruleset_sets.h"

enum {
	NAME_MAX_KERNEL = 255, /* NFT_NAME_MAXLEN - 1 of linux/netfilter/nf_tables.h */
	SETTER_PREFIX = 17,    /* the longest before the names of conduit and channel */
};

static const char *const reasons[] = {RULESET_REASON_INVALID, RULESET_REASON_WRONG_ZONE,
    RULESET_REASON_NO_CHANNEL, RULESET_REASON_BARRED, RULESET_REASON_CUT, RULESET_REASON_MIDDLE,
    RULESET_REASON_UNGUARDED};

enum { REASONS = sizeof(reasons) / sizeof(reasons[0]) };

/* The last is only of policies with zones at a bridge. */
static size_t
reason_count(const struct policy *policy)
{
	return policy_is_bridged(policy) ? REASONS : REASONS - 1;
}

/* What nft's scanner takes for one name, beginning with a letter. */
static bool
name_ok(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	return *name != '\0' && strchr(letters, *name) != NULL &&
	    name[strspn(name, others)] == '\0';
}

static const char *
refuse_channel(const struct channel *channel, bool shares_marks)
{
	const char *conduit = channel->conduit->name;

	if (channel->dissector != NULL &&
	    (channel->client_zone->class == ZONE_GATEWAY ||
		channel->server_zone->class == ZONE_GATEWAY))
		return "an inspected protocol from or to the gateway itself is not possible, "
		       "expected tcp, "
		       "udp or icmp-echo";
	if (strcmp(conduit, "reason") == 0)
		return "a conduit can't be named \"reason\", counters of reasons have that name";
	if (!name_ok(conduit) || name_ok(channel->name) == false)
		return "the names of conduit and channel make the name of a counter, expected a "
		       "letter, "
		       "then letters, digits, '-', '_' and '.'";
	if (strlen(conduit) + 1 + strlen(channel->name) > NAME_MAX_KERNEL)
		return "the names of conduit and channel make the name of a counter, expected 254 "
		       "characters together at most";
	if (shares_marks &&
	    SETTER_PREFIX + strlen(conduit) + 1 + strlen(channel->name) > NAME_MAX_KERNEL)
		return "with a mark_mask the names of conduit and channel make the name of a "
		       "chain, "
		       "expected 237 characters together at most";
	return NULL;
}

const char *
ruleset_refused(const struct policy *policy, const struct channel **ret_channel)
{
	for (size_t i = 0; i < policy->channel_count; i++) {
		const char *why =
		    refuse_channel(policy->channels[i], policy->mark_mask != MARK_MASK_ALL);

		if (why != NULL) {
			*ret_channel = policy->channels[i];
			return why;
		}
	}
	return NULL;
}

static unsigned
find_need(const struct policy *policy)
{
	unsigned need = policy_is_bridged(policy) ? RULESET_NEED_BRIDGE : RULESET_NEED_ALWAYS;

	for (size_t i = 0; i < policy->zone_count; i++) {
		if (policy->zones[i].class == ZONE_GATEWAY)
			need |= RULESET_NEED_GATEWAY;
	}
	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];

		if (channel->dissector != NULL)
			need |= channel->conduit->when_down == WHEN_DOWN_OPEN ? RULESET_NEED_OPEN
									      : RULESET_NEED_CLOSED;
	}
	return need;
}

static int
make_names(struct ruleset *ruleset, const struct policy *policy)
{
	if (asprintf(&ruleset->title, "%s, sha256 %s", policy->file ? policy->file : "?",
		policy->hash) < 0) {
		ruleset->title = NULL;
		return -ENOMEM;
	}
	if ((ruleset_shares_marks(ruleset)
		    ? asprintf(&ruleset->generation_comment,
			  RULESET_GENERATION_COMMENT RULESET_MASK_COMMENT,
			  ruleset->options.generation, policy->hash, ruleset->mark_mask)
		    : asprintf(&ruleset->generation_comment, RULESET_GENERATION_COMMENT,
			  ruleset->options.generation, policy->hash)) < 0) {
		ruleset->generation_comment = NULL;
		return -ENOMEM;
	}
	const size_t count = reason_count(policy);

	ruleset->counters = calloc(count + policy->channel_count, sizeof(ruleset->counters[0]));
	if (ruleset->counters == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count + policy->channel_count; i++) {
		const struct channel *channel = i < count ? NULL : policy->channels[i - count];
		int r = channel == NULL ? asprintf(&ruleset->counters[i], "%s", reasons[i])
					: asprintf(&ruleset->counters[i], "%s/%s",
					      channel->conduit->name, channel->name);

		if (r < 0)
			return -ENOMEM;
		ruleset->counter_count++;
	}
	return 0;
}

static int
make_bridge(struct ruleset *ruleset, const struct policy *policy)
{
	ruleset->bridge = calloc(1, sizeof(*ruleset->bridge));
	if (ruleset->bridge == NULL)
		return -ENOMEM;
	return ruleset_bridge_make(ruleset->bridge, policy, ruleset);
}

int
ruleset_new(const struct policy *policy, const struct ruleset_options *options,
    struct ruleset **ret_ruleset)
{
	const struct channel *refused;
	struct ruleset *ruleset;
	int r;

	if (!ruleset_options_valid(options) || mark_bits(policy->mark_mask) < MARK_BITS_MIN ||
	    options->generation > mark_generations(policy->mark_mask) ||
	    (options->vouched && policy->mark_mask != MARK_MASK_ALL))
		return -EINVAL;
	if (policy->channel_count > mark_channels(policy->mark_mask))
		return -E2BIG;
	if (ruleset_refused(policy, &refused) != NULL)
		return -EOPNOTSUPP;
	ruleset = calloc(1, sizeof(*ruleset));
	if (ruleset == NULL)
		return -ENOMEM;
	ruleset->chains = &ruleset_inet_chains;
	ruleset->options = *options;
	ruleset->need = find_need(policy);
	ruleset->mark_mask = policy->mark_mask;
	r = make_names(ruleset, policy);
	if (r == 0)
		r = ruleset_chains_make(ruleset, policy);
	if (r == 0)
		r = ruleset_make_sets(ruleset, policy);
	if (r == 0 && policy_is_bridged(policy))
		r = make_bridge(ruleset, policy);
	if (r < 0) {
		ruleset_free(ruleset);
		return r;
	}
	*ret_ruleset = ruleset;
	return 0;
}

void
ruleset_free(struct ruleset *ruleset)
{
	if (ruleset == NULL)
		return;
	ruleset_free(ruleset->bridge);
	for (size_t i = 0; i < ruleset->set_count; i++)
		free(ruleset->sets[i].elements);
	for (size_t i = 0; i < ruleset->counter_count; i++)
		free(ruleset->counters[i]);
	free(ruleset->counters);
	ruleset_chains_free(ruleset->setters);
	free(ruleset->generation_comment);
	free(ruleset->title);
	free(ruleset);
}
