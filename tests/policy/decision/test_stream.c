/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is never let through, whatever TCP does: one test a promise, in memory.
 *
 * The same attacks run over real sockets in tests/net; here every byte offset and every order is
 * cheap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim.h"

#define RULES                                                                                \
	"{ access = [\"read\"]; },"                                                          \
	"{ functions = [\"write-single-register\"]; points = [\"holding:40-42\"]; values = " \
	"[\"0-1500\"]; }"

static const char read_request[] = "0001 0000 0006 01 03 0000 000a";
static const char write_allowed[] = "0002 0000 0006 01 06 0028 05dc";
static const char write_forbidden[] = "0003 0000 0006 01 06 0032 0001";

enum { MESSAGE = 12 };

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

static struct sim *
opened(const char *conduit)
{
	struct sim *sim = sim_new(conduit, "", RULES);

	sim_open(sim);
	return sim;
}

static void
reads_and_permitted_writes_pass(void **state)
{
	struct sim *sim = opened("");

	assert_allowed(sim, sim_send(sim, REQUEST, read_request));
	assert_int_equal(sim_reason(sim), REASON_RULE);
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		"0001 0000 0017 01 03 14 "
		"0001 0002 0003 0004 0005 0006 0007 0008 0009 000a"));
	assert_int_equal(sim_reason(sim), REASON_RESPONSE);
	assert_allowed(sim, sim_send(sim, REQUEST, write_allowed));
	assert_allowed(sim, sim_send(sim, RESPONSE, write_allowed));
	sim_free(sim);
}

static void
write_outside_the_points_is_stopped(void **state)
{
	struct sim *sim = opened("");

	assert_denied(sim, sim_send(sim, REQUEST, write_forbidden), REASON_POINT_DENIED);
	sim_free(sim);
}

static void
value_outside_the_limits_is_stopped(void **state)
{
	struct sim *sim = opened("");

	assert_denied(
	    sim, sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028 05dd"), REASON_VALUE_DENIED);
	sim_free(sim);
}

static void
forbidden_write_split_after_every_byte_is_stopped(void **state)
{
	uint8_t bytes[MESSAGE];

	sim_hex(write_forbidden, bytes, sizeof(bytes));
	for (size_t cut = 1; cut < MESSAGE; cut++) {
		struct sim *sim = opened("");

		sim_send_bytes(sim, REQUEST, bytes, cut);
		sim_send_bytes(sim, REQUEST, &bytes[cut], MESSAGE - cut);
		assert_int_equal(sim->outcome.verdict, VERDICT_DENY);
		assert_true(sim_received(sim, REQUEST) < MESSAGE);
		sim_free(sim);
	}
}

static void
prefix_is_stopped_as_soon_as_it_shows_a_forbidden_point(void **state)
{
	struct sim *sim = opened("");

	assert_allowed(sim, sim_send(sim, REQUEST, "0003 0000 0006 01 06 00"));
	assert_denied(sim, sim_send(sim, REQUEST, "32"), REASON_POINT_DENIED);
	sim_free(sim);
}

static void
permitted_write_split_after_every_byte_passes(void **state)
{
	uint8_t bytes[MESSAGE];

	sim_hex(write_allowed, bytes, sizeof(bytes));
	for (size_t cut = 1; cut < MESSAGE; cut++) {
		struct sim *sim = opened("");

		assert_allowed(sim, sim_send_bytes(sim, REQUEST, bytes, cut));
		assert_int_equal(sim_reason(sim), REASON_PARTIAL);
		assert_allowed(sim, sim_send_bytes(sim, REQUEST, &bytes[cut], MESSAGE - cut));
		assert_int_equal(sim_reason(sim), REASON_RULE);
		sim_free(sim);
	}
}

static void
byte_by_byte_passes_and_the_forbidden_one_does_not(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[2 * MESSAGE];
	size_t n = 0;

	sim_hex(write_allowed, bytes, sizeof(bytes));
	sim_hex(write_forbidden, &bytes[MESSAGE], MESSAGE);
	while (n < sizeof(bytes) && sim_send_bytes(sim, REQUEST, &bytes[n], 1) == VERDICT_ALLOW)
		n++;
	assert_in_range(n, MESSAGE, 2 * MESSAGE - 1);
	sim_free(sim);
}

static void
header_alone_is_not_held_back(void **state)
{
	struct sim *sim = opened("");

	assert_allowed(sim, sim_send(sim, REQUEST, "0002 0000 0006 01"));
	assert_allowed(sim, sim_send(sim, REQUEST, "06 0028 05dc"));
	assert_int_equal(sim_received(sim, REQUEST), MESSAGE);
	sim_free(sim);
}

static void
pipelined_behind_an_allowed_read_is_stopped(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[2 * MESSAGE];

	sim_hex(read_request, bytes, MESSAGE);
	sim_hex(write_forbidden, &bytes[MESSAGE], MESSAGE);
	assert_denied(sim, sim_send_bytes(sim, REQUEST, bytes, sizeof(bytes)), REASON_POINT_DENIED);
	assert_int_equal(sim_received(sim, REQUEST), 0);
	sim_free(sim);
}

static void
behind_unknown_functions_is_stopped(void **state)
{
	static const char *const before[] = {"0001 0000 0002 01 00", "0001 0000 0002 01 86",
	    "0001 0000 0004 01 5a 0001", "0001 0000 0003 01 80 01"};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct sim *sim = opened("");
		char both[128];

		snprintf(both, sizeof(both), "%s %s", before[i], write_forbidden);
		assert_int_equal(sim_send(sim, REQUEST, both), VERDICT_DENY);
		assert_denied(sim, sim_send(sim, REQUEST, read_request), REASON_FLOW_DENIED);
		sim_free(sim);
	}
}

