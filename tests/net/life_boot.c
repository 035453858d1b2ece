/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Before the daemon starts, and by a clock that is wrong. See life.h.
 */
#include "life.h"

#include <stdio.h>
#include <sys/socket.h>

enum { REQUEST_MS = 1500, EVENT_MS = 5000, RESTART_MS = 20000 };

static int
boot(void)
{
	return gate_run((const char *[]){"--boot", "-c", lab_path("life.conf"), NULL});
}

/* A machine that has run with this policy, and was switched off. */
static void
switched_off(const struct gate_policy *policy)
{
	gate_write_policy("life.conf", policy);
	gate_start(lab_path("life.conf"), NULL);
	gate_stop(SIGTERM);
	assert_int_equal(gate_flush(), 0);
	assert_false(life_table());
}

static void
break_policy(void)
{
	gate_write_policy("life.conf", &(struct gate_policy){.mode = "sometimes"});
}

/* Who is no client of anything gets nowhere, whatever when_down says. */
static void
assert_strangers_are_out(void)
{
	assert_true(client_connect_from("10.10.0.20", PLC1, 300) < 0);
}

static void
closed_from_the_first_packet(void **state)
{
	switched_off(&(struct gate_policy){0});

	assert_int_equal(boot(), 0);
	assert_true(life_table());
	assert_true(client_connect(PLC1, 300) < 0);
	assert_strangers_are_out();
	gate_start(lab_path("life.conf"), NULL);
	client_close(life_connect());
}

static void
open_from_the_first_packet(void **state)
{
	int fd;

	switched_off(&(struct gate_policy){.when_down = "open"});
	assert_int_equal(boot(), 0);
	fd = life_connect();
	assert_strangers_are_out();
	client_close(fd);
	gate_start(lab_path("life.conf"), NULL);
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

/* The file is broken today: the copy is in force, before the daemon and with it, which tells. */
static void
broken_file_does_not_matter(void **state)
{
	size_t before;
	int fd;

	switched_off(&(struct gate_policy){.when_down = "open"});
	before = lab_file_size(gate_events());
	break_policy();
	assert_int_equal(boot(), 0);
	fd = life_connect();
	assert_strangers_are_out();
	client_close(fd);
	gate_start(lab_path("life.conf"), NULL);
	assert_true(lab_file_wait(gate_events(), before, "policy-fallback", EVENT_MS));
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

/* A first boot ever: the file. With an error in it, or none at all: nothing is forwarded. */
static void
without_a_copy_the_file_is_taken(void **state)
{
	gate_write_policy("life.conf", &(struct gate_policy){.when_down = "open"});

	assert_int_equal(boot(), 0);
	client_close(life_connect());
	assert_strangers_are_out();
	lab_shell(LAB_GATEWAY, "nft flush ruleset");
	break_policy();
	assert_int_equal(boot(), 1);
	life_shut();
	lab_shell(LAB_GATEWAY, "nft flush ruleset");
	unlink(lab_path("life.conf"));
	assert_int_equal(boot(), 2);
	life_shut();
}

/* A zone that was cut off is cut off again before anything is forwarded. */
static void
island_stays_one(void **state)
{
	gate_write_policy("life.conf", &(struct gate_policy){.when_down = "open"});
	gate_start(lab_path("life.conf"), NULL);
	client_close(life_connect());
	assert_int_equal(life_sluice("isolate", "pumps", NULL), 0);
	gate_stop(SIGTERM);
	assert_int_equal(gate_flush(), 0);
	client_close(life_connect()); /* without a table everything passes */
	assert_int_equal(boot(), 0);
	life_shut();
}

static void
torn_copy_is_not_used(void **state)
{
	switched_off(&(struct gate_policy){.when_down = "open"});

	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "sed -i s/open/closed/ %s/last-good.conf", gate_state()), 0);
	assert_int_equal(boot(), 0);
	client_close(life_connect()); /* as the file says */
}

static void
running_daemon_is_left_alone(void **state)
{
	int fd;

	life_start(&(struct gate_policy){0}, NULL);
	fd = life_connect();
	life_refuses((const char *[]){"--boot", "-c", lab_path("life.conf"), NULL}, "is at work");
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
}

/* ---- clocks ---- */

