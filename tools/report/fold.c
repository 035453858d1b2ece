/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fold: see fold.h. */
#include "fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

enum { LEVELS = 5, GROUPS_MAX = ZONE_CLASS_COUNT * LEVELS };

static size_t
group_of(const struct zone *zone)
{
	return (size_t)zone->class * LEVELS + (zone->sl_t < LEVELS ? zone->sl_t : LEVELS - 1);
}

/* The groups that there are, as zones; *places: where each is among them. */
static int
make_zones(const struct policy *policy, struct policy *folded, size_t *places)
{
	size_t counts[GROUPS_MAX] = {0};

	for (size_t i = 0; i < policy->zone_count; i++)
		counts[group_of(&policy->zones[i])]++;
	folded->zones = calloc(GROUPS_MAX, sizeof(*folded->zones));
	for (size_t g = 0; folded->zones && g < GROUPS_MAX; g++) {
		struct zone *zone = &folded->zones[folded->zone_count];

		if (counts[g] == 0)
			continue;
		places[g] = folded->zone_count++;
		zone->class = (enum zone_class)(g / LEVELS);
		zone->sl_t = (unsigned)(g % LEVELS);
		zone->name = words_format("%s", words_count(counts[g], "zone"));
		if (!zone->name)
			return -ENOMEM;
	}
	for (size_t i = 0; folded->zones && i < policy->zone_count; i++)
		folded->zones[places[group_of(&policy->zones[i])]].asset_count +=
		    policy->zones[i].asset_count;
	return folded->zones ? 0 : -ENOMEM;
}

/* The conduit between two groups, whichever way; made if there is none yet. */
static struct conduit *
want_conduit(struct policy *folded, const struct zone *a, const struct zone *b)
{
	const struct zone *from = a < b ? a : b, *to = a < b ? b : a;
	struct conduit *conduit;

	for (size_t i = 0; i < folded->conduit_count; i++) {
		conduit = &folded->conduits[i];
		if (conduit->from == from && conduit->to == to)
			return conduit;
	}
	conduit = &folded->conduits[folded->conduit_count++];
	*conduit = (struct conduit){.from = from, .to = to};
	return conduit;
}

/* Its channels, as far as a drawing looks at them. */
static int
add_channels(struct conduit *into, const struct conduit *conduit, const struct policy *folded,
    const size_t *places)
{
	struct channel *channels = reallocarray(
	    into->channels, into->channel_count + conduit->channel_count + 1, sizeof(*channels));

	if (!channels)
		return -ENOMEM;
	into->channels = channels;
	for (size_t i = 0; i < conduit->channel_count; i++)
		channels[into->channel_count++] = (struct channel){
		    .dissector = conduit->channels[i].dissector,
		    .client_zone =
			&folded->zones[places[group_of(conduit->channels[i].client_zone)]],
		};
	return 0;
}

static int
make_conduits(const struct policy *policy, struct policy *folded, const size_t *places)
{
	size_t *counts = calloc(policy->conduit_count + 1, sizeof(*counts));
	int r = 0;

	folded->conduits = calloc(policy->conduit_count + 1, sizeof(*folded->conduits));
	if (!counts || !folded->conduits)
		r = -ENOMEM;
	for (size_t i = 0; i < policy->conduit_count && r == 0; i++) {
		const struct conduit *conduit = &policy->conduits[i];
		struct conduit *into =
		    want_conduit(folded, &folded->zones[places[group_of(conduit->from)]],
			&folded->zones[places[group_of(conduit->to)]]);

		if (conduit->mode == MODE_MONITOR)
			into->mode = MODE_MONITOR;
		counts[into - folded->conduits]++;
		r = add_channels(into, conduit, folded, places);
	}
	for (size_t i = 0; i < folded->conduit_count && r == 0; i++) {
		folded->conduits[i].name = words_format("%s", words_count(counts[i], "conduit"));
		r = folded->conduits[i].name ? 0 : -ENOMEM;
	}
	free(counts);
	return r;
}

int
fold_policy(const struct policy *policy, struct policy **ret_policy)
{
	struct policy *folded = calloc(1, sizeof(*folded));
	size_t places[GROUPS_MAX] = {0};
	int r = folded ? make_zones(policy, folded, places) : -ENOMEM;

	if (r == 0)
		r = make_conduits(policy, folded, places);
	if (r < 0) {
		fold_free(folded);
		return r;
	}
	folded->site = policy->site;
	*ret_policy = folded;
	return 0;
}

void
fold_free(struct policy *policy)
{
	for (size_t i = 0; policy && i < policy->zone_count; i++)
		free(policy->zones[i].name);
	for (size_t i = 0; policy && i < policy->conduit_count; i++) {
		free(policy->conduits[i].name);
		free(policy->conduits[i].channels);
	}
	if (policy) {
		free(policy->zones);
		free(policy->conduits);
	}
	free(policy);
}
