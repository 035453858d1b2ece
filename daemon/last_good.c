/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Last good: see last_good.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "last_good.h"
#include "print.h"
#include "whole.h"

/* Names in the directory. */
#define COPY "last-good.conf"
#define COPY_NEW "last-good.conf.new"

#define HEAD                                                                              \
	"# sluiced keeps here what was in force last, to start from it. Edit the policy " \
	"instead.\n"
#define HASH_WORD "# sha256 "

enum { HASH_DIGITS = 64, FIRST_LINES_MAX = 256 };

/* All of it is on the disk when this returns 0. */
/* A new file beside the copy, which nobody else can read. */
static int
write_new(int directory, const char *head, const char *text)
{
	int fd, r;

	unlinkat(directory, COPY_NEW, 0);
	fd =
	    openat(directory, COPY_NEW, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_whole(fd, head, strlen(head));
	if (r == 0)
		r = write_whole(fd, text, strlen(text));
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	close(fd);
	return r;
}

int
last_good_save(const char *directory, const struct policy *policy)
{
	char head[FIRST_LINES_MAX];
	char *text;
	int fd, r;

	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	text = policy_print(policy);
	snprintf(head, sizeof(head), HEAD HASH_WORD "%s\n", policy->hash);
	r = text ? write_new(fd, head, text) : -ENOMEM;
	if (r == 0 && (renameat(fd, COPY_NEW, fd, COPY) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r < 0)
		unlinkat(fd, COPY_NEW, 0);
	free(text);
	close(fd);
	return r;
}

/* The hash that stands in the head of the copy. */
static int
read_hash(const char *path, char ret_hash[HASH_DIGITS + 1])
{
	char head[FIRST_LINES_MAX] = "";
	FILE *file = fopen(path, "re");
	const char *word;
	size_t length;

	if (!file)
		return -errno;
	length = fread(head, 1, sizeof(head) - 1, file);
	fclose(file);
	head[length] = '\0';
	word = strstr(head, HASH_WORD);
	if (!word || strlen(word) < sizeof(HASH_WORD) - 1 + HASH_DIGITS)
		return -EBADMSG;
	memcpy(ret_hash, word + sizeof(HASH_WORD) - 1, HASH_DIGITS);
	ret_hash[HASH_DIGITS] = '\0';
	return 0;
}

int
last_good_load(const char *directory, uint8_t generation, loaded_teller *teller, void *context,
    struct loaded **ret_loaded)
{
	char path[4096], hash[HASH_DIGITS + 1];
	struct loaded *loaded;
	int r;

	if (snprintf(path, sizeof(path), "%s/" COPY, directory) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = read_hash(path, hash);
	if (r == 0)
		r = loaded_new(path, generation, teller, context, &loaded);
	if (r < 0)
		return r;
	if (strcmp(loaded->policy->hash, hash) != 0) {
		loaded_free(loaded);
		return -EBADMSG;
	}
	*ret_loaded = loaded;
	return 0;
}
