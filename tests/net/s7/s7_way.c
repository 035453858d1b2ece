/* SPDX-License-Identifier: GPL-2.0-or-later */
/* S7 way: sessions, and messages in pieces, on a raw connection. See s7_plant.h. */
#include "s7_plant.h"

#include "lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { PAUSE_MS = 25, ANSWER_MS = 1000, LIE_MS = 300, FRAME_MAX = 1024, MESSAGE_MAX = 512 };

static const uint8_t connect_request[] = {
    3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2};
static const uint8_t set_up[] = {
    3, 0, 0, 25, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 0, 1, 0, 8, 0, 0, 0xf0, 0, 0, 1, 0, 1, 1, 0xe0};
static const uint8_t read_of_37[] = {3, 0, 0, 31, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 0, 5, 0, 14, 0, 0,
    4, 1, 0x12, 0x0a, 0x10, 2, 0, 37, 0, 10, 0x84, 0, 0, 0};

enum { SET_UP_ANSWER = 27, READ_ANSWER = 62, EMPTY_ONES = 64, KEEP_ALIVES_MAX = 32 };
enum { REPEAT_MS = 300, REPEATS = 20 };

/* Behind what was sent before. */
static void
send_next(struct attempt *a, const uint8_t *bytes, size_t length)
{
	raw_data(&a->raw, a->base, bytes, length);
	a->base += (uint32_t)length;
}

static void
open_at(struct attempt *a, uint16_t port)
{
	raw_open(&a->raw, a->attack->server, port);
	a->port = a->raw.source_port;
	assert_true(raw_connect(&a->raw, false));
}

static void
ask(struct attempt *a, const uint8_t *bytes, size_t length, size_t answer)
{
	size_t before = a->raw.data_length;

	send_next(a, bytes, length);
	if (!raw_wait_data(&a->raw, before + answer, ANSWER_MS))
		fail_msg("no answer to the greeting");
}

static void
greet_transport(struct attempt *a)
{
	ask(a, connect_request, sizeof(connect_request), sizeof(connect_request));
}

void
s7_greet(struct attempt *a)
{
	greet_transport(a);
	ask(a, set_up, sizeof(set_up), SET_UP_ANSWER);
}

/* A TPKT with one data TPDU that carries part of a message; its length. */
static size_t
make_piece(uint8_t *frame, const uint8_t *part, size_t length, bool end)
{
	size_t all = S7_FRAME_HEAD + length;

	assert_true(all <= FRAME_MAX);
	memcpy(frame, (const uint8_t[]){3, 0, 0, 0, 2, 0xf0, 0}, S7_FRAME_HEAD);
	frame[2] = (uint8_t)(all >> 8);
	frame[3] = (uint8_t)all;
	frame[6] = end ? 0x80 : 0;
	if (length > 0)
		memcpy(&frame[S7_FRAME_HEAD], part, length);
	return all;
}

/* Bytes first..last-1 of the attack's message in a data TPDU. */
static void
send_piece(struct attempt *a, size_t first, size_t last)
{
	uint8_t frame[FRAME_MAX];
	size_t end = a->attack->length - S7_FRAME_HEAD;

	send_next(a, frame,
	    make_piece(frame, &a->attack->bytes[S7_FRAME_HEAD + first], last - first, last == end));
}

static void
send_pieces(struct attempt *a, size_t cut)
{
	send_piece(a, 0, cut);
	raw_wait_acked(&a->raw, a->base, PAUSE_MS);
	send_piece(a, cut, a->attack->length - S7_FRAME_HEAD);
}

void
s7_pieces(struct attempt *a)
{
	attempt_connect(a, false);
	send_pieces(a, a->attack->argument);
}

void
s7_pieces_together(struct attempt *a)
{
	uint8_t frames[2 * FRAME_MAX];
	const uint8_t *message = &a->attack->bytes[S7_FRAME_HEAD];
	size_t cut = a->attack->argument, end = a->attack->length - S7_FRAME_HEAD;
	size_t length = make_piece(frames, message, cut, false);

	attempt_connect(a, false);
	length += make_piece(&frames[length], &message[cut], end - cut, true);
	send_next(a, frames, length);
}

