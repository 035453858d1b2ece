/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sim: an engine under test with both ends.  See sim.h. */
#include "inet_wire.h"
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct policy *
sim_policy(const char *limits, const char *conduit, const char *channel, const char *rules)
{
	static const char form[] =
	    "site: { name = \"sim\"; owner = \"tests\"; };\n"
	    "limits: { %s };\n"
	    "zones: {\n"
	    "  supervision: { class = \"control\"; sl_t = 2; interfaces = [\"eth0\"];\n"
	    "    networks = [\"10.10.0.0/24\", \"fd00:10::/64\", \"fd00:11::/64\"];\n"
	    "    assets: { hmi = \"10.10.0.5\"; hmi6 = \"fd00:10::5\"; }; };\n"
	    "  pumps: { class = \"control\"; sl_t = 2; interfaces = [\"eth1\"];\n"
	    "    networks = [\"10.20.0.0/24\", \"fd00:20::/64\"];\n"
	    "    assets: { plc = \"10.20.0.11\"; plc6 = \"fd00:20::11\"; }; };\n"
	    "};\n"
	    "conduits: { c: { from = \"supervision\"; to = \"pumps\"; rationale = \"test\"; %s\n"
	    "  channels: ( { name = \"m\"; %s servers = [\"plc\", \"plc6\"];\n"
	    "    %s %s rules: ( %s ); },\n"
	    "    { name = \"web\"; clients = [\"hmi\"]; servers = [\"plc\"]; protocol = \"tcp\"; "
	    "port = 80; },\n"
	    "    { name = \"ping\"; clients = [\"hmi\"]; servers = [\"pumps\"]; protocol = "
	    "\"icmp-echo\"; },\n"
	    "    { name = \"time\"; clients = [\"supervision\"]; servers = [\"pumps\"]; protocol = "
	    "\"udp\";\n"
	    "      port = 123; } ); }; };\n";
	struct diagnostics diagnostics;
	struct policy *policy = NULL;
	char *text;
	int error;

	assert_true(
	    asprintf(&text, form, limits, conduit,
		strstr(channel, "clients") ? "" : "clients = [\"hmi\", \"hmi6\"];",
		strstr(channel, "protocol") ? "" : "protocol = \"modbus\";", channel, rules) > 0);
	error = policy_load_text(text, "sim", &policy, &diagnostics);
	for (size_t i = 0; error && i < diagnostics.count; i++)
		print_error(
		    "%u: %s\n", diagnostics.items[i].where.line, diagnostics.items[i].message);
	assert_int_equal(error, 0);
	diagnostics_done(&diagnostics);
	free(text);
	return policy;
}

static void
sim_observe(void *context, const struct judgement *judgement)
{
	struct sim *sim = context;

	if (sim->event_count < SIM_EVENTS_MAX)
		sim->events[sim->event_count++] = *judgement->event;
}

static void
sim_attach(struct sim *sim)
{
	assert_int_equal(compiled_new(sim->policy, &sim->compiled), 0);
	sim->rates = calloc(sim->policy->rate_count + 1, sizeof(*sim->rates));
	assert_int_equal(engine_new(sim->arena, sim->compiled, sim->rates, &sim->engine), 0);
	engine_observe(sim->engine, OBSERVE_LOG, sim_observe, sim);
}

static struct engine_limits
sim_limits(const struct policy *policy)
{
	return (struct engine_limits){
	    policy->limits.flows, policy->limits.held_bytes, policy->limits.states};
}

void
sim_reset(struct sim *sim)
{
	struct engine_limits limits = sim_limits(sim->policy);

	engine_free(sim->engine);
	memset(sim->arena, 0, engine_arena_size(&limits));
	engine_arena_init(sim->arena, &limits, 0x5eed);
	memset(sim->rates, 0, sizeof(*sim->rates) * (sim->policy->rate_count + 1));
	assert_int_equal(engine_new(sim->arena, sim->compiled, sim->rates, &sim->engine), 0);
	engine_observe(sim->engine, OBSERVE_LOG, sim_observe, sim);
	sim->event_count = 0;
	sim->changed[0] = sim->changed[1] = false;
}

