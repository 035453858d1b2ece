/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm, inside: what the readers of the parts of a message share: codes, the memory of a
 * connection, the header, and the smallest reads.  Nobody outside this folder includes this.
 *
 * There is no public specification.  Formats are those of messages that devices and their tools
 * send; the values of their fields are the ones that analysers of the protocol agree on.
 */
#ifndef SLUICE_S7COMM_READER_H
#define SLUICE_S7COMM_READER_H

#include "cotp.h"
#include "demand.h"

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

enum {
	S7_SERVER_JOBS = 4,
	S7_SERVER_JOB_PARAMETERS = 18, /* bytes, at most */
	S7_USERDATA_PARAMETERS = 12,
	S7_READS = 64, /* as many as requests may wait for their answers */
};

struct s7_block {
	uint8_t type; /* 0: none */
	uint32_t number;
};

/* A job that the server gave the client and that waits for its answer. */
struct s7_job {
	uint16_t reference;
	uint8_t function; /* 0: none */
	struct s7_block block;
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
	uint8_t begun_next;
	struct s7_block begun[S7_SERVER_JOBS]; /* blocks whose first piece was sent to the server */
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

/* For `expect`: one more number that request and response must agree in; never gives 0. */
static inline uint64_t
mix(uint64_t sum, uint32_t number)
{
	return ((sum ^ number) + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* The bytes that come next must be these. */
void s7_constant(struct cursor *c, const char *bytes, uint32_t length, const char *field);

#endif
