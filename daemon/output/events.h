/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events: from the inspectors' records and the daemon's own life to lines of JSON, and to who reads
 * them: a file or standard output, and subscribers of the control socket.
 */
#ifndef SLUICE_EVENTS_H
#define SLUICE_EVENTS_H

#include <poll.h>

#include "event.h"
#include "model.h"
#include "outlet.h"

/* Somebody else who gets every line. */
typedef void events_subscriber(void *context, const char *line);

struct events {
	const char *path; /* NULL: no file; "-": standard output */
	struct outlet outlet;
	bool failing; /* the file can't be written, and that has been told */
	events_subscriber *subscriber;
	void *context;
	bool subscribed; /* somebody listens there; otherwise nothing is formatted for them */
	uint64_t total;
};

/* Open `path` (may be NULL). 0 or -errno. */
int events_init(struct events *events, const char *path);
void events_done(struct events *events);

/* Open the file anew: somebody has renamed it. The old one stays if that fails. 0 or -errno. */
int events_reopen(struct events *events);

/* A record of an inspector, with the policy that it names (NULL: no longer known). */
void events_record(struct events *events, const struct policy *policy, const struct event *event);

/* Events that no inspector could deliver. */
void events_lost(struct events *events, uint64_t count);

/*
 * Something in the daemon's own life: `what` is the event_type, then pairs of name and value, ended
 * by NULL.
 */
__attribute__((sentinel)) void events_note(struct events *events, const char *what, ...);

/* Try to write what waits; poll() said that there is room. */
void events_flush(struct events *events);

#endif
