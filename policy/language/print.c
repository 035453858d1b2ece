/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Print: a policy as canonical text.
 *
 * One form for everything: keys in a fixed order, defaults left out (but for mode, on_deny and
 * when_down, which a reader should see), ranges joined.  What is printed loads to the same policy.
 */
#include "print.h"

#include <limits.h>
#include <stdlib.h>

#include "network.h"
#include "mark.h"
#include "numbers.h"
#include "text.h"

static void
print_key(struct text *out, const char *indent, const char *key, const char *value)
{
	if (!value)
		return;
	text_add(out, "%s%s = ", indent, key);
	text_add_quoted(out, value);
	text_add(out, ";\n");
}

static void
print_site(struct text *out, const struct site *site)
{
	if (!site->name && !site->owner && !site->approved && !site->review_days)
		return;
	text_add(out, "site: {\n");
	print_key(out, "\t", "name", site->name);
	print_key(out, "\t", "owner", site->owner);
	print_key(out, "\t", "approved", site->approved);
	if (site->review_days)
		text_add(out, "\treview_days = %u;\n", site->review_days);
	text_add(out, "};\n\n");
}

static void
print_accepted(struct text *out, const struct policy *policy)
{
	for (size_t i = 0; i < policy->accepted_count; i++) {
		const struct accepted *accepted = &policy->accepted[i];

		text_add(out, "%s\t{ finding = ", i == 0 ? "accepted: (\n" : ",\n");
		text_add_quoted(out, accepted->finding);
		text_add(out, "; reason = ");
		text_add_quoted(out, accepted->reason);
		text_add(out, "; until = ");
		text_add_quoted(out, accepted->until);
		text_add(out, "; }");
	}
	if (policy->accepted_count > 0)
		text_add(out, "\n);\n\n");
}

static void
print_limits(struct text *out, const struct limits *limits)
{
	bool states = limits->states != limits_states(limits->flows);

	if (limits->flows == LIMITS_FLOWS && limits->held_bytes == LIMITS_HELD_BYTES && !states)
		return;
	text_add(out, "limits: {\n");
	if (limits->flows != LIMITS_FLOWS)
		text_add(out, "\tflows = %u;\n", limits->flows);
	if (limits->held_bytes != LIMITS_HELD_BYTES)
		text_add(out, "\theld_bytes = %u;\n", limits->held_bytes);
	if (states)
		text_add(out, "\tstates = %u;\n", limits->states);
	text_add(out, "};\n\n");
}

static void
print_zone(struct text *out, const struct zone *zone)
{
	char text[NETWORK_TEXT_MAX];
	size_t i;

	text_add(out, "\t%s: {\n", zone->name);
	print_key(out, "\t\t", "class", zone_class_word(zone->class));
	if (zone->sl_t)
		text_add(out, "\t\tsl_t = %u;\n", zone->sl_t);
	if (zone->bridge)
		print_key(out, "\t\t", "bridge", zone->bridge);
	for (i = 0; zone->behind_count == 0 && i < zone->interface_count; i++) {
		text_add(out, i ? ", " : "\t\tinterfaces = [");
		text_add_quoted(out, zone->interfaces[i]);
	}
	for (i = 0; i < zone->behind_count; i++)
		text_add(out, "%s\"%s\"", i ? ", " : "\t\tbehind = [", zone->behind[i]->name);
	text_add(out, "%s", zone->interface_count ? "];\n" : "");
	for (i = 0; i < zone->network_count; i++)
		text_add(out, "%s\"%s\"", i ? ", " : "\t\tnetworks = [",
		    network_print(&zone->networks[i], text, sizeof(text)));
	text_add(out, "];\n");
	for (i = 0; i < zone->asset_count; i++)
		text_add(out, "%s\t\t\t%s = \"%s\";\n", i ? "" : "\t\tassets: {\n",
		    zone->assets[i].name,
		    network_print(&zone->assets[i].address, text, sizeof(text)));
	text_add(out, "%s\t};\n", zone->asset_count ? "\t\t};\n" : "");
}