static void
sim_detach(struct sim *sim)
{
	engine_free(sim->engine);
	compiled_free(sim->compiled);
	free(sim->rates);
}

struct sim *
sim_new_limited(const char *limits, const char *conduit, const char *channel, const char *rules)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	struct engine_limits engine_limits;

	sim->policy = sim_policy(limits, conduit, channel, rules);
	engine_limits = sim_limits(sim->policy);
	sim->arena = calloc(1, engine_arena_size(&engine_limits));
	engine_arena_init(sim->arena, &engine_limits, 0x5eed);
	sim_attach(sim);
	sim->client_port = 40000;
	sim->now_ns = UINT64_C(1000000000000);
	return sim;
}

struct sim *
sim_new(const char *conduit, const char *channel, const char *rules)
{
	return sim_new_limited("flows = 64; held_bytes = 65536;", conduit, channel, rules);
}

static void
sim_keep_cut(void *context, const struct outcome *outcome)
{
	((struct sim *)context)->cut = *outcome;
}

size_t
sim_reload(struct sim *sim, const char *conduit, const char *channel, const char *rules)
{
	sim_detach(sim);
	policy_free(sim->policy);
	sim->policy = sim_policy("flows = 64; held_bytes = 65536;", conduit, channel, rules);
	sim_attach(sim);
	return engine_recheck(sim->engine, sim->now_ns, sim->now_ns, sim_keep_cut, sim);
}

void
sim_restart(struct sim *sim)
{
	sim_detach(sim);
	sim_attach(sim);
}

void
sim_free(struct sim *sim)
{
	sim_detach(sim);
	policy_free(sim->policy);
	free(sim->arena);
	free(sim);
}

size_t
sim_hex(const char *hex, uint8_t *buf, size_t size)
{
	size_t n = 0;
	unsigned byte;
	int used;

	while (sscanf(hex, " %2x%n", &byte, &used) == 1) {
		assert_true(n < size);
		buf[n++] = (uint8_t)byte;
		hex += used;
	}
	return n;
}

static uint16_t
server_port(const struct sim *sim)
{
	return sim->server_port ? sim->server_port : sim->policy->channels[0]->port_first;
}

static uint8_t
client_host(const struct sim *sim)
{
	return sim->client_host ? sim->client_host : 5;
}

static void
put_tcp(const struct sim *sim, enum direction direction, uint32_t sequence, uint32_t ack,
    uint8_t flags, const uint8_t *payload, size_t length, uint8_t *tcp)
{
	bool forward = direction == DIRECTION_REQUEST;

	memset(tcp, 0, 20);
	inet_put16(tcp, forward ? sim->client_port : server_port(sim));
	inet_put16(&tcp[2], forward ? server_port(sim) : sim->client_port);
	inet_put32(&tcp[4], sequence);
	inet_put32(&tcp[8], ack);
	tcp[12] = 0x50;
	tcp[13] = flags;
	inet_put16(&tcp[14], 8192);
	if (length > 0)
		memcpy(&tcp[20], payload, length);
}

size_t
sim_packet(const struct sim *sim, enum direction direction, uint32_t sequence, uint32_t ack,
    uint8_t flags, const uint8_t *payload, size_t length, uint8_t *buf)
{
	const uint8_t addresses[2][4] = {{10, 10, 0, client_host(sim)}, {10, 20, 0, 11}};
	const uint8_t addresses6[2][16] = {
	    {0xfd, 0, 0, (uint8_t)(0x10 + sim->client_net6), [15] = client_host(sim)},
	    {0xfd, 0, 0, 0x20, [15] = 0x11}};
	size_t tcp_length = 20 + length, header = sim->ipv6 ? 40 : 20;
	uint8_t *tcp = &buf[header];
	uint32_t sum = PROTOCOL_TCP + (uint32_t)tcp_length;

	memset(buf, 0, header);
	put_tcp(sim, direction, sequence, ack, flags, payload, length, tcp);
	if (sim->ipv6) {
		buf[0] = 0x60;
		inet_put16(&buf[4], (unsigned)tcp_length);
		buf[6] = PROTOCOL_TCP;
		buf[7] = 64;
		memcpy(&buf[8], addresses6[direction], 16);
		memcpy(&buf[24], addresses6[1 - direction], 16);
		sum = inet_sum(sum, &buf[8], 32);
	} else {
		buf[0] = 0x45;
		inet_put16(&buf[2], (unsigned)(header + tcp_length));
		buf[8] = 64;
		buf[9] = PROTOCOL_TCP;
		memcpy(&buf[12], addresses[direction], 4);
		memcpy(&buf[16], addresses[1 - direction], 4);
		inet_put16(&buf[10], (uint16_t)~inet_sum(0, buf, 20));
		sum = inet_sum(sum, &buf[12], 8);
	}
	inet_put16(&tcp[16], (uint16_t)~inet_sum(sum, tcp, tcp_length));
	return header + tcp_length;
}

