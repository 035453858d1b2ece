/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Place: what in a policy a warning is about.
 */
#ifndef SLUICE_PLACE_H
#define SLUICE_PLACE_H

#include "model.h"

/* The innermost that is not NULL. */
struct place {
	const struct zone *zone;
	const struct conduit *conduit;
	const struct channel *channel;
	const struct rule *rule; /* of the channel */
};

enum { PLACE_SIZE = 160 };

/* "ZONE", "CONDUIT", "CONDUIT/CHANNEL", "CONDUIT/CHANNEL/2" (its second rule), or "". Returns buf.
 */
const char *place_print(const struct place *place, char buf[PLACE_SIZE]);

#endif
