/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cutoff: see cutoff.h.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "cutoff.h"

enum { SSH_PORT = 22, ADDRESS_MAX = 64 };

struct way {
	char client[ADDRESS_MAX];
	char server[ADDRESS_MAX];
	enum family family;
	struct address from;
	struct address to;
	uint16_t port;
};

static bool
read_address(const char *text, enum family *ret_family, struct address *ret_address)
{
	*ret_address = (struct address){0};
	*ret_family = strchr(text, ':') ? FAMILY_IPV6 : FAMILY_IPV4;
	return inet_pton(*ret_family == FAMILY_IPV6 ? AF_INET6 : AF_INET, text, ret_address) == 1;
}

static bool
read_way(const char *ssh, struct way *ret_way)
{
	enum family family;
	unsigned port;

	return sscanf(ssh, "%63s %*u %63s %u", ret_way->client, ret_way->server, &port) == 3 &&
	    port <= UINT16_MAX && (ret_way->port = (uint16_t)port) &&
	    read_address(ret_way->client, &ret_way->family, &ret_way->from) &&
	    read_address(ret_way->server, &family, &ret_way->to) && family == ret_way->family;
}

static bool
filters_input(const struct policy *policy)
{
	for (size_t i = 0; i < policy->zone_count; i++)
		if (policy->zones[i].class == ZONE_GATEWAY)
			return true;
	return false;
}

static bool
permits_way(const struct loaded *loaded, const struct way *way)
{
	return !filters_input(loaded->policy) ||
	    compiled_find_channel(
		loaded->compiled, way->family, &way->from, &way->to, PROTOCOL_TCP, way->port);
}

/* Somebody may come by SSH. */
static bool
permits_ssh(const struct policy *policy)
{
	for (size_t i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];

		if (channel->server_zone->class == ZONE_GATEWAY && !channel->conduit->isolated &&
		    channel->transport == PROTOCOL_TCP && channel->port_first <= SSH_PORT &&
		    channel->port_last >= SSH_PORT)
			return true;
	}
	return !filters_input(policy);
}

char *
cutoff_find(const struct loaded *now, const struct loaded *next, const char *ssh)
{
	struct way way;
	char *why = NULL;
	int r = 0;

	if (read_way(ssh, &way)) {
		if (permits_way(now, &way) && !permits_way(next, &way))
			r = asprintf(&why,
			    "you came by SSH from %s to %s port %u, and no channel would permit "
			    "that",
			    way.client, way.server, (unsigned)way.port);
	} else if (permits_ssh(now->policy) && !permits_ssh(next->policy)) {
		r = asprintf(&why,
		    "nobody could come to this machine by SSH any more: no channel to a zone of "
		    "class gateway permits TCP port %d",
		    SSH_PORT);
	}
	return r < 0 ? NULL : why;
}
