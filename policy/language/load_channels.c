/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load: channels of a conduit. Their ends are in load_endpoints.c, their rules in load_rules.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dissectors.h"
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

enum { PLAIN_COUNT = sizeof(plains) / sizeof(plains[0]), DISSECTORS_MAX = 64 };

/* What reading a channel needs besides the channel. */
struct channel_reader {
	struct channel *channel;
	const struct conduit *conduit;
	const struct dissector *dissector; /* also that of a misspelled protocol, see meant() */
	bool protocol_known;
	bool ports; /* of a plain protocol */
	bool endpoints_read[2];
};

static bool
plain(const struct channel_reader *reader)
{
	return reader->protocol_known && !reader->channel->dissector;
}

static size_t
protocol_words(const char **words)
{
	size_t count = 0, i;

	for (i = 0; i < DISSECTORS_MAX && dissectors[i]; i++)
		words[count++] = dissectors[i]->name;
	for (i = 0; i < PLAIN_COUNT; i++)
		words[count++] = plains[i].name;
	return count;
}

/*
 * The dissector of a protocol, or of the one that seems to be meant: what is wrong with the rest of
 * the channel is told in the same run.  NULL: a plain one, or none that can be guessed.
 */
static const struct dissector *
meant(const char *protocol)
{
	const char *words[PLAIN_COUNT + DISSECTORS_MAX];
	size_t count = protocol_words(words), i;
	struct nearest nearest;

	nearest_init(&nearest, protocol);
	for (i = 0; i < count; i++)
		nearest_offer(&nearest, words[i]);
	return nearest_take(&nearest) ? dissector_find(nearest_take(&nearest)) : NULL;
}

static void
read_protocol(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	struct channel *channel = reader->channel;
	const char *words[PLAIN_COUNT + DISSECTORS_MAX + 1] = {NULL};
	size_t count = protocol_words(words), i;
	int choice = load_choice(l, node, "protocol", words);

	reader->dissector = meant(node->text);
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
	else
		load_rules(l, node, reader->channel, reader->dissector);
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

/* What a protocol's responses do not name can't be left out of account. */
static void
read_answers(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	const struct dissector *d = reader->dissector;
	static const char *const words[] = {"exact", "any-unit", "any-transaction", "any", NULL};
	static const char *const unitless[] = {"exact", "any-transaction", NULL};
	int choice;

	if (!inspected_only(l, node, reader) || !d)
		return;
	choice = load_choice(l, node, "answers", d->token_unit ? words : unitless);
	if (choice > 0 && !d->token_unit)
		reader->channel->answers = ANSWERS_ANY_TRANSACTION;
	else if (choice >= 0)
		reader->channel->answers = (enum answers)choice;
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

static void
read_pause(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	long long seconds;

	if (inspected_only(l, node, reader) && load_number(l, node, 1, PAUSE_MAX_S, &seconds))
		reader->channel->pause_s = (uint32_t)seconds;
}

static void
read_transport(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	const struct dissector *d = reader->dissector;
	const char *words[3] = {NULL};
	size_t count = 0;
	int choice;

	if (!inspected_only(l, node, reader) || !d)
		return;
	if (d->tcp)
		words[count++] = "tcp";
	if (d->udp)
		words[count++] = "udp";
	choice = load_choice(l, node, "transport", words);
	if (choice >= 0)
		reader->channel->transport =
		    strcmp(words[choice], "udp") == 0 ? PROTOCOL_UDP : PROTOCOL_TCP;
}

/* A number of the protocol's own, under its name. */
static void
read_setting(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	struct channel *channel = reader->channel;
	const struct setting *settings = reader->dissector->settings;
	long long number;
	uint32_t i;

	for (i = 0; i < reader->dissector->setting_count; i++)
		if (strcmp(settings[i].name, node->name) == 0 &&
		    load_number(l, node, settings[i].min, settings[i].max, &number))
			channel->settings[i] = (uint32_t)number;
}

/* The protocol stands first: what the others may be depends on it. */
static const struct key channel_keys[] = {
    {"protocol", KEY_STRING, "a protocol, like \"modbus\"", read_protocol},
    {"name", KEY_STRING, "a name of its own in the conduit", read_channel_name},
    {"clients", KEY_WORDS, "a list of assets, zones or addresses", read_clients},
    {"servers", KEY_WORDS, "a list of assets, zones or addresses", read_servers},
    {"transport", KEY_STRING, NULL, read_transport},
    {"port", KEY_PORT, NULL, read_port},
    {"pickup", KEY_STRING, NULL, read_pickup},
    {"log", KEY_STRING, NULL, read_log},
    {"answers", KEY_STRING, NULL, read_answers},
    {"outstanding", KEY_NUMBER, NULL, read_outstanding},
    {"pause", KEY_NUMBER, NULL, read_pause},
    {"rules", KEY_GROUPS, NULL, read_rules},
};

enum { CHANNEL_KEY_COUNT = sizeof(channel_keys) / sizeof(channel_keys[0]) };

/* Those of all channels, and those that the protocol of this one has. Returns how many. */
static size_t
collect_keys(const struct node *node, struct key *keys)
{
	const struct node *protocol = load_find(node, "protocol");
	const struct dissector *d = NULL;
	size_t count = CHANNEL_KEY_COUNT;
	uint32_t i;

	memcpy(keys, channel_keys, sizeof(channel_keys));
	if (protocol && protocol->kind == NODE_STRING)
		d = meant(protocol->text);
	for (i = 0; d && i < d->setting_count; i++)
		keys[count++] = (struct key){d->settings[i].name, KEY_NUMBER, NULL, read_setting};
	return count;
}

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
	struct key keys[CHANNEL_KEY_COUNT + SETTINGS_MAX];
	size_t count;

	channel->outstanding = OUTSTANDING_MAX;
	channel->pause_s = PAUSE_NORMAL_S;
	channel->conduit = conduit;
	channel->where = node->where;
	channel->index = (uint32_t)l->policy->channel_count;
	l->at = (struct place){.conduit = conduit, .channel = channel};
	count = collect_keys(node, keys);
	load_group(l, node, what, keys, count, &reader);
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

void
load_channels(struct loader *l, const struct node *node, struct conduit *conduit)
{
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
