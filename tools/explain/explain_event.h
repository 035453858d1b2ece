/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explain event: an event of the firewall, without a capture of what it tells of.
 */
#ifndef SLUICE_EXPLAIN_EVENT_H
#define SLUICE_EXPLAIN_EVENT_H

#include "command.h"
#include "changes.h"

/*
 * Explain events by the bytes in them.  `source` is the line itself, FILE:LINE, FILE:flow=ID (all
 * of that flow), "-" (all of standard input), FILE:last (the last that was denied); or "last", or
 * the flow_id alone, of whose events the last that was denied is meant, in the daemon's file.
 */
enum answer explain_event(struct changes *changes, const char *source, bool json);

/* Only the last of them that was denied, and not as JSON. */
enum answer explain_event_last(struct changes *changes, const char *source);

#endif
