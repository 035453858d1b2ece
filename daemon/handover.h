/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handover: what the daemon leaves to the run after it, and takes from the one before.
 *
 * Connections, queues with the packets that wait in them, rates and the policy in force are behind
 * file descriptors.  They outlive a run in two ways: the service manager keeps them
 * (FileDescriptorStoreMax of systemd.service(5)), or the process becomes the new program itself
 * (handover_restart()).  What comes back is looked at before it is used, and refused as a whole if
 * anything is not as it should be: then connections are what `pickup` says, as at a first start.
 */
#ifndef SLUICE_HANDOVER_H
#define SLUICE_HANDOVER_H

#include "state.h"

/* Take what was left, if anything.  Always 0: that nothing can be used is told, no failure. */
int handover_open(struct supervisor *supervisor);

/* Now that the policy is known: can its run go on with it?  Always 0. */
int handover_check(struct supervisor *supervisor);

/* A crew from it.  False: there is nothing, or it was refused, which was told. */
bool handover_crew(struct supervisor *supervisor);

/* What has become of the connections of the run before: "kept", "resumed" or "new". */
const char *handover_word(const struct supervisor *supervisor);

/* The first policy is in force: from now on the next run finds all this. */
void handover_begin(struct supervisor *supervisor);

/* Another policy is in force. */
void handover_keep(struct supervisor *supervisor);

/* Nothing is left to anybody: rules without a listener do at once what they say. */
void handover_discard(struct supervisor *supervisor);

/*
 * Become the program of the file from which this one was started, which may be another by now.  The
 * inspectors work on meanwhile.  `reply` (-1: none) is told when the policy is in force.  Returns
 * only if that is not possible, with a sentence, and nothing has changed.
 */
const char *handover_restart(struct supervisor *supervisor, int reply);

/* Close everything. */
void handover_close(struct supervisor *supervisor);

#endif
