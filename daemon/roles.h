/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roles: what somebody at the control socket may ask for, by the groups of the process.
 *
 * Root, and the user that the daemon itself is, always administer.  A user of none of the groups is
 * nobody.  Groups come from /etc/group only, when the daemon starts: no directory service is asked,
 * so nobody has to be waited for.  Knows nothing of requests.
 */
#ifndef SLUICE_ROLES_H
#define SLUICE_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Each holds what those before it hold. */
enum role {
	ROLE_NONE = 0,
	ROLE_OBSERVE,
	ROLE_OPERATE,
	ROLE_ADMINISTER,
	ROLE_COUNT,
};

#define ROLE_GROUP_NONE ((gid_t)-1)

/* The group of each role; ROLE_GROUP_NONE: this machine has none. */
struct role_groups {
	gid_t ids[ROLE_COUNT];
};

/* "observe" */
const char *role_name(enum role role);

/* "sluice-observe" */
const char *role_group(enum role role);

/* What a request needs whose row says `role`: none, or one that is not known, is the highest. */
enum role role_needed(enum role role);

/* Look the groups up in `file`, /etc/group.  True if there is one at least. */
bool role_groups_find(struct role_groups *ret_groups, const char *file);

/* The highest role of a user in these groups. */
enum role role_of(const struct role_groups *groups, uid_t user, const gid_t *ids, size_t count);

/* The role of the process at the other end of a socket, by the kernel's word, and who it is. */
enum role role_of_peer(const struct role_groups *groups, int fd, struct ucred *ret_peer);

/*
 * Let the groups reach what is at `path`, a socket that only its owner reaches.  Needs no
 * capability.  0 or -errno, -EOPNOTSUPP if the file system has no access control lists.
 */
int role_groups_admit(const struct role_groups *groups, const char *path);

#endif
