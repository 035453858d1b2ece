/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inspectors that are killed, stopped or drowned. See life.h. */
#include "life.h"

enum { REQUEST_MS = 1500, SILENCE_MS = 500, KILLS = 6, RESTART_MS = 100, FLOOD = 300 };

static void
signal_inspectors(int number)
{
	pid_t pids[GATE_INSPECTORS_MAX];
	size_t count = gate_inspectors(pids);

	assert_true(count > 0);
	for (size_t i = 0; i < count; i++)
		kill(pids[i], number);
}

static void
kill_inspectors(void)
{
	signal_inspectors(SIGKILL);
}

/* Is everyone who inspects somebody else than before? */
static bool
replaced_within(const pid_t *before, size_t count, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;
	pid_t now[GATE_INSPECTORS_MAX];

	for (;;) {
		size_t here = gate_inspectors(now), old = 0;

		for (size_t i = 0; i < here; i++)
			for (size_t j = 0; j < count; j++)
				old += now[i] == before[j];
		if (here == count && old == 0)
			return true;
		if (lab_now_ms() > end)
			return false;
		lab_sleep_ms(1);
	}
}

static void
killed_inspectors_are_replaced_within_100_ms(void **state)
{
	pid_t before[GATE_INSPECTORS_MAX];
	size_t count, offset = lab_file_size(gate_events());

	life_start(&(struct gate_policy){0}, NULL);
	count = gate_inspectors(before);
	kill_inspectors();
	assert_true(replaced_within(before, count, RESTART_MS));
	assert_true(gate_note_wait(offset, "alarm", 1000));
	client_close(life_connect());
}

/* Under load, again and again: pollers live on, nothing forbidden passes. */
static void
killed_inspectors_lose_no_connection(void **state)
{
	struct poller pollers[3];

	life_start(&(struct gate_policy){0}, NULL);
	for (size_t i = 0; i < 3; i++)
		poller_start(&pollers[i], PLC1);
	for (unsigned i = 0; i < KILLS; i++) {
		assert_true(poller_wait(&pollers[i % 3], 20, 5000));
		kill_inspectors();
		life_attack(i % 2 ? kill_inspectors : NULL);
		life_unharmed();
		lab_sleep_ms(1200); /* not so often that it looks like a crash loop */
	}
	for (size_t i = 0; i < 3; i++) {
		assert_true(poller_wait(&pollers[i], 20, 5000));
		poller_stop(&pollers[i]);
		assert_int_equal(pollers[i].failed, 0);
	}
}

/* The first half was let through by one inspector; its successor must know that. */
static void
killed_in_the_middle_of_a_message(void **state)
{
	life_start(&(struct gate_policy){0}, NULL);
	life_attack(kill_inspectors);
	life_unharmed();
	client_close(life_connect());
}

static void
stopped_inspectors_let_nothing_pass(void **state)
{
	int fd;

	life_start(&(struct gate_policy){0}, (const char *[]){"--watchdog", "0", NULL});
	fd = life_connect();
	signal_inspectors(SIGSTOP);
	assert_false(life_reads(fd, SILENCE_MS));
	life_attack(NULL);
	life_unharmed();
	signal_inspectors(SIGCONT);
	lab_sleep_ms(SILENCE_MS);
	life_unharmed();
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
}

/* An open conduit does not wait for ever: a full queue lets pass what layer 3 and 4 permit. */
static void
stopped_inspectors_of_an_open_conduit(void **state)
{
	bool answered = false;
	int fds[8];

	life_start(&(struct gate_policy){.when_down = "open"},
	    (const char *[]){"--watchdog", "0", "--queue-length", "2", NULL});
	for (size_t i = 0; i < 8; i++)
		fds[i] = life_connect();
	signal_inspectors(SIGSTOP);
	for (unsigned turn = 0; turn < 4; turn++)
		for (size_t i = 0; i < 8; i++)
			answered = life_reads(fds[i], 200) || answered;
	assert_true(answered);
	assert_true(client_connect_from("10.10.0.20", PLC1, 500) < 0);
	signal_inspectors(SIGCONT);
	for (size_t i = 0; i < 8; i++)
		client_close(fds[i]);
}

/* One that stands still while packets wait is replaced, and the connection goes on. */
static void
stopped_inspectors_are_replaced_by_the_watchdog(void **state)
{
	pid_t before[GATE_INSPECTORS_MAX];
	size_t count;
	int fd;

	life_start(&(struct gate_policy){0},
	    (const char *[]){"--watchdog", "1", "--inspectors", "1", NULL});
	fd = life_connect();
	count = gate_inspectors(before);
	signal_inspectors(SIGSTOP);
	assert_false(life_reads(fd, 100));
	assert_true(replaced_within(before, count, 6000));
	client_close(fd);
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

/* More packets than the queue has room for, half of them forbidden; the inspectors sleep, then wake
 * up. */
static void
overflowing_queue_lets_nothing_pass(void **state)
{
	size_t offset = lab_file_size(gate_events());
	struct raw raws[4];
	int fd;

	life_start(&(struct gate_policy){0},
	    (const char *[]){"--watchdog", "0", "--queue-length", "8", NULL});
	fd = life_connect();
	for (size_t i = 0; i < 4; i++) {
		raw_open(&raws[i], PLC1, 502);
		assert_true(raw_connect(&raws[i], false));
	}
	signal_inspectors(SIGSTOP);
	for (unsigned i = 0; i < FLOOD; i++)
		raw_data(&raws[i % 4], 0, message_forbidden, 12);
	life_unharmed();
	signal_inspectors(SIGCONT);
	assert_true(gate_note_wait(offset, "alarm", 5000));
	lab_sleep_ms(SILENCE_MS);
	life_unharmed();
	assert_true(life_reads(fd, 4000));
	for (size_t i = 0; i < 4; i++)
		raw_close(&raws[i]);
	client_close(fd);
}

const struct CMUnitTest life_crash_tests[] = {
    LIFE_TEST(killed_inspectors_are_replaced_within_100_ms),
    LIFE_TEST(killed_inspectors_lose_no_connection),
    LIFE_TEST(killed_in_the_middle_of_a_message),
    LIFE_TEST(stopped_inspectors_let_nothing_pass),
    LIFE_TEST(stopped_inspectors_of_an_open_conduit),
    LIFE_TEST(stopped_inspectors_are_replaced_by_the_watchdog),
    LIFE_TEST(overflowing_queue_lets_nothing_pass),
};
const size_t life_crash_count = sizeof(life_crash_tests) / sizeof(life_crash_tests[0]);
