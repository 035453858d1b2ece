/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sink: messages to a local log daemon, one datagram each, without ever waiting for it.
 *
 * What it can't take now waits, up to SINK_WAITING_MAX; what finds no room there is counted.  A
 * daemon that is not there, or was started anew, is looked for again.  Knows nothing of what the
 * messages say.
 */
#ifndef SLUICE_SINK_H
#define SLUICE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SINK_WAITING_MAX = 256,      /* messages */
	SINK_MESSAGE_MAX = 64 << 10, /* bytes of one; a longer one is lost */
};

struct sink_message {
	char *bytes;
	size_t length;
};

struct sink {
	const char *path; /* of its socket; NULL: there is no such sink */
	int fd;           /* -1: not connected */
	int error;        /* errno of the last attempt, EAGAIN if it is slow; 0: all is well */
	uint64_t sent;
	uint64_t lost; /* that were not told to it yet */
	uint64_t lost_total;
	unsigned first, count; /* of the ring */
	struct sink_message waiting[SINK_WAITING_MAX];
};

/* Nothing is opened before the first message. The path must live on. */
void sink_init(struct sink *sink, const char *path);

/* What waits is tried once more. */
void sink_done(struct sink *sink);

/* Send, or keep until it can be sent.  Takes `bytes`, from malloc(); NULL: memory was out. */
void sink_send(struct sink *sink, char *bytes, size_t length);

/* Send what waits. */
void sink_flush(struct sink *sink);

/* The file for which poll() can tell that there is room again; -1: nothing waits for that. */
int sink_file(const struct sink *sink);

#endif