static void
denied_flow_stays_denied_and_so_does_its_retransmission(void **state)
{
	struct sim *sim = opened("on_deny = \"drop\";");

	assert_denied(sim, sim_send(sim, REQUEST, write_forbidden), REASON_POINT_DENIED);
	assert_int_equal(sim->outcome.segment_count, 0);
	assert_denied(sim, sim_send(sim, REQUEST, write_forbidden), REASON_FLOW_DENIED);
	assert_denied(sim, sim_send(sim, REQUEST, read_request), REASON_FLOW_DENIED);
	assert_int_equal(sim->event_count, 1);
	sim_free(sim);
}

static void
reset_reaches_both_ends_with_the_numbers_they_expect(void **state)
{
	struct sim *sim = opened("on_deny = \"reset\";");
	const struct segment *segment = sim->outcome.segments;
	bool to[2] = {false, false};

	assert_allowed(sim, sim_send(sim, REQUEST, read_request));
	assert_denied(sim, sim_send(sim, REQUEST, write_forbidden), REASON_POINT_DENIED);
	assert_int_equal(sim->outcome.segment_count, 2);
	for (size_t i = 0; i < 2; i++) {
		bool to_server = segment[i].destination_port == 502;

		to[to_server] = true;
		assert_true(segment[i].tcp_flags & TCP_RST);
		assert_int_equal(segment[i].sequence, sim->end[to_server ? 0 : 1].next);
	}
	assert_true(to[0] && to[1]);
	sim_free(sim);
}

static void
identical_retransmission_passes(void **state)
{
	struct sim *sim = opened("");
	uint32_t at = sim->end[0].next;
	uint8_t bytes[MESSAGE];

	sim_hex(write_allowed, bytes, sizeof(bytes));
	assert_allowed(sim, sim_send_bytes(sim, REQUEST, bytes, MESSAGE));
	for (uint32_t from = 0; from < MESSAGE; from++) {
		assert_allowed(sim,
		    sim_segment(sim, REQUEST, at + from, sim->end[1].next, TCP_ACK, &bytes[from],
			MESSAGE - from));
		assert_int_equal(sim_reason(sim), REASON_REPEATED);
	}
	sim_free(sim);
}

