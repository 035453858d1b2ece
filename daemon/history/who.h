/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who: the person behind a request, as far as the kernel can tell.
 *
 * The user of the process at the other end of the control socket, and the one who has logged in
 * there (the audit system's login user, which stays through su and sudo).  Names come from
 * /etc/passwd only: no directory service is asked, so nobody has to be waited for.
 */
#ifndef SLUICE_WHO_H
#define SLUICE_WHO_H

#include <sys/socket.h>

enum { WHO_MAX = 160 };

struct who {
	char text[WHO_MAX]; /* "root, uid 0, pid 712, login anna" */
};

/* The peer of a socket; NULL: it is no person, `otherwise` names what it is. */
void who_init(struct who *ret_who, const struct ucred *peer, const char *otherwise);

#endif
