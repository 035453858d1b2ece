/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fair shares: one client that takes whatever it can get, and others who must not lose a message
 * by it.  The hmi is 10.10.0.5; who floods is 10.10.0.6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_arena.h"
#include "sim.h"

#define READS "{ access = [\"read\"]; }"
#define ANYBODY "clients = [\"supervision\"];"
#define DNP3 ANYBODY " protocol = \"dnp3\";"
#define SMALL "flows = 64; held_bytes = 65536;"

enum { HMI = 5, FLOOD = 6, THIRD = 7, TABLE = 64, SECOND_NS = 1000000000 };

static const char read_request[] = "0001 0000 0006 01 03 0000 0001";
static const char read_response[] = "0001 0000 0005 01 03 02 0007";
static const char read_many[] = "0001 0000 0006 01 03 0000 007d";
/* DNP3: g30v2 0-9 */
static const char read_inputs[] = "0564 0dc4 0a00 0100 75ba c0c0 011e 0200 0009 a8c4";
static const char empty_response[] = "05640a4401000a006e25 c0c0810000 9ce8";

/* Where the streams of a connection are. */
struct line {
	uint8_t host;
	uint16_t port;
	uint32_t next[2];
	uint32_t acked; /* what the client says that it has got, where it hoards */
};

static struct engine_counters
counters(const struct sim *sim)
{
	struct engine_counters c;

	engine_counters(sim->arena, &c);
	return c;
}

static void
become(struct sim *sim, uint8_t host, uint16_t port)
{
	sim->client_host = host;
	sim->client_port = port;
}

static struct line
line_open(struct sim *sim, uint8_t host, uint16_t port)
{
	become(sim, host, port);
	sim_open(sim);
	return (struct line){host, port, {sim->end[0].next, sim->end[1].next}, sim->end[1].next};
}

static enum verdict
line_send(struct sim *sim, struct line *line, enum direction direction, const char *hex)
{
	enum verdict verdict;

	become(sim, line->host, line->port);
	sim->end[0].next = line->next[0];
	sim->end[1].next = line->next[1];
	verdict = sim_send(sim, direction, hex);
	line->next[0] = sim->end[0].next;
	line->next[1] = sim->end[1].next;
	return verdict;
}

/* A connection that asks and is answered. */
static struct line
line_used(struct sim *sim, uint8_t host, uint16_t port)
{
	struct line line = line_open(sim, host, port);

	assert_allowed(sim, line_send(sim, &line, DIRECTION_REQUEST, read_request));
	assert_allowed(sim, line_send(sim, &line, DIRECTION_RESPONSE, read_response));
	return line;
}

/* A request and its response, which the client never acknowledges. */
static enum verdict
line_ask_in_vain(
    struct sim *sim, struct line *line, const char *hex, const uint8_t *response, size_t length)
{
	uint8_t request[64];
	size_t size = sim_hex(hex, request, sizeof(request));
	enum verdict verdict;

	become(sim, line->host, line->port);
	verdict = sim_segment(
	    sim, DIRECTION_REQUEST, line->next[0], line->acked, TCP_ACK | TCP_PSH, request, size);
	if (verdict != VERDICT_ALLOW)
		return verdict;
	line->next[0] += (uint32_t)size;
	verdict = sim_segment(sim, DIRECTION_RESPONSE, line->next[1], line->next[0],
	    TCP_ACK | TCP_PSH, response, length);
	if (verdict == VERDICT_ALLOW)
		line->next[1] += (uint32_t)length;
	return verdict;
}

/* 259 bytes of Modbus. */
static enum verdict
line_hoard(struct sim *sim, struct line *line)
{
	static const uint8_t response[9 + 250] = {0, 1, 0, 0, 0, 253, 1, 3, 250};

	return line_ask_in_vain(sim, line, read_many, response, sizeof(response));
}

/* 17 bytes of DNP3. */
static enum verdict
line_hoard_dnp3(struct sim *sim, struct line *line)
{
	uint8_t response[32];

	return line_ask_in_vain(
	    sim, line, read_inputs, response, sim_hex(empty_response, response, sizeof(response)));
}

static enum verdict
syn(struct sim *sim, uint8_t host, uint16_t port)
{
	become(sim, host, port);
	return sim_segment(sim, DIRECTION_REQUEST, 7, 0, TCP_SYN, NULL, 0);
}

