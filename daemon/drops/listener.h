/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listener: the process that reads what the kernel has dropped.
 *
 * The packets are anybody's, so it lives behind the walls of an inspector, without its capability,
 * and hands on records only.  If it dies nothing passes that did not pass before.
 */
#ifndef SLUICE_LISTENER_H
#define SLUICE_LISTENER_H

#include <sys/types.h>

#include "events.h"

struct listener {
	bool on;   /* the kernel can tell, and the group is ours */
	int error; /* errno for which it is not */
	int log;   /* see nflog.h */
	int event_read, event_write;
	pid_t pid;   /* 0: nobody at the moment */
	int process; /* pidfd */
	uint64_t deaths;
	uid_t user;
	gid_t group;
	const char *root;                    /* an empty directory */
	void (*forget)(const void *context); /* in the child: what is none of its business */
	const void *context;
};

/* Take the group of the kernel's log. 0, or -errno: there is none then, and no failure either. */
int listener_open(struct listener *listener, uint16_t log_group);

/* Start the process; to be called about once a second, for it may have died. */
void listener_tick(struct listener *listener);

/* The process has ended. */
void listener_reap(struct listener *listener, struct events *events);

/* Publish what it has told, with the policy in force. */
void listener_read(struct listener *listener, struct events *events, const struct policy *policy);

/* End the process until the next listener_tick(). */
void listener_pause(struct listener *listener);

/* End it. */
void listener_close(struct listener *listener);

#endif
