/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amend, connections: networks and interfaces of zones, clients and servers of channels, channels
 * and conduits that are added.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amend_connection.h"
#include "network.h"
#include "pieces.h"
#include "words.h"

enum { CONDUITS_TRIED = 8, CHANNELS_TRIED = 16 };

/* A change in the making, with what was necessary before channels could be looked at. */
struct way {
	struct amend *amend;
	struct edits base;
	char *base_what;
	const struct zone *client_zone;
	const struct zone *server_zone;
	uint32_t form; /* of the rule in a new channel */
};

/* ---- words ---- */

static bool
is_name_unique(const struct policy *policy, const char *name)
{
	unsigned count = 0;

	for (size_t z = 0; z < policy->zone_count; z++) {
		count += strcmp(policy->zones[z].name, name) == 0;
		for (size_t i = 0; i < policy->zones[z].asset_count; i++)
			count += strcmp(policy->zones[z].assets[i].name, name) == 0;
	}
	return count == 1;
}

/* An address as a channel names it: by its asset where it has one. */
static char *
endpoint_words(
    const struct amend_question *q, const struct zone *zone, const struct address *address)
{
	char buf[NETWORK_TEXT_MAX];

	for (size_t i = 0; zone && i < zone->asset_count; i++) {
		const struct asset *asset = &zone->assets[i];

		if (!network_contains(&asset->address, q->family, address))
			continue;
		return is_name_unique(q->policy, asset->name)
		    ? words_format("%s", asset->name)
		    : words_format("%s.%s", zone->name, asset->name);
	}
	return words_format("%s", address_print(q->family, address, buf, sizeof(buf)));
}

static const struct dissector *
dissector_of(const struct amend_question *q)
{
	if (q->message)
		return q->message->dissector;
	return q->dissector;
}

static bool
is_channel_name(const struct conduit *conduit, const char *name)
{
	for (size_t i = 0; conduit && i < conduit->channel_count; i++)
		if (strcmp(conduit->channels[i].name, name) == 0)
			return true;
	return false;
}

static char *
new_name(const struct conduit *conduit, const char *protocol)
{
	for (unsigned n = 1;; n++) {
		char *name = n == 1 ? words_format("allowed-%s", protocol)
				    : words_format("allowed-%s-%u", protocol, n);

		if (!is_channel_name(conduit, name))
			return name;
		free(name);
	}
}

/* Forms of the rule for a message: its values as they stand, as elements of each type, unlimited.
 */
static uint32_t
form_count(const struct amend_question *q)
{
	return q->message && q->message->function ? q->message->dissector->type_count + 2 : 1;
}

/* "rules: ( ... ); "; NULL: the message has no rule of this form. */
static char *
new_rules(const struct amend_question *q, const struct dissector *d, uint32_t form)
{
	const struct element_type *type = NULL;
	struct pieces whole;
	char *rule, *text;

	if (!d)
		return words_format("%s", "");
	if (!q->message || !q->message->function)
		return words_format("rules: ( { access = [\"read\"]; } ); ");
	pieces_whole(q->message, &whole);
	if (form > 0 && form <= d->type_count)
		type = &d->types[form - 1];
	rule = whole.too_many ? NULL
			      : rule_of_message(q->message, &whole, form <= d->type_count, type);
	text = rule ? words_format("rules: ( %s ); ", rule) : NULL;
	free(rule);
	return text;
}

static char *
new_channel(const struct way *way, const struct conduit *conduit)
{
	const struct amend_question *q = way->amend->question;
	const struct dissector *d = dissector_of(q);
	const char *plain = q->transport == PROTOCOL_TCP ? "tcp"
	    : q->transport == PROTOCOL_UDP               ? "udp"
							 : "icmp-echo";
	const char *protocol = d ? d->name : plain;
	char *client = endpoint_words(q, way->client_zone, &q->client);
	char *server = endpoint_words(q, way->server_zone, &q->server);
	char *name = new_name(conduit, protocol), *rules = new_rules(q, d, way->form);
	char *port = q->transport == PROTOCOL_ICMP || (d && d->port == q->port)
	    ? words_format("%s", "")
	    : words_format("port = %u; ", q->port);
	char *text = NULL;

	if (rules)
		text = words_format("{ name = \"%s\"; clients = [\"%s\"]; servers = [\"%s\"]; "
				    "protocol = \"%s\"; %s%s%s}",
		    name, client, server, protocol,
		    d && q->transport == PROTOCOL_UDP && d->tcp ? "transport = \"udp\"; " : "",
		    port, rules);

	free(port);
	free(rules);
	free(name);
	free(server);
	free(client);
	return text;
}

