/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boxes: see boxes.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boxes.h"
#include "network.h"
#include "terminal.h"

static void *
grow(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = *room ? *room * 2 : 64;
	items = reallocarray(items, *room, size);
	if (!items) {
		complain("out of memory");
		exit(2);
	}
	return items;
}

static void
boxes_add(struct boxes *boxes, const struct connections_box *box)
{
	boxes->items = grow(boxes->items, boxes->count, &boxes->room, sizeof(boxes->items[0]));
	boxes->items[boxes->count++] = *box;
}

void
boxes_done(struct boxes *boxes)
{
	free(boxes->items);
	*boxes = (struct boxes){0};
}

/* ---- interfaces ---- */

static size_t
find_interface(const struct interfaces *interfaces, const char *name)
{
	size_t i = 0;

	while (i < interfaces->count && strcmp(interfaces->names[i], name) != 0)
		i++;
	return i;
}

void
interfaces_add(struct interfaces *interfaces, const struct policy *policy)
{
	for (size_t z = 0; z < policy->zone_count; z++)
		for (size_t i = 0; i < policy->zones[z].interface_count; i++) {
			const char *name = policy->zones[z].interfaces[i];
			size_t room = interfaces->count;

			if (find_interface(interfaces, name) < interfaces->count)
				continue;
			interfaces->names =
			    reallocarray(interfaces->names, room + 1, sizeof(interfaces->names[0]));
			if (!interfaces->names) {
				complain("out of memory");
				exit(2);
			}
			interfaces->names[interfaces->count++] = name;
		}
}

void
interfaces_done(struct interfaces *interfaces)
{
	free(interfaces->names);
	*interfaces = (struct interfaces){0};
}

const char *
interfaces_name(const struct interfaces *interfaces, struct wide index)
{
	if (index.low < interfaces->count)
		return interfaces->names[(size_t)index.low];
	return index.low == interfaces->count ? "any other" : "this machine";
}

static struct box_range
range_of(uint64_t first, uint64_t last)
{
	return (struct box_range){wide_of(first), wide_of(last)};
}

/* The interfaces of a zone, one after the other; false behind the last. */
static bool
zone_interface(const struct zone *zone, const struct interfaces *interfaces, size_t i,
    struct box_range *ret_range)
{
	size_t index = interfaces->count + 1;

	if (zone->class == ZONE_GATEWAY) {
		*ret_range = range_of(index, index);
		return i == 0;
	}
	if (zone->interface_count == 0) {
		*ret_range = range_of(0, interfaces->count);
		return i == 0;
	}
	if (i >= zone->interface_count)
		return false;
	index = find_interface(interfaces, zone->interfaces[i]);
	*ret_range = range_of(index, index);
	return true;
}

/* ---- addresses ---- */

static unsigned
width_of(enum family family)
{
	return network_host_prefix(family);
}

struct wide
address_number(const struct address *address, enum family family)
{
	struct wide number = {0, 0};

	for (unsigned i = 0; i < width_of(family) / 8; i++) {
		number.high = number.high << 8 | number.low >> 56;
		number.low = number.low << 8 | address->bytes[i];
	}
	return number;
}

struct address
number_address(struct wide number, enum family family)
{
	struct address address = {{0}};

	for (unsigned i = width_of(family) / 8; i > 0; i--) {
		address.bytes[i - 1] = (uint8_t)number.low;
		number.low = number.low >> 8 | number.high << 56;
		number.high >>= 8;
	}
	return address;
}

static struct box_range
network_range(const struct network *network)
{
	struct wide first = address_number(&network->address, network->family);
	struct wide rest = wide_ones(width_of(network->family) - network->prefix);

	return (struct box_range){first, {first.high | rest.high, first.low | rest.low}};
}

/* ---- boxes ---- */

static void
add_interfaces(
    struct boxes *boxes, struct connections_box *box, const struct interfaces *interfaces)
{
	const struct channel *channel = box->channel;

