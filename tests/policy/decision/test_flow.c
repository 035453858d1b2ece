/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits, reload, crash: the tables of the engine when they are full, when the policy changes, and
 * when the process that owned them died in the middle of a change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_arena.h"
#include "sim.h"

#define RULES                                                                            \
	"{ access = [\"read\"]; }, { functions = [\"write-single-register\"]; points = " \
	"[\"holding:40\"]; }"

#define MANY_FLOWS "flows = 20000; held_bytes = 65536; states = 64;"

static const char read_request[] = "0001 0000 0006 01 03 0000 0001";
static const char read_response[] = "0001 0000 0005 01 03 02 0007";
/* DNP3: g30v2 0-9 */
static const char read_inputs[] = "0564 0dc4 0a00 0100 75ba c0c0 011e 0200 0009 a8c4";
static const char write_request[] = "0002 0000 0006 01 06 0028 0001";

static struct engine_counters
counters(const struct sim *sim)
{
	struct engine_counters c;

	engine_counters(sim->arena, &c);
	return c;
}

static void
flow_table_is_full_at_its_limit_and_says_so(void **state)
{
	struct sim *sim = sim_new_limited("flows = 8; held_bytes = 65536;", "", "", RULES);

	for (uint16_t i = 0; i < 8; i++) {
		sim->client_port = (uint16_t)(40000 + i);
		sim_open(sim);
	}
	sim->client_port = 41000;
	assert_int_equal(sim_segment(sim, DIRECTION_REQUEST, 7, 0, TCP_SYN, NULL, 0), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_FLOW_TABLE_FULL);
	assert_int_equal(counters(sim).by_reason[REASON_FLOW_TABLE_FULL], 1);
	assert_int_equal(counters(sim).flows, 8);
	/* Those that are there live on. */
	sim->client_port = 40003;
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

static void
half_open_flows_make_room(void **state)
{
	struct sim *sim = sim_new_limited("flows = 8; held_bytes = 65536;", "", "", RULES);

	for (uint16_t i = 0; i < 1000; i++) {
		sim->client_port = (uint16_t)(20000 + i);
		assert_int_equal(
		    sim_segment(sim, DIRECTION_REQUEST, 7, 0, TCP_SYN, NULL, 0), VERDICT_ALLOW);
		sim->now_ns += UINT64_C(2000000000);
	}
	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

/* When the table is full, which connection may be forgotten after how many seconds? */
static void
only_what_is_over_makes_room(void **state)
{
	static const struct {
		bool answered;
		const char *request; /* NULL: none */
		uint8_t flags;       /* of a segment without payload behind it; 0: none */
		unsigned seconds;
	} rows[] = {
	    {false, NULL, 0, 2}, {true, NULL, 0, 60}, {true, read_request, 0, 86400},
	    {true, "0001 0000 0006 01 06 0032 0001", 0, 10},
	    {true, read_request, TCP_RST | TCP_ACK, 10},
	    {true, read_request, TCP_FIN | TCP_ACK, 3600}, /* half closed */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim *sim = sim_new_limited("flows = 1; held_bytes = 65536;", "", "", RULES);

		if (rows[i].answered)
			sim_open(sim);
		else
			sim_segment(sim, DIRECTION_REQUEST, 7, 0, TCP_SYN, NULL, 0);
		if (rows[i].request)
			sim_send(sim, DIRECTION_REQUEST, rows[i].request);
		if (rows[i].flags)
			sim_segment(sim, DIRECTION_REQUEST, sim->end[0].next, sim->end[1].next,
			    rows[i].flags, NULL, 0);
		sim->client_port++;
		sim->now_ns += rows[i].seconds * UINT64_C(1000000000) - 1;
		assert_int_equal(
		    sim_segment(sim, DIRECTION_REQUEST, 7, 0, TCP_SYN, NULL, 0), VERDICT_DENY);
		assert_int_equal(sim_reason(sim), REASON_FLOW_TABLE_FULL);
		sim->now_ns++;
		assert_int_equal(
		    sim_segment(sim, DIRECTION_REQUEST, 7, 0, TCP_SYN, NULL, 0), VERDICT_ALLOW);
		sim_free(sim);
	}
}

/*
 * A protocol that remembers things of a connection has room for fewer than the table has flows:
 * what is over makes room long before the table is full.
 */
static void
state_of_what_is_over_makes_room(void **state)
{
	static const struct {
		bool answered;
		uint8_t flags;
		enum direction side; /* who sends them */
	} rows[] = {
	    {false, 0, DIRECTION_REQUEST},
	    {true, TCP_RST | TCP_ACK, DIRECTION_REQUEST},
	    {true, TCP_RST | TCP_ACK, DIRECTION_RESPONSE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim *sim = sim_new_limited(
		    MANY_FLOWS, "", "protocol = \"dnp3\";", "{ access = [\"read\"]; }");

		for (uint16_t n = 0; n < 10000; n++) {
			const struct sim_end *from = &sim->end[rows[i].side];

			sim->client_port = (uint16_t)(20000 + n);
			sim->now_ns += UINT64_C(5000000);
			if (rows[i].answered)
				sim_open(sim);
			else
				assert_int_equal(
				    sim_segment(sim, DIRECTION_REQUEST, 7, 0, TCP_SYN, NULL, 0),
				    VERDICT_ALLOW);
			if (rows[i].flags)
				sim_segment(sim, rows[i].side, from->next,
				    sim->end[!rows[i].side].next, rows[i].flags, NULL, 0);
		}
		sim_free(sim);
	}
}

/* And what lives is not forgotten for it. */
static void
state_of_what_lives_is_kept(void **state)
{
	struct sim *sim =
	    sim_new_limited(MANY_FLOWS, "", "protocol = \"dnp3\";", "{ access = [\"read\"]; }");

	for (uint16_t n = 0; n < 64; n++) {
		sim->client_port = (uint16_t)(20000 + n);
		sim->now_ns += UINT64_C(5000000);
		sim_open(sim);
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_inputs));
	}
	/* The connection can begin, but not say anything yet. */
	sim->client_port = 30000;
	sim_open(sim);
	assert_denied(sim, sim_send(sim, DIRECTION_REQUEST, read_inputs), REASON_STATE_FULL);
	assert_int_equal(counters(sim).states, 64);
	assert_int_equal(counters(sim).flows, 65);
	/* It is not ended by that: when another has ended it goes on. */
	sim->client_port = 20000;
	sim_segment(sim, DIRECTION_RESPONSE, sim->end[1].next, sim->end[0].isn + 1 + 18,
	    TCP_RST | TCP_ACK, NULL, 0);
	sim->client_port = 30000;
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_inputs));
	assert_int_equal(counters(sim).states, 64);
	assert_int_equal(counters(sim).states_max, 64);
	sim_free(sim);
}

