/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Session: an engine that is fed from captures as the daemon feeds its own from the queue.
 *
 * Holds the memory and the clock of such an engine and nothing of the decision.
 */
#ifndef SLUICE_SESSION_H
#define SLUICE_SESSION_H

#include "capture.h"
#include "engine.h"

struct session;

/* What became of a frame. */
enum session_result {
	SESSION_MALFORMED = 0, /* shorter than its link headers */
	SESSION_OTHER,         /* not IP: the firewall would not see it */
	SESSION_JUDGED,
};

/* Start as a daemon that has seen nothing yet. Returns 0 and *ret_session, or -errno. */
int session_new(const struct policy *policy, struct session **ret_session);
void session_free(struct session *session);

/* Trust the checksums of packets (a capture taken where a network card fills them in)? Default:
 * yes. */
void session_trust_checksums(struct session *session, bool trusted);

struct engine *session_engine(struct session *session);

/*
 * Judge a frame.  Its time is the time of the decision; where a capture goes back in time, the
 * decision's clock stands still.
 */
enum session_result session_judge(
    struct session *session, const struct frame *frame, struct outcome *ret_outcome);

/* The IP packet in a frame, for people; false if there is none or it can't be read. */
bool session_find_packet(const struct frame *frame, struct packet *ret_packet);

void session_counters(const struct session *session, struct engine_counters *ret_counters);
void session_channel_counters(
    const struct session *session, uint32_t channel_index, struct channel_counters *ret_counters);

#endif
