/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outstation: frames and segments (IEEE 1815 clauses 8 and 9). See outstation.h.
 */
#include "outstation.h"

#include <string.h>

enum { PRIMARY = 0x40, FUNCTION = 0x0f, FINAL = 0x80, FIRST = 0x40, SEQUENCE = 0x3f };
enum { RESET = 0, TEST = 2, CONFIRMED = 3, UNCONFIRMED = 4, REQUEST_STATUS = 9, STATUS = 11 };

/* A frame whose checksums are right. */
struct frame {
	uint8_t control;
	unsigned destination;
	unsigned source;
	uint8_t user[WIRE_USER_MAX];
	size_t length;
};

static bool
crc_fits(const uint8_t *data, size_t length)
{
	uint8_t right[WIRE_BLOCK + 2];

	memcpy(right, data, length);
	dnp3_wire_put_crc(right, length);
	return memcmp(&right[length], &data[length], 2) == 0;
}

/* Bytes of the frame at `data`; 0: it is not complete, -1: there is none. */
static int
read_frame(const uint8_t *data, size_t length, struct frame *ret_frame)
{
	struct frame f = {.length = 0};
	size_t at = WIRE_HEADER;

	if (data[0] != 0x05 || (length > 1 && data[1] != 0x64))
		return -1;
	if (length < WIRE_HEADER)
		return 0;
	if (data[2] < 5 || !crc_fits(data, WIRE_HEADER - 2))
		return -1;
	f.control = data[3];
	f.destination = data[4] | (unsigned)data[5] << 8;
	f.source = data[6] | (unsigned)data[7] << 8;
	if (length < wire_frame_size(data[2] - 5u))
		return 0;
	while (f.length < data[2] - 5u) {
		size_t left = data[2] - 5u - f.length,
		       block = left < WIRE_BLOCK ? left : WIRE_BLOCK;

		if (!outstation_careless && !crc_fits(&data[at], block))
			return -1;
		memcpy(&f.user[f.length], &data[at], block);
		f.length += block;
		at += block + 2;
	}
	*ret_frame = f;
	return (int)at;
}

static struct assembly *
assembly_of(struct session *session, const struct frame *f)
{
	struct assembly *free = NULL;

	for (size_t i = 0; i < PAIRS_MAX && !outstation_careless; i++) {
		struct assembly *a = &session->assemblies[i];

		if (a->open && a->source == f->source && a->destination == f->destination)
			return a;
		free = a->open ? free : a;
	}
	return free ? free : &session->assemblies[0];
}

static void
take_segment(struct session *session, const struct frame *f)
{
	struct assembly *a = assembly_of(session, f);
	uint8_t transport = f->user[0];

	if (transport & FIRST) {
		a->open = true;
		a->source = f->source;
		a->destination = f->destination;
		a->length = 0;
	} else if (!a->open || (!outstation_careless && (transport & SEQUENCE) != a->next)) {
		a->open = false;
		return;
	}
	a->next = (transport + 1) & SEQUENCE;
	if (a->length + f->length - 1 > sizeof(a->bytes)) {
		a->open = false;
		return;
	}
	memcpy(&a->bytes[a->length], &f->user[1], f->length - 1);
	a->length += f->length - 1;
	if (!(transport & FINAL))
		return;
	a->open = false;
	outstation_obey(session, f->source, f->destination, a->bytes, a->length);
}

static void
answer_link(struct session *session, const struct frame *f, uint8_t function)
{
	struct wire wire = {.length = 0};

	wire_put_frame(&wire, function, f->source, f->destination, NULL, 0);
	outstation_send(session, &wire);
}

static void
take_frame(struct session *session, const struct frame *f)
{
	if (f->length == 0)
		outstation_log(session, "link %u %02x", f->destination, f->control);
	if (!(f->control & PRIMARY))
		return;
	switch (f->control & FUNCTION) {
	case RESET:
	case TEST:
		answer_link(session, f, 0);
		return;
	case REQUEST_STATUS:
		answer_link(session, f, STATUS);
		return;
	case CONFIRMED:
		answer_link(session, f, 0);
		break;
	case UNCONFIRMED:
		break;
	default:
		return;
	}
	if (f->length > 0)
		take_segment(session, f);
}

/* What is no frame is skipped byte by byte, as the standard wants it. */
void
outstation_read(struct session *session)
{
	size_t at = 0;

	while (at < session->length) {
		struct frame frame;
		int size = read_frame(&session->bytes[at], session->length - at, &frame);

		if (size == 0)
			break;
		if (size > 0)
			take_frame(session, &frame);
		at += size > 0 ? (size_t)size : 1;
	}
	memmove(session->bytes, &session->bytes[at], session->length - at);
	session->length -= at;
}

void
outstation_send_fragment(struct session *session, unsigned destination, unsigned source,
    const uint8_t *fragment, size_t length)
{
	uint8_t user[WIRE_USER_MAX];
	size_t at = 0;

	while (at < length) {
		size_t part = length - at < WIRE_USER_MAX - 1 ? length - at : WIRE_USER_MAX - 1;
		struct wire wire = {.length = 0};

		user[0] = (uint8_t)((session->transport++ & SEQUENCE) | (at == 0 ? FIRST : 0) |
		    (at + part == length ? FINAL : 0));
		memcpy(&user[1], &fragment[at], part);
		wire_put_frame(&wire, WIRE_FROM_OUTSTATION, destination, source, user, part + 1);
		outstation_send(session, &wire);
		at += part;
	}
}
