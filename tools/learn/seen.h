/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Seen: what the messages of a talk did: functions, units, points, values, how often.
 *
 * Fed by an engine that judges a capture by a policy that permits everything, so that nothing here
 * reads a byte of a packet.
 */
#ifndef SLUICE_LEARN_SEEN_H
#define SLUICE_LEARN_SEEN_H

#include "engine.h"

enum { SEEN_RANGES_MAX = 256, SEEN_USES_MAX = 65536, SEEN_REASONS_MAX = 64 };

/* Points of one space and block that were touched. */
struct seen_range {
	uint16_t space;
	uint32_t block, first, last;
};

/* What one function did at one unit, in one talk. */
struct seen_use {
	uint32_t talk;
	const struct function *function;
	uint32_t unit_source, unit;
	bool has_unit, unit_named, opaque;
	bool values, valueless; /* some were written; some can't be told */
	double lowest, highest;
	struct seen_range *ranges; /* sorted, apart from each other */
	uint32_t range_count;
	uint64_t count;
	uint32_t file_first, file_last;
	uint64_t frame_first, frame_last;
	uint64_t minute; /* of the last message */
	uint32_t in_minute, most_in_minute;
};

/* Messages that a policy of any rules would refuse. */
struct seen_fault {
	uint32_t talk;
	enum reason reason;
	uint32_t file;
	uint64_t frame, count;
};

struct seen {
	struct seen_use *uses;
	uint32_t use_count;
	struct seen_fault *faults;
	uint32_t fault_count;
	uint64_t untold; /* for which there was no room */
	uint32_t file;   /* which is read */
	uint64_t frame;
	bool failed; /* memory was out */
};

int seen_init(struct seen *seen);
void seen_done(struct seen *seen);

/* For engine_observe(); `context` is the struct seen. Channels are named "t" and a talk's number.
 */
void seen_observe(void *context, const struct judgement *judgement);

#endif
