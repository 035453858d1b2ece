/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outstation: a DNP3 outstation for the tests, which writes down all that reaches it.
 *
 * It stands for the plant: it takes what a device takes (frames in any pieces, several in a segment
 * or datagram, segments of several pairs of addresses in turn) and does what it is told.  A
 * careless one stands for the worst of them: it does not look at the checksums of blocks nor at the
 * sequence of segments, has one buffer for all, and operates without having selected.
 *
 * Each line of its log begins with the port of the client:
 *
 *   PORT bytes N                     so many have come on this connection
 *   PORT datagram HEX
 *   PORT link DESTINATION CONTROL    a frame without user data
 *   PORT message DESTINATION HEX     a complete fragment
 *   PORT output GROUP INDEX VALUE    a control was executed
 *   PORT restart
 *   PORT answered N                  bytes, altogether on this connection
 *
 * Not a DNP3 implementation: what it answers is little, and always the same.
 */
#ifndef SLUICE_OUTSTATION_H
#define SLUICE_OUTSTATION_H

#include <stdbool.h>
#include <sys/socket.h>

#include "wire.h"

enum { PAIRS_MAX = 4 };

/* A fragment under way. */
struct assembly {
	bool open;
	unsigned source;
	unsigned destination;
	uint8_t next;
	uint8_t bytes[WIRE_FRAGMENT_MAX];
	size_t length;
};

/* A connection, or what came from one port by datagrams. */
struct session {
	int fd; /* -1: free */
	bool datagrams;
	unsigned port;
	struct sockaddr_storage peer;
	socklen_t peer_size;
	uint64_t received;
	uint64_t answered;
	uint8_t bytes[2 * WIRE_MAX]; /* of a stream, not yet read */
	size_t length;
	struct assembly assemblies[PAIRS_MAX];
	uint8_t transport; /* sequence of the next segment that is sent */
	uint8_t select[WIRE_FRAGMENT_MAX];
	size_t select_length;
	uint8_t select_next; /* sequence of the OPERATE */
	unsigned select_destination;
};

extern bool outstation_careless;

/* A line of the log, behind the port. */
void outstation_log(const struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void outstation_log_hex(
    const struct session *session, const char *what, const uint8_t *bytes, size_t length);

/* Send frames. */
void outstation_send(struct session *session, const struct wire *wire);

/* outstation_link.c: read the frames in the session's bytes and take those away. */
void outstation_read(struct session *session);

/* Send a fragment in as many frames as it takes. */
void outstation_send_fragment(struct session *session, unsigned destination, unsigned source,
    const uint8_t *fragment, size_t length);

/* outstation_application.c: a fragment is complete. */
void outstation_obey(struct session *session, unsigned source, unsigned destination,
    const uint8_t *fragment, size_t length);

#endif