static size_t
told(const struct sim *sim, enum reason reason)
{
	size_t count = 0;

	for (size_t i = 0; i < sim->event_count; i++)
		count += sim->events[i].reason == reason;
	return count;
}

/* What each client and each channel has is the sum of what its flows have. */
static void
assert_adds_up(const struct sim *sim)
{
	struct flow_table table;
	uint32_t flows = 0, hoard = 0, *held = calloc(1 << 16, sizeof(*held));
	uint32_t *counts = calloc(1 << 16, sizeof(*counts));

	flow_table_attach(&table, sim->arena);
	for (uint32_t i = 1; i <= table.arena->flow_top; i++) {
		const struct flow *flow = &table.flows[i];

		if (flow->state == FLOW_FREE)
			continue;
		flows++;
		hoard += flow->hoard;
		counts[flow->share]++;
		held[flow->share] += flow->hoard;
	}
	assert_int_equal(flows, table.arena->counters.flows);
	assert_int_equal(hoard, table.arena->hoard);
	for (uint32_t i = 1; i <= table.arena->share_books.top; i++) {
		const struct share *share = &table.shares.shares[i];
		uint32_t listed = 0;

		if (counts[i] == 0)
			continue;
		assert_int_equal(share->account.count[RESOURCE_FLOWS], counts[i]);
		assert_int_equal(share->account.count[RESOURCE_HELD], held[i]);
		for (int kind = 0; kind < SHARE_HOARDS; kind++)
			listed += share->lists[kind].count;
		assert_int_equal(listed, counts[i]);
	}
	flows = 0;
	for (uint32_t i = 1; i <= SHARE_CHANNELS_MAX; i++)
		flows += table.shares.channels[i].account.count[RESOURCE_FLOWS];
	assert_int_equal(flows, table.arena->counters.flows);
	free(counts);
	free(held);
}

/* ---- what takes nothing ---- */

static void
empty_datagrams_take_nothing(void **state)
{
	struct sim *sim = sim_new("", DNP3 " transport = \"udp\";", READS);

	for (uint16_t port = 1000; port < 1200; port++) {
		become(sim, FLOOD, port);
		assert_allowed(sim, sim_datagram(sim, DIRECTION_REQUEST, NULL, 0));
	}
	assert_int_equal(counters(sim).flows, 0);
	sim_free(sim);
}

static void
segments_of_nobody_take_nothing(void **state)
{
	struct sim *sim = sim_new("", ANYBODY, READS);
	uint8_t data[64];
	size_t length = sim_hex(read_request, data, sizeof(data));

	for (uint16_t port = 1000; port < 1200; port++) {
		become(sim, FLOOD, port);
		assert_denied(sim, sim_segment(sim, DIRECTION_REQUEST, 7, 9, TCP_ACK, data, length),
		    REASON_STREAM_MIDDLE);
		assert_int_equal(sim->outcome.segment_count, 2);
		assert_int_equal(sim->outcome.segments[0].sequence, 7);
		assert_int_equal(sim->outcome.segments[1].sequence, 9);
		/* told once; what comes behind it has the same end */
		assert_denied(sim,
		    sim_segment(sim, DIRECTION_RESPONSE, 9, 7, TCP_ACK, data, length),
		    REASON_FLOW_DENIED);
		assert_int_equal(sim->outcome.segment_count, 2);
		become(sim, FLOOD, (uint16_t)(port + 1000));
		assert_denied(sim, sim_segment(sim, DIRECTION_REQUEST, 7, 0, TCP_SYN, data, length),
		    REASON_STREAM_SYN_DATA);
	}
	assert_int_equal(counters(sim).flows, 0);
	sim_free(sim);
}

/* ---- flows ---- */

/* Nothing of it was answered; all of it comes at once. */
static void
half_open_flood_costs_others_nothing(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", ANYBODY, READS);
	struct line before = line_used(sim, HMI, 1), after;

	for (unsigned i = 0; i < 5000; i++)
		syn(sim, FLOOD, (uint16_t)(1000 + i));
	assert_int_equal(counters(sim).flows, TABLE);
	for (uint16_t i = 0; i < 31; i++) {
		after = line_used(sim, HMI, (uint16_t)(100 + i));
		for (unsigned k = 0; k < 100; k++)
			syn(sim, FLOOD, (uint16_t)(10000 + k));
		assert_allowed(sim, line_send(sim, &after, DIRECTION_REQUEST, read_request));
	}
	assert_allowed(sim, line_send(sim, &before, DIRECTION_REQUEST, read_request));
	sim_free(sim);
}