static void
print_functions(struct text *out, const struct rule *rule, const struct dissector *d)
{
	const char *start = " functions = [";
	uint32_t i;

	for (i = 0; i < d->function_count; i++) {
		if (!(rule->named_functions[i / 64] >> (i % 64) & 1))
			continue;
		text_add(out, "%s\"%s\"", start, d->functions[i].name);
		start = ", ";
	}
	text_add(out, "%s", start[0] == ',' ? "];" : "");
}

static void
print_access(struct text *out, const struct rule *rule)
{
	const char *start = " access = [";
	unsigned i;

	for (i = 0; i <= ACCESS_COUNT; i++) {
		if (!(rule->access_words >> i & 1))
			continue;
		text_add(out, "%s\"%s\"", start,
		    i == ACCESS_COUNT ? "any" : access_word((enum access)i));
		start = ", ";
	}
	text_add(out, "%s", start[0] == ',' ? "];" : "");
}

static void
print_values(struct text *out, const struct rule *rule, const struct dissector *d)
{
	const char *start = " values = [";
	char text[128];
	size_t i;

	for (i = 0; i < rule->value_count; i++) {
		numbers_print_values(&rule->values[i], text, sizeof(text));
		text_add(out, "%s\"%s\"", start, text);
		start = ", ";
	}
	for (i = 0; i < rule->limit_count; i++) {
		numbers_print_values(&rule->limits[i].range, text, sizeof(text));
		text_add(out, "%s\"%s:%s\"", start, d->parts[rule->limits[i].part].name, text);
		start = ", ";
	}
	text_add(out, "%s", start[0] == ',' ? "];" : "");
}

static void
print_rule(struct text *out, const char *indent, const struct rule *rule, const struct dissector *d)
{
	char text[128];
	size_t i;

	text_add(out, "%s{", indent);
	print_functions(out, rule, d);
	print_access(out, rule);
	for (i = 0; i < rule->unit_count; i++) {
		dissector_print_units(d, &rule->units[i], text, sizeof(text));
		text_add(out, "%s\"%s\"%s", i ? ", " : " units = [", text,
		    i + 1 == rule->unit_count ? "];" : "");
	}
	for (i = 0; i < rule->point_count; i++) {
		dissector_print_points(d, &rule->points[i], text, sizeof(text));
		text_add(out, "%s\"%s\"%s", i ? ", " : " points = [", text,
		    i + 1 == rule->point_count ? "];" : "");
	}
	if (rule->type)
		text_add(out, " type = \"%s\";", rule->type->name);
	print_values(out, rule, d);
	if (rule->rate.count) {
		numbers_print_rate(&rule->rate, text, sizeof(text));
		text_add(out, " rate = \"%s\";", text);
	}
	text_add(out, " }");
}

static void
print_endpoints(struct text *out, const char *key, const struct endpoint *endpoints, size_t count)
{
	size_t i;

	text_add(out, "\t\t\t\t%s = [", key);
	for (i = 0; i < count; i++) {
		text_add(out, "%s", i ? ", " : "");
		text_add_quoted(out, endpoints[i].text);
	}
	text_add(out, "];\n");
}

