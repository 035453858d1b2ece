/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm, inside: what the files of this dissector share.  Nobody else includes this.
 *
 * There is no public specification.  Formats are those of messages that devices and their tools
 * send; the values of their fields are the ones that analysers of the protocol agree on.
 */
#ifndef SLUICE_S7COMM_H
#define SLUICE_S7COMM_H

#include "cotp.h"

/* Spaces.  Memory areas count bits, so that DB10:0-127 is 1024 of them; see s7comm_forms.c. */
enum s7_space {
	S7_DB = 0,
	S7_DI,
	S7_M,
	S7_I,
	S7_Q,
	S7_P,
	S7_L,
	S7_V,
	S7_SYS,
	S7_FLAGS,
	S7_AI,
	S7_AQ,
	S7_T,
	S7_C,
	S7_IT,
	S7_IC,
	S7_BLOCK,
	S7_SZL,
	S7_SPACE_COUNT
};

enum {
	S7_BIT_MAX = 0xffffff, /* addresses have 24 bits */
	S7_BLOCK_TYPE_MAX = 15,
	S7_BLOCK_NUMBER_MAX = 99999, /* five digits */
	S7_SERVER_JOBS = 4,
	S7_SERVER_JOB_PARAMETERS = 18, /* bytes, at most */
	S7_USERDATA_PARAMETERS = 12,
	S7_READS = 64, /* as many as requests may wait for their answers */
};

extern const struct space s7_spaces[];

enum { ROSCTR_JOB = 1, ROSCTR_ACK = 2, ROSCTR_ACK_DATA = 3, ROSCTR_USERDATA = 7 };

enum {
	S7_READ_VAR = 0x04,
	S7_WRITE_VAR = 0x05,
	S7_REQUEST_DOWNLOAD = 0x1a,
	S7_DOWNLOAD_BLOCK = 0x1b,
	S7_DOWNLOAD_ENDED = 0x1c,
	S7_START_UPLOAD = 0x1d,
	S7_UPLOAD = 0x1e,
	S7_END_UPLOAD = 0x1f,
	S7_PI_SERVICE = 0x28,
	S7_PLC_STOP = 0x29,
	S7_SETUP = 0xf0,
	S7_USERDATA = 0x700,        /* plus function group */
	S7_MODE_TRANSITION = 0x700, /* group 0 */
};

enum { SETTING_PDU_MAX = 0, SETTING_PIECES_MAX };

/* A job that the server gave the client and that waits for its answer. */
struct s7_job {
	uint16_t reference;
	uint8_t function; /* 0: none */
};

/* A read-var, and the most bytes of data that answer it. */
struct s7_read {
	uint16_t reference;
	uint16_t answer; /* 0: none */
};

struct s7_state {
	uint16_t pdu_asked; /* by a set-up that waits for its answer */
	uint16_t pdu;       /* agreed; 0: no set-up yet */
	uint8_t job_next;
	struct s7_job jobs[S7_SERVER_JOBS];
	uint8_t read_next;
	struct s7_read reads[S7_READS];
	struct cotp_state cotp; /* its bytes stand behind all that every message looks at */
};

/* The header of a message, and what the frame around it says about its length. */
struct s7_head {
	bool request; /* sent by the client */
	bool unset;   /* nothing was agreed on yet: set-up alone is possible */
	uint32_t min; /* the message has at least so many bytes, */
	uint32_t max; /* and at most so many */
	uint8_t rosctr;
	uint16_t reference;
	uint32_t parameters; /* bytes */
	uint32_t data;
	bool error;
	uint8_t function;
};

/* Between decode() and commit(). */
struct s7_scratch {
	struct cotp_tpdu tpdu;
	struct s7_head head;
	uint16_t pdu;    /* of a set-up */
	uint16_t answer; /* the most bytes of data that a read-var may be answered with */
	bool pieces;
	uint8_t room[COTP_DATA_MAX];
};

/* What decode() hands to the readers of the parts. */
struct s7_reader {
	struct cursor *c;
	struct message *m;
	const struct context *context;
	const struct s7_state *state;
	struct s7_scratch *scratch;
	struct s7_head *head;
};

static inline void
demand(struct cursor *c, bool holds, enum reason reason)
{
	if (!holds)
		cursor_fail(c, reason);
}

/* For `expect`: one more number that request and response must agree in; never gives 0. */
static inline uint64_t
mix(uint64_t sum, uint32_t number)
{
	return ((sum ^ number) + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* The bytes that come next must be these. */
void s7_constant(struct cursor *c, const char *bytes, uint32_t length, const char *field);

/* Does any function permit parameters of this length together with data of lo to hi bytes? */
bool s7_job_fits(bool request, uint32_t parameters, uint32_t lo, uint32_t hi);
bool s7_userdata_fits(bool request, uint32_t parameters, uint32_t lo, uint32_t hi);

/* s7comm_job.c: jobs and their acknowledgements, behind the header */
bool s7_ack_fits(const struct s7_reader *r);
void s7_read_job(struct s7_reader *r);
void s7_read_ack(struct s7_reader *r);

/* s7comm_pi.c: PI services, behind the function; blocks by name */
bool s7_pi_fits(uint32_t parameters);
void s7_read_pi(struct s7_reader *r);
void s7_read_stop(struct s7_reader *r);
/* "0A00001P": type, number and file system of a block, which becomes a point of the message. */
void s7_read_block(struct cursor *c, struct message *m, enum access access);
/* "0A": the type alone. */
uint8_t s7_read_block_type(struct cursor *c);
/* The length of a name that follows, and the name. */
void s7_read_file_name(struct s7_reader *r);

/* s7comm_item.c: variables by address, and their values */
bool s7_items_fit(uint32_t length, bool write);
bool s7_item_data_fits(uint32_t length, uint32_t lo, uint32_t hi);
void s7_read_items(struct s7_reader *r, bool write);
void s7_read_values(struct s7_reader *r);
/* `count` items to read, to the end of the cursor. */
void s7_read_item_list(struct s7_reader *r, uint32_t count);

/* s7comm_userdata.c: behind the header */
void s7_read_userdata(struct s7_reader *r);

/* s7comm_forms.c */
int s7_parse_points(const char *text, struct point_range *ret_range, const char **ret_why);
int s7_print_points(const struct point_range *range, char *buf, size_t size);
int s7_parse_units(const char *text, struct unit_range *ret_range, const char **ret_why);
int s7_print_units(const struct unit_range *range, char *buf, size_t size);

#endif
