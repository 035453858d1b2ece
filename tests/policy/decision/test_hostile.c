/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks that need more than bytes: numbers that repeat, connections that begin twice, segments
 * without payload, modes that change.  Each was possible once.
 *
 * The judge is always the same: what would a server that follows RFC 9293 have got?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim.h"

#define RULES                                                                                \
	"{ access = [\"read\"]; },"                                                          \
	"{ functions = [\"write-single-register\"]; points = [\"holding:40-42\"]; values = " \
	"[\"0-1500\"]; }"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

enum { MESSAGE = 12 };

static const char read_request[] = "0001 0000 0006 01 03 0000 000a";
static const char write_allowed[] = "0002 0000 0006 01 06 0028 05dc";
static const char write_forbidden[] = "0003 0000 0006 01 06 0032 0001";
static const char write_head[] = "0002 0000 0006 01 06";
/* A permitted read; its last four bytes are register 50 and value 1 to who waits for them. */
static const char read_of_50[] = "0002 0000 0006 01 03 0032 0001";

static const uint64_t second = UINT64_C(1000000000);

static enum verdict
client_bare(struct sim *sim, uint32_t sequence, uint8_t flags)
{
	uint32_t ack = flags & TCP_ACK ? sim->end[1].next : 0;

	return sim_segment(sim, REQUEST, sequence, ack, flags, NULL, 0);
}

static enum verdict
server_syn_ack(struct sim *sim, uint32_t sequence, uint32_t ack)
{
	return sim_segment(sim, RESPONSE, sequence, ack, TCP_SYN | TCP_ACK, NULL, 0);
}

/* The client repeats its SYN and goes on at once; the server's second answer comes behind. */
static void
late_syn_ack_does_not_rewind_the_stream(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t first = sim->end[0].isn + 1;

	client_bare(sim, sim->end[0].isn, TCP_SYN);
	assert_int_equal(sim_client_at(sim, first, write_head), VERDICT_ALLOW);
	server_syn_ack(sim, sim->end[1].isn, first);
	/* The server has eight bytes and takes the last four of these. */
	assert_int_equal(sim_client_at(sim, first, read_of_50), VERDICT_DENY);
	sim_free(sim);
}

/* The same with a server whose cookies give its second answer another number. */
static void
late_syn_ack_with_another_number_does_not_rewind_the_stream(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t first = sim->end[0].isn + 1;

	client_bare(sim, sim->end[0].isn, TCP_SYN);
	assert_int_equal(sim_client_at(sim, first, write_head), VERDICT_ALLOW);
	server_syn_ack(sim, sim->end[1].isn + 12345, first);
	assert_int_equal(sim_client_at(sim, first, read_of_50), VERDICT_DENY);
	sim_free(sim);
}

