/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ledger: see ledger.h.
 *
 * The state is one line of fixed length, written over in one call: it has no first half.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger.h"

enum { TAIL_SIZE = 256 << 10 }; /* more than any line */

static void
read_state(struct ledger *ledger)
{
	char text[CHAIN_LINK_SIZE];

	if (pread(ledger->state, text, sizeof(text), 0) == sizeof(text) &&
	    chain_read_link(text, &ledger->last))
		ledger->kept = ledger->last;
}

static int
open_state(const char *directory)
{
	char path[4096];
	int fd;

	if (mkdir(directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (snprintf(path, sizeof(path), "%s/" CHAIN_LINK_FILE, directory) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

int
ledger_open(struct ledger *ledger, const char *directory, const char *key)
{
	int r;

	*ledger = (struct ledger){.state = -1};
	r = key ? chain_read_key(key, &ledger->key) : 0;
	if (r < 0 || !directory)
		return r;
	r = open_state(directory);
	ledger->error = r < 0 ? -r : 0;
	ledger->state = r < 0 ? -1 : r;
	if (r >= 0)
		read_state(ledger);
	return 0;
}

void
ledger_close(struct ledger *ledger)
{
	if (ledger->state >= 0)
		close(ledger->state);
	ledger->state = -1;
}

/* The last whole line of the file, the seal of which is asked for; false: it has none. */
static bool
last_line(const char *tail, size_t size, struct chain_seal *ret_seal)
{
	const char *before = size > 1 ? memrchr(tail, '\n', size - 1) : NULL;
	const char *line = before ? before + 1 : tail;

	return size > 0 && chain_read(line, size - 1 - (size_t)(line - tail), ret_seal);
}

/* Cut off what stands behind the last line feed. Returns how much that was. */
static size_t
cut_piece(int fd, off_t file_size, const char *tail, size_t *size)
{
	const char *end = memrchr(tail, '\n', *size);
	size_t whole = end ? (size_t)(end - tail) + 1 : 0, piece = *size - whole;

	if (piece == 0 || (!end && (off_t)*size < file_size) ||
	    ftruncate(fd, file_size - (off_t)piece) < 0)
		return 0;
	*size = whole;
	return piece;
}

/* The last TAIL_SIZE bytes of a file, how many they are, and how long the file is; 0: none. */
static size_t
read_tail(int fd, char *tail, off_t *ret_file_size)
{
	struct stat status;
	ssize_t n;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size == 0)
		return 0;
	n = pread(fd, tail, TAIL_SIZE, status.st_size > TAIL_SIZE ? status.st_size - TAIL_SIZE : 0);
	*ret_file_size = status.st_size;
	return n > 0 ? (size_t)n : 0;
}

/* Its last line, if it is sealed. */
static bool
join(struct ledger *ledger, int fd, char *tail, size_t *ret_piece)
{
	struct chain_seal seal;
	off_t file_size = 0;
	size_t size = read_tail(fd, tail, &file_size);

	*ret_piece = size > 0 ? cut_piece(fd, file_size, tail, &size) : 0;
	if (!last_line(tail, size, &seal))
		return false;
	if (seal.link.seq > ledger->last.seq)
		ledger->last = seal.link;
	else
		ledger->missing = ledger->last.seq - seal.link.seq;
	return true;
}

/* How far the file before it goes says nothing of what is missing: others may rename files, too. */
static void
join_former(struct ledger *ledger, const char *path, char *tail)
{
	struct chain_seal seal;
	char former[4096];
	off_t file_size;
	size_t size;
	int fd;

	if (snprintf(former, sizeof(former), "%s.1", path) >= (int)sizeof(former))
		return;
	fd = open(former, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	size = read_tail(fd, tail, &file_size);
	if (last_line(tail, size, &seal) && seal.link.seq > ledger->last.seq)
		ledger->last = seal.link;
	if (fd >= 0)
		close(fd);
}

size_t
ledger_join(struct ledger *ledger, const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *tail = malloc(TAIL_SIZE);
	size_t piece = 0;

	if (tail && !join(ledger, fd, tail, &piece))
		join_former(ledger, path, tail);
	free(tail);
	if (fd >= 0)
		close(fd);
	return piece;
}

void
ledger_keep(struct ledger *ledger, const struct chain_link *written)
{
	char text[CHAIN_LINK_SIZE + 1];
	ssize_t n;

	if (ledger->state < 0 || written->seq == ledger->kept.seq)
		return;
	chain_print_link(written, text);
	n = pwrite(ledger->state, text, CHAIN_LINK_SIZE, 0);
	ledger->error = n == CHAIN_LINK_SIZE ? 0 : n < 0 ? errno : EIO;
	ledger->kept = *written;
}
