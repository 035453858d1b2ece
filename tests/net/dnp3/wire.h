/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wire: any number of DNP3 frames (IEEE 1815 clause 9) in a row.
 *
 * For the tests' own master and outstation.  Knows nothing of the dissector, and writes what it is
 * told, wrong or right.
 */
#ifndef SLUICE_TEST_WIRE_H
#define SLUICE_TEST_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "dnp3_wire.h"

enum {
	WIRE_MAX = 4096,
	WIRE_USER_MAX = DNP3_WIRE_USER_MAX,
	WIRE_HEADER = 10,
	WIRE_BLOCK = 16,
	WIRE_FRAGMENT_MAX = 2048,
};

/* Link control octets of what is sent here most. */
enum { WIRE_FROM_MASTER = 0xc4, WIRE_FROM_OUTSTATION = 0x44 };

/* Any number of frames, one behind the other. */
struct wire {
	uint8_t bytes[WIRE_MAX];
	size_t length;
};

/* Append bytes as they are; the program ends if there is no room. */
void wire_put(struct wire *wire, const uint8_t *data, size_t length);

/* Append a frame with right checksums. */
void wire_put_frame(struct wire *wire, uint8_t control, unsigned destination, unsigned source,
    const uint8_t *user, size_t length);

/* Bytes of a frame with so much user data. */
size_t wire_frame_size(size_t user);

/* The user data of the one frame that a wire holds; its length. */
size_t wire_user_data(const struct wire *wire, uint8_t user[WIRE_USER_MAX]);

/* Digits in pairs, anything else between them ignored up to the end or a ';' or '|'; the number of
 * bytes. */
size_t wire_hex(const char *hex, uint8_t *bytes, size_t size);

/* The other way round: `text` has room for 2 * length + 1. */
void wire_text(const uint8_t *bytes, size_t length, char *text);

#endif
