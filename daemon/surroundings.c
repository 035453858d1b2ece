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
tell_interface(const struct zone *zone, const char *interface)
{
	if (if_nametoindex(interface) == 0) {
		log_warning("zone %s: there is no interface %s", zone->name, interface);
		return;
	}
	if (zone_has(zone, FAMILY_IPV4) && !forwards("ipv4", interface))
		log_warning(
		    "zone %s: the kernel does not forward IPv4 from %s (net.ipv4.ip_forward)",
		    zone->name, interface);
	if (zone_has(zone, FAMILY_IPV6) && !forwards("ipv6", interface))
		log_warning("zone %s: the kernel does not forward IPv6 from %s "
			    "(net.ipv6.conf.all.forwarding)",
		    zone->name, interface);
}

void
surroundings_tell(const struct policy *policy)
{
	for (size_t i = 0; i < policy->zone_count; i++)
		for (size_t j = 0; j < policy->zones[i].interface_count; j++)
			tell_interface(&policy->zones[i], policy->zones[i].interfaces[j]);
}
