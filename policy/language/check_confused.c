/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check: channels that could be taken for each other.
 *
 * The answers of a channel go from its servers' port to a port that the client chose.  Where
 * another channel goes the opposite way between the same hosts, that port may be its own, and a
 * packet of one could be of the other.  A SYN tells who is the client; a datagram and the middle of
 * a connection do not.  Nothing forbidden passes because of that (policy/decision/engine_find.c),
 * but what is permitted may be stopped.
 */
#include "loader.h"
#include "network.h"

static bool
endpoints_overlap(const struct endpoint *a, const struct endpoint *b)
{
	for (size_t i = 0; i < a->network_count; i++)
		for (size_t k = 0; k < b->network_count; k++)
			if (network_overlap(&a->networks[i], &b->networks[k]))
				return true;
	return false;
}

static bool
share_hosts(const struct endpoint *a, size_t a_count, const struct endpoint *b, size_t b_count)
{
	for (size_t i = 0; i < a_count; i++)
		for (size_t k = 0; k < b_count; k++)
			if (endpoints_overlap(&a[i], &b[k]))
				return true;
	return false;
}

/* Between the same hosts, with clients and servers exchanged. */
static bool
is_opposite(const struct channel *a, const struct channel *b)
{
	return a->transport == b->transport && a->client_zone == b->server_zone &&
	    a->server_zone == b->client_zone &&
	    share_hosts(a->clients, a->client_count, b->servers, b->server_count) &&
	    share_hosts(a->servers, a->server_count, b->clients, b->client_count);
}

/* Is a packet of this channel's answers looked for without a SYN? */
static bool
may_be_confused(const struct channel *channel)
{
	return channel->dissector &&
	    (channel->transport == PROTOCOL_UDP || channel->pickup == PICKUP_RESYNC);
}

static void
check_pair(struct loader *l, const struct channel *channel, const struct channel *other)
{
	l->at = (struct place){.channel = channel};
	if (channel->transport == PROTOCOL_TCP)
		load_warning(l, channel->where, FINDING_CONFUSED,
		    "a connection of channel \"%s\" in its middle can't be told from one of "
		    "channel "
		    "\"%s\": between port %u of its servers and port %u of its clients none is "
		    "picked up",
		    channel->name, other->name, channel->port_first, other->port_first);
	else if (other->dissector)
		load_warning(l, channel->where, FINDING_CONFUSED,
		    "datagrams of channel \"%s\" can be taken for those of channel \"%s\" if its "
		    "clients send from port %u; expected them to use another",
		    channel->name, other->name, other->port_first);
	else
		load_warning(l, channel->where, FINDING_CONFUSED,
		    "requests of channel \"%s\" that come from port %u are taken for answers of "
		    "channel \"%s\" and judged; expected its clients to use another",
		    other->name, channel->port_first, channel->name);
}

void
check_confused(struct loader *l)
{
	const struct policy *policy = l->policy;

	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];

		for (size_t k = 0; may_be_confused(channel) && k < policy->channel_count; k++) {
			const struct channel *other = policy->channels[k];
			bool matters = other->dissector || other->transport == PROTOCOL_UDP;
			/* both inspected: told once, at the first of them */
			bool twice = may_be_confused(other) && k < i;

			if (matters && !twice && is_opposite(channel, other))
				check_pair(l, channel, other);
		}
	}
}
