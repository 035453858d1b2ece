/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dissector: the one interface between a protocol and the rest of the program.
 *
 * A protocol is one C file that ends in one `const struct dissector`, one vectors file, and one
 * line in dissectors.c.  All functions are pure: no allocation, no clock, no log, no system call.
 * The same bytes in the same context give the same answer.  State that a protocol keeps per
 * connection is changed only by commit(), after the message was permitted.
 */
#ifndef SLUICE_DISSECTOR_H
#define SLUICE_DISSECTOR_H

#include <assert.h>

#include "cursor.h"
#include "edit.h"
#include "message.h"

/* A set of points in a rule: indices first..last of the blocks block_first..block_last. */
struct point_range {
	uint16_t space;
	uint32_t block_first;
	uint32_t block_last;
	uint32_t first;
	uint32_t last;
};

/* Units in a rule: sources and units that match; 0..UINT32_MAX matches all. */
struct unit_range {
	uint32_t source_first;
	uint32_t source_last;
	uint32_t first;
	uint32_t last;
	bool named; /* special ones (broadcast), which no other range contains */
};

/* A kind of point. */
struct space {
	const char *name;   /* "holding" */
	uint32_t index_max; /* largest index */
	uint32_t block_max; /* largest block number; 0: the space has no blocks */
	bool bits;          /* values are 0 or 1 */
	uint8_t index_bits; /* of the device's memory that an index stands for, and the message
			     * writes them in order; 0: points have no more than their own form */
};

/*
 * What a limit of values may take memory for: an element.  Where indices stand for memory, its
 * bytes are put together from as many of them as it has, in order, whatever sizes the message
 * writes them in; elsewhere the message must write a value of this format.
 */
struct element_type {
	const char *name; /* "int32", "real" */
	uint8_t bits;     /* 1, or whole bytes up to 8 */
	uint8_t format;   /* enum value_format of its bytes; VALUE_BIT for a single bit */
	bool swapped;     /* the lowest of its 16-bit words comes first */
};

/*
 * A number beside the value of a point (how often, how long) that a rule may limit too: `offset`
 * bytes behind each value of spans in these blocks.
 */
struct part {
	const char *name; /* "count" */
	uint16_t space;
	uint32_t block_first;
	uint32_t block_last;
	uint8_t format; /* enum value_format */
	uint8_t offset;
};

/*
 * Numbers by which drawings call the points of a space, other than those of messages: `first` is
 * index 0.  Who writes them in a policy probably means that.
 */
struct habit {
	uint16_t space;
	uint32_t first;
	uint32_t last;
	const char *prefix; /* what stands in front of the number; NULL: nothing, or the space */
	bool unsure;        /* some count from 0 and some from 1 */
};

/* A word for a value, and the points of which it is one. */
struct value_word {
	const char *name; /* "latch-on" */
	uint32_t value;
	uint16_t space;
	uint32_t block_first;
	uint32_t block_last;
};

/*
 * What requests (and what a server sends unasked) may touch: points of these blocks, by functions
 * of this code.  A function without such a row touches nothing.
 */
enum touch_form {
	TOUCH_RANGES = 0, /* one index or more, in as many spans as there is room for */
	TOUCH_SINGLE,     /* one index */
	TOUCH_UNTOLD,     /* one index, and nobody can tell what it will hold */
	TOUCH_TOGETHER,   /* a range of each row of this code */
	TOUCH_NOTHING,    /* a message of this function may also touch nothing */
};

struct touchable {
	uint16_t code;
	uint16_t sub; /* FUNCTION_NO_SUB: of the row of the catalogue without one */
	uint16_t space;
	uint8_t access; /* enum access, of the span */
	uint8_t format; /* enum value_format of what is written; VALUE_NONE: it is the block's, or
			 * the message does not tell */
	uint32_t block_first;
	uint32_t block_last;
	uint8_t form; /* enum touch_form */
};

/* A number that a channel may set for its protocol. */
struct setting {
	const char *name; /* key in policies: "select_timeout" */
	uint32_t min;
	uint32_t max;
	uint32_t normal; /* unless the channel says otherwise */
};

enum {
	SETTINGS_MAX = 8,
	PARTS_MAX = 8,
	CONTEXT_STATE_MAX = 32768,  /* no dissector has a larger state_size */
	CONTEXT_SCRATCH_MAX = 8192, /* nor a larger scratch_size */
};

/*
 * What stands around a message.  The scratch is decode()'s to write, values of the message may
 * point into it, and commit() finds it as decode() has left it.
 */
struct context {
	const void *state; /* of the connection, state_size bytes; NULL if the dissector has none */
	void *scratch;     /* scratch_size bytes, aligned for anything; NULL if it wants none */
	const uint32_t
	    *settings; /* of the channel, in the order of the dissector's; NULL: the normal ones */
	uint64_t now_ms; /* monotonic */
	bool datagram;   /* by UDP */
	bool middle;     /* of a connection whose beginning nobody saw, and no answer yet */
};

