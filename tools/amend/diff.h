/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diff: files that change, and the change as a patch.
 */
#ifndef SLUICE_DIFF_H
#define SLUICE_DIFF_H

#include <stddef.h>

/* A file as it is, and as it would be. */
struct changed_file {
	char *name;
	char *before;
	size_t before_length;
	char *after;
	size_t after_length;
};

enum { CHANGED_FILES_MAX = 8 };

struct changed_files {
	struct changed_file items[CHANGED_FILES_MAX];
	size_t count;
};

/*
 * As a unified diff that `patch -p1` and `git apply` take, newly allocated: "a/plant.conf" becomes
 * "b/plant.conf".  An absolute name counts from the root of the file system.
 */
char *changed_files_patch(const struct changed_files *files);
void changed_files_done(struct changed_files *files);

#endif
