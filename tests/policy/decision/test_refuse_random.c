/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * on_deny = "refuse" between a client and a server that lose, repeat, merge and cut segments: what
 * the server executes is permitted, whatever it has thrown away of what waited for it, and the
 * client hears of nothing that it did not ask.  Half of them may have one request waiting only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

#define RULES                                                                       \
	"{ functions = [\"read-holding-registers\"]; },"                            \
	"{ functions = [\"write-single-register\", \"write-multiple-registers\"]; " \
	"points = [\"holding:40-42\"]; values = [\"0-1500\"]; }"

enum { ROUNDS = 20000, STEPS = 200, STREAM_MAX = 1 << 14, ASKED_AT_ONCE = 3 };

/* One end: what it has said, and what it has heard in order. */
struct end {
	uint8_t said[STREAM_MAX];
	size_t written; /* by its application */
	size_t sent;    /* at least once */
	size_t acked;   /* as it knows */
	uint8_t heard[STREAM_MAX];
	size_t heard_count;
	size_t read; /* by its application */
};

struct pair {
	struct sim *sim;
	struct end end[2]; /* by direction of what it says */
	bool forgetful;    /* the server throws away what waits when it refuses */
	bool hostile;      /* the client repeats other bytes */
	unsigned loss;     /* of 100 */
	unsigned transaction;
	unsigned open; /* requests without an answer */
	bool over;
};

static unsigned
draw(unsigned n)
{
	return (unsigned)rand() % n;
}

static void
put16(uint8_t *to, unsigned n)
{
	to[0] = (uint8_t)(n >> 8);
	to[1] = (uint8_t)n;
}

static void
say(struct end *end, const uint8_t *bytes, size_t length)
{
	if (end->written + length > STREAM_MAX)
		return;
	memcpy(&end->said[end->written], bytes, length);
	end->written += length;
}

static void
ask(struct pair *pair)
{
	uint8_t m[32] = {0};
	unsigned kind = draw(4), registers = 1 + draw(3);
	size_t length = 12;

	put16(m, ++pair->transaction);
	m[6] = 1;
	m[7] = kind == 0 ? 3 : kind == 1 ? 16 : 6;
	put16(&m[8], draw(2) ? 40 : 40 + draw(6));
	put16(&m[10], kind == 0 ? 1 : draw(2) ? draw(1500) : draw(65536));
	if (kind == 1) {
		put16(&m[10], registers);
		m[12] = (uint8_t)(2 * registers);
		for (unsigned i = 0; i < registers; i++)
			put16(&m[13 + 2 * i], draw(2) ? 5 : 9999);
		length = 13 + 2 * registers;
	}
	put16(&m[4], (unsigned)length - 6);
	say(&pair->end[REQUEST], m, length);
	pair->open++;
}

static unsigned
get16(const uint8_t *from)
{
	return (unsigned)from[0] << 8 | from[1];
}

static void
assert_permitted(const uint8_t *m, size_t length)
{
	unsigned first = get16(&m[8]), count = m[7] == 16 ? get16(&m[10]) : 1;

	if (m[7] == 6) {
		assert_in_range(first, 40, 42);
		assert_in_range(get16(&m[10]), 0, 1500);
	} else if (m[7] == 16 && length >= 13) {
		assert_in_range(first, 40, 42);
		assert_true(first + count <= 43);
		for (unsigned i = 0; i < count && 14 + 2 * i < length; i++)
			assert_in_range(get16(&m[13 + 2 * i]), 0, 1500);
	} else {
		assert_true(m[7] == 3 || m[7] == 0x55 || m[7] == 0);
	}
}

/* The server's application: executes what is whole, and answers. */
static void
serve(struct pair *pair)
{
	struct end *server = &pair->end[RESPONSE];

	while (server->heard_count - server->read >= 8) {
		const uint8_t *m = &server->heard[server->read];
		size_t length = 6 + get16(&m[4]);
		uint8_t answer[32] = {0};
		size_t size = 9;

		if (length < 8 || length > 260) { /* no message: such a server gives up */
			server->read = server->heard_count;
			return;
		}
		if (server->heard_count - server->read < length)
			return;
		assert_permitted(m, length);
		memcpy(answer, m, 8);
		if (m[7] == 3) {
			answer[8] = 2;
			size = 11;
		} else if (m[7] == 6 || m[7] == 16) {
			memcpy(&answer[8], &m[8], 4);
			size = 12;
		} else {
			answer[7] |= 0x80;
			answer[8] = 1;
		}
		put16(&answer[4], (unsigned)size - 6);
		say(server, answer, size);
		server->read += length;
		if (pair->forgetful && size == 9)
			server->read = server->heard_count;
	}
}

