/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: conduits and their channels. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "numbers.h"

/* The protocols that are not inspected. */
struct plain {
	const char *name;
	uint8_t transport;
	bool ports;
};

static const struct plain plains[] = {
    {"tcp", PROTOCOL_TCP, true},
    {"udp", PROTOCOL_UDP, true},
    {"icmp-echo", PROTOCOL_ICMP, false},
};

enum { PLAIN_COUNT = sizeof(plains) / sizeof(plains[0]) };

/* What reading a channel needs besides the channel. */
struct channel_reader {
	struct channel *channel;
	const struct conduit *conduit;
	bool protocol_known;
	bool ports; /* of a plain protocol */
	bool endpoints_read[2];
};

static bool
plain(const struct channel_reader *reader)
{
	return reader->protocol_known && !reader->channel->dissector;
}

static void
read_protocol(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	struct channel *channel = reader->channel;
	const char *words[PLAIN_COUNT + 64 + 1] = {NULL};
	size_t count = 0, i;
	int choice;

	for (i = 0; dissectors[i] && i < 64; i++)
		words[count++] = dissectors[i]->name;
	for (i = 0; i < PLAIN_COUNT; i++)
		words[count++] = plains[i].name;
	choice = load_choice(l, node, "protocol", words);
	if (choice < 0)
		return;
	reader->protocol_known = true;
	channel->protocol = words[choice];
	channel->dissector = dissector_find(channel->protocol);
	if (channel->dissector) {
		for (i = 0; i < channel->dissector->setting_count; i++)
			channel->settings[i] = channel->dissector->settings[i].normal;
		channel->transport = channel->dissector->tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
		channel->port_first = channel->port_last = channel->dissector->port;
		reader->ports = true;
		return;
	}
	i = (size_t)choice - (count - PLAIN_COUNT);
	channel->transport = plains[i].transport;
	reader->ports = plains[i].ports;
}

static void
read_port(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	struct channel *channel = reader->channel;
	uint64_t first = (uint64_t)node->number, last = first;
	int r = 0;

	if (reader->protocol_known && !reader->ports) {
		load_error(l, node->where,
		    "\"port\" for protocol \"%s\", which has none; expected it to be left "
		    "out",
		    channel->protocol);
		return;
	}
	if (node->kind == NODE_STRING)
		r = numbers_read_range(node->text, 65535, &first, &last);
	if (r == -EINVAL)
		load_error(l, node->where,
		    "port \"%.80s\"; expected a number, or a range like \"5000-5010\"", node->text);
	else if (r == -EDOM)
		load_error(l, node->where,
		    "port range \"%.80s\" is reversed; expected the lower port first", node->text);
	else if (r < 0 || first == 0 || last > 65535)
		load_error(l, node->where, "port %.80s is out of range; expected 1 to 65535",
		    node->kind == NODE_STRING ? node->text : load_format(l, "%lld", node->number));
	else {
		channel->port_written =
		    !channel->dissector || first != last || first != channel->dissector->port;
		channel->port_first = (uint16_t)first;
		channel->port_last = (uint16_t)last;
	}
}

static void
read_clients(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	struct channel *channel = reader->channel;

	reader->endpoints_read[0] = load_endpoints(l, node, "clients", reader->conduit,
	    &channel->clients, &channel->client_count, &channel->client_zone);
}

static void
read_servers(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	struct channel *channel = reader->channel;

	reader->endpoints_read[1] = load_endpoints(l, node, "servers", reader->conduit,
	    &channel->servers, &channel->server_count, &channel->server_zone);
}

static void
read_channel_name(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;

	load_name(l, node->where, "channel", node->text);
	reader->channel->name = load_copy(l, node->text);
}

static void
read_rules(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;

	if (plain(reader))
		load_error(l, node->where,
		    "\"rules\" for protocol \"%s\", which is not inspected; expected them "
		    "to be left out, or an inspected protocol",
		    reader->channel->protocol);
	else if (reader->protocol_known)
		load_rules(l, node, reader->channel);
}

/* A key that has a meaning for inspected channels only. */
static bool
inspected_only(struct loader *l, const struct node *node, const struct channel_reader *reader)
{
	if (plain(reader))
		load_error(l, node->where,
		    "\"%s\" for protocol \"%s\", which is not inspected; expected it to be "
		    "left out",
		    node->name, reader->channel->protocol);
	return !plain(reader);
}

static void
read_pickup(struct loader *l, const struct node *node, void *object)
{
	static const char *const words[] = {"reset", "resync", NULL};
	struct channel_reader *reader = object;
	int choice;

	if (!inspected_only(l, node, reader))
		return;
	choice = load_choice(l, node, "pickup", words);
	if (choice >= 0)
		reader->channel->pickup = (enum pickup)choice;
}

static void
read_log(struct loader *l, const struct node *node, void *object)
{
	static const char *const words[] = {"denials", "writes", "all", NULL};
	struct channel_reader *reader = object;
	int choice;

	if (!inspected_only(l, node, reader))
		return;
	choice = load_choice(l, node, "log", words);
	if (choice >= 0)
		reader->channel->log = (enum channel_log)choice;
}

