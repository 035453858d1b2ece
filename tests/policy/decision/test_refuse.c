/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * on_deny = "refuse": the client hears no from its own protocol, the server never hears what was
 * denied, and the connection goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_arena.h"
#include "sim.h"

#define REQUEST DIRECTION_REQUEST
#define RESPONSE DIRECTION_RESPONSE

#define RULES                                                                       \
	"{ functions = [\"read-holding-registers\"]; },"                            \
	"{ functions = [\"write-single-register\", \"write-multiple-registers\"]; " \
	"points = [\"holding:40-42\"]; values = [\"0-1500\"]; }"

#define READ "0001 0000 0006 01 03 0000 0001"
#define READ_ANSWER "0001 0000 0005 01 03 02 0007"
#define WRITE "0002 0000 0006 01 06 0032 0005"
#define WRITE_LEFT "0002 0000 0006 01 55 0000 0000"
#define WRITE_ANSWER "0002 0000 0003 01 d5 01"
#define WRITE_REFUSED "0002 0000 0003 01 86 01"

/* The stream of this direction, as it arrived from byte `from` on, is this to its end. */
static void
assert_arrived(const struct sim *sim, enum direction direction, size_t from, const char *hex)
{
	uint8_t expected[2048];
	size_t length = sim_hex(hex, expected, sizeof(expected));

	assert_int_equal(sim_received(sim, direction), from + length);
	assert_memory_equal(&sim->end[direction].got[from], expected, length);
}

static struct sim *
refusing(void)
{
	return sim_opened("on_deny = \"refuse\";", "", RULES);
}

/* The last event is a denial for this reason, of which this became. */
static void
assert_told(const struct sim *sim, enum reason reason, enum on_deny done)
{
	const struct event *event;

	assert_true(sim->event_count > 0);
	event = &sim->events[sim->event_count - 1];
	assert_string_equal(reason_word(event->reason), reason_word(reason));
	assert_int_equal(event->verdict, VERDICT_DENY);
	assert_int_equal(event->done, done + 1);
}

static void
assert_still_usable(struct sim *sim)
{
	assert_allowed(sim, sim_send(sim, REQUEST, READ));
	assert_null(sim->outcome.bytes);
	assert_allowed(sim, sim_send(sim, RESPONSE, READ_ANSWER));
	assert_null(sim->outcome.bytes);
}

static void
client_gets_its_own_exception(void **state)
{
	struct sim *sim = refusing();

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_arrived(sim, REQUEST, 0, WRITE_LEFT);
	assert_told(sim, REASON_POINT_DENIED, ON_DENY_REFUSE);
	assert_int_equal(sim->event_count, 1);
	assert_int_equal(sim->events[0].byte_count, 12);
	assert_int_equal(sim->events[0].bytes[7], 6);
	assert_int_equal(sim->outcome.segment_count, 0);
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_arrived(sim, RESPONSE, 0, WRITE_REFUSED);
	/* the refusal was told already */
	assert_int_equal(sim->event_count, 1);
	assert_still_usable(sim);
	sim_free(sim);
}

/* Every function that the rules do not name, in each of its forms. */
static void
every_function_is_refused(void **state)
{
	static const struct {
		const char *request, *left, *answer, *refused;
	} list[] = {
	    {"0005 0000 0006 01 01 0000 0008", "0005 0000 0006 01 55 0000 0000",
		"0005 0000 0003 01 d5 01", "0005 0000 0003 01 81 01"},
	    {"0005 0000 0006 01 05 0001 ff00", "0005 0000 0006 01 55 0000 0000",
		"0005 0000 0003 01 d5 01", "0005 0000 0003 01 85 01"},
	    {"0005 0000 0002 01 11", "0005 0000 0002 01 55", "0005 0000 0003 01 d5 01",
		"0005 0000 0003 01 91 01"},
	    {"0005 0000 000b 01 10 0032 0002 04 0001 0002",
		"0005 0000 000b 01 55 0000 0000 00 0000 0000", "0005 0000 0003 01 d5 01",
		"0005 0000 0003 01 90 01"},
	    {"0005 0000 0006 01 08 0004 0000", "0005 0000 0006 01 55 0000 0000",
		"0005 0000 0003 01 d5 01", "0005 0000 0003 01 88 01"},
	    /* the answer of a gateway whose device is away is a refusal too */
	    {"0005 0000 0006 07 06 0001 0001", "0005 0000 0006 07 55 0000 0000",
		"0005 0000 0003 07 d5 0b", "0005 0000 0003 07 86 01"},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct sim *sim = refusing();

		assert_allowed(sim, sim_send(sim, REQUEST, list[i].request));
		assert_arrived(sim, REQUEST, 0, list[i].left);
		assert_allowed(sim, sim_send(sim, RESPONSE, list[i].answer));
		assert_arrived(sim, RESPONSE, 0, list[i].refused);
		assert_still_usable(sim);
		sim_free(sim);
	}
}

