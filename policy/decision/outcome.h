/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outcome: what goes into the engine for each packet, and what comes out of it.
 *
 * Plain structs; the functions are those of engine.h.
 */
#ifndef SLUICE_OUTCOME_H
#define SLUICE_OUTCOME_H

#include "event.h"
#include "model.h"
#include "packet.h"

/* A channel as told with a packet, where it is not an index in the policy. */
enum {
	TOLD_NO_CHANNEL = UINT32_MAX,  /* of none: refused */
	TOLD_BY_ENDS = UINT32_MAX - 1, /* the one of the two ends, told their direction */
};

struct engine_packet {
	const uint8_t *data; /* from the IP header on */
	size_t length;
	uint64_t now_ns;       /* monotonic: rates and ages */
	uint64_t wall_ns;      /* since 1970: for events */
	uint32_t interface;    /* index of the one by which it came; 0: not known */
	bool checksum_trusted; /* somebody else has verified, or will fill in, the checksum */
	bool truncated;        /* the packet was longer than what is here: always denied */
	bool recorded;   /* it has passed already: a capture may miss some, the daemon never says
			    so (engine_lost.h) */
	bool unrecorded; /* events can't be written, and what is inspected shall not pass then */
	bool merged;     /* it will be cut into several on the way out: datagrams are denied */
	/*
	 * Connection tracking has told of which inspected channel the packet is and who sent it:
	 * then nothing else is believed.  In captures nobody tells, and the first packet has to
	 * show it.
	 */
	bool told;
	uint32_t channel; /* index in the policy, or TOLD_... */
	enum direction direction;
};

enum { OUTCOME_SEGMENTS_MAX = 4 };

struct outcome {
	enum verdict verdict;
	enum reason reason;
	uint32_t segment_count; /* segments to send now: resets, or a keep-alive without its byte */
	struct segment segments[OUTCOME_SEGMENTS_MAX];
	const struct channel *channel; /* NULL: none */
	/*
	 * What leaves in place of what came, and how much that is: as much, or less where the last
	 * messages are to come again; NULL: what came.  Valid until the engine is asked again.
	 */
	const uint8_t *bytes;
	size_t length;
};

/*
 * What the observer gets: called once for each message that was judged and for each packet that was
 * refused before a message was found.  `message` is NULL for the latter.  Pointers are valid during
 * the call.
 */
struct judgement {
	const struct event *event; /* flow, channel, verdict, reason, rule in one flat record */
	const struct message *message;
	const struct channel *channel; /* NULL: no channel */
	const uint8_t
	    *bytes;    /* where the message begins, as dissect() was given it; NULL without one */
	size_t length; /* of bytes, those behind the message included */
	const struct context *context; /* before this message, as dissect() was given it */
};

enum observe {
	OBSERVE_LOG = 0, /* what the channel's `log` asks for: denials always */
	OBSERVE_ALL,     /* every message, permitted ones and responses too */
};

typedef void engine_observer(void *context, const struct judgement *judgement);

#endif