/* Somebody else's SYNs in its name don't keep a client out. */
static void
half_open_flood_in_ones_own_name_gives_way(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", ANYBODY, READS);

	for (unsigned i = 0; i < 5000; i++)
		syn(sim, HMI, (uint16_t)(1000 + i));
	for (uint16_t i = 0; i < 32; i++) {
		line_used(sim, HMI, (uint16_t)(100 + i));
		syn(sim, HMI, (uint16_t)(10000 + i));
	}
	sim_free(sim);
}

/* Each of these connections lives, and was used a moment ago. */
static void
hoard_of_living_connections_gives_way(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", ANYBODY, READS);
	struct line flood[TABLE], hmi[TABLE / 2];

	for (uint16_t i = 0; i < TABLE; i++)
		flood[i] = line_used(sim, FLOOD, (uint16_t)(1000 + i));
	for (uint16_t i = 0; i < TABLE / 2; i++)
		hmi[i] = line_used(sim, HMI, (uint16_t)(1000 + i));
	assert_int_equal(told(sim, REASON_FLOW_GAVE_WAY), TABLE / 2);
	assert_int_equal(counters(sim).by_reason[REASON_FLOW_GAVE_WAY], TABLE / 2);
	/* in order of their age, and what comes of them is of nobody */
	for (uint16_t i = 0; i < TABLE / 2; i++) {
		assert_denied(sim, line_send(sim, &flood[i], DIRECTION_REQUEST, read_request),
		    REASON_STREAM_MIDDLE);
		assert_int_equal(sim->outcome.segment_count, 2);
	}
	for (uint16_t i = TABLE / 2; i < TABLE; i++)
		assert_allowed(sim, line_send(sim, &flood[i], DIRECTION_REQUEST, read_request));
	/* who has as much as the other takes no more from it */
	assert_denied(sim, syn(sim, HMI, 5000), REASON_FLOW_TABLE_FULL);
	assert_denied(sim, syn(sim, FLOOD, 5000), REASON_FLOW_TABLE_FULL);
	for (uint16_t i = 0; i < TABLE / 2; i++)
		assert_allowed(sim, line_send(sim, &hmi[i], DIRECTION_REQUEST, read_request));
	/* a third gets its third */
	for (uint16_t i = 0; i < TABLE / 3; i++)
		line_used(sim, THIRD, (uint16_t)(1000 + i));
	sim_free(sim);
}

/* Shares bite only where somebody else wants something. */
static void
one_alone_may_use_everything(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", ANYBODY, READS);
	struct line lines[TABLE];

	for (uint16_t i = 0; i < TABLE; i++)
		lines[i] = line_used(sim, HMI, (uint16_t)(1000 + i));
	assert_denied(sim, syn(sim, HMI, 5000), REASON_FLOW_TABLE_FULL);
	for (uint16_t i = 0; i < TABLE; i++)
		assert_allowed(sim, line_send(sim, &lines[i], DIRECTION_REQUEST, read_request));
	sim_free(sim);
}

/* Addresses of one network of 64 bits are one client's. */
static void
network_of_ipv6_is_one_client(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", ANYBODY, READS);

	sim->ipv6 = true;
	for (uint8_t host = 1; host <= TABLE; host++)
		line_used(sim, host, 1000);
	sim->client_net6 = 1;
	for (uint16_t i = 0; i < TABLE / 2; i++)
		line_used(sim, HMI, (uint16_t)(1000 + i));
	sim_free(sim);
}

/* Who can speak in the name of all clients of one channel takes nothing from another channel. */
static void
channels_share_too(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", "clients = [\"hmi\"]; ",
	    READS "); }, { name = \"n\"; clients = [\"supervision\"]; servers = [\"plc\"]; "
		  "protocol = \"modbus\"; port = 1502; rules: (" READS);
	uint16_t port = sim->policy->channels[0]->port_first;

	for (uint8_t host = 10; host < 10 + TABLE; host++) {
		sim->server_port = 1502;
		line_used(sim, host, 1000);
	}
	sim->server_port = port;
	for (uint16_t i = 0; i < TABLE / 2; i++)
		line_used(sim, HMI, (uint16_t)(1000 + i));
	sim_free(sim);
}

