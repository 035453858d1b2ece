/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3, inside: what the files of this dissector share.  Nobody else includes this.
 *
 * IEEE Std 1815-2012.  dnp3.c puts the layers together; dnp3_link.c reads frames (clause 9) into
 * user data without CRCs; dnp3_segment.c joins segments to fragments (clause 8) and keeps what a
 * connection remembers; dnp3_application.c reads the fragment's header (clause 4), dnp3_objects.c
 * its object headers, dnp3_room.c tells which counts can still fit, dnp3_sizes.c has the table of
 * objects (Annex A), dnp3_bodies.c the objects of files and of secure authentication; dnp3_forms.c
 * is about text, dnp3_told.c about events.
 */
#ifndef SLUICE_DNP3_H
#define SLUICE_DNP3_H

#include "dissector.h"

enum { DNP3_GROUPS = 0, DNP3_CLASSES, DNP3_SPACE_COUNT };

enum {
	DNP3_HEADER_SIZE = 10,
	DNP3_BLOCK_SIZE = 16,
	DNP3_USER_MAX = 250,
	DNP3_FRAGMENT_NORMAL = 2048, /* 4: what a device may send unless it was told otherwise */
	DNP3_FRAGMENT_MAX = 4096,
	DNP3_FRAGMENT_MIN = 249,
	DNP3_SELECT_MAX = DNP3_FRAGMENT_NORMAL - 2, /* bytes of objects of a SELECT */
	DNP3_SELECTS_MAX = 4, /* SELECTs of a connection that wait for their OPERATEs */
	DNP3_PAIRS_MAX = 64,  /* link pairs of a connection that have something to remember */
	DNP3_ASSEMBLIES_MAX =
	    5, /* fragments under way: the first is the client's, the others the server's */
	DNP3_PAIR_AGE_MS = 10000, /* an answer that did not come in this time is not waited for */
	DNP3_ASSEMBLY_AGE_MS =
	    2000, /* a fragment that does not go on in this time may be given up */
	DNP3_NONE = 0xff,
};

/* Rows of the tables. */
enum {
	DNP3_FUNCTION_COUNT = 50,
	DNP3_TYPE_COUNT = 6,
	DNP3_PART_COUNT = 3,
	DNP3_VALUE_WORD_COUNT = 7
};
enum { DNP3_DETAIL_COUNT = 16, DNP3_COLUMN_COUNT = 8 };

enum {
	DNP3_SELECT_TIMEOUT = 0,
	DNP3_FRAGMENT_SIZE,
	DNP3_LINK_CONFIRM,
	DNP3_SPLIT_REQUESTS,
	DNP3_MASTER_LISTENS,
	DNP3_SETTING_COUNT
};

/* 9: addresses */
enum {
	DNP3_ADDRESS_RESERVED = 0xfff0,
	DNP3_ADDRESS_SELF = 0xfffc,
	DNP3_ADDRESS_BROADCAST = 0xfffd
};

/* 9: function codes of frames; what is no user data becomes a message of its own */
enum {
	LINK_RESET = 0,
	LINK_TEST = 2,
	LINK_CONFIRMED = 3,
	LINK_UNCONFIRMED = 4,
	LINK_REQUEST_STATUS = 9,
	LINK_ACK = 0,
	LINK_NACK = 1,
	LINK_STATUS = 11,
	LINK_NOT_SUPPORTED = 15,
};

/* 4: function codes that are spoken of by name */
enum {
	FC_CONFIRM = 0,
	FC_READ = 1,
	FC_WRITE = 2,
	FC_SELECT = 3,
	FC_OPERATE = 4,
	FC_DIRECT_OPERATE_NR = 6,
	FC_FREEZE_NR = 8,
	FC_FREEZE_CLEAR_NR = 10,
	FC_FREEZE_AT_TIME = 11,
	FC_FREEZE_AT_TIME_NR = 12,
	FC_COLD_RESTART = 13,
	FC_WARM_RESTART = 14,
	FC_INITIALIZE_DATA = 15,
	FC_SAVE_CONFIGURATION = 19,
	FC_DELAY_MEASUREMENT = 23,
	FC_RECORD_TIME = 24,
	FC_AUTHENTICATE = 32,
	FC_AUTHENTICATE_NR = 33,
	FC_RESPONSE = 129,
	FC_UNSOLICITED = 130,
	FC_AUTHENTICATE_RESPONSE = 131,
	FC_COUNT,
};

