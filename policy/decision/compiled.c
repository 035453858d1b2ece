/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiled: which channel does a new flow belong to?
 *
 * Pairs of single hosts at a single port go into an open-addressed hash table; channels that name a
 * network or a range of ports are kept in a list behind it.  Asked once per flow, never per packet.
 */
#include "compiled.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A channel with more pairs of hosts than this is searched as a list instead. */
enum { PAIRS_MAX = 16384 };

struct pair {
	const struct channel *channel; /* NULL: free */
	struct address client;
	struct address server;
	uint16_t port;
	uint8_t family;
	uint8_t transport;
};

struct compiled {
	const struct policy *policy;
	struct pair *pairs;
	size_t pair_mask; /* number of slots less one; a power of two less one */
	const struct channel **ranged;
	size_t ranged_count;
};

static bool
is_host(const struct network *network)
{
	return network->prefix == (network->family == FAMILY_IPV4 ? 32 : 128);
}

/* Hosts among an endpoint list; *ret_all tells whether there was nothing else. */
static size_t
hosts_count(const struct endpoint *endpoints, size_t count, bool *ret_all)
{
	size_t hosts = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t n = 0; n < endpoints[i].network_count; n++) {
			if (is_host(&endpoints[i].networks[n]))
				hosts++;
			else
				*ret_all = false;
		}
	}
	return hosts;
}

/* How many pairs the hash table holds for a channel; *ret_all: they say everything. */
static size_t
channel_pairs(const struct channel *channel, bool *ret_all)
{
	size_t clients, servers;

	*ret_all = channel->port_first == channel->port_last;
	clients = hosts_count(channel->clients, channel->client_count, ret_all);
	servers = hosts_count(channel->servers, channel->server_count, ret_all);
	if (!*ret_all || clients * servers > PAIRS_MAX) {
		*ret_all = false;
		return 0;
	}
	return clients * servers;
}

static uint64_t
mix(uint64_t hash, const void *data, size_t length)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}

static size_t
pair_hash(const struct pair *pair)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	hash = mix(hash, &pair->client, sizeof(pair->client));
	hash = mix(hash, &pair->server, sizeof(pair->server));
	hash = mix(hash, &pair->port, sizeof(pair->port));
	hash = mix(hash, &pair->transport, sizeof(pair->transport));
	return (size_t)(hash ^ hash >> 32);
}

static bool
pair_equal(const struct pair *a, const struct pair *b)
{
	return a->family == b->family && a->transport == b->transport && a->port == b->port &&
	    memcmp(&a->client, &b->client, sizeof(a->client)) == 0 &&
	    memcmp(&a->server, &b->server, sizeof(a->server)) == 0;
}

static void
pair_insert(struct compiled *compiled, const struct pair *pair)
{
	size_t slot = pair_hash(pair) & compiled->pair_mask;

	while (compiled->pairs[slot].channel && !pair_equal(&compiled->pairs[slot], pair))
		slot = (slot + 1) & compiled->pair_mask;
	if (!compiled->pairs[slot].channel)
		compiled->pairs[slot] = *pair;
}

/* Enter client network × every server network of the channel. */
static void
insert_client(
    struct compiled *compiled, const struct channel *channel, const struct network *client)
{
	for (size_t i = 0; i < channel->server_count; i++) {
		for (size_t n = 0; n < channel->servers[i].network_count; n++) {
			const struct network *server = &channel->servers[i].networks[n];
			struct pair pair = {
			    .channel = channel,
			    .client = client->address,
			    .server = server->address,
			    .port = channel->port_first,
			    .family = (uint8_t)client->family,
			    .transport = channel->transport,
			};

			if (server->family == client->family)
				pair_insert(compiled, &pair);
		}
	}
}

static void
insert_channel(struct compiled *compiled, const struct channel *channel)
{
	bool all;

	channel_pairs(channel, &all);
	if (!all) {
		compiled->ranged[compiled->ranged_count++] = channel;
		return;
	}
	for (size_t i = 0; i < channel->client_count; i++)
		for (size_t n = 0; n < channel->clients[i].network_count; n++)
			insert_client(compiled, channel, &channel->clients[i].networks[n]);
}

int
compiled_new(const struct policy *policy, struct compiled **ret_compiled)
{
	struct compiled *compiled = calloc(1, sizeof(*compiled));
	size_t pairs = 0, slots = 16;
	bool all;

	if (!compiled)
		return -ENOMEM;
	for (size_t i = 0; i < policy->channel_count; i++)
		pairs += channel_pairs(policy->channels[i], &all);
	while (slots < 2 * pairs)
		slots *= 2;
	compiled->policy = policy;
	compiled->pair_mask = slots - 1;
	compiled->pairs = calloc(slots, sizeof(*compiled->pairs));
	compiled->ranged = calloc(policy->channel_count + 1, sizeof(*compiled->ranged));
	if (!compiled->pairs || !compiled->ranged) {
		compiled_free(compiled);
		return -ENOMEM;
	}
	for (size_t i = 0; i < policy->channel_count; i++)
		if (!policy->channels[i]->conduit->isolated)
			insert_channel(compiled, policy->channels[i]);
	*ret_compiled = compiled;
	return 0;
}

void
compiled_free(struct compiled *compiled)
{
	if (!compiled)
		return;
	free(compiled->pairs);
	free(compiled->ranged);
	free(compiled);
}

const struct policy *
compiled_policy(const struct compiled *compiled)
{
	return compiled->policy;
}

const struct channel *
compiled_find_channel(const struct compiled *compiled, enum family family,
    const struct address *client, const struct address *server, uint8_t transport, uint16_t port)
{
	struct pair key = {
	    .client = *client,
	    .server = *server,
	    .port = port,
	    .family = (uint8_t)family,
	    .transport = transport == PROTOCOL_ICMPV6 ? PROTOCOL_ICMP : transport,
	};
	size_t slot = pair_hash(&key) & compiled->pair_mask;

	for (; compiled->pairs[slot].channel; slot = (slot + 1) & compiled->pair_mask)
		if (pair_equal(&compiled->pairs[slot], &key))
			return compiled->pairs[slot].channel;
	for (size_t i = 0; i < compiled->ranged_count; i++) {
		const struct channel *channel = compiled->ranged[i];

		if (channel->transport == key.transport && port >= channel->port_first &&
		    port <= channel->port_last &&
		    endpoints_contain(channel->clients, channel->client_count, family, client) &&
		    endpoints_contain(channel->servers, channel->server_count, family, server))
			return channel;
	}
	return NULL;
}
