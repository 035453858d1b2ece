/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hostile client and a server with a TCP of its own behind the engine: it may lose segments,
 * forget connections, answer late, and always begin with the same number.  Whatever the two do, no
 * forbidden message becomes complete in the server's application.
 *
 * The server obeys RFC 9293 and RFC 5961 as far as numbers go.  What it gets is judged anew here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE
#define RULES                                                                                \
	"{ functions = [\"read-holding-registers\"]; },"                                     \
	"{ functions = [\"write-single-register\"]; points = [\"holding:40-42\"]; values = " \
	"[\"0-1500\"]; }"

enum {
	MESSAGE = 12,
	ROUNDS = 100000,
	CROWDED_ROUNDS = 8000,
	STEPS = 60,
	WINDOW = 4096,
	ANSWERS_MAX = 64
};

enum server_state { SERVER_LISTEN, SERVER_SYN_RECEIVED, SERVER_ESTABLISHED };

struct answer {
	uint32_t sequence, acknowledgement;
	uint8_t flags;
	uint8_t data[MESSAGE];
	size_t length;
};

struct server {
	enum server_state state;
	uint32_t client_isn, isn;
	uint32_t next; /* to send */
	bool fixed;    /* begins with the same number each time */
	uint8_t got[WINDOW];
	uint8_t got_map[WINDOW];
	size_t ready; /* bytes in order */
	size_t read;  /* bytes that the application has taken */
	struct answer answers[ANSWERS_MAX];
	size_t answers_first, answers_end;
};

struct world {
	struct sim *sim;
	struct server server;
	uint32_t random;
	uint32_t first;    /* sequence number of the client's first byte */
	uint32_t position; /* of its next one */
	uint32_t form;     /* what it sends, and how much of it was sent */
	uint32_t offset;
	size_t completed; /* messages that the application has got */
	bool crowded;     /* there are other connections, and room for two */
	uint16_t others;  /* port of the last of them */
	const char *wrong;
};

static uint32_t
pick(struct world *w, uint32_t count)
{
	w->random = w->random * 1664525 + 1013904223;
	return (w->random >> 8) % count;
}

static void
server_say(struct server *s, uint8_t flags, const uint8_t *data, size_t length)
{
	struct answer *answer;

	if (s->answers_end == ANSWERS_MAX)
		return;
	answer = &s->answers[s->answers_end++];
	*answer = (struct answer){.sequence = flags & TCP_SYN ? s->isn : s->next,
	    .acknowledgement = s->client_isn + 1 + (uint32_t)s->ready,
	    .flags = flags | TCP_ACK,
	    .length = length};
	if (length > 0)
		memcpy(answer->data, data, length);
	s->next += (uint32_t)length;
}

static bool
permitted(const uint8_t *m)
{
	unsigned address = (unsigned)m[8] << 8 | m[9], value = (unsigned)m[10] << 8 | m[11];

	if (m[2] || m[3] || m[4] || m[5] != 6)
		return false;
	if (m[7] == 3)
		return value >= 1 && value <= 125 && address + value <= 65536;
	return m[7] == 6 && address >= 40 && address <= 42 && value <= 1500;
}

/* The application: twelve bytes are a message, and it is answered. */
static void
server_run(struct world *w)
{
	struct server *s = &w->server;
	uint8_t reply[MESSAGE];

	while (s->ready - s->read >= MESSAGE) {
		const uint8_t *m = &s->got[s->read];

		if (!permitted(m))
			w->wrong = "a forbidden message is complete at the server";
		s->read += MESSAGE;
		w->completed++;
		memcpy(reply, m, MESSAGE);
		if (m[7] != 6) { /* an exception is the shortest answer */
			reply[5] = 3;
			reply[7] |= 0x80;
			reply[8] = 2;
		}
		server_say(s, TCP_PSH, reply, m[7] == 6 ? MESSAGE : 9);
	}
}

static void
server_begin(struct server *s, uint32_t client_isn)
{
	s->state = SERVER_SYN_RECEIVED;
	s->client_isn = client_isn;
	s->isn = s->fixed ? 5000 : s->isn + 64000;
	s->next = s->isn + 1;
	memset(s->got_map, 0, sizeof(s->got_map));
	s->ready = s->read = 0;
	server_say(s, TCP_SYN, NULL, 0);
}