/* Permitted, refused, permitted, refused in one segment; answers in one segment. */
static void
pipelines_keep_their_order(void **state)
{
	struct sim *sim = refusing();

	assert_allowed(sim,
	    sim_send(sim, REQUEST,
		READ WRITE "0003 0000 0006 01 03 0000 0001"
			   "0004 0000 0006 01 06 0033 0001"));
	assert_arrived(sim, REQUEST, 0,
	    READ WRITE_LEFT "0003 0000 0006 01 03 0000 0001"
			    "0004 0000 0006 01 55 0000 0000");
	assert_allowed(sim,
	    sim_send(sim, RESPONSE,
		READ_ANSWER WRITE_ANSWER "0003 0000 0005 01 03 02 0007"
					 "0004 0000 0003 01 d5 01"));
	assert_arrived(sim, RESPONSE, 0,
	    READ_ANSWER WRITE_REFUSED "0003 0000 0005 01 03 02 0007"
				      "0004 0000 0003 01 86 01");
	assert_still_usable(sim);
	sim_free(sim);
}

/* One transaction number for a permitted and a refused request: the function tells them apart. */
static void
answers_are_told_apart(void **state)
{
	struct sim *sim = refusing();

	assert_allowed(sim, sim_send(sim, REQUEST, READ "0001 0000 0006 01 06 0033 0001"));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0001 0000 0003 01 d5 01" READ_ANSWER));
	assert_arrived(sim, RESPONSE, 0, "0001 0000 0003 01 86 01" READ_ANSWER);
	assert_still_usable(sim);
	sim_free(sim);
}

static void
answers_come_in_pieces(void **state)
{
	uint8_t answer[64];
	size_t length = sim_hex(WRITE_ANSWER READ_ANSWER, answer, sizeof(answer));

	for (size_t piece = 1; piece < length; piece++) {
		struct sim *sim = refusing();

		assert_allowed(sim, sim_send(sim, REQUEST, WRITE READ));
		for (size_t at = 0; at < length; at += piece)
			assert_allowed(sim,
			    sim_send_bytes(sim, RESPONSE, &answer[at],
				length - at < piece ? length - at : piece));
		assert_arrived(sim, RESPONSE, 0, WRITE_REFUSED READ_ANSWER);
		assert_still_usable(sim);
		sim_free(sim);
	}
}

/* What comes again leaves as it left before, whole, merged with more, or behind what was acked. */
static void
repetitions_are_the_same_bytes(void **state)
{
	struct sim *sim = refusing();
	uint32_t first = sim->end[REQUEST].next;

	assert_allowed(sim, sim_send(sim, REQUEST, READ WRITE));
	for (int i = 0; i < 3; i++)
		assert_allowed(sim, sim_client_at(sim, first, READ WRITE));
	assert_allowed(sim, sim_client_at(sim, first + 12, WRITE));
	/* merged with a new one */
	assert_allowed(sim, sim_client_at(sim, first, READ WRITE "0003 0000 0006 01 06 0034 0001"));
	sim->end[REQUEST].next += 12;
	assert_false(sim->changed[REQUEST]);
	assert_arrived(sim, REQUEST, 0, READ WRITE_LEFT "0003 0000 0006 01 55 0000 0000");
	/* and the answers */
	assert_allowed(sim, sim_send(sim, RESPONSE, READ_ANSWER WRITE_ANSWER));
	for (int i = 0; i < 2; i++) {
		sim->end[RESPONSE].next -= 20;
		assert_allowed(sim, sim_send(sim, RESPONSE, READ_ANSWER WRITE_ANSWER));
	}
	assert_false(sim->changed[RESPONSE]);
	assert_arrived(sim, RESPONSE, 0, READ_ANSWER WRITE_REFUSED);
	assert_allowed(sim, sim_send(sim, RESPONSE, "0003 0000 0003 01 d5 01"));
	assert_still_usable(sim);
	/* all of it was acknowledged; the first segment once more, very late */
	assert_allowed(sim, sim_client_at(sim, first, READ WRITE));
	assert_int_equal(sim->left[sim->ipv6 ? 60 : 40 + 12 + 7], 0);
	assert_still_usable(sim);
	sim_free(sim);
}

