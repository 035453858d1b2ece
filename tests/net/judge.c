/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judge: attacks through a gate. See judge.h. */
#include "judge.h"

#include "choose.h"
#include "lab.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SETTLE_MS = 120, HAPPEN_MS = 2500, EVENT_MS = 1000, REFUSED_MS = 1500, ANSWER_MS = 1500 };

static const char *const gate_words[] = {"plain", "reset", "drop", "refuse", "monitor"};

static enum gate gate;
static const struct plant *plant;
static struct attempt attempt;
static size_t log_before, events_before;

bool
attempt_guarded(const struct attempt *a)
{
	return a->gate == GATE_RESET || a->gate == GATE_DROP || a->gate == GATE_REFUSE ||
	    (a->gate == GATE_MONITOR && (a->attack->unnamed || a->attack->impossible));
}

void
attempt_connect(struct attempt *a, bool timestamps)
{
	raw_open(&a->raw, a->attack->server, plant->port);
	a->port = a->raw.source_port;
	assert_true(raw_connect(&a->raw, timestamps));
	if (plant->greet)
		plant->greet(a);
}

/* What the attack wanted has happened in the plant. */
static bool
happened(const struct attempt *a)
{
	const struct attack *attack = a->attack;

	switch (attack->effect) {
	case EFFECT_WRITES:
		return plant->harmed(attack);
	case EFFECT_REACHES:
		return lab_file_wait(plant->log(), log_before, attack->needle, 0);
	case EFFECT_ARRIVES:
		return a->arrived;
	default:
		return false;
	}
}

static bool
happens_in_time(const struct attempt *a)
{
	uint64_t end = lab_now_ms() + HAPPEN_MS;

	while (!happened(a)) {
		if (lab_now_ms() > end)
			return false;
		lab_sleep_ms(5);
	}
	return true;
}

/* Listening goes on, so that a server that answers or resets is heard. */
static void
settle(struct attempt *a)
{
	if (a->raw.fd >= 0)
		raw_listen(&a->raw, SETTLE_MS);
	else
		lab_sleep_ms(SETTLE_MS);
}

static void
check_event(const struct attempt *a)
{
	const char *reason = a->attack->reason;

	if (!reason || a->gate == GATE_PLAIN)
		return;
	if (!gate_event_wait(events_before, a->port, reason, a->gate == GATE_MONITOR, EVENT_MS)) {
		char *events = lab_file_read(gate_events(), events_before);

		print_error("no event with reason %s for port %u in:\n%s", reason, a->port, events);
		free(events);
		fail();
	}
}

/* Some servers take their time to refuse, and throw away what comes meanwhile. */
static bool
refused_in_time(struct attempt *a)
{
	uint64_t end = lab_now_ms() + REFUSED_MS;

	while (!plant->refused(a)) {
		if (lab_now_ms() > end)
			return false;
		raw_listen(&a->raw, 20);
	}
	return true;
}

/* The client was refused in its protocol and goes on, or both ends were told; the event says which.
 */
static void
check_refusal(struct attempt *a)
{
	char *done = gate_event_done(events_before, a->port);
	bool refused = done && strcmp(done, "refuse") == 0;
	bool ended = done && strcmp(done, "reset") == 0;
	size_t before;

	print_message("# %s: %s\n", a->attack->name, done ? done : "nothing");
	free(done);
	if (a->raw.fd < 0 || a->raw.finished)
		return;
	if (ended)
		assert_true(raw_wait_reset(&a->raw, SETTLE_MS));
	if (!refused)
		return;
	assert_true(refused_in_time(a));
	before = a->raw.data_length;
	raw_data(&a->raw, a->raw.sent, plant->question, plant->question_length);
	assert_true(raw_wait_data(&a->raw, before + plant->answer_length, ANSWER_MS));
	assert_false(a->raw.reset);
	assert_false(happened(a));
}

static void
run_attack(void **state)
{
	struct attempt *a = &attempt;

	a->attack = *state;
	a->gate = gate;
	if (plant->present && !plant->present(a->attack->server))
		skip();
	log_before = lab_file_size(plant->log());
	events_before = gate == GATE_PLAIN ? 0 : lab_file_size(gate_events());
	a->attack->run(a);
	if (a->attack->effect == EFFECT_PASSES)
		return;
	if (!attempt_guarded(a)) {
		if (a->attack->effect != EFFECT_NOTHING)
			assert_true(happens_in_time(a));
		check_event(a);
		return;
	}
	settle(a);
	assert_false(happened(a));
	check_event(a);
	if (a->attack->reason && a->gate == GATE_RESET && a->raw.fd >= 0)
		assert_true(raw_wait_reset(&a->raw, SETTLE_MS));
	if (a->gate == GATE_REFUSE)
		check_refusal(a);
}

static int
set_up(void **state)
{
	memset(&attempt, 0, sizeof(attempt));
	attempt.raw.fd = -1;
	plant->clear();
	return 0;
}

static int
tear_down(void **state)
{
	if (attempt.raw.fd >= 0)
		raw_close(&attempt.raw);
	return 0;
}

static void
start(const char *word)
{
	struct gate_policy policy = plant->policy;
	char name[64];

	while (strcmp(gate_words[gate], word) != 0)
		if (++gate > GATE_MONITOR)
			lab_fail(
			    "plain, reset, drop, refuse or monitor was expected, not %s", word);
	lab_init();
	plant->start();
	if (gate == GATE_PLAIN)
		return;
	policy.mode = gate == GATE_MONITOR ? "monitor" : "enforce";
	policy.on_deny = gate == GATE_PLAIN || gate == GATE_MONITOR ? "reset" : gate_words[gate];
	snprintf(name, sizeof(name), "%s.conf", plant->name);
	/* each attack must find an event of its own */
	gate_start(
	    gate_write_policy(name, &policy), (const char *[]){"--storm-after", "100000", NULL});
}

/* The servers first: what is still on its way must not find the gate open. */
static void
stop(void)
{
	plant->stop();
	if (gate != GATE_PLAIN) {
		gate_stop(SIGTERM);
		gate_flush();
	}
}

int
judge_main(
    int argc, char **argv, const struct plant *which, const struct attack *attacks, size_t count)
{
	struct CMUnitTest *tests = calloc(count, sizeof(*tests));
	size_t kept = 0;
	int failed;

	if (!tests)
		lab_fail("no memory");
	for (size_t i = 0; i < count; i++)
		if (!lab_bridged() || strchr(attacks[i].server, ':') == NULL)
			tests[kept++] = (struct CMUnitTest){
			    attacks[i].name, run_attack, set_up, tear_down, (void *)&attacks[i]};
	count = kept;
	choose_tests(argc > 2 ? argv[2] : NULL, tests, count);
	plant = which;
	start(argc > 1 ? argv[1] : "plain");
	failed = _cmocka_run_group_tests(plant->name, tests, count, NULL, NULL);
	stop();
	free(tests);
	return failed > 0;
}