static void
print_channel(struct text *out, const struct channel *channel)
{
	size_t i;

	text_add(out, "\t\t\t{\n");
	print_key(out, "\t\t\t\t", "name", channel->name);
	print_endpoints(out, "clients", channel->clients, channel->client_count);
	print_endpoints(out, "servers", channel->servers, channel->server_count);
	print_key(out, "\t\t\t\t", "protocol", channel->protocol);
	if (channel->dissector && channel->transport == PROTOCOL_UDP && channel->dissector->tcp)
		print_key(out, "\t\t\t\t", "transport", "udp");
	if (channel->port_written && channel->port_first == channel->port_last)
		text_add(out, "\t\t\t\tport = %u;\n", channel->port_first);
	else if (channel->port_written)
		text_add(
		    out, "\t\t\t\tport = \"%u-%u\";\n", channel->port_first, channel->port_last);
	if (channel->pickup != PICKUP_RESET)
		print_key(out, "\t\t\t\t", "pickup", pickup_word(channel->pickup));
	if (channel->log != LOG_DENIALS)
		print_key(out, "\t\t\t\t", "log", channel_log_word(channel->log));
	if (channel->answers != ANSWERS_EXACT)
		print_key(out, "\t\t\t\t", "answers", answers_word(channel->answers));
	if (channel->outstanding != OUTSTANDING_MAX)
		text_add(out, "\t\t\t\toutstanding = %u;\n", channel->outstanding);
	if (channel->pause_s != PAUSE_NORMAL_S)
		text_add(out, "\t\t\t\tpause = %u;\n", channel->pause_s);
	for (i = 0; channel->dissector && i < channel->dissector->setting_count; i++)
		if (channel->settings[i] != channel->dissector->settings[i].normal)
			text_add(out, "\t\t\t\t%s = %u%s;\n", channel->dissector->settings[i].name,
			    channel->settings[i], channel->settings[i] > INT_MAX ? "L" : "");
	for (i = 0; i < channel->rule_count; i++) {
		text_add(out, "%s", i ? ",\n" : "\t\t\t\trules: (\n");
		print_rule(out, "\t\t\t\t\t", &channel->rules[i], channel->dissector);
	}
	text_add(out, "%s\t\t\t}", channel->rule_count ? "\n\t\t\t\t);\n" : "");
}

static void
print_conduit(struct text *out, const struct conduit *conduit)
{
	size_t i;

	text_add(out, "\t%s: {\n", conduit->name);
	print_key(out, "\t\t", "from", conduit->from->name);
	print_key(out, "\t\t", "to", conduit->to->name);
	print_key(out, "\t\t", "mode", conduit_mode_word(conduit->mode));
	print_key(out, "\t\t", "on_deny", on_deny_word(conduit->on_deny));
	print_key(out, "\t\t", "when_down", when_down_word(conduit->when_down));
	print_key(out, "\t\t", "rationale", conduit->rationale);
	text_add(out, "\t\tchannels: (\n");
	for (i = 0; i < conduit->channel_count; i++) {
		text_add(out, "%s", i ? ",\n" : "");
		print_channel(out, &conduit->channels[i]);
	}
	text_add(out, "\n\t\t);\n\t};\n");
}

char *
policy_print(const struct policy *policy)
{
	struct text out = {.data = NULL};
	size_t i;

	print_site(&out, &policy->site);
	print_limits(&out, &policy->limits);
	if (policy->mark_mask != MARK_MASK_ALL)
		text_add(&out, "mark_mask = \"0x%08x\";\n\n", policy->mark_mask);
	if (policy->audit_full != AUDIT_FULL_CONTINUE)
		text_add(&out, "audit_full = \"%s\";\n\n", audit_full_word(policy->audit_full));
	if (policy->fast_path != FAST_PATH_OFF)
		text_add(&out, "fast_path = \"%s\";\n\n", fast_path_word(policy->fast_path));
	print_accepted(&out, policy);
	text_add(&out, "zones: {\n");
	for (i = 0; i < policy->zone_count; i++)
		print_zone(&out, &policy->zones[i]);
	text_add(&out, "};\n\nconduits: {\n");
	for (i = 0; i < policy->conduit_count; i++)
		print_conduit(&out, &policy->conduits[i]);
	text_add(&out, "};\n");
	return text_take(&out);
}

char *
policy_print_zone(const struct zone *zone)
{
	struct text out = {.data = NULL};

	print_zone(&out, zone);
	return text_take(&out);
}

char *
policy_print_channel(const struct channel *channel)
{
	struct text out = {.data = NULL};

	print_channel(&out, channel);
	return text_take(&out);
}

char *
policy_print_rule(const struct channel *channel, const struct rule *rule)
{
	struct text out = {.data = NULL};

	print_rule(&out, "", rule, channel->dissector);
	return text_take(&out);
}
