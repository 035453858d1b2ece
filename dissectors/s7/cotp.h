/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * COTP: TPKT (RFC 1006) and the connection-oriented transport protocol, class 0 (ISO 8073, RFC
 * 905), below S7comm and S7comm-plus.
 *
 * Reads one TPKT with the one TPDU in it.  Connections are set up and ended here; what data TPDUs
 * carry is the business of the protocol above.  Not here: classes 1 to 4, and several TPDUs in one
 * TPKT (RFC 1006 has none).
 */
#ifndef SLUICE_COTP_H
#define SLUICE_COTP_H

#include "cotp_parameters.h"
#include "dissector.h"

enum {
	COTP_HEADER = 7,           /* TPKT and a data TPDU without data */
	COTP_FRAME_MAX = 4 + 8192, /* the largest TPDU that class 0 can agree on */
	COTP_DATA_MAX = 2048,      /* bytes of one message in several data TPDUs */
	/* behind which data TPDUs without data are no longer in a row: Snap7 counts on for three
	   seconds, in which it waits for a message to go on */
	COTP_EMPTY_PAUSE_MS = 4000,
};

/* Rows that the catalogue of each protocol above has: code is 0x100 and the type of the TPDU. */
enum { COTP_CONNECT = 0x1e0, COTP_DISCONNECT = 0x180, COTP_ERROR = 0x170, COTP_EMPTY = 0x1f0 };

#define COTP_FUNCTIONS                                                                            \
	{COTP_CONNECT, FUNCTION_NO_SUB, "connect", ACCESS_SESSION, "ISO 8073 13.3, 13.4",         \
	    SIDE_BOTH},                                                                           \
	    {COTP_DISCONNECT, FUNCTION_NO_SUB, "disconnect", ACCESS_SESSION,                      \
		"ISO 8073 13.5, 13.6", SIDE_BOTH},                                                \
	    {COTP_EMPTY, FUNCTION_NO_SUB, "empty-data", ACCESS_SESSION, "ISO 8073 13.7",          \
		SIDE_BOTH},                                                                       \
	{                                                                                         \
		COTP_ERROR, FUNCTION_NO_SUB, "transport-error", ACCESS_SESSION, "ISO 8073 13.12", \
		    SIDE_SERVER                                                                   \
	}

/* What was ended can't be opened again: servers differ in what they still believe then. */
enum cotp_phase { COTP_CLOSED = 0, COTP_ASKED, COTP_OPEN, COTP_ENDED };

/* Of a connection; zero at its start. */
struct cotp_state {
	uint8_t phase;     /* enum cotp_phase */
	uint8_t size_code; /* agreed TPDU size is 2 to the power of this; 0: none was named */
	uint8_t has_place; /* the called TSAP names connection type, rack and slot */
	uint8_t type;      /* of connection: PG, OP, basic, ... */
	uint8_t place;     /* rack * 32 + slot */
	uint16_t
	    waiting[2]; /* bytes of `data` that wait for the end of their message, by direction */
	uint8_t pieces[2];       /* data TPDUs in which they came */
	uint8_t empties[2];      /* data TPDUs without data in a row */
	uint64_t emptied_ms[2];  /* when the last of them came */
	uint64_t emptying_ms[2]; /* and the first */
	uint8_t data[2][COTP_DATA_MAX];
};

/* What the scratch remembers of a TPDU between decode() and commit(). */
struct cotp_tpdu {
	uint8_t type;          /* first byte's upper half; 0: not known */
	bool end;              /* of a data TPDU: the message ends with it */
	uint16_t added;        /* data bytes */
	struct cotp_told told; /* by CR and CC */
};

enum {
	TPDU_CR = 0xe0,
	TPDU_CC = 0xd0,
	TPDU_DR = 0x80,
	TPDU_DC = 0xc0,
	TPDU_ER = 0x70,
	TPDU_DT = 0xf0
};

struct cotp_demand {
	enum cotp_called called;
	uint32_t data_max;  /* bytes of a message in data TPDUs */
	enum reason reason; /* what a longer one is */
	/* towards the server; what a client puts together operates nothing */
	uint32_t pieces_max;  /* data TPDUs in which a message may come */
	uint32_t empties_max; /* data TPDUs without data that may come in a row */
	/* can the message that goes on have this length? NULL: any */
	bool (*whole_possible)(const void *reader, enum direction direction, uint32_t length);
	const void *reader;
};

/* frame() of the protocols above. */
uint32_t cotp_frame(struct cursor *c, enum direction direction);

/*
 * Read TPKT and TPDU header.  True: a data TPDU, and the cursor stands before its data.  False: a
 * TPDU without data, which has been read whole into `m`, or a failure.
 */
bool cotp_read(struct cursor *c, enum direction direction, const struct context *context,
    const struct cotp_state *state, const struct cotp_demand *demands, struct message *m,
    struct cotp_tpdu *tpdu);

/* Unit of a message: the place that the connection was made to. */
void cotp_unit(const struct cotp_state *state, const struct context *context, struct message *m);

/*
 * Data of a message in pieces: copy what waits and what is here behind it to `room` (COTP_DATA_MAX
 * bytes) and set up a cursor over both; `c` is not moved.  cotp_pieces_end() tells `c` what was
 * found, and takes the data.
 */
struct cursor cotp_pieces(const struct cursor *c, const struct cotp_state *state,
    enum direction direction, bool end, uint8_t *room);
void cotp_pieces_end(struct cursor *c, const struct cursor *pieces, bool end);

/* The TPDU was let through. `room` as cotp_pieces() left it, or NULL if the data were not pieces.
 */
void cotp_commit(struct cotp_state *state, enum direction direction, const struct context *context,
    const struct cotp_tpdu *tpdu, const uint8_t *room);

#endif