/* Nobody says that datagrams are over: what rests for three minutes makes room. */
static void
datagrams_make_room_when_they_rest(void **state)
{
	struct sim *sim = sim_new_limited("flows = 1; held_bytes = 65536;", "",
	    "protocol = \"dnp3\"; transport = \"udp\";", "{ access = [\"read\"]; }");
	uint8_t data[64];
	size_t length = sim_hex(read_inputs, data, sizeof(data));

	assert_int_equal(sim_datagram(sim, DIRECTION_REQUEST, data, length), VERDICT_ALLOW);
	sim->client_port++;
	sim->now_ns += UINT64_C(180000000000) - 1;
	assert_int_equal(sim_datagram(sim, DIRECTION_REQUEST, data, length), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_FLOW_TABLE_FULL);
	sim->now_ns++;
	assert_int_equal(sim_datagram(sim, DIRECTION_REQUEST, data, length), VERDICT_ALLOW);
	sim_free(sim);
}

static void
held_bytes_are_limited_and_given_back(void **state)
{
	/* of so many flows enough may have 64 requests */
	struct sim *sim =
	    sim_new_limited("flows = 4096; held_bytes = 65536;", "", "outstanding = 64;", RULES);
	enum verdict verdict = VERDICT_ALLOW;
	uint16_t i;

	for (i = 0; verdict == VERDICT_ALLOW && i < 512; i++) {
		sim->client_port = (uint16_t)(40000 + i);
		sim_open(sim);
		for (int n = 0; verdict == VERDICT_ALLOW && n < 64; n++)
			verdict = sim_send(sim, DIRECTION_REQUEST, read_request);
	}
	assert_int_equal(verdict, VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_HELD_FULL);
	/* The flow is not ended: when the others have got their acknowledgements it goes on. */
	for (uint16_t k = 0; k + 1 < i; k++) {
		sim->client_port = (uint16_t)(40000 + k);
		sim_segment(sim, DIRECTION_RESPONSE, sim->end[1].isn + 1,
		    sim->end[0].isn + 1 + 64 * 12, TCP_ACK | TCP_FIN, NULL, 0);
	}
	sim->client_port = (uint16_t)(40000 + i - 1);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

static void
idle_connections_hold_little(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	sim_open(sim);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
		assert_int_equal(sim_send(sim, DIRECTION_RESPONSE, read_response), VERDICT_ALLOW);
	}
	assert_in_range(counters(sim).held_chunks, 0, 2);
	assert_int_equal(counters(sim).messages, 2000);
	assert_int_equal(counters(sim).denied, 0);
	sim_free(sim);
}