/* Somebody who repeats other bytes gets the same ones through: the range is not compared. */
static void
repetition_with_other_bytes_changes_nothing(void **state)
{
	struct sim *sim = refusing();
	uint32_t first = sim->end[REQUEST].next;

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_allowed(sim, sim_client_at(sim, first, "0002 0000 0006 01 06 0028 ffff"));
	assert_false(sim->changed[REQUEST]);
	assert_arrived(sim, REQUEST, 0, WRITE_LEFT);
	sim_free(sim);
}

/* Outside what was rewritten, changed bytes end the flow as ever. */
static void
changed_bytes_beside_end_the_flow(void **state)
{
	struct sim *sim = refusing();
	uint32_t first = sim->end[REQUEST].next;

	assert_allowed(sim, sim_send(sim, REQUEST, READ WRITE));
	assert_denied(sim, sim_client_at(sim, first, "0001 0000 0006 01 03 0000 0002" WRITE),
	    REASON_STREAM_CHANGED);
	assert_int_equal(sim->outcome.segment_count > 0, true);
	sim_free(sim);
}

/* A piece of what was rewritten is not repeated alone: a server might take it for a message. */
static void
pieces_are_not_repeated_alone(void **state)
{
	struct sim *sim = refusing();
	uint32_t first = sim->end[REQUEST].next;

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_denied(sim, sim_client_at(sim, first, "0002 0000 0006 01 06"), REASON_HEAD_HELD);
	assert_int_equal(sim->outcome.segment_count, 0);
	/* from where the server has got to, to the end */
	assert_allowed(sim, sim_client_at(sim, first + 8, "0032 0005"));
	assert_allowed(sim, sim_client_at(sim, first, WRITE));
	assert_arrived(sim, REQUEST, 0, WRITE_LEFT);
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_still_usable(sim);
	sim_free(sim);
}

/* Nor is what follows it, before the server has answered: it may throw away all that it has got. */
static void
pieces_behind_it_are_not_repeated_either(void **state)
{
	struct sim *sim = refusing();
	uint32_t first = sim->end[REQUEST].next;

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_allowed(sim, sim_send(sim, REQUEST, READ));
	assert_allowed(sim, sim_send(sim, REQUEST, READ));
	assert_denied(sim, sim_client_at(sim, first, WRITE "0001 0000 0006 01"), REASON_HEAD_HELD);
	assert_denied(sim, sim_client_at(sim, first + 12, "0001 0000"), REASON_HEAD_HELD);
	/* whole messages are, where segments began and at the end */
	assert_allowed(sim, sim_client_at(sim, first, WRITE READ));
	assert_allowed(sim, sim_client_at(sim, first + 12, READ));
	assert_allowed(sim, sim_client_at(sim, first, WRITE READ READ));
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_allowed(sim, sim_client_at(sim, first, WRITE "0001 0000 0006 01"));
	sim_free(sim);
}

/* The places of the flow's ranges as they are when so many more bytes have been sent. */
static void
send_far(struct sim *sim, uint32_t bytes)
{
	struct flow_table table;
	struct seldom *seldom;

	flow_table_attach(&table, sim->arena);
	seldom = flow_change_seldom(&table, &table.flows[1]);
	for (int direction = 0; direction < 2; direction++)
		for (int i = 0; i < REWRITTEN_MAX; i++) {
			struct rewritten *range = &seldom->rewritten[direction][i];

			if (range->from == range->to)
				continue;
			range->from -= bytes;
			range->to -= bytes;
		}
}

/* A connection of years: what was refused long ago has numbers that come again. */
static void
ranges_of_long_ago_are_forgotten(void **state)
{
	static const uint32_t far[] = {
	    1U << 21, (1U << 31) - 24, 1U << 31, (1U << 31) + 24, 0xc0000000};

	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		struct sim *sim = refusing();

		for (int n = 0; n < 4; n++)
			assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
		for (int n = 0; n < 4; n++)
			assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
		send_far(sim, far[i]);
		assert_still_usable(sim);
		for (int n = 0; n < 4; n++)
			assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
		sim_free(sim);
	}
}

