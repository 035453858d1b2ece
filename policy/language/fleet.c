/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fleet: see fleet.h. */
#include "fleet.h"

#include <string.h>

/* Zones come first, gateways behind them. */
static size_t
place_of(const struct fleet *fleet, size_t gateway)
{
	return fleet->zone_count + gateway;
}

void
fleet_count(struct fleet *fleet)
{
	memset(
	    fleet->degree, 0, (fleet->zone_count + fleet->gateway_count) * sizeof(*fleet->degree));
	for (size_t i = 0; i < fleet->link_count; i++) {
		fleet->degree[fleet->links[i].zone]++;
		fleet->degree[place_of(fleet, fleet->links[i].gateway)]++;
	}
}

/* Mark all that can be reached from `start` without stepping on `without` (a place, or nobody). */
static void
walk(const struct fleet *fleet, size_t start, long without)
{
	bool grown = true;

	memset(fleet->seen, 0, (fleet->zone_count + fleet->gateway_count) * sizeof(*fleet->seen));
	fleet->seen[start] = true;
	while (grown) {
		grown = false;
		for (size_t i = 0; i < fleet->link_count; i++) {
			size_t a = fleet->links[i].zone;
			size_t b = place_of(fleet, fleet->links[i].gateway);

			if ((long)a == without || (long)b == without ||
			    fleet->seen[a] == fleet->seen[b])
				continue;
			fleet->seen[a] = fleet->seen[b] = true;
			grown = true;
		}
	}
}

bool
fleet_joins(const struct fleet *fleet, size_t from, size_t to, long without)
{
	walk(fleet, from, without < 0 ? FLEET_NOBODY : (long)place_of(fleet, (size_t)without));
	return fleet->seen[to];
}

/*
 * The gateway is on such a way if two ways lead from it to the two zones that share nothing else.
 * They do unless there is one place without which it reaches neither zone, or only that place
 * itself (Menger).  What has one link only leads nowhere, so nothing is lost without it.
 */
bool
fleet_between(const struct fleet *fleet, size_t from, size_t to, size_t gateway)
{
	size_t start = place_of(fleet, gateway);

	for (size_t i = 0; i < fleet->zone_count + fleet->gateway_count; i++) {
		if (i == start || (fleet->degree[i] < 2 && i != from && i != to))
			continue;
		walk(fleet, start, (long)i);
		if (!(fleet->seen[from] && i != from) && !(fleet->seen[to] && i != to))
			return false;
	}
	return from != to;
}
