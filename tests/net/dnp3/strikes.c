/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strikes: the judge who says whether the plant was harmed.
 *
 *   lab.sh dnp3_strikes plain|reset|drop|refuse|monitor [NAME-PATTERN]
 *   lab.sh dnp3_strikes plain|reset|drop|refuse|monitor captured
 *
 * Through the plain gateway everything must happen that the list says; through Sluice only what is
 * permitted.  Monitor mode is plain again, with an event for each.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "choose.h"
#include "device.h"
#include "gate.h"
#include "lab.h"
#include "policy.h"
#include "strike.h"

enum {
	SETTLE_MS = 50,
	ANSWER_MS = 1000,
	HAPPEN_MS = 2500,
	EVENT_MS = 1000,
	TESTS_MAX = 512,
	NAME_MAX_SIZE = 96
};

/* A strike by one of its transports. */
struct plan {
	const struct strike *strike;
	enum over over;
	char name[NAME_MAX_SIZE];
};

static const char *const gate_words[] = {"plain", "reset", "drop", "refuse", "monitor"};

static enum gate gate;
static struct plan plans[TESTS_MAX];
static size_t plan_count;
static struct trial trial;
static size_t events_before;

bool
trial_guarded(const struct trial *t)
{
	return t->gate == GATE_RESET || t->gate == GATE_DROP || t->gate == GATE_REFUSE ||
	    (t->gate == GATE_MONITOR && t->strike->unnamed);
}

void
trial_connect(struct trial *t)
{
	enum station station = t->strike->careless ? STATION_CARELESS : STATION_CAREFUL;

	peer_open(&t->peer, t->peer.over, station_address(station, t->peer.over), PORT_DNP3);
}

static bool
happened(const struct trial *t, unsigned ms)
{
	switch (t->many ? EFFECT_ARRIVES : t->strike->effect) {
	case EFFECT_HAPPENS:
		return station_said(&t->peer, ms, "%s", t->strike->needle);
	case EFFECT_ARRIVES:
		return t->arrived;
	default:
		return false;
	}
}

/* The outstation has not got all that was sent: the end of it is what is forbidden. */
static void
assert_incomplete(const struct trial *t)
{
	if (t->many || t->peer.sent == 0)
		return;
	if (over_is_udp(t->peer.over))
		assert_false(station_got(&t->peer, &t->script.packets[t->script.count - 1]));
	else
		assert_true(station_number(&t->peer, "bytes") < t->peer.sent);
}

static void
check_event(const struct trial *t)
{
	uint16_t port = t->event_port ? t->event_port : t->peer.port;
	const char *reason = t->strike->reason;

	if (!reason || t->gate == GATE_PLAIN)
		return;
	if (!gate_event_wait(events_before, port, reason, t->gate == GATE_MONITOR, EVENT_MS)) {
		char *events = lab_file_read(gate_events(), events_before);

		print_error("no event with reason %s for port %u in:\n%s", reason, port, events);
		free(events);
		fail();
	}
}

/* What became of the last message that was denied. */
static bool
was(const struct trial *t, const char *word)
{
	char *done = t->gate == GATE_REFUSE
	    ? gate_event_done(events_before, t->event_port ? t->event_port : t->peer.port)
	    : NULL;
	bool yes = done && strcmp(done, word) == 0;

	free(done);
	return yes;
}

/* The connection goes on: a read is answered. */
static void
check_usable(struct trial *t)
{
	unsigned long before = station_number(&t->peer, "answered");
	uint64_t end = lab_now_ms() + ANSWER_MS;
	struct script question;

	script_read("say 10 cf 01 1e 02 00 00 00", &question);
	peer_send(&t->peer, question.packets[0].bytes, question.packets[0].length);
	while (station_number(&t->peer, "answered") == before) {
		assert_true(lab_now_ms() < end);
		lab_sleep_ms(5);
	}
	if (t->peer.raw.fd >= 0)
		assert_false(t->peer.raw.reset);
}

