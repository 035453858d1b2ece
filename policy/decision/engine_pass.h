/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: the engine itself and one packet on its way through it.
 *
 * What stands on them, each using only those before it: engine_event.h tells the observer,
 * engine_verdict.h gives verdicts, engine_room.h finds room for what a packet needs,
 * engine_outstanding.h remembers requests, engine_refuse.h answers them in their own protocol,
 * engine_syn.h begins the streams of a TCP connection, engine_late.h knows what comes too late,
 * engine_lost.h gets over what a capture has lost, engine_message.h judges the messages in the
 * bytes of a flow, engine_tcp.h keeps the order of a TCP connection, engine_find.h finds flow and
 * channel, engine.c composes.
 */
#ifndef SLUICE_ENGINE_PASS_H
#define SLUICE_ENGINE_PASS_H

#include "compiled.h"
#include "flow.h"
#include "outcome.h"

/* A flow as it was before the packet that is being judged. */
struct undo {
	bool valid;
	bool had_state;
	uint8_t outstanding_count;
	uint8_t late_count;
	struct outstanding outstanding[OUTSTANDING_MAX];
	uint8_t *state; /* room for the largest */
};

enum { PACKET_ROOM = 65536 };

struct engine {
	struct flow_table table;
	const struct compiled *compiled;
	const struct policy *policy;
	struct rate_state *rates;
	enum observe observe;
	engine_observer *observer;
	void *observer_context;
	uint8_t *scratch; /* a message that came in pieces is put together here */
	uint8_t *room;    /* and a packet that leaves with other bytes, of PACKET_ROOM */
	void *dissector_scratch;
	void *blank_state; /* of a flow that has none yet */
	struct undo undo;
	struct message message;
	struct event event;
};

/* One packet on its way through the engine. */
struct pass {
	struct engine *engine;
	const struct engine_packet *in;
	struct packet packet;
	struct flow *flow;             /* NULL: none */
	const struct channel *channel; /* NULL: none */
	enum direction direction;
	/* What is asked again and again of a packet is found out once, with its channel. */
	uint32_t now_ms;
	bool may_ask;
	bool monitor;
	uint32_t asked; /* requests of this packet that wait for their responses now */
	uint32_t whole; /* messages that it completes */
	uint32_t reads; /* of them, those that were let through and only read */
	bool loud;      /* tell of this refusal even if its reason is one that repeats */
	bool continued; /* the message being judged began in an earlier packet */
	bool doubtful;  /* in its middle, and either end could be the client of an inspected channel
			 */
	uint8_t *room;  /* where the packet is now, to be changed; NULL: where it came */
	uint32_t base;  /* bytes of the payload that were sent before */
	uint32_t at;    /* where in it the message begins that is judged, or goes on */
	uint32_t rewritten_from; /* bytes of it that are others than came, of new ones */
	uint32_t rewritten_to;
	bool rewritten; /* some are, new or not */
	bool cut;       /* of the new bytes only the first `kept` leave */
	uint32_t kept;
	bool answered;     /* the response answers a request that was refused */
	enum on_deny done; /* what becomes of what is refused */
	struct outcome *outcome;
};

/* The stream of who sent the packet. */
static inline struct stream *
pass_stream_from(const struct pass *pass)
{
	return &pass->flow->stream[pass->direction];
}

/* That of who will get it. */
static inline struct stream *
pass_stream_to(const struct pass *pass)
{
	return &pass->flow->stream[1 - pass->direction];
}

/* Requests come from the client, unless the channel says that the server is the one who asks. */
static inline bool
pass_may_ask(const struct pass *pass)
{
	return pass->may_ask;
}

static inline bool
pass_is_monitor(const struct pass *pass)
{
	return pass->monitor;
}

/* Time of the packet, as flows keep it. */
static inline uint32_t
pass_now_ms(const struct pass *pass)
{
	return pass->now_ms;
}

#endif
