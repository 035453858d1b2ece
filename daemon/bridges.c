/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridges: see bridges.h.
 */
#include "bridges.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "nft_bridge.h"

/* A bridge is looked at once, at the first of its zones. */
static bool
is_first(const struct policy *policy, size_t zone)
{
	const char *bridge = policy->zones[zone].bridge;

	for (size_t i = 0; i < zone; i++)
		if (policy->zones[i].bridge && strcmp(policy->zones[i].bridge, bridge) == 0)
			return false;
	return true;
}

static void
tend(const char *bridge, struct events *events)
{
	int r = nft_bridge_show(bridge);

	if (r < 0 && r != -ENODEV && r != -ENOTTY)
		log_error("bridge %s can't be made to show its packets to the rules, which drop "
			  "them: %s",
		    bridge, strerror(-r));
	if (r <= 0 || events == NULL)
		return;
	log_warning("bridge %s did not show its packets to the rules (nf_call_iptables); it does "
		    "again",
	    bridge);
	events_note(events, "alarm", "alarm", "bridge-unguarded", "bridge", bridge, "result",
	    "put right", NULL);
}

void
bridges_tend(const struct policy *policy, struct events *events)
{
	for (size_t i = 0; i < policy->zone_count; i++)
		if (policy->zones[i].bridge && is_first(policy, i))
			tend(policy->zones[i].bridge, events);
}

static void
look_at_ports(const struct zone *zone, bridges_teller *teller, void *context)
{
	unsigned bridge = if_nametoindex(zone->bridge);
	char text[256];

	for (size_t i = 0; i < zone->interface_count; i++) {
		const char *port = zone->interfaces[i];

		if (if_nametoindex(port) == 0 || nft_bridge_of(port) == bridge)
			continue;
		snprintf(text, sizeof(text), "zone %s: %s is no port of the bridge %s", zone->name,
		    port, zone->bridge);
		teller(context, "port-missing", text);
	}
}

void
bridges_look(const struct policy *policy, bridges_teller *teller, void *context)
{
	char text[256];

	for (size_t i = 0; i < policy->zone_count; i++) {
		const struct zone *zone = &policy->zones[i];

		if (zone->bridge == NULL)
			continue;
		if (if_nametoindex(zone->bridge) != 0) {
			look_at_ports(zone, teller, context);
		} else if (is_first(policy, i)) {
			snprintf(text, sizeof(text), "zone %s: there is no bridge %s", zone->name,
			    zone->bridge);
			teller(context, "bridge-missing", text);
		}
	}
}
