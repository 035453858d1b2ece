/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outlet: lines to somebody who may read slowly, without ever waiting for them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "event.h"
#include "eve.h"
#include "outlet.h"

enum { BUFFER_FIRST = 4096 };

static void
outlet_take(struct outlet *outlet, int fd)
{
	struct stat status;

	outlet->fd = fd;
	outlet->socket = fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
	outlet->begun = 0;
}

void
outlet_init(struct outlet *outlet, int fd, size_t limit)
{
	*outlet = (struct outlet){.limit = limit};
	outlet_take(outlet, fd);
}

/* Nobody else has written behind it: then the piece of a line at the end of a file can go. */
static void
outlet_drop_piece(const struct outlet *outlet)
{
	off_t end = lseek(outlet->fd, 0, SEEK_CUR), piece = (off_t)outlet->begun;
	struct stat status;

	if (piece > 0 && end >= piece && fstat(outlet->fd, &status) == 0 &&
	    S_ISREG(status.st_mode) && status.st_size == end)
		(void)!ftruncate(outlet->fd, end - piece);
}

static void
outlet_close(struct outlet *outlet)
{
	if (outlet->fd < 0)
		return;
	outlet_flush(outlet);
	outlet_drop_piece(outlet);
	close(outlet->fd);
}

void
outlet_move(struct outlet *outlet, int fd)
{
	outlet_close(outlet);
	outlet_take(outlet, fd);
	outlet_flush(outlet);
}

void
outlet_done(struct outlet *outlet)
{
	outlet_close(outlet);
	free(outlet->buffer);
	*outlet = (struct outlet){.fd = -1};
}

/* Make room for `more` bytes; false if that is beyond the limit. */
static bool
outlet_room(struct outlet *outlet, size_t more)
{
	size_t size = outlet->size > 0 ? outlet->size : BUFFER_FIRST;
	char *grown;

	if (outlet->used + more > outlet->limit)
		return false;
	while (size < outlet->used + more)
		size *= 2;
	if (size == outlet->size)
		return true;
	grown = realloc(outlet->buffer, size);
	if (!grown)
		return false;
	outlet->buffer = grown;
	outlet->size = size;
	return true;
}

void
outlet_seal(struct outlet *outlet, struct chain_link *chain, const struct chain_key *key)
{
	outlet->chain = chain;
	outlet->key = key;
	outlet->written = *chain;
}

static bool
outlet_append(struct outlet *outlet, const char *line)
{
	size_t length = strlen(line);
	char *end;

	if (!outlet_room(outlet, length + (outlet->chain ? CHAIN_SEAL_MAX : 0) + 1))
		return false;
	end = outlet->buffer + outlet->used;
	if (outlet->chain)
		length = chain_seal(outlet->chain, outlet->key, line, end);
	else
		memcpy(end, line, length);
	outlet->buffer[outlet->used + length] = '\n';
	outlet->used += length + 1;
	return true;
}

/* Tell how many lines are missing here, before the next one. */
static bool
outlet_tell_lost(struct outlet *outlet)
{
	struct event event = {.type = EVENT_LOST, .lost = outlet->lost};
	struct timespec now;
	char *line;
	bool told;

	clock_gettime(CLOCK_REALTIME, &now);
	event.wall_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	line = eve_print(NULL, &event);
	told = line && outlet_append(outlet, line);
	free(line);
	if (told)
		outlet->lost = 0;
	return told;
}

void
outlet_line(struct outlet *outlet, const char *line)
{
	if (outlet->limit == 0)
		return;
	if ((outlet->lost > 0 && !outlet_tell_lost(outlet)) || !outlet_append(outlet, line)) {
		outlet->lost++;
		outlet->lost_total++;
	}
	outlet_flush(outlet);
}

/* The seal of the last of the lines in front of `end`, a line feed. */
static void
outlet_remember(struct outlet *outlet, const char *end)
{
	size_t before = (size_t)(end - outlet->buffer);
	const char *last = before > 0 ? memrchr(outlet->buffer, '\n', before) : NULL;
	const char *line = last ? last + 1 : outlet->buffer;
	struct chain_seal seal;

	if (outlet->chain && chain_read(line, (size_t)(end - line), &seal))
		outlet->written = seal.link;
}

/* Forget the lines that are written whole: `done` bytes are. */
static void
outlet_forget(struct outlet *outlet, size_t done)
{
	const char *last = done > 0 ? memrchr(outlet->buffer, '\n', done) : NULL;
	size_t whole = last ? (size_t)(last - outlet->buffer) + 1 : 0;

	if (last)
		outlet_remember(outlet, last);
	if (whole > 0)
		memmove(outlet->buffer, outlet->buffer + whole, outlet->used - whole);
	outlet->used -= whole;
	outlet->begun = done - whole;
}

int
outlet_flush(struct outlet *outlet)
{
	size_t done = outlet->begun;

	outlet->error = 0;
	while (outlet->fd >= 0 && done < outlet->used) {
		const char *next = outlet->buffer + done;
		ssize_t n = outlet->socket
		    ? send(outlet->fd, next, outlet->used - done, MSG_DONTWAIT | MSG_NOSIGNAL)
		    : write(outlet->fd, next, outlet->used - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			outlet->error = errno == EWOULDBLOCK ? EAGAIN : errno;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	outlet_forget(outlet, done);
	return -outlet->error;
}

bool
outlet_waiting(const struct outlet *outlet)
{
	return outlet->fd >= 0 && outlet->used > 0;
}