static void
set_clock(int64_t seconds)
{
	FILE *file = fopen(lab_path("clock"), "r+e");

	if (!file)
		file = fopen(lab_path("clock"), "we");
	if (!file || fwrite(&seconds, sizeof(seconds), 1, file) != 1 || fclose(file) != 0)
		lab_fail("no clock");
}

static void
start_by_clock(const struct gate_policy *policy, int64_t seconds)
{
	set_clock(seconds);
	setenv("LD_PRELOAD", ODD_CLOCK_MODULE, 1);
	setenv("ODD_CLOCK", lab_path("clock"), 1);
	gate_start_kept(gate_write_policy("life.conf", policy), NULL);
	unsetenv("LD_PRELOAD");
	unsetenv("ODD_CLOCK");
}

static int
ask_status(void)
{
	return lab_shell(LAB_GATEWAY, "%s status --json --control %s", SLUICE, lab_path("control"));
}

static void
by_signal(int number, const char *event)
{
	size_t before = lab_file_size(gate_events());

	gate_signal(number);
	assert_true(gate_note_wait(before, event, RESTART_MS));
}

/*
 * The machine believes that it is 1970, then 2100, then 1970 again, as one without a battery whose
 * time server comes and goes.  Connections, rates, reloads and restarts don't mind.
 */
static void
clock_of_1970_and_its_jumps_harm_nothing(void **state)
{
	static const int64_t clocks[] = {0, 7, 4102444800, 1767225600, 0, -86400};
	static const char rules[] =
	    "{ access = [\"read\"]; }, { functions = [\"write-single-register\"]; "
	    "points = [\"holding:40\"]; rate = \"1/h\"; }";
	const struct gate_policy policy = {.rules = rules, .on_deny = "drop"};
	size_t first = lab_file_size(gate_events());
	int fd, writer;

	start_by_clock(&policy, clocks[0]);
	assert_true(lab_file_wait(gate_events(), first, "\"timestamp\":\"1970-01-01T", EVENT_MS));
	fd = life_connect();
	writer = life_connect();
	assert_true(client_ask(writer, message_permitted, REQUEST_MS, NULL));
	client_close(writer);
	device_clear(PLC1);
	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		size_t before = lab_file_size(gate_events());

		set_clock(clocks[i]);
		assert_true(life_reads(fd, REQUEST_MS));
		writer = life_connect();
		assert_false(client_ask(writer, message_permitted, 300, NULL));
		client_close(writer);
		assert_true(gate_event_wait(before, 0, "rate-exceeded", false, EVENT_MS));
		by_signal(SIGHUP, "reload");
		assert_true(life_reads(fd, REQUEST_MS));
		by_signal(SIGTERM, "start");
		assert_true(life_reads(fd, REQUEST_MS));
		assert_in_range(ask_status(), 0, 1);
	}
	assert_int_equal(device_read(PLC1, 40), 0);
	assert_true(lab_file_wait(gate_events(), first, "\"timestamp\":\"2100-01-01T", 0));
	client_close(fd);
	life_attack(NULL);
	life_unharmed();
}

/* A boot by that clock: what was kept is good, however old it will be. */
static void
boot_in_1970(void **state)
{
	switched_off(&(struct gate_policy){.when_down = "open"});

	break_policy();
	set_clock(0);
	setenv("LD_PRELOAD", ODD_CLOCK_MODULE, 1);
	setenv("ODD_CLOCK", lab_path("clock"), 1);
	assert_int_equal(boot(), 0);
	unsetenv("LD_PRELOAD");
	unsetenv("ODD_CLOCK");
	client_close(life_connect());
	assert_strangers_are_out();
}

const struct CMUnitTest life_boot_tests[] = {
    LIFE_TEST(closed_from_the_first_packet),
    LIFE_TEST(open_from_the_first_packet),
    LIFE_TEST(broken_file_does_not_matter),
    LIFE_TEST(without_a_copy_the_file_is_taken),
    LIFE_TEST(island_stays_one),
    LIFE_TEST(torn_copy_is_not_used),
    LIFE_TEST(running_daemon_is_left_alone),
    LIFE_TEST(clock_of_1970_and_its_jumps_harm_nothing),
    LIFE_TEST(boot_in_1970),
};
const size_t life_boot_count = sizeof(life_boot_tests) / sizeof(life_boot_tests[0]);
