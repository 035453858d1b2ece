/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow note: what people may want to know of a connection, beside what the decision needs.
 *
 * Numbers only, written once for each whole message and each refusal; nothing is decided by them.
 * They are forgotten with the connection, or when it moves to an arena that lies in another way.
 */
#ifndef SLUICE_FLOW_NOTE_H
#define SLUICE_FLOW_NOTE_H

#include <stdint.h>

#include "dissector.h"
#include "reason.h"

/* Of the last request; `reason` of the last refusal. */
struct flow_note {
	uint64_t bytes; /* of all whole messages, both ways */
	uint32_t messages;
	uint32_t unit;
	uint32_t unit_source;
	uint32_t block; /* this and the next three: the first points of it */
	uint32_t first;
	uint32_t last;
	uint16_t space;
	uint16_t function;  /* index in the catalogue plus one; 0: not known, or nothing asked */
	uint16_t reason;    /* enum reason; 0: nothing was refused */
	uint8_t span_count; /* at most UINT8_MAX is told */
	uint8_t has_unit;
};

void flow_note_message(struct flow_note *note, const struct message *message);

static inline void
flow_note_refusal(struct flow_note *note, enum reason reason)
{
	note->reason = (uint16_t)reason;
}

#endif
