/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is recorded can be proved, and what becomes of traffic when nothing can be. See life.h. */
#include "life.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { WAIT_MS = 3000 };

/* `sluice audit` over a shell's list of files; its exit status. What it prints is in shell.out. */
static int
audit(const char *words)
{
	lab_file_write(lab_path("shell.out"), "");
	return lab_shell(LAB_GATEWAY, "%s audit --state %s %s", SLUICE, gate_state(), words);
}

static bool
printed(const char *text)
{
	return lab_file_wait(lab_path("shell.out"), 0, text, 0);
}

static void
remove_events(void)
{
	lab_shell(LAB_GATEWAY, "rm -rf %s*", gate_events());
}

static const char *
all_files(void)
{
	static char words[256];

	snprintf(words, sizeof(words), "%s*", gate_events());
	return words;
}

static void
deny_some(unsigned count)
{
	while (count-- > 0) {
		int fd = life_connect();

		assert_false(client_ask(fd, message_forbidden, 300, NULL));
		client_close(fd);
	}
}

/* Restarts, a kill and both kinds of rotation leave one chain. */
static void
chain_outlives_everything(void **state)
{
	const char *more[] = {"--events-size", "64K", "--events-keep", "3", NULL};
	char words[256];

	remove_events();
	life_start(&(struct gate_policy){0}, more);
	deny_some(3);
	assert_int_equal(lab_shell(LAB_GATEWAY, "mv %s %s.moved", gate_events(), gate_events()), 0);
	deny_some(2);
	gate_signal(SIGUSR1);
	deny_some(2);
	gate_stop(SIGKILL);
	gate_start(lab_path("life.conf"), more);
	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "for i in $(seq 160); do %s reload --control %s "
			     ">/dev/null || exit 1; done",
			     SLUICE, lab_path("control")),
	    0);
	assert_int_equal(gate_stop(SIGTERM), 0);
	snprintf(words, sizeof(words), "%s.1", gate_events());
	assert_true(lab_file_size(words) >= 65536);
	assert_int_equal(audit(all_files()), 0);
	assert_true(printed("whole: "));
	assert_true(printed(" 1 to "));
	assert_int_equal(lab_shell(LAB_GATEWAY, "sed -i '20s/reload/relaod/' %s", words), 0);
	assert_int_equal(audit(all_files()), 1);
	assert_true(printed(".1:20: a line that is not what was sealed; expected line "));
	remove_events();
}

static void
lines_cut_off_while_it_was_down_are_an_alarm(void **state)
{
	size_t before;

	remove_events();
	life_start(&(struct gate_policy){0}, NULL);
	deny_some(2);
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_int_equal(lab_shell(LAB_GATEWAY, "sed -i '$d' %s", gate_events()), 0);
	before = lab_file_size(gate_log());
	assert_int_equal(audit(gate_events()), 1);
	assert_true(printed("1 lines less than were written"));
	gate_start(lab_path("life.conf"), NULL);
	assert_true(lab_file_wait(gate_log(), before, "are missing", WAIT_MS));
	assert_true(lab_file_wait(gate_events(), 0, "\"events-missing\",\"lines\":\"1\"", 0));
	assert_int_equal(audit(gate_events()), 1);
	assert_true(printed("1 in front of it are missing"));
	remove_events();
}

static void
chain_with_a_key_needs_it(void **state)
{
	const char *more[] = {"--events-key", NULL, NULL};
	char words[256];

	remove_events();
	lab_file_write(lab_path("key"), "correct horse battery staple");
	chmod(lab_path("key"), 0600);
	more[1] = lab_path("key");
	life_start(&(struct gate_policy){0}, more);
	deny_some(1);
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_int_equal(audit(gate_events()), 2);
	assert_true(printed("--key is needed"));
	snprintf(words, sizeof(words), "--key %s %s", lab_path("key"), gate_events());
	assert_int_equal(audit(words), 0);
	lab_file_write(lab_path("key"), "correct horse battery stable");
	assert_int_equal(audit(words), 1);
	chmod(lab_path("key"), 0644);
	life_refuses((const char *[]){"-c", lab_path("life.conf"), "--control", lab_path("control"),
			 "--events", gate_events(), "--events-key", lab_path("key"), NULL},
	    "others may read the key");
	remove_events();
}

/* ---- a full disk ---- */

