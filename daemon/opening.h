/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening: what the daemon opens once, at its start, and keeps to its end.
 *
 * Every failure is told on standard error.
 */
#ifndef SLUICE_OPENING_H
#define SLUICE_OPENING_H

#include "state.h"

/* The signals that say something to the daemon, as a file. */
int opening_signals(struct supervisor *supervisor);

/* The only sluiced of this network namespace. -EADDRINUSE: there is another one. */
int opening_seat(struct supervisor *supervisor);

/* The user of the inspectors. */
int opening_user(struct supervisor *supervisor);

/* The control socket, and beside it the inspectors' empty directory. */
int opening_control(struct supervisor *supervisor);

/* The event file; one that can't be opened is no failure, and is tried again. A wrong key is. */
int opening_events(struct supervisor *supervisor);

/* Queues, sockets and memory of the inspectors. */
int opening_crew(struct supervisor *supervisor);

/* Who tells what the kernel drops; that there is none is no failure. Always 0. */
int opening_listener(struct supervisor *supervisor);

/* Who tells of network interfaces. Always 0. */
int opening_links(struct supervisor *supervisor);

/* The reverse of all of them, however far they have come. */
void opening_undo(struct supervisor *supervisor);

#endif
