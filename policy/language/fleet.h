/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fleet: which gateways stand on the ways between zones.
 *
 * A map of zones and of the gateways that join them, both as numbers.  Knows no policy.
 */
#ifndef SLUICE_FLEET_H
#define SLUICE_FLEET_H

#include <stdbool.h>
#include <stddef.h>

/* A gateway stands at a zone. */
struct fleet_link {
	size_t zone;
	size_t gateway;
};

/* The links are sorted by no rule and each stands there once. */
struct fleet {
	const struct fleet_link *links;
	size_t link_count;
	size_t zone_count;
	size_t gateway_count;
	/* room for zone_count + gateway_count each, zones first */
	bool *seen;     /* what a walk has met */
	size_t *degree; /* links of each; see fleet_count() */
};

enum { FLEET_NOBODY = -1 };

/* Count the links, before anything is asked. */
void fleet_count(struct fleet *fleet);

/* Is there a way from one zone to another, not through `without` (a gateway or FLEET_NOBODY)? */
bool fleet_joins(const struct fleet *fleet, size_t from, size_t to, long without);

/*
 * Does a way between two zones that meets no zone and no gateway twice lead through this gateway?
 * A gateway that does not stand on one never sees a packet between them.
 */
bool fleet_between(const struct fleet *fleet, size_t from, size_t to, size_t gateway);

#endif
