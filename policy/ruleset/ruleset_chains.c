/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset chains: see ruleset_chains.h.
 */
#include "ruleset_chains.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { SETTER_NAME_MAX = 256 };

/* Plain channels have the first alone: their packets are not queued, and servers do not come first.
 */
enum setter {
	SETTER_CONNECTION = 0,
	SETTER_CONNECTION_BACK,
	SETTER_PACKET,
	SETTER_PACKET_BACK,
	SETTER_COUNT
};

static const char *const prefixes[SETTER_COUNT] = {
    [SETTER_CONNECTION] = "mark",
    [SETTER_CONNECTION_BACK] = "mark-back",
    [SETTER_PACKET] = "packet-mark",
    [SETTER_PACKET_BACK] = "packet-mark-back",
};

struct setter_chain {
	struct ruleset_chain chain;
	struct ruleset_rule rule;
	char name[SETTER_NAME_MAX];
};

struct ruleset_setters {
	size_t *first; /* by index of channel: where its chains begin */
	struct setter_chain *chains;
	size_t count;
};

static void
add(struct ruleset *ruleset, const struct channel *channel, enum setter setter)
{
	struct ruleset_setters *setters = ruleset->setters;
	struct setter_chain *added = &setters->chains[setters->count++];
	bool packet = setter >= SETTER_PACKET;
	const struct mark mark = {.generation = ruleset->options.generation,
	    .channel_index = channel->index,
	    .back = setter == SETTER_CONNECTION_BACK || setter == SETTER_PACKET_BACK};

	snprintf(added->name, sizeof(added->name), "%s/%s/%s", prefixes[setter],
	    channel->conduit->name, channel->name);
	added->rule.ops[0] =
	    (struct ruleset_op){.kind = packet ? RULESET_OP_SET_PACKET_MARK : RULESET_OP_SET_MARK,
		.mark = mark_make(ruleset->mark_mask, &mark)};
	added->chain =
	    (struct ruleset_chain){.name = added->name, .rules = &added->rule, .rule_count = 1};
}

int
ruleset_chains_make(struct ruleset *ruleset, const struct policy *policy)
{
	struct ruleset_setters *setters;

	if (!ruleset_shares_marks(ruleset))
		return 0;
	setters = calloc(1, sizeof(*setters));
	if (setters == NULL)
		return -ENOMEM;
	ruleset->setters = setters;
	setters->first = calloc(policy->channel_count + 1, sizeof(setters->first[0]));
	setters->chains =
	    calloc(policy->channel_count * SETTER_COUNT + 1, sizeof(setters->chains[0]));
	if (setters->first == NULL || setters->chains == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];

		setters->first[i] = setters->count;
		for (enum setter setter = 0; setter < SETTER_COUNT; setter++)
			if (setter == SETTER_CONNECTION || channel->dissector != NULL)
				add(ruleset, channel, setter);
	}
	return 0;
}

void
ruleset_chains_free(struct ruleset_setters *setters)
{
	if (setters == NULL)
		return;
	free(setters->first);
	free(setters->chains);
	free(setters);
}

static const char *
name_of(const struct ruleset *ruleset, uint32_t channel_index, enum setter setter)
{
	const struct ruleset_setters *setters = ruleset->setters;

	return setters->chains[setters->first[channel_index] + setter].name;
}

const char *
ruleset_chains_connection(const struct ruleset *ruleset, uint32_t channel_index, bool back)
{
	return name_of(ruleset, channel_index, back ? SETTER_CONNECTION_BACK : SETTER_CONNECTION);
}

const char *
ruleset_chains_packet(const struct ruleset *ruleset, uint32_t channel_index, bool back)
{
	return name_of(ruleset, channel_index, back ? SETTER_PACKET_BACK : SETTER_PACKET);
}

static const struct ruleset_chain *
next_setter(const struct ruleset_setters *setters, const struct ruleset_chain *chain)
{
	size_t next = 0;

	if (setters == NULL)
		return NULL;
	if (chain != NULL) /* it is the first member of its struct */
		next = (size_t)((const struct setter_chain *)chain - setters->chains) + 1;
	return next < setters->count ? &setters->chains[next].chain : NULL;
}

static bool
has_chain(const struct ruleset *ruleset, const struct ruleset_chain *chain)
{
	return (chain->need & ~ruleset->need) == 0;
}

const struct ruleset_chain *
ruleset_chains_next(const struct ruleset *ruleset, const struct ruleset_chain *chain)
{
	const struct ruleset_chain *first = ruleset->chains->rows;
	const struct ruleset_chain *end = &first[ruleset->chains->count];

	if (chain != NULL && (chain < first || chain >= end))
		return next_setter(ruleset->setters, chain);
	for (chain = chain == NULL ? first : chain + 1; chain < end; chain++)
		if (has_chain(ruleset, chain))
			return chain;
	return next_setter(ruleset->setters, NULL);
}
