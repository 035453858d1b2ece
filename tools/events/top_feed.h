/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Top feed: the newest events of the running daemon, for who does something else meanwhile.
 */
#ifndef SLUICE_TOP_FEED_H
#define SLUICE_TOP_FEED_H

#include <stddef.h>

#include "top_screen.h"

enum { FEED_LINE_MAX = 16384 }; /* bytes of an event; of a longer one nothing is shown */

struct top_feed {
	int fd; /* -1: there is none (any more) */
	size_t used;
	size_t skipping; /* the rest of a line that was too long */
	char line[FEED_LINE_MAX];
	char *texts[TOP_EVENTS_MAX]; /* newest first */
};

/* Ask the daemon for its events. Without them there are none to show, which is no error. */
void top_feed_open(struct top_feed *feed, const char *path);

/* Take what has come; does not wait. */
void top_feed_read(struct top_feed *feed);

void top_feed_close(struct top_feed *feed);

#endif
