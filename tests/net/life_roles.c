/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may ask the running daemon for what: users and groups of this machine, for the time of a
 * test. See life.h. */
#include "life.h"

#include <stdio.h>
#include <sys/mount.h>

enum { ROLES_MS = 3000 };

/* In the laboratory's own mount namespace the machine has these, too. */
static const char users[] = "anna:x:47001:47009:::/bin/sh\nbert:x:47002:47009:::/bin/sh\n"
			    "clara:x:47003:47009:::/bin/sh\ndoris:x:47004:47009:::/bin/sh\n";
static const char groups[] = "staff-of-test:x:47009:\nsluice-observe:x:47101:anna\n"
			     "sluice-operate:x:47102:bert\nsluice-admin:x:47103:clara\n";

static void
put_over(const char *file, const char *more)
{
	const char *copy = lab_path("with-more");
	char *text = lab_file_read(file, 0);
	FILE *out;

	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "rm -f %s && touch %s && chmod 644 %s", copy, copy, copy), 0);
	out = fopen(copy, "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0 && fputs(more, out) >= 0);
	assert_int_equal(fclose(out), 0);
	free(text);
	assert_int_equal(mount(copy, file, NULL, MS_BIND, NULL), 0);
}

static int
roles_set_up(void **state)
{
	put_over("/etc/passwd", users);
	put_over("/etc/group", groups);
	return life_set_up(state);
}

static int
roles_tear_down(void **state)
{
	umount("/etc/passwd");
	umount("/etc/group");
	return life_tear_down(state);
}

/* `sluice` as a user, with the groups that a login gives; its exit status. */
static int
as(const char *user, const char *words)
{
	static const char *copy;

	unlink(lab_path("shell.out"));
	unlink(lab_path("shell.err"));
	copy = lab_path("sluice-for-all");
	return lab_shell(LAB_GATEWAY,
	    "chmod 755 $(dirname %s) && { [ -e %s ] || install -m 755 %s %s; } && "
	    "exec setpriv --reuid %s --regid staff-of-test --init-groups %s %s --control %s",
	    copy, copy, SLUICE, copy, user, copy, words, lab_path("control"));
}

static bool
said(const char *text)
{
	return lab_file_wait(lab_path("shell.err"), 0, text, 0) ||
	    lab_file_wait(lab_path("shell.out"), 0, text, 0);
}

static void
each_group_may_what_it_is_for(void **state)
{
	size_t before = lab_file_size(gate_events());

	life_start(&(struct gate_policy){0}, NULL);
	assert_int_equal(as("anna", "status"), 0);
	assert_int_equal(as("anna", "metrics"), 0);
	assert_int_equal(as("anna", "history"), 0);
	assert_int_equal(as("anna", "isolate pumps"), 2);
	assert_true(said("isolate needs the role operate"));
	assert_true(said("sluice-operate"));
	assert_int_equal(as("bert", "status"), 0);
	assert_int_equal(as("bert", "isolate pumps"), 0);
	assert_int_equal(as("bert", "rejoin pumps"), 0);
	assert_int_equal(as("bert", "reload"), 2);
	assert_true(said("reload needs the role administer"));
	assert_true(said("sluice-admin"));
	assert_int_equal(as("bert", "rollback"), 2);
	assert_int_equal(as("clara", "reload"), 0);
	assert_int_equal(as("clara", "isolate pumps"), 0);
	assert_int_equal(as("clara", "rejoin pumps"), 0);
	assert_int_equal(as("doris", "status"), 2);
	assert_true(said("ermission"));
	assert_true(said("sluice-observe"));
	assert_true(life_reads(life_connect(), ROLES_MS));
	assert_true(lab_file_wait(gate_events(), before, "\"event_type\":\"refused\"", ROLES_MS));
	assert_true(lab_file_wait(gate_events(), before, "\"who\":\"anna, uid 47001, ", 0));
	assert_true(lab_file_wait(gate_events(), before, "\"needs\":\"operate\"", 0));
	assert_true(lab_file_wait(gate_events(), before, "\"who\":\"bert, uid 47002, ", 0));
	assert_true(lab_file_wait(gate_events(), before, "\"needs\":\"administer\"", 0));
}

/* What members do is theirs in the record. */
static void
the_record_names_the_member(void **state)
{
	size_t before = lab_file_size(gate_events());
	char apply[300];

	life_start(&(struct gate_policy){0}, NULL);
	assert_int_equal(as("bert", "isolate pumps --reason leak"), 0);
	assert_true(lab_file_wait(gate_events(), before, "\"event_type\":\"isolate\"", ROLES_MS));
	assert_true(lab_file_wait(gate_events(), before, "\"who\":\"bert, uid 47002, ", 0));
	assert_int_equal(as("bert", "rejoin pumps"), 0);
	gate_write_policy("others.conf", &(struct gate_policy){.on_deny = "drop"});
	assert_int_equal(lab_shell(LAB_GATEWAY, "chmod 644 %s", lab_path("others.conf")), 0);
	snprintf(apply, sizeof(apply), "apply --force --reason tried %s", lab_path("others.conf"));
	assert_int_equal(as("bert", apply), 2);
	assert_int_equal(as("clara", apply), 0);
	assert_int_equal(as("anna", "history"), 0);
	assert_true(said("clara, uid 47003, "));
	assert_false(said("bert"));
}

/* Somebody who asks without end and reads no answer costs neither the plant nor others anything. */
static void
a_silent_observer_is_harmless(void **state)
{
	life_start(&(struct gate_policy){0}, NULL);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(
		    lab_shell(LAB_GATEWAY,
			"setpriv --reuid anna --regid staff-of-test --init-groups /usr/bin/python3 "
			"-c '\n"
			"import socket, sys, time\n"
			"s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
			"s.setblocking(False)\n"
			"while True:\n"
			"    try: s.send(b\"{\\\"request\\\":\\\"status\\\"}\\n\" * 100)\n"
			"    except BlockingIOError: time.sleep(0.01)\n"
			"    except OSError: break\n"
			"' %s >/dev/null 2>&1 &",
			lab_path("control")),
		    0);
	/* until they have come and all her places are taken; a status may be 1 before that */
	for (unsigned i = 0; i < 100; i++) {
		if (as("anna", "status") == 2 && said("too many clients"))
			break;
		lab_sleep_ms(50);
	}
	assert_true(said("too many clients"));
	assert_int_equal(as("bert", "status"), 0);
	assert_int_equal(life_sluice("reload", NULL), 0);
	assert_true(life_reads(life_connect(), ROLES_MS));
	life_attack(NULL);
	life_unharmed();
}

#define ROLES_TEST(function)                                             \
	{                                                                \
#function, function, roles_set_up, roles_tear_down, NULL \
	}

const struct CMUnitTest life_roles_tests[] = {
    ROLES_TEST(each_group_may_what_it_is_for),
    ROLES_TEST(the_record_names_the_member),
    ROLES_TEST(a_silent_observer_is_harmless),
};
const size_t life_roles_count = sizeof(life_roles_tests) / sizeof(life_roles_tests[0]);
