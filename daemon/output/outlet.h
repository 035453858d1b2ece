/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outlet: lines to somebody who may read slowly, without ever waiting for them.
 *
 * A line goes out whole or not at all.  What does not fit is counted, and the count is told in a
 * line of its own as soon as there is room again.
 */
#ifndef SLUICE_OUTLET_H
#define SLUICE_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chain.h"

struct outlet {
	int fd; /* -1: nobody is there, or not yet */
	bool socket;
	char *buffer;
	size_t used;   /* of the buffer, the line that is being written included */
	size_t begun;  /* bytes of its first line that are written already */
	size_t size;   /* of the buffer now */
	size_t limit;  /* that it may grow to */
	uint64_t lost; /* lines since the last that told of it */
	uint64_t lost_total;
	int error;                /* of the last write, 0 if it went well */
	struct chain_link *chain; /* lines are sealed behind it; NULL: they are not */
	const struct chain_key *key;
	struct chain_link written; /* the last line that was written whole, if sealed */
};

/* Take over `fd`, which may be -1 until outlet_move(); at most `limit` bytes wait for it. */
void outlet_init(struct outlet *outlet, int fd, size_t limit);

/*
 * Go on with another file instead of this one, which is closed.  What waits goes there; of a line
 * that could be written only in part nothing stays behind, if that can be taken back.
 */
void outlet_move(struct outlet *outlet, int fd);

/* Close. What still waits is tried once more. */
void outlet_done(struct outlet *outlet);

/* From now on each line, which must be a JSON object, is sealed when it is sure to be written. */
void outlet_seal(struct outlet *outlet, struct chain_link *chain, const struct chain_key *key);

/* Add a line (without its line feed) and write what can be written. */
void outlet_line(struct outlet *outlet, const char *line);

/* Write what can be written now. 0 or -errno; -EAGAIN is not an error. */
int outlet_flush(struct outlet *outlet);

/* Bytes wait: ask poll() for POLLOUT. */
bool outlet_waiting(const struct outlet *outlet);

#endif