static void
reload_keeps_what_stays_permitted(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "0002 0000 0006 01 06"), VERDICT_ALLOW);
	assert_int_equal(sim_reload(sim, "", "", "{ access = [\"read\"]; }"), 0);
	/* The rest of a message is judged by the new rules, and so is everything after. */
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "0028 0001"), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_FUNCTION_DENIED);
	sim_free(sim);
}

static void
reload_keeps_outstanding_requests(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	assert_int_equal(sim_reload(sim, "", "", RULES), 0);
	assert_int_equal(sim_send(sim, DIRECTION_RESPONSE, read_response), VERDICT_ALLOW);
	sim_free(sim);
}

static void
reload_cuts_what_is_forbidden_now(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	/* The same channel at another port: no channel names the connection any more. */
	assert_int_equal(sim_reload(sim, "", "port = 1502;", RULES), 1);
	assert_int_equal(sim->cut.segment_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(sim->cut.segments[i].sequence,
		    sim->end[sim->cut.segments[i].destination_port == 502 ? 0 : 1].next);
	assert_int_equal(sim->events[sim->event_count - 1].type, EVENT_CUT);
	assert_int_equal(counters(sim).flows, 0);
	sim_free(sim);
}

/* The same ends and port, but bytes of another protocol from now on: nothing of it fits together.
 */
static void
reload_cuts_what_is_inspected_in_another_way(void **state)
{
	static const struct {
		const char *before;
		const char *after;
	} rows[] = {
	    {"", "protocol = \"dnp3\"; port = 502;"},
	    {"protocol = \"dnp3\"; port = 502;", ""},
	    {"protocol = \"dnp3\"; port = 102;", "protocol = \"s7comm\";"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim *sim = sim_new("", rows[i].before, "{ access = [\"read\"]; }");

		sim_open(sim);
		assert_int_equal(
		    sim_reload(sim, "", rows[i].before, "{ access = [\"read\"]; }"), 0);
		assert_int_equal(sim_reload(sim, "", rows[i].after, "{ access = [\"read\"]; }"), 1);
		assert_int_equal(sim->cut.segment_count, 2);
		assert_int_equal(sim->events[sim->event_count - 1].type, EVENT_CUT);
		assert_int_equal(counters(sim).flows, 0);
		sim_free(sim);
	}
}

/* Flows that are cut leave nothing behind, however often. */
static void
reload_gives_back_what_the_flows_had(void **state)
{
	struct sim *sim = sim_new("", "protocol = \"dnp3\";", "{ access = [\"read\"]; }");

	for (unsigned round = 0; round < 300; round++) {
		for (uint16_t i = 0; i < 16; i++) {
			sim->client_port = (uint16_t)(40000 + 16 * (round % 64) + i);
			sim_open(sim);
			assert_int_equal(
			    sim_send(sim, DIRECTION_REQUEST, read_inputs), VERDICT_ALLOW);
		}
		assert_int_equal(sim_reload(sim, "", "", RULES), 16);
		assert_int_equal(counters(sim).flows, 0);
		assert_int_equal(counters(sim).held_chunks, 0);
		sim_reload(sim, "", "protocol = \"dnp3\";", "{ access = [\"read\"]; }");
	}
	sim_free(sim);
}

static void
crash_ends_only_the_flow_that_caused_it(void **state)
{
	struct sim *sim = sim_new("", "", RULES);
	struct flow_arena *arena = sim->arena;
	const uint8_t *bytes;
	size_t whole;

	sim_open(sim);
	sim->client_port = 40001;
	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	/* As if the process had died while it judged a packet of the second flow. */
	arena->inflight_length = 52;
	arena->inflight_flow = 2;
	assert_int_equal(engine_inflight(sim->arena, &bytes, &whole), 52);
	assert_int_equal(whole, 52);
	sim_restart(sim);
	assert_true(engine_recover(sim->engine, sim->now_ns, sim->now_ns));
	assert_int_equal(sim->events[sim->event_count - 1].type, EVENT_CRASH);
	assert_int_equal(sim->events[sim->event_count - 1].source_port, 40001);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_DENY);
	sim->client_port = 40000;
	sim->end[0].next = sim->end[0].isn + 1;
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	assert_false(engine_recover(sim->engine, sim->now_ns, sim->now_ns));
	sim_free(sim);
}

/* As if the process had died while it judged the last packet again. */
static enum family
sender_of_last(struct sim *sim, uint32_t flow, struct address *ret_sender)
{
	struct flow_arena *arena = sim->arena;

	arena->inflight_length = (uint32_t)(arena->inflight[2] << 8 | arena->inflight[3]);
	arena->inflight_flow = flow;
	return engine_inflight_sender(arena, ret_sender);
}

/* Nobody is blamed for a packet that others may have sent in his name. */
static void
crash_is_blamed_on_who_has_proved_his_address_only(void **state)
{
	struct sim *sim = sim_new("", "", RULES);
	struct flow_arena *arena = sim->arena;
	struct flow_table table;
	struct address sender = {{0}};
	struct flow_ends ends;
	struct flow *flow;

	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	flow_table_attach(&table, arena);
	flow = &table.flows[1];
	assert_int_equal(sender_of_last(sim, 1, &sender), FAMILY_IPV4);
	ends = flow_ends(&table, flow);
	assert_memory_equal(&sender, &ends.address[0], sizeof(sender));
	/* of no flow, and of one beyond the last */
	assert_int_equal(sender_of_last(sim, 0, &sender), FAMILY_NONE);
	assert_int_equal(sender_of_last(sim, arena->limits.flows + 1, &sender), FAMILY_NONE);
	/* far from where the stream is */
	arena->inflight[24] ^= 0x40;
	assert_int_equal(sender_of_last(sim, 1, &sender), FAMILY_NONE);
	arena->inflight[24] ^= 0x40;
	/* from another address, or another port, than those of the flow */
	arena->inflight[15] ^= 1;
	assert_int_equal(sender_of_last(sim, 1, &sender), FAMILY_NONE);
	arena->inflight[15] ^= 1;
	arena->inflight[21] ^= 1;
	assert_int_equal(sender_of_last(sim, 1, &sender), FAMILY_NONE);
	arena->inflight[21] ^= 1;
	/* before the server has answered, and where nothing has proved that it did */
	flow->state = FLOW_SYN;
	assert_int_equal(sender_of_last(sim, 1, &sender), FAMILY_NONE);
	flow->state = FLOW_OPEN;
	flow->unproven = 1;
	assert_int_equal(sender_of_last(sim, 1, &sender), FAMILY_NONE);
	flow->unproven = 0;
	/* a datagram proves nothing */
	flow->transport = PROTOCOL_UDP;
	assert_int_equal(sender_of_last(sim, 1, &sender), FAMILY_NONE);
	flow->transport = PROTOCOL_TCP;
	assert_int_equal(sender_of_last(sim, 1, &sender), FAMILY_IPV4);
	sim_free(sim);
}

/* A connection that lost its state in a crash can begin anew. */
static void
lost_state_is_made_again(void **state)
{
	struct sim *sim = sim_new("", "protocol = \"dnp3\";", "{ access = [\"read\"]; }");
	struct flow_table table;

	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_inputs), VERDICT_ALLOW);
	flow_table_attach(&table, sim->arena);
	table.flows[1].state_slot = 4000;
	sim_restart(sim);
	engine_recover(sim->engine, sim->now_ns, sim->now_ns);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_inputs), VERDICT_DENY);
	sim->now_ns += UINT64_C(100000000000);
	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_inputs), VERDICT_ALLOW);
	sim_free(sim);
}

