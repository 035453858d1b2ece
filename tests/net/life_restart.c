/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon ends and starts again, by itself or under a service manager that keeps what it leaves.
 * See life.h.
 */
#include "life.h"

#include <stdio.h>

#include "fleet.h"

enum {
	REQUEST_MS = 1500,
	START_MS = 20000,
	RESTARTS = 4,
	BETWEEN = 300,
	STEADY_MS = 10000,
	SETTLED_MS = 2500
};

static const struct gate_policy usual = {0};

/* What is done to the daemon, until the next run says that it has started. */
static void
again(void (*how)(void))
{
	size_t before = lab_file_size(gate_events()), said_before = lab_file_size(gate_log());

	how();
	if (!gate_note_wait(before, "start", START_MS)) {
		char *said = lab_file_read(gate_log(), said_before);

		print_error("no start after this:\n%.900s", said);
		fail();
	}
}

static void
by_term(void)
{
	gate_signal(SIGTERM);
}

static void
by_kill(void)
{
	gate_signal(SIGKILL);
}

static void
by_request(void)
{
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "%s restart --control %s", SLUICE, lab_path("control")), 0);
}

static bool
said_since(size_t before, const char *text)
{
	return lab_file_wait(gate_events(), before, text, 1000);
}

static void
start(const struct gate_policy *policy)
{
	gate_start_kept(gate_write_policy("life.conf", policy), NULL);
}

/* 1,000 requests a second over 50 connections of three protocols: none of either gets lost. */
static void
polling_goes_on(void (*how)(void))
{
	struct fleet_count count;
	size_t before;

	start(&(struct gate_policy){.extra = fleet_channels()});
	fleet_start(&count);
	for (unsigned i = 0; i < RESTARTS; i++) {
		before = lab_file_size(gate_events());
		again(how);
		assert_true(said_since(before, "\"connections\":\"kept\""));
		assert_true(fleet_wait(&count, BETWEEN, STEADY_MS));
	}
	fleet_stop();
	print_message("# %u requests, the slowest took %u ms\n", count.asked, count.slowest_ms);
	assert_int_equal(count.broken, 0);
	assert_int_equal(count.late, 0);
	assert_int_equal(count.answered, count.asked);
	assert_false(said_since(0, "queue-overflow"));
}

static void
polling_outlives_an_orderly_restart(void **state)
{
	polling_goes_on(by_term);
}

static void
polling_outlives_a_killed_supervisor(void **state)
{
	polling_goes_on(by_kill);
}

static void
polling_outlives_sluice_restart(void **state)
{
	polling_goes_on(by_request);
}

/* Half a forbidden message before, half after. */
static void
again_by_term(void)
{
	again(by_term);
}

static void
again_by_kill(void)
{
	again(by_kill);
}

static void
again_by_request(void)
{
	again(by_request);
}

static void
half_a_message_is_stopped(void **state)
{
	static void (*const ways[])(void) = {again_by_term, again_by_kill, again_by_request};

	start(&usual);
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		size_t before = lab_file_size(gate_events());

		life_attack(ways[i]);
		life_unharmed();
		/* it was known whose first half had passed, and what the whole is */
		assert_true(gate_event_wait(before, 0, "point-denied", false, REQUEST_MS));
		client_close(life_connect());
	}
}

/* One write an hour, also of an hour in which the daemon is started again and again. */
static void
rates_stay_used_up(void **state)
{
	static void (*const ways[])(void) = {by_term, by_kill, by_request};
	static const char rules[] =
	    "{ access = [\"read\"]; }, { functions = [\"write-single-register\"]; "
	    "points = [\"holding:40\"]; rate = \"1/h\"; }";
	int fd;

	start(&(struct gate_policy){.rules = rules, .on_deny = "drop"});
	fd = life_connect();
	assert_true(client_ask(fd, message_permitted, REQUEST_MS, NULL));
	client_close(fd);
	device_clear(PLC1);
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		size_t before = lab_file_size(gate_events());

		again(ways[i]);
		fd = life_connect();
		assert_false(client_ask(fd, message_permitted, 300, NULL));
		assert_int_equal(device_read(PLC1, 40), 0);
		assert_true(gate_event_wait(before, 0, "rate-exceeded", false, REQUEST_MS));
		client_close(fd);
	}
}

/* As a reload does: what the new policy forbids is cut, the rest lives on. */
static void
another_policy_is_that_of_the_next_run(void **state)
{
	static void (*const ways[])(void) = {by_term, by_kill, by_request};

	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int fd, web;

		start(&usual);
		fd = life_connect();
		gate_write_policy(
		    "life.conf", &(struct gate_policy){.rules = "{ access = [\"read\"]; }"});
		again(ways[i]);
		assert_true(life_reads(fd, REQUEST_MS));
		assert_false(client_ask(fd, message_permitted, 300, NULL));
		assert_int_equal(device_read(PLC1, 40), 0);
		client_close(fd);
		web = life_connect();
		gate_write_policy("life.conf", &(struct gate_policy){.clients = "\"attacker\""});
		again(ways[i]);
		assert_false(life_reads(web, 300));
		client_close(web);
		life_tear_down(state);
	}
}

