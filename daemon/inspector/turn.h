/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turn: who may still tell something, when much waits to be told.
 *
 * The pipe for events has room for some hundreds.  As long as most of it is free, everybody may
 * fill it; what is left then is for those who have told little since it was last empty.  So one
 * client's thousand denials do not cost another client its first.  No clock, no system call.
 */
#ifndef SLUICE_TURN_H
#define SLUICE_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

enum {
	TURN_SOURCES = 256, /* places that addresses are spread over */
	TURN_FEW = 8,       /* events of a place that it always may have */
};

struct turn {
	uint64_t seed; /* so that nobody can choose an address that shares a place */
	uint8_t told[TURN_SOURCES];
};

/*
 * May this client have one more event, with `waiting` of `room` events not yet read?  Counts it if
 * so.
 */
bool turn_takes(struct turn *turn, const struct address *client, uint64_t waiting, uint64_t room);

#endif