/* A segment that comes too early is dropped and comes again. */
static void
reordered_segments_are_refused_in_order(void **state)
{
	struct sim *sim = refusing();
	uint32_t first = sim->end[REQUEST].next;

	assert_denied(sim, sim_client_at(sim, first + 12, WRITE), REASON_STREAM_GAP);
	assert_allowed(sim, sim_send(sim, REQUEST, READ));
	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_arrived(sim, REQUEST, 0, READ WRITE_LEFT);
	assert_allowed(sim, sim_send(sim, RESPONSE, READ_ANSWER WRITE_ANSWER));
	assert_still_usable(sim);
	sim_free(sim);
}

/*
 * A request in two segments.  Where the first is denied by itself it is dropped, and comes again
 * with the rest, as TCP does it; where it has gone, the connection ends, and the event says so.
 */
static void
split_requests(void **state)
{
	uint8_t write[16];
	size_t length = sim_hex(WRITE, write, sizeof(write));

	for (size_t head = 1; head < length; head++) {
		struct sim *sim = refusing();
		uint32_t first = sim->end[REQUEST].next;
		enum verdict verdict =
		    sim_segment(sim, REQUEST, first, sim->end[RESPONSE].next, TCP_ACK, write, head);

		if (verdict == VERDICT_ALLOW) {
			assert_int_equal(head < 10, true);
			sim->end[REQUEST].next += (uint32_t)head;
			assert_int_equal(sim_send_bytes(sim, REQUEST, &write[head], length - head),
			    VERDICT_DENY);
			assert_told(sim, REASON_POINT_DENIED, ON_DENY_RESET);
			assert_true(sim->outcome.segment_count >= 2);
			assert_int_equal(sim_received(sim, REQUEST), head);
		} else {
			assert_reason(sim, REASON_HEAD_HELD);
			assert_int_equal(sim->outcome.segment_count, 0);
			assert_int_equal(sim->event_count, 0);
			assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
			assert_arrived(sim, REQUEST, 0, WRITE_LEFT);
			assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
			assert_still_usable(sim);
		}
		sim_free(sim);
	}
}

/* Byte by byte something has always gone: the connection ends before the server can act. */
static void
byte_by_byte(void **state)
{
	struct sim *sim = refusing();
	uint8_t write[16];
	size_t length = sim_hex(WRITE, write, sizeof(write)), at = 0;

	while (at < length && sim_send_bytes(sim, REQUEST, &write[at], 1) == VERDICT_ALLOW)
		at++;
	assert_true(at < length);
	assert_told(sim, REASON_POINT_DENIED, ON_DENY_RESET);
	assert_true(sim->outcome.segment_count >= 2);
	sim_free(sim);
}

/* A sender that repeats nothing but the head is told in the end. */
static void
head_alone_ends_in_a_reset(void **state)
{
	struct sim *sim = refusing();
	uint32_t first = sim->end[REQUEST].next;

	for (int i = 0; i < 3; i++) {
		assert_denied(
		    sim, sim_client_at(sim, first, "0002 0000 0006 01 05 0032"), REASON_HEAD_HELD);
		assert_int_equal(sim->outcome.segment_count, 0);
	}
	assert_denied(
	    sim, sim_client_at(sim, first, "0002 0000 0006 01 05 0032"), REASON_FUNCTION_DENIED);
	assert_true(sim->outcome.segment_count >= 2);
	assert_told(sim, REASON_FUNCTION_DENIED, ON_DENY_RESET);
	sim_free(sim);
}

/*
 * Some servers throw away all that waits for them when they refuse.  So no beginning of a message
 * is let through before the answer is there: its rest would be taken for another one.
 */
static void
no_head_behind_an_unanswered_refusal(void **state)
{
	struct sim *sim = refusing();

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_denied(
	    sim, sim_send(sim, REQUEST, "0003 0000 0009 01 10 0028 0001"), REASON_HEAD_HELD);
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_allowed(sim, sim_send(sim, REQUEST, "0003 0000 0009 01 10 0028 0001"));
	assert_allowed(sim, sim_send(sim, REQUEST, "02 0005"));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0003 0000 0006 01 10 0028 0001"));
	assert_still_usable(sim);
	/* in the same segment neither, and then nothing of it */
	assert_denied(
	    sim, sim_send(sim, REQUEST, WRITE "0003 0000 0009 01 10 0028 0001"), REASON_HEAD_HELD);
	assert_allowed(sim, sim_send(sim, REQUEST, WRITE "0003 0000 0009 01 10 0028 0001 02 0005"));
	/* a server that never answers does not stop the client for good, nor end the connection */
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	for (int again = 0; again < 6; again++) {
		assert_denied(sim, sim_send(sim, REQUEST, "0004 0000 0009 01 10 0028 0001"),
		    REASON_HEAD_HELD);
		assert_int_equal(sim->outcome.segment_count, 0);
		sim->now_ns += UINT64_C(300000000);
	}
	sim->now_ns += UINT64_C(300000000);
	assert_allowed(sim, sim_send(sim, RESPONSE, "0003 0000 0006 01 10 0028 0001"));
	assert_allowed(sim, sim_send(sim, REQUEST, "0004 0000 0009 01 10 0028 0001"));
	sim_free(sim);
}