/* A fragment of which some segments have passed. */
struct dnp3_assembly {
	uint64_t at_ms; /* of the last segment */
	uint16_t master;
	uint16_t outstation;
	uint16_t length;
	uint8_t next; /* sequence of the next segment */
	bool open;
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
	struct dnp3_assembly assemblies[DNP3_ASSEMBLIES_MAX];
	struct dnp3_select selects[DNP3_SELECTS_MAX];
	struct dnp3_pair pairs[DNP3_PAIRS_MAX];
	struct dnp3_confirmed confirmed[2]; /* by direction */
	uint8_t assembly_bytes[DNP3_ASSEMBLIES_MAX][DNP3_FRAGMENT_MAX];
	uint8_t select_objects[DNP3_SELECTS_MAX][DNP3_SELECT_MAX];
};

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
	bool segment; /* there is one */
	bool first;
	bool final;
	uint8_t segment_sequence;
	uint8_t assembly;  /* index, DNP3_NONE: none open and none needed */
	uint32_t previous; /* bytes of the fragment from earlier segments */
	uint32_t fragment_here;
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
	bool pair_wanted;
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

/* What a function's object headers look like. */
enum dnp3_form {
	FORM_NOTHING = 0, /* no objects */
	FORM_HEADERS,     /* headers tell points, but no values */
	FORM_DATA,        /* each header is followed by its objects */
	FORM_RESPONSE,    /* the same, and there may be none */
};

/* Objects that a function takes. */
struct dnp3_takes {
	uint8_t group_first, group_last;
	uint8_t variation_first, variation_last;
};

enum { DNP3_TAKES_MAX = 4 };

struct dnp3_shape {
	bool known;
	uint8_t form;        /* enum dnp3_form */
	uint8_t least;       /* bytes of the shortest header with its objects */
	uint8_t takes_count; /* 0: any */
	struct dnp3_takes takes[DNP3_TAKES_MAX];
};

extern const struct dnp3_shape dnp3_shapes[FC_COUNT];

/* Sizes of objects: bytes, or one of these. */
enum {
	SIZE_UNKNOWN = 0,
	SIZE_LARGEST = 240,
	SIZE_BIT, /* packed, least significant bit first */
	SIZE_TWO_BITS,
	SIZE_HEADER,    /* only ever a header: classes */
	SIZE_FREE,      /* the qualifier's prefix tells */
	SIZE_VARIATION, /* as many bytes as the variation says */
	SIZE_ATTRIBUTE, /* type, length, value */
};

/* dnp3_sizes.c */
bool dnp3_group_known(uint8_t group);
/* Does variation 0 stand for any of the group? */
bool dnp3_group_measures(uint8_t group);
uint8_t dnp3_object_size(uint8_t group, uint8_t variation);
enum value_format dnp3_object_format(uint8_t group, uint8_t variation);
extern const struct space dnp3_spaces[DNP3_SPACE_COUNT];
extern const struct element_type dnp3_types[DNP3_TYPE_COUNT];
extern const struct part dnp3_parts[DNP3_PART_COUNT];

/* dnp3_room.c: can this still fit into what is left? */
struct dnp3_header {
	uint8_t group;
	uint8_t variation;
	uint8_t size;   /* as above */
	uint8_t prefix; /* bytes in front of each object */
	uint8_t range;  /* code of the qualifier */
	bool sized;     /* the prefix tells a size, not an index */
	bool data;      /* objects follow */
	bool fits;      /* it is known that all of the header fits */
	uint32_t lowest;
	uint64_t count;
	uint32_t body_min; /* of an object, prefix not counted */
};