/* ---- ways ---- */

static struct edits
begin(const struct way *way)
{
	struct edits edits = amend_begin(way->amend);

	for (size_t i = 0; i < way->base.count; i++) {
		edits.items[i] = way->base.items[i];
		edits.items[i].text = words_format("%s", way->base.items[i].text);
	}
	edits.count = way->base.count;
	edits.failed = way->base.failed;
	if (way->base.count > 0)
		edits.comment = way->base.comment;
	return edits;
}

static void
try_way(const struct way *way, struct edits *edits, const struct channel *channel, char *what)
{
	amend_try(way->amend, edits, way->base.count > 0 ? NULL : channel,
	    words_format("%s%s%s", way->base_what, way->base_what[0] ? "; " : "", what));
	free(what);
}

/* One more in the clients or servers of a channel. */
static void
add_endpoint(struct edits *edits, const struct outline *place, const char *key, const char *added)
{
	const struct outline *list = place ? outline_find(place, edits->draft->text, key) : NULL;
	char *quoted = words_format("\"%s\"", added);

	if (list)
		edits_add_element(edits, list, quoted);
	else
		edits->failed = true;
	free(quoted);
}

static void
try_endpoints(const struct way *way, const struct channel *channel)
{
	const struct amend_question *q = way->amend->question;
	const struct outline *place = draft_channel(q->draft, channel);
	bool client =
	    !endpoints_contain(channel->clients, channel->client_count, q->family, &q->client);
	bool server =
	    !endpoints_contain(channel->servers, channel->server_count, q->family, &q->server);
	const char *key = client ? "clients" : "servers";
	struct edits edits;
	char *added, *name;

	/* with both it would be another channel in the clothes of this one */
	if (client == server)
		return;
	added = client ? endpoint_words(q, way->client_zone, &q->client)
		       : endpoint_words(q, way->server_zone, &q->server);
	name = words_channel(channel);
	edits = begin(way);
	add_endpoint(&edits, place, key, added);
	try_way(way, &edits, channel, words_format("channel %s: %s with \"%s\"", name, key, added));
	free(name);
	free(added);
}

static bool
joins(const struct conduit *conduit, const struct way *way)
{
	return (conduit->from == way->client_zone && conduit->to == way->server_zone) ||
	    (conduit->from == way->server_zone && conduit->to == way->client_zone);
}

static void
try_channels(const struct way *way)
{
	const struct amend_question *q = way->amend->question;
	const struct dissector *d = dissector_of(q);
	unsigned tried = 0;

	for (size_t i = 0; i < q->policy->channel_count && tried < CHANNELS_TRIED; i++) {
		const struct channel *c = q->policy->channels[i];

		if (!joins(c->conduit, way) || c->client_zone != way->client_zone ||
		    c->server_zone != way->server_zone || c->transport != q->transport ||
		    q->port < c->port_first || q->port > c->port_last || (d && c->dissector != d))
			continue;
		tried++;
		try_endpoints(way, c);
	}
}

static bool
try_new_channels(const struct way *way)
{
	const struct amend_question *q = way->amend->question;
	unsigned tried = 0;

	for (size_t i = 0; i < q->policy->conduit_count && tried < CONDUITS_TRIED; i++) {
		const struct conduit *conduit = &q->policy->conduits[i];
		const struct outline *place = draft_conduit(q->draft, conduit), *channels;
		struct edits edits = begin(way);
		char *text;

		channels = place ? outline_find(place, q->draft->text, "channels") : NULL;
		if (!joins(conduit, way) || !channels) {
			edits_done(&edits);
			continue;
		}
		tried++;
		text = new_channel(way, conduit);
		if (text)
			edits_add_element(&edits, channels, text);
		try_way(
		    way, &edits, NULL, words_format("a new channel in conduit %s", conduit->name));
		free(text);
	}
	return tried > 0;
}