/* A file with errors: `sluice restart` changes nothing, any other start goes on with the policy
 * that was in force. */
static void
broken_policy_keeps_what_is_in_force(void **state)
{
	int fd;
	size_t before;
	pid_t pid;

	start(&usual);
	fd = life_connect();
	pid = gate_pid();
	gate_write_policy("life.conf", &(struct gate_policy){.mode = "sometimes"});
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "%s restart --control %s", SLUICE, lab_path("control")), 1);
	assert_int_equal(gate_pid(), pid);
	assert_true(life_reads(fd, REQUEST_MS));
	before = lab_file_size(gate_events());
	again(by_term);
	assert_true(said_since(before, "policy-fallback"));
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
	life_attack(NULL);
	life_unharmed();
}

/* Nothing of the daemon's own grows from run to run. */
static unsigned
open_files(void)
{
	size_t before = lab_file_size(lab_path("shell.out"));
	unsigned count;
	char *text;

	assert_int_equal(lab_shell(LAB_GATEWAY, "ls /proc/%d/fd | wc -l", (int)gate_pid()), 0);
	text = lab_file_read(lab_path("shell.out"), before);
	count = (unsigned)strtoul(text, NULL, 10);
	free(text);
	return count;
}

static void
nothing_grows_from_run_to_run(void **state)
{
	pid_t pids[GATE_INSPECTORS_MAX];
	unsigned files;
	size_t inspectors;

	start(&usual);
	again(by_request);
	lab_sleep_ms(SETTLED_MS); /* the listener starts a moment later */
	files = open_files();
	inspectors = gate_inspectors(pids);
	for (unsigned i = 0; i < RESTARTS; i++)
		again(by_request);
	for (uint64_t end = lab_now_ms() + STEADY_MS; open_files() != files;) {
		assert_true(lab_now_ms() < end);
		lab_sleep_ms(50);
	}
	assert_int_equal(gate_inspectors(pids), inspectors);
	again(by_term);
	again(by_term);
	assert_int_equal(gate_inspectors(pids), inspectors);
	client_close(life_connect());
}

/* What comes back is not what was left: it is told, nothing of it is used, nothing passes unjudged.
 */
static void
refused_with_an_alarm(const char *spoil)
{
	size_t before = lab_file_size(gate_events());
	int fd;

	setenv("KEEPER_SPOIL", spoil, 1);
	start(&usual);
	unsetenv("KEEPER_SPOIL");
	fd = life_connect();
	life_attack(again_by_term);
	life_unharmed();
	assert_true(said_since(before, "handover-refused"));
	assert_true(said_since(before, "\"connections\":\"new\""));
	assert_false(life_reads(fd, 300));
	client_close(fd);
	client_close(life_connect());
	again(by_request); /* this time it is what was left */
	client_close(life_connect());
	life_tear_down(NULL);
}

static void
what_is_not_what_was_left_is_refused(void **state)
{
	static const char *const ways[] = {"arena-0=foreign", "arena-0=short", "arena-0=torn",
	    "arena-1=missing", "queue-0=foreign", "queue-0=missing", "numbers-0=short",
	    "events-read-0=foreign", "record-1=short", "record-1=foreign", "rates-1=missing",
	    "rates-1=foreign"};

	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		refused_with_an_alarm(ways[i]);
}

static int
restart_status(void)
{
	return lab_shell(LAB_GATEWAY, "%s restart --control %s", SLUICE, lab_path("control"));
}

/* Without a service manager; the example of sluice(1). */
static void
alone(void **state)
{
	size_t before;
	int fd;

	life_start(&usual, NULL);
	fd = life_connect();
	for (unsigned i = 0; i < RESTARTS; i++) {
		before = lab_file_size(gate_events());
		assert_int_equal(life_sluice("restart", NULL), 0);
		assert_true(life_said(" is in force; connections: kept\n"));
		assert_true(said_since(before, "\"connections\":\"kept\""));
		assert_true(life_reads(fd, REQUEST_MS));
	}
	client_close(fd);
	life_attack(again_by_request);
	life_unharmed();
}

/* What stands in the place of the program now does not run, does not answer, is not there: nothing
 * changes.  Then the right one stands there. */
