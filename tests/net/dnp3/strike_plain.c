/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said to an outstation, as it is or cut to pieces. See strike.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"
#include "strike.h"

enum { ANSWER_MS = 2000, SETTLE_MS = 150, MANY_MAX = 300 };

void
strike_play(struct trial *t)
{
	trial_connect(t);
	for (size_t i = 0; i < t->script.count; i++)
		peer_send(&t->peer, t->script.packets[i].bytes, t->script.packets[i].length);
}

/* All packets as one. */
void
strike_together(struct trial *t)
{
	struct wire all;

	script_join(&t->script, &all);
	t->script.packets[0] = all;
	t->script.count = 1;
	strike_play(t);
}

/* By single bytes, each a segment of its own. */
void
strike_bytewise(struct trial *t)
{
	struct wire wire;

	script_join(&t->script, &wire);
	trial_connect(t);
	for (size_t i = 0; i < wire.length; i++)
		peer_send(&t->peer, &wire.bytes[i], 1);
}

/* The outstation has answered something, and all of it has come. */
static void
assert_answered(struct trial *t, unsigned long before)
{
	uint64_t end = lab_now_ms() + ANSWER_MS;
	unsigned long answered = 0;

	while (answered <= before && lab_now_ms() < end)
		answered = station_number(&t->peer, "answered");
	assert_true(answered > before);
	lab_sleep_ms(5); /* further frames of the same answer */
	assert_true(peer_wait(&t->peer, station_number(&t->peer, "answered"), ANSWER_MS));
}

/* Each packet is answered. */
void
permitted_play(struct trial *t)
{
	trial_connect(t);
	for (size_t i = 0; i < t->script.count; i++) {
		unsigned long before = station_number(&t->peer, "answered");

		peer_send(&t->peer, t->script.packets[i].bytes, t->script.packets[i].length);
		if (t->strike->argument & 1U << i) /* but those of which the bit is set */
			continue;
		assert_answered(t, before);
	}
}

void
permitted_bytewise(struct trial *t)
{
	strike_bytewise(t);
	assert_answered(t, 0);
}

/* A refused datagram takes nothing with it: what was permitted before goes on. */
void
permitted_after_refusal(struct trial *t)
{
	static const char forbidden[] = "say 10 c3 0d";
	struct script refused;

	script_read(forbidden, &refused);
	trial_connect(t);
	for (size_t i = 0; i < t->script.count; i++) {
		unsigned long before = station_number(&t->peer, "answered");

		/* a request that gets to the outstation ends what was selected, whatever it is */
		if (trial_guarded(t) && (t->gate != GATE_REFUSE || i == 0)) {
			size_t sent = t->peer.sent;

			peer_send(&t->peer, refused.packets[0].bytes, refused.packets[0].length);
			t->peer.sent = sent;
		}
		peer_send(&t->peer, t->script.packets[i].bytes, t->script.packets[i].length);
		assert_answered(t, before);
	}
	assert_false(station_said(&t->peer, 0, "restart"));
}

/* ---- at every place ---- */

/* The packets in front of the last are said first, then the two halves of the last one. */
static void
cut_at(struct trial *t, struct peer *peer, size_t at)
{
	const struct wire *last = &t->script.packets[t->script.count - 1];
	struct trial one = *t;

	peer_init(&one.peer);
	one.peer.over = t->peer.over;
	trial_connect(&one);
	*peer = one.peer;
	for (size_t i = 0; i + 1 < t->script.count; i++)
		peer_put(peer, t->script.packets[i].bytes, t->script.packets[i].length);
	peer_put(peer, last->bytes, at);
}

/* In all of `count` connections, or in none, has what the needle says happened. */
static void
judge_all(struct trial *t, struct peer *peers, size_t count, bool expected)
{
	lab_sleep_ms(expected ? 0 : SETTLE_MS);
	for (size_t i = 0; i < count; i++) {
		bool happened =
		    station_said(&peers[i], expected ? ANSWER_MS : 0, "%s", t->strike->needle);

		if (happened != expected)
			fail_msg("cut at %zu: %s", i + 1, expected ? "stopped" : "passed");
		if (!expected && !over_is_udp(t->peer.over) &&
		    station_number(&peers[i], "bytes") >= peers[i].sent)
			fail_msg("cut at %zu: all bytes arrived", i + 1);
	}
	t->arrived = expected;
	t->many = true;
	t->event_port = peers[count - 1].port;
	for (size_t i = 0; i < count; i++)
		peer_close(&peers[i]);
}

static void
everywhere(struct trial *t, bool expected)
{
	const struct wire *last = &t->script.packets[t->script.count - 1];
	static struct peer peers[MANY_MAX];
	size_t count = last->length - 1;

	assert_true(count <= MANY_MAX);
	for (size_t i = 0; i < count; i++)
		cut_at(t, &peers[i], i + 1);
	for (size_t i = 0; i < count; i++)
		peer_put(&peers[i], &last->bytes[i + 1], last->length - i - 1);
	judge_all(t, peers, count, expected);
	/* a gate that waits for the whole of the last one has said nothing of it */
	if (t->gate == GATE_REFUSE)
		t->event_port = peers[0].port;
}

/* The last packet in two TCP segments, cut behind every byte of it. */
void
strike_everywhere(struct trial *t)
{
	everywhere(t, !trial_guarded(t));
}

void
permitted_everywhere(struct trial *t)
{
	everywhere(t, true);
}

static void
send_segment(struct peer *peer, uint8_t transport, const uint8_t *part, size_t length)
{
	struct wire wire = {.length = 0};
	uint8_t user[WIRE_USER_MAX] = {transport};

	memcpy(&user[1], part, length);
	wire_put_frame(&wire, WIRE_FROM_MASTER, 10, 1, user, length + 1);
	peer_put(peer, wire.bytes, wire.length);
}

/* The fragment of the script in two frames, cut behind every byte of it, each frame a packet. */
void
strike_frames_everywhere(struct trial *t)
{
	static struct peer peers[MANY_MAX];
	uint8_t user[WIRE_USER_MAX];
	size_t length = wire_user_data(&t->script.packets[0], user);

	assert_true(length > 2 && length < MANY_MAX);
	for (size_t i = 0; i + 2 < length; i++) {
		struct trial one = *t;

		trial_connect(&one);
		peers[i] = one.peer;
		send_segment(&peers[i], 0x45, &user[1], i + 1);
		send_segment(&peers[i], 0x86, &user[i + 2], length - i - 2);
	}
	judge_all(t, peers, length - 2, !trial_guarded(t));
}