/*
 * Half a message is with the server when its connection gives way.  Where connections are picked
 * up in their middle, the other half must not come as the first request of one that nobody knows;
 * nor must an answer that is still on its way begin the stream anew.
 */
static void
who_gave_way_begins_anew(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", ANYBODY " pickup = \"resync\";",
	    "{ access = [\"read\"]; }, { functions = [\"write-single-register\"]; points = "
	    "[\"holding:40\"]; values = [\"0-100\"]; }");
	struct line half = line_open(sim, FLOOD, 999);

	assert_allowed(sim, line_send(sim, &half, DIRECTION_REQUEST, "0002 0000 0006 01 06 0028"));
	for (uint16_t i = 1; i < TABLE; i++)
		line_used(sim, FLOOD, (uint16_t)(1000 + i));
	line_used(sim, HMI, 1000);
	assert_int_equal(told(sim, REASON_FLOW_GAVE_WAY), 1);
	assert_denied(sim,
	    line_send(sim, &half, DIRECTION_REQUEST, "ffff 0000 0006 01 03 0000 0001"),
	    REASON_STREAM_MIDDLE);
	assert_denied(sim, syn(sim, FLOOD, 999), REASON_STREAM_REOPENED);
	sim->now_ns += 7 * (uint64_t)SECOND_NS;
	assert_denied(sim,
	    line_send(sim, &half, DIRECTION_REQUEST, "ffff 0000 0006 01 03 0000 0001"),
	    REASON_FLOW_DENIED);
	sim->now_ns += 3600 * (uint64_t)SECOND_NS;
	assert_denied(sim,
	    line_send(sim, &half, DIRECTION_REQUEST, "ffff 0000 0006 01 03 0000 0001"),
	    REASON_STREAM_MIDDLE);
	/* others of it are picked up, and this one may begin anew */
	become(sim, THIRD, 999);
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	line_used(sim, THIRD, 1000);
	sim_free(sim);
}

/* A new policy numbers channels anew, and a crash may leave anything in the books. */
static void
shares_add_up_whatever_happens(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", ANYBODY, READS);
	struct flow_table table;
	uint8_t *books;

	flow_table_attach(&table, sim->arena);
	srand(1);
	for (unsigned round = 0; round < 500; round++) {
		for (unsigned i = 0; i < 30; i++) {
			uint8_t host = (uint8_t)(HMI + rand() % 5);
			struct line line;

			become(sim, host, (uint16_t)(1000 + rand() % 40));
			if (syn(sim, host, sim->client_port) != VERDICT_ALLOW)
				continue;
			line = (struct line){host, sim->client_port, {8, 1}, 1};
			if (rand() % 3 > 0)
				sim_segment(
				    sim, DIRECTION_RESPONSE, 0, 8, TCP_SYN | TCP_ACK, NULL, 0);
			for (int n = rand() % 40; n > 0; n--)
				line_hoard(sim, &line);
			if (rand() % 4 == 0)
				sim_segment(sim, (enum direction)(rand() % 2), line.next[0],
				    line.next[1], TCP_RST | TCP_ACK, NULL, 0);
			sim->now_ns += (uint64_t)SECOND_NS / 4;
		}
		assert_adds_up(sim);
		if (round % 5 != 0)
			continue;
		books = (uint8_t *)&table.arena->share_books.top;
		for (int n = 0; n < 20; n++)
			books[(size_t)rand() % sizeof(struct share_books) / 2] = (uint8_t)rand();
		books = (uint8_t *)table.shares.shares;
		for (int n = 0; n < 200; n++)
			books[(size_t)rand() % (TABLE * sizeof(struct share))] = (uint8_t)rand();
		sim_restart(sim);
		engine_recover(sim->engine, sim->now_ns, sim->now_ns);
		assert_adds_up(sim);
		if (round % 50 == 0) {
			sim_reload(sim, "", ANYBODY, READS);
			assert_adds_up(sim);
		}
	}
	sim_free(sim);
}

/* ---- state ---- */

