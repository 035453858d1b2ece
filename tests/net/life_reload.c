/* SPDX-License-Identifier: GPL-2.0-or-later */
/* New policies while the plant works. See life.h. */
#include "life.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

enum { REQUEST_MS = 1500, RELOAD_MS = 5000, RELOADS = 10, CUT_MS = 300 };

/* Put a policy in force and wait until it is, or until the daemon says that it can't be. */
static void
reload(const struct gate_policy *policy, const char *event)
{
	size_t before = lab_file_size(gate_events());

	if (policy)
		gate_write_policy("life.conf", policy);
	gate_signal(SIGHUP);
	assert_true(gate_note_wait(before, event, RELOAD_MS));
}

/* A hundred requests a second, ten reloads: no request without an answer, no packet sent twice. */
static void
reload_loses_no_packet(void **state)
{
	struct poller poller;

	life_start(&(struct gate_policy){0}, NULL);
	poller_start(&poller, PLC1);
	assert_true(poller_wait(&poller, 20, REQUEST_MS));
	for (unsigned i = 0; i < RELOADS; i++) {
		reload(&(struct gate_policy){.on_deny = i % 2 ? "reset" : "drop"}, "reload");
		assert_true(poller_wait(&poller, 20, RELOAD_MS));
	}
	poller_stop(&poller);
	assert_int_equal(poller.failed, 0);
	assert_int_equal(poller.retransmissions, 0);
}

static void
bad_policy_changes_nothing(void **state)
{
	int fd;

	life_start(&(struct gate_policy){0}, NULL);
	fd = life_connect();
	reload(&(struct gate_policy){.mode = "monitor", .on_deny = "sometimes"}, "alarm");
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

static void
policy_that_went_away_changes_nothing(void **state)
{
	int fd;

	life_start(&(struct gate_policy){0}, NULL);
	fd = life_connect();
	unlink(lab_path("life.conf"));
	reload(NULL, "alarm");
	assert_true(life_reads(fd, REQUEST_MS));
	client_close(fd);
	life_attack(NULL);
	life_unharmed();
}

/* The client is no longer named: its connection ends at once, without a packet of its own. */
static void
forbidden_flow_is_cut_at_once(void **state)
{
	uint8_t byte;
	int fd;

	life_start(&(struct gate_policy){0}, NULL);
	fd = life_connect();
	reload(&(struct gate_policy){.clients = "\"attacker\""}, "reload");
	lab_sleep_ms(CUT_MS);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, ECONNRESET);
	client_close(fd);
	assert_true(client_connect(PLC1, 500) < 0);
}

/* Rules of the same channel change: the connection stays, the rules are the new ones. */
static void
new_rules_hold_for_old_connections(void **state)
{
	int fd, error;

	life_start(&(struct gate_policy){0}, NULL);
	fd = life_connect();
	assert_true(client_ask(fd, message_permitted, REQUEST_MS, NULL));
	assert_int_equal(device_read(PLC1, 40), 5);
	device_clear(PLC1);
	reload(&(struct gate_policy){.rules = "{ access = [\"read\"]; }"}, "reload");
	assert_true(life_reads(fd, REQUEST_MS));
	assert_false(client_ask(fd, message_permitted, 300, &error));
	assert_int_equal(device_read(PLC1, 40), 0);
	client_close(fd);
}

/* One write an hour: a reload does not give another one. */
static void
rate_that_was_used_up_stays_used_up(void **state)
{
	static const char rules[] =
	    "{ access = [\"read\"]; }, { functions = [\"write-single-register\"]; "
	    "points = [\"holding:40\"]; rate = \"1/h\"; }";
	size_t before = lab_file_size(gate_events());
	int fd;

	life_start(&(struct gate_policy){.rules = rules}, NULL);
	fd = life_connect();
	assert_true(client_ask(fd, message_permitted, REQUEST_MS, NULL));
	device_clear(PLC1);
	reload(&(struct gate_policy){.rules = rules, .on_deny = "drop"}, "reload");
	assert_true(life_reads(fd, REQUEST_MS));
	assert_false(client_ask(fd, message_permitted, 300, NULL));
	assert_int_equal(device_read(PLC1, 40), 0);
	assert_true(gate_event_wait(before, 0, "rate-exceeded", false, REQUEST_MS));
	client_close(fd);
}