static void
changed_retransmission_ends_the_flow(void **state)
{
	for (uint32_t changed = 0; changed < MESSAGE; changed++) {
		struct sim *sim = opened("");
		uint8_t bytes[MESSAGE];

		sim_hex(write_allowed, bytes, sizeof(bytes));
		assert_allowed(sim, sim_send_bytes(sim, REQUEST, bytes, MESSAGE));
		bytes[changed] ^= 1;
		sim->end[0].next -= MESSAGE;
		assert_denied(
		    sim, sim_send_bytes(sim, REQUEST, bytes, MESSAGE), REASON_STREAM_CHANGED);
		assert_denied(
		    sim, sim_send_bytes(sim, REQUEST, bytes, MESSAGE), REASON_FLOW_DENIED);
		sim_free(sim);
	}
}

static void
overlap_that_changes_a_judged_prefix_is_stopped(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[MESSAGE];

	/* Ten bytes name a permitted register; the overlap names another one. */
	assert_allowed(sim, sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028"));
	sim_hex("0002 0000 0006 01 06 0032 0001", bytes, sizeof(bytes));
	sim->end[0].next -= 2;
	assert_denied(sim, sim_send_bytes(sim, REQUEST, &bytes[8], 4), REASON_STREAM_CHANGED);
	sim_free(sim);
}

static void
overlap_that_repeats_and_goes_on_passes(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[MESSAGE];

	sim_hex(write_allowed, bytes, sizeof(bytes));
	assert_allowed(sim, sim_send_bytes(sim, REQUEST, bytes, 10));
	sim->end[0].next -= 6;
	assert_allowed(sim, sim_send_bytes(sim, REQUEST, &bytes[4], 8));
	assert_int_equal(sim_reason(sim), REASON_RULE);
	sim_free(sim);
}

static void
out_of_order_segment_waits_with_its_sender(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[MESSAGE];
	uint32_t at = sim->end[0].next;

	sim_hex(write_forbidden, bytes, sizeof(bytes));
	assert_denied(sim,
	    sim_segment(sim, REQUEST, at + 8, sim->end[1].next, TCP_ACK, &bytes[8], 4),
	    REASON_STREAM_GAP);
	assert_allowed(sim, sim_segment(sim, REQUEST, at, sim->end[1].next, TCP_ACK, bytes, 8));
	assert_denied(sim,
	    sim_segment(sim, REQUEST, at + 8, sim->end[1].next, TCP_ACK, &bytes[8], 4),
	    REASON_POINT_DENIED);
	assert_int_equal(sim_received(sim, REQUEST), 8);
	sim_free(sim);
}

static void
acknowledged_bytes_need_no_comparison(void **state)
{
	struct sim *sim = opened("");
	uint32_t at = sim->end[0].next;
	uint8_t bytes[MESSAGE];

	assert_allowed(sim, sim_send(sim, REQUEST, write_allowed));
	assert_allowed(sim, sim_send(sim, RESPONSE, write_allowed));
	memset(bytes, 0xff, sizeof(bytes));
	/* The server has acknowledged these: it looks at none of them again. */
	assert_allowed(
	    sim, sim_segment(sim, REQUEST, at, sim->end[1].next, TCP_ACK, bytes, MESSAGE));
	assert_int_equal(sim_received(sim, REQUEST), MESSAGE);
	sim_free(sim);
}

static void
keepalive_with_a_made_up_byte_keeps_the_connection(void **state)
{
	struct sim *sim = opened("");
	uint8_t zero = 0x55;

	assert_allowed(sim, sim_send(sim, REQUEST, write_allowed));
	assert_denied(sim,
	    sim_segment(sim, REQUEST, sim->end[0].next - 1, sim->end[1].next, TCP_ACK, &zero, 1),
	    REASON_STREAM_KEEPALIVE);
	/* The probe goes on without its byte. */
	assert_int_equal(sim->outcome.segment_count, 1);
	assert_int_equal(sim->outcome.segments[0].sequence, sim->end[0].next - 1);
	assert_int_equal(sim->outcome.segments[0].tcp_flags, TCP_ACK);
	assert_int_equal(sim->outcome.segments[0].destination_port, 502);
	assert_allowed(sim, sim_send(sim, RESPONSE, write_allowed));
	assert_allowed(sim, sim_send(sim, REQUEST, read_request));
	sim_free(sim);
}

static void
urgent_data_ends_the_flow(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[MESSAGE];

	sim_hex(read_request, bytes, sizeof(bytes));
	assert_denied(sim,
	    sim_segment(sim, REQUEST, sim->end[0].next, sim->end[1].next, TCP_ACK | TCP_URG, bytes,
		MESSAGE),
	    REASON_STREAM_URGENT);
	assert_denied(sim, sim_send(sim, REQUEST, read_request), REASON_FLOW_DENIED);
	sim_free(sim);
}

static void
data_on_syn_ends_the_flow(void **state)
{
	struct sim *sim = sim_new("", "", RULES);
	uint8_t bytes[MESSAGE];

	sim_hex(read_request, bytes, sizeof(bytes));
	assert_denied(
	    sim, sim_segment(sim, REQUEST, 99, 0, TCP_SYN, bytes, MESSAGE), REASON_STREAM_SYN_DATA);
	assert_denied(
	    sim, sim_segment(sim, REQUEST, 100, 1, TCP_ACK, bytes, MESSAGE), REASON_FLOW_DENIED);
	sim_free(sim);
}

static void
data_before_the_server_has_answered_is_stopped(void **state)
{
	struct sim *sim = sim_new("", "", RULES);
	uint8_t bytes[MESSAGE];

	sim_hex(read_request, bytes, sizeof(bytes));
	assert_allowed(sim, sim_segment(sim, REQUEST, 99, 0, TCP_SYN, NULL, 0));
	assert_int_equal(sim_segment(sim, REQUEST, 100, 1, TCP_ACK, bytes, MESSAGE), VERDICT_DENY);
	sim_free(sim);
}

static void
syn_with_another_number_cannot_shift_the_messages(void **state)
{
	struct sim *sim = opened("");
	uint32_t next;

	/* Ten bytes of a write have arrived.  A SYN pretends that a new stream begins right here.
	 */
	assert_allowed(sim, sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028"));
	next = sim->end[0].next;
	assert_allowed(sim, sim_segment(sim, REQUEST, next - 1, 0, TCP_SYN, NULL, 0));
	/* The server answers with a mere acknowledgement.  ffff is no permitted value. */
	assert_denied(
	    sim, sim_send(sim, REQUEST, "ffff 0000 0006 01 03 0000 0001"), REASON_STREAM_REOPENED);
	sim->now_ns += UINT64_C(5000000000);
	assert_denied(
	    sim, sim_send(sim, REQUEST, "ffff 0000 0006 01 03 0000 0001"), REASON_STREAM_PAUSED);
	sim_free(sim);
}

static void
a_slow_line_may_be_given_more_time_for_the_rest(void **state)
{
	struct sim *sim = sim_new("", "pause = 10;", RULES);

	sim_open(sim);
	assert_allowed(sim, sim_send(sim, REQUEST, "0002 0000 0006 01 06"));
	sim->now_ns += UINT64_C(9900000000);
	assert_allowed(sim, sim_send(sim, REQUEST, "0028 0007"));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0002 0000 0006 01 06 0028 0007"));
	assert_allowed(sim, sim_send(sim, REQUEST, "0003 0000 0006 01 06"));
	sim->now_ns += UINT64_C(10000000000);
	assert_denied(sim, sim_send(sim, REQUEST, "0028 0007"), REASON_STREAM_PAUSED);
	sim_free(sim);
}

static void
new_connection_on_the_same_ports_works(void **state)
{
	struct sim *sim = opened("");

	assert_denied(sim, sim_send(sim, REQUEST, write_forbidden), REASON_POINT_DENIED);
	sim_open(sim);
	assert_allowed(sim, sim_send(sim, REQUEST, read_request));
	sim_free(sim);
}

static void
wrong_checksum_ends_the_flow(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[MESSAGE], packet[128];
	size_t size;

	sim_hex(read_request, bytes, sizeof(bytes));
	size = sim_packet(
	    sim, REQUEST, sim->end[0].next, sim->end[1].next, TCP_ACK, bytes, MESSAGE, packet);
	packet[size - 1] ^= 1;
	assert_denied(sim, sim_raw(sim, packet, size), REASON_PACKET_CHECKSUM);
	assert_denied(sim, sim_send(sim, REQUEST, read_request), REASON_FLOW_DENIED);
	sim_free(sim);
}

static void
a_stranger_far_outside_the_window_cannot_end_a_flow(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[MESSAGE], packet[128];
	size_t size;

	sim_hex(read_request, bytes, sizeof(bytes));
	size = sim_packet(sim, REQUEST, sim->end[0].next + 0x40000000, sim->end[1].next, TCP_ACK,
	    bytes, MESSAGE, packet);
	packet[size - 1] ^= 1;
	assert_denied(sim, sim_raw(sim, packet, size), REASON_STREAM_GAP);
	assert_allowed(sim, sim_send(sim, REQUEST, read_request));
	sim_free(sim);
}

static void
flags_without_meaning_are_stopped(void **state)
{
	static const uint8_t flags[] = {0, TCP_PSH, TCP_FIN, TCP_SYN | TCP_FIN, TCP_SYN | TCP_RST,
	    TCP_SYN | TCP_FIN | TCP_ACK, TCP_RST | TCP_FIN};
	struct sim *sim = opened("");

	for (size_t i = 0; i < sizeof(flags); i++)
		assert_denied(sim,
		    sim_segment(sim, REQUEST, sim->end[0].next, 0, flags[i], NULL, 0),
		    REASON_STREAM_FLAGS);
	assert_allowed(sim, sim_send(sim, REQUEST, read_request));
	sim_free(sim);
}

static void
reset_with_payload_is_stopped(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[MESSAGE];

	sim_hex(write_forbidden, bytes, sizeof(bytes));
	assert_denied(sim,
	    sim_segment(sim, REQUEST, sim->end[0].next, sim->end[1].next, TCP_RST, bytes, MESSAGE),
	    REASON_STREAM_FLAGS);
	sim_free(sim);
}

static void
inexact_reset_changes_nothing(void **state)
{
	struct sim *sim = opened("");

	assert_allowed(sim, sim_segment(sim, REQUEST, sim->end[0].next + 5, 0, TCP_RST, NULL, 0));
	assert_allowed(sim, sim_send(sim, REQUEST, read_request));
	assert_allowed(sim, sim_segment(sim, REQUEST, sim->end[0].next, 0, TCP_RST, NULL, 0));
	assert_denied(sim, sim_send(sim, REQUEST, read_request), REASON_STREAM_CLOSED);
	sim_free(sim);
}

static void
data_after_fin_is_stopped(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[MESSAGE];

	sim_hex(write_allowed, bytes, sizeof(bytes));
	assert_allowed(sim,
	    sim_segment(sim, REQUEST, sim->end[0].next, sim->end[1].next, TCP_ACK | TCP_FIN, bytes,
		MESSAGE));
	sim->end[0].next += MESSAGE;
	assert_denied(sim, sim_send(sim, REQUEST, read_request), REASON_STREAM_AFTER_FIN);
	assert_allowed(sim, sim_send(sim, RESPONSE, write_allowed));
	sim_free(sim);
}

/* A SYN with TCP options: those go where the payload would be, and the header says so. */
static enum verdict
send_syn_with_options(struct sim *sim, const uint8_t *options, size_t length)
{
	uint8_t packet[128];
	size_t size = sim_packet(sim, REQUEST, 100, 0, TCP_SYN, options, length, packet);
	uint8_t *tcp = &packet[size - 20 - length];
	uint32_t sum = (uint16_t) ~(tcp[16] << 8 | tcp[17]);

	tcp[12] = (uint8_t)(0x50 + (length / 4 << 4));
	sum += (uint32_t)(length / 4) << 12;
	sum = (sum & 0xffff) + (sum >> 16);
	tcp[16] = (uint8_t)(~sum >> 8);
	tcp[17] = (uint8_t)~sum;
	return sim_raw(sim, packet, size);
}

static void
multipath_is_refused_and_ordinary_options_are_not(void **state)
{
	static const uint8_t ordinary[] = {2, 4, 5, 0xb4, 4, 2, 1, 1, 1, 3, 3, 7};
	static const uint8_t multipath[] = {2, 4, 5, 0xb4, 1, 1, 30, 4, 1, 0, 1, 1};
	static const uint8_t lies[] = {2, 4, 5, 0xb4, 30, 0, 1, 1, 1, 1, 1, 1};
	struct sim *sim = sim_new("", "", RULES);

	assert_denied(
	    sim, send_syn_with_options(sim, multipath, sizeof(multipath)), REASON_STREAM_MULTIPATH);
	assert_denied(sim, send_syn_with_options(sim, lies, sizeof(lies)), REASON_PACKET_MALFORMED);
	assert_allowed(sim, send_syn_with_options(sim, ordinary, sizeof(ordinary)));
	sim_free(sim);
}

static void
middle_of_a_connection_is_reset(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	sim->end[0].next = 1000;
	sim->end[1].next = 2000;
	assert_denied(sim, sim_send(sim, REQUEST, read_request), REASON_STREAM_MIDDLE);
	assert_int_equal(sim->outcome.segment_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(sim->outcome.segments[i].sequence,
		    sim->outcome.segments[i].destination_port == 502 ? 1000 : 2000);
	sim_free(sim);
}

static void
resync_takes_up_at_a_read_and_trusts_after_its_response(void **state)
{
	struct sim *sim = sim_new("", "pickup = \"resync\";", RULES);

	sim->end[0].next = 1000;
	sim->end[1].next = 2000;
	assert_allowed(sim, sim_send(sim, REQUEST, "0001 0000 0006 01 03 0000 0001"));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0001 0000 0005 01 03 02 0007"));
	assert_allowed(sim, sim_send(sim, REQUEST, write_allowed));
	sim_free(sim);
}

/* The inspector was drowned for a moment: one request passed it by. */
static void
open_conduit_goes_on_after_what_passed_by(void **state)
{
	struct sim *sim = opened("when_down = \"open\";");

	sim->end[0].next += MESSAGE;
	assert_allowed(sim, sim_send(sim, RESPONSE, "0001 0000 0005 01 03 02 0007"));
	assert_allowed(sim, sim_send(sim, REQUEST, "0001 0000 0006 01 03 0000 0001"));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0001 0000 0005 01 03 02 0007"));
	assert_allowed(sim, sim_send(sim, REQUEST, write_allowed));
	assert_denied(sim, sim_send(sim, REQUEST, write_forbidden), REASON_POINT_DENIED);
	sim_free(sim);
}

/* A client says that it got something, to make the engine believe that a message begins here. */
static void
client_of_an_open_conduit_cannot_pretend_that_something_passed_by(void **state)
{
	struct sim *sim = opened("when_down = \"open\";");

	assert_allowed(sim, sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028"));
	sim->end[1].next += 9;
	assert_denied(
	    sim, sim_send(sim, REQUEST, "ffff 0000 0006 01 03 0000 0001"), REASON_VALUE_DENIED);
	sim_free(sim);
}

static void
resync_does_not_begin_with_a_write_or_a_fragment(void **state)
{
	static const char *const first[] = {"0002 0000 0006 01 06 0028 05dc",
	    "0001 0000 0006 01 03", "00", "0000 0006 01 03 0000 0001"};

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		struct sim *sim = sim_new("", "pickup = \"resync\";", RULES);

		sim->end[0].next = 1000;
		sim->end[1].next = 2000;
		assert_int_equal(sim_send(sim, REQUEST, first[i]), VERDICT_DENY);
		sim_free(sim);
	}
}

static void
resync_writes_only_after_a_response(void **state)
{
	struct sim *sim = sim_new("", "pickup = \"resync\";", RULES);

	sim->end[0].next = 1000;
	sim->end[1].next = 2000;
	assert_allowed(sim, sim_send(sim, REQUEST, "0001 0000 0006 01 03 0000 0001"));
	assert_denied(sim, sim_send(sim, REQUEST, write_allowed), REASON_STREAM_MIDDLE);
	sim_free(sim);
}

static void
monitor_lets_everything_pass_and_records_it(void **state)
{
	struct sim *sim = opened("mode = \"monitor\";");

	assert_allowed(sim, sim_send(sim, REQUEST, write_forbidden));
	assert_int_equal(sim->event_count, 1);
	assert_int_equal(sim->events[0].would_deny, 1);
	assert_int_equal(sim->events[0].reason, REASON_POINT_DENIED);
	assert_allowed(sim, sim_send(sim, RESPONSE, write_forbidden));
	assert_allowed(sim, sim_send(sim, REQUEST, "0001 0000 0001 01"));
	assert_allowed(sim, sim_send(sim, REQUEST, read_request));
	assert_int_equal(sim_reason(sim), REASON_RULE);
	/* A segment that was lost before it came here blinds nobody. */
	sim->end[0].next += 100;
	assert_allowed(sim, sim_send(sim, REQUEST, write_forbidden));
	assert_int_equal(sim_reason(sim), REASON_POINT_DENIED);
	sim_free(sim);
}

static void
response_that_contradicts_its_request_is_stopped(void **state)
{
	struct sim *sim = opened("");

	assert_allowed(sim, sim_send(sim, REQUEST, "0001 0000 0006 01 03 0000 0001"));
	/* two registers, not one */
	assert_denied(sim, sim_send(sim, RESPONSE, "0001 0000 0007 01 03 04 0007 0008"),
	    REASON_RESPONSE_MISMATCH);
	sim_free(sim);
}

static void
exception_answers_a_request_and_is_logged(void **state)
{
	struct sim *sim = opened("");

	assert_allowed(sim, sim_send(sim, REQUEST, "0001 0000 0006 01 03 0000 0001"));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0001 0000 0003 01 83 02"));
	assert_int_equal(sim->event_count, 1);
	assert_int_equal(sim->events[0].exception, 2);
	sim_free(sim);
}

static void
a_device_that_does_not_answer_does_not_block_the_client(void **state)
{
	struct sim *sim = sim_new("", "outstanding = 3;", RULES);

	sim_open(sim);
	for (int i = 0; i < 20; i++) {
		assert_allowed(sim, sim_send(sim, REQUEST, read_request));
		sim->now_ns += UINT64_C(5000000000);
	}
	sim_free(sim);
}

static void
ipv6_is_judged_alike(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	sim->ipv6 = true;
	sim_open(sim);
	assert_allowed(sim, sim_send(sim, REQUEST, read_request));
	assert_denied(sim, sim_send(sim, REQUEST, write_forbidden), REASON_POINT_DENIED);
	assert_int_equal(sim->outcome.segments[0].family, FAMILY_IPV6);
	sim_free(sim);
}

static void
fragments_and_cut_packets_are_stopped(void **state)
{
	struct sim *sim = opened("");
	uint8_t bytes[MESSAGE], packet[128], changed[128];
	size_t size;

	sim_hex(read_request, bytes, sizeof(bytes));
	size = sim_packet(
	    sim, REQUEST, sim->end[0].next, sim->end[1].next, TCP_ACK, bytes, MESSAGE, packet);
	memcpy(changed, packet, size);
	changed[6] = 0x20; /* more fragments */
	assert_denied(sim, sim_raw(sim, changed, size), REASON_PACKET_FRAGMENT);
	for (size_t length = 0; length < size; length++)
		assert_int_equal(sim_raw(sim, packet, length), VERDICT_DENY);
	assert_allowed(sim, sim_raw(sim, packet, size));
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_and_permitted_writes_pass),
	    cmocka_unit_test(write_outside_the_points_is_stopped),
	    cmocka_unit_test(value_outside_the_limits_is_stopped),
	    cmocka_unit_test(forbidden_write_split_after_every_byte_is_stopped),
	    cmocka_unit_test(prefix_is_stopped_as_soon_as_it_shows_a_forbidden_point),
	    cmocka_unit_test(permitted_write_split_after_every_byte_passes),
	    cmocka_unit_test(byte_by_byte_passes_and_the_forbidden_one_does_not),
	    cmocka_unit_test(header_alone_is_not_held_back),
	    cmocka_unit_test(pipelined_behind_an_allowed_read_is_stopped),
	    cmocka_unit_test(behind_unknown_functions_is_stopped),
	    cmocka_unit_test(denied_flow_stays_denied_and_so_does_its_retransmission),
	    cmocka_unit_test(reset_reaches_both_ends_with_the_numbers_they_expect),
	    cmocka_unit_test(identical_retransmission_passes),
	    cmocka_unit_test(changed_retransmission_ends_the_flow),
	    cmocka_unit_test(overlap_that_changes_a_judged_prefix_is_stopped),
	    cmocka_unit_test(overlap_that_repeats_and_goes_on_passes),
	    cmocka_unit_test(out_of_order_segment_waits_with_its_sender),
	    cmocka_unit_test(acknowledged_bytes_need_no_comparison),
	    cmocka_unit_test(keepalive_with_a_made_up_byte_keeps_the_connection),
	    cmocka_unit_test(urgent_data_ends_the_flow),
	    cmocka_unit_test(data_on_syn_ends_the_flow),
	    cmocka_unit_test(data_before_the_server_has_answered_is_stopped),
	    cmocka_unit_test(syn_with_another_number_cannot_shift_the_messages),
	    cmocka_unit_test(a_slow_line_may_be_given_more_time_for_the_rest),
	    cmocka_unit_test(new_connection_on_the_same_ports_works),
	    cmocka_unit_test(wrong_checksum_ends_the_flow),
	    cmocka_unit_test(a_stranger_far_outside_the_window_cannot_end_a_flow),
	    cmocka_unit_test(flags_without_meaning_are_stopped),
	    cmocka_unit_test(reset_with_payload_is_stopped),
	    cmocka_unit_test(inexact_reset_changes_nothing),
	    cmocka_unit_test(data_after_fin_is_stopped),
	    cmocka_unit_test(multipath_is_refused_and_ordinary_options_are_not),
	    cmocka_unit_test(middle_of_a_connection_is_reset),
	    cmocka_unit_test(resync_takes_up_at_a_read_and_trusts_after_its_response),
	    cmocka_unit_test(open_conduit_goes_on_after_what_passed_by),
	    cmocka_unit_test(client_of_an_open_conduit_cannot_pretend_that_something_passed_by),
	    cmocka_unit_test(resync_does_not_begin_with_a_write_or_a_fragment),
	    cmocka_unit_test(resync_writes_only_after_a_response),
	    cmocka_unit_test(monitor_lets_everything_pass_and_records_it),
	    cmocka_unit_test(response_that_contradicts_its_request_is_stopped),
	    cmocka_unit_test(exception_answers_a_request_and_is_logged),
	    cmocka_unit_test(a_device_that_does_not_answer_does_not_block_the_client),
	    cmocka_unit_test(ipv6_is_judged_alike),
	    cmocka_unit_test(fragments_and_cut_packets_are_stopped),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