/* Nobody answers a broadcast; a server that does answers with a refusal. */
static void
broadcast_is_refused_silently(void **state)
{
	for (int answered = 0; answered < 2; answered++) {
		struct sim *sim = refusing();

		assert_allowed(sim, sim_send(sim, REQUEST, "0002 0000 0006 00 06 0032 0005"));
		assert_arrived(sim, REQUEST, 0, "0002 0000 0006 00 55 0000 0000");
		if (answered) {
			assert_allowed(sim, sim_send(sim, RESPONSE, "0002 0000 0003 00 d5 01"));
			assert_arrived(sim, RESPONSE, 0, "0002 0000 0003 00 86 01");
		}
		sim_send(sim, REQUEST, READ);
		assert_allowed(sim, sim_send(sim, RESPONSE, READ_ANSWER));
		sim_free(sim);
	}
}

/* More than may wait: the segment comes again when there have been answers. */
static void
refusals_wait_like_requests(void **state)
{
	struct sim *sim = sim_opened("on_deny = \"refuse\";", "outstanding = 2;", RULES);

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_allowed(sim, sim_send(sim, REQUEST, READ));
	assert_denied(sim, sim_send(sim, REQUEST, WRITE), REASON_OUTSTANDING_FULL);
	assert_int_equal(sim->outcome.segment_count, 0);
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	sim_free(sim);
}

/* As many ranges on their way as are remembered: the next comes again too. */
static void
ranges_on_their_way_are_limited(void **state)
{
	struct sim *sim = refusing();

	for (int i = 0; i < 4; i++)
		assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_denied(sim, sim_send(sim, REQUEST, WRITE), REASON_OUTSTANDING_FULL);
	assert_int_equal(sim->outcome.segment_count, 0);
	/* the first answer acknowledges all of them */
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	for (int i = 0; i < 4; i++)
		assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_still_usable(sim);
	sim_free(sim);
}

/* All that a refusal needs is in the arena. */
static void
successor_translates_the_answer(void **state)
{
	struct sim *sim = refusing();
	uint32_t first = sim->end[REQUEST].next;

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	sim_restart(sim);
	engine_recover(sim->engine, sim->now_ns, sim->now_ns);
	assert_allowed(sim, sim_client_at(sim, first, WRITE));
	assert_false(sim->changed[REQUEST]);
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_arrived(sim, RESPONSE, 0, WRITE_REFUSED);
	assert_still_usable(sim);
	sim_free(sim);
}

/* A new policy that resets does not forget what was refused under the old one. */
static void
reload_keeps_refusals(void **state)
{
	struct sim *sim = refusing();

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	sim_reload(sim, "on_deny = \"reset\";", "", RULES);
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_arrived(sim, RESPONSE, 0, WRITE_REFUSED);
	assert_still_usable(sim);
	assert_denied(sim, sim_send(sim, REQUEST, WRITE), REASON_POINT_DENIED);
	assert_true(sim->outcome.segment_count >= 2);
	sim_free(sim);
}

static void
other_transactions_where_the_channel_says_so(void **state)
{
	struct sim *sim =
	    sim_opened("on_deny = \"refuse\";", "answers = \"any-transaction\";", RULES);

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0000 0000 0003 01 d5 01"));
	assert_arrived(sim, RESPONSE, 0, "0000 0000 0003 01 86 01");
	assert_still_usable(sim);
	sim_free(sim);
}

/* What is no message ends the connection as ever: where it ends nobody can say. */
static void
what_is_malformed_ends_the_flow(void **state)
{
	struct sim *sim = refusing();

	assert_denied(sim, sim_send(sim, REQUEST, "0002 0000 0007 01 06 0032 0005 00"),
	    REASON_LENGTH_MISMATCH);
	assert_told(sim, REASON_LENGTH_MISMATCH, ON_DENY_RESET);
	assert_true(sim->outcome.segment_count >= 2);
	sim_free(sim);
}