/* The inspectors' memory is made once: the event says what waits for the next start. */
static void
new_limits_wait_for_the_next_start(void **state)
{
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "echo 'limits: { flows = 1000; };' >>%s", lab_path("life.conf")),
	    0);
	for (unsigned i = 0; i < 2; i++) {
		before = lab_file_size(gate_events());
		reload(NULL, "reload");
		assert_true(
		    lab_file_wait(gate_events(), before, "\"at_next_start\":\"limits\"", 0));
	}
	before = lab_file_size(gate_events());
	reload(&(struct gate_policy){0}, "reload");
	assert_false(lab_file_wait(gate_events(), before, "at_next_start", 0));
}

/* From monitor to enforce: what was let through before is stopped on the same connection. */
static void
monitor_becomes_enforce(void **state)
{
	int fd;

	life_start(&(struct gate_policy){.mode = "monitor"}, NULL);
	fd = life_connect();
	assert_true(client_ask(fd, message_forbidden, REQUEST_MS, NULL));
	assert_int_equal(device_read(PLC1, 50), 7);
	device_clear(PLC1);
	reload(&(struct gate_policy){0}, "reload");
	client_ask(fd, message_forbidden, 300, NULL);
	life_unharmed();
	client_close(fd);
}

/* Half a forbidden message before, half after. */
static void
reload_same(void)
{
	reload(&(struct gate_policy){.on_deny = "drop"}, "reload");
}

static void
reload_in_the_middle_of_a_message(void **state)
{
	life_start(&(struct gate_policy){0}, NULL);
	life_attack(reload_same);
	life_unharmed();
	client_close(life_connect());
}

/* The policy with a mask of marks, written over it. */
static void
write_mask(const char *mask)
{
	char *text = lab_file_read(gate_write_policy("life.conf", &(struct gate_policy){0}), 0);
	char *with;

	if (asprintf(&with, "mark_mask = \"%s\";\n%s", mask, text) < 0)
		lab_fail("no memory");
	lab_file_write(lab_path("life.conf"), with);
	free(with);
	free(text);
}

/* How many connections have bits of marks in `bits`. */
static unsigned
marked(uint32_t bits)
{
	size_t before = lab_file_size(lab_path("shell.out"));
	unsigned count = 0;
	char *text, *at;

	lab_shell(LAB_GATEWAY, "conntrack -L 2>/dev/null");
	at = text = lab_file_read(lab_path("shell.out"), before);
	while ((at = strstr(at, " mark=")))
		count += (strtoul(at += strlen(" mark="), NULL, 10) & bits) != 0;
	free(text);
	return count;
}

/*
 * Marks under one mask mean nothing under another: a running sluiced does not change it, and a new
 * one forgets what was marked before anything passes.
 */
static void
mark_mask_changes_at_a_start_only(void **state)
{
	const struct gate_policy monitor = {.mode = "monitor", .pickup = "resync"};
	int fd;

	life_start(&monitor, NULL); /* all bits: the channel in the lower half */
	fd = life_connect();
	assert_true(marked(0x0000ffff) > 0);
	write_mask("0xffff0000");
	reload(NULL, "alarm");
	assert_true(life_reads(fd, REQUEST_MS)); /* nothing has changed */
	gate_stop(SIGKILL);                      /* the table stays */
	gate_start(lab_path("life.conf"), NULL);
	assert_int_equal(marked(0x0000ffff), 0);
	client_close(fd);
	fd = life_connect();
	assert_true(marked(0xffff0000) > 0);
	assert_int_equal(marked(0x0000ffff), 0);
	client_close(fd);
	life_attack(NULL);
	life_unharmed();
}

const struct CMUnitTest life_reload_tests[] = {
    LIFE_TEST(reload_loses_no_packet),
    LIFE_TEST(bad_policy_changes_nothing),
    LIFE_TEST(policy_that_went_away_changes_nothing),
    LIFE_TEST(forbidden_flow_is_cut_at_once),
    LIFE_TEST(new_rules_hold_for_old_connections),
    LIFE_TEST(rate_that_was_used_up_stays_used_up),
    LIFE_TEST(new_limits_wait_for_the_next_start),
    LIFE_TEST(monitor_becomes_enforce),
    LIFE_TEST(reload_in_the_middle_of_a_message),
    LIFE_TEST(mark_mask_changes_at_a_start_only),
};
const size_t life_reload_count = sizeof(life_reload_tests) / sizeof(life_reload_tests[0]);
