/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams: what becomes of them while inspectors stop, die, are flooded or replaced, and when the
 * kernel forgets who talks to whom.
 *
 *   lab.sh dnp3_datagrams [NAME-PATTERN]
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "choose.h"
#include "gate.h"
#include "lab.h"
#include "peer.h"
#include "policy.h"
#include "script.h"

enum { ANSWER_MS = 1500, QUIET_MS = 300, RELOAD_MS = 5000, FLOOD = 60, FORGET_MS = 2600 };

#define BLOCK_7 "0c012801000700 0301f40100000000000000"
#define OUTPUT_7 "output 12 7 3"

static const char poll[] = "say 10 c0013c0206";
static const char select_7[] = "say 10 c103" BLOCK_7;
static const char operate_7[] = "say 10 c204" BLOCK_7;
static const char restart[] = "say 10 c30d";

static struct peer master, other;

static void
start(const struct gate_policy *policy, const char *const *more)
{
	struct gate_policy whole = *policy;

	if (!whole.extra)
		whole.extra = POLICY_CHANNELS;
	gate_start(gate_write_policy("datagrams.conf", &whole), more);
}

static void
reload(const char *channels)
{
	size_t before = lab_file_size(gate_events());

	gate_write_policy("datagrams.conf", &(struct gate_policy){.extra = channels});
	gate_signal(SIGHUP);
	assert_true(gate_note_wait(before, "reload", RELOAD_MS));
}

static void
say(struct peer *peer, const char *text)
{
	struct script script;

	script_read(text, &script);
	peer_send(peer, script.packets[0].bytes, script.packets[0].length);
}

/* Says something and gets an answer. */
static bool
is_answered(struct peer *peer, const char *text, unsigned ms)
{
	size_t before = peer->received;

	say(peer, text);
	return peer_wait(peer, before + 1, ms);
}

static void
open_master(void)
{
	peer_open(&master, OVER_UDP, station_address(STATION_CAREFUL, OVER_UDP), PORT_DNP3);
}

static void
signal_inspectors(int number)
{
	pid_t pids[GATE_INSPECTORS_MAX];
	size_t count = gate_inspectors(pids);

	for (size_t i = 0; i < count; i++)
		kill(pids[i], number);
}

static void
polls_one_after_the_other_are_all_answered(void **state)
{
	start(&(struct gate_policy){0}, NULL);
	open_master();
	peer_open(&other, OVER_UDP6, station_address(STATION_CAREFUL, OVER_UDP6), PORT_DNP3);
	for (unsigned i = 0; i < 200; i++)
		assert_true(is_answered(i % 2 ? &master : &other, poll, ANSWER_MS));
}

static void
end_of_the_daemon_leaves_closed_closed(void **state)
{
	start(&(struct gate_policy){0}, NULL);
	open_master();
	assert_true(is_answered(&master, poll, ANSWER_MS));
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_false(is_answered(&master, "say 10 c1013c0206", QUIET_MS));
	say(&master, restart);
	assert_false(station_said(&master, QUIET_MS, "restart"));
	assert_false(station_said(&master, 0, "message 10 c1013c0206"));
	start(&(struct gate_policy){0}, NULL);
	assert_true(is_answered(&master, poll, ANSWER_MS));
}

static void
killed_daemon_leaves_closed_closed(void **state)
{
	start(&(struct gate_policy){0}, NULL);
	open_master();
	assert_true(is_answered(&master, poll, ANSWER_MS));
	gate_stop(SIGKILL);
	lab_sleep_ms(QUIET_MS);
	assert_false(is_answered(&master, poll, QUIET_MS));
	say(&master, restart);
	assert_false(station_said(&master, QUIET_MS, "restart"));
}

