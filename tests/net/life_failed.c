/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts that fail: whatever it is, what is forwarded stops, or the last good policy is in force.
 * See life.h.
 */
#include "life.h"

#include <stdio.h>
#include <sys/stat.h>

enum { REQUEST_MS = 1500, START_MS = 20000 };

static void
refuses_policy(const char *text, const char *word)
{
	lab_file_write(lab_path("bad.conf"), text);
	life_refuses(
	    (const char *[]){"-c", lab_path("bad.conf"), "--control", lab_path("control"), NULL},
	    word);
	life_shut();
}

static void
policy_that_is_not_there(void **state)
{
	life_refuses((const char *[]){"-c", "/nowhere/sluice.conf", NULL}, "/nowhere/sluice.conf");
	life_shut();
}

static void
policy_that_is_no_policy(void **state)
{
	refuses_policy("site: { name = \"x\";\n  what = 3\n", "bad.conf:");
}

static void
policy_with_a_wrong_word(void **state)
{
	refuses_policy("zones: { a: { class = \"controll\"; sl_t = 1; interfaces = [\"eth0\"]; "
		       "networks = [\"10.10.0.0/24\"]; }; };\n",
	    "bad.conf:1");
}

/* What the kernel lacks is named. */
static void
lacking_kernel(const char *word, const char *said)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});
	size_t before = lab_file_size(lab_path("shell.err"));

	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "LD_PRELOAD=%s LACKING=%s %s -c %s --control %s --state %s",
		LACKING, word, gate_program(), policy, lab_path("lacking.control"), gate_state()),
	    2);
	assert_true(lab_file_wait(lab_path("shell.err"), before, said, 0));
	life_shut();
}

static void
kernel_without_queues(void **state)
{
	lacking_kernel("queue", "the kernel can't queue packets");
}

static void
kernel_without_sets(void **state)
{
	lacking_kernel("lookup", "the kernel lacks what sluiced needs");
}

/* That the inspectors can't be root is no error of the policy's. */
static void
inspectors_as_root_are_refused(void **state)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});
	const char *const arguments[] = {
	    "-c", policy, "--control", lab_path("control"), "--user", "root", NULL};

	life_refuses(arguments, "--user");
	assert_int_equal(gate_run(arguments), 2);
	life_shut();
}

/* A word of the command line that is wrong, in the unit file perhaps, is no way to an open plant.
 */
static void
wrong_command_line(void **state)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});

	life_refuses((const char *[]){"--inspectors", "none", "-c", policy, NULL}, "--inspectors");
	life_shut();
}

/* Who only asks for something changes nothing. */
static void
questions_change_nothing(void **state)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});

	assert_int_equal(gate_run((const char *[]){"-n", "-c", "/nowhere", NULL}), 2);
	assert_int_equal(gate_run((const char *[]){"-n", "-c", policy, "--what", NULL}), 2);
	assert_int_equal(gate_run((const char *[]){"--version", NULL}), 0);
	assert_int_equal(gate_run((const char *[]){NULL}), 2);
	assert_false(life_table());
}

static void
memory_that_is_out(void **state)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});

	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "timeout 20 prlimit --as=100000000 %s -c %s --control %s --state %s",
			     gate_program(), policy, lab_path("control"), gate_state()),
	    2);
	life_shut();
}

/* Who wants it otherwise says so. */
static void
open_on_failure(void **state)
{
	life_refuses((const char *[]){"-c", "/nowhere/sluice.conf", "--on-failure", "open", NULL},
	    "/nowhere/sluice.conf");
	assert_false(life_table());
	life_refuses(
	    (const char *[]){"-c", "/nowhere/sluice.conf", "--on-failure", "ajar", NULL}, "ajar");
	life_shut();
}