static void
read_outstanding(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	long long outstanding;

	if (inspected_only(l, node, reader) &&
	    load_number(l, node, 1, OUTSTANDING_MAX, &outstanding))
		reader->channel->outstanding = (uint32_t)outstanding;
}

/* The protocol stands first: what the others may be depends on it. */
static const struct key channel_keys[] = {
    {"protocol", KEY_STRING, "a protocol, like \"modbus\"", read_protocol},
    {"name", KEY_STRING, "a name of its own in the conduit", read_channel_name},
    {"clients", KEY_WORDS, "a list of assets, zones or addresses", read_clients},
    {"servers", KEY_WORDS, "a list of assets, zones or addresses", read_servers},
    {"port", KEY_PORT, NULL, read_port},
    {"pickup", KEY_STRING, NULL, read_pickup},
    {"log", KEY_STRING, NULL, read_log},
    {"outstanding", KEY_NUMBER, NULL, read_outstanding},
    {"rules", KEY_GROUPS, NULL, read_rules},
};

static bool
share_family(const struct channel *channel)
{
	unsigned families[2] = {0, 0};
	size_t i, j;

	for (i = 0; i < channel->client_count; i++)
		for (j = 0; j < channel->clients[i].network_count; j++)
			families[0] |= 1u << channel->clients[i].networks[j].family;
	for (i = 0; i < channel->server_count; i++)
		for (j = 0; j < channel->servers[i].network_count; j++)
			families[1] |= 1u << channel->servers[i].networks[j].family;
	return families[0] & families[1];
}

static void
check_channel(struct loader *l, const struct node *node, const struct channel_reader *reader,
    const char *what)
{
	const struct channel *channel = reader->channel;

	if (plain(reader) && reader->ports && !load_find(node, "port"))
		load_error(l, node->where, "%s has no \"port\"; expected one for protocol \"%s\"",
		    what, channel->protocol);
	if (channel->dissector && !load_find(node, "rules"))
		load_error(l, node->where,
		    "%s has no \"rules\"; expected some for protocol \"%s\" (to let "
		    "everything through, access = [\"any\"] says it in words)",
		    what, channel->protocol);
	if (!reader->endpoints_read[0] || !reader->endpoints_read[1])
		return;
	if (channel->client_zone == channel->server_zone)
		load_error(l, node->where,
		    "%s has clients and servers in the same zone \"%s\"; expected them on "
		    "both sides of the conduit",
		    what, channel->client_zone->name);
	else if (channel->dissector &&
	    (channel->client_zone->class == ZONE_GATEWAY ||
		channel->server_zone->class == ZONE_GATEWAY))
		load_error(l, node->where,
		    "%s has the appliance itself (zone of class \"gateway\") at one end "
		    "of protocol \"%s\", which is inspected between two others only; expected tcp, "
		    "udp or "
		    "icmp-echo",
		    what, channel->protocol);
	else if (!share_family(channel))
		load_error(l, node->where,
		    "%s has clients and servers of different address families; "
		    "expected IPv4 or IPv6 on both sides",
		    what);
}

static const char *
channel_title(struct loader *l, const struct node *node, const struct conduit *conduit)
{
	const struct node *name = load_find(node, "name");

	if (name && name->kind == NODE_STRING)
		return load_format(l, "channel \"%.80s\"", name->text);
	return load_format(l, "a channel of conduit \"%.80s\"", conduit->name);
}

static void
read_channel(struct loader *l, const struct node *node, struct conduit *conduit)
{
	struct channel *channel = &conduit->channels[conduit->channel_count];
	struct channel_reader reader = {.channel = channel, .conduit = conduit};
	const char *what = channel_title(l, node, conduit);

	channel->outstanding = OUTSTANDING_MAX;
	channel->conduit = conduit;
	channel->where = node->where;
	channel->index = (uint32_t)l->policy->channel_count;
	load_group(
	    l, node, what, channel_keys, sizeof(channel_keys) / sizeof(channel_keys[0]), &reader);
	check_channel(l, node, &reader, what);
	conduit->channel_count++;
	l->policy->channels[l->policy->channel_count++] = channel;
}

static int
compare_channels(const void *a, const void *b)
{
	const struct channel *const *x = a, *const *y = b;
	int r = strcmp((*x)->name, (*y)->name);

	return r ? r : ((*x)->index > (*y)->index) - ((*x)->index < (*y)->index);
}

static void
check_channel_names(struct loader *l, const struct conduit *conduit)
{
	const struct channel **channels;
	size_t count = 0, i;

	channels = load_alloc(l, l->scratch, conduit->channel_count, sizeof(*channels));
	for (i = 0; i < conduit->channel_count; i++)
		if (conduit->channels[i].name)
			channels[count++] = &conduit->channels[i];
	qsort(channels, count, sizeof(*channels), compare_channels);
	for (i = 1; i < count; i++)
		if (strcmp(channels[i - 1]->name, channels[i]->name) == 0)
			load_error(l, channels[i]->where,
			    "channel \"%s\" is there already (%s); expected a name "
			    "of its own in the conduit",
			    channels[i]->name,
			    load_place(l, channels[i]->where, channels[i - 1]->where));
}