void
s7_pieces_of_one(struct attempt *a)
{
	attempt_connect(a, false);
	for (size_t i = 0; i + S7_FRAME_HEAD < a->attack->length; i++) {
		send_piece(a, i, i);
		send_piece(a, i, i + 1);
		raw_wait_acked(&a->raw, a->base, PAUSE_MS);
	}
}

void
s7_three_pieces(struct attempt *a)
{
	size_t end = a->attack->length - S7_FRAME_HEAD;

	attempt_connect(a, false);
	ask(a, read_of_37, sizeof(read_of_37), READ_ANSWER);
	send_piece(a, 0, 1);
	send_piece(a, 1, 9);
	send_piece(a, 9, end);
}

void
s7_after_empty_ones(struct attempt *a)
{
	uint8_t bytes[EMPTY_ONES * S7_FRAME_HEAD + FRAME_MAX];
	size_t length = 0, cut = a->attack->argument;

	for (unsigned i = 0; i < EMPTY_ONES; i++)
		length += make_piece(&bytes[length], NULL, 0, false);
	memcpy(&bytes[length], a->attack->bytes, cut);
	attempt_connect(a, false);
	send_next(a, bytes, length + cut);
	raw_listen(&a->raw, 4 * PAUSE_MS);
	send_next(a, &a->attack->bytes[cut], a->attack->length - cut);
}

/* An empty data TPDU in a segment of its own; false if it has not come at once. */
static bool
send_keep_alive(struct attempt *a)
{
	uint8_t bytes[S7_FRAME_HEAD];

	send_next(a, bytes, make_piece(bytes, NULL, 0, false));
	return raw_wait_acked(&a->raw, a->base, 4 * PAUSE_MS);
}

/* The last one again and again, until it has come. */
static void
repeat_keep_alive(struct attempt *a)
{
	uint8_t bytes[S7_FRAME_HEAD];
	uint32_t first = a->base - (uint32_t)make_piece(bytes, NULL, 0, false);

	for (unsigned i = 0; i < REPEATS; i++) {
		raw_data(&a->raw, first, bytes, sizeof(bytes));
		if (raw_wait_acked(&a->raw, a->base, REPEAT_MS))
			return;
	}
	fail_msg("a keep-alive does not come through");
}

void
s7_after_keep_alives(struct attempt *a)
{
	uint8_t last[S7_FRAME_HEAD + FRAME_MAX];
	size_t cut = a->attack->argument, length = make_piece(last, NULL, 0, false);

	memcpy(&last[length], a->attack->bytes, cut);
	attempt_connect(a, false);
	for (unsigned i = 1; i < EMPTY_ONES; i++)
		if (!send_keep_alive(a))
			repeat_keep_alive(a);
	send_next(a, last, length + cut);
	raw_listen(&a->raw, 4 * PAUSE_MS);
	send_next(a, &a->attack->bytes[cut], a->attack->length - cut);
}

void
s7_keep_alives(struct attempt *a)
{
	size_t before;

	attempt_connect(a, false);
	for (unsigned i = 0; i < KEEP_ALIVES_MAX; i++)
		assert_true(send_keep_alive(a));
	/* one more, which ends nothing */
	assert_int_equal(send_keep_alive(a), !attempt_guarded(a));
	if (attempt_guarded(a))
		repeat_keep_alive(a);
	before = a->raw.data_length;
	send_next(a, a->attack->bytes, a->attack->length);
	assert_true(raw_wait_data(&a->raw, before + 1, ANSWER_MS));
	assert_false(a->raw.reset);
}

void
s7_no_end(struct attempt *a)
{
	uint8_t frame[FRAME_MAX];

	attempt_connect(a, false);
	send_next(a, frame,
	    make_piece(
		frame, &a->attack->bytes[S7_FRAME_HEAD], a->attack->length - S7_FRAME_HEAD, false));
}

