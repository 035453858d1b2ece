/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Daemon asked: what a filter and a reader of events want to know of the running daemon.
 */
#ifndef SLUICE_DAEMON_ASKED_H
#define SLUICE_DAEMON_ASKED_H

#include <stddef.h>

#include "model.h"

struct daemon_asked {
	const char *command; /* who asks, for complaints */
	const char *path;    /* of the socket */
};

/*
 * An event_filter_resolver whose context is a struct daemon_asked: the networks of an asset or zone
 * of the policy in force.
 */
int daemon_resolve(
    void *context, const char *name, struct network *ret_networks, size_t room, size_t *ret_count);

/* The daemon's event file, to be freed. 0, or -errno after it was told what is wrong. */
int daemon_event_file(const char *command, const char *path, char **ret_name);

#endif
