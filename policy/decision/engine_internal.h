/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: what its files share.  Nobody else includes this.
 *
 * engine.c takes a packet in and finds its flow and channel; engine_tcp.c keeps the order of a TCP
 * connection; engine_message.c judges the messages in its bytes; engine_event.c tells the observer.
 */
#ifndef SLUICE_ENGINE_INTERNAL_H
#define SLUICE_ENGINE_INTERNAL_H

#include "engine.h"
#include "flow.h"
#include "stream.h"

/* A flow as it was before the datagram that is being judged. */
struct undo {
	bool valid;
	uint8_t outstanding_count;
	struct outstanding outstanding[OUTSTANDING_MAX];
	uint8_t *state; /* room for the largest */
};

struct engine {
	struct flow_table table;
	const struct compiled *compiled;
	const struct policy *policy;
	struct rate_state *rates;
	enum observe observe;
	engine_observer *observer;
	void *observer_context;
	uint8_t *scratch; /* a message that came in pieces is put together here */
	void *dissector_scratch;
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
	struct outcome *outcome;
};

/* Let the packet go on. Always returns true. */
bool pass_allow(struct pass *pass, enum reason reason);

enum refusal {
	REFUSE_PACKET, /* this packet only: the sender will repeat it */
	REFUSE_FLOW,   /* the flow ends */
};

/*
 * Refuse the packet, with the message that is the cause (or NULL).  In monitor mode it is
 * recorded and allowed.  Returns true if the packet goes on all the same.
 */
bool pass_refuse(struct pass *pass, enum reason reason, enum refusal refusal);

/* Count and tell a refusal; the verdict on the packet is not touched. True if in monitor mode. */
bool pass_record_refusal(struct pass *pass, enum reason reason, const struct judgement *judgement,
    const struct decision *decision);

/* End the flow, and tell both ends where the conduit says so. */
void pass_end_flow(struct pass *pass);

/*
 * Segments that reset both ends of a flow.  `packet` is the one that is refused, or NULL; it tells
 * more exactly than the streams what its sender expects.
 */
void outcome_add_resets(
    struct outcome *outcome, const struct flow *flow, const struct packet *packet);

/* Make a flow for the packet, of pass->channel; false (and refused) if there is no room. */
bool pass_new_flow(struct pass *pass);

bool pass_is_monitor(const struct pass *pass);

/* Refuse a packet of a flow that was ended, and tell both ends so once more. */
void pass_refuse_denied(struct pass *pass);

/* Requests come from the client, unless the channel says that the server is the one who asks. */
bool pass_may_ask(const struct pass *pass);

/* Time of the packet, as flows keep it. */
uint32_t pass_now_ms(const struct pass *pass);

/* A TCP segment of an inspected channel; pass->flow may be NULL. */
void pass_tcp(struct pass *pass);

/*
 * Judge `length` new bytes of the pass's direction, which follow those that wait in the stream
 * for the rest of their message.  True: they may go on, and *ret_pending of the last bytes belong
 * to a message that is not complete.  False: the flow was ended.
 */
bool pass_judge_stream(
    struct pass *pass, const uint8_t *data, size_t length, uint32_t *ret_pending);

/* Judge the payload of a datagram: whole messages only. Sets the outcome. */
void pass_judge_datagram(struct pass *pass);

/* Tell the observer, if it wants to know. `judgement->event` is filled here. */
void pass_tell(struct pass *pass, enum event_type type, struct judgement *judgement,
    const struct decision *decision, enum verdict verdict, enum reason reason, bool would_deny);

#endif
