/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Totals: what a replay counted, over all captures.
 */
#ifndef SLUICE_TOTALS_H
#define SLUICE_TOTALS_H

#include <jansson.h>

#include "decap.h"
#include "session.h"

struct totals {
	uint64_t frames;
	uint64_t frames_other;     /* not IP */
	uint64_t frames_malformed; /* shorter than their link headers */
	uint64_t packets_allowed;
	uint64_t packets_denied;
	uint64_t packets_by_reason[REASON_COUNT]; /* why they were let through or stopped */
	uint64_t frames_strange;                  /* of link types that nobody here reads */
	uint64_t by_carrier[CARRIER_COUNT]; /* frames that carry others, which were not taken out */
	uint64_t frames_carried;            /* that were */
	uint64_t put_in_order;              /* frames that came later than the file has them */
	uint64_t lost;                      /* times that a capture lacks what was acknowledged */
	uint64_t messages;
	uint64_t would_deny; /* let through by monitor mode */
	struct channel_counters *channels;
};

/* Returns 0 or -ENOMEM. */
int totals_init(struct totals *totals, const struct policy *policy);
void totals_done(struct totals *totals);

/* Count what a frame is in and what it carries. */
void totals_look(struct totals *totals, const struct frame *frame);

/* Count one frame; the outcome is looked at only if it was judged. */
void totals_add_frame(
    struct totals *totals, enum session_result result, const struct outcome *outcome);

/* Add what the engine of a session counted itself. */
void totals_add_session(
    struct totals *totals, const struct policy *policy, const struct session *session);

/* Was (or, where only monitored, would have been) anything denied? */
bool totals_denied(const struct totals *totals);

/* The whole table on standard output, or one line of it on standard error. */
void totals_print(const struct totals *totals, const struct policy *policy);
void totals_print_line(const struct totals *totals);
json_t *totals_json(const struct totals *totals, const struct policy *policy);

#endif
