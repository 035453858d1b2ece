/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Supervisor: the one privileged process.
 *
 * Loads the policy, programs the kernel, keeps the inspectors at work, formats their events,
 * answers the control socket.  Never sees a packet.
 */
#ifndef SLUICE_SUPERVISOR_H
#define SLUICE_SUPERVISOR_H

#include "state.h"

/* Exit statuses of the daemon. */
enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_TROUBLE = 2 };

/* Run until told to stop. Every failure has been told on standard error; returns an exit status. */
int supervisor_run(const struct supervisor_settings *settings);

/*
 * For a start that can't be tried, because the command line is wrong: leave a table that drops all
 * that is forwarded, as a start that fails does.  0 or -errno, which has been told.
 */
int supervisor_shut(const struct supervisor_settings *settings);

/*
 * Remove a table that an earlier run left behind, unless a daemon listens at the control socket:
 * without its table a running firewall lets everything pass.  Returns an exit status.
 */
int supervisor_flush(const char *control);

#endif
