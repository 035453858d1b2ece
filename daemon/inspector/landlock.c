/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock: see landlock.h.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "landlock.h"

/* As the kernel has it since version 6; headers that are older than the kernel know less. */
struct ruleset {
	uint64_t files;
	uint64_t ports;
	uint64_t scopes;
};

enum { ASK_VERSION = 1 };

/* What each version added, in bits from the lowest. */
static const struct {
	int version;
	struct ruleset handled;
	size_t size; /* of the struct that it reads */
} versions[] = {
    {6, {0xffff, 3, 3}, sizeof(struct ruleset)},           /* abstract sockets, signals */
    {5, {0xffff, 3, 0}, offsetof(struct ruleset, scopes)}, /* controls of devices */
    {4, {0x7fff, 3, 0}, offsetof(struct ruleset, scopes)}, /* TCP */
    {3, {0x7fff, 0, 0}, offsetof(struct ruleset, ports)},  /* to cut a file */
    {2, {0x3fff, 0, 0}, offsetof(struct ruleset, ports)},  /* to link elsewhere */
    {1, {0x1fff, 0, 0}, offsetof(struct ruleset, ports)},
};

int
landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	return version > 0 ? (int)version : 0;
}

int
landlock_leave_nothing(void)
{
	int version = landlock_version(), fd, r = 0;
	unsigned i = 0;

	if (version == 0)
		return 0;
	while (versions[i].version > version)
		i++;
	fd = (int)syscall(SYS_landlock_create_ruleset, &versions[i].handled, versions[i].size, 0);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		r = -errno;
	close(fd);
	return r;
}