void
s7_without_connect(struct attempt *a)
{
	open_at(a, S7_PORT);
	send_next(a, a->attack->bytes, a->attack->length);
}

void
s7_without_setup(struct attempt *a)
{
	open_at(a, S7_PORT);
	greet_transport(a);
	send_next(a, a->attack->bytes, a->attack->length);
}

void
s7_with_setup(struct attempt *a)
{
	uint8_t both[FRAME_MAX];

	assert_true(sizeof(set_up) + a->attack->length <= sizeof(both));
	memcpy(both, set_up, sizeof(set_up));
	memcpy(&both[sizeof(set_up)], a->attack->bytes, a->attack->length);
	open_at(a, S7_PORT);
	greet_transport(a);
	send_next(a, both, sizeof(set_up) + a->attack->length);
}

void
s7_to_plus(struct attempt *a)
{
	open_at(a, S7_PLUS_PORT);
	greet_transport(a);
	send_next(a, a->attack->bytes, a->attack->length);
}

void
s7_long_write(struct attempt *a)
{
	size_t length = a->attack->argument, bits = 8 * length, data = 4 + length;
	uint8_t message[MESSAGE_MAX] = {0x32, 1, 0, 0, 0, 6, 0, 14, (uint8_t)(data >> 8),
	    (uint8_t)data, 5, 1, 0x12, 0x0a, 0x10, 2, (uint8_t)(length >> 8), (uint8_t)length, 0,
	    20, 0x84, 0, 0, 0, 0, 4, (uint8_t)(bits >> 8), (uint8_t)bits};
	uint8_t frame[FRAME_MAX];
	size_t all = 28 + length;

	assert_true(all <= sizeof(message));
	attempt_connect(a, false);
	send_next(a, frame, make_piece(frame, message, all, true));
	a->arrived = s7_arrived(message, all, LIE_MS);
	if (a->attack->effect == EFFECT_PASSES)
		assert_true(a->arrived);
}

void
s7_lied_to(struct attempt *a)
{
	size_t before;

	attempt_connect(a, false);
	before = a->raw.data_length;
	send_next(a, a->attack->bytes, a->attack->length);
	a->arrived = raw_wait_data(&a->raw, before + a->attack->argument, LIE_MS);
	if (a->attack->effect == EFFECT_PASSES)
		assert_true(a->arrived);
}

/* The server has it all, and its answer is here. */
static void
check_passed(struct attempt *a, size_t answers_before)
{
	assert_true(s7_arrived(
	    &a->attack->bytes[S7_FRAME_HEAD], a->attack->length - S7_FRAME_HEAD, ANSWER_MS));
	assert_true(raw_wait_data(&a->raw, answers_before + 1, ANSWER_MS));
	assert_false(a->raw.reset);
}

void
s7_permitted(struct attempt *a)
{
	size_t before;

	attempt_connect(a, false);
	before = a->raw.data_length;
	send_next(a, a->attack->bytes, a->attack->length);
	check_passed(a, before);
}

/* One connection: the same message, cut at one place after the other. */
void
s7_permitted_split(struct attempt *a)
{
	attempt_connect(a, false);
	for (size_t cut = 1; cut < a->attack->length; cut++) {
		size_t before = a->raw.data_length;

		send_next(a, a->attack->bytes, cut);
		raw_wait_acked(&a->raw, a->base, PAUSE_MS);
		send_next(a, &a->attack->bytes[cut], a->attack->length - cut);
		check_passed(a, before);
	}
}

void
s7_permitted_pieces(struct attempt *a)
{
	attempt_connect(a, false);
	for (size_t cut = 1; cut + S7_FRAME_HEAD < a->attack->length; cut++) {
		size_t before = a->raw.data_length;

		send_pieces(a, cut);
		check_passed(a, before);
	}
}