static void
try_new_conduit(const struct way *way)
{
	const struct amend_question *q = way->amend->question;
	const struct outline *place = outline_find(q->draft->outline, q->draft->text, "conduits");
	struct edits edits = begin(way);
	char *channel, *text;

	if (!place) {
		edits_done(&edits);
		return;
	}
	channel = new_channel(way, NULL);
	if (!channel) {
		edits_done(&edits);
		return;
	}
	text = words_format("%s-%s: { from = \"%s\"; to = \"%s\"; mode = \"enforce\"; on_deny = "
			    "\"reset\"; when_down = \"closed\"; channels: ( %s ); }",
	    way->client_zone->name, way->server_zone->name, way->client_zone->name,
	    way->server_zone->name, channel);
	edits_add_setting(&edits, place, NULL, text);
	try_way(way, &edits, NULL,
	    words_format(
		"a new conduit from %s to %s", way->client_zone->name, way->server_zone->name));
	free(text);
	free(channel);
}

static bool
is_permitted(const struct way *way)
{
	const struct amend_question *q = way->amend->question;

	for (size_t i = 0; i < q->policy->channel_count; i++) {
		const struct channel *c = q->policy->channels[i];

		if (c->transport == q->transport && q->port >= c->port_first &&
		    q->port <= c->port_last &&
		    endpoints_contain(c->clients, c->client_count, q->family, &q->client) &&
		    endpoints_contain(c->servers, c->server_count, q->family, &q->server))
			return true;
	}
	return false;
}

static void
try_zones(struct way *way)
{
	uint32_t forms = form_count(way->amend->question);
	size_t before = way->amend->found->count;
	struct edits edits;

	if (!way->client_zone || !way->server_zone || way->client_zone == way->server_zone)
		return;
	if (is_permitted(way) && way->base.count > 0) {
		edits = begin(way);
		try_way(way, &edits, NULL, words_format("%s", "nothing more"));
		return;
	}
	for (way->form = 0; way->form < forms; way->form++) {
		/* what stands as the message writes it needs no type, and what has one no rule
		 * without
		 */
		if ((way->form == 1 || way->form + 1 == forms) && way->amend->found->count > before)
			break;
		if (!try_new_channels(way))
			try_new_conduit(way);
	}
	try_channels(way);
}

/* ---- zones ---- */

/* In front of all else: an address or an interface more in a zone. */
static void
add_to_zone(struct way *way, const struct zone *zone, const char *key, const char *added)
{
	const struct amend_question *q = way->amend->question;
	const struct outline *place = draft_zone(q->draft, zone);
	char *what = words_format("%s%szone %s: %s with \"%s\"", way->base_what,
	    way->base_what[0] ? "; " : "", zone->name, key, added);

	add_endpoint(&way->base, place, key, added);
	free(way->base_what);
	way->base_what = what;
}

static void
way_done(struct way *way)
{
	edits_done(&way->base);
	free(way->base_what);
}

static struct way
way_new(struct amend *a)
{
	return (struct way){
	    .amend = a, .base = amend_begin(a), .base_what = words_format("%s", "")};
}

static bool
has_interface(const struct zone *zone, const char *interface)
{
	for (size_t i = 0; interface && i < zone->interface_count; i++)
		if (strcmp(zone->interfaces[i], interface) == 0)
			return true;
	return false;
}

/* The address is in no zone: in one that is behind the interface by which it came. */
static void
try_homeless(struct amend *a, const struct zone *server_zone)
{
	const struct amend_question *q = a->question;
	char buf[NETWORK_TEXT_MAX];

	for (size_t z = 0; z < q->policy->zone_count; z++) {
		const struct zone *zone = &q->policy->zones[z];
		struct way way = way_new(a);

		if (has_interface(zone, q->interface) && zone != server_zone) {
			add_to_zone(&way, zone, "networks",
			    address_print(q->family, &q->client, buf, sizeof(buf)));
			way.client_zone = zone;
			way.server_zone = server_zone;
			try_zones(&way);
		}
		way_done(&way);
	}
}

void
amend_connection(struct amend *a)
{
	const struct amend_question *q = a->question;
	struct way way = way_new(a);

	way.client_zone = policy_find_zone(q->policy, q->family, &q->client);
	way.server_zone = policy_find_zone(q->policy, q->family, &q->server);
	if (!way.client_zone) {
		try_homeless(a, way.server_zone);
	} else if (q->reason == REASON_WRONG_ZONE) {
		if (q->interface && way.client_zone->interface_count > 0 &&
		    !has_interface(way.client_zone, q->interface)) {
			add_to_zone(&way, way.client_zone, "interfaces", q->interface);
			try_zones(&way);
		}
	} else {
		try_zones(&way);
	}
	way_done(&way);
}
