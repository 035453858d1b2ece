/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check: what a policy may say, but its reviewer should see.
 *
 * Whatever policy is loaded is told of these; check_review.c looks further.
 */
#include <string.h>

#include "loader.h"

/* Ports of control protocols that a plain channel would carry unseen. */
struct control_port {
	uint16_t port;
	const char *title;
};

static const struct control_port control_ports[] = {
    {102, "S7 communication"},
    {502, "Modbus/TCP"},
    {20000, "DNP3"},
};

/* A zone of this class, joined directly to one that runs the process. */
struct separation {
	enum zone_class class;
	bool safety_only; /* to safety zones only */
	enum finding finding;
	const char *text;
};

static const struct separation separations[] = {
    {ZONE_ENTERPRISE, false, FINDING_JOINS_ENTERPRISE, "business systems directly to"},
    {ZONE_EXTERNAL, false, FINDING_JOINS_EXTERNAL, "external networks directly to"},
    {ZONE_TEMPORARY, true, FINDING_JOINS_TEMPORARY, "temporarily connected devices directly to"},
    {ZONE_WIRELESS, true, FINDING_JOINS_WIRELESS, "wireless devices directly to"},
    {ZONE_CONTROL, true, FINDING_JOINS_SAFETY, "other control equipment to"},
};

static bool
empty(const char *text)
{
	return !text || !text[0];
}

static void
check_site(struct loader *l)
{
	const struct site *site = &l->policy->site;
	struct location where = site->where;

	l->at = (struct place){0};
	if (!where.file)
		where = (struct location){.file = l->policy->file};
	if (empty(site->name))
		load_warning(
		    l, where, FINDING_SITE_NAME, "site has no \"name\": what is this a policy of?");
	if (empty(site->owner))
		load_warning(l, where, FINDING_SITE_OWNER,
		    "site has no \"owner\": who is accountable for it?");
	if (!site->approved)
		load_warning(l, where, FINDING_SITE_APPROVED,
		    "site has no \"approved\" date: has its owner agreed to it?");
}

static void
check_zone(struct loader *l, const struct zone *zone)
{
	l->at = (struct place){.zone = zone};
	if (zone->sl_t == 0)
		load_warning(l, zone->where, FINDING_ZONE_TARGET,
		    "zone \"%s\" has no security level target (sl_t)", zone->name);
}

static void
check_separation(
    struct loader *l, const struct conduit *conduit, const struct zone *a, const struct zone *b)
{
	size_t i;

	if (b->class != ZONE_CONTROL && b->class != ZONE_SAFETY)
		return;
	for (i = 0; i < sizeof(separations) / sizeof(separations[0]); i++) {
		const struct separation *s = &separations[i];

		if (s->class == a->class && (!s->safety_only || b->class == ZONE_SAFETY))
			load_warning(l, conduit->where, s->finding,
			    "conduit \"%s\" joins %s the %s zone \"%s\"", conduit->name, s->text,
			    zone_class_word(b->class), b->name);
	}
}

/* Who is not told repeats what was dropped, and nothing else can be sent on the connection. */
static void
check_drop(struct loader *l, const struct conduit *conduit)
{
	bool stream = false;

	for (size_t i = 0; i < conduit->channel_count; i++)
		stream = stream ||
		    (conduit->channels[i].dissector &&
			conduit->channels[i].transport == PROTOCOL_TCP);
	if (stream && conduit->mode == MODE_ENFORCE && conduit->on_deny == ON_DENY_DROP)
		load_warning(l, conduit->where, FINDING_DROP_STALLS,
		    "on_deny = \"drop\" in conduit \"%s\" leaves a TCP connection standing still "
		    "for "
		    "seconds after a message was denied, and with it everybody who shares it; "
		    "\"reset\" tells both ends at once",
		    conduit->name);
}

/* A connection that ends where the operator expects a refusal. */
static void
check_refuse(struct loader *l, const struct conduit *conduit)
{
	if (conduit->mode != MODE_ENFORCE || conduit->on_deny != ON_DENY_REFUSE)
		return;
	for (size_t i = 0; i < conduit->channel_count; i++) {
		const struct channel *channel = &conduit->channels[i];

		l->at = (struct place){.channel = channel};
		if (channel->dissector && !channel->dissector->refuse)
			load_warning(l, channel->where, FINDING_REFUSE_RESETS,
			    "on_deny = \"refuse\" means nothing to channel \"%s\": messages of %s "
			    "can't be refused in their own protocol, so their connection ends at "
			    "both ends, as with \"reset\"",
			    channel->name, channel->dissector->title);
	}
}

