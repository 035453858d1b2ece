/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engine, inside: where the streams of a TCP connection begin, and when they begin again.
 *
 * A SYN is believed when the other end has answered it; one that comes while a connection lives
 * must not shift where messages begin.
 */
#ifndef SLUICE_ENGINE_SYN_H
#define SLUICE_ENGINE_SYN_H

#include "engine_pass.h"

/* A segment further away than this from what is expected can't end a flow, only be dropped. */
enum { WINDOW_MAX = 1 << 20 };

static inline bool
tcp_is_near(uint32_t a, uint32_t b)
{
	int32_t ahead = (int32_t)(a - b);

	return ahead <= WINDOW_MAX && ahead >= -WINDOW_MAX;
}

/* Streams that begin with the bytes behind these two SYNs. */
void tcp_open_streams(struct pass *pass, uint32_t client_isn, uint32_t server_isn);

/* Nothing is known of what the server has now; where the streams were is remembered. */
void tcp_close_flow(struct pass *pass);

/* Until it is clear which of two connections lives, the bytes of the client have two meanings. */
bool tcp_is_ambiguous(const struct pass *pass);

/* Has what was on its way when the flow was closed arrived by now, and what answers it? */
bool tcp_close_is_settled(const struct pass *pass);

/* A segment with SYN of a flow that is known. */
void tcp_syn(struct pass *pass);

#endif