static void
read_channels(struct loader *l, const struct node *node, void *object)
{
	struct conduit *conduit = object;
	size_t i;

	conduit->channels = load_alloc(l, l->memory, node->count, sizeof(*conduit->channels));
	for (i = 0; i < node->count; i++) {
		if (l->policy->channel_count == CHANNELS_MAX) {
			load_error(l, node->children[i].where,
			    "too many channels; expected at most %d in a policy", CHANNELS_MAX);
			break;
		}
		read_channel(l, &node->children[i], conduit);
	}
	check_channel_names(l, conduit);
}

static void
read_from(struct loader *l, const struct node *node, void *object)
{
	struct conduit *conduit = object;

	conduit->from = load_names_want_zone(l, node);
}

static void
read_to(struct loader *l, const struct node *node, void *object)
{
	struct conduit *conduit = object;

	conduit->to = load_names_want_zone(l, node);
	if (conduit->to && conduit->to == conduit->from)
		load_error(l, node->where,
		    "\"from\" and \"to\" are the same zone \"%s\"; expected two zones",
		    conduit->to->name);
}

static void
read_mode(struct loader *l, const struct node *node, void *object)
{
	static const char *const words[] = {"enforce", "monitor", NULL};
	struct conduit *conduit = object;
	int choice = load_choice(l, node, "mode", words);

	if (choice >= 0)
		conduit->mode = (enum conduit_mode)choice;
}

static void
read_on_deny(struct loader *l, const struct node *node, void *object)
{
	static const char *const words[] = {"drop", "reset", "refuse", NULL};
	struct conduit *conduit = object;
	int choice = load_choice(l, node, "on_deny", words);

	if (choice == ON_DENY_REFUSE)
		load_error(l, node->where,
		    "on_deny = \"refuse\" is not yet supported; expected \"reset\" (ends the "
		    "connection at both ends) or \"drop\"");
	else if (choice >= 0)
		conduit->on_deny = (enum on_deny)choice;
}

static void
read_when_down(struct loader *l, const struct node *node, void *object)
{
	static const char *const words[] = {"closed", "open", NULL};
	struct conduit *conduit = object;
	int choice = load_choice(l, node, "when_down", words);

	if (choice >= 0)
		conduit->when_down = (enum when_down)choice;
}

static void
read_rationale(struct loader *l, const struct node *node, void *object)
{
	struct conduit *conduit = object;

	load_text(l, node, &conduit->rationale);
}

/* The zones stand first: channels are read against them. */
static const struct key conduit_keys[] = {
    {"from", KEY_STRING, "the name of a zone", read_from},
    {"to", KEY_STRING, "the name of a zone", read_to},
    {"mode", KEY_STRING, NULL, read_mode},
    {"on_deny", KEY_STRING, NULL, read_on_deny},
    {"when_down", KEY_STRING, NULL, read_when_down},
    {"rationale", KEY_STRING, NULL, read_rationale},
    {"channels", KEY_GROUPS, "a list of channels, like ( { name = ...; } )", read_channels},
};

static void
read_conduit(struct loader *l, const struct node *node, struct conduit *conduit)
{
	const char *what = load_format(l, "conduit \"%.80s\"", node->name);

	load_name(l, node->where, "conduit", node->name);
	if (strcmp(node->name, "reason") == 0)
		load_error(l, node->where,
		    "conduit name \"reason\"; expected another one, counters of reasons "
		    "have that name");
	conduit->name = load_copy(l, node->name);
	conduit->where = node->where;
	conduit->on_deny = ON_DENY_RESET;
	load_group(
	    l, node, what, conduit_keys, sizeof(conduit_keys) / sizeof(conduit_keys[0]), conduit);
}

/* Elements of the lists "channels", up to the limit of a policy. */
static size_t
count_channels(const struct node *node)
{
	size_t i, j, count = 0;

	for (i = 0; i < node->count; i++)
		for (j = 0; j < node->children[i].count; j++)
			if (strcmp(node->children[i].children[j].name, "channels") == 0)
				count += node->children[i].children[j].count;
	return count < CHANNELS_MAX ? count : CHANNELS_MAX;
}

void
load_conduits(struct loader *l, const struct node *node)
{
	struct policy *policy = l->policy;
	size_t i;

	policy->conduits = load_alloc(l, l->memory, node->count, sizeof(*policy->conduits));
	policy->channels =
	    load_alloc(l, l->memory, count_channels(node), sizeof(*policy->channels));
	for (i = 0; i < node->count; i++) {
		if (node->children[i].kind == NODE_GROUP)
			read_conduit(
			    l, &node->children[i], &policy->conduits[policy->conduit_count++]);
		else
			load_error(l, node->children[i].where,
			    "conduit \"%.80s\" is no group; expected { ... }",
			    node->children[i].name);
	}
}