/* Without inspectors an open conduit is what layers 3 and 4 permit, and no more. */
static void
end_of_the_daemon_leaves_open_open(void **state)
{
	start(&(struct gate_policy){.when_down = "open"}, NULL);
	open_master();
	say(&master, restart);
	assert_false(station_said(&master, QUIET_MS, "restart"));
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_true(is_answered(&master, poll, ANSWER_MS));
	say(&master, restart);
	assert_true(station_said(&master, ANSWER_MS, "restart"));
	peer_open(&other, OVER_UDP, station_address(STATION_CAREFUL, OVER_UDP), PORT_DNP3 + 2);
	assert_false(is_answered(&other, poll, QUIET_MS));
}

/* What waits is judged when somebody is there to do it. */
static void
stopped_inspectors_let_nothing_pass(void **state)
{
	start(&(struct gate_policy){0}, (const char *[]){"--watchdog", "0", NULL});
	open_master();
	assert_true(is_answered(&master, poll, ANSWER_MS));
	signal_inspectors(SIGSTOP);
	say(&master, "say 10 c1013c0206");
	say(&master, restart);
	say(&master, "say 10 c2013c0206");
	assert_false(station_said(&master, QUIET_MS, "message 10 c1013c0206"));
	signal_inspectors(SIGCONT);
	assert_true(station_said(&master, ANSWER_MS, "message 10 c2013c0206"));
	assert_true(station_said(&master, 0, "message 10 c1013c0206"));
	assert_false(station_said(&master, QUIET_MS, "restart"));
}

static void
overflowing_queue_lets_nothing_pass(void **state)
{
	start(&(struct gate_policy){0},
	    (const char *[]){"--watchdog", "0", "--queue-length", "8", NULL});
	open_master();
	assert_true(is_answered(&master, poll, ANSWER_MS));
	signal_inspectors(SIGSTOP);
	for (unsigned i = 0; i < FLOOD; i++)
		say(&master, restart);
	signal_inspectors(SIGCONT);
	assert_false(station_said(&master, QUIET_MS, "restart"));
	assert_true(is_answered(&master, poll, ANSWER_MS));
}

static void
overflowing_queue_of_an_open_conduit(void **state)
{
	start(&(struct gate_policy){.when_down = "open"},
	    (const char *[]){"--watchdog", "0", "--queue-length", "2", NULL});
	open_master();
	assert_true(is_answered(&master, poll, ANSWER_MS));
	signal_inspectors(SIGSTOP);
	for (unsigned i = 0; i < FLOOD; i++)
		say(&master, poll);
	assert_true(peer_wait(&master, master.received + 1, ANSWER_MS));
	signal_inspectors(SIGCONT);
	lab_sleep_ms(QUIET_MS); /* as long as the queue is full, all passes */
	say(&master, restart);
	assert_false(station_said(&master, QUIET_MS, "restart"));
}

/* What was selected is remembered, whoever inspects. */
static void
killed_inspectors_forget_nothing(void **state)
{
	start(&(struct gate_policy){0}, NULL);
	open_master();
	assert_true(is_answered(&master, select_7, ANSWER_MS));
	signal_inspectors(SIGKILL);
	say(&master, restart);
	lab_sleep_ms(QUIET_MS);
	assert_true(is_answered(&master, operate_7, ANSWER_MS));
	assert_true(station_said(&master, ANSWER_MS, OUTPUT_7));
	assert_false(station_said(&master, 0, "restart"));
}

static void
reload_forgets_nothing(void **state)
{
	start(&(struct gate_policy){0}, NULL);
	open_master();
	assert_true(is_answered(&master, select_7, ANSWER_MS));
	reload(POLICY_CHANNELS);
	assert_true(is_answered(&master, operate_7, ANSWER_MS));
	assert_true(station_said(&master, ANSWER_MS, OUTPUT_7));
}

/* The new policy has the TCP channel only. */
static void
reload_cuts_what_it_forbids(void **state)
{
	size_t before;

	start(&(struct gate_policy){0}, NULL);
	open_master();
	assert_true(is_answered(&master, poll, ANSWER_MS));
	before = lab_file_size(gate_events());
	reload(",\n      { name = \"telemetry\"; " POLICY_ENDS POLICY_RULES);
	assert_true(gate_event_wait(before, master.port, "flow-cut", false, ANSWER_MS));
	assert_false(is_answered(&master, "say 10 c1013c0206", QUIET_MS));
	assert_false(station_said(&master, 0, "message 10 c1013c0206"));
	reload(POLICY_CHANNELS);
	assert_true(is_answered(&master, poll, ANSWER_MS));
}

