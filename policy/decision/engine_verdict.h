/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: verdicts on the packet that passes, and what follows from them for its flow.
 *
 * Who judges calls these; they judge nothing.
 */
#ifndef SLUICE_ENGINE_VERDICT_H
#define SLUICE_ENGINE_VERDICT_H

#include "engine_pass.h"

/* Let the packet go on. */
static inline void
pass_allow(struct pass *pass, enum reason reason)
{
	pass->outcome->verdict = VERDICT_ALLOW;
	pass->outcome->reason = reason;
}

/* So many repetitions of what was refused are dropped before both ends are told. */
enum { REPETITIONS_DROPPED = 3 };

enum refusal {
	REFUSE_PACKET, /* this packet only: the sender will repeat it */
	REFUSE_FLOW,   /* the flow ends */
};

/*
 * Refuse the packet, with the message that is the cause (or NULL).  In monitor mode it is
 * recorded and allowed.  Returns true if the packet goes on all the same.
 */
bool pass_refuse(struct pass *pass, enum reason reason, enum refusal refusal) __attribute__((cold));

/* Count what is refused, with its packet or without. */
void pass_count_refusal(struct pass *pass, enum reason reason);

/* The same for a message that was read, with the decision on it, or (NULL) could not be read. */
bool pass_record_refusal(struct pass *pass, enum reason reason, enum refusal refusal,
    const struct judgement *judgement, const struct decision *decision) __attribute__((cold));

/* Nothing with payload passes the flow any more. */
void engine_deny_flow(struct engine *engine, struct flow *flow) __attribute__((cold));

/* End the flow, and tell both ends where the conduit says so. */
void pass_end_flow(struct pass *pass) __attribute__((cold));

/*
 * Segments that reset both ends of a flow.  `packet` is the one that is refused, or NULL; it tells
 * more exactly than the streams what its sender expects.
 */
void outcome_add_resets(struct outcome *outcome, const struct flow *flow,
    const struct flow_ends *ends, const struct packet *packet) __attribute__((cold));
void pass_add_resets(struct pass *pass) __attribute__((cold));

/* Are both ends told when a connection ends?  Where it can't be refused in its own protocol, too.
 */
bool pass_ends_both(const struct pass *pass);

/* Drop the packet without counting or telling it: nothing is wrong. */
void pass_discard(struct pass *pass, enum reason reason);

/* Instead of the packet its receiver gets one without data. */
void pass_send_bare(struct pass *pass, uint32_t sequence) __attribute__((cold));

/* What is let through although something is wrong with it is told. */
void pass_tell_news(struct pass *pass, enum reason reason) __attribute__((cold));

/*
 * Refuse a packet of a flow that was ended, and tell both ends so once more: where the conduit
 * drops what it denies only when the packet has been repeated.
 */
void pass_refuse_denied(struct pass *pass) __attribute__((cold));

/* Number of a dissector as flows keep it: index in dissectors[] plus one; 0: none. */
uint8_t pass_dissector_number(const struct dissector *dissector);

#endif
