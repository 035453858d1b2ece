/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Estate: what an earlier run of the daemon has left, by name: descriptors and processes.
 *
 * Nothing is known of them but their names; who takes one looks at what it is.
 */
#ifndef SLUICE_ESTATE_H
#define SLUICE_ESTATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "member.h"

enum { ESTATE_MAX = 160, ESTATE_NAME_MAX = 32 };

struct estate_item {
	char name[ESTATE_NAME_MAX];
	int fd; /* -1: it was taken */
};

struct estate {
	struct estate_item items[ESTATE_MAX];
	unsigned count;
	pid_t pids[CREW_MAX]; /* inspectors that are at work, children of this process; 0: none */
};

/* Takes the descriptor; false, and it is closed, if there is no room for it or its name. */
bool estate_add(struct estate *estate, const char *name, int fd);

/* The descriptor of that name and number, now the caller's; -1: there is none. */
int estate_take(struct estate *estate, const char *name, unsigned number);

/* End the processes, which are certain to be gone then, and close all that was not taken. */
void estate_free(struct estate *estate);

#endif
