/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outstation: messages and the outputs that they operate (IEEE 1815 clause 4). See outstation.h.
 */
#include "outstation.h"

#include <string.h>

enum {
	CONFIRM = 0,
	READ = 1,
	SELECT = 3,
	OPERATE = 4,
	DIRECT_OPERATE = 5,
	DIRECT_OPERATE_NR = 6,
	COLD_RESTART = 13,
	RESPONSE = 129,
};

enum { BROADCAST = 0xfffd, NO_FUNCTION = 0x01, PARAMETER = 0x04 };
enum { STATIC_POINTS = 300 };

/* Objects that can be operated: their size, and where the value stands in them. */
static const struct {
	uint8_t group, variation;
	uint8_t size, value_size;
} controls[] = {{12, 1, 11, 1}, {41, 1, 5, 4}, {41, 2, 3, 2}};

/* A request under way. */
struct request {
	struct session *session;
	unsigned source;
	unsigned destination;
	const uint8_t *fragment;
	size_t length;
};

static void
answer(const struct request *r, uint8_t iin2, const uint8_t *objects, size_t length)
{
	uint8_t fragment[WIRE_FRAGMENT_MAX] = {
	    (uint8_t)(0xc0 | (r->fragment[0] & 0x0f)), RESPONSE, 0, iin2};

	if (r->destination >= BROADCAST || length > sizeof(fragment) - 4)
		return;
	if (length > 0)
		memcpy(&fragment[4], objects, length);
	outstation_send_fragment(r->session, r->source, r->destination, fragment, length + 4);
}

/* A poll of class 0 gets so many analog inputs that they take several frames. */
static void
answer_read(const struct request *r)
{
	static const uint8_t class_0[] = {60, 1, 6};
	uint8_t objects[7 + 3 * STATIC_POINTS] = {
	    30, 2, 1, 0, 0, (STATIC_POINTS - 1) & 0xff, (STATIC_POINTS - 1) >> 8};

	if (!memmem(r->fragment, r->length, class_0, sizeof(class_0))) {
		answer(r, 0, NULL, 0);
		return;
	}
	for (size_t i = 0; i < STATIC_POINTS; i++) {
		objects[7 + 3 * i] = 1;
		objects[8 + 3 * i] = (uint8_t)i;
	}
	answer(r, 0, objects, sizeof(objects));
}

static void
execute(const struct request *r, uint8_t group, unsigned index, const uint8_t *value, size_t size)
{
	unsigned long number = 0;

	for (size_t i = size; i > 0; i--)
		number = number << 8 | value[i - 1];
	outstation_log(r->session, "output %u %u %lu", group, index, number);
}

/* Bytes of one header and its objects, 0 if it can't be read. With `act` its points are operated.
 */
static size_t
read_header(const struct request *r, size_t at, bool act)
{
	const uint8_t *h = &r->fragment[at];
	size_t left = r->length - at, prefix, kind = 0, used;
	unsigned count;

	if (left < 5 || (h[2] != 0x17 && h[2] != 0x28))
		return 0;
	prefix = h[2] == 0x28 ? 2 : 1;
	count = h[3] | (prefix == 2 ? (unsigned)h[4] << 8 : 0);
	used = 3 + prefix;
	while (controls[kind].group != h[0] || controls[kind].variation != h[1])
		if (++kind == sizeof(controls) / sizeof(controls[0]))
			return 0;
	for (; count > 0; count--) {
		if (left < used + prefix + controls[kind].size)
			return 0;
		if (act)
			execute(r, h[0], h[used] | (prefix == 2 ? (unsigned)h[used + 1] << 8 : 0),
			    &h[used + prefix], controls[kind].value_size);
		used += prefix + controls[kind].size;
	}
	return used;
}

static bool
read_controls(const struct request *r, bool act)
{
	size_t at = 2, used;

	for (; at < r->length; at += used) {
		used = read_header(r, at, act);
		if (used == 0)
			return false;
	}
	return true;
}

static bool
was_selected(const struct request *r)
{
	const struct session *s = r->session;

	return outstation_careless ||
	    (s->select_length == r->length - 2 && s->select_destination == r->destination &&
		s->select_next == (r->fragment[0] & 0x0f) &&
		memcmp(s->select, &r->fragment[2], s->select_length) == 0);
}

static void
control(const struct request *r)
{
	struct session *s = r->session;
	uint8_t function = r->fragment[1];
	bool act = function != SELECT && (function != OPERATE || was_selected(r));

	if (!read_controls(r, false)) {
		answer(r, PARAMETER, NULL, 0);
		return;
	}
	if (function == SELECT) {
		s->select_length = r->length - 2;
		memcpy(s->select, &r->fragment[2], s->select_length);
		s->select_next = (r->fragment[0] + 1) & 0x0f;
		s->select_destination = r->destination;
	}
	if (act)
		read_controls(r, true);
	if (function != DIRECT_OPERATE_NR)
		answer(
		    r, act || function == SELECT ? 0 : PARAMETER, &r->fragment[2], r->length - 2);
}

void
outstation_obey(struct session *session, unsigned source, unsigned destination,
    const uint8_t *fragment, size_t length)
{
	struct request r = {session, source, destination, fragment, length};
	char text[2 * WIRE_FRAGMENT_MAX + 1];

	wire_text(fragment, length, text);
	outstation_log(session, "message %u %s", destination, text);
	if (length < 2 || fragment[1] == CONFIRM)
		return;
	switch (fragment[1]) {
	case READ:
		answer_read(&r);
		return;
	case SELECT:
	case OPERATE:
	case DIRECT_OPERATE:
	case DIRECT_OPERATE_NR:
		control(&r);
		return;
	case COLD_RESTART:
		outstation_log(session, "restart");
		answer(&r, 0, (const uint8_t[]){52, 2, 7, 1, 0, 0}, 6);
		return;
	default:
		answer(&r, NO_FUNCTION, NULL, 0);
	}
}
