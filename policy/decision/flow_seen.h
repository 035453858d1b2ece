/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow seen: one connection of an arena on which somebody else is at work, for people to look at.
 *
 * Nothing is locked: what is read is copied first and looked at then, and may be of two moments.
 * Whoever writes there may be under somebody else's control, so no place and no number in the arena
 * is believed: where the tables are follows from the limits that the reader knows, and what is
 * handed out is to be compared with the policy before it is used as an index.
 */
#ifndef SLUICE_FLOW_SEEN_H
#define SLUICE_FLOW_SEEN_H

#include <stdbool.h>

#include "counters.h"
#include "flow_note.h"
#include "packet.h"

struct flow_view {
	const uint8_t *arena;
	size_t flows_at, seldom_at, notes_at;
	uint32_t top; /* the last that may be in use */
};

struct flow_seen {
	uint64_t id;
	uint64_t last_ns; /* monotonic */
	struct address client, server;
	uint16_t client_port, server_port;
	uint8_t family;
	uint8_t transport;
	uint8_t waiting;    /* requests that may still be answered */
	const char *state;  /* in a word */
	bool denied;        /* nothing of it passes any more */
	uint32_t channel;   /* index in the policy, if it is below its number of channels */
	uint32_t opened_ms; /* monotonic; 0: not known */
	struct flow_note note;
};

/* The block was made for these limits, and is as large as they need. */
void flow_view_init(struct flow_view *view, const void *arena, const struct engine_limits *limits);

/* The connection of that number, from 1 to view->top; false: there is none, or it changes. */
bool flow_see(const struct flow_view *view, uint32_t index, struct flow_seen *ret_seen);

#endif
