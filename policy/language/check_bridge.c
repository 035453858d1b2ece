/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check, bridge: zones whose interfaces are ports of a bridge.
 *
 * What the rules for bridged frames can't hold yet is refused here, where its author sees it,
 * rather than left half guarded.
 */
#include <string.h>

#include "loader.h"

/* A bridge is the door of all its ports: as an interface it would be one of all zones. */
static void
check_doors(struct loader *l, const struct zone *zone)
{
	for (size_t i = 0; i < l->policy->zone_count; i++) {
		const struct zone *other = &l->policy->zones[i];

		for (size_t k = 0; k < other->interface_count; k++)
			if (strcmp(other->interfaces[k], zone->bridge) == 0)
				load_error(l, zone->where,
				    "bridge \"%s\" of zone \"%s\" is an interface of zone \"%s\" "
				    "(%s); expected a bridge whose ports alone are in zones",
				    zone->bridge, zone->name, other->name,
				    load_place(l, zone->where, other->where));
	}
}

static void
check_families(struct loader *l, const struct zone *zone)
{
	for (size_t i = 0; i < zone->network_count; i++) {
		if (zone->networks[i].family == FAMILY_IPV4)
			continue;
		load_error(l, zone->where,
		    "zone \"%s\" has IPv6 addresses and its interfaces are ports of a bridge, "
		    "which is not possible yet; expected IPv4 only",
		    zone->name);
		return;
	}
}

/* Such a zone has the interfaces of others, and by them one of their ports. */
static void
check_behind(struct loader *l, const struct zone *zone)
{
	bool bridged = zone->bridge != NULL;

	for (size_t i = 0; i < zone->behind_count; i++)
		bridged |= zone->behind[i]->bridge != NULL;
	if (bridged && zone->behind_count > 0)
		load_error(l, zone->where,
		    "zone \"%s\" lies behind another one and behind a port of a bridge, which is "
		    "not possible yet; expected its networks in that zone",
		    zone->name);
}

static void
check_conduit(struct loader *l, const struct conduit *conduit)
{
	const char *from = conduit->from->bridge, *to = conduit->to->bridge;

	if ((from == NULL && to == NULL) || (from != NULL && to != NULL && strcmp(from, to) == 0))
		return;
	load_error(l, conduit->where,
	    "conduit \"%s\" joins a port of bridge \"%s\" and zone \"%s\", which is no port of it, "
	    "which is not possible yet; expected zones of one bridge, or zones of none",
	    conduit->name, from ? from : to, from ? conduit->to->name : conduit->from->name);
}

void
check_bridges(struct loader *l)
{
	const struct policy *policy = l->policy;

	for (size_t i = 0; i < policy->zone_count; i++) {
		check_behind(l, &policy->zones[i]);
		if (policy->zones[i].bridge && policy->fast_path != FAST_PATH_OFF)
			load_error(l, policy->zones[i].where,
			    "zone \"%s\" is behind ports of a bridge, and fast_path is \"auto\", "
			    "which is not possible yet; expected fast_path = \"off\"",
			    policy->zones[i].name);
		if (policy->zones[i].bridge == NULL)
			continue;
		check_doors(l, &policy->zones[i]);
		check_families(l, &policy->zones[i]);
	}
	for (size_t i = 0; i < policy->conduit_count; i++)
		if (policy->conduits[i].from && policy->conduits[i].to)
			check_conduit(l, &policy->conduits[i]);
}
