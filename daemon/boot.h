/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot: the last good policy in the kernel before there is a network, and before anybody judges.
 *
 * The rules alone: what they would hand to inspectors does what its conduit's when_down says, from
 * the first packet on.
 */
#ifndef SLUICE_BOOT_H
#define SLUICE_BOOT_H

#include "state.h"

/*
 * Put the copy in settings->state in force, or, if there is none that can be used, the policy file.
 * If neither can be, the table drops all that is forwarded, as after a start that fails.  Every
 * failure has been told; returns an exit status.
 */
int boot_run(const struct supervisor_settings *settings);

#endif