/* Is the qualifier one for such a header? Fills prefix, range and sized. */
bool dnp3_qualifier(struct dnp3_header *h, uint8_t qualifier);

/* Bytes of the range field's numbers; 0 where there is none. */
uint32_t dnp3_range_bytes(const struct dnp3_header *h);

/* With `left` bytes behind the qualifier and `least` for any further header: is there a range that
 * fits? */
bool dnp3_room_qualifier(const struct dnp3_header *h, uint32_t left, uint32_t least);
bool dnp3_room_variation(const struct dnp3_header *h, uint32_t left, uint32_t least);

/* The least number not below `from` whose low `known` bytes are those of `low`. */
uint64_t dnp3_next_like(uint64_t from, uint64_t low, uint32_t known);

/* Numbers of objects that `left` bytes can hold so that nothing or at least `least` bytes are left
 * over. */
bool dnp3_room_count(const struct dnp3_header *h, uint64_t count, uint32_t left, uint32_t least);

/* Is there such a number up to `max` whose low `known` bytes are those of `low`? */
bool dnp3_room_some(const struct dnp3_header *h, uint64_t low, uint32_t known, uint64_t max,
    uint32_t left, uint32_t least);

/* dnp3_link.c */
uint16_t dnp3_crc(const uint8_t *data, size_t length);
void dnp3_read_header(struct dnp3_read *r, struct cursor *c);
void dnp3_read_blocks(struct dnp3_read *r, struct cursor *c);
void dnp3_read_link_message(struct dnp3_read *r, struct cursor *c);
void dnp3_read_repeated(struct dnp3_read *r, struct cursor *c);

/* dnp3_segment.c */
uint8_t dnp3_find_pair(const struct dnp3_state *state, uint16_t master, uint16_t outstation);
/* Something of the pair will have to be remembered: fails if there is no room. */
void dnp3_want_pair(struct dnp3_read *r, struct cursor *c);
const struct dnp3_pair *dnp3_pair(const struct dnp3_read *r);
bool dnp3_read_segment(struct dnp3_read *r, struct cursor *c, struct cursor *ret_fragment);
/* A SELECT will have to be kept: fails if there is no room. */
void dnp3_want_select(struct dnp3_read *r, struct cursor *c);
/* Is there a SELECT for this OPERATE?  *ret_same tells whether its objects are the same so far. */
bool dnp3_selected(const struct dnp3_read *r, bool *ret_same);
void dnp3_commit(
    void *state, enum direction direction, const struct context *context, const struct message *m);

/* dnp3_application.c */
void dnp3_read_fragment(struct dnp3_read *r, struct cursor *a);
void dnp3_know_function(struct dnp3_read *r, uint16_t sub);
const struct function *dnp3_function(uint16_t code, uint16_t sub);
extern const struct function dnp3_functions[DNP3_FUNCTION_COUNT];

/* dnp3_objects.c */
void dnp3_read_objects(struct dnp3_read *r, struct cursor *a);

/* dnp3_bodies.c: bytes that such an object has at least; read one of them. */
uint32_t dnp3_body_min(uint8_t group, uint8_t variation);
void dnp3_read_body(struct dnp3_read *r, struct cursor *body, const struct dnp3_header *h,
    uint32_t index, bool spans);

/* dnp3_forms.c */
int dnp3_parse_points(const char *text, struct point_range *ret_range, const char **ret_why);
int dnp3_print_points(const struct point_range *range, char *buf, size_t size);
int dnp3_parse_units(const char *text, struct unit_range *ret_range, const char **ret_why);
int dnp3_print_units(const struct unit_range *range, char *buf, size_t size);
extern const struct value_word dnp3_value_words[DNP3_VALUE_WORD_COUNT];

/* dnp3_told.c */
void dnp3_tell(const struct context *context, const struct message *m, struct told *ret_told);
extern const struct detail dnp3_details[DNP3_DETAIL_COUNT];
extern const char *const dnp3_columns[DNP3_COLUMN_COUNT];

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
