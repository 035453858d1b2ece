/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notify: tell the service manager how the daemon is (sd_notify(3)).
 *
 * Does nothing when no service manager listens.
 */
#ifndef SLUICE_NOTIFY_H
#define SLUICE_NOTIFY_H

#include "estate.h"

void notify_ready(const char *status);
void notify_reloading(void);
void notify_stopping(void);
void notify_status(const char *status);
void notify_alive(void); /* the watchdog of the service manager */

/* Take what the service manager has kept for us. To be called once, at the start. */
void notify_receive(struct estate *estate);

/* Have it keep a descriptor under a name, beyond our end; no longer; wait until it has done so. */
void notify_keep(const char *name, int fd);
void notify_forget(const char *name);
void notify_wait(void);

#endif
