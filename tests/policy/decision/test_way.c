/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which way a packet goes: told by connection tracking or, in captures, found out.  Whatever comes
 * first, an inspected channel's packets are inspected, and who speaks first is not thought to ask.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dnp3_sim.h"

/* Plain traffic from the servers to port 123 of the clients, beside what is inspected. */
#define NTP_BACK(protocol)                                                                     \
	"{ access = [\"read\"]; }, { functions = [\"unsolicited-response\"]; } ); },\n"        \
	"{ name = \"back\"; clients = [\"plc\"]; servers = [\"hmi\"]; protocol = \"" protocol  \
	"\"; port = 123; },\n"                                                                 \
	"{ name = \"more\"; clients = [\"hmi\"]; servers = [\"plc\"]; protocol = \"s7comm\"; " \
	"rules: ( { access = [\"read\"]; }"

#define RULES "{ access = [\"read\"]; }, { functions = [\"unsolicited-response\"]; }"
#define UDP "protocol = \"dnp3\"; transport = \"udp\"; "

static const char unsolicited[] = "f3 82 8000";
static const char poll[] = "c0 01 3c 02 06";
static const char restart[] = "c1 0d";

/* A datagram with what connection tracking says of it. */
static enum verdict
tell_datagram(struct sim *sim, uint32_t channel, enum direction told, enum direction direction,
    const char *hex)
{
	struct wire w = message_to(direction, 10, hex);
	uint8_t packet[WIRE_MAX + 28];
	struct engine_packet in = {.data = packet,
	    .now_ns = sim->now_ns,
	    .told = true,
	    .channel = channel,
	    .direction = told};

	in.length = sim_datagram_packet(sim, direction, w.bytes, w.length, packet);
	engine_packet(sim->engine, &in, &sim->outcome);
	return sim->outcome.verdict;
}

static enum verdict
datagram(struct sim *sim, enum direction direction, const char *hex)
{
	struct wire w = message_to(direction, 10, hex);

	return send_datagram(sim, direction, &w);
}

/* The answer comes first, from a port that a plain channel has: nothing becomes plain. */
static void
answer_first_is_not_plain(void **state)
{
	struct sim *sim = sim_new("", UDP, NTP_BACK("udp"));

	sim->client_port = 123;
	assert_denied(sim, datagram(sim, RESPONSE, "c0 81 0000"), REASON_STREAM_MIDDLE);
	assert_denied(sim, datagram(sim, REQUEST, restart), REASON_FUNCTION_DENIED);
	assert_allowed(sim, datagram(sim, REQUEST, poll));
	sim_free(sim);
}

static void
answer_first_is_not_plain_tcp(void **state)
{
	static const uint8_t read[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1};
	struct sim *sim = sim_new("", "protocol = \"dnp3\";", NTP_BACK("tcp"));

	sim->client_port = 123;
	assert_denied(sim, sim_segment(sim, RESPONSE, 1000, 2000, TCP_ACK, read, sizeof(read)),
	    REASON_STREAM_MIDDLE);
	assert_int_equal(sim->outcome.channel->index, 0);
	sim_free(sim);
}

/* Who speaks first goes on where the channel or the mode says so; else it is told. */
static void
server_speaks_first(void **state)
{
	static const struct {
		const char *conduit;
		const char *channel;
		enum verdict verdict;
	} rows[] = {
	    {"", UDP, VERDICT_DENY},
	    {"", UDP "pickup = \"resync\";", VERDICT_ALLOW},
	    {"mode = \"monitor\";", UDP, VERDICT_ALLOW},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sim *sim = sim_new(rows[i].conduit, rows[i].channel, RULES);

		assert_int_equal(
		    tell_datagram(sim, 0, RESPONSE, RESPONSE, unsolicited), rows[i].verdict);
		if (rows[i].verdict == VERDICT_DENY)
			assert_int_equal(sim_reason(sim), REASON_STREAM_MIDDLE);
		/* and nothing that is forbidden goes the other way because of it */
		tell_datagram(sim, 0, REQUEST, REQUEST, restart);
		assert_int_equal(sim->events[sim->event_count - 1].reason, REASON_FUNCTION_DENIED);
		assert_int_equal(tell_datagram(sim, 0, REQUEST, REQUEST, poll), VERDICT_ALLOW);
		sim_free(sim);
	}
}