/* Room for a context outside the engine, in tools and tests; zeroed it is a new connection's. */
struct context_room {
	uint64_t state[CONTEXT_STATE_MAX / sizeof(uint64_t)];
	uint64_t scratch[CONTEXT_SCRATCH_MAX / sizeof(uint64_t)];
};

enum dissect_result {
	DISSECT_MALFORMED = 0, /* never to be forwarded; the reason tells why */
	DISSECT_PARTIAL,       /* more bytes must come; the message holds what is known so far */
	DISSECT_COMPLETE,      /* the message is canonical and complete */
};

/* One of the numbers that a token (see struct message) is made of. */
struct token_part {
	const char *name; /* "transaction" */
	uint8_t shift;
	uint8_t bits;
};

/*
 * Numbers of a message's headers that only events tell: nothing is decided on them.  Their names
 * are those of Suricata's EVE where it knows the protocol.
 */
enum detail_form {
	DETAIL_NUMBER = 0,
	DETAIL_FLAG, /* true or false */
	DETAIL_WORD, /* words[number] */
	DETAIL_BITS, /* the words of the bits that are set */
};

struct detail {
	const char *name; /* "control.dir": a member of an object in the protocol's object */
	uint8_t form;     /* enum detail_form */
	uint8_t word_count;
	const char *const *words;
};

enum { DETAILS_MAX = 16, TOLD_ROWS_MAX = 4, TOLD_COLUMNS_MAX = 8 };

/* One of the things that a message has several of, and the spans of the message that are its. */
struct told_row {
	uint32_t numbers[TOLD_COLUMNS_MAX];
	uint16_t span_first;
	uint16_t span_count;
};

struct told {
	uint32_t known; /* bit i: number i is one of this message */
	uint32_t numbers[DETAILS_MAX];
	uint32_t row_count; /* in the message; the first TOLD_ROWS_MAX are here */
	struct told_row rows[TOLD_ROWS_MAX];
};

struct dissector {
	const char *name;  /* word in policies and logs: "modbus" */
	const char *title; /* for people: "Modbus/TCP" */
	uint16_t port;     /* default port */
	bool tcp;
	bool udp;
	uint32_t message_max; /* bytes of the longest message (or frame, see message.unfinished) */
	uint32_t state_size;  /* bytes of per-flow state, zeroed at the start; 0: none */
	uint64_t token_unit;  /* the bits of message.token that name the unit */
	uint64_t token_transaction; /* and those that number the exchange */
	uint32_t scratch_size; /* bytes that decode() needs to put a message together; 0: none */
	const struct setting *settings;
	uint32_t setting_count; /* at most SETTINGS_MAX */
	uint32_t server_asks;   /* the setting, counted from 1, that makes the server the one who
				 * asks; 0: there is none */
	const struct function *functions;
	uint32_t function_count; /* at most FUNCTIONS_MAX */
	struct {
		uint16_t code;
		uint8_t access; /* enum access; ACCESS_NONE: there is none */
	} also;                 /* functions of this code are of a second class, too */
	const struct space *spaces;
	uint32_t space_count;

	const struct touchable *touches;
	uint32_t touch_count;
	const struct part *parts;
	uint32_t part_count;              /* at most PARTS_MAX */
	const struct element_type *types; /* for limits of values; those of memory of single bits
					   * need one */
	uint32_t type_count;
	const struct value_word *value_words;
	uint32_t value_word_count;
	/* What a server sends unasked touches points of its own: rules with points of this space
	 * alone, by which clients ask, never allow it. */
	struct {
		uint16_t code; /* of the function; 0: there is none */
		uint16_t space;
		const char *like; /* points as they would be needed: "g2:*" */
	} unasked;
	const struct habit *habits;
	uint32_t habit_count;

	/*
	 * Where does the message at the cursor end?  Reads the protocol's header from `c` (all
	 * bytes available are visible, declared without limit) and returns its whole length in
	 * bytes.  A contradiction is reported by cursor_fail(); while too few bytes are here the
	 * cursor is CURSOR_SHORT and the return value is ignored.
	 */
	uint32_t (*frame)(struct cursor *c, enum direction direction);

	/*
	 * Read one message, whose end frame() told (or, while it is partial, may still be unknown),
	 * and fill `m`.  Checks every field as early as the bytes allow, so that a prefix of a
	 * message is refused as soon as it can no longer become a permitted one.  The caller checks
	 * the cursor afterwards: short, overrun, bytes left over.  The context's state is read
	 * only.
	 *
	 * Where frames carry pieces of messages, frame() speaks of frames: decode() puts what the
	 * state holds and this frame together and sets message.unfinished until the last one.
	 */
	void (*decode)(struct cursor *c, enum direction direction, const struct context *context,
	    struct message *m);

	/*
	 * The message (or frame) is complete and was let through: remember what later ones need.
	 * `state` is that of the context with which decode() has just filled `m`.  NULL if there is
	 * no state.
	 */
	void (*commit)(void *state, enum direction direction, const struct context *context,
	    const struct message *m);

