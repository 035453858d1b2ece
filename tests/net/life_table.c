/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's table in the hands of others. See life.h. */
#include "life.h"

#include <errno.h>

enum { REPAIR_MS = 500, ALARM_MS = 3000, SILENCE_MS = 300, PAUSE_MS = 1100, HANGS_MS = 8000 };

static const char alarm_event[] = "\"alarm\":\"table-changed\"";

static bool
table_says(const char *text)
{
	return lab_shell(LAB_GATEWAY, "nft list table inet sluice | grep -q '%s'", text) == 0;
}

/* How long does it take until the table says it (or no longer does)? */
static bool
table_says_within(const char *text, bool wanted, unsigned ms)
{
	uint64_t end = lab_now_ms() + ms;

	while (table_says(text) != wanted) {
		if (lab_now_ms() > end)
			return false;
		lab_sleep_ms(5);
	}
	return true;
}

/* Others change the table by an nft command; it is put right, and that is an alarm. */
static void
change(const char *command)
{
	size_t before = lab_file_size(gate_events());

	assert_int_equal(lab_shell(LAB_GATEWAY, "%s", command), 0);
	assert_true(lab_file_wait(gate_events(), before, alarm_event, ALARM_MS));
	assert_true(lab_file_wait(gate_events(), before, "\"by\":\"nft[", 0));
	assert_true(lab_file_wait(gate_events(), before, "\"result\":\"put right\"", 0));
}

/*
 * A forbidden write does not pass afterwards.  A connection on which something went by unseen can't
 * be judged any more, and ends; its client connects again and is at work.
 */
static void
flushed_ruleset_is_put_right(void **state)
{
	struct poller poller;
	unsigned failed;

	life_start(&(struct gate_policy){0}, NULL);
	poller_start(&poller, PLC1);
	assert_true(poller_wait(&poller, 20, ALARM_MS));
	assert_int_equal(lab_shell(LAB_GATEWAY, "nft flush ruleset"), 0);
	assert_true(table_says_within("chain forward", true, REPAIR_MS));
	lab_sleep_ms(PAUSE_MS);
	change("nft flush ruleset");
	life_attack(NULL);
	life_unharmed();
	assert_true(poller_wait(&poller, 20, ALARM_MS));
	failed = poller.failed;
	assert_true(poller_wait(&poller, 100, ALARM_MS));
	poller_stop(&poller);
	assert_int_equal(poller.failed, failed);
}

/* The server has got a request that nobody judged: the connection ends, and does not hang. */
static void
something_goes_by(bool acknowledged, const char *reason)
{
	size_t before;
	int fd, error = 0;

	life_start(&(struct gate_policy){0}, NULL);
	before = lab_file_size(gate_events());
	fd = life_connect();
	gate_signal(SIGSTOP);
	assert_int_equal(lab_shell(LAB_GATEWAY, "nft flush ruleset"), 0);
	assert_true(life_reads(fd, ALARM_MS));
	if (acknowledged)
		lab_sleep_ms(SILENCE_MS);
	gate_signal(SIGCONT);
	assert_true(table_says_within("chain forward", true, ALARM_MS));
	assert_false(client_ask(fd, message_read, HANGS_MS, &error));
	assert_int_equal(error, ECONNRESET);
	client_close(fd);
	assert_true(lab_file_wait(gate_events(), before, reason, ALARM_MS));
	client_close(life_connect());
}

/* The server repeats its answer, and says with it what it has got; or the client is quicker. */
static void
connection_on_which_something_went_by_ends(void **state)
{
	something_goes_by(false, "\"reason\":\"stream-");
}

/* The server has nothing to say, but the client goes on behind what is missing. */
static void
connection_on_which_a_whole_exchange_went_by_ends(void **state)
{
	something_goes_by(true, "\"stream-gap\"");
}

static void
rule_of_others_is_removed(void **state)
{
	life_start(&(struct gate_policy){0}, NULL);
	change("nft insert rule inet sluice forward accept comment mine");
	assert_true(table_says_within("mine", false, REPAIR_MS));
	life_attack(NULL);
	life_unharmed();
	client_close(life_connect());
}