/* Whatever a dying process left in the tables, its successor makes them consistent and lets nothing
 * through. */
static void
damaged_tables_are_repaired(void **state)
{
	srand(1);
	for (int round = 0; round < 2000; round++) {
		struct sim *sim = sim_new("", "", RULES);
		struct flow_arena *arena = sim->arena;
		struct flow_table table;
		uint8_t *victim;

		for (uint16_t i = 0; i < 6; i++) {
			sim->client_port = (uint16_t)(40000 + i);
			sim_open(sim);
			sim_send(sim, DIRECTION_REQUEST, read_request);
			sim_send(sim, DIRECTION_REQUEST, "0002 0000 0006 01 06");
		}
		flow_table_attach(&table, arena);
		victim = (uint8_t *)table.flows;
		for (int n = 0; n < 20; n++)
			victim[sizeof(struct flow) + (size_t)rand() % (6 * sizeof(struct flow))] =
			    (uint8_t)rand();
		victim = (uint8_t *)table.pool.chunks;
		for (int n = 0; n < 20; n++)
			victim[(size_t)rand() % (12 * sizeof(struct chunk))] = (uint8_t)rand();
		arena->free_flow = (uint32_t)rand() % 9;
		arena->chunk_books.free = (uint32_t)rand() % 20;
		sim_restart(sim);
		engine_recover(sim->engine, sim->now_ns, sim->now_ns);
		/* Time enough that a new connection can't be taken for the old one. */
		sim->now_ns += UINT64_C(100000000000);
		for (uint16_t i = 0; i < 6; i++) {
			sim->client_port = (uint16_t)(40000 + i);
			sim_open(sim);
			assert_int_equal(
			    sim_send(sim, DIRECTION_REQUEST, "0003 0000 0006 01 06 0032 0001"),
			    VERDICT_DENY);
		}
		sim_free(sim);
	}
}

