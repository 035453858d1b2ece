/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain channel: see explain_channel.h.
 *
 * A SYN tells who the client is.  Where nothing does, both ways are tried, and the way that the
 * packet goes wins a draw.
 */
#include <stdio.h>
#include <stdlib.h>

#include "explain_channel.h"
#include "terminal.h"
#include "words.h"

enum { WIDTH = 80, NEAR = 2 /* of three parts must fit */ };

struct fit {
	const struct channel *channel;
	bool client;
	bool server;
	bool port;
};

struct endpoints {
	const struct address *client;
	const struct address *server;
	uint16_t port;
};

static bool
transport_fits(const struct channel *channel, const struct packet *packet, uint16_t port)
{
	if (channel->transport == PROTOCOL_ICMP)
		return packet->protocol == PROTOCOL_ICMP || packet->protocol == PROTOCOL_ICMPV6;
	return channel->transport == packet->protocol && port >= channel->port_first &&
	    port <= channel->port_last;
}

static int
fit_count(const struct fit *fit)
{
	return fit->client + fit->server + fit->port;
}

static struct fit
find_nearest(
    const struct policy *policy, const struct packet *packet, const struct endpoints *endpoints)
{
	struct fit best = {0};

	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];
		struct fit fit = {
		    .channel = channel,
		    .client = endpoints_contain(
			channel->clients, channel->client_count, packet->family, endpoints->client),
		    .server = endpoints_contain(
			channel->servers, channel->server_count, packet->family, endpoints->server),
		    .port = transport_fits(channel, packet, endpoints->port),
		};

		if (fit_count(&fit) > fit_count(&best))
			best = fit;
	}
	return best;
}

static void
print_part(const char *name, bool holds, char *says, const char *needs)
{
	printf("  %s%s%s  %-9s ", style(holds ? STYLE_GOOD : STYLE_BAD), holds ? "ok" : "no",
	    style_end(), name);
	print_wrapped(says, 16, 16, WIDTH);
	if (!holds)
		printf("%16s%sneeds %s%s\n", "", style(STYLE_WARN), needs, style_end());
	free(says);
}

void
explain_channel(const struct policy *policy, const struct packet *packet)
{
	struct endpoints forward = {
	    &packet->source, &packet->destination, packet->destination_port};
	struct endpoints backward = {&packet->destination, &packet->source, packet->source_port};
	const struct endpoints *way = &forward;
	struct fit fit = {0}, other = {0};
	char client[64], server[64], port[64];
	const struct channel *channel;

	if ((packet->tcp_flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
		fit = find_nearest(policy, packet, &forward);
	if ((packet->tcp_flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		other = find_nearest(policy, packet, &backward);
	if (fit_count(&other) > fit_count(&fit)) {
		fit = other;
		way = &backward;
	}
	if (fit_count(&fit) < NEAR)
		return;
	channel = fit.channel;
	address_print(packet->family, way->client, client, sizeof(client));
	address_print(packet->family, way->server, server, sizeof(server));
	snprintf(port, sizeof(port), "%s/%u",
	    packet->protocol == PROTOCOL_TCP       ? "tcp"
		: packet->protocol == PROTOCOL_UDP ? "udp"
						   : "IP protocol",
	    packet->protocol == PROTOCOL_TCP || packet->protocol == PROTOCOL_UDP
		? way->port
		: packet->protocol);
	printf("\n%sNearest channel%s\n  %s/%s, %s:%u\n", style(STYLE_STRONG), style_end(),
	    channel->conduit->name, channel->name, channel->where.file ? channel->where.file : "?",
	    channel->where.line);
	print_part("clients", fit.client, words_endpoints(channel->clients, channel->client_count),
	    client);
	print_part("servers", fit.server, words_endpoints(channel->servers, channel->server_count),
	    server);
	print_part("protocol", fit.port, words_protocol(channel), port);
	if (way == &forward && !fit.port && transport_fits(channel, packet, packet->source_port))
		printf("\nIt comes from the port that the channel's servers have: are clients and "
		       "servers\nthe other way round?\n");
}