/* A start that fails takes nothing from a table that an earlier run has left. */
static void
failed_start_leaves_the_table_of_an_earlier_run(void **state)
{
	life_start(&(struct gate_policy){.when_down = "open"}, NULL);
	assert_int_equal(gate_stop(SIGTERM), 0);
	life_refuses((const char *[]){"-c", lab_path("life.conf"), "--user", "nobody-at-all", NULL},
	    "nobody-at-all");
	client_close(life_connect());
}

/* sluiced has begun with the last good policy: permitted requests are answered, nothing else. */
static void
expect_last_good(void)
{
	int fd = life_connect();

	client_close(fd);
	life_attack(NULL);
	life_unharmed();
	assert_true(client_connect_from("10.10.0.20", PLC1, 300) < 0);
}

/* A good start and its end, after which the gateway is as after a power failure. */
static void
run_once(void)
{
	life_start(&(struct gate_policy){0}, NULL);
	client_close(life_connect());
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_int_equal(gate_flush(), 0);
}

static void
last_good_policy_is_in_force_instead_of_errors(void **state)
{
	size_t before;

	run_once();
	before = lab_file_size(gate_events());
	lab_file_write(lab_path("bad.conf"), "zones: {\n  what = 3\n");
	gate_start(lab_path("bad.conf"), NULL);
	assert_true(lab_file_wait(gate_events(), before, "\"policy-fallback\"", REQUEST_MS));
	assert_true(lab_file_wait(gate_events(), before, "bad.conf:", 0));
	expect_last_good();
	/* and a reload of a good file ends that */
	before = lab_file_size(gate_events());
	lab_shell(LAB_GATEWAY, "cp %s %s", lab_path("life.conf"), lab_path("bad.conf"));
	gate_signal(SIGHUP);
	assert_true(gate_note_wait(before, "reload", START_MS));
}

static void
last_good_policy_is_in_force_instead_of_nothing(void **state)
{
	run_once();
	gate_start("/nowhere/sluice.conf", NULL);
	expect_last_good();
}

/* What a reload puts in force is the last good one; what it refuses is not. */
static void
last_good_policy_is_that_of_the_last_reload(void **state)
{
	size_t before = lab_file_size(gate_events());

	life_start(&(struct gate_policy){.clients = "\"engineering\""}, NULL);
	gate_write_policy("life.conf", &(struct gate_policy){0});
	gate_signal(SIGHUP);
	assert_true(gate_note_wait(before, "reload", START_MS));
	gate_write_policy("life.conf", &(struct gate_policy){.on_deny = "sometimes"});
	gate_signal(SIGHUP);
	assert_true(lab_file_wait(gate_events(), before, "reload-failed", START_MS));
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_int_equal(gate_flush(), 0);
	gate_start(lab_path("life.conf"), NULL);
	expect_last_good();
}

/* Nobody else can read it, and what is not as it was kept is not used. */
static void
last_good_policy_that_was_changed_is_not_used(void **state)
{
	struct stat status;
	char path[160];

	run_once();
	snprintf(path, sizeof(path), "%s/last-good.conf", gate_state());
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "sed -i s/1500/9999/ %s && grep -q 9999 %s", path, path), 0);
	life_refuses(
	    (const char *[]){"-c", "/nowhere/sluice.conf", "--control", lab_path("control"), NULL},
	    "is not what was kept");
	life_shut();
}

/* The kernel refuses what the file says: here everything that names the channel "new". */
static void
last_good_policy_is_in_force_instead_of_one_that_the_kernel_refuses(void **state)
{
	size_t before;

	run_once();
	gate_write_policy("life.conf",
	    &(struct gate_policy){.extra = ", { name = \"new\"; clients = [\"hmi\"]; servers = "
					   "[\"plc2\"]; protocol = \"tcp\"; port = 81; }"});
	before = lab_file_size(gate_events());
	setenv("LD_PRELOAD", LACKING, 1);
	setenv("LACKING", "line/new", 1);
	gate_start(lab_path("life.conf"), NULL);
	unsetenv("LACKING");
	unsetenv("LD_PRELOAD");
	assert_true(lab_file_wait(gate_events(), before, "the kernel did not take", REQUEST_MS));
	expect_last_good();
}

