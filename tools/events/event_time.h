/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event time: a moment as people and as events write it.
 */
#ifndef SLUICE_EVENT_TIME_H
#define SLUICE_EVENT_TIME_H

#include <stdint.h>

/* What event_time_read() reads, for a complaint about what it does not. */
extern const char event_time_expected[];

/*
 * Nanoseconds since 1970 of "2026-10-05", "2026-10-05 12:00", "2026-10-05T12:00:00.5+0200" or
 * "...Z", "12:00" (of today), "today", "yesterday", "now", or of so long before `now_ns`: "10m",
 * "2 hours", "1d 12h ago".  Without a zone it is local time.  Returns 0 or -EINVAL.
 */
int event_time_read(const char *text, uint64_t now_ns, uint64_t *ret_ns);

#endif