static void
server_take(struct world *w, uint32_t sequence, const uint8_t *data, size_t length)
{
	struct server *s = &w->server;

	for (size_t i = 0; i < length; i++) {
		uint32_t at = sequence - (s->client_isn + 1) + (uint32_t)i;

		if (at < WINDOW && at >= s->ready && !s->got_map[at]) {
			s->got_map[at] = 1;
			s->got[at] = data[i];
		}
	}
	while (s->ready < WINDOW && s->got_map[s->ready])
		s->ready++;
	server_run(w);
}

static void
server_segment(
    struct world *w, uint32_t sequence, uint32_t ack, uint8_t flags, const uint8_t *data, size_t n)
{
	struct server *s = &w->server;

	if (flags & TCP_SYN) {
		if (s->state == SERVER_LISTEN)
			server_begin(s, sequence);
		else if (s->state == SERVER_SYN_RECEIVED && sequence == s->client_isn)
			server_say(s, TCP_SYN, NULL, 0);
		return;
	}
	if (flags & TCP_RST) {
		if (sequence == s->client_isn + 1 + (uint32_t)s->ready)
			s->state = SERVER_LISTEN;
		return;
	}
	if (s->state == SERVER_SYN_RECEIVED && ack == s->isn + 1)
		s->state = SERVER_ESTABLISHED;
	if (s->state == SERVER_ESTABLISHED)
		server_take(w, sequence, data, n);
}

/* A segment of the client: through the engine, then perhaps to the server. */
static void
client_segment(struct world *w, uint32_t sequence, uint8_t flags, const uint8_t *data, size_t n)
{
	uint32_t ack = w->server.isn + 1; /* it guesses well */
	bool pure = n == 0 && flags == TCP_ACK;

	if (!pure &&
	    sim_segment(w->sim, REQUEST, sequence, flags == TCP_SYN ? 0 : ack, flags, data, n) !=
		VERDICT_ALLOW)
		return;
	if (pick(w, 8) == 0)
		return; /* lost on the way, as its sender may have wished */
	server_segment(w, sequence, ack, flags, data, n);
}

static void
deliver(struct world *w)
{
	struct server *s = &w->server;
	const struct answer *answer = &s->answers[s->answers_first];

	if (s->answers_first == s->answers_end)
		return;
	s->answers_first++;
	sim_segment(w->sim, RESPONSE, answer->sequence, answer->acknowledgement, answer->flags,
	    answer->data, answer->length);
	if (s->answers_first == s->answers_end)
		s->answers_first = s->answers_end = 0;
}

/* Mostly the next bytes of a permitted message; their parts are each other's, elsewhere. */
static void
send_bytes(struct world *w)
{
	static const uint8_t forms[][MESSAGE] = {
	    {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1},
	    {0, 2, 0, 0, 0, 6, 1, 6, 0, 40, 0, 1},
	    {0, 2, 0, 0, 0, 6, 1, 3, 0, 50, 0, 1},
	    {0, 50, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1},
	};
	bool astray = pick(w, 12) == 0;
	uint32_t at = astray ? w->first + pick(w, 16) : w->position, length;

	if (w->offset == 0 || astray)
		w->form = pick(w, 4);
	if (astray)
		w->offset = 0;
	length = MESSAGE - w->offset;
	if (pick(w, 3) == 0)
		length = 1 + pick(w, length);
	client_segment(w, at, TCP_ACK, &forms[w->form][w->offset], length);
	if (w->sim->outcome.verdict != VERDICT_ALLOW)
		return;
	w->offset = (w->offset + length) % MESSAGE;
	if ((int32_t)(at + length - w->position) > 0)
		w->position = at + length;
}

static void
send_syn(struct world *w)
{
	const uint32_t numbers[] = {
	    w->first - 1, w->position - 1, w->position + 1 + pick(w, 12), w->first + 0x40000000};
	uint32_t isn = numbers[pick(w, 4)];

	client_segment(w, isn, TCP_SYN, NULL, 0);
	if (pick(w, 2)) {
		w->first = isn + 1;
		w->position = isn + 1;
		w->offset = 0;
	}
}

/* Nothing is on its way any more. */
static void
let_time_pass(struct world *w, uint32_t seconds)
{
	struct server *s = &w->server;

	while (s->answers_first != s->answers_end)
		deliver(w);
	w->sim->now_ns += UINT64_C(1000000000) * seconds;
}