/* Under the capabilities of the unit root can't read what belongs to somebody else. */
static void
policy_of_somebody_else(void **state)
{
	static const char as_unit[] =
	    "setpriv "
	    "--bounding-set=-all,+net_admin,+net_raw,+setuid,+setgid,+setpcap,+sys_chroot,+kill";
	const char *policy = gate_write_policy("theirs.conf", &(struct gate_policy){0});
	size_t before = lab_file_size(lab_path("shell.err"));

	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "chown 65534 %s && chmod 600 %s", policy, policy), 0);
	assert_int_equal(lab_shell(LAB_GATEWAY, "%s %s -c %s --control %s --state %s", as_unit,
			     gate_program(), policy, lab_path("control"), gate_state()),
	    2);
	assert_true(
	    lab_file_wait(lab_path("shell.err"), before, "it belongs to user 65534, mode 0600", 0));
	life_shut();
}

/* Events wait for their file, packets don't. */
static void
event_file_that_cannot_be_opened(void **state)
{
	const char *policy = gate_write_policy("life.conf", &(struct gate_policy){0});
	char events[160], directory[128];
	const char *arguments[] = {gate_program(), "-c", policy, "--control", lab_path("control"),
	    "--state", gate_state(), "--events", events, NULL};
	size_t before = lab_file_size(lab_path("late.err"));
	pid_t pid;

	snprintf(directory, sizeof(directory), "%s", lab_path("later"));
	snprintf(events, sizeof(events), "%s/events", directory);
	pid = lab_start(LAB_GATEWAY, "late", arguments);
	assert_true(lab_file_wait(lab_path("late.err"), before, "is in force", START_MS));
	assert_true(lab_file_wait(lab_path("late.err"), before, "can't write events", 0));
	expect_last_good();
	assert_int_equal(mkdir(directory, 0755), 0);
	assert_true(lab_file_wait(events, 0, "\"start\"", 3000));
	assert_true(lab_file_wait(events, 0, "point-denied", 0));
	assert_int_equal(lab_stop(pid, SIGTERM), 0);
	lab_shell(LAB_GATEWAY, "rm -r %s", directory);
}

/* What the package installs permits nothing, and loads. */
static void
policy_as_installed_permits_nothing(void **state)
{
	gate_start(POLICY_INSTALLED, NULL);
	life_shut();
}

const struct CMUnitTest life_failed_tests[] = {
    LIFE_TEST(policy_that_is_not_there),
    LIFE_TEST(policy_that_is_no_policy),
    LIFE_TEST(policy_with_a_wrong_word),
    LIFE_TEST(kernel_without_queues),
    LIFE_TEST(kernel_without_sets),
    LIFE_TEST(inspectors_as_root_are_refused),
    LIFE_TEST(wrong_command_line),
    LIFE_TEST(questions_change_nothing),
    LIFE_TEST(memory_that_is_out),
    LIFE_TEST(open_on_failure),
    LIFE_TEST(failed_start_leaves_the_table_of_an_earlier_run),
    LIFE_TEST(last_good_policy_is_in_force_instead_of_errors),
    LIFE_TEST(last_good_policy_is_in_force_instead_of_nothing),
    LIFE_TEST(last_good_policy_is_that_of_the_last_reload),
    LIFE_TEST(last_good_policy_that_was_changed_is_not_used),
    LIFE_TEST(last_good_policy_is_in_force_instead_of_one_that_the_kernel_refuses),
    LIFE_TEST(policy_of_somebody_else),
    LIFE_TEST(event_file_that_cannot_be_opened),
    LIFE_TEST(policy_as_installed_permits_nothing),
};
const size_t life_failed_count = sizeof(life_failed_tests) / sizeof(life_failed_tests[0]);