/* The client's application: only answers in forms that it knows. */
static void
listen(struct pair *pair)
{
	struct end *client = &pair->end[REQUEST];

	while (client->heard_count - client->read >= 9) {
		const uint8_t *m = &client->heard[client->read];
		size_t length = 6 + get16(&m[4]);

		if (client->heard_count - client->read < length)
			return;
		assert_true(pair->hostile || (m[7] & 0x7f) == 3 || (m[7] & 0x7f) == 6 ||
		    (m[7] & 0x7f) == 16);
		client->read += length;
		pair->open -= pair->open > 0;
	}
}

/* A segment on its way: judged, perhaps lost, heard in order. */
static void
transmit(struct pair *pair, enum direction way, size_t from, size_t to)
{
	struct sim *sim = pair->sim;
	struct end *sender = &pair->end[way], *receiver = &pair->end[1 - way];
	uint32_t sequence = sim->end[way].isn + 1 + (uint32_t)from;
	uint32_t ack = sim->end[1 - way].isn + 1 + (uint32_t)sender->heard_count;
	static uint8_t packet[65600];
	uint8_t bytes[STREAM_MAX];
	size_t size, length = to - from, skip;

	memcpy(bytes, &sender->said[from], length);
	if (pair->hostile && way == REQUEST && length > 0 && draw(8) == 0)
		bytes[draw((unsigned)length)] = (uint8_t)draw(256);
	size = sim_packet(sim, way, sequence, ack, TCP_ACK, bytes, length, packet);
	if (to > sender->sent)
		sender->sent = to;
	if (sim_raw(sim, packet, size) != VERDICT_ALLOW) {
		pair->over = sim->outcome.segment_count >= 2;
		return;
	}
	if (draw(100) < pair->loss)
		return;
	if (sender->heard_count > receiver->acked)
		receiver->acked = sender->heard_count;
	length -= size - sim->left_length; /* it may have been shortened */
	to = from + length;
	if (from > receiver->heard_count || to <= receiver->heard_count)
		return;
	skip = receiver->heard_count - from;
	memcpy(&receiver->heard[receiver->heard_count],
	    &sim->left[sim->left_length - length + skip], length - skip);
	receiver->heard_count = to;
	if (way == REQUEST)
		serve(pair);
	else
		listen(pair);
}

/* What a sender may send now: new bytes, or what was not acknowledged, cut and merged anew. */
static void
send_some(struct pair *pair, enum direction way)
{
	struct end *end = &pair->end[way];
	bool again = end->sent > end->acked && (end->sent == end->written || draw(3) == 0);
	size_t from = again ? end->acked : end->sent;
	size_t most = end->written - from, length;

	if (again && draw(4) == 0)
		from += draw((unsigned)(end->sent - from));
	most = end->written - from;
	length = most > 0 && draw(again ? 4 : 50) == 0 ? 1 + draw((unsigned)most) : most;
	transmit(pair, way, from, from + length);
}

static void
step(struct pair *pair)
{
	if (pair->open < ASKED_AT_ONCE && draw(3) == 0)
		ask(pair);
	pair->sim->now_ns += draw(40) * UINT64_C(1000000);
	send_some(pair, draw(2) ? REQUEST : RESPONSE);
	if (draw(60) == 0) {
		sim_restart(pair->sim);
		engine_recover(pair->sim->engine, pair->sim->now_ns, pair->sim->now_ns);
	}
}

static void
play(struct pair *pair, unsigned seed)
{
	srand(seed);
	*pair = (struct pair){
	    .sim = sim_opened("on_deny = \"refuse\";", draw(2) ? "" : "outstanding = 1;", RULES)};
	pair->forgetful = draw(2);
	pair->hostile = draw(4) == 0;
	pair->loss = draw(3) * 10;
	for (unsigned i = 0; i < STEPS && !pair->over; i++)
		step(pair);
}

static void
only_what_is_permitted_is_executed(void **state)
{
	static struct pair pair;

	for (unsigned seed = 0; seed < ROUNDS; seed++) {
		play(&pair, seed);
		sim_free(pair.sim);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_what_is_permitted_is_executed),
	};

	return cmocka_run_group_tests_name("refuse, at random", tests, NULL, NULL);
}
