/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replace: see replace.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replace.h"
#include "terminal.h"
#include "whole.h"
#include "words.h"

/* Does the file hold just these bytes? */
static bool
is_same(const char *file, const char *before, size_t length)
{
	FILE *stream = fopen(file, "re");
	char buf[65536];
	size_t at = 0, count;
	bool same = stream != NULL;

	while (same && (count = fread(buf, 1, sizeof(buf), stream)) > 0) {
		same = count <= length - at && memcmp(buf, &before[at], count) == 0;
		at += count;
	}
	same = same && !ferror(stream) && at == length;
	if (stream)
		fclose(stream);
	return same;
}

/* Into a new file beside it, on the disk. */
static int
write_beside(char *name, const struct stat *like, const char *text, size_t length)
{
	int fd = mkostemp(name, O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = write_whole(fd, text, length);
	if (r == 0 &&
	    (fchown(fd, like->st_uid, like->st_gid) < 0 || fchmod(fd, like->st_mode & 07777) < 0 ||
		fsync(fd) < 0))
		r = -errno;
	close(fd);
	if (r < 0)
		unlink(name);
	return r;
}

int
replace_file(const char *file, const char *like, const char *text, size_t length,
    const char *before, size_t before_length)
{
	char *path = realpath(file, NULL), *beside;
	struct stat status;
	int r = 0;

	if (!path)
		path = words_format("%s", file);
	beside = words_format("%s.XXXXXX", path);
	if (stat(like, &status) < 0)
		r = -errno;
	else if (before && !is_same(path, before, before_length))
		r = -ESTALE;
	else
		r = write_beside(beside, &status, text, length);
	if (r == 0 && rename(beside, path) < 0) {
		r = -errno;
		unlink(beside);
	}
	if (r == -ESTALE)
		complain("allow: %s has changed while it was looked at; nothing was written", file);
	else if (r < 0)
		complain("allow: %s: %s", file, strerror(-r));
	free(beside);
	free(path);
	return r;
}