static void
plain_channels_and_strangers(void **state)
{
	/* ICMP echo request, then its reply, then one to a stranger. */
	struct sim *sim = sim_new("", "", RULES);
	uint8_t ping[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, PROTOCOL_ICMP, 0, 0, 10, 10, 0, 5, 10,
	    20, 0, 11, 8, 0, 0, 0, 0, 9, 0, 1};
	uint8_t pong[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, PROTOCOL_ICMP, 0, 0, 10, 20, 0, 11, 10,
	    10, 0, 5, 0, 0, 0, 0, 0, 9, 0, 1};

	assert_int_equal(sim_raw(sim, pong, sizeof(pong)), VERDICT_DENY);
	assert_int_equal(sim_raw(sim, ping, sizeof(ping)), VERDICT_ALLOW);
	assert_int_equal(sim_raw(sim, pong, sizeof(pong)), VERDICT_ALLOW);
	ping[19] = 200;
	ping[18] = 1;
	assert_int_equal(sim_raw(sim, ping, sizeof(ping)), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_NO_CHANNEL);
	sim_free(sim);
}

static void
writes_are_logged_where_the_channel_says_so(void **state)
{
	struct sim *sim = sim_new("", "log = \"writes\";", RULES);

	sim_open(sim);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	assert_int_equal(sim->event_count, 0);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, write_request), VERDICT_ALLOW);
	assert_int_equal(sim->event_count, 1);
	assert_int_equal(sim->events[0].verdict, VERDICT_ALLOW);
	assert_int_equal(sim->events[0].rule, 1);
	assert_int_equal(sim->events[0].span_count, 1);
	assert_int_equal(sim->events[0].spans[0].first, 40);
	assert_true(sim->events[0].spans[0].values[0] == 1);
	sim_free(sim);
}

static void
same_ports_of_another_transport_are_another_flow(void **state)
{
	uint8_t datagram[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, PROTOCOL_UDP, 0, 0, 10, 10, 0, 5,
	    10, 20, 0, 11, 0, 0, 0, 123, 0, 8, 0, 0};
	uint8_t segment[40] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, PROTOCOL_TCP, 0, 0, 10, 10, 0, 5, 10,
	    20, 0, 11, 0, 0, 0, 123, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, TCP_ACK};

	/* Often enough that some of them share a place in the table. */
	for (unsigned port = 1; port < 256; port++) {
		struct sim *sim = sim_new("", "", RULES);

		datagram[21] = segment[21] = (uint8_t)port;
		assert_int_equal(sim_raw(sim, datagram, sizeof(datagram)), VERDICT_ALLOW);
		assert_int_equal(sim_raw(sim, segment, sizeof(segment)), VERDICT_DENY);
		assert_int_equal(sim_reason(sim), REASON_NO_CHANNEL);
		sim_free(sim);
	}
}

