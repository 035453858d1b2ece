/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: jobs that are refused, and their answers.
 *
 * A job that is refused becomes a read-var of one byte of data block 65535, with the same frame,
 * header and PDU reference; what it was longer than that is sent as data of zeros, which a read has
 * no use for.  A read changes nothing in any controller, whatever it makes of the rest; this one
 * names a block whose number none can have, so it is answered with an item error, or the whole job
 * is refused for its form.  Why not a function that does not exist: nothing that is published says
 * what a controller must answer then, and some end the connection; each knows how to say no to a
 * read.
 *
 * Whatever is answered, the client gets acknowledged data of its own function with error class 0x81
 * and code 0x04 ("the function is not available") in the header, and 0x03 ("access is not
 * permitted") for the item, in front of zeros, because some clients look at the one and some at the
 * other.
 *
 * Not: user data, jobs in several data TPDUs, of which some have gone already, the set-up of a
 * session, and jobs that are too short to become a read.
 */
#include "s7comm_head.h"
#include "s7comm_refuse.h"

/* Where fields stand in a frame with a whole message in it. */
enum {
	AT_TPKT_LENGTH = 2,
	AT_TPDU = 5,
	AT_PROTOCOL = COTP_HEADER,
	AT_ROSCTR,
	AT_REFERENCE = COTP_HEADER + 4,
	AT_PARAMETER_LENGTH = COTP_HEADER + 6,
	AT_DATA_LENGTH = COTP_HEADER + 8,
	AT_ERROR = COTP_HEADER + S7_HEADER_SHORT, /* of acknowledgements: class and code */
	AT_JOB = COTP_HEADER + S7_HEADER_SHORT,
	AT_ANSWER = COTP_HEADER + S7_HEADER_LONG,
};

enum {
	PROTOCOL = 0x32,
	ERROR_CLASS = 0x81,
	ERROR_CODE = 0x04,
	ITEM_DENIED = 0x03,
	TOKEN_JOB = 1 /* upper half of a job's token */
};

/* One item: syntax S7ANY, one BYTE, data block 65535, area DB, address 0.0. */
static const uint8_t read_nothing[] = {
    S7_READ_VAR, 1, 0x12, 10, 0x10, 0x02, 0, 1, 0xff, 0xff, 0x84, 0, 0, 0};

bool
s7_refuse(struct edit *e, const struct context *context, struct message *m)
{
	struct s7_scratch *scratch = context->scratch;
	struct s7_head *head = &scratch->head;
	uint32_t size = head->parameters + head->data;

	if (m->kind != MESSAGE_REQUEST || scratch->tpdu.type != TPDU_DT || !scratch->tpdu.end ||
	    scratch->pieces || head->rosctr != ROSCTR_JOB || head->function == S7_SETUP ||
	    size < sizeof(read_nothing) || e->length != AT_JOB + size)
		return false;
	edit_put_be16(e, AT_PARAMETER_LENGTH, sizeof(read_nothing));
	edit_put_be16(e, AT_DATA_LENGTH, size - (uint32_t)sizeof(read_nothing));
	for (uint32_t i = 0; i < sizeof(read_nothing); i++)
		edit_put(e, AT_JOB + i, read_nothing[i]);
	edit_clear(e, AT_JOB + sizeof(read_nothing), e->length);
	head->function = S7_READ_VAR;
	scratch->answer = 0;
	scratch->pdu = 0;
	return true;
}

bool
s7_answer_refused(struct edit *e, uint64_t token, uint64_t bits, uint8_t function)
{
	uint64_t answered = (uint64_t)TOKEN_JOB << 32 | edit_get_be16(e, AT_REFERENCE);
	uint8_t rosctr = edit_get(e, AT_ROSCTR);
	uint32_t item, end;

	if (e->length < AT_REFERENCE + 2 || (edit_get(e, AT_TPDU) & 0xf0) != TPDU_DT ||
	    edit_get(e, AT_PROTOCOL) != PROTOCOL ||
	    (rosctr != ROSCTR_ACK && rosctr != ROSCTR_ACK_DATA) || ((answered ^ token) & bits) != 0)
		return false;
	edit_put(e, AT_ERROR, ERROR_CLASS);
	edit_put(e, AT_ERROR + 1, ERROR_CODE);
	if (e->length < AT_ERROR)
		return true;
	end = edit_get_be16(e, AT_TPKT_LENGTH);
	item = AT_ANSWER + edit_get_be16(e, AT_PARAMETER_LENGTH);
	if (item > AT_ANSWER && AT_ANSWER < end)
		edit_put(e, AT_ANSWER, function);
	if (edit_get_be16(e, AT_DATA_LENGTH) > 0 && item < end) {
		edit_put(e, item, ITEM_DENIED);
		edit_clear(e, item + 1, end);
	}
	return true;
}