	for (size_t c = 0;
	     zone_interface(channel->client_zone, interfaces, c, &box->sides[BOX_CLIENT_INTERFACE]);
	     c++)
		for (size_t s = 0; zone_interface(
			 channel->server_zone, interfaces, s, &box->sides[BOX_SERVER_INTERFACE]);
		     s++)
			boxes_add(boxes, box);
}

static void
add_pair(struct boxes *boxes, const struct channel *channel, const struct interfaces *interfaces,
    const struct network *client, const struct network *server)
{
	struct connections_box box = {
	    .channel = channel, .family = client->family, .transport = channel->transport};

	if (client->family != server->family)
		return;
	box.sides[BOX_CLIENT] = network_range(client);
	box.sides[BOX_SERVER] = network_range(server);
	box.sides[BOX_PORT] = range_of(channel->port_first, channel->port_last);
	add_interfaces(boxes, &box, interfaces);
}

static void
add_channel(struct boxes *boxes, const struct channel *channel, const struct interfaces *interfaces)
{
	for (size_t c = 0; c < channel->client_count; c++)
		for (size_t i = 0; i < channel->clients[c].network_count; i++)
			for (size_t s = 0; s < channel->server_count; s++)
				for (size_t j = 0; j < channel->servers[s].network_count; j++)
					add_pair(boxes, channel, interfaces,
					    &channel->clients[c].networks[i],
					    &channel->servers[s].networks[j]);
}

void
boxes_of(const struct policy *policy, const struct interfaces *interfaces, struct boxes *ret_boxes)
{
	*ret_boxes = (struct boxes){0};
	for (size_t i = 0; i < policy->channel_count; i++)
		add_channel(ret_boxes, policy->channels[i], interfaces);
}

bool
box_overlap(const struct connections_box *a, const struct connections_box *b,
    struct connections_box *ret_common)
{
	if (a->family != b->family || a->transport != b->transport)
		return false;
	*ret_common = *a;
	for (int i = 0; i < BOX_SIDES; i++) {
		const struct box_range *x = &a->sides[i], *y = &b->sides[i];
		struct box_range *common = &ret_common->sides[i];

		common->first = wide_less(y->first, x->first) ? x->first : y->first;
		common->last = wide_less(x->last, y->last) ? x->last : y->last;
		if (wide_less(common->last, common->first))
			return false;
	}
	return true;
}

/* What lies around `common` within `box`, side by side. */
static void
add_around(
    struct boxes *pieces, const struct connections_box *box, const struct connections_box *common)
{
	struct connections_box rest = *box;

	for (int i = 0; i < BOX_SIDES; i++) {
		struct box_range side = rest.sides[i];

		if (wide_less(side.first, common->sides[i].first)) {
			rest.sides[i].last = wide_before(common->sides[i].first);
			boxes_add(pieces, &rest);
			rest.sides[i] = side;
		}
		if (wide_less(common->sides[i].last, side.last)) {
			rest.sides[i].first = wide_next(common->sides[i].last);
			boxes_add(pieces, &rest);
		}
		rest.sides[i] = common->sides[i];
	}
}

void
box_subtract(const struct connections_box *box, const struct boxes *others, struct boxes *pieces)
{
	struct boxes left = {0}, next = {0};

	boxes_add(&left, box);
	for (size_t o = 0; o < others->count && left.count > 0; o++) {
		struct connections_box common;
		struct boxes swap = left;

		if (!box_overlap(box, &others->items[o], &common))
			continue;
		next.count = 0;
		for (size_t i = 0; i < left.count; i++) {
			if (box_overlap(&left.items[i], &others->items[o], &common))
				add_around(&next, &left.items[i], &common);
			else
				boxes_add(&next, &left.items[i]);
		}
		left = next;
		next = swap;
	}
	for (size_t i = 0; i < left.count; i++)
		boxes_add(pieces, &left.items[i]);
	boxes_done(&left);
	boxes_done(&next);
}