/* What is told is not put right by what is in the packet. */
static void
told_way_is_the_way(void **state)
{
	struct sim *sim = sim_new("", UDP, RULES);

	sim->client_port = 20000; /* as the server's: the ends could be either */
	assert_int_equal(tell_datagram(sim, 0, REQUEST, REQUEST, poll), VERDICT_ALLOW);
	assert_int_equal(tell_datagram(sim, 0, RESPONSE, REQUEST, poll), VERDICT_DENY);
	assert_int_equal(sim_reason(sim), REASON_NO_CHANNEL);
	sim_free(sim);
}

/* A channel that is told must be that of the packet's ends, and inspected. */
static void
told_channel_is_compared(void **state)
{
	struct sim *sim = sim_new("mode = \"monitor\";", UDP, RULES);
	static const uint32_t wrong[] = {1, 3, 1000000, TOLD_NO_CHANNEL};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
		    tell_datagram(sim, wrong[i], REQUEST, REQUEST, poll), VERDICT_DENY);
		assert_int_equal(sim_reason(sim), REASON_NO_CHANNEL);
	}
	assert_int_equal(tell_datagram(sim, TOLD_BY_ENDS, REQUEST, REQUEST, poll), VERDICT_ALLOW);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
		    tell_datagram(sim, wrong[i], REQUEST, REQUEST, poll), VERDICT_DENY);
	sim_free(sim);
}

/* A packet that was queued never ends as plain, not even where a plain channel has its ends. */
static void
told_is_never_plain(void **state)
{
	struct sim *sim = sim_new("mode = \"monitor\";", "", "{ access = [\"read\"]; }");
	uint8_t packet[64];
	struct engine_packet in = {.data = packet, .now_ns = sim->now_ns, .told = true};
	const uint32_t channels[] = {1, TOLD_BY_ENDS};

	in.length = sim_packet(sim, REQUEST, 1, 0, TCP_SYN, NULL, 0, packet);
	packet[23] = 80; /* the port of the plain channel, and what the checksum loses by it */
	packet[37] = (uint8_t)(packet[37] - (80 - (502 & 0xff)));
	packet[22] = 0;
	in.checksum_trusted = true;
	for (size_t i = 0; i < 2; i++) {
		in.channel = channels[i];
		engine_packet(sim->engine, &in, &sim->outcome);
		assert_int_equal(sim->outcome.verdict, VERDICT_DENY);
		assert_int_equal(sim->outcome.reason, REASON_NO_CHANNEL);
	}
	in.told = false;
	engine_packet(sim->engine, &in, &sim->outcome);
	assert_int_equal(sim->outcome.reason, REASON_PLAIN);
	sim_free(sim);
}

/* Both ends could be the client of an inspected channel: the middle tells nobody which is. */
static void
nobody_is_picked_up_in_doubt(void **state)
{
	static const char rules[] =
	    "{ access = [\"read\"]; } ); pickup = \"resync\"; },\n"
	    "{ name = \"back\"; clients = [\"plc\"]; servers = [\"hmi\"]; protocol = \"modbus\";\n"
	    "  pickup = \"resync\"; rules: ( { access = [\"any\"]; }";
	static const uint8_t read[] = {0, 3, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10};
	struct sim *sim = sim_new("", "", rules);

	assert_allowed(sim, sim_segment(sim, REQUEST, 1000, 2000, TCP_ACK, read, sizeof(read)));
	sim_reset(sim);
	sim->client_port = 502;
	for (int direction = 0; direction < 2; direction++) {
		assert_denied(sim,
		    sim_segment(
			sim, (enum direction)direction, 1000, 2000, TCP_ACK, read, sizeof(read)),
		    REASON_STREAM_MIDDLE);
		sim_reset(sim);
	}
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answer_first_is_not_plain),
	    cmocka_unit_test(answer_first_is_not_plain_tcp),
	    cmocka_unit_test(server_speaks_first),
	    cmocka_unit_test(told_way_is_the_way),
	    cmocka_unit_test(told_channel_is_compared),
	    cmocka_unit_test(told_is_never_plain),
	    cmocka_unit_test(nobody_is_picked_up_in_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
