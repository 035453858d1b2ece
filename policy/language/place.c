/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Place: see place.h.
 */
#include <stdio.h>

#include "place.h"

/* A name that is wrong, which was told, may be missing or longer than one. */
static const char *
name_of(const char *name)
{
	return name ? name : "?";
}

const char *
place_print(const struct place *place, char buf[PLACE_SIZE])
{
	const struct channel *channel = place->channel;
	int length;

	buf[0] = '\0';
	if (channel) {
		length = snprintf(buf, PLACE_SIZE, "%.63s/%.63s", name_of(channel->conduit->name),
		    name_of(channel->name));
		if (place->rule)
			snprintf(buf + length, PLACE_SIZE - (size_t)length, "/%u",
			    place->rule->index + 1);
	} else if (place->conduit) {
		snprintf(buf, PLACE_SIZE, "%.63s", name_of(place->conduit->name));
	} else if (place->zone) {
		snprintf(buf, PLACE_SIZE, "%.63s", name_of(place->zone->name));
	}
	return buf;
}
