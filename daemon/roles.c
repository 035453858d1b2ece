/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roles: see roles.h.
 */
#include <endian.h>
#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>

#include "roles.h"

static const struct {
	const char *name;
	const char *group;
} roles[ROLE_COUNT] = {
    [ROLE_NONE] = {"none", "none"},
    [ROLE_OBSERVE] = {"observe", "sluice-observe"},
    [ROLE_OPERATE] = {"operate", "sluice-operate"},
    [ROLE_ADMINISTER] = {"administer", "sluice-admin"},
};

enum role
role_needed(enum role role)
{
	return role > ROLE_NONE && role < ROLE_COUNT ? role : ROLE_ADMINISTER;
}

const char *
role_name(enum role role)
{
	return roles[role < ROLE_COUNT ? role : ROLE_NONE].name;
}

const char *
role_group(enum role role)
{
	return roles[role < ROLE_COUNT ? role : ROLE_NONE].group;
}

bool
role_groups_find(struct role_groups *ret_groups, const char *file)
{
	FILE *in = fopen(file, "re");
	const struct group *row;
	bool found = false;

	for (unsigned i = 0; i < ROLE_COUNT; i++)
		ret_groups->ids[i] = ROLE_GROUP_NONE;
	while (in && (row = fgetgrent(in)) != NULL) {
		for (unsigned i = ROLE_OBSERVE; i < ROLE_COUNT; i++) {
			/* the group of root is everybody's who runs something for root */
			if (strcmp(row->gr_name, roles[i].group) != 0 || row->gr_gid == 0)
				continue;
			ret_groups->ids[i] = row->gr_gid;
			found = true;
		}
	}
	if (in)
		fclose(in);
	return found;
}

enum role
role_of(const struct role_groups *groups, uid_t user, const gid_t *ids, size_t count)
{
	enum role highest = ROLE_NONE;

	if (user == 0 || user == geteuid())
		return ROLE_ADMINISTER;
	for (unsigned role = ROLE_OBSERVE; role < ROLE_COUNT; role++)
		for (size_t i = 0; i < count; i++)
			if (ids[i] == groups->ids[role] && ids[i] != ROLE_GROUP_NONE)
				highest = role;
	return highest;
}

/* All groups of a peer, the first in front, newly allocated; NULL: not known. */
static gid_t *
peer_groups(int fd, gid_t first, size_t *ret_count)
{
	socklen_t size = 0;
	gid_t *ids;

	/* the size, which the kernel tells when the room is too small */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) < 0 && errno != ERANGE)
		size = 0;
	ids = malloc(size + sizeof(*ids));
	if (!ids)
		return NULL;
	ids[0] = first;
	if (size > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, &ids[1], &size) < 0)
		size = 0;
	*ret_count = 1 + size / sizeof(*ids);
	return ids;
}

enum role
role_of_peer(const struct role_groups *groups, int fd, struct ucred *ret_peer)
{
	socklen_t size = sizeof(*ret_peer);
	enum role role;
	size_t count = 0;
	gid_t *ids;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret_peer, &size) < 0)
		return ROLE_NONE;
	ids = peer_groups(fd, ret_peer->gid, &count);
	role = role_of(groups, ret_peer->uid, ids, count);
	free(ids);
	return role;
}

int
role_groups_admit(const struct role_groups *groups, const char *path)
{
	/* owner, the groups, mask, and the three classes in the order that the kernel asks for */
	struct {
		struct posix_acl_xattr_header header;
		struct posix_acl_xattr_entry entries[ROLE_COUNT + 4];
	} list = {.header.a_version = htole32(POSIX_ACL_XATTR_VERSION)};
	const uint16_t use = htole16(ACL_READ | ACL_WRITE);
	const uint32_t all = htole32((uint32_t)ACL_UNDEFINED_ID);
	size_t count = 0;

	list.entries[count++] = (struct posix_acl_xattr_entry){htole16(ACL_USER_OBJ), use, all};
	list.entries[count++] = (struct posix_acl_xattr_entry){htole16(ACL_GROUP_OBJ), 0, all};
	for (unsigned i = ROLE_OBSERVE; i < ROLE_COUNT; i++)
		if (groups->ids[i] != ROLE_GROUP_NONE)
			list.entries[count++] = (struct posix_acl_xattr_entry){
			    htole16(ACL_GROUP), use, htole32(groups->ids[i])};
	list.entries[count++] = (struct posix_acl_xattr_entry){htole16(ACL_MASK), use, all};
	list.entries[count++] = (struct posix_acl_xattr_entry){htole16(ACL_OTHER), 0, all};
	if (setxattr(path, "system.posix_acl_access", &list,
		sizeof(list.header) + count * sizeof(list.entries[0]), 0) < 0)
		return -errno;
	return 0;
}
