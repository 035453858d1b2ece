/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talk: who asks whom by which protocol and port, as captures show it.
 *
 * Who begins a connection is its client.  Where a capture has only its middle, a port that a
 * protocol has for itself tells, then the lower port; that it was guessed is kept.  Bounded: what
 * there is no room for is counted.
 */
#ifndef SLUICE_LEARN_TALK_H
#define SLUICE_LEARN_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include "dissector.h"
#include "packet.h"

enum { TALKS_MAX = 16384 };

struct talk {
	enum family family;
	uint8_t transport; /* PROTOCOL_TCP, _UDP, _ICMP */
	struct address client, server;
	uint16_t port;
	const struct dissector *dissector; /* NULL: of no protocol that is inspected */
	uint64_t packets, answers;         /* of the client, of the server */
	uint64_t first_frame, last_frame;
	uint32_t first_file, last_file;
	bool guessed; /* no beginning of a connection was seen */
	bool middle;  /* a connection was seen whose beginning is not there */
	bool refused; /* somebody answered that nobody is there */
};

struct talks {
	struct talk *items; /* in the order in which they were seen */
	uint32_t count;
	uint32_t *places; /* by hash; 0: free */
	uint64_t untold;  /* packets for whose talk there was no room */
	uint64_t others;  /* packets of transports that no channel can name */
};

int talks_init(struct talks *talks);
void talks_done(struct talks *talks);

/* One packet, of this frame of this file. */
void talks_add(struct talks *talks, const struct packet *packet, uint32_t file, uint64_t frame);

#endif
