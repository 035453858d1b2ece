/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sample: policies made by hand.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "sample.h"

static const struct dissector inspected = {.name = "sample", .tcp = true, .udp = true};

static void *
need(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

/* Split at blanks; the words and the array are newly allocated. */
static size_t
split(const char *text, char ***ret_words)
{
	char **words = need(calloc(strlen(text) + 1, sizeof(*words)));
	char *copy = need(strdup(text)), *rest = copy, *word;
	size_t count = 0;

	while ((word = strtok_r(rest, " ", &rest)) != NULL)
		words[count++] = need(strdup(word));
	free(copy);
	*ret_words = words;
	return count;
}

static struct network
parse_network(const char *text)
{
	struct network network = {.family = strchr(text, ':') ? FAMILY_IPV6 : FAMILY_IPV4};
	bool ipv4 = network.family == FAMILY_IPV4;
	char address[64];
	int prefix = ipv4 ? 32 : 128;

	if (sscanf(text, "%63[^/]/%d", address, &prefix) < 1 ||
	    inet_pton(ipv4 ? AF_INET : AF_INET6, address, network.address.bytes) != 1) {
		fprintf(stderr, "sample: %s is no network\n", text);
		abort();
	}
	network.prefix = (uint8_t)prefix;
	return network;
}

static size_t
parse_networks(const char *text, struct network **ret_networks)
{
	char **words;
	size_t count = split(text, &words);
	struct network *networks = need(calloc(count + 1, sizeof(*networks)));

	for (size_t i = 0; i < count; i++) {
		networks[i] = parse_network(words[i]);
		free(words[i]);
	}
	free(words);
	*ret_networks = networks;
	return count;
}

static const struct zone *
zone_of(const struct policy *policy, const struct network *network)
{
	for (size_t z = 0; z < policy->zone_count; z++) {
		for (size_t i = 0; i < policy->zones[z].network_count; i++) {
			const struct network *all = &policy->zones[z].networks[i];
			uint8_t bits = all->prefix, whole = bits / 8;
			uint8_t mask = (uint8_t)(0xff00 >> (bits % 8));

			if (all->family == network->family &&
			    memcmp(&all->address, &network->address, whole) == 0 &&
			    (bits % 8 == 0 ||
				((all->address.bytes[whole] ^ network->address.bytes[whole]) &
				    mask) == 0))
				return &policy->zones[z];
		}
	}
	abort();
}

static struct endpoint *
make_endpoint(const char *networks)
{
	struct endpoint *endpoint = need(calloc(1, sizeof(*endpoint)));

	endpoint->network_count = parse_networks(networks, &endpoint->networks);
	return endpoint;
}

static void
make_channel(struct policy *policy, struct channel *channel, const struct sample_channel *from)
{
	channel->name = need(strdup(from->name));
	channel->clients = make_endpoint(from->clients);
	channel->client_count = 1;
	channel->servers = make_endpoint(from->servers);
	channel->server_count = 1;
	channel->dissector = from->inspected ? &inspected : NULL;
	channel->transport = from->transport;
	channel->port_first = from->port_first;
	channel->port_last = from->port_last ? from->port_last : from->port_first;
	channel->pickup = from->pickup;
	channel->client_zone = zone_of(policy, &channel->clients[0].networks[0]);
	channel->server_zone = zone_of(policy, &channel->servers[0].networks[0]);
}

struct policy *
sample_new(const struct sample_zone *zones, size_t zone_count,
    const struct sample_channel *channels, size_t channel_count)
{
	struct policy *policy = need(calloc(1, sizeof(*policy)));

	policy->file = need(strdup("sample"));
	policy->mark_mask = MARK_MASK_ALL;
	memset(policy->hash, 'a', 64);
	policy->zones = need(calloc(zone_count, sizeof(*policy->zones)));
	policy->zone_count = zone_count;
	for (size_t i = 0; i < zone_count; i++) {
		struct zone *zone = &policy->zones[i];

		zone->name = need(strdup(zones[i].name));
		zone->class = zones[i].class;
		zone->interface_count = split(zones[i].interfaces, &zone->interfaces);
		zone->network_count = parse_networks(zones[i].networks, &zone->networks);
	}
	/* each channel gets a conduit of its own; the ruleset only looks from channels to conduits
	 */
	policy->conduits = need(calloc(channel_count + 1, sizeof(*policy->conduits)));
	policy->conduit_count = channel_count;
	policy->channels = need(calloc(channel_count + 1, sizeof(struct channel *)));
	policy->channel_count = channel_count;
	for (size_t i = 0; i < channel_count; i++) {
		struct channel *channel = need(calloc(1, sizeof(*channel)));
		struct conduit *conduit = &policy->conduits[i];

		make_channel(policy, channel, &channels[i]);
		channel->index = (uint32_t)i;
		channel->conduit = conduit;
		conduit->name = need(strdup(channels[i].conduit));
		conduit->when_down = channels[i].when_down;
		conduit->from = channel->client_zone;
		conduit->to = channel->server_zone;
		conduit->channels = channel;
		conduit->channel_count = 1;
		policy->channels[i] = channel;
	}
	return policy;
}

static void
free_endpoint(struct endpoint *endpoint)
{
	free(endpoint->networks);
	free(endpoint);
}

void
sample_free(struct policy *policy)
{
	for (size_t i = 0; i < policy->channel_count; i++) {
		free_endpoint(policy->channels[i]->clients);
		free_endpoint(policy->channels[i]->servers);
		free(policy->channels[i]->name);
		free(policy->channels[i]);
		free(policy->conduits[i].name);
	}
	for (size_t i = 0; i < policy->zone_count; i++) {
		for (size_t k = 0; k < policy->zones[i].interface_count; k++)
			free(policy->zones[i].interfaces[k]);
		free(policy->zones[i].interfaces);
		free(policy->zones[i].networks);
		free(policy->zones[i].name);
	}
	free(policy->channels);
	free(policy->conduits);
	free(policy->zones);
	free(policy->file);
	free(policy);
}