/* A server that knows the function after all has not been asked for anything; its answer ends it.
 */
static void
an_answer_that_is_no_refusal_ends_the_flow(void **state)
{
	struct sim *sim = refusing();

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_int_equal(sim_send(sim, RESPONSE, "0002 0000 0004 01 55 0000"), VERDICT_DENY);
	sim_free(sim);
}

static void
monitor_mode_changes_nothing(void **state)
{
	struct sim *sim = sim_opened("mode = \"monitor\"; on_deny = \"refuse\";", "", RULES);

	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_arrived(sim, REQUEST, 0, WRITE);
	assert_null(sim->outcome.bytes);
	assert_int_equal(sim->events[0].would_deny, 1);
	assert_int_equal(sim->events[0].done, 0);
	sim_free(sim);
}

static void
rates_are_refused_too(void **state)
{
	struct sim *sim = sim_opened("on_deny = \"refuse\";", "",
	    "{ functions = [\"write-single-register\"]; points = [\"holding:40-42\"]; "
	    "values = [\"0-1500\"]; rate = \"1/s\"; }, { access = [\"read\"]; }");

	assert_allowed(sim, sim_send(sim, REQUEST, "0002 0000 0006 01 06 0028 0005"));
	assert_allowed(sim, sim_send(sim, RESPONSE, "0002 0000 0006 01 06 0028 0005"));
	assert_allowed(sim, sim_send(sim, REQUEST, "0003 0000 0006 01 06 0028 0005"));
	assert_told(sim, REASON_RATE_EXCEEDED, ON_DENY_REFUSE);
	assert_allowed(sim, sim_send(sim, RESPONSE, "0003 0000 0003 01 d5 01"));
	/* a refused write uses nothing up */
	sim->now_ns += UINT64_C(1000000000);
	assert_allowed(sim, sim_send(sim, REQUEST, "0004 0000 0006 01 06 0028 0005"));
	assert_arrived(sim, REQUEST, 24, "0004 0000 0006 01 06 0028 0005");
	sim_free(sim);
}

static void
ipv6_checksums_are_right(void **state)
{
	struct sim *sim = sim_new("on_deny = \"refuse\";", "", RULES);

	sim->ipv6 = true;
	sim_open(sim);
	assert_allowed(sim, sim_send(sim, REQUEST, WRITE));
	assert_arrived(sim, REQUEST, 0, WRITE_LEFT);
	assert_allowed(sim, sim_send(sim, RESPONSE, WRITE_ANSWER));
	assert_arrived(sim, RESPONSE, 0, WRITE_REFUSED);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(client_gets_its_own_exception),
	    cmocka_unit_test(every_function_is_refused),
	    cmocka_unit_test(pipelines_keep_their_order),
	    cmocka_unit_test(answers_are_told_apart),
	    cmocka_unit_test(answers_come_in_pieces),
	    cmocka_unit_test(repetitions_are_the_same_bytes),
	    cmocka_unit_test(repetition_with_other_bytes_changes_nothing),
	    cmocka_unit_test(changed_bytes_beside_end_the_flow),
	    cmocka_unit_test(pieces_are_not_repeated_alone),
	    cmocka_unit_test(pieces_behind_it_are_not_repeated_either),
	    cmocka_unit_test(ranges_of_long_ago_are_forgotten),
	    cmocka_unit_test(reordered_segments_are_refused_in_order),
	    cmocka_unit_test(split_requests),
	    cmocka_unit_test(byte_by_byte),
	    cmocka_unit_test(head_alone_ends_in_a_reset),
	    cmocka_unit_test(no_head_behind_an_unanswered_refusal),
	    cmocka_unit_test(broadcast_is_refused_silently),
	    cmocka_unit_test(refusals_wait_like_requests),
	    cmocka_unit_test(ranges_on_their_way_are_limited),
	    cmocka_unit_test(successor_translates_the_answer),
	    cmocka_unit_test(reload_keeps_refusals),
	    cmocka_unit_test(other_transactions_where_the_channel_says_so),
	    cmocka_unit_test(what_is_malformed_ends_the_flow),
	    cmocka_unit_test(an_answer_that_is_no_refusal_ends_the_flow),
	    cmocka_unit_test(monitor_mode_changes_nothing),
	    cmocka_unit_test(rates_are_refused_too),
	    cmocka_unit_test(ipv6_checksums_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
