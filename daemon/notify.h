/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notify: tell the service manager how the daemon is (sd_notify(3)).
 *
 * Does nothing when no service manager listens.
 */
#ifndef SLUICE_NOTIFY_H
#define SLUICE_NOTIFY_H

void notify_ready(const char *status);
void notify_reloading(void);
void notify_stopping(void);
void notify_status(const char *status);
void notify_alive(void); /* the watchdog of the service manager */

#endif