static void
stateful_connections_are_as_many_as_the_policy_says(void **state)
{
	struct sim *sim = sim_new_limited("flows = 5000;", "", DNP3, READS);

	for (uint16_t i = 0; i < 5000; i++) {
		struct line line = line_open(sim, HMI, (uint16_t)(1000 + i));

		assert_allowed(sim, line_send(sim, &line, DIRECTION_REQUEST, read_inputs));
	}
	sim_free(sim);
}

static void
hoard_of_state_gives_way(void **state)
{
	struct sim *sim =
	    sim_new_limited("flows = 64; held_bytes = 65536; states = 8;", "", DNP3, READS);
	struct line line;

	for (uint16_t i = 0; i < 8; i++) {
		line = line_open(sim, FLOOD, (uint16_t)(1000 + i));
		assert_allowed(sim, line_send(sim, &line, DIRECTION_REQUEST, read_inputs));
	}
	line = line_open(sim, FLOOD, 2000);
	assert_denied(
	    sim, line_send(sim, &line, DIRECTION_REQUEST, read_inputs), REASON_STATE_FULL);
	for (uint16_t i = 0; i < 4; i++) {
		line = line_open(sim, HMI, (uint16_t)(1000 + i));
		assert_allowed(sim, line_send(sim, &line, DIRECTION_REQUEST, read_inputs));
	}
	/* those that lost it are forgotten as a whole */
	assert_int_equal(counters(sim).by_reason[REASON_FLOW_GAVE_WAY], 4);
	assert_int_equal(counters(sim).flows, 9);
	sim_free(sim);
}

/* ---- held bytes ---- */

static void
hoard_of_held_bytes_gives_way(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", ANYBODY, READS);
	struct line hoarders[8], first, hmi;

	for (uint16_t i = 0; i < 8; i++) {
		hoarders[i] = line_open(sim, FLOOD, (uint16_t)(1000 + i));
		for (unsigned n = 0; n < 100; n++)
			line_hoard(sim, &hoarders[i]);
	}
	assert_true(counters(sim).by_reason[REASON_HELD_FULL] > 0);
	first = hoarders[0];
	hmi = line_open(sim, HMI, 1000);
	for (unsigned n = 0; n < 50; n++)
		assert_allowed(sim, line_hoard(sim, &hmi));
	/* the oldest gave way, and what it can't compare any more ends it */
	first.next[1] = first.acked;
	assert_denied(
	    sim, line_send(sim, &first, DIRECTION_RESPONSE, read_response), REASON_STREAM_STALE);
	sim->now_ns += 2 * (uint64_t)SECOND_NS;
	sim->event_count = 0;
	assert_denied(
	    sim, line_send(sim, &first, DIRECTION_RESPONSE, read_response), REASON_HELD_GAVE_WAY);
	assert_int_equal(sim->outcome.segment_count, 2);
	assert_int_equal(told(sim, REASON_HELD_GAVE_WAY), 1);
	sim_free(sim);
}

/* A message's worth of room is every connection's own. */
static void
each_connection_has_room_for_a_message(void **state)
{
	struct sim *sim = sim_new_limited(SMALL, "", ANYBODY, READS);

	for (uint16_t i = 0; i < 8; i++) {
		struct line line = line_open(sim, HMI, (uint16_t)(1000 + i));

		for (unsigned n = 0; n < 100; n++)
			line_hoard(sim, &line);
	}
	for (uint16_t i = 8; i < TABLE; i++) {
		struct line line = line_open(sim, HMI, (uint16_t)(1000 + i));

		assert_allowed(sim, line_hoard(sim, &line));
	}
	sim_free(sim);
}

/* ---- all at once ---- */