/* Where the policy says so, a request may come in several datagrams. */
static void
split_requests_pass_where_permitted(void **state)
{
	start(&(struct gate_policy){.extra =
					",\n      { name = \"telemetry\"; " POLICY_ENDS POLICY_UDP
					"split_requests = 1; " POLICY_RULES},
	    NULL);
	open_master();
	say(&master, "part 10 45 c0013c");
	say(&master, "part 10 06 0206");
	assert_true(is_answered(&master, "part 10 87 3c0306", ANSWER_MS));
	say(&master, "part 10 45 c1050c01280100");
	say(&master, "part 10 86 07000301f40100000000000000");
	assert_false(station_said(&master, QUIET_MS, OUTPUT_7));
	say(&master, "part 10 86 08000301f40100000000000000");
	assert_true(station_said(&master, ANSWER_MS, "output 12 8 3"));
}

static void
set_timeout(unsigned seconds, unsigned stream_seconds)
{
	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "sysctl -q -w net.netfilter.nf_conntrack_udp_timeout=%u "
			     "net.netfilter.nf_conntrack_udp_timeout_stream=%u",
			     seconds, stream_seconds),
	    0);
}

/* The kernel has forgotten the master's datagram. The inspectors have a memory of their own, which
 * does not end with the kernel's: what comes from the outstation is the answer all the same. */
static void
kernel_forgets_silent_peers(void **state)
{
	size_t before;

	start(&(struct gate_policy){0}, NULL);
	set_timeout(1, 1);
	open_master();
	assert_true(is_answered(&master, select_7, ANSWER_MS));
	station_signal(STATION_CAREFUL, SIGSTOP);
	say(&master, poll);
	lab_sleep_ms(FORGET_MS);
	station_signal(STATION_CAREFUL, SIGCONT);
	before = master.received;
	assert_true(peer_wait(&master, before + 1, ANSWER_MS));
	assert_true(station_said(&master, ANSWER_MS, "message 10 c0013c0206"));
	assert_true(is_answered(&master, poll, ANSWER_MS));
	assert_true(is_answered(&master, select_7, ANSWER_MS));
	lab_sleep_ms(FORGET_MS);
	assert_true(is_answered(&master, operate_7, ANSWER_MS));
	assert_true(station_said(&master, ANSWER_MS, OUTPUT_7));
	set_timeout(30, 120);
}

static int
set_up(void **state)
{
	peer_init(&master);
	peer_init(&other);
	return 0;
}

static int
tear_down(void **state)
{
	signal_inspectors(SIGCONT);
	peer_close(&master);
	peer_close(&other);
	gate_stop(SIGTERM);
	gate_flush();
	return 0;
}

#define TEST(function)                                       \
	{                                                    \
#function, function, set_up, tear_down, NULL \
	}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    TEST(polls_one_after_the_other_are_all_answered),
	    TEST(end_of_the_daemon_leaves_closed_closed),
	    TEST(killed_daemon_leaves_closed_closed),
	    TEST(end_of_the_daemon_leaves_open_open),
	    TEST(stopped_inspectors_let_nothing_pass),
	    TEST(overflowing_queue_lets_nothing_pass),
	    TEST(overflowing_queue_of_an_open_conduit),
	    TEST(killed_inspectors_forget_nothing),
	    TEST(reload_forgets_nothing),
	    TEST(reload_cuts_what_it_forbids),
	    TEST(split_requests_pass_where_permitted),
	    TEST(kernel_forgets_silent_peers),
	};
	int failed;

	choose_tests(argc > 1 ? argv[1] : NULL, tests, sizeof(tests) / sizeof(tests[0]));
	lab_init();
	stations_start();
	failed = cmocka_run_group_tests_name("datagrams", tests, NULL, NULL);
	stations_stop();
	return failed > 0;
}
