/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resolve: see resolve.h. */
#include <string.h>

#include "names.h"
#include "network.h"
#include "request.h"
#include "resolve.h"
#include "state.h"

struct search {
	const char *zone; /* in front of the dot; NULL: any */
	size_t zone_length;
	const char *name;
	struct nearest nearest;
	json_t *networks;
};

static void
add(struct search *search, const struct network *network)
{
	char text[NETWORK_TEXT_MAX];

	json_array_append_new(
	    search->networks, json_string(network_print(network, text, sizeof(text))));
}

static void
search_zone(struct search *search, const struct zone *zone)
{
	if (!search->zone && strcmp(zone->name, search->name) == 0)
		for (size_t i = 0; i < zone->network_count; i++)
			add(search, &zone->networks[i]);
	if (search->zone &&
	    (strlen(zone->name) != search->zone_length ||
		strncmp(zone->name, search->zone, search->zone_length) != 0))
		return;
	nearest_offer(&search->nearest, zone->name);
	for (size_t i = 0; i < zone->asset_count; i++) {
		nearest_offer(&search->nearest, zone->assets[i].name);
		if (strcmp(zone->assets[i].name, search->name) == 0)
			add(search, &zone->assets[i].address);
	}
}

json_t *
resolve_answer(void *context, const json_t *request, const char **ret_error)
{
	const struct supervisor *supervisor = context;
	const struct policy *policy = supervisor->loaded->policy;
	const char *whole = request_text(request, "name"), *dot = strchr(whole, '.');
	struct search search = {
	    .zone = dot ? whole : NULL,
	    .zone_length = dot ? (size_t)(dot - whole) : 0,
	    .name = dot ? dot + 1 : whole,
	    .networks = json_array(),
	};

	nearest_init(&search.nearest, search.name);
	for (size_t i = 0; i < policy->zone_count; i++)
		search_zone(&search, &policy->zones[i]);
	if (json_array_size(search.networks) > 0)
		return json_pack("{s:o}", "networks", search.networks);
	json_decref(search.networks);
	if (nearest_take(&search.nearest))
		return request_refused("no zone or asset is named \"%.*s\"; did you mean \"%s\"?",
		    NAME_MAX_LENGTH, whole, nearest_take(&search.nearest));
	return request_refused(
	    "no zone or asset of the policy is named \"%.*s\"", NAME_MAX_LENGTH, whole);
}