static void
check_conduit(struct loader *l, const struct conduit *conduit)
{
	l->at = (struct place){.conduit = conduit};
	if (empty(conduit->rationale))
		load_warning(l, conduit->where, FINDING_NO_RATIONALE,
		    "conduit \"%s\" has no \"rationale\": what is it for?", conduit->name);
	if (conduit->mode == MODE_MONITOR)
		load_warning(l, conduit->where, FINDING_MONITORS,
		    "conduit \"%s\" only monitors: messages that its rules do "
		    "not allow pass",
		    conduit->name);
	if (conduit->when_down == WHEN_DOWN_OPEN)
		load_warning(l, conduit->where, FINDING_OPEN_WHEN_DOWN,
		    "conduit \"%s\" is open when the inspector is down: messages "
		    "then pass unjudged",
		    conduit->name);
	check_separation(l, conduit, conduit->from, conduit->to);
	check_separation(l, conduit, conduit->to, conduit->from);
	check_drop(l, conduit);
	check_refuse(l, conduit);
}

/* Does a rule of the channel let anything be changed? */
static bool
changes(const struct channel *channel)
{
	static const enum access changing[] = {
	    ACCESS_WRITE, ACCESS_CONTROL, ACCESS_PROGRAM, ACCESS_OPAQUE};
	size_t i, j;

	for (i = 0; i < channel->rule_count; i++)
		for (j = 0; j < sizeof(changing) / sizeof(changing[0]); j++)
			if (rule_allows_access(&channel->rules[i], channel->dissector, changing[j]))
				return true;
	return false;
}

static void
check_plain(struct loader *l, const struct channel *channel)
{
	size_t i;

	for (i = 0; i < sizeof(control_ports) / sizeof(control_ports[0]); i++)
		if (channel->transport != PROTOCOL_ICMP &&
		    channel->port_first <= control_ports[i].port &&
		    channel->port_last >= control_ports[i].port)
			load_warning(l, channel->where, FINDING_PLAIN_CONTROL_PORT,
			    "channel \"%s\" permits port %u (%s) without "
			    "inspecting it",
			    channel->name, control_ports[i].port, control_ports[i].title);
}

static void
check_channel(struct loader *l, const struct channel *channel)
{
	const struct zone *client = channel->client_zone, *server = channel->server_zone;
	size_t i;

	l->at = (struct place){.channel = channel};
	if (!channel->dissector)
		check_plain(l, channel);
	for (i = 0; i < channel->rule_count; i++) {
		l->at.rule = &channel->rules[i];
		if (channel->rules[i].opaque)
			load_warning(l, channel->rules[i].where, FINDING_RULE_ANY,
			    "access = [\"any\"] in channel \"%s\" allows "
			    "every function, program download included",
			    channel->name);
		else if (rule_allows_access(&channel->rules[i], channel->dissector, ACCESS_OPAQUE))
			load_warning(l, channel->rules[i].where, FINDING_RULE_OPAQUE,
			    "access = [\"opaque\"] in channel \"%s\" allows fragments and "
			    "encrypted "
			    "messages, in which nobody sees what is read, written or programmed",
			    channel->name);
	}
	l->at.rule = NULL;
	if (changes(channel) && client->sl_t < server->sl_t)
		load_warning(l, channel->where, FINDING_LOWER_CHANGES,
		    "channel \"%s\" lets zone \"%s\" (SL-T %u) change things in "
		    "zone \"%s\" (SL-T %u)",
		    channel->name, client->name, client->sl_t, server->name, server->sl_t);
}

void
check_warnings(struct loader *l)
{
	const struct policy *policy = l->policy;
	size_t i;

	check_site(l);
	for (i = 0; i < policy->zone_count; i++)
		check_zone(l, &policy->zones[i]);
	for (i = 0; i < policy->conduit_count; i++)
		check_conduit(l, &policy->conduits[i]);
	for (i = 0; i < policy->channel_count; i++)
		check_channel(l, policy->channels[i]);
}