static void
emptied_chain_is_put_right(void **state)
{
	life_start(&(struct gate_policy){0}, NULL);
	change("nft flush chain inet sluice forward");
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

/* Chains that can't be made into ours: these can only be made anew, with all that is in the table.
 */
static void
chains_of_another_kind_are_put_right(void **state)
{
	static const char *const commands[] = {
	    "nft 'delete chain inet sluice forward; add chain inet sluice forward'",
	    ("nft 'delete chain inet sluice forward; add chain inet sluice forward "
	     "{ type filter hook forward priority 100; policy accept; }'"),
	    ("nft 'flush table inet sluice; flush map inet sluice verdicts; "
	     "flush map inet sluice established; delete chain inet sluice plain; "
	     "add chain inet sluice plain { type filter hook forward priority 5; }'"),
	};

	life_start(&(struct gate_policy){0}, NULL);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		change(commands[i]);
		client_close(life_connect());
		life_attack(NULL);
		life_unharmed();
		lab_sleep_ms(PAUSE_MS);
	}
}

/* What others do to their own tables may be more than is listened to; it hides nothing. */
static void
flood(const char *first, const char *last)
{
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	before = lab_file_size(gate_events());
	gate_signal(SIGSTOP);
	lab_shell(LAB_GATEWAY,
	    "%s; { echo 'add table ip big; add set ip big s { type mark; }'; "
	    "for i in 0 1 2 3 4; do echo \"add element ip big s { "
	    "$(seq -s, $((i * 40000 + 1)) $((i * 40000 + 40000))) }\"; done; } | nft -f -; %s",
	    first, last);
	gate_signal(SIGCONT);
	assert_true(lab_file_wait(gate_events(), before, alarm_event, ALARM_MS));
	assert_true(lab_file_wait(gate_events(), before, "\"result\":\"put right\"", 0));
	life_attack(NULL);
	life_unharmed();
}

static void
change_before_a_flood_is_told(void **state)
{
	flood("nft flush ruleset", "true");
}

static void
change_after_a_flood_is_told(void **state)
{
	flood("true", "nft flush ruleset");
}

/* Again and again: not more than one repair a second, and the last word is ours. */
static void
stubborn_others_do_not_win(void **state)
{
	life_start(&(struct gate_policy){0}, NULL);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(lab_shell(LAB_GATEWAY, "nft flush ruleset"), 0);
	assert_true(table_says_within("chain forward", true, ALARM_MS));
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

/* Who puts another table in the place of ours means it: it stays, and when it goes, ours is back.
 */
static void
table_of_others_in_the_place_of_ours(void **state)
{
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	before = lab_file_size(gate_events());
	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "nft 'delete table inet sluice; add table inet sluice; "
			     "add chain inet sluice mine'"),
	    0);
	assert_true(lab_file_wait(
	    gate_events(), before, "\"result\":\"another table has its name\"", ALARM_MS));
	assert_true(table_says("chain mine"));
	lab_sleep_ms(PAUSE_MS);
	change("nft delete table inet sluice");
	client_close(life_connect());
	life_attack(NULL);
	life_unharmed();
}

static void
own_changes_and_tables_of_others_are_no_alarm(void **state)
{
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	before = lab_file_size(gate_events());
	for (unsigned i = 0; i < 3; i++) {
		size_t now = lab_file_size(gate_events());

		gate_signal(SIGHUP);
		assert_true(gate_note_wait(now, "reload", ALARM_MS));
	}
	assert_int_equal(
	    lab_shell(LAB_GATEWAY,
		"nft 'add table inet other; add chain inet other c; "
		"add table ip sluice; delete table ip sluice; delete table inet other'"),
	    0);
	assert_false(lab_file_wait(gate_events(), before, "table-changed", SILENCE_MS));
}

/* A flow table of somebody else, with what it takes its connections by; skips where there are none.
 */
static void
make_flow_table(void)
{
	if (lab_shell(LAB_GATEWAY,
		"nft 'add table ip router; add flowtable ip router fast { hook ingress priority 0; "
		"devices = { eth0, eth1 }; }; add chain ip router forward { type filter hook "
		"forward priority 1; }; add rule ip router forward ct state established flow add "
		"@fast'") != 0)
		skip();
}

static const char flow_alarm[] = "\"alarm\":\"flow-table\",\"flow_table\":\"fast of table router\"";

static void
flow_table_of_others_is_refused(void **state)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});
	size_t before = lab_file_size(gate_events());

	make_flow_table();
	life_refuses((const char *[]){"-c", policy, "--control", lab_path("control"), "--state",
			 gate_state(), "--flow-tables", "refuse", NULL},
	    "beside the flow table fast of table router");
	gate_start(lab_path("life.conf"), (const char *[]){"--flow-tables", "allow", NULL});
	assert_true(lab_file_wait(gate_events(), before, flow_alarm, ALARM_MS));
	client_close(life_connect());
}

