/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links: the network interfaces of the zones, while they come, go and change their names, and while
 * they are unplugged.
 *
 * The kernel's rules know interfaces by name, so one that appears under the name of a zone's takes
 * its place at once; one that goes cuts its hosts off.  Here that is only told, as events and on
 * standard error.
 */
#ifndef SLUICE_LINKS_H
#define SLUICE_LINKS_H

#include "events.h"
#include "model.h"

struct link_place;

struct links {
	int fd;                    /* rtnetlink; -1: looked at once a second only */
	struct link_place *places; /* one for each interface of each zone */
	size_t count;
	unsigned index_max; /* the highest number of an interface that was seen */
};

/* Begin to listen. What fails is told; then links_look() once a second is all. */
void links_open(struct links *links);

/* From now on the interfaces of this policy, which must outlive the next call. 0 or -ENOMEM. */
int links_follow(struct links *links, const struct policy *policy);

/* The kernel has told of changes, or a second has gone by: look, and tell what is different. */
void links_look(struct links *links, struct events *events);

void links_close(struct links *links);

#endif
