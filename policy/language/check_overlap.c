/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check: no connection may match two channels.
 *
 * Each channel is a set of pairs (client network, server network) with a transport and a range of
 * ports.  Two pairs overlap when both clients and both servers do.  Networks overlap only if one
 * contains the other, so all partners of a pair that are as wide or wider on both sides are found
 * by looking up the pair under each combination of prefix lengths that occurs; there are few.  The
 * rest, wider on one side and narrower on the other, needs a network on either side and is compared
 * one by one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "network.h"

enum { PAIRS_MAX = 1 << 20 };

struct pair {
	struct network client;
	struct network server;
	const struct channel *channel;
};

/* A combination of prefix lengths, and where its pairs begin. */
struct shape {
	enum family family;
	uint8_t client_prefix;
	uint8_t server_prefix;
};

struct overlap {
	struct loader *l;
	struct pair *pairs; /* sorted */
	size_t count;
	struct shape *shapes;
	size_t shape_count;
	bool *reported; /* by channel: one overlap is told */
};

/* Order by shape first, then by addresses: a shape is a run, and a look-up is a binary search. */
static int
compare_keys(const struct pair *x, const struct pair *y)
{
	int r;

	if (x->client.family != y->client.family)
		return x->client.family < y->client.family ? -1 : 1;
	if (x->client.prefix != y->client.prefix)
		return x->client.prefix - y->client.prefix;
	if (x->server.prefix != y->server.prefix)
		return x->server.prefix - y->server.prefix;
	r = memcmp(&x->client.address, &y->client.address, sizeof(x->client.address));
	return r ? r : memcmp(&x->server.address, &y->server.address, sizeof(x->server.address));
}

static int
compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int r = compare_keys(x, y);

	if (r)
		return r;
	if (x->channel->port_first != y->channel->port_first)
		return x->channel->port_first - y->channel->port_first;
	return (x->channel->index > y->channel->index) - (x->channel->index < y->channel->index);
}

static bool
ports_overlap(const struct channel *a, const struct channel *b)
{
	return a->transport == b->transport && a->port_first <= b->port_last &&
	    b->port_first <= a->port_last;
}

static const char *
transport_word(uint8_t transport)
{
	return transport == PROTOCOL_TCP ? "TCP" : transport == PROTOCOL_UDP ? "UDP" : "ICMP echo";
}

static void
report(struct overlap *o, const struct pair *a, const struct pair *b)
{
	const struct pair *client = a->client.prefix >= b->client.prefix ? a : b;
	const struct pair *server = a->server.prefix >= b->server.prefix ? a : b;
	const struct channel *first =
	    a->channel->index < b->channel->index ? a->channel : b->channel;
	const struct channel *second = first == a->channel ? b->channel : a->channel;
	char x[NETWORK_TEXT_MAX], y[NETWORK_TEXT_MAX], port[32] = "";

	if (o->reported[second->index])
		return;
	o->reported[second->index] = true;
	if (second->transport != PROTOCOL_ICMP)
		snprintf(port, sizeof(port), ", port %u",
		    first->port_first > second->port_first ? first->port_first
							   : second->port_first);
	load_error(o->l, second->where,
	    "channel \"%s/%s\" and channel \"%s/%s\" (%s) both permit %s from %s to %s%s; expected "
	    "one "
	    "channel for a connection",
	    second->conduit->name, second->name, first->conduit->name, first->name,
	    load_place(o->l, second->where, first->where), transport_word(second->transport),
	    network_print(&client->client, x, sizeof(x)),
	    network_print(&server->server, y, sizeof(y)), port);
}