/* The events are on a file system of their own, small enough to be filled. */
void
life_start_on_small_disk(const char *audit_full, const struct gate_policy *usual)
{
	const char *disk = lab_path("disk");
	char *policy, *all;

	remove_events();
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "mkdir -p %s && ln -s %s/events %s", disk, disk, gate_events()),
	    0);
	if (mount("sluice-test", disk, "tmpfs", 0, "size=1m") < 0)
		lab_fail("mount %s: %s", disk, strerror(errno));
	policy = lab_file_read(gate_write_policy("life.conf", usual), 0);
	all = malloc(strlen(policy) + 64);
	sprintf(all, "audit_full = \"%s\";\n%s", audit_full, policy);
	lab_file_write(lab_path("life.conf"), all);
	free(policy);
	free(all);
	gate_start(lab_path("life.conf"), NULL);
}

void
life_end_on_small_disk(void)
{
	gate_stop(SIGTERM);
	remove_events();
	if (umount(lab_path("disk")) < 0)
		lab_fail("umount: %s", strerror(errno));
}

/* The disk is full, and what is denied now finds no room sooner or later. */
void
life_fill_disk(void)
{
	size_t before = lab_file_size(gate_log());

	lab_shell(LAB_GATEWAY, "dd if=/dev/zero of=%s/fill bs=4096 2>/dev/null", lab_path("disk"));
	for (unsigned i = 0; i < 20; i++) {
		life_attack(NULL);
		if (lab_file_wait(gate_log(), before, "can't write events: No space", 0))
			return;
	}
	fail_msg("the disk is not full");
}

void
life_make_room(void)
{
	size_t before = lab_file_size(gate_log());

	assert_int_equal(lab_shell(LAB_GATEWAY, "rm %s/fill", lab_path("disk")), 0);
	assert_true(lab_file_wait(gate_log(), before, "events can be written again", WAIT_MS));
}

static bool
answered(int fd)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	uint8_t answer[READ_RESPONSE_SIZE];

	return poll(&waiting, 1, 5000) == 1 &&
	    recv(fd, answer, sizeof(answer), 0) == sizeof(answer);
}

/* Nothing that was told is missing, and the alarms say from when to when. */
static void
assert_recorded(void)
{
	assert_true(lab_file_wait(gate_events(), 0, "\"events-unwritten\"", WAIT_MS));
	assert_true(lab_file_wait(gate_events(), 0, "\"events-written\"", WAIT_MS));
	assert_int_equal(gate_stop(SIGTERM), 0);
	assert_int_equal(audit(gate_events()), 0);
}

static void
nothing_passes_unrecorded_if_the_policy_says_so(void **state)
{
	int fd;

	life_start_on_small_disk("deny", &(struct gate_policy){0});
	fd = life_connect();
	life_fill_disk();
	assert_false(life_reads(fd, 500));
	life_make_room();
	assert_true(answered(fd)); /* the kernel has repeated what was dropped */
	assert_true(life_reads(fd, 1500));
	client_close(fd);
	assert_true(lab_file_wait(gate_events(), 0, "\"audit-full\"", WAIT_MS));
	assert_recorded();
	life_unharmed();
	life_end_on_small_disk();
}

static void
production_goes_on_unrecorded_if_the_policy_says_so(void **state)
{
	int fd;

	life_start_on_small_disk("continue", &(struct gate_policy){0});
	fd = life_connect();
	life_fill_disk();
	for (unsigned i = 0; i < 10; i++)
		assert_true(life_reads(fd, 1500));
	life_make_room();
	client_close(fd);
	assert_recorded();
	life_unharmed();
	life_end_on_small_disk();
}

static void
deny_needs_an_event_file(void **state)
{
	lab_file_write(lab_path("plain.conf"), "");
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "(echo 'audit_full = \"deny\";'; cat %s) > %s",
		gate_write_policy("life.conf", &(struct gate_policy){0}), lab_path("plain.conf")),
	    0);
	life_refuses(
	    (const char *[]){"-c", lab_path("plain.conf"), "--control", lab_path("control"), NULL},
	    "sluiced writes no events; expected --events");
}

const struct CMUnitTest life_audit_tests[] = {
    LIFE_TEST(chain_outlives_everything),
    LIFE_TEST(lines_cut_off_while_it_was_down_are_an_alarm),
    LIFE_TEST(chain_with_a_key_needs_it),
    LIFE_TEST(nothing_passes_unrecorded_if_the_policy_says_so),
    LIFE_TEST(production_goes_on_unrecorded_if_the_policy_says_so),
    LIFE_TEST(deny_needs_an_event_file),
};
const size_t life_audit_count = sizeof(life_audit_tests) / sizeof(life_audit_tests[0]);
