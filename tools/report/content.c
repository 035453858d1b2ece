/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content: see content.h. */
#include "content.h"

#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "network.h"
#include "output.h"
#include "requirements.h"
#include "review.h"
#include "words.h"

/* What ZCR 6 wants of each zone and no policy says. */
static const char *const zone_missing[] = {"physical boundary", "physical access points",
    "criticality of the assets", "assumptions and dependencies on others"};

/* Text that is given away. */
static json_t *
taken(char *text)
{
	json_t *string = json_string(text ? text : "");

	free(text);
	return string;
}

static json_t *
networks_json(const struct zone *zone)
{
	json_t *list = json_array();
	char text[NETWORK_TEXT_MAX];

	for (size_t i = 0; i < zone->network_count; i++)
		json_array_append_new(
		    list, json_string(network_print(&zone->networks[i], text, sizeof(text))));
	return list;
}

static json_t *
assets_json(const struct zone *zone)
{
	json_t *list = json_array();
	char text[NETWORK_TEXT_MAX];

	for (size_t i = 0; i < zone->asset_count; i++)
		json_array_append_new(list,
		    json_pack("{s:s, s:s}", "name", zone->assets[i].name, "address",
			network_print(&zone->assets[i].address, text, sizeof(text))));
	return list;
}

static json_t *
interfaces_json(const struct zone *zone)
{
	json_t *list = json_array();

	for (size_t i = 0; i < zone->interface_count; i++)
		json_array_append_new(list, json_string(zone->interfaces[i]));
	return list;
}

/* Logical access points: conduits, and the zones on their other sides. */
static json_t *
access_json(const struct policy *policy, const struct zone *zone)
{
	json_t *list = json_array();

	for (size_t i = 0; i < policy->conduit_count; i++) {
		const struct conduit *conduit = &policy->conduits[i];

		if (conduit->from != zone && conduit->to != zone)
			continue;
		json_array_append_new(list,
		    json_pack("{s:s, s:s}", "conduit", conduit->name, "zone",
			conduit->from == zone ? conduit->to->name : conduit->from->name));
	}
	return list;
}

static json_t *
zone_json(const struct policy *policy, const struct zone *zone)
{
	json_t *missing = json_array();

	if (!policy->site.owner)
		json_array_append_new(missing, json_string("accountable organisation"));
	if (zone->asset_count == 0)
		json_array_append_new(missing, json_string("assets"));
	if (zone->sl_t == 0)
		json_array_append_new(missing, json_string("security level target"));
	for (size_t i = 0; i < sizeof(zone_missing) / sizeof(zone_missing[0]); i++)
		json_array_append_new(missing, json_string(zone_missing[i]));
	return json_pack("{s:s, s:s, s:I, s:b, s:o, s:o, s:o, s:o, s:o}", "name", zone->name,
	    "class", zone_class_word(zone->class), "sl_t", (json_int_t)zone->sl_t, "safety",
	    zone->class == ZONE_SAFETY, "networks", networks_json(zone), "interfaces",
	    interfaces_json(zone), "assets", assets_json(zone), "access", access_json(policy, zone),
	    "missing", missing);
}

static json_t *
rules_json(const struct channel *channel)
{
	json_t *list = json_array();

	for (size_t i = 0; i < channel->rule_count; i++)
		json_array_append_new(list, taken(words_rule(channel, &channel->rules[i])));
	return list;
}

static json_t *
channel_json(const struct channel *channel)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(channel->name));
	json_object_set_new(
	    object, "clients", taken(words_endpoints(channel->clients, channel->client_count)));
	json_object_set_new(
	    object, "servers", taken(words_endpoints(channel->servers, channel->server_count)));
	json_object_set_new(object, "protocol", taken(words_protocol(channel)));
	json_object_set_new(object, "inspected", json_boolean(channel->dissector));
	json_object_set_new(object, "pickup", json_string(pickup_word(channel->pickup)));
	json_object_set_new(object, "log", json_string(channel_log_word(channel->log)));
	json_object_set_new(object, "rules", rules_json(channel));
	return object;
}

static json_t *
conduit_json(const struct conduit *conduit, size_t number)
{
	json_t *channels = json_array(), *missing = json_array();

	for (size_t i = 0; i < conduit->channel_count; i++)
		json_array_append_new(channels, channel_json(&conduit->channels[i]));
	if (!conduit->rationale)
		json_array_append_new(missing, json_string("rationale"));
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:o, s:o}",
	    "number", (json_int_t)number, "name", conduit->name, "from", conduit->from->name, "to",
	    conduit->to->name, "mode", conduit_mode_word(conduit->mode), "on_deny",
	    on_deny_word(conduit->on_deny), "on_deny_text", words_on_deny(conduit), "when_down",
	    when_down_word(conduit->when_down), "when_down_text", words_when_down(conduit),
	    "inspection", draw_inspection(conduit), "rationale", conduit->rationale, "channels",
	    channels, "missing", missing);
}

static json_t *
site_json(const struct policy *policy)
{
	const struct site *site = &policy->site;

	return json_pack("{s:s?, s:s?, s:s?, s:o, s:s?, s:s, s:s}", "name", site->name, "owner",
	    site->owner, "approved", site->approved, "review_days",
	    site->review_days ? json_integer((json_int_t)site->review_days) : json_null(),
	    "gateway", policy->gateway, "file", policy->file, "policy", policy->hash);
}

static json_t *
summary_json(const struct policy *policy, const struct diagnostics *diagnostics, const char *today)
{
	static const enum finding_level levels[] = {FINDING_HIGH, FINDING_MEDIUM, FINDING_LOW};
	size_t counts[3] = {0}, accepted = 0;
	json_t *object;

	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *d = &diagnostics->items[i];

		if (!d->id)
			continue;
		if (review_is_accepted(d, today))
			accepted++;
		else
			counts[finding_kinds[d->finding].level]++;
	}
	object = json_pack("{s:I, s:I, s:I, s:I}", "zones", (json_int_t)policy->zone_count,
	    "conduits", (json_int_t)policy->conduit_count, "channels",
	    (json_int_t)policy->channel_count, "accepted", (json_int_t)accepted);
	for (size_t i = 0; i < 3; i++)
		json_object_set_new(object, finding_level_word(levels[i]),
		    json_integer((json_int_t)counts[levels[i]]));
	return object;
}

json_t *
content_make(const struct policy *policy, const struct diagnostics *diagnostics, const char *today)
{
	json_t *zones = json_array(), *conduits = json_array();

	for (size_t i = 0; i < policy->zone_count; i++)
		json_array_append_new(zones, zone_json(policy, &policy->zones[i]));
	for (size_t i = 0; i < policy->conduit_count; i++)
		json_array_append_new(conduits, conduit_json(&policy->conduits[i], i + 1));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "day", today, "site",
	    site_json(policy), "summary", summary_json(policy, diagnostics, today), "zones", zones,
	    "conduits", conduits, "findings", output_diagnostics_json(diagnostics, today),
	    "requirements", requirements_json(policy));
}
