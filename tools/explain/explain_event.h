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
 * of that flow), or "-" (all of standard input).
 */
enum answer explain_event(struct changes *changes, const char *source, bool json);

#endif
