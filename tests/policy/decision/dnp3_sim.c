/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNP3 sim: see dnp3_sim.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

void
wire_put_frame(struct wire *w, uint8_t control, unsigned destination, unsigned source,
    const uint8_t *user, size_t length)
{
	w->length +=
	    dnp3_wire_frame(control, destination, source, user, length, &w->bytes[w->length]);
}

void
wire_put_segment(struct wire *w, enum direction direction, unsigned outstation, uint8_t transport,
    const uint8_t *part, size_t length)
{
	uint8_t user[DNP3_WIRE_USER_MAX];
	bool request = direction == REQUEST;

	user[0] = transport;
	memcpy(&user[1], part, length);
	wire_put_frame(w, request ? 0xc4 : 0x44, request ? outstation : 1, request ? 1 : outstation,
	    user, 1 + length);
}

void
wire_put_fragment(struct wire *w, enum direction direction, unsigned outstation,
    const uint8_t *fragment, size_t length)
{
	uint8_t sequence = 0;

	for (size_t at = 0; at < length; at += WIRE_SEGMENT_MAX) {
		size_t size = length - at < WIRE_SEGMENT_MAX ? length - at : WIRE_SEGMENT_MAX;
		unsigned flags = (at == 0 ? 0x40U : 0) | (at + size == length ? 0x80U : 0);

		wire_put_segment(
		    w, direction, outstation, (uint8_t)(flags | sequence++), &fragment[at], size);
	}
}

void
wire_append(struct wire *w, const struct wire *more)
{
	memcpy(&w->bytes[w->length], more->bytes, more->length);
	w->length += more->length;
}

struct wire
message_to(enum direction direction, unsigned outstation, const char *hex)
{
	struct wire w = {.length = 0};
	uint8_t fragment[WIRE_SEGMENT_MAX];
	size_t length = sim_hex(hex, fragment, sizeof(fragment));

	wire_put_segment(&w, direction, outstation, 0xc0, fragment, length);
	return w;
}

enum verdict
say(struct sim *sim, enum direction direction, unsigned outstation, const char *hex)
{
	struct wire w = message_to(direction, outstation, hex);

	return wire_send(sim, direction, &w);
}

enum verdict
say_frame(struct sim *sim, enum direction direction, uint8_t control, unsigned outstation)
{
	struct wire w = {.length = 0};
	bool request = direction == REQUEST;

	wire_put_frame(&w, control, request ? outstation : 1, request ? 1 : outstation, NULL, 0);
	return wire_send(sim, direction, &w);
}

enum verdict
wire_send(struct sim *sim, enum direction direction, const struct wire *w)
{
	return sim_send_bytes(sim, direction, w->bytes, w->length);
}

enum verdict
send_datagram(struct sim *sim, enum direction direction, const struct wire *w)
{
	return sim_datagram(sim, direction, w->bytes, w->length);
}

static struct sim *
sim_of(const char *transport, const char *channel, const char *rules)
{
	char text[256];

	snprintf(
	    text, sizeof(text), "protocol = \"dnp3\"; transport = \"%s\"; %s", transport, channel);
	return sim_new("on_deny = \"drop\";", text, rules);
}

struct sim *
opened(const char *channel, const char *rules)
{
	struct sim *sim = sim_of("tcp", channel, rules);

	sim_open(sim);
	return sim;
}

struct sim *
by_datagram(const char *channel, const char *rules)
{
	return sim_of("udp", channel, rules);
}