/* Other connections, of the same client or of another one, whose places are wanted. */
static void
crowd(struct world *w)
{
	static const uint8_t asked[MESSAGE] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1};
	struct sim *sim = w->sim;
	uint16_t port = sim->client_port;
	uint32_t mine = 77000, its = 99000;

	for (uint32_t i = pick(w, 4); i < 4; i++) {
		sim->client_port = (uint16_t)(41000 + w->others++);
		sim->client_host = pick(w, 2) ? 6 : 0;
		sim_segment(sim, REQUEST, mine, 0, TCP_SYN, NULL, 0);
		sim_segment(sim, RESPONSE, its, mine + 1, TCP_SYN | TCP_ACK, NULL, 0);
		if (pick(w, 2))
			sim_segment(sim, REQUEST, mine + 1, its + 1, TCP_ACK, asked,
			    pick(w, 2) ? MESSAGE : 5);
		if (pick(w, 4) == 0)
			sim_segment(
			    sim, RESPONSE, its + 1, mine + 1 + MESSAGE, TCP_RST | TCP_ACK, NULL, 0);
	}
	sim->client_port = port;
	sim->client_host = 0;
}

static void
step(struct world *w)
{
	struct server *s = &w->server;

	if (w->crowded && pick(w, 8) == 0) {
		if (pick(w, 3) == 0)
			let_time_pass(w, pick(w, 3) ? pick(w, 40) : pick(w, 4000));
		else
			crowd(w);
		return;
	}
	switch (pick(w, 20)) {
	case 0:
	case 1:
		send_syn(w);
		break;
	case 2:
		client_segment(w, pick(w, 2) ? w->position : w->position - pick(w, 12),
		    TCP_RST | TCP_ACK, NULL, 0);
		break;
	case 3:
		client_segment(w, w->position, TCP_ACK, NULL, 0);
		break;
	case 4:
		let_time_pass(w, pick(w, 5));
		break;
	case 5:
		if (pick(w, 4) == 0)
			s->state = SERVER_LISTEN; /* restarted */
		break;
	case 6:
	case 7:
	case 8:
		deliver(w);
		break;
	default:
		send_bytes(w);
		break;
	}
}

static void
try_all(struct sim *sim, uint32_t rounds, bool crowded)
{
	static struct world w;
	size_t completed = 0;

	memset(&w, 0, sizeof(w));
	for (uint32_t round = 0; round < rounds && !w.wrong; round++) {
		memset(&w, 0, sizeof(w));
		w.sim = sim;
		w.crowded = crowded;
		w.random = round;
		w.server.fixed = pick(&w, 2);
		w.server.isn = 5000;
		w.first = w.position = 0xfffffff8;
		sim_reset(sim);
		client_segment(&w, w.first - 1, TCP_SYN, NULL, 0);
		deliver(&w);
		for (int i = 0; i < STEPS && !w.wrong; i++)
			step(&w);
		completed += w.completed;
		if (w.wrong)
			fail_msg("round %u: %s", round, w.wrong);
	}
	/* Something got through, or this would prove nothing. */
	assert_true(completed > rounds / 4);
	sim_free(sim);
}

static void
whatever_the_server_makes_of_the_numbers_nothing_forbidden_is_complete(void **state)
{
	try_all(sim_new("on_deny = \"drop\";", "", RULES), ROUNDS, false);
}

/* A connection that gave way to others begins anew for the engine, but not for its server. */
static void
nor_when_connections_give_way_to_others(void **state)
{
	static const char *const pickups[] = {"reset", "resync"};
	static const char *const denials[] = {"drop", "reset"};
	char channel[128], conduit[64];

	for (int i = 0; i < 4; i++) {
		snprintf(channel, sizeof(channel), "pickup = \"%s\"; clients = [\"supervision\"];",
		    pickups[i / 2]);
		snprintf(conduit, sizeof(conduit), "on_deny = \"%s\";", denials[i % 2]);
		try_all(sim_new_limited("flows = 2; held_bytes = 65536;", conduit, channel, RULES),
		    CROWDED_ROUNDS, true);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		whatever_the_server_makes_of_the_numbers_nothing_forbidden_is_complete),
	    cmocka_unit_test(nor_when_connections_give_way_to_others),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