static void
chunks_in_a_circle_are_repaired(void **state)
{
	struct sim *sim = sim_new("", "", RULES);
	struct flow_table table;

	sim_open(sim);
	for (int i = 0; i < 12; i++)
		assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_ALLOW);
	flow_table_attach(&table, sim->arena);
	table.pool.chunks[table.flows[1].stream[0].tail].next = table.flows[1].stream[0].head;
	sim_restart(sim);
	engine_recover(sim->engine, sim->now_ns, sim->now_ns);
	assert_int_equal(sim_send(sim, DIRECTION_REQUEST, read_request), VERDICT_DENY);
	assert_int_equal(counters(sim).held_chunks, 0);
	sim_free(sim);
}

/* One connection that asks, is answered, and ends. */
static void
come_and_go(struct sim *sim, uint16_t port)
{
	sim->client_port = port;
	sim_open(sim);
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, read_response));
	for (int i = 0; i < 2; i++)
		assert_allowed(sim,
		    sim_segment(sim, (enum direction)i, sim->end[i].next, sim->end[!i].next,
			TCP_FIN | TCP_ACK, NULL, 0));
}

/*
 * A client that asks once and is quiet over the weekend, while others come and go until every place
 * of the table was used many times.
 */
static void
quiet_connection_outlives_those_that_come_and_go(void **state)
{
	static const unsigned steady[] = {0, 300}; /* others that stay as long */

	for (size_t n = 0; n < sizeof(steady) / sizeof(steady[0]); n++) {
		struct sim *sim =
		    sim_new_limited("flows = 1000; held_bytes = 65536;", "", "", RULES);
		struct sim_end quiet[2];

		for (unsigned i = 0; i < steady[n]; i++) {
			sim->client_port = (uint16_t)(50000 + i);
			sim_open(sim);
			assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
		}
		sim->client_port = 40000;
		sim_open(sim);
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
		assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, read_response));
		memcpy(quiet, sim->end, sizeof(quiet));
		for (unsigned i = 0; i < 4000; i++) {
			come_and_go(sim, (uint16_t)(10000 + i));
			sim->now_ns += UINT64_C(70000000000);
		}
		memcpy(sim->end, quiet, sizeof(quiet));
		sim->client_port = 40000;
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
		assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, read_response));
		sim_free(sim);
	}
}

/* Who has been quiet for longest goes first. */
static void
longest_quiet_connection_makes_room(void **state)
{
	struct sim *sim = sim_new_limited("flows = 8; held_bytes = 65536;", "", "", RULES);
	struct sim_end ends[8][2];

	for (uint16_t i = 0; i < 8; i++) {
		sim->client_port = (uint16_t)(40000 + i);
		sim_open(sim);
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
		memcpy(ends[i], sim->end, sizeof(ends[i]));
	}
	/* all but the fourth say something an hour later */
	sim->now_ns += UINT64_C(3600000000000);
	for (uint16_t i = 0; i < 8; i++) {
		if (i == 3)
			continue;
		memcpy(sim->end, ends[i], sizeof(ends[i]));
		sim->client_port = (uint16_t)(40000 + i);
		assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, read_response));
		memcpy(ends[i], sim->end, sizeof(ends[i]));
	}
	sim->now_ns += UINT64_C(90000000000000);
	sim->client_port = 50000;
	sim_open(sim);
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	for (uint16_t i = 0; i < 8; i++) {
		if (i == 3)
			continue;
		memcpy(sim->end, ends[i], sizeof(ends[i]));
		sim->client_port = (uint16_t)(40000 + i);
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	}
	sim_free(sim);
}

/*
 * Half a message is with the server when its connection is refused, or said to be over by segments
 * that the server did not get.  Where connections are picked up in their middle, the other half
 * must not come as the first request of one that nobody knows.
 */
static void
ended_connection_is_not_picked_up_because_others_came(void **state)
{
	static const struct {
		const char *rest;
		uint8_t flags;
	} rows[] = {{"ffff", TCP_ACK}, {NULL, TCP_RST | TCP_ACK}, {NULL, TCP_FIN | TCP_ACK}};

	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct sim *sim = sim_new_limited("flows = 8; held_bytes = 65536;",
		    "on_deny = \"drop\";", "pickup = \"resync\";",
		    "{ access = [\"read\"]; }, { functions = [\"write-single-register\"]; points = "
		    "[\"holding:40\"]; values = [\"0-100\"]; }");
		struct sim_end attacker[2];

		sim_open(sim);
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, "0002 0000 0006 01 06 0028"));
		memcpy(attacker, sim->end, sizeof(attacker));
		if (rows[n].rest)
			assert_denied(sim, sim_send(sim, DIRECTION_REQUEST, rows[n].rest),
			    REASON_VALUE_DENIED);
		else
			assert_allowed(sim,
			    sim_segment(sim, DIRECTION_REQUEST, sim->end[0].next, sim->end[1].next,
				rows[n].flags, NULL, 0));
		sim->now_ns += UINT64_C(7200000000000);
		for (unsigned i = 0; i < 100; i++) {
			come_and_go(sim, (uint16_t)(10000 + i));
			sim->now_ns += UINT64_C(11000000000);
		}
		memcpy(sim->end, attacker, sizeof(attacker));
		sim->client_port = 40000;
		assert_int_equal(sim_send(sim, DIRECTION_REQUEST, "ffff 0000 0006 01 03 0000 0001"),
		    VERDICT_DENY);
		sim_free(sim);
	}
}

