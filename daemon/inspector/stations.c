/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stations: see stations.h.
 */
#include "stations.h"

#include <string.h>

#include "queue.h"

static uint32_t
place_of(enum family family, const struct address *address)
{
	uint32_t hash = 2166136261U + (uint32_t)family; /* FNV-1a */

	for (size_t i = 0; i < sizeof(address->bytes); i++)
		hash = (hash ^ address->bytes[i]) * 16777619U;
	return (hash ^ hash >> 16) % STATIONS_MAX;
}

void
stations_learn(struct stations *stations, const struct queue_packet *packet)
{
	struct station station = {.port = packet->port};
	struct station *place;
	struct packet parsed;
	enum reason reason;

	if (!packet->has_mac || !packet_parse(packet->data, packet->length, &parsed, &reason))
		return;
	station.family = (uint8_t)parsed.family;
	station.address = parsed.source;
	memcpy(station.mac, packet->mac, sizeof(station.mac));
	place = &stations->places[place_of(parsed.family, &parsed.source)];
	if (memcmp(place, &station, sizeof(station)) != 0)
		*place = station;
}

const struct station *
stations_find(const struct stations *stations, enum family family, const struct address *address)
{
	const struct station *place = &stations->places[place_of(family, address)];

	return place->port != 0 && place->family == family &&
		memcmp(&place->address, address, sizeof(*address)) == 0
	    ? place
	    : NULL;
}
