/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Router: a router of the plant, inside the zone pumps, which is not the project's.
 */
#ifndef SLUICE_ROUTER_H
#define SLUICE_ROUTER_H

/*
 * Put a router between the gateway and pumps.  What lies behind it takes 1,300 bytes at a time,
 * what comes to it may have 1,500; the wire before it has addresses that are in no network of a
 * zone. The laboratory stays so.
 */
void router_up(void);

#endif
