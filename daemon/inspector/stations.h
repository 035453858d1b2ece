/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stations: behind which port of a bridge, and with which hardware address, a host was seen last.
 *
 * For the segments that end a bridged connection: they leave by a port, not by a route.  Learnt
 * from packets that the kernel's rules have vouched for, so a host can only tell of the addresses
 * of its own zone.  One place for each hash of an address: of two hosts that share one, the later
 * has it.  In shared memory, so that a successor knows what its predecessor knew.
 */
#ifndef SLUICE_STATIONS_H
#define SLUICE_STATIONS_H

#include <stdint.h>

#include "packet.h"

enum { STATIONS_MAX = 1024, STATION_MAC_SIZE = 6 };

struct station {
	struct address address;
	uint32_t port; /* index of the interface; 0: nobody is here */
	uint8_t family;
	uint8_t mac[STATION_MAC_SIZE];
};

struct stations {
	struct station places[STATIONS_MAX];
};

struct queue_packet;

/* Note who sent a packet that came in by a port. */
void stations_learn(struct stations *stations, const struct queue_packet *packet);

/* NULL if the host was not seen, or another has its place. */
const struct station *stations_find(
    const struct stations *stations, enum family family, const struct address *address);

#endif
