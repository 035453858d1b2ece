/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must go on working through any gate, segments made by hand. See attack.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "attack.h"
#include "device.h"
#include "lab.h"

enum { ANSWER_MS = 1500, PAUSE_MS = 25 };

static void
read_works(struct attempt *a, uint32_t offset)
{
	size_t before = a->raw.data_length;

	raw_data(&a->raw, offset, message_read, sizeof(message_read));
	assert_true(raw_wait_data(&a->raw, before + READ_RESPONSE_SIZE, ANSWER_MS));
}

void
permitted_read(struct attempt *a)
{
	attempt_connect(a, false);
	for (uint32_t i = 0; i < 20; i++)
		read_works(a, i * sizeof(message_read));
}

/* The write has been answered and done. */
static void
write_worked(struct attempt *a, unsigned ms)
{
	assert_true(raw_wait_data(&a->raw, WRITE_RESPONSE_SIZE, ms));
	assert_memory_equal(a->raw.data, message_permitted, sizeof(message_permitted));
	assert_int_equal(device_read(a->attack->server, 40), 5);
}

void
permitted_write(struct attempt *a)
{
	attempt_connect(a, true);
	raw_data(&a->raw, 0, a->attack->bytes, a->attack->length);
	assert_true(raw_wait_data(&a->raw, WRITE_RESPONSE_SIZE, ANSWER_MS));
	assert_int_equal(device_read(a->attack->server, a->attack->point), a->attack->value);
}

void
permitted_split(struct attempt *a)
{
	uint32_t cut = a->attack->argument;

	attempt_connect(a, false);
	raw_data(&a->raw, 0, message_permitted, cut);
	assert_true(raw_wait_acked(&a->raw, cut, ANSWER_MS));
	raw_data(&a->raw, cut, &message_permitted[cut], sizeof(message_permitted) - cut);
	write_worked(a, ANSWER_MS);
}

/* Nagle's algorithm: the rest comes only after the header alone was acknowledged. */
void
permitted_header_alone(struct attempt *a)
{
	attempt_connect(a, false);
	raw_data(&a->raw, 0, message_permitted, 7);
	assert_true(raw_wait_acked(&a->raw, 7, 150));
	raw_data(&a->raw, 7, &message_permitted[7], 5);
	write_worked(a, ANSWER_MS);
}

void
permitted_pipeline(struct attempt *a)
{
	uint8_t both[24];

	memcpy(both, message_permitted, 12);
	memcpy(&both[12], message_read, 12);
	attempt_connect(a, false);
	raw_data(&a->raw, 0, both, sizeof(both));
	assert_true(raw_wait_data(&a->raw, WRITE_RESPONSE_SIZE + READ_RESPONSE_SIZE, ANSWER_MS));
	assert_int_equal(device_read(a->attack->server, 40), 5);
}

void
permitted_fragments(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){.data = message_permitted,
		.length = sizeof(message_permitted),
		.fragment = a->attack->argument});
	write_worked(a, ANSWER_MS);
	read_works(a, 12);
}

/* The same bytes again, alone and at the head of new ones: nothing is lost and nothing denied. */
void
permitted_retransmission(struct attempt *a)
{
	uint8_t both[24];

	memcpy(both, message_permitted, 12);
	memcpy(&both[12], message_read, 12);
	attempt_connect(a, false);
	raw_data(&a->raw, 0, message_permitted, 12);
	raw_data(&a->raw, 0, message_permitted, 12);
	raw_data(&a->raw, 4, &message_permitted[4], 8);
	write_worked(a, ANSWER_MS);
	raw_data(&a->raw, 6, &both[6], 18);
	assert_true(raw_wait_data(&a->raw, WRITE_RESPONSE_SIZE + READ_RESPONSE_SIZE, ANSWER_MS));
}

/* Out of order, each repeated once as a sender does that sees no acknowledgement. */
void
permitted_out_of_order(struct attempt *a)
{
	attempt_connect(a, false);
	raw_data(&a->raw, 6, &message_permitted[6], 6);
	raw_listen(&a->raw, PAUSE_MS);
	raw_data(&a->raw, 0, message_permitted, 6);
	raw_listen(&a->raw, PAUSE_MS);
	raw_data(&a->raw, 6, &message_permitted[6], 6);
	write_worked(a, ANSWER_MS);
	read_works(a, 12);
}

void
permitted_sequence_wrap(struct attempt *a)
{
	raw_open_at(&a->raw, a->attack->server, 502, 0U - 30);
	a->port = a->raw.source_port;
	assert_true(raw_connect(&a->raw, false));
	for (uint32_t i = 0; i < 5; i++)
		read_works(a, i * sizeof(message_read));
}

/* RFC 9293 section 3.8.4: a probe may carry one byte of garbage that the receiver has already. */
void
permitted_keepalive(struct attempt *a)
{
	attempt_connect(a, false);
	read_works(a, 0);
	raw_data(&a->raw, 11, (uint8_t[]){0xff}, 1);
	raw_listen(&a->raw, PAUSE_MS);
	raw_data(&a->raw, 11, (uint8_t[]){0}, 1);
	raw_listen(&a->raw, PAUSE_MS);
	raw_send(&a->raw, &(struct segment){.offset = 11, .flags = FLAG_ACK});
	raw_listen(&a->raw, PAUSE_MS);
	assert_false(a->raw.reset);
	read_works(a, 12);
}

void
permitted_half_close(struct attempt *a)
{
	attempt_connect(a, false);
	raw_send(&a->raw,
	    &(struct segment){.data = message_read,
		.length = sizeof(message_read),
		.flags = FLAG_PSH | FLAG_ACK | FLAG_FIN});
	assert_true(raw_wait_data(&a->raw, READ_RESPONSE_SIZE, ANSWER_MS));
	raw_listen(&a->raw, 4 * PAUSE_MS);
	assert_true(a->raw.finished);
}

/* After a connection was reset, the same ports may begin another one. */
void
permitted_new_connection(struct attempt *a)
{
	attempt_connect(a, false);
	read_works(a, 0);
	raw_send(&a->raw, &(struct segment){.offset = 12, .flags = FLAG_RST | FLAG_ACK});
	lab_sleep_ms(PAUSE_MS);
	a->raw.received = 0;
	a->raw.acked = 0;
	a->raw.first += 0x00100000;
	assert_true(raw_connect(&a->raw, false));
	read_works(a, 0);
}

/*
 * The client lost its memory and begins again with the same ports.  The server still has the old
 * connection and asks back (RFC 5961 section 4); the client answers with a reset of that, and its
 * next SYN works.
 */
void
permitted_reboot(struct attempt *a)
{
	uint32_t old;

	attempt_connect(a, false);
	read_works(a, 0);
	old = a->raw.first + 12;
	a->raw.received = 0;
	a->raw.acked = 0;
	a->raw.first += 0x20000000;
	raw_send(&a->raw, &(struct segment){.flags = FLAG_SYN});
	raw_listen(&a->raw, 4 * PAUSE_MS);
	raw_send(
	    &a->raw, &(struct segment){.flags = FLAG_RST, .sequence_shift = old - a->raw.first});
	raw_listen(&a->raw, PAUSE_MS);
	assert_true(raw_connect(&a->raw, false));
	read_works(a, 0);
}
