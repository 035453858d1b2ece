/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: one dissector, named by FUZZ_PROTOCOL, against the properties that hold for all.
 *
 * The first byte of the input tells the direction (bit 0) and whether the connection was picked up
 * in its middle (bit 1); the rest are the bytes of the stream.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissectors.h"
#include "fuzz.h"
#include "properties.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dissector *d = dissector_find(FUZZ_PROTOCOL);
	static struct context_room room;
	struct context context = context_new(&room);
	const char *complaint;
	struct cursor c;
	uint8_t direction;
	size_t length;

	assert(d);
	if (size == 0 || size > d->message_max + 64)
		return 0;
	cursor_init(&c, data, size, size);
	direction = cursor_u8(&c, "direction");
	context.middle = direction & 2;
	direction &= 1;
	length = cursor_left(&c);
	complaint = properties_check(d, direction ? DIRECTION_RESPONSE : DIRECTION_REQUEST,
	    &context, cursor_bytes(&c, length, "bytes"), length, false);
	if (complaint) {
		fprintf(stderr, "fuzz %s: %s\n", d->name, complaint);
		abort();
	}
	return 0;
}