static void
flood_with_everything_full_costs_nobody_a_message(void **state)
{
	struct sim *sim =
	    sim_new_limited("flows = 64; held_bytes = 65536; states = 32;", "", DNP3, READS);
	struct line hmi[8], flood[TABLE];
	struct engine_counters c;

	for (uint16_t i = 0; i < 4; i++) {
		hmi[i] = line_open(sim, HMI, (uint16_t)(1000 + i));
		assert_allowed(sim, line_send(sim, &hmi[i], DIRECTION_REQUEST, read_inputs));
	}
	for (uint16_t i = 0; i < TABLE; i++) {
		if (syn(sim, FLOOD, (uint16_t)(2000 + i)) != VERDICT_ALLOW)
			continue;
		flood[i] = line_open(sim, FLOOD, (uint16_t)(2000 + i));
		for (unsigned n = 0; n < 200; n++)
			line_hoard_dnp3(sim, &flood[i]);
	}
	for (uint16_t i = 0; i < TABLE; i++)
		syn(sim, FLOOD, (uint16_t)(3000 + i));
	c = counters(sim);
	assert_int_equal(c.flows, TABLE);
	assert_true(c.by_reason[REASON_STATE_FULL] > 0);
	assert_true(c.by_reason[REASON_HELD_FULL] > 0);
	for (unsigned n = 0; n < 20; n++) {
		for (uint16_t i = 0; i < 4; i++)
			assert_allowed(
			    sim, line_send(sim, &hmi[i], DIRECTION_REQUEST, read_inputs));
		for (uint16_t i = 0; i < TABLE; i++)
			syn(sim, FLOOD, (uint16_t)(4000 + 100 * n + i));
	}
	for (uint16_t i = 4; i < 8; i++) {
		hmi[i] = line_open(sim, HMI, (uint16_t)(1000 + i));
		assert_allowed(sim, line_send(sim, &hmi[i], DIRECTION_REQUEST, read_inputs));
	}
	sim_free(sim);
}

/*
 * Twenty requests may wait on every connection; more on as many as there is room for, and on others
 * as soon as one of those needs it no more.
 */
static void
more_requests_than_its_own_are_for_few(void **state)
{
	enum { FEW = 64 };
	struct sim *sim = sim_new_limited("flows = 128; held_bytes = 65536;", "", ANYBODY, READS);
	struct line lines[FEW + 1], *last = &lines[FEW];

	for (uint16_t i = 0; i <= FEW; i++) {
		lines[i] = line_open(sim, FLOOD, (uint16_t)(2000 + i));
		for (unsigned asked = 0; asked < OUTSTANDING_OWN; asked++)
			assert_allowed(
			    sim, line_send(sim, &lines[i], DIRECTION_REQUEST, read_request));
		if (i < FEW)
			assert_allowed(
			    sim, line_send(sim, &lines[i], DIRECTION_REQUEST, read_request));
	}
	assert_denied(
	    sim, line_send(sim, last, DIRECTION_REQUEST, read_request), REASON_OUTSTANDING_FULL);
	assert_allowed(sim, line_send(sim, &lines[7], DIRECTION_RESPONSE, read_response));
	assert_allowed(sim, line_send(sim, last, DIRECTION_REQUEST, read_request));
	/* all are answered: none was lost to the other */
	for (unsigned asked = 0; asked < OUTSTANDING_OWN; asked++)
		assert_allowed(sim, line_send(sim, &lines[7], DIRECTION_RESPONSE, read_response));
	for (unsigned asked = 0; asked <= OUTSTANDING_OWN; asked++)
		assert_allowed(sim, line_send(sim, last, DIRECTION_RESPONSE, read_response));
	assert_int_equal(counters(sim).by_reason[REASON_RESPONSE_UNMATCHED], 0);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty_datagrams_take_nothing),
	    cmocka_unit_test(segments_of_nobody_take_nothing),
	    cmocka_unit_test(half_open_flood_costs_others_nothing),
	    cmocka_unit_test(half_open_flood_in_ones_own_name_gives_way),
	    cmocka_unit_test(hoard_of_living_connections_gives_way),
	    cmocka_unit_test(one_alone_may_use_everything),
	    cmocka_unit_test(network_of_ipv6_is_one_client),
	    cmocka_unit_test(channels_share_too),
	    cmocka_unit_test(who_gave_way_begins_anew),
	    cmocka_unit_test(shares_add_up_whatever_happens),
	    cmocka_unit_test(stateful_connections_are_as_many_as_the_policy_says),
	    cmocka_unit_test(hoard_of_state_gives_way),
	    cmocka_unit_test(hoard_of_held_bytes_gives_way),
	    cmocka_unit_test(more_requests_than_its_own_are_for_few),
	    cmocka_unit_test(each_connection_has_room_for_a_message),
	    cmocka_unit_test(flood_with_everything_full_costs_nobody_a_message),
	};

	return cmocka_run_group_tests_name("shares", tests, NULL, NULL);
}