	/*
	 * The complete request that decode() has just read into `m` is not permitted, and its
	 * client is to hear so in its own protocol: make of its bytes, in place and in no other
	 * length, a request that changes nothing in any server and that every server refuses, with
	 * the numbers by which its answer is matched as they were.  Changes the scratch (and what
	 * commit() reads of `m`), so that commit() remembers what the server is asked now.  False,
	 * and nothing has been changed: this one can't be refused.  NULL: none can.
	 */
	bool (*refuse)(struct edit *e, const struct context *context, struct message *m);

	/*
	 * Bytes of a response from its beginning on, perhaps not all.  If it answers what refuse()
	 * has made of the request with this token (in the bits that count) and function code, give
	 * it the form of that function's own refusal, as far as it is here.  What has been changed
	 * before may come again and stays as it is.  True: it is the answer.  NULL: answers need no
	 * change.
	 */
	bool (*answer_refused)(struct edit *e, uint64_t token, uint64_t bits, uint8_t function);

	/*
	 * Read "holding:40-42" of a policy. Returns 0, or -EINVAL with a sentence in *ret_why that
	 * says what was expected (a static string).  NULL: the generic form "space:first-last" or
	 * "space:block:first-last" (blocks may be a range too), with "*" for all.
	 */
	int (*parse_points)(const char *text, struct point_range *ret_range, const char **ret_why);

	/* What the points of a range hold when a message writes them; VALUE_NONE where that is not
	 * the same for all, or nobody knows.  NULL: words of 16 bits, or what the space says. */
	enum value_format (*point_format)(const struct point_range *range);

	/* Print a range so that parse_points reads it back; snprintf semantics. NULL: generic form.
	 */
	int (*print_points)(const struct point_range *range, char *buf, size_t size);

	/* The same for units ("1", "1-10", "*"). NULL: generic form, one number or range
	 * 0..unit_max. */
	int (*parse_units)(const char *text, struct unit_range *ret_range, const char **ret_why);
	int (*print_units)(const struct unit_range *range, char *buf, size_t size);
	uint32_t unit_max;
	bool unit_of_session; /* told when a connection is set up; UINT32_MAX to who has not seen it
			       */
	const char *broadcast; /* the word for unit 0, where it stands for all when it is told to
				* change something; NULL: it does not */

	/* What a token is made of, for people; what is in no part is not told. */
	const struct token_part *token_parts;
	uint32_t token_part_count;

	/* A word for an exception code ("illegal-function"), NULL if the number is none. */
	const char *(*exception_word)(uint8_t code);

	/*
	 * What events tell of the message that decode() has just put into `m` with this context.
	 * `ret_told` comes zeroed.  NULL: nothing more than the message.
	 */
	void (*tell)(const struct context *context, const struct message *m, struct told *ret_told);
	const struct detail *details;
	uint32_t detail_count; /* at most DETAILS_MAX */
	const char *rows;      /* where rows are put, and what their columns are called */
	const char *const *columns;
	uint32_t column_count; /* at most TOLD_COLUMNS_MAX */
};

/* Index of a function in its dissector's catalogue. */
static inline uint32_t
dissector_function_index(const struct dissector *d, const struct function *function)
{
	assert(function >= d->functions && function < d->functions + d->function_count);
	return (uint32_t)(function - d->functions);
}

/* Row of the catalogue for a name, NULL if there is none. */
const struct function *dissector_find_function(const struct dissector *d, const char *name);

/* Indices of a space that one element of a type has; 0: the space has no such elements. */
uint32_t dissector_element_width(
    const struct dissector *d, uint16_t space, const struct element_type *type);

/*
 * Row of the catalogue for a code and sub-function as on the wire, NULL if there is none.  A row
 * without sub-function stands for all those that have no row of their own.
 */
const struct function *dissector_find_code(const struct dissector *d, uint16_t code, uint16_t sub);

/* Points and units of a policy: the dissector's own form or the generic one. Errors as in the ops.
 */
int dissector_parse_points(const struct dissector *d, const char *text,
    struct point_range *ret_range, const char **ret_why);
int dissector_print_points(
    const struct dissector *d, const struct point_range *range, char *buf, size_t size);
int dissector_parse_units(const struct dissector *d, const char *text, struct unit_range *ret_range,
    const char **ret_why);
int dissector_print_units(
    const struct dissector *d, const struct unit_range *range, char *buf, size_t size);

/* A context with the normal settings at time 0. */
struct context context_new(struct context_room *room);

/* The value of a setting in a context. */
uint32_t context_setting(
    const struct dissector *d, const struct context *context, uint32_t setting);

/*
 * Read the message that begins at data: the one way to call a dissector.  COMPLETE: *ret_length
 * bytes belong to it.  PARTIAL: the fields that are here are in `m` and none of them is wrong.
 * MALFORMED: *ret_reason tells why, and `m` holds what was read before.  `trace` may be NULL.
 */
enum dissect_result dissect(const struct dissector *d, enum direction direction,
    const struct context *context, const uint8_t *data, size_t length, struct trace *trace,
    struct message *m, uint32_t *ret_length, enum reason *ret_reason);

#endif