static void
broken_program_changes_nothing(void **state)
{
	static const char *const ways[] = {"printf '#!/bin/sh\nexit 3\n'", "printf 'no program'",
	    "printf '#!/bin/sh\nkill -9 $$\n'", "head -c 4096 /proc/self/exe"};
	char copy[256];
	pid_t pid;
	int fd;

	snprintf(copy, sizeof(copy), "%s", lab_path("sluiced"));
	assert_int_equal(lab_shell(LAB_GATEWAY, "install -m 755 %s %s", gate_program(), copy), 0);
	gate_start_copy(copy, gate_write_policy("life.conf", &usual));
	fd = life_connect();
	pid = gate_pid();
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(lab_shell(LAB_GATEWAY, "%s >%s.new", ways[i], copy), 0);
		assert_int_equal(
		    lab_shell(LAB_GATEWAY, "chmod 755 %s.new && mv %s.new %s", copy, copy, copy),
		    0);
		assert_int_equal(restart_status(), 1);
		assert_int_equal(gate_pid(), pid);
		assert_true(life_reads(fd, REQUEST_MS));
	}
	unlink(copy);
	assert_int_equal(restart_status(), 1);
	assert_true(life_reads(fd, REQUEST_MS));
	assert_int_equal(lab_shell(LAB_GATEWAY, "install -m 755 %s %s", gate_program(), copy), 0);
	assert_int_equal(restart_status(), 0);
	assert_int_equal(gate_pid(), pid);
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
}

/* Other limits of memory: all moves into another block, while the plant works. */
static void
other_limits_keep_connections(void **state)
{
	static void (*const ways[])(void) = {again_by_term, again_by_kill, again_by_request};
	const struct gate_policy policy = {.extra = fleet_channels()};
	struct fleet_count count;

	start(&policy);
	fleet_start(&count);
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		size_t before = lab_file_size(gate_events());

		gate_write_policy("life.conf", &policy);
		assert_int_equal(lab_shell(LAB_GATEWAY, "echo 'limits: { flows = %u; };' >>%s",
				     1000 * (i + 1), lab_path("life.conf")),
		    0);
		ways[i]();
		assert_true(said_since(before, "\"connections\":\"kept\""));
		assert_true(fleet_wait(&count, BETWEEN, STEADY_MS));
		life_attack(ways[i]); /* and once more without a change */
		life_unharmed();
	}
	fleet_stop();
	assert_int_equal(count.broken, 0);
	assert_int_equal(count.late, 0);
	assert_int_equal(count.answered, count.asked);
}

/*
 * A version that keeps connections in another way: what stands between two messages goes on, with
 * nothing permitted that was not before; of what is half there nothing passes.
 */
static void
another_version_goes_on_between_messages(void **state)
{
	size_t before = lab_file_size(gate_events());
	int fd;

	setenv("KEEPER_SPOIL", "record-1=rebuilt", 1);
	start(&usual);
	unsetenv("KEEPER_SPOIL");
	fd = life_connect();
	life_attack(again_by_term);
	life_unharmed();
	assert_true(said_since(before, "\"connections\":\"resumed\""));
	assert_true(gate_event_wait(before, 0, "stream-middle", false, REQUEST_MS));
	for (unsigned i = 0; i < 3; i++)
		assert_true(life_reads(fd, REQUEST_MS));
	client_ask(fd, message_forbidden, 300, NULL);
	life_unharmed();
	client_close(fd);
	fd = life_connect();
	again(by_request); /* from here on it is the same version again */
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
}

/* Other queues: nobody attends the old ones any more, and they are free for others. */
static void
other_options_begin_anew(void **state)
{
	const char *policy = gate_write_policy("life.conf", &usual);
	size_t before;

	start(&usual);
	client_close(life_connect());
	gate_stop(SIGTERM);
	before = lab_file_size(gate_events());
	gate_start_kept(policy, (const char *[]){"--inspectors", "1", NULL});
	assert_true(said_since(before, "\"connections\":\"new\""));
	client_close(life_connect());
}

const struct CMUnitTest life_restart_tests[] = {
    LIFE_TEST(polling_outlives_an_orderly_restart),
    LIFE_TEST(polling_outlives_a_killed_supervisor),
    LIFE_TEST(polling_outlives_sluice_restart),
    LIFE_TEST(half_a_message_is_stopped),
    LIFE_TEST(rates_stay_used_up),
    LIFE_TEST(another_policy_is_that_of_the_next_run),
    LIFE_TEST(broken_policy_keeps_what_is_in_force),
    LIFE_TEST(nothing_grows_from_run_to_run),
    LIFE_TEST(what_is_not_what_was_left_is_refused),
    LIFE_TEST(alone),
    LIFE_TEST(broken_program_changes_nothing),
    LIFE_TEST(other_limits_keep_connections),
    LIFE_TEST(another_version_goes_on_between_messages),
    LIFE_TEST(other_options_begin_anew),
};
const size_t life_restart_count = sizeof(life_restart_tests) / sizeof(life_restart_tests[0]);
