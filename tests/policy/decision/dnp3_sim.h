/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3 sim: masters and outstations for the engine's tests.
 *
 * Builds frames without the dissector, and knows nothing of it.  The master has the address 1.
 */
#ifndef SLUICE_TEST_DNP3_SIM_H
#define SLUICE_TEST_DNP3_SIM_H

#include "dnp3_wire.h"
#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

/* One control relay output block: index, control code and count as two digits each. */
#define DNP3_CROB(index, code, count) \
	"0c 01 28 0100 " index "00 " code " " count " f4010000 00000000 00"

enum { WIRE_MAX = 8192, WIRE_SEGMENT_MAX = DNP3_WIRE_USER_MAX - 1 };

/* What an end sends: any number of frames. */
struct wire {
	uint8_t bytes[WIRE_MAX];
	size_t length;
};

void wire_put_frame(struct wire *w, uint8_t control, unsigned destination, unsigned source,
    const uint8_t *user, size_t length);

/* A segment of at most WIRE_SEGMENT_MAX bytes between master and outstation. */
void wire_put_segment(struct wire *w, enum direction direction, unsigned outstation,
    uint8_t transport, const uint8_t *part, size_t length);

/* A fragment in as many full segments as it needs. */
void wire_put_fragment(struct wire *w, enum direction direction, unsigned outstation,
    const uint8_t *fragment, size_t length);

void wire_append(struct wire *w, const struct wire *more);

/* A fragment in one frame. */
struct wire message_to(enum direction direction, unsigned outstation, const char *hex);

/* The same, sent over TCP. */
enum verdict say(struct sim *sim, enum direction direction, unsigned outstation, const char *hex);

/* A frame without user data. */
enum verdict say_frame(
    struct sim *sim, enum direction direction, uint8_t control, unsigned outstation);

/* All that is in `w`: as one segment, as one datagram. */
enum verdict wire_send(struct sim *sim, enum direction direction, const struct wire *w);
enum verdict send_datagram(struct sim *sim, enum direction direction, const struct wire *w);

/* A connection of a channel with these settings and rules; the same for datagrams. */
struct sim *opened(const char *channel, const char *rules);
struct sim *by_datagram(const char *channel, const char *rules);

#endif
