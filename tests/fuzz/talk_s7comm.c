/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talk, S7comm: on a connection that was set up, messages with right lengths in right TPKTs and
 * data TPDUs, unless the input wants them wrong.
 *
 * A line of the input is how, PDU reference, number of bytes of parameters, number of bytes of
 * data, and these.
 */
#include <string.h>

#include "talk.h"

enum {
	HOW_RESPONSE = 0x01,
	HOW_KIND = 0x06,  /* job, user data, ack with data, ack */
	HOW_SPLIT = 0x08, /* over two TPDUs, where the reference says */
	HOW_TPDU = 0x10,  /* the bytes are a TPDU with its header */
	HOW_BARE = 0x20,  /* the bytes are a message with its header */
	HOW_ERROR = 0x40, /* in an ack */
};

enum { TPDU_DATA = 7, HEADER_MAX = 12, REFERENCES = 16 };

const char talk_protocol[] = "s7comm";
const char talk_setting[] = "";

static const struct talk_line opening[] = {
    {DIRECTION_REQUEST, 0, 22,
	{3, 0, 0, 22, 0x11, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2}},
    {DIRECTION_RESPONSE, 0, 22,
	{3, 0, 0, 22, 0x11, 0xd0, 0, 1, 0, 2, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2}},
    {DIRECTION_REQUEST, 0, 25,
	{3, 0, 0, 25, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 0, 1, 0, 8, 0, 0, 0xf0, 0, 0, 1, 0, 1, 1,
	    0xe0}},
    {DIRECTION_RESPONSE, 0, 27,
	{3, 0, 0, 27, 2, 0xf0, 0x80, 0x32, 3, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0xf0, 0, 0, 1, 0, 1, 1,
	    0xe0}},
};

enum { OPENING = sizeof(opening) / sizeof(opening[0]) };

static uint32_t opened;          /* lines of it that were sent */
static struct talk_line waiting; /* second half of a message; empty if its length is 0 */

void
talk_begin(void)
{
	opened = 0;
	waiting.length = 0;
}

static void
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* TPKT and data TPDU around what stands behind their place. */
static void
wrap(struct talk_line *line, bool end)
{
	static const uint8_t header[TPDU_DATA] = {3, 0, 0, 0, 2, 0xf0, 0};

	memcpy(line->bytes, header, sizeof(header));
	put16(&line->bytes[2], line->length);
	line->bytes[6] = end ? 0x80 : 0;
}

/* Leave `length` bytes of the message here, let the others wait. */
static void
split(struct talk_line *line, uint32_t length)
{
	uint32_t rest = line->length - TPDU_DATA - length;

	waiting.direction = line->direction;
	waiting.pause_ms = 0;
	memcpy(&waiting.bytes[TPDU_DATA], &line->bytes[TPDU_DATA + length], rest);
	waiting.length = TPDU_DATA + rest;
	wrap(&waiting, true);
	line->length = TPDU_DATA + length;
	wrap(line, false);
}

/* Header of a message; its length. */
static uint32_t
put_header(uint8_t *at, uint8_t how, uint8_t reference, uint32_t parameters, uint32_t data)
{
	static const uint8_t kinds[] = {1, 7, 3, 2};
	uint8_t kind = kinds[(how & HOW_KIND) >> 1];
	bool ack = kind == 2 || kind == 3;

	memset(at, 0, HEADER_MAX);
	at[0] = 0x32;
	at[1] = kind;
	put16(&at[4], reference % REFERENCES);
	put16(&at[6], parameters);
	put16(&at[8], data);
	if (ack && (how & HOW_ERROR))
		put16(&at[10], 0x8104);
	return ack ? 12 : 10;
}

static void
put_bytes(struct talk_line *line, struct cursor *input, uint32_t count)
{
	while (count-- > 0 && cursor_left(input) > 0)
		line->bytes[line->length++] = cursor_u8(input, "byte");
}

bool
talk_next(struct cursor *input, struct talk_line *ret_line)
{
	uint8_t how, reference, parameters, data;

	if (waiting.length > 0 || opened < OPENING) {
		*ret_line = waiting.length > 0 ? waiting : opening[opened++];
		waiting.length = 0;
		return true;
	}
	how = cursor_u8(input, "how");
	reference = cursor_u8(input, "reference");
	parameters = cursor_u8(input, "bytes of parameters");
	data = cursor_u8(input, "bytes of data");
	if (!cursor_ok(input))
		return false;
	ret_line->direction = how & HOW_RESPONSE ? DIRECTION_RESPONSE : DIRECTION_REQUEST;
	ret_line->pause_ms = 0;
	ret_line->length = how & HOW_TPDU ? 4 : TPDU_DATA;
	if (!(how & (HOW_TPDU | HOW_BARE)))
		ret_line->length +=
		    put_header(&ret_line->bytes[TPDU_DATA], how, reference, parameters, data);
	put_bytes(ret_line, input, (uint32_t)parameters + data);
	if (how & HOW_TPDU) {
		memcpy(ret_line->bytes, (const uint8_t[]){3, 0}, 2);
		put16(&ret_line->bytes[2], ret_line->length);
	} else if (how & HOW_SPLIT && ret_line->length > TPDU_DATA + 1) {
		split(ret_line, 1 + reference % (ret_line->length - TPDU_DATA - 1));
	} else {
		wrap(ret_line, true);
	}
	return true;
}

const char *
talk_heard(const struct talk_line *line, const struct message *m)
{
	const uint8_t *message = &line->bytes[TPDU_DATA];
	bool job = line->length > TPDU_DATA + 10 && line->bytes[5] == 0xf0 && message[1] == 1;

	/* the second half of one has no header */
	if (m->unfinished || !job || message[0] != 0x32 || m->length != line->length)
		return NULL;
	return m->function_code == message[10] ? NULL : "the function is not that of the job";
}
