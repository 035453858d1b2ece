/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links: see links.h.
 *
 * What the kernel tells over rtnetlink is not read, it only says that it is time to look: what was
 * lost when too much was told at once is not missed, and there is nothing to be parsed.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "clock.h"
#include "links.h"
#include "log.h"
#include "surroundings.h"

struct link_place {
	const struct zone *zone;
	const char *name;
	unsigned index; /* 0: there is none */
	enum wire wire; /* as it was told last */
	uint64_t told_ns;
};

/* A plug that is loose is told of once a second. */
static const uint64_t wire_pause_ns = UINT64_C(1000000000);

void
links_open(struct links *links)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		log_warning(
		    "the kernel does not tell of interfaces: they are looked at once a second");
	*links = (struct links){.fd = fd};
}

/* Those that were there before are no news; and which the zones have is asked before. */
static void
note_all(struct links *links)
{
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *one = all; one && one->if_index != 0; one++)
		if (one->if_index > links->index_max)
			links->index_max = one->if_index;
	if_freenameindex(all);
}

int
links_follow(struct links *links, const struct policy *policy)
{
	struct link_place *places;
	size_t count = 0;

	for (size_t i = 0; i < policy->zone_count; i++)
		count += policy->zones[i].interface_count;
	free(links->places); /* they are of a policy that may go now */
	links->count = 0;
	links->places = places = calloc(count ? count : 1, sizeof(*places));
	if (!places)
		return -ENOMEM;
	links->count = count;
	for (size_t i = 0; i < policy->zone_count; i++) {
		const struct zone *zone = &policy->zones[i];

		for (size_t k = 0; k < zone->interface_count; k++)
			*places++ = (struct link_place){
			    .zone = zone,
			    .name = zone->interfaces[k],
			    .index = if_nametoindex(zone->interfaces[k]),
			    .wire = surroundings_wire(zone->interfaces[k]),
			};
	}
	note_all(links);
	return 0;
}

static void
tell_gone(const struct link_place *place, struct events *events)
{
	char name[IF_NAMESIZE] = "", how[IF_NAMESIZE + 16] = "removed";

	if (if_indextoname(place->index, name))
		snprintf(how, sizeof(how), "renamed to %s", name);
	log_error("zone %s: the interface %s was %s; what comes from it or goes to it is dropped",
	    place->zone->name, place->name, how);
	events_note(events, "alarm", "alarm", "interface-gone", "zone", place->zone->name,
	    "interface", place->name, "how", how, NULL);
}

static void
tell_there(const struct link_place *place, struct events *events)
{
	log_warning("zone %s: the interface %s is %s", place->zone->name, place->name,
	    place->index == 0 ? "there now" : "another one now");
	events_note(events, "alarm", "alarm", "interface-back", "zone", place->zone->name,
	    "interface", place->name, NULL);
}

static void
look_at_wire(struct link_place *place, struct events *events)
{
	enum wire wire = surroundings_wire(place->name);
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	if (wire == place->wire || (place->told_ns != 0 && now - place->told_ns < wire_pause_ns))
		return;
	place->wire = wire;
	place->told_ns = now;
	if (wire == WIRE_UP)
		log_info("zone %s: the interface %s is up", place->zone->name, place->name);
	else
		log_warning("zone %s: the interface %s is %s; its hosts can't be reached",
		    place->zone->name, place->name, surroundings_wire_word(wire));
	events_note(events, "alarm", "alarm", wire == WIRE_UP ? "interface-up" : "interface-down",
	    "zone", place->zone->name, "interface", place->name, "how",
	    surroundings_wire_word(wire), NULL);
}

static void
look_at(struct link_place *place, struct events *events)
{
	unsigned index = if_nametoindex(place->name);

	if (index == place->index) {
		if (index != 0)
			look_at_wire(place, events);
		return;
	}
	if (index == 0)
		tell_gone(place, events);
	else
		tell_there(place, events);
	place->index = index;
	place->wire = surroundings_wire(place->name);
}

static bool
is_of_a_zone(const struct links *links, const char *name)
{
	for (size_t i = 0; i < links->count; i++)
		if (strcmp(links->places[i].name, name) == 0)
			return true;
	return false;
}

/* A door that no zone has: nothing is forwarded through it, but somebody has made it. */
static void
look_for_new(struct links *links, struct events *events)
{
	struct if_nameindex *all = if_nameindex();
	unsigned before = links->index_max;

	for (struct if_nameindex *one = all; one && one->if_index != 0; one++) {
		if (one->if_index <= before)
			continue;
		if (one->if_index > links->index_max)
			links->index_max = one->if_index;
		if (is_of_a_zone(links, one->if_name))
			continue;
		log_info("the new interface %s belongs to no zone: nothing is forwarded through it",
		    one->if_name);
		events_note(events, "alarm", "alarm", "interface-of-no-zone", "interface",
		    one->if_name, NULL);
	}
	if_freenameindex(all);
}

void
links_look(struct links *links, struct events *events)
{
	char told[8192];

	/* empty it; that it overflowed is no matter */
	while (links->fd >= 0 && (recv(links->fd, told, sizeof(told), 0) >= 0 || errno == ENOBUFS))
		;
	for (size_t i = 0; i < links->count; i++)
		look_at(&links->places[i], events);
	look_for_new(links, events);
}

void
links_close(struct links *links)
{
	if (links->fd >= 0)
		close(links->fd);
	free(links->places);
	*links = (struct links){.fd = -1};
}
