/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scans: many dropped packets, few events.
 *
 * The first packet of a source for a reason is told at once, with all that is known of it.  Those
 * that follow are counted, and told once in SCANS_PERIOD_NS: how many, and the last of them.  A
 * source that was silent for that long is forgotten.  There is room for SCANS_MAX sources; of the
 * others only a number is told.  A pure module: no clock, no system call, no allocation.
 */
#ifndef SLUICE_SCANS_H
#define SLUICE_SCANS_H

#include "event.h"

enum { SCANS_MAX = 256 };

#define SCANS_PERIOD_NS UINT64_C(60000000000)

struct scan {
	bool used;
	uint64_t begun_ns; /* monotonic, of the period */
	uint64_t count;    /* packets that have not been told */
	struct event last;
};

struct scans {
	struct scan sources[SCANS_MAX];
	unsigned used;
	struct scan others; /* packets of sources that found no room, by their last one */
	void (*tell)(void *context, const struct event *event);
	void *context;
};

/*
 * A packet was dropped: `event` of type EVENT_DROP, with reason, addresses and the time of the day.
 * `now_ns` is monotonic.
 */
void scans_add(struct scans *scans, const struct event *event, uint64_t now_ns);

/* Tell what a period has ended for. To be called about once a second. */
void scans_tick(struct scans *scans, uint64_t now_ns);

/* Tell all that has not been told. */
void scans_flush(struct scans *scans);

#endif
