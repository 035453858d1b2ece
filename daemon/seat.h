/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Seat: one sluiced in a network namespace, for there is one table.
 *
 * A name that belongs to the namespace, not to the file system: whatever --control says, two of us
 * find each other.  The kernel takes it back when its holder ends, however it ends.
 */
#ifndef SLUICE_SEAT_H
#define SLUICE_SEAT_H

#include <sys/types.h>

/*
 * Take it: 0 and *ret_fd, to be closed at the end; or -EADDRINUSE if another sluiced has it, with
 * its process in *ret_holder (0: of another process namespace); or -errno.  *ret_fd is -1 if
 * somebody who may not run sluiced has taken the name: that is no reason not to start.
 */
int seat_take(int *ret_fd, pid_t *ret_holder);

/* Send away those who have asked. To be called now and then. */
void seat_serve(int fd);

/* Which process has it? -ENOENT: none that matters. May take seconds if the name is crowded. */
int seat_find(pid_t *ret_holder);

#endif