static void
run_plan(void **state)
{
	const struct plan *plan = *state;
	struct trial *t = &trial;

	t->strike = plan->strike;
	t->gate = gate;
	t->peer.over = plan->over;
	if (t->strike->script && t->strike->run != permitted_captured &&
	    t->strike->run != strike_captured)
		script_read(t->strike->script, &t->script);
	events_before = gate == GATE_PLAIN ? 0 : lab_file_size(gate_events());
	t->strike->run(t);
	if (t->strike->effect == EFFECT_PASSES) {
		if (t->strike->needle && !t->many)
			assert_true(station_said(&t->peer, HAPPEN_MS, "%s", t->strike->needle));
		return;
	}
	if (!trial_guarded(t)) {
		if (t->strike->effect != EFFECT_NOTHING)
			assert_true(happened(t, HAPPEN_MS));
		check_event(t);
		return;
	}
	if (t->peer.raw.fd >= 0)
		raw_listen(&t->peer.raw, SETTLE_MS);
	else
		lab_sleep_ms(SETTLE_MS);
	assert_false(happened(t, 0));
	check_event(t);
	if (!was(t, "refuse"))
		assert_incomplete(t);
	else if (!t->many)
		check_usable(t);
	if (was(t, "reset") && t->peer.raw.fd >= 0 && !t->many)
		assert_true(raw_wait_reset(&t->peer.raw, SETTLE_MS));
	if (t->strike->reason && t->gate == GATE_RESET && t->peer.raw.fd >= 0 && !t->many)
		assert_true(raw_wait_reset(&t->peer.raw, SETTLE_MS));
}

static int
set_up(void **state)
{
	memset(&trial, 0, sizeof(trial));
	peer_init(&trial.peer);
	return 0;
}

static int
tear_down(void **state)
{
	peer_close(&trial.peer);
	return 0;
}

/* ---- the program ---- */

static void
plan_all(const struct strike *strikes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (enum over over = 0; over < OVER_COUNT; over++) {
			struct plan *plan = &plans[plan_count];

			if (!(strikes[i].by & 1U << over) ||
			    (lab_bridged() && strchr(over_word(over), '6')))
				continue;
			if (plan_count++ == TESTS_MAX)
				lab_fail("too many tests");
			plan->strike = &strikes[i];
			plan->over = over;
			snprintf(plan->name, sizeof(plan->name), "%s_%s", strikes[i].name,
			    over_word(over));
		}
}

static void
plan_everything(bool captured)
{
	if (captured) {
		captured_find();
		plan_all(strike_recorded, strike_recorded_count);
		return;
	}
	plan_all(strike_permitted, strike_permitted_count);
	plan_all(strike_forbidden, strike_forbidden_count);
}

static void
start(const char *word)
{
	while (strcmp(gate_words[gate], word) != 0)
		if (++gate > GATE_MONITOR)
			lab_fail(
			    "plain, reset, drop, refuse or monitor was expected, not %s", word);
	lab_init();
	stations_start();
	if (gate != GATE_PLAIN)
		gate_start(
		    gate_write_policy("dnp3.conf",
			&(struct gate_policy){.mode = gate == GATE_MONITOR ? "monitor" : "enforce",
			    .on_deny = gate == GATE_MONITOR ? "reset" : gate_words[gate],
			    .extra = POLICY_CHANNELS}),
		    (const char *[]){"--storm-after", "100000", NULL});
}

/* The outstations first: what is still on its way must not find the gate open. */
static void
stop(void)
{
	stations_stop();
	if (gate != GATE_PLAIN) {
		gate_stop(SIGTERM);
		gate_flush();
	}
}

int
main(int argc, char **argv)
{
	static struct CMUnitTest tests[TESTS_MAX];
	bool captured = argc > 2 && strcmp(argv[2], "captured") == 0;
	int failed;

	plan_everything(captured);
	for (size_t i = 0; i < plan_count; i++)
		tests[i] =
		    (struct CMUnitTest){plans[i].name, run_plan, set_up, tear_down, &plans[i]};
	choose_tests(argc > 2 && !captured ? argv[2] : NULL, tests, plan_count);
	start(argc > 1 ? argv[1] : "plain");
	failed = _cmocka_run_group_tests("dnp3", tests, plan_count, NULL, NULL);
	stop();
	return failed > 0;
}
