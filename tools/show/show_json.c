/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Show JSON: see show_json.h.
 *
 * Functions stand one by one, so that a program that reads them needs no catalogue of classes.
 */
#include <stdlib.h>

#include "output.h"
#include "show_json.h"
#include "words.h"

static json_t *
owned_string(char *text)
{
	json_t *string = output_string(text);

	free(text);
	return string;
}

static json_t *
network_json(const struct network *network)
{
	char buf[64];

	address_print(network->family, &network->address, buf, sizeof(buf));
	return json_sprintf("%s/%u", buf, network->prefix);
}

static json_t *
networks_json(const struct network *networks, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, network_json(&networks[i]));
	return array;
}

static json_t *
zone_json(const struct zone *zone)
{
	json_t *interfaces = json_array();
	json_t *assets = json_object();

	for (size_t i = 0; i < zone->interface_count; i++)
		json_array_append_new(interfaces, json_string(zone->interfaces[i]));
	for (size_t i = 0; i < zone->asset_count; i++)
		json_object_set_new(
		    assets, zone->assets[i].name, network_json(&zone->assets[i].address));
	return json_pack("{s:s, s:s, s:i, s:s*, s:o, s:o, s:o}", "name", zone->name, "class",
	    zone_class_word(zone->class), "sl_t", (int)zone->sl_t, "bridge", zone->bridge,
	    "interfaces", interfaces, "networks",
	    networks_json(zone->networks, zone->network_count), "assets", assets);
}

static json_t *
functions_json(const struct channel *channel, const struct rule *rule)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < channel->dissector->function_count; i++)
		if (rule->functions[i / 64] >> (i % 64) & 1)
			json_array_append_new(
			    array, json_string(channel->dissector->functions[i].name));
	return array;
}

static json_t *
units_json(const struct channel *channel, const struct rule *rule)
{
	json_t *array = json_array();
	char buf[128];

	for (size_t i = 0; i < rule->unit_count; i++) {
		dissector_print_units(channel->dissector, &rule->units[i], buf, sizeof(buf));
		json_array_append_new(array, json_string(buf));
	}
	return array;
}

static json_t *
points_json(const struct channel *channel, const struct rule *rule)
{
	json_t *array = json_array();
	char buf[128];

	for (size_t i = 0; i < rule->point_count; i++) {
		dissector_print_points(channel->dissector, &rule->points[i], buf, sizeof(buf));
		json_array_append_new(array, json_string(buf));
	}
	return array;
}

static json_t *
values_json(const struct rule *rule)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rule->value_count; i++)
		json_array_append_new(
		    array, json_pack("[f, f]", rule->values[i].first, rule->values[i].last));
	return array;
}

static json_t *
limits_json(const struct channel *channel, const struct rule *rule)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rule->limit_count; i++)
		json_array_append_new(array,
		    json_pack("[s, f, f]", channel->dissector->parts[rule->limits[i].part].name,
			rule->limits[i].range.first, rule->limits[i].range.last));
	return array;
}

static json_t *
rule_json(const struct channel *channel, const struct rule *rule)
{
	json_t *object = json_pack("{s:i, s:o, s:b, s:o}", "rule", (int)rule->index + 1, "words",
	    owned_string(words_rule(channel, rule)), "unknown_functions", rule->opaque, "functions",
	    functions_json(channel, rule));

	if (rule->unit_count)
		json_object_set_new(object, "units", units_json(channel, rule));
	if (rule->point_count)
		json_object_set_new(object, "points", points_json(channel, rule));
	if (rule->value_count)
		json_object_set_new(object, "values", values_json(rule));
	if (rule->type)
		json_object_set_new(object, "type", json_string(rule->type->name));
	if (rule->limit_count)
		json_object_set_new(object, "limits", limits_json(channel, rule));
	if (rule->rate.count)
		json_object_set_new(object, "rate",
		    json_pack("{s:I, s:I}", "count", (json_int_t)rule->rate.count, "period_ms",
			(json_int_t)rule->rate.period_ms));
	return object;
}

static json_t *
endpoints_json(const struct endpoint *endpoints, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array,
		    json_pack("{s:s, s:o}", "name", endpoints[i].text, "networks",
			networks_json(endpoints[i].networks, endpoints[i].network_count)));
	return array;
}

/* NULL for what has no ports. */
static const char *
transport_word(uint8_t transport)
{
	if (transport == PROTOCOL_TCP)
		return "tcp";
	return transport == PROTOCOL_UDP ? "udp" : NULL;
}

/* All that the protocol lets a channel set, set or not. */
static json_t *
settings_json(const struct channel *channel)
{
	json_t *object = json_object();

	for (size_t i = 0; channel->dissector && i < channel->dissector->setting_count; i++)
		json_object_set_new(object, channel->dissector->settings[i].name,
		    json_integer(channel->settings[i]));
	return object;
}

static json_t *
channel_json(const struct channel *channel)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < channel->rule_count; i++)
		json_array_append_new(rules, rule_json(channel, &channel->rules[i]));
	return json_pack(
	    "{s:s, s:o, s:o, s:s, s:s?, s:b, s:i, s:i, s:s, s:s, s:s, s:i, s:i, s:o, s:o}", "name",
	    channel->name, "clients", endpoints_json(channel->clients, channel->client_count),
	    "servers", endpoints_json(channel->servers, channel->server_count), "protocol",
	    channel->protocol, "transport", transport_word(channel->transport), "inspected",
	    channel->dissector != NULL, "port_first", (int)channel->port_first, "port_last",
	    (int)channel->port_last, "pickup", pickup_word(channel->pickup), "log",
	    channel_log_word(channel->log), "answers", answers_word(channel->answers),
	    "outstanding", (int)channel->outstanding, "pause", (int)channel->pause_s, "settings",
	    settings_json(channel), "rules", rules);
}

static json_t *
conduit_json(const struct conduit *conduit)
{
	json_t *channels = json_array();

	for (size_t i = 0; i < conduit->channel_count; i++)
		json_array_append_new(channels, channel_json(&conduit->channels[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "name", conduit->name, "from",
	    conduit->from->name, "to", conduit->to->name, "mode", conduit_mode_word(conduit->mode),
	    "on_deny", on_deny_word(conduit->on_deny), "when_down",
	    when_down_word(conduit->when_down), "rationale", output_string(conduit->rationale),
	    "channels", channels);
}

json_t *
show_json_policy(const struct policy *policy)
{
	json_t *zones = json_array();
	json_t *conduits = json_array();

	for (size_t i = 0; i < policy->zone_count; i++)
		json_array_append_new(zones, zone_json(&policy->zones[i]));
	for (size_t i = 0; i < policy->conduit_count; i++)
		json_array_append_new(conduits, conduit_json(&policy->conduits[i]));
	return json_pack("{s:s, s:s, s:{s:o, s:o, s:o, s:i}, s:o, s:o}", "file", policy->file,
	    "policy", policy->hash, "site", "name", output_string(policy->site.name), "owner",
	    output_string(policy->site.owner), "approved", output_string(policy->site.approved),
	    "review_days", (int)policy->site.review_days, "zones", zones, "conduits", conduits);
}
