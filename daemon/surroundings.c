/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Surroundings: see surroundings.h.
 */
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridges.h"
#include "log.h"
#include "surroundings.h"

static bool
zone_has(const struct zone *zone, enum family family)
{
	for (size_t i = 0; i < zone->network_count; i++)
		if (zone->networks[i].family == family)
			return true;
	return false;
}

/* What can't be read is not warned of. */
static bool
forwards(const char *protocol, const char *interface)
{
	char path[64 + IF_NAMESIZE];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%.*s/forwarding", protocol, IF_NAMESIZE,
	    interface);
	file = fopen(path, "re");
	if (!file)
		return true;
	c = fgetc(file);
	fclose(file);
	return c != '0';
}

enum wire
surroundings_wire(const char *interface)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_flags = 0};
	bool told;

	if (fd < 0)
		return WIRE_UP;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%.*s", IF_NAMESIZE - 1, interface);
	told = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
	close(fd);
	if (!told)
		return WIRE_UP;
	if (!(request.ifr_flags & IFF_UP))
		return WIRE_DOWN;
	return request.ifr_flags & IFF_RUNNING ? WIRE_UP : WIRE_UNPLUGGED;
}

const char *
surroundings_wire_word(enum wire wire)
{
	static const char *const words[] = {
	    [WIRE_UP] = "up", [WIRE_DOWN] = "down", [WIRE_UNPLUGGED] = "without a carrier"};

	return words[wire];
}

/* Zones of devices that come and go are mostly empty. */
static void
look_at_wire(
    const struct zone *zone, const char *interface, surroundings_teller *teller, void *context)
{
	enum wire wire = surroundings_wire(interface);
	char text[256];

	if (wire == WIRE_UP || zone->class == ZONE_TEMPORARY)
		return;
	snprintf(text, sizeof(text), "zone %s: the interface %s is %s", zone->name, interface,
	    surroundings_wire_word(wire));
	teller(context, "interface-down", text);
}

static void
look_at(const struct zone *zone, const char *interface, surroundings_teller *teller, void *context)
{
	char text[256];

	if (if_nametoindex(interface) == 0) {
		snprintf(
		    text, sizeof(text), "zone %s: there is no interface %s", zone->name, interface);
		teller(context, "interface-missing", text);
		return;
	}
	look_at_wire(zone, interface, teller, context);
	if (zone->bridge) /* nothing is routed */
		return;
	for (enum family family = FAMILY_IPV4; family <= FAMILY_IPV6; family++) {
		bool ipv4 = family == FAMILY_IPV4;

		if (!zone_has(zone, family) || forwards(ipv4 ? "ipv4" : "ipv6", interface))
			continue;
		snprintf(text, sizeof(text), "zone %s: the kernel does not forward %s from %s (%s)",
		    zone->name, ipv4 ? "IPv4" : "IPv6", interface,
		    ipv4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding");
		teller(context, "not-forwarding", text);
	}
}

void
surroundings_look(const struct policy *policy, surroundings_teller *teller, void *context)
{
	for (size_t i = 0; i < policy->zone_count; i++)
		for (size_t j = 0; j < policy->zones[i].interface_count; j++)
			look_at(&policy->zones[i], policy->zones[i].interfaces[j], teller, context);
	bridges_look(policy, teller, context);
}

static void
warn(void *context, const char *what, const char *text)
{
	log_warning("%s", text);
}

void
surroundings_tell(const struct policy *policy)
{
	surroundings_look(policy, warn, NULL);
}
