/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Echo: a made-up protocol, the smallest that there can be: a length, a function, the number of a
 * thing; the answer repeats the first two.
 */
#include "dissector.h"

enum { REQUEST_LENGTH = 4, RESPONSE_LENGTH = 2, FUNCTION_READ = 1, THING_MAX = 65535 };

static const struct space echo_spaces[] = {{.name = "thing", .index_max = THING_MAX}};

static const struct function echo_functions[] = {
    {FUNCTION_READ, FUNCTION_NO_SUB, "read-thing", ACCESS_READ, "1", SIDE_BOTH},
};

static const struct touchable echo_touches[] = {
    {.code = FUNCTION_READ, .sub = FUNCTION_NO_SUB, .access = ACCESS_READ},
};

static uint8_t
length_of(enum direction direction)
{
	return direction == DIRECTION_REQUEST ? REQUEST_LENGTH : RESPONSE_LENGTH;
}

static uint32_t
echo_frame(struct cursor *c, enum direction direction)
{
	cursor_expect_u8(c, length_of(direction), length_of(direction), REASON_LENGTH_INVALID);
	return cursor_u8(c, "length");
}

static void
echo_decode(
    struct cursor *c, enum direction direction, const struct context *context, struct message *m)
{
	uint16_t thing;

	m->kind = direction == DIRECTION_REQUEST ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
	echo_frame(c, direction);
	cursor_expect_u8(c, FUNCTION_READ, FUNCTION_READ, REASON_FUNCTION_UNKNOWN);
	m->function_code = cursor_u8(c, "function");
	if (!cursor_ok(c))
		return;
	m->has_function = true;
	m->function = &echo_functions[0];
	m->token = FUNCTION_READ;
	if (direction == DIRECTION_RESPONSE)
		return;
	thing = cursor_be16(c, "thing");
	message_add_span(m, c, 0, ACCESS_READ, 0, thing, thing);
}

const struct dissector echo_dissector = {
    .name = "echo",
    .title = "Echo",
    .port = 7777,
    .tcp = true,
    .message_max = REQUEST_LENGTH,
    .functions = echo_functions,
    .function_count = 1,
    .spaces = echo_spaces,
    .space_count = 1,
    .touches = echo_touches,
    .touch_count = 1,
    .frame = echo_frame,
    .decode = echo_decode,
};
