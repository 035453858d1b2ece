/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bridges: those that the policy's zones are ports of, and whether they show what they carry.
 *
 * The rules drop what a bridge has not shown to all of them; so nothing here protects anything, it
 * only makes permitted traffic pass, and says why it does not.
 */
#ifndef SLUICE_BRIDGES_H
#define SLUICE_BRIDGES_H

#include "events.h"
#include "model.h"

/*
 * Let each bridge that does not yet show its packets to the rules do so.  With `events`, that one
 * did not is an alarm: somebody has turned it off, or the bridge is new.
 */
void bridges_tend(const struct policy *policy, struct events *events);

typedef void bridges_teller(void *context, const char *what, const char *text);

/* Tell of bridges that are missing, and of interfaces that are no ports of theirs. */
void bridges_look(const struct policy *policy, bridges_teller *teller, void *context);

#endif
