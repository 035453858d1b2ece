/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engine, inside: what the observer is told. */
#ifndef SLUICE_ENGINE_EVENT_H
#define SLUICE_ENGINE_EVENT_H

#include "engine_pass.h"

/* Tell the observer, if it wants to know. `judgement->event` is filled here. */
void pass_tell(struct pass *pass, enum event_type type, struct judgement *judgement,
    const struct decision *decision, enum verdict verdict, enum reason reason, bool would_deny);

/* Count a denial, of the channel's conduit too if there is one. */
void engine_count_reason(struct engine *engine, const struct channel *channel, enum reason reason);

/*
 * Count and tell what happened to a flow (or, NULL, to a packet of none) that no packet of its own
 * was the cause of.
 */
void engine_tell_of_flow(struct engine *engine, struct flow *flow, const struct channel *channel,
    const struct engine_packet *when, enum event_type type, enum reason reason);

#endif