/* A policy that lets fewer requests wait: those that got no answer do not block it for good. */
static void
reload_with_fewer_outstanding_requests_goes_on(void **state)
{
	struct sim *sim = sim_new("", "outstanding = 8;", RULES);

	sim_open(sim);
	for (int i = 0; i < 8; i++)
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	assert_int_equal(sim_reload(sim, "", "outstanding = 2;", RULES), 0);
	assert_int_equal(counters(sim).flows, 1);
	sim->now_ns += UINT64_C(2000000000);
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_request));
	assert_allowed(sim, sim_send(sim, DIRECTION_RESPONSE, read_response));
	sim_free(sim);
}

/* Monitor mode takes up a connection whose state was lost when nobody can give it new one. */
static void
lost_state_that_nobody_can_give_again(void **state)
{
	struct sim *sim = sim_new_limited(
	    MANY_FLOWS, "mode = \"monitor\";", "protocol = \"dnp3\";", "{ access = [\"read\"]; }");
	struct flow_table table;

	for (uint16_t n = 0; n < 64; n++) {
		sim->client_port = (uint16_t)(20000 + n);
		sim_open(sim);
		assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_inputs));
	}
	flow_table_attach(&table, sim->arena);
	table.flows[64].state_slot = table.flows[1].state_slot;
	sim_restart(sim);
	engine_recover(sim->engine, sim->now_ns, sim->now_ns);
	sim->client_port = 30000;
	sim_open(sim);
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_inputs));
	sim->client_port = 20000 + 63;
	assert_allowed(sim, sim_send(sim, DIRECTION_REQUEST, read_inputs));
	assert_int_equal(counters(sim).by_reason[REASON_STATE_FULL], 1);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flow_table_is_full_at_its_limit_and_says_so),
	    cmocka_unit_test(half_open_flows_make_room),
	    cmocka_unit_test(only_what_is_over_makes_room),
	    cmocka_unit_test(state_of_what_is_over_makes_room),
	    cmocka_unit_test(state_of_what_lives_is_kept),
	    cmocka_unit_test(datagrams_make_room_when_they_rest),
	    cmocka_unit_test(held_bytes_are_limited_and_given_back),
	    cmocka_unit_test(idle_connections_hold_little),
	    cmocka_unit_test(reload_keeps_what_stays_permitted),
	    cmocka_unit_test(reload_keeps_outstanding_requests),
	    cmocka_unit_test(reload_cuts_what_is_forbidden_now),
	    cmocka_unit_test(reload_cuts_what_is_inspected_in_another_way),
	    cmocka_unit_test(reload_gives_back_what_the_flows_had),
	    cmocka_unit_test(crash_ends_only_the_flow_that_caused_it),
	    cmocka_unit_test(crash_is_blamed_on_who_has_proved_his_address_only),
	    cmocka_unit_test(lost_state_is_made_again),
	    cmocka_unit_test(damaged_tables_are_repaired),
	    cmocka_unit_test(same_ports_of_another_transport_are_another_flow),
	    cmocka_unit_test(chunks_in_a_circle_are_repaired),
	    cmocka_unit_test(plain_channels_and_strangers),
	    cmocka_unit_test(writes_are_logged_where_the_channel_says_so),
	    cmocka_unit_test(quiet_connection_outlives_those_that_come_and_go),
	    cmocka_unit_test(longest_quiet_connection_makes_room),
	    cmocka_unit_test(ended_connection_is_not_picked_up_because_others_came),
	    cmocka_unit_test(reload_with_fewer_outstanding_requests_goes_on),
	    cmocka_unit_test(lost_state_that_nobody_can_give_again),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
