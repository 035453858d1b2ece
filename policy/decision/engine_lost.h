/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: packets that have passed and are not in the capture.
 *
 * A mirror loses some.  What one end acknowledges has arrived there: where it was never seen, the
 * stream begins anew behind it, and what is left there of a message is passed over.  Only for
 * packets that are `recorded`: in front of a controller the same would let unjudged bytes be
 * followed by others, and there it is stream-bypassed.
 */
#ifndef SLUICE_ENGINE_LOST_H
#define SLUICE_ENGINE_LOST_H

#include "engine_pass.h"

/* Does the packet prove that packets of the other end are missing?  Then tell it and go on there.
 */
void lost_notice(struct pass *pass);

/* The packet has been judged: what it brought is in the capture. */
void lost_remember(struct pass *pass);

/* Is the sender's stream one that was lost, in which no whole message has been seen since? */
bool lost_follows(const struct pass *pass);

#endif