/* What leaves in place of what came has right checksums. */
static void
check_left(const struct sim *sim, size_t length)
{
	enum reason reason = REASON_UNDECIDED;
	struct packet packet;

	assert_true(packet_parse(sim->left, length, &packet, &reason));
	assert_true(packet_checksum_ok(&packet));
}

enum verdict
sim_raw(struct sim *sim, const uint8_t *data, size_t length)
{
	/* An exactly sized copy, so that a sanitizer sees every read behind the end. */
	uint8_t *copy = malloc(length ? length : 1);
	struct engine_packet packet = {.data = copy,
	    .length = length,
	    .now_ns = sim->now_ns,
	    .unrecorded = sim->unrecorded,
	    .wall_ns = sim->now_ns};

	memcpy(copy, data, length);
	engine_packet(sim->engine, &packet, &sim->outcome);
	sim->left_length = sim->outcome.bytes ? sim->outcome.length : length;
	memcpy(sim->left, sim->outcome.bytes ? sim->outcome.bytes : copy, sim->left_length);
	if (sim->outcome.bytes)
		check_left(sim, sim->left_length);
	free(copy);
	return sim->outcome.verdict;
}

size_t
sim_datagram_packet(const struct sim *sim, enum direction direction, const uint8_t *data,
    size_t length, uint8_t *packet)
{
	const uint8_t addresses[2][4] = {{10, 10, 0, client_host(sim)}, {10, 20, 0, 11}};
	bool forward = direction == DIRECTION_REQUEST;
	uint8_t *udp = &packet[20];

	memset(packet, 0, 28);
	packet[0] = 0x45;
	inet_put16(&packet[2], (unsigned)(28 + length));
	packet[8] = 64;
	packet[9] = PROTOCOL_UDP;
	memcpy(&packet[12], addresses[direction], 4);
	memcpy(&packet[16], addresses[1 - direction], 4);
	inet_put16(&packet[10], (uint16_t)~inet_sum(0, packet, 20));
	inet_put16(udp, forward ? sim->client_port : server_port(sim));
	inet_put16(&udp[2], forward ? server_port(sim) : sim->client_port);
	inet_put16(&udp[4], (unsigned)(8 + length));
	if (length > 0)
		memcpy(&udp[8], data, length);
	inet_put16(&udp[6],
	    (uint16_t)~inet_sum(
		inet_sum(PROTOCOL_UDP + 8 + (uint32_t)length, &packet[12], 8), udp, 8 + length));
	return 28 + length;
}

enum verdict
sim_datagram(struct sim *sim, enum direction direction, const uint8_t *data, size_t length)
{
	static uint8_t packet[65600];

	return sim_raw(sim, packet, sim_datagram_packet(sim, direction, data, length, packet));
}