/* The write reaches nobody, on a connection that is at work. */
static void
stays_judged(int fd)
{
	for (unsigned i = 0; i < 10; i++)
		assert_true(life_reads(fd, ALARM_MS));
	assert_false(client_ask(fd, message_forbidden, SILENCE_MS, NULL));
	life_unharmed();
	client_close(fd);
}

/* Whether the connection is older than the flow table or not. */
static void
flow_table_that_appears_takes_nothing(void **state)
{
	int before, behind;

	life_start(&(struct gate_policy){0}, NULL);
	before = life_connect();
	make_flow_table();
	behind = life_connect();
	stays_judged(before);
	stays_judged(behind);
}

static void
start_beside_a_flow_table_takes_connections_back(void **state)
{
	const char *policy =
	    gate_write_policy("life.conf", &(struct gate_policy){.pickup = "resync"});
	size_t before = lab_file_size(gate_events());
	int fd;

	make_flow_table();
	fd = life_connect();
	for (unsigned i = 0; i < 10; i++)
		assert_true(life_reads(fd, ALARM_MS));
	assert_int_equal(lab_shell(LAB_GATEWAY, "conntrack -L 2>&1 | grep -q OFFLOAD"), 0);
	gate_start(policy, NULL);
	assert_true(lab_file_wait(gate_events(), before, flow_alarm, ALARM_MS));
	stays_judged(fd);
}

/* As a router's recipe begins: all rules away, and a flow table.  Until the table is back, anybody
 * can begin anything. */
static void
flow_table_behind_a_flush_keeps_nothing(void **state)
{
	size_t before;
	int fd;

	life_start(&(struct gate_policy){.pickup = "resync"}, NULL);
	before = lab_file_size(gate_events());
	gate_signal(SIGSTOP);
	assert_int_equal(lab_shell(LAB_GATEWAY, "nft flush ruleset"), 0);
	make_flow_table();
	fd = life_connect();
	for (unsigned i = 0; i < 10; i++)
		assert_true(life_reads(fd, ALARM_MS));
	assert_int_equal(lab_shell(LAB_GATEWAY, "conntrack -L 2>&1 | grep -q OFFLOAD"), 0);
	gate_signal(SIGCONT);
	assert_true(lab_file_wait(gate_events(), before, "\"result\":\"put right\"", ALARM_MS));
	assert_true(lab_file_wait(gate_events(), before, flow_alarm, ALARM_MS));
	lab_sleep_ms(PAUSE_MS);
	stays_judged(fd);
}

static void
flow_table_that_appears_is_told(void **state)
{
	size_t before;

	life_start(&(struct gate_policy){0}, NULL);
	before = lab_file_size(gate_events());
	make_flow_table();
	assert_true(lab_file_wait(gate_events(), before, flow_alarm, ALARM_MS));
	/* once, while it is there; and again when it comes again */
	before = lab_file_size(gate_events());
	assert_int_equal(lab_shell(LAB_GATEWAY, "nft add chain ip router c"), 0);
	assert_false(lab_file_wait(gate_events(), before, "flow-table", SILENCE_MS));
	assert_int_equal(lab_shell(LAB_GATEWAY, "nft delete table ip router"), 0);
	make_flow_table();
	assert_true(lab_file_wait(gate_events(), before, flow_alarm, ALARM_MS));
}

const struct CMUnitTest life_table_tests[] = {
    LIFE_TEST(flushed_ruleset_is_put_right),
    LIFE_TEST(connection_on_which_something_went_by_ends),
    LIFE_TEST(connection_on_which_a_whole_exchange_went_by_ends),
    LIFE_TEST(rule_of_others_is_removed),
    LIFE_TEST(emptied_chain_is_put_right),
    LIFE_TEST(chains_of_another_kind_are_put_right),
    LIFE_TEST(change_before_a_flood_is_told),
    LIFE_TEST(change_after_a_flood_is_told),
    LIFE_TEST(stubborn_others_do_not_win),
    LIFE_TEST(table_of_others_in_the_place_of_ours),
    LIFE_TEST(own_changes_and_tables_of_others_are_no_alarm),
    LIFE_TEST(flow_table_of_others_is_refused),
    LIFE_TEST(flow_table_that_appears_is_told),
    LIFE_TEST(flow_table_that_appears_takes_nothing),
    LIFE_TEST(start_beside_a_flow_table_takes_connections_back),
    LIFE_TEST(flow_table_behind_a_flush_keeps_nothing),
};
const size_t life_table_count = sizeof(life_table_tests) / sizeof(life_table_tests[0]);