static void
late_syn_ack_does_not_stop_a_connection(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	/* A slow server: the client has repeated its SYN, the server answers both. */
	assert_int_equal(client_bare(sim, sim->end[0].isn, TCP_SYN), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	assert_int_equal(server_syn_ack(sim, sim->end[1].isn, sim->end[0].isn + 1), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

/* RST with a number that only the inspector expects: a segment before it never reached the server.
 */
static void
reset_that_the_server_does_not_obey_does_not_rewind_the_stream(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t first = sim->end[0].isn + 1;

	client_bare(sim, sim->end[0].isn, TCP_SYN);
	assert_int_equal(sim_client_at(sim, first, write_head), VERDICT_ALLOW);
	assert_int_equal(sim_client_at(sim, first + 8, "00"), VERDICT_ALLOW);
	client_bare(sim, first + 9, TCP_RST);
	client_bare(sim, sim->end[0].isn, TCP_SYN);
	server_syn_ack(sim, sim->end[1].isn, first);
	assert_int_equal(sim_client_at(sim, first, read_of_50), VERDICT_DENY);
	sim_free(sim);
}

static void
reset_that_the_server_does_not_obey_is_no_middle_to_take_up(void **state)
{
	struct sim *sim = sim_opened("", "pickup = \"resync\";", RULES);
	uint32_t first = sim->end[0].isn + 1;

	assert_int_equal(sim_client_at(sim, first, write_head), VERDICT_ALLOW);
	assert_int_equal(sim_client_at(sim, first + 8, "00"), VERDICT_ALLOW);
	client_bare(sim, first + 9, TCP_RST);
	/* Register 50, value 0, to a server that waits for them. */
	assert_int_equal(
	    sim_client_at(sim, first + 8, "0032 0000 0006 01 03 0000 0001"), VERDICT_DENY);
	sim_free(sim);
}

/*
 * The server has lost the connection, the inspector has not, and half a write lies here.  A SYN
 * begins a new connection just where the old one stands, another SYN hides it.
 */
static void
hidden_syn_cannot_shift_the_messages(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t next;

	assert_int_equal(sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028"), VERDICT_ALLOW);
	next = sim->end[0].next;
	client_bare(sim, next - 1, TCP_SYN);
	client_bare(sim, next + 0x40000000, TCP_SYN);
	server_syn_ack(sim, 5000, next);
	/* Here the rest of a permitted write, there the beginning of something else. */
	assert_int_equal(sim_client_at(sim, next, "0001"), VERDICT_DENY);
	sim_free(sim);
}

/* The same, with a server whose numbers can be guessed: the client does not wait for its answer. */
static void
impatient_client_cannot_shift_the_messages(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t next;

	assert_int_equal(sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028"), VERDICT_ALLOW);
	next = sim->end[0].next;
	client_bare(sim, next - 1, TCP_SYN);
	assert_int_equal(sim_client_at(sim, next, "0001"), VERDICT_DENY);
	client_bare(sim, next + 0x40000000, TCP_SYN);
	assert_int_equal(sim_client_at(sim, next, "0001"), VERDICT_DENY);
	server_syn_ack(sim, 5000, next);
	sim->now_ns += 60 * second;
	assert_int_equal(sim_client_at(sim, next, "0001"), VERDICT_DENY);
	sim_free(sim);
}

/* A server that always begins with the same number, and a client that asks for a second beginning.
 */
static void
second_beginning_with_the_same_numbers_repeats_nothing_else(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t first = sim->end[0].isn + 1;

	assert_int_equal(sim_send(sim, REQUEST, write_allowed), VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, RESPONSE, write_allowed), VERDICT_ALLOW);
	client_bare(sim, sim->end[0].isn, TCP_SYN);
	server_syn_ack(sim, sim->end[1].isn, first);
	/* The bytes were acknowledged, but to another connection. */
	assert_int_equal(sim_client_at(sim, first, write_forbidden), VERDICT_DENY);
	sim_free(sim);
}

/* Both ends came back with numbers like those that they had. */
static void
new_connection_with_close_numbers_works_after_a_while(void **state)
{
	for (uint32_t shift = 0; shift < 40; shift += 13) {
		struct sim *sim = sim_opened("", "", RULES);
		uint32_t isn = sim->end[0].isn + shift;

		assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
		assert_int_equal(client_bare(sim, isn, TCP_SYN), VERDICT_ALLOW);
		server_syn_ack(sim, 7000, isn + 1);
		for (int i = 0; i < 3; i++) {
			sim->now_ns += 2 * second;
			assert_int_equal(client_bare(sim, isn, TCP_SYN), VERDICT_ALLOW);
			server_syn_ack(sim, 7000, isn + 1);
		}
		assert_int_equal(sim->outcome.verdict, VERDICT_ALLOW);
		sim->end[1].next = 7001;
		assert_int_equal(sim_client_at(sim, isn + 1, read_request), VERDICT_ALLOW);
		sim_free(sim);
	}
}

static void
syn_of_a_stranger_does_not_stop_a_connection(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	assert_int_equal(sim_send(sim, REQUEST, write_head), VERDICT_ALLOW);
	for (uint32_t i = 1; i < 100; i++)
		client_bare(sim, sim->end[0].next + i * 0x2000000, TCP_SYN);
	assert_int_equal(sim_send(sim, REQUEST, "0028 0001"), VERDICT_ALLOW);
	sim_free(sim);
}

static void
syn_with_data_of_a_stranger_does_not_stop_a_connection(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint8_t bytes[MESSAGE] = {0};

	assert_int_equal(sim_segment(sim, REQUEST, sim->end[0].next + 0x40000000, 0, TCP_SYN, bytes,
			     sizeof(bytes)),
	    VERDICT_DENY);
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

/* A receiver skips the byte that an urgent pointer names, even if the pointer came without payload.
 */
static void
urgent_pointer_without_payload_is_stopped(void **state)
{
	static const uint8_t flags[] = {
	    TCP_ACK | TCP_URG, TCP_ACK | TCP_FIN | TCP_URG, TCP_SYN | TCP_URG, TCP_RST | TCP_URG};
	struct sim *sim = sim_opened("", "", RULES);

	for (size_t i = 0; i < sizeof(flags); i++) {
		assert_int_equal(client_bare(sim, sim->end[0].next, flags[i]), VERDICT_DENY);
		assert_reason(sim, REASON_STREAM_URGENT);
	}
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	sim_free(sim);
	sim = sim_new("", "", RULES);
	assert_int_equal(client_bare(sim, 99, TCP_ACK | TCP_URG), VERDICT_DENY);
	assert_int_equal(client_bare(sim, 99, TCP_SYN | TCP_URG), VERDICT_DENY);
	sim_free(sim);
}

/* A reset that its receiver throws away must not be believed here. */
static void
bare_segment_with_a_wrong_checksum_changes_nothing(void **state)
{
	static const uint8_t flags[] = {TCP_RST, TCP_ACK | TCP_FIN, TCP_SYN};
	struct sim *sim = sim_opened("", "", RULES);

	for (size_t i = 0; i < sizeof(flags); i++) {
		uint8_t packet[128];
		size_t size = sim_packet(
		    sim, REQUEST, sim->end[0].next, sim->end[1].next, flags[i], NULL, 0, packet);

		packet[size - 4] ^= 1; /* of the checksum */
		assert_int_equal(sim_raw(sim, packet, size), VERDICT_DENY);
		assert_reason(sim, REASON_PACKET_CHECKSUM);
	}
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

static void
impatient_client_cannot_shift_the_messages_forward(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t next = sim->end[0].next;

	/* A server that begins three bytes further on would skip them. */
	assert_int_equal(sim_client_at(sim, next, read_request), VERDICT_ALLOW);
	client_bare(sim, next + MESSAGE + 2, TCP_SYN);
	assert_int_equal(sim_client_at(sim, next + MESSAGE, write_allowed), VERDICT_DENY);
	assert_reason(sim, REASON_STREAM_REOPENED);
	sim_free(sim);
}

/* The same SYN again, when the inspector has long given up waiting for an answer to the first. */
static void
late_repetition_of_a_syn_is_a_new_question(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t next;

	assert_int_equal(sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028"), VERDICT_ALLOW);
	next = sim->end[0].next;
	client_bare(sim, next - 1, TCP_SYN);
	sim->now_ns += 5 * second;
	client_bare(sim, next - 1, TCP_SYN);
	assert_int_equal(sim_client_at(sim, next, "0001"), VERDICT_DENY);
	sim_free(sim);
}

/* The server was asked twice and obeyed a reset between; its first answer comes last. */
static void
old_answer_is_not_taken_for_that_to_another_question(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	sim->end[1].next = 5001;
	for (int reset = 0; reset < 2; reset++) {
		sim_reset(sim);
		client_bare(sim, 999, TCP_SYN);
		client_bare(sim, 1000, TCP_RST);
		client_bare(sim, 1002, TCP_SYN);
		if (reset)
			client_bare(sim, 900, TCP_RST);
		client_bare(sim, 999, TCP_SYN);
		server_syn_ack(sim, 5000, 1000);
		/* The server now waits for number 1003. */
		assert_int_equal(sim_client_at(sim, 1000, read_request), VERDICT_DENY);
	}
	sim_free(sim);
}

static void
connection_that_the_server_refuses_may_be_tried_again(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	for (uint32_t isn = 99; isn < 104; isn++) {
		assert_int_equal(client_bare(sim, isn, TCP_SYN), VERDICT_ALLOW);
		assert_int_equal(sim_segment(sim, RESPONSE, 0, isn + 1, TCP_RST | TCP_ACK, NULL, 0),
		    VERDICT_ALLOW);
	}
	assert_int_equal(client_bare(sim, 200, TCP_SYN), VERDICT_ALLOW);
	assert_int_equal(server_syn_ack(sim, 7000, 201), VERDICT_ALLOW);
	sim->end[1].next = 7001;
	assert_int_equal(sim_client_at(sim, 201, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

static void
repeated_syn_does_not_hold_up_the_old_connection_for_ever(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	for (int i = 0; i < 5; i++) {
		client_bare(sim, sim->end[0].isn, TCP_SYN);
		sim->now_ns += second;
		/* The server may have taken the last one for the first. */
		assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_DENY);
	}
	sim->now_ns += 2 * second;
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

static void
finish(struct sim *sim)
{
	for (int i = 0; i < 2; i++)
		sim_segment(sim, i, sim->end[i].next, sim->end[1 - i].next + (i == 1),
		    TCP_ACK | TCP_FIN, NULL, 0);
}

static void
connection_that_both_ends_closed_begins_anew_at_once(void **state)
{
	struct sim *sim = sim_opened("", "outstanding = 1;", RULES);
	uint32_t isn = sim->end[0].isn + 40;

	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	finish(sim);
	assert_int_equal(client_bare(sim, isn, TCP_SYN), VERDICT_ALLOW);
	assert_int_equal(server_syn_ack(sim, 7000, isn + 1), VERDICT_ALLOW);
	sim->end[1].next = 7001;
	/* Nor does the request that nobody answered count any more. */
	assert_int_equal(sim_client_at(sim, isn + 1, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

static void
resets_count_the_end_of_a_stream(void **state)
{
	struct sim *sim = sim_opened("on_deny = \"reset\";", "", RULES);
	const struct segment *segments = sim->outcome.segments;
	bool exact = false, acknowledged = false;
	uint8_t bytes[MESSAGE];

	sim_hex(read_request, bytes, sizeof(bytes));
	sim_segment(sim, REQUEST, sim->end[0].next, sim->end[1].next, TCP_ACK | TCP_FIN, bytes,
	    sizeof(bytes));
	/* The server has not got all of it yet: the inspector knows more than the packet says. */
	sim->end[0].next += 5;
	assert_int_equal(sim_send(sim, RESPONSE, "0001 0001 0006 01 06"), VERDICT_DENY);
	for (size_t i = 0; i < sim->outcome.segment_count; i++) {
		bool to_server = segments[i].destination_port == 502;

		exact |= to_server && segments[i].sequence == sim->end[0].isn + 1 + MESSAGE + 1;
		acknowledged |= to_server && segments[i].sequence == sim->end[0].next;
	}
	assert_true(exact && acknowledged);
	sim_free(sim);
}

static void
end_that_comes_too_early_is_not_the_end(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint32_t next = sim->end[0].next;

	assert_int_equal(client_bare(sim, next + MESSAGE, TCP_ACK | TCP_FIN), VERDICT_ALLOW);
	assert_int_equal(sim_client_at(sim, next, read_request), VERDICT_ALLOW);
	sim_free(sim);
}

static void
end_that_comes_with_repeated_bytes_is_the_end(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint8_t bytes[MESSAGE];

	sim_hex(read_request, bytes, sizeof(bytes));
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_ALLOW);
	assert_int_equal(sim_segment(sim, REQUEST, sim->end[0].isn + 1, sim->end[1].next,
			     TCP_ACK | TCP_FIN, bytes, sizeof(bytes)),
	    VERDICT_ALLOW);
	assert_int_equal(sim_send(sim, REQUEST, read_request), VERDICT_DENY);
	assert_reason(sim, REASON_STREAM_AFTER_FIN);
	sim_free(sim);
}

static void
one_changed_byte_before_new_ones_is_no_keepalive(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);

	assert_int_equal(sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028"), VERDICT_ALLOW);
	assert_int_equal(sim_client_at(sim, sim->end[0].next - 1, "29 0001"), VERDICT_DENY);
	assert_reason(sim, REASON_STREAM_CHANGED);
	sim_free(sim);
}

static void
packet_that_was_cut_on_its_way_here_is_stopped(void **state)
{
	struct sim *sim = sim_opened("", "", RULES);
	uint8_t bytes[MESSAGE], packet[128];
	struct engine_packet in = {.data = packet, .now_ns = sim->now_ns, .truncated = true};

	sim_hex(read_request, bytes, sizeof(bytes));
	in.length = sim_packet(
	    sim, REQUEST, sim->end[0].next, sim->end[1].next, TCP_ACK, bytes, MESSAGE, packet);
	engine_packet(sim->engine, &in, &sim->outcome);
	assert_int_equal(sim->outcome.verdict, VERDICT_DENY);
	assert_reason(sim, REASON_PACKET_TRUNCATED);
	sim_free(sim);
}

static void
server_does_not_begin_connections(void **state)
{
	struct sim *sim = sim_new("", "", RULES);

	assert_int_equal(sim_segment(sim, RESPONSE, 99, 0, TCP_SYN, NULL, 0), VERDICT_DENY);
	assert_reason(sim, REASON_NO_CHANNEL);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(late_syn_ack_does_not_rewind_the_stream),
	    cmocka_unit_test(late_syn_ack_with_another_number_does_not_rewind_the_stream),
	    cmocka_unit_test(late_syn_ack_does_not_stop_a_connection),
	    cmocka_unit_test(reset_that_the_server_does_not_obey_does_not_rewind_the_stream),
	    cmocka_unit_test(reset_that_the_server_does_not_obey_is_no_middle_to_take_up),
	    cmocka_unit_test(hidden_syn_cannot_shift_the_messages),
	    cmocka_unit_test(impatient_client_cannot_shift_the_messages),
	    cmocka_unit_test(second_beginning_with_the_same_numbers_repeats_nothing_else),
	    cmocka_unit_test(new_connection_with_close_numbers_works_after_a_while),
	    cmocka_unit_test(syn_of_a_stranger_does_not_stop_a_connection),
	    cmocka_unit_test(syn_with_data_of_a_stranger_does_not_stop_a_connection),
	    cmocka_unit_test(urgent_pointer_without_payload_is_stopped),
	    cmocka_unit_test(bare_segment_with_a_wrong_checksum_changes_nothing),
	    cmocka_unit_test(impatient_client_cannot_shift_the_messages_forward),
	    cmocka_unit_test(late_repetition_of_a_syn_is_a_new_question),
	    cmocka_unit_test(old_answer_is_not_taken_for_that_to_another_question),
	    cmocka_unit_test(connection_that_the_server_refuses_may_be_tried_again),
	    cmocka_unit_test(repeated_syn_does_not_hold_up_the_old_connection_for_ever),
	    cmocka_unit_test(connection_that_both_ends_closed_begins_anew_at_once),
	    cmocka_unit_test(resets_count_the_end_of_a_stream),
	    cmocka_unit_test(end_that_comes_too_early_is_not_the_end),
	    cmocka_unit_test(end_that_comes_with_repeated_bytes_is_the_end),
	    cmocka_unit_test(one_changed_byte_before_new_ones_is_no_keepalive),
	    cmocka_unit_test(packet_that_was_cut_on_its_way_here_is_stopped),
	    cmocka_unit_test(server_does_not_begin_connections),
	};

	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
