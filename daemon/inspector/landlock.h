/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock: a process gives up all that the kernel can let it give up (landlock(7)).
 *
 * Beside the system call filter and not instead of it: it looks at what is opened, not at which
 * call opens it.  There is no library for it where Sluice runs.
 */
#ifndef SLUICE_LANDLOCK_H
#define SLUICE_LANDLOCK_H

/* The version of the kernel's landlock; 0: it has none, or none is switched on. */
int landlock_version(void);

/*
 * No file is opened, made, removed or run any more, by whatever path; no TCP port is bound or
 * connected to, and nothing outside is signalled, where the version knows of that.  What is open
 * stays so.  Needs no-new-privileges.  0, also where landlock_version() is 0; or -errno.
 */
int landlock_leave_nothing(void);

#endif
