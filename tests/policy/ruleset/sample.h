/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sample: policies made by hand, for tests of the ruleset that do not want to depend on the
 * language.
 */
#ifndef SLUICE_SAMPLE_H
#define SLUICE_SAMPLE_H

#include "model.h"

struct sample_zone {
	const char *name;
	enum zone_class class;
	const char *interfaces; /* separated by blanks */
	const char *networks;
};

struct sample_channel {
	const char *conduit; /* channels of one conduit stand together */
	const char *name;
	const char *clients; /* networks, separated by blanks */
	const char *servers;
	uint8_t transport;
	uint16_t port_first;
	uint16_t port_last;
	bool inspected;
	enum pickup pickup;
	enum when_down when_down;
};

/* Ends the program when memory is out or a network is not well-formed. Zones are those of the first
 * matching address. */
struct policy *sample_new(const struct sample_zone *zones, size_t zone_count,
    const struct sample_channel *channels, size_t channel_count);
void sample_free(struct policy *policy);

#endif
