/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: one call of decode(), as its readers hand it on, and two small readers that all of them
 * use.
 */
#ifndef SLUICE_DNP3_READ_H
#define SLUICE_DNP3_READ_H

#include "dnp3_room.h"
#include "dnp3_state.h"

/* An object header as events tell it. */
struct dnp3_told_header {
	uint8_t group;
	uint8_t variation;
	uint8_t qualifier;
	uint16_t span_first; /* of the message's spans */
	uint16_t span_count;
	uint32_t start;
	uint32_t stop;
	uint32_t count;
};

/* How far the objects of an unfinished fragment were read. */
struct dnp3_rest {
	uint32_t from;             /* bytes that were; 0: its header was not */
	bool each;                 /* objects have an index, or lengths of their own */
	bool untold;               /* all that comes is in a form that nobody knows */
	struct dnp3_header header; /* of the objects that come next; a count of 0: a new one does */
};

/* What decode() finds out and commit() and tell() need. */
struct dnp3_work {
	/* for events */
	uint8_t link_control;
	uint8_t application_control;
	bool link_known; /* these have been read */
	bool application_known;
	bool indications_known;
	uint8_t header_count; /* of the fragment, or 255 */
	struct dnp3_told_header headers[TOLD_ROWS_MAX];
	/* frame */
	bool primary;
	bool fcv;
	bool fcb;
	bool repeated; /* the frame before, once more */
	uint8_t link_function;
	uint16_t master;
	uint16_t outstation;
	uint32_t user_length; /* declared */
	uint32_t user_here;
	/* segment */
	bool segment;  /* there is one */
	bool response; /* from the outstation */
	bool first;
	bool final;
	uint8_t segment_sequence;
	uint8_t assembly;  /* index, DNP3_NONE: none open and none needed */
	uint32_t total;    /* bytes of the fragment from earlier segments */
	uint32_t previous; /* and those of them that were kept */
	uint32_t skipped;  /* bytes of this segment that belong to an object that was judged */
	uint32_t skip;     /* and of later ones */
	uint32_t fragment_here;
	bool cut; /* bytes of earlier segments are missing */
	struct dnp3_rest rest;
	/* fragment */
	bool whole; /* read to its end */
	bool app_first;
	bool app_final;
	uint8_t function;
	uint8_t sequence;
	uint8_t iin[2];
	uint32_t select_length; /* bytes of objects of a control, authentication apart; more than
				 * DNP3_SELECT_MAX: there was no room for them */
	uint8_t select_slot;    /* where a SELECT will be kept */
	uint8_t pair;           /* index, DNP3_NONE: unknown and not needed */
	uint8_t select[DNP3_SELECT_MAX];
	uint8_t user[DNP3_USER_MAX];
	uint8_t fragment[DNP3_FRAGMENT_MAX + DNP3_USER_MAX];
};

/* One call of decode(). */
struct dnp3_read {
	enum direction direction; /* DIRECTION_REQUEST: from the master, whoever is the client */
	const struct context *context;
	const struct dnp3_state *state;
	struct dnp3_work *work;
	struct message *m;
	uint32_t least; /* bytes that the fragment will have at least */
};

static inline void
demand(struct cursor *c, bool holds, enum reason reason)
{
	if (!holds)
		cursor_fail(c, reason);
}

/* A number of two bytes in Intel order, of which every byte that is here must be right. */
static inline void
expect_le16(struct cursor *c, uint16_t value, enum reason reason)
{
	struct cursor ahead = cursor_peek(c);

	cursor_expect_u8(c, (uint8_t)value, (uint8_t)value, reason);
	cursor_u8(&ahead, "");
	cursor_expect_u8(&ahead, (uint8_t)(value >> 8), (uint8_t)(value >> 8), reason);
	if (ahead.state == CURSOR_FAILED)
		cursor_fail(c, reason);
}

#endif
