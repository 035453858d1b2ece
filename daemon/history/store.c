/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Store: see store.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "store.h"
#include "whole.h"

#define SEAL "# sha256 "
#define NEW ".new"

enum { HASH_DIGITS = 64, SEAL_SIZE = sizeof(SEAL) - 1 + HASH_DIGITS + 1, NAME_SIZE_MAX = 64 };

static int
open_directory(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* A file beside the old one, which nobody else can read; on the disk when this returns 0. */
static int
write_new(int directory, const char *name, const char *text)
{
	char seal[SEAL_SIZE + 1], hash[HASH_DIGITS + 1];
	int fd, r;

	unlinkat(directory, name, 0);
	fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	hash_text(text, hash);
	snprintf(seal, sizeof(seal), SEAL "%s\n", hash);
	r = write_whole(fd, seal, SEAL_SIZE);
	if (r == 0)
		r = write_whole(fd, text, strlen(text));
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	close(fd);
	return r;
}

int
store_write(const char *directory, const char *name, const char *text)
{
	char beside[NAME_SIZE_MAX];
	int fd, r;

	if (snprintf(beside, sizeof(beside), "%s" NEW, name) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open_directory(directory);
	if (fd < 0)
		return fd;
	r = write_new(fd, beside, text);
	if (r == 0 && (renameat(fd, beside, fd, name) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r < 0)
		unlinkat(fd, beside, 0);
	close(fd);
	return r;
}

/* All of a file, ended by a zero. */
static int
read_whole(int fd, char **ret_text, size_t *ret_length)
{
	struct stat status;
	size_t length = 0, size;
	char *text;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EBADMSG;
	if (status.st_size > STORE_SIZE_MAX)
		return -EFBIG;
	size = (size_t)status.st_size;
	text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	while (length < size) {
		ssize_t n = read(fd, &text[length], size - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(text);
			return -errno;
		}
		if (n == 0)
			break;
		length += (size_t)n;
	}
	text[length] = '\0';
	*ret_text = text;
	*ret_length = length;
	return 0;
}

/* Is the text what its first line says? */
static bool
is_sealed(const char *text, size_t length)
{
	char hash[HASH_DIGITS + 1];

	if (strlen(text) != length || length < SEAL_SIZE ||
	    strncmp(text, SEAL, sizeof(SEAL) - 1) != 0 || text[SEAL_SIZE - 1] != '\n')
		return false;
	hash_text(&text[SEAL_SIZE], hash);
	return strncmp(&text[sizeof(SEAL) - 1], hash, HASH_DIGITS) == 0;
}

int
store_read(const char *directory, const char *name, char **ret_text)
{
	int fd = open_directory(directory), file, r;
	size_t length = 0;
	char *text = NULL;

	/* where nothing can be kept nothing was; that is told when something is to be kept */
	if (fd == -ENOTDIR || fd == -EACCES)
		return -ENOENT;
	if (fd < 0)
		return fd;
	file = openat(fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	r = file < 0 ? -errno : read_whole(file, &text, &length);
	if (file >= 0)
		close(file);
	close(fd);
	if (r < 0)
		return r;
	if (!is_sealed(text, length)) {
		free(text);
		return -EBADMSG;
	}
	memmove(text, &text[SEAL_SIZE], length - SEAL_SIZE + 1);
	*ret_text = text;
	return 0;
}

int
store_remove(const char *directory, const char *name)
{
	int fd = open_directory(directory), r = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (unlinkat(fd, name, 0) < 0 ? errno != ENOENT : fsync(fd) < 0)
		r = -errno;
	close(fd);
	return r;
}
