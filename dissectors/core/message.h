/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message: what one application request or response means, whatever its protocol.
 *
 * A dissector fills it; the policy decides on it; events and `sluice explain` print it.  It holds
 * no copy of the bytes: values point into the buffer that was decoded and live as long as it does.
 */
#ifndef SLUICE_MESSAGE_H
#define SLUICE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"

struct dissector;

/* What a function does to the plant: the same words for every protocol. */
enum access {
	ACCESS_NONE = 0, /* of no class: only its name, or "any", permits it */
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_CONTROL, /* operate, start, stop, restart */
	ACCESS_PROGRAM, /* download, upload, firmware, block delete */
	ACCESS_DIAGNOSE,
	ACCESS_FILE,
	ACCESS_SESSION, /* set-up; always needed, allowed by default for the units of any rule */
	ACCESS_OPAQUE,  /* content that can't be read: fragments, encrypted messages */
	ACCESS_COUNT
};

/* "read", "write", ...; "none" for ACCESS_NONE. */
const char *access_word(enum access access);

/* Who sends a function. */
enum function_side { SIDE_BOTH = 0, SIDE_CLIENT, SIDE_SERVER };

/* One row of a protocol's catalogue of functions. */
struct function {
	uint16_t code; /* on the wire */
	uint16_t sub;  /* sub-function or MEI type on the wire; FUNCTION_NO_SUB if there is none */
	const char *name;    /* policy word, e.g. "write-single-register" */
	uint8_t access;      /* enum access */
	const char *section; /* where the specification defines it */
	uint8_t side;        /* enum function_side */
};

enum { FUNCTION_NO_SUB = 0xffff, FUNCTIONS_MAX = 256 };

enum direction { DIRECTION_REQUEST = 0 /* client to server */, DIRECTION_RESPONSE };

enum message_kind {
	MESSAGE_UNKNOWN = 0,
	MESSAGE_REQUEST,
	MESSAGE_RESPONSE,    /* answers an outstanding request */
	MESSAGE_EXCEPTION,   /* answers an outstanding request with an error; see `exception` */
	MESSAGE_UNSOLICITED, /* from the server, unasked; judged by rules like a request */
	MESSAGE_LINK,        /* of a lower layer, from either side: judged by rules, answers are the
			      * dissector's own business */
};

/* Points touched: indices first..last (inclusive) of block `block` of space `space`. */
struct span {
	uint16_t space; /* index into the dissector's `spaces` */
	uint8_t access; /* enum access: what happens to these points (FC 23 has one span of each) */
	uint32_t
	    block; /* file number, data block, group and variation; 0 where the space has none */
	uint32_t first;
	uint32_t last;
	uint16_t width; /* indices that one value covers; 0 stands for 1 */
	/*
	 * Value i belongs to the indices from first + i * width on.  Format VALUE_NONE together
	 * with ACCESS_WRITE means that the message does not tell what will be written: no limit of
	 * values can be met.
	 */
	struct values values;
	bool valueless; /* a value would mean nothing here: limits of values do not speak of it */
};

static inline uint32_t
span_width(const struct span *span)
{
	return span->width > 1 ? span->width : 1;
}

enum { SPANS_MAX = 512 };

struct message {
	const struct dissector *dissector;
	const struct function *function; /* row of the catalogue; NULL while not known */
	enum message_kind kind;
	uint16_t function_code; /* as on the wire, exception bit removed; valid if has_function */
	bool has_function;
	bool has_unit;
	bool has_exception;
	uint8_t exception; /* code of an exception response */
	bool unit_named;   /* the unit is a special one (broadcast): only rules that name it mean it
			    */
	uint32_t unit_source; /* the client's address, for protocols that have one */
	uint32_t unit;        /* the server's: unit, outstation, or rack and slot */
	uint64_t token;       /* a response answers the request with an equal token */
	uint32_t transaction; /* number of the exchange as on the wire, for people; 0: the protocol
				 has none */
	uint64_t expect;      /* what a response must agree in (lengths, echoes); 0: nothing; of
			       * complete messages only */
	bool opaque;      /* what it touches can't be told: limits of points or values never hold */
	bool follows;     /* goes on with what an earlier message began, and named the points of */
	bool silent;      /* request that may be answered or not (broadcast): nobody waits for it */
	bool no_response; /* request that is never answered (broadcast) */
	bool sets_up;     /* response that changes how what follows is read */
	bool more;        /* response behind which more responses to the same request come */
	bool unfinished;  /* the frame is whole, the message goes on in later ones */
	bool together;    /* and these must stand in the same datagram */
	bool later;       /* too many came in a row: one more is refused now, and may come again */
	uint32_t label_length; /* bytes of label; 0: none */
	const uint8_t *label;  /* what the message names, as on the wire: a file, a user, a block */
	uint32_t length;       /* bytes, all layers of the protocol, as declared */
	uint32_t span_count;
	struct span spans[SPANS_MAX]; /* only the first span_count are valid */
};

/* Make empty: nothing known, nothing touched. Does not touch the spans' memory. */
void message_init(struct message *m, const struct dissector *dissector);

/*
 * Add the points first..last, `access` tells what happens to them; returns the new span so that
 * values can be attached.  When the table is full the cursor fails with REASON_POINTS_TOO_MANY.
 * With a cursor that has failed the span is a scratch one that does not count.  Never NULL.
 */
struct span *message_add_span(struct message *m, struct cursor *c, uint16_t space,
    enum access access, uint32_t block, uint32_t first, uint32_t last);

#endif