/* The first pair that is not before `key`. */
static size_t
find(const struct overlap *o, const struct pair *key)
{
	size_t low = 0, high = o->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_keys(&o->pairs[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Pairs of this shape that contain the pair; of an equal shape, only those behind it. */
static void
check_shape(struct overlap *o, size_t number, const struct shape *shape)
{
	const struct pair *pair = &o->pairs[number];
	struct pair key = *pair;
	bool equal = shape->client_prefix == pair->client.prefix &&
	    shape->server_prefix == pair->server.prefix;
	size_t i;

	key.client.prefix = shape->client_prefix;
	key.client.address = network_mask(&pair->client.address, key.client.prefix);
	key.server.prefix = shape->server_prefix;
	key.server.address = network_mask(&pair->server.address, key.server.prefix);
	for (i = equal ? number + 1 : find(o, &key); i < o->count; i++) {
		const struct pair *other = &o->pairs[i];

		if (compare_keys(other, &key) != 0 ||
		    other->channel->port_first > pair->channel->port_last)
			break;
		if (other->channel != pair->channel && ports_overlap(other->channel, pair->channel))
			report(o, pair, other);
	}
}

static void
check_contained(struct overlap *o)
{
	size_t i, j;

	for (i = 0; i < o->count; i++) {
		const struct pair *pair = &o->pairs[i];

		for (j = 0; j < o->shape_count; j++) {
			const struct shape *shape = &o->shapes[j];

			if (shape->family == pair->client.family &&
			    shape->client_prefix <= pair->client.prefix &&
			    shape->server_prefix <= pair->server.prefix)
				check_shape(o, i, shape);
		}
	}
}

/* Wider client and narrower server than the other. */
static bool
crosses(const struct pair *a, const struct pair *b)
{
	return a->client.prefix < b->client.prefix && a->server.prefix > b->server.prefix &&
	    network_within(&b->client, &a->client) && network_within(&a->server, &b->server);
}

static void
check_crossing(struct overlap *o)
{
	const struct pair **wide = load_alloc(o->l, o->l->scratch, o->count, sizeof(*wide));
	size_t count = 0, i, j;

	/* `wide` servers, each against all wide clients */
	for (i = 0; i < o->count; i++)
		if (!network_is_host(&o->pairs[i].server))
			wide[count++] = &o->pairs[i];
	for (i = 0; i < o->count && count; i++) {
		const struct pair *pair = &o->pairs[i];

		if (network_is_host(&pair->client))
			continue;
		for (j = 0; j < count; j++)
			if (pair->channel != wide[j]->channel && crosses(pair, wide[j]) &&
			    ports_overlap(pair->channel, wide[j]->channel))
				report(o, pair, wide[j]);
	}
}

/* All networks of endpoints in one row. Returns how many. */
static size_t
flatten(const struct endpoint *endpoints, size_t count, struct network *to)
{
	size_t i, j, total = 0;

	for (i = 0; i < count; i++)
		for (j = 0; j < endpoints[i].network_count; j++, total++)
			if (to)
				to[total] = endpoints[i].networks[j];
	return total;
}

static void
add_channel(struct overlap *o, const struct channel *channel)
{
	size_t clients = flatten(channel->clients, channel->client_count, NULL);
	size_t servers = flatten(channel->servers, channel->server_count, NULL);
	struct network *networks =
	    load_alloc(o->l, o->l->scratch, clients + servers, sizeof(*networks));
	size_t i, j;

	flatten(channel->clients, channel->client_count, networks);
	flatten(channel->servers, channel->server_count, networks + clients);
	for (i = 0; i < clients; i++)
		for (j = clients; j < clients + servers; j++)
			if (networks[i].family == networks[j].family)
				o->pairs[o->count++] =
				    (struct pair){networks[i], networks[j], channel};
}

/* The shapes that occur, from sorted pairs. */
static void
find_shapes(struct overlap *o)
{
	size_t i;

	o->shapes = load_alloc(o->l, o->l->scratch, o->count, sizeof(*o->shapes));
	for (i = 0; i < o->count; i++) {
		const struct pair *pair = &o->pairs[i];
		const struct shape *last = o->shape_count ? &o->shapes[o->shape_count - 1] : NULL;

		if (!last || last->family != pair->client.family ||
		    last->client_prefix != pair->client.prefix ||
		    last->server_prefix != pair->server.prefix)
			o->shapes[o->shape_count++] = (struct shape){
			    pair->client.family, pair->client.prefix, pair->server.prefix};
	}
}

/* A channel with an error of its own may lack its name, protocol or port. */
static bool
complete(const struct channel *channel)
{
	return channel->name && channel->transport &&
	    (channel->transport == PROTOCOL_ICMP || channel->port_first);
}

static size_t
count_pairs(const struct channel *channel)
{
	return flatten(channel->clients, channel->client_count, NULL) *
	    flatten(channel->servers, channel->server_count, NULL);
}

void
check_overlap(struct loader *l)
{
	const struct policy *policy = l->policy;
	struct overlap o = {.l = l};
	size_t total = 0, i;

	for (i = 0; i < policy->channel_count; i++) {
		const struct channel *channel = policy->channels[i];

		total += count_pairs(channel);
		if (total > PAIRS_MAX) {
			load_error(l, channel->where,
			    "too many pairs of clients and servers, with those of this "
			    "channel over %d; expected zones or networks instead of long lists",
			    PAIRS_MAX);
			return;
		}
	}
	o.pairs = load_alloc(l, l->scratch, total, sizeof(*o.pairs));
	o.reported = load_alloc(l, l->scratch, policy->channel_count, sizeof(*o.reported));
	for (i = 0; i < policy->channel_count; i++)
		if (complete(policy->channels[i]))
			add_channel(&o, policy->channels[i]);
	qsort(o.pairs, o.count, sizeof(*o.pairs), compare_pairs);
	find_shapes(&o);
	check_contained(&o);
	check_crossing(&o);
}
