/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: what a connection remembers between its frames.
 *
 * Reading never changes it; dnp3_commit() in dnp3.c does, after a frame was let through, by the
 * keep functions of those whose part it is.
 */
#ifndef SLUICE_DNP3_STATE_H
#define SLUICE_DNP3_STATE_H

#include "dnp3_codes.h"

/*
 * A fragment of which some segments have passed.  A response for whose bytes there is no room is
 * cut: of it only what its next bytes can be read by is kept, see dnp3_cut().
 */
struct dnp3_assembly {
	uint64_t at_ms; /* of the last segment */
	uint16_t master;
	uint16_t outstation;
	uint16_t total;  /* bytes that have passed */
	uint16_t length; /* bytes that are kept */
	uint16_t skip;   /* bytes that come next and belong to an object that was judged */
	uint8_t next;    /* sequence of the next segment */
	bool open;
	bool response;
	bool cut;
	union {
		uint8_t pieces[DNP3_PIECES]; /* where its bytes are, in order */
		uint8_t rest[DNP3_REST_MAX]; /* of one that was cut */
	};
};

/* What is remembered of a master and an outstation; arrays are by direction, as in dnp3_read. */
struct dnp3_pair {
	uint64_t used_ms;
	uint16_t master;
	uint16_t outstation;
	bool used;
	bool more;           /* the response goes on in another fragment */
	uint8_t more_origin; /* sequence of the request */
	uint8_t more_next;   /* of that fragment */
	uint8_t due_ack[2];  /* frames that this side must still acknowledge */
	uint8_t due_status[2];
	bool fcb_known[2];
	bool fcb[2]; /* of the next frame with FCV */
};

/* What was selected, for the OPERATE that must repeat it. */
struct dnp3_select {
	uint64_t at_ms;
	uint16_t master;
	uint16_t outstation;
	uint16_t length;
	bool held;
	bool operated; /* only a repetition of its OPERATE can still come */
	uint8_t sequence;
};

/* The last frame of a side whose acknowledgement it waits for: it may be sent again as it was. */
struct dnp3_confirmed {
	bool known;
	bool fcb;
	uint8_t function;
	uint8_t length;
	uint16_t master;
	uint16_t outstation;
	uint8_t user[DNP3_USER_MAX];
};

/* What is looked at with every frame stands together in front, far from the bytes. */
struct dnp3_state {
	uint64_t pieces_taken; /* a bit each */
	uint8_t open_count;    /* of assemblies */
	struct dnp3_select selects[DNP3_SELECTS_MAX];
	struct dnp3_pair pairs[DNP3_PAIRS_MAX];
	struct dnp3_confirmed confirmed[2]; /* by direction */
	struct dnp3_assembly assemblies[DNP3_ASSEMBLIES_MAX];
	uint8_t pieces[DNP3_PIECES_MAX][DNP3_PIECE_SIZE];
	uint8_t select_objects[DNP3_SELECTS_MAX][DNP3_SELECT_MAX];
};

#endif
