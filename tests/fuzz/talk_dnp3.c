/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talk, DNP3: frames with right lengths, CRCs and sequences, unless the input wants them wrong.
 *
 * A line of the input is how, who, number of bytes, bytes of the fragment.
 */
#include <string.h>

#include "dnp3_wire.h"
#include "talk.h"

enum {
	HOW_RESPONSE = 0x01,
	HOW_LATER = 0x02,     /* after some seconds */
	HOW_NOT_FIRST = 0x04, /* of the segments of a fragment */
	HOW_NOT_LAST = 0x08,
	HOW_CONTROL = 0x10,   /* the first byte is the control byte of the frame */
	HOW_TRANSPORT = 0x20, /* the next one is the transport header */
	HOW_LINK = 0x40,      /* a frame without user data */
};

enum { FIN = 0x80, FIR = 0x40, LATER_MS = 3000, FRAGMENT_MAX = 4096 };

const char talk_protocol[] = "dnp3";
const char talk_setting[] = "fragment_max";

static uint8_t sequence[2]; /* of the next segment, by direction */

/* What the server has put together of the client's segments. */
static uint8_t fragment[FRAGMENT_MAX];
static uint32_t fragment_length;

void
talk_begin(void)
{
	memset(sequence, 0, sizeof(sequence));
	fragment_length = 0;
}

static uint8_t
transport_header(struct cursor *input, uint8_t how, enum direction direction)
{
	uint8_t header;

	if (how & HOW_TRANSPORT)
		return cursor_u8(input, "transport header");
	header = sequence[direction];
	sequence[direction] = (header + 1) & 0x3f;
	return (uint8_t)(header | (how & HOW_NOT_FIRST ? 0 : FIR) | (how & HOW_NOT_LAST ? 0 : FIN));
}

bool
talk_next(struct cursor *input, struct talk_line *ret_line)
{
	static const uint16_t outstations[] = {10, 11, 0xffff, 0xfffc};
	uint8_t how = cursor_u8(input, "how"), who = cursor_u8(input, "who"), control;
	unsigned outstation = outstations[who & 3], master = who & 4 ? 2 : 1;
	bool response = how & HOW_RESPONSE;
	uint8_t user[DNP3_WIRE_USER_MAX];
	uint32_t length = 0, left;

	if (!cursor_ok(input))
		return false;
	ret_line->direction = response ? DIRECTION_RESPONSE : DIRECTION_REQUEST;
	ret_line->pause_ms = how & HOW_LATER ? LATER_MS : 0;
	control = response ? 0x44 : 0xc4;
	if (how & HOW_CONTROL)
		control = cursor_u8(input, "control");
	if (!(how & HOW_LINK)) {
		uint32_t wanted;

		user[length++] = transport_header(input, how, ret_line->direction);
		wanted = cursor_u8(input, "length");
		left = cursor_left(input);
		if (wanted > left)
			wanted = left;
		if (wanted > sizeof(user) - 1)
			wanted = sizeof(user) - 1;
		while (wanted-- > 0)
			user[length++] = cursor_u8(input, "fragment");
	}
	ret_line->length = (uint32_t)dnp3_wire_frame(control, response ? master : outstation,
	    response ? outstation : master, user, length, ret_line->bytes);
	return cursor_ok(input);
}

/* Bytes of a segment, CRCs taken out. */
static void
take_segment(const struct talk_line *line)
{
	for (uint32_t at = 10, in_block = 0; at + 2 < line->length; at++, in_block++) {
		if (in_block == 16) {
			at += 2;
			in_block = 0;
		}
		if (at > 10 && fragment_length < FRAGMENT_MAX)
			fragment[fragment_length++] = line->bytes[at];
	}
}

const char *
talk_heard(const struct talk_line *line, const struct message *m)
{
	if (line->direction != DIRECTION_REQUEST || line->length <= 10)
		return m->unfinished ? NULL : m->function ? NULL : "a message without function";
	if (line->bytes[10] & FIR)
		fragment_length = 0;
	take_segment(line);
	if (m->unfinished != !(line->bytes[10] & FIN))
		return "the end of a message is not where its last segment is";
	if (m->unfinished)
		return NULL;
	if (fragment_length < 2 || m->function_code != fragment[1])
		return "the function is not that of the fragment that the server has";
	return NULL;
}