enum verdict
sim_segment(struct sim *sim, enum direction direction, uint32_t sequence, uint32_t ack,
    uint8_t flags, const uint8_t *payload, size_t length)
{
	static uint8_t buf[65600];
	struct sim_end *end = &sim->end[direction];
	size_t size = sim_packet(sim, direction, sequence, ack, flags, payload, length, buf);
	enum verdict verdict = sim_raw(sim, buf, size);

	if (length > 0) {
		payload = &sim->left[size - length];
		length -= size - sim->left_length;
	}
	for (size_t i = 0; verdict == VERDICT_ALLOW && i < length; i++) {
		uint32_t at = sequence - (end->isn + 1) + (uint32_t)i;

		/* A receiver keeps what it got first and never looks at what it does not expect. */
		if (at < SIM_STREAM_MAX && !end->got_map[at]) {
			end->got_map[at] = 1;
			end->got[at] = payload[i];
		} else if (at < SIM_STREAM_MAX && at >= end->acked && end->got[at] != payload[i]) {
			sim->changed[direction] = true;
		}
	}
	if (verdict == VERDICT_ALLOW && (flags & TCP_ACK) && !(flags & TCP_SYN)) {
		struct sim_end *other = &sim->end[1 - direction];
		uint32_t acked = ack - (other->isn + 1);

		if (acked <= sim_received(sim, 1 - direction) && acked > other->acked)
			other->acked = acked;
	}
	return verdict;
}

enum verdict
sim_send_bytes(struct sim *sim, enum direction direction, const uint8_t *data, size_t length)
{
	struct sim_end *end = &sim->end[direction];
	enum verdict verdict = sim_segment(sim, direction, end->next, sim->end[1 - direction].next,
	    TCP_ACK | TCP_PSH, data, length);

	if (verdict == VERDICT_ALLOW)
		end->next += (uint32_t)length;
	return verdict;
}

enum verdict
sim_send(struct sim *sim, enum direction direction, const char *hex)
{
	uint8_t data[4096];
	size_t length = sim_hex(hex, data, sizeof(data));

	return sim_send_bytes(sim, direction, data, length);
}

void
sim_open(struct sim *sim)
{
	for (int i = 0; i < 2; i++) {
		/* Near the wrap, so that every test crosses it. */
		sim->end[i].isn = i == 0 ? 0xfffffff0 : 0xffffff00;
		sim->end[i].next = sim->end[i].isn + 1;
		memset(sim->end[i].got_map, 0, sizeof(sim->end[i].got_map));
		sim->end[i].acked = 0;
	}
	assert_int_equal(sim_segment(sim, DIRECTION_REQUEST, sim->end[0].isn, 0, TCP_SYN, NULL, 0),
	    VERDICT_ALLOW);
	assert_int_equal(sim_segment(sim, DIRECTION_RESPONSE, sim->end[1].isn, sim->end[0].next,
			     TCP_SYN | TCP_ACK, NULL, 0),
	    VERDICT_ALLOW);
}

size_t
sim_received(const struct sim *sim, enum direction direction)
{
	size_t n = 0;

	while (n < SIM_STREAM_MAX && sim->end[direction].got_map[n])
		n++;
	return n;
}

enum reason
sim_reason(const struct sim *sim)
{
	return sim->outcome.reason;
}

void
assert_allowed(const struct sim *sim, enum verdict verdict)
{
	if (verdict != VERDICT_ALLOW)
		fail_msg("denied: %s", reason_word(sim_reason(sim)));
}

void
assert_denied(const struct sim *sim, enum verdict verdict, enum reason reason)
{
	assert_string_equal(reason_word(sim_reason(sim)), reason_word(reason));
	assert_int_equal(verdict, VERDICT_DENY);
}

struct sim *
sim_opened(const char *conduit, const char *channel, const char *rules)
{
	struct sim *sim = sim_new(conduit, channel, rules);

	sim_open(sim);
	return sim;
}

enum verdict
sim_client_at(struct sim *sim, uint32_t sequence, const char *hex)
{
	uint8_t bytes[256];
	size_t length = sim_hex(hex, bytes, sizeof(bytes));

	return sim_segment(
	    sim, DIRECTION_REQUEST, sequence, sim->end[1].next, TCP_ACK, bytes, length);
}

void
assert_reason(const struct sim *sim, enum reason reason)
{
	assert_string_equal(reason_word(sim_reason(sim)), reason_word(reason));
}
