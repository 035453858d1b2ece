/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sandbox: the walls around a process that reads hostile bytes.
 *
 * Another user, one capability, an empty file system of which nothing can be opened, no way to gain
 * anything, no more memory or files than it has, and a list of the few system calls that remain, on
 * the file descriptors they are meant for.  The process dies with its parent.
 */
#ifndef SLUICE_SANDBOX_H
#define SLUICE_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	SANDBOX_FILES_MAX = 8,
	SANDBOX_MEMORY_MORE = 16 << 20, /* bytes beyond what the process has when it enters */
};

/* File descriptors for one purpose. */
struct sandbox_files {
	int fd[SANDBOX_FILES_MAX];
	unsigned count;
};

struct sandbox {
	uid_t user; /* must not be 0 */
	gid_t group;
	bool powerless;               /* without the capability that a verdict needs */
	const char *root;             /* an empty directory */
	struct sandbox_files receive; /* recvfrom() and recvmmsg() */
	struct sandbox_files send;    /* sendto() */
	struct sandbox_files read;
	struct sandbox_files write;
	int files_max; /* file descriptors are below this number, and no further one can be made */
};

/*
 * Enter, for good.  Returns 0, or -errno and a word for the step that failed in *ret_step; the
 * process may then be half inside and must exit.
 */
int sandbox_enter(const struct sandbox *sandbox, const char **ret_step);

#endif
