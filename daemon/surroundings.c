/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Surroundings: see surroundings.h.
 */
#include <net/if.h>
#include <stdio.h>

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
