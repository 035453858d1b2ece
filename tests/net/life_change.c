/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies that are applied, confirmed, and go back. See life.h. */
#include "life.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { WAIT_MS = 10000, REQUEST_MS = 1500 };

static void
start(void)
{
	life_start(&(struct gate_policy){0}, NULL);
}

/* A policy under which nothing may be written, beside the one in force. */
static const char *
strict(void)
{
	return gate_write_policy(
	    "strict.conf", &(struct gate_policy){.rules = "{ access = [\"read\"]; }"});
}

/* May the HMI write what the usual policy permits? */
static bool
may_write(void)
{
	int fd = life_connect();
	bool may = client_ask(fd, message_permitted, REQUEST_MS, NULL);

	client_close(fd);
	return may;
}

static void
restart(int number)
{
	gate_stop(number);
	gate_start(lab_path("life.conf"), NULL);
}

static void
applied_policy_is_in_force_and_stays(void **state)
{
	size_t before;

	start();
	before = lab_file_size(gate_events());
	assert_int_equal(life_sluice("apply", "--reason", "no writes", strict(), NULL), 0);
	assert_true(life_said("is in force, after"));
	assert_true(gate_note_wait(before, "apply", WAIT_MS));
	assert_true(lab_file_wait(gate_events(), before, "\"who\":\"root, uid 0, pid ", 0));
	assert_true(lab_file_wait(gate_events(), before, "\"why\":\"no writes\"", 0));
	assert_false(may_write());
	assert_int_equal(life_sluice("confirm", NULL), 1);
	assert_true(life_said("no change waits"));
	restart(SIGTERM);
	assert_false(may_write());
	life_sluice("status", NULL);
	assert_true(life_said("another policy was applied"));
	/* a file that says something new is what the operator wants */
	gate_stop(SIGTERM);
	gate_write_policy("life.conf", &(struct gate_policy){.on_deny = "drop"});
	gate_start(lab_path("life.conf"), NULL);
	assert_true(may_write());
}

static void
reload_ends_what_was_applied(void **state)
{
	start();
	assert_int_equal(life_sluice("apply", strict(), NULL), 0);
	assert_int_equal(life_sluice("reload", NULL), 0);
	assert_true(may_write());
	restart(SIGTERM);
	assert_true(may_write());
	assert_int_equal(life_sluice("history", NULL), 0);
	assert_true(life_said("  reload    "));
	assert_true(life_said("  apply     "));
	assert_true(life_said("  start     "));
}

/* The connection lives through it all. */
static void
unconfirmed_policy_goes_back_by_itself(void **state)
{
	size_t before;
	int fd;

	start();
	fd = life_connect();
	before = lab_file_size(gate_events());
	assert_int_equal(life_sluice("apply", "--confirm", "2s", strict(), NULL), 0);
	assert_true(life_said("goes back in 2 seconds"));
	assert_true(life_reads(fd, REQUEST_MS));
	assert_true(gate_note_wait(before, "rollback", WAIT_MS));
	assert_true(lab_file_wait(gate_events(), before, "not confirmed in time", 0));
	assert_true(client_ask(fd, message_permitted, REQUEST_MS, NULL));
	client_close(fd);
	assert_int_equal(life_sluice("history", NULL), 0);
	assert_true(life_said("  back      "));
	restart(SIGTERM);
	assert_true(may_write());
}

static void
confirmed_policy_never_goes_back(void **state)
{
	size_t before;

	start();
	before = lab_file_size(gate_events());
	assert_int_equal(life_sluice("apply", "--confirm", "2s", strict(), NULL), 0);
	life_sluice("status", NULL);
	assert_true(life_said("waits for its confirmation"));
	assert_int_equal(life_sluice("confirm", "--reason", "tried", NULL), 0);
	assert_true(gate_note_wait(before, "confirm", WAIT_MS));
	lab_sleep_ms(4000); /* what would go back has gone back by now */
	assert_false(gate_note_wait(before, "rollback", 0));
	restart(SIGKILL);
	assert_false(may_write());
	assert_false(gate_note_wait(before, "rollback", 0));
}

/* As if the run before had ended before it wrote this file of the state directory. */
static void
end_before_writing(const char *name, const char *command, const char *option, const char *policy)
{
	char old[256], now[256];

	snprintf(now, sizeof(now), "%s/%s", gate_state(), name);
	snprintf(old, sizeof(old), "%s/before-the-end", gate_state());
	assert_int_equal(lab_shell(LAB_GATEWAY, "cp -p %s %s", now, old), 0);
	assert_int_equal(life_sluice(command, option, policy, NULL), 0);
	gate_stop(SIGKILL);
	assert_int_equal(lab_shell(LAB_GATEWAY, "mv %s %s", old, now), 0);
	gate_start(lab_path("life.conf"), NULL);
}

/* The policy that was in force last is in force again, never the file of before all changes. */
static void
end_between_two_records_opens_nothing(void **state)
{
	const char *other;

	start();
	assert_int_equal(life_sluice("apply", strict(), NULL), 0);
	other = gate_write_policy("other.conf",
	    &(struct gate_policy){.on_deny = "drop", .rules = "{ access = [\"read\"]; }"});
	end_before_writing("choice", "apply", other, NULL);
	assert_false(may_write());
	assert_int_equal(life_sluice("apply", "--confirm", "5m", strict(), NULL), 0);
	end_before_writing("pending", "confirm", NULL, NULL);
	assert_false(may_write());
	life_sluice("status", NULL);
	assert_false(life_said("waits for its confirmation"));
	assert_int_equal(life_sluice("rollback", "--force", NULL), 0);
}

/* The deadline stands on the disk: the next run keeps it. */
static void
unconfirmed_policy_goes_back_through_a_restart(void **state)
{
	size_t before;

	start();
	assert_int_equal(life_sluice("apply", "--confirm", "6s", strict(), NULL), 0);
	before = lab_file_size(gate_events());
	restart(SIGKILL);
	assert_false(may_write());
	assert_true(gate_note_wait(before, "rollback", 2 * WAIT_MS));
	assert_true(may_write());
	restart(SIGTERM);
	assert_true(may_write());
}

/* Down when the time is over. */
static void
unconfirmed_policy_is_not_started_from(void **state)
{
	size_t before;

	start();
	assert_int_equal(life_sluice("apply", "--confirm", "1s", strict(), NULL), 0);
	gate_stop(SIGKILL);
	lab_sleep_ms(1500);
	before = lab_file_size(gate_events());
	gate_start(lab_path("life.conf"), NULL);
	assert_true(may_write());
	assert_true(lab_file_wait(
	    gate_events(), before, "it was not confirmed before sluiced ended", WAIT_MS));
}

/* Even if what was applied is the policy file itself. */
static void
unconfirmed_policy_file_is_not_started_from(void **state)
{
	const char *rules = "{ access = [\"read\"]; }";

	start();
	gate_write_policy("life.conf", &(struct gate_policy){.rules = rules});
	assert_int_equal(life_sluice("apply", "--confirm", "1s", lab_path("life.conf"), NULL), 0);
	gate_stop(SIGKILL);
	lab_sleep_ms(1500);
	gate_start(lab_path("life.conf"), NULL);
	assert_true(may_write());
	restart(SIGTERM);
	assert_true(may_write());
}

/* Write the record of what waits anew, with its seal. */
static void
rewrite_pending(const char *script)
{
	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "cd %s && sed 1d pending | sed '%s' >p && { printf '# sha256 '; "
			     "sha256sum <p | cut -d' ' -f1; cat p; } >pending && rm p",
			     gate_state(), script),
	    0);
}

/* A boot in between, whatever the clocks say: nobody knows how long it took. */
static void
unconfirmed_policy_goes_back_at_a_boot(void **state)
{
	start();
	assert_int_equal(life_sluice("apply", "--confirm", "1h", strict(), NULL), 0);
	restart(SIGTERM);
	assert_false(may_write()); /* the same boot: it waits on */
	gate_stop(SIGTERM);
	rewrite_pending("s/\"boot\": \"[0-9a-f]/\"boot\": \"x/");
	gate_start(lab_path("life.conf"), NULL);
	assert_true(may_write());
	assert_int_equal(life_sluice("confirm", NULL), 1);
}

static void
record_of_what_waits_that_is_damaged_goes_back(void **state)
{
	start();
	assert_int_equal(life_sluice("apply", "--confirm", "1h", strict(), NULL), 0);
	gate_stop(SIGTERM);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "sed -i 's/deadline/dedlaine/' %s/pending", gate_state()), 0);
	gate_start(lab_path("life.conf"), NULL);
	assert_true(may_write());
}

static void
rollback_takes_back(void **state)
{
	start();
	assert_int_equal(life_sluice("apply", "--confirm", "1h", strict(), NULL), 0);
	assert_int_equal(life_sluice("rollback", "--reason", "wrong", NULL), 0); /* what waits */
	assert_true(may_write());
	assert_int_equal(life_sluice("apply", strict(), NULL), 0);
	assert_false(may_write());
	assert_int_equal(life_sluice("rollback", NULL), 0);
	assert_true(may_write());
	assert_int_equal(life_sluice("rollback", "1", NULL), 0);
	assert_false(may_write());
	assert_int_equal(life_sluice("rollback", "0", NULL), 0);
	assert_false(may_write());
	restart(SIGTERM);
	assert_false(may_write());
	assert_int_equal(life_sluice("rollback", "77", NULL), 1);
	assert_true(life_said("expected a number from 0 to"));
	assert_int_equal(life_sluice("rollback", "x", NULL), 2);
}

/* Today, before or after midnight. */
static void
today(char ret_day[16])
{
	time_t now = time(NULL);
	struct tm tm;

	assert_non_null(gmtime_r(&now, &tm));
	assert_true(strftime(ret_day, 16, "  %Y-%m-%dT", &tm) > 0);
}

static void
history_tells_when(void **state)
{
	char before[16], after[16];

	today(before);
	start();
	assert_int_equal(life_sluice("apply", strict(), NULL), 0);
	assert_int_equal(life_sluice("history", NULL), 0);
	today(after);
	assert_true(life_said(before) || life_said(after));
	assert_false(life_said("1970-"));
}

static void
history_tells_texts_and_what_is_damaged(void **state)
{
	char *text;

	start();
	assert_int_equal(lab_shell(LAB_GATEWAY, "sed -i '1i# of the night shift' %s", strict()), 0);
	assert_int_equal(life_sluice("apply", lab_path("strict.conf"), NULL), 0);
	assert_int_equal(life_sluice("history", "--in-force", NULL), 0);
	text = lab_file_read(lab_path("strict.conf"), 0);
	assert_true(life_said(text));
	free(text);
	assert_int_equal(life_sluice("history", "--show", "1", NULL), 0);
	assert_false(life_said("night shift"));
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "cd %s/history && set -- * && printf x >>$1 && : >00000099",
		gate_state()),
	    0);
	assert_int_equal(life_sluice("history", NULL), 0);
	assert_true(life_said("  0  damaged"));
	assert_true(life_said("  2  damaged"));
	assert_int_equal(life_sluice("rollback", "2", NULL), 1);
	assert_true(life_said("it is not what was written"));
	assert_false(may_write());
	assert_int_equal(life_sluice("history", "--json", NULL), 0);
	assert_true(life_said("\"damaged\":true"));
}

static void
history_is_bounded(void **state)
{
	start();
	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "cd %s && for i in $(seq 100); do "
			     "[ -e history/00000001 ] && break; sleep 0.1; done; "
			     "cd history && for i in $(seq 2 60); do cp 00000001 "
			     "$(printf %%08d $i); done",
			     gate_state()),
	    0);
	assert_int_equal(life_sluice("apply", strict(), NULL), 0);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "test $(ls %s/history | wc -l) = 50", gate_state()), 0);
	assert_false(may_write());
}

static void
broken_policy_changes_nothing(void **state)
{
	int fd;

	start();
	fd = life_connect();
	gate_write_policy("bad.conf", &(struct gate_policy){.on_deny = "sometimes"});
	assert_int_equal(life_sluice("apply", lab_path("bad.conf"), NULL), 1);
	assert_true(life_said("bad.conf:13: "));
	assert_true(life_said("nothing has changed"));
	lab_file_write(lab_path("outer.conf"), "\n@include \"bad.conf\"\n");
	assert_int_equal(life_sluice("apply", lab_path("outer.conf"), NULL), 1);
	assert_true(life_said("bad.conf:13: ")); /* the place in the included file */
	assert_int_equal(life_sluice("apply", lab_path("nothing.conf"), NULL), 2);
	assert_int_equal(life_sluice("apply", "--confirm", "5x", strict(), NULL), 2);
	assert_int_equal(life_sluice("apply", "--reason", "two\nlines", strict(), NULL), 1);
	assert_true(life_said("a control character in the reason"));
	assert_int_equal(life_sluice("apply", "--reason",
			     "\xc2\x9b"
			     "31m",
			     strict(), NULL),
	    1);
	assert_true(life_said("a control character in the reason"));
	assert_int_equal(lab_shell(LAB_GATEWAY, "head -c 40M /dev/zero | tr '\\0' '#' >%s",
			     lab_path("huge.conf")),
	    0);
	assert_int_equal(life_sluice("apply", lab_path("huge.conf"), NULL), 2);
	assert_true(life_said("larger than 32 MiB"));
	assert_true(life_reads(fd, REQUEST_MS));
	assert_true(client_ask(fd, message_permitted, REQUEST_MS, NULL));
	client_close(fd);
}

/* A policy that is made of two files goes as one. */
static void
included_files_are_put_in(void **state)
{
	start();
	strict();
	lab_file_write(lab_path("outer.conf"), "@include \"strict.conf\"\n");
	assert_int_equal(life_sluice("apply", lab_path("outer.conf"), NULL), 0);
	unlink(lab_path("strict.conf"));
	assert_false(may_write());
	restart(SIGTERM);
	assert_false(may_write());
	assert_int_equal(life_sluice("rollback", "0", NULL), 0);
}

/* Ask the daemon itself, with a file of the test's choice; what it answers. */
static char *
ask_with_file(int file)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	char line[] = "{\"request\":\"apply\",\"file\":\"x\"}\n";
	struct iovec bytes = {line, strlen(line)};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = lab_socket(LAB_GATEWAY, AF_UNIX, SOCK_STREAM, 0);
	static char answer[4096];
	ssize_t length;

	strcpy(address.sun_path, lab_path("control"));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (file >= 0) {
		struct cmsghdr *part;

		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		part = CMSG_FIRSTHDR(&message);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(part), &file, sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &message, 0), strlen(line));
	length = recv(fd, answer, sizeof(answer) - 1, 0);
	assert_true(length > 0);
	answer[length] = '\0';
	close(fd);
	return answer;
}

/* The daemon waits for no file, and reads none that may change meanwhile. */
static void
only_sealed_memory_is_read(void **state)
{
	int ends[2], fd;

	start();
	assert_non_null(strstr(ask_with_file(-1), "no policy came"));
	assert_int_equal(pipe(ends), 0);
	assert_non_null(strstr(ask_with_file(ends[0]), "with all seals"));
	fd = open(lab_path("life.conf"), O_RDONLY);
	assert_non_null(strstr(ask_with_file(fd), "with all seals"));
	close(fd);
	fd = memfd_create("policy", MFD_ALLOW_SEALING);
	assert_int_equal(write(fd, "a\0b", 3), 3);
	assert_non_null(strstr(ask_with_file(fd), "with all seals"));
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	assert_non_null(strstr(ask_with_file(fd), "a zero byte"));
	close(fd);
	close(ends[0]);
	close(ends[1]);
	client_close(life_connect());
}

/* The second waits for nobody: it is told of the first. */
static void
second_change_is_refused_while_one_waits(void **state)
{
	size_t before;

	start();
	assert_int_equal(life_sluice("apply", "--confirm", "1h", strict(), NULL), 0);
	assert_int_equal(life_sluice("apply", lab_path("life.conf"), NULL), 1);
	assert_true(life_said("a change waits for its confirmation"));
	assert_int_equal(life_sluice("rollback", "1", NULL), 1);
	before = lab_file_size(gate_events());
	gate_signal(SIGHUP);
	assert_true(lab_file_wait(gate_events(), before, "reload-failed", WAIT_MS));
	assert_false(may_write());
	assert_int_equal(life_sluice("confirm", NULL), 0);
	assert_int_equal(life_sluice("apply", lab_path("life.conf"), NULL), 0);
	assert_true(may_write());
}

static void
change_that_can_not_be_kept_is_refused(void **state)
{
	size_t before = lab_file_size(gate_events());

	start();
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "rm -r %s && touch %s", gate_state(), gate_state()), 0);
	assert_int_equal(life_sluice("apply", strict(), NULL), 1);
	assert_true(life_said("the change can't be kept"));
	assert_true(may_write());
	assert_int_equal(life_sluice("apply", "--confirm", "1h", "--force", strict(), NULL), 1);
	assert_true(may_write());
	assert_int_equal(life_sluice("apply", "--force", strict(), NULL), 0);
	assert_true(life_said("the change can't be kept"));
	assert_false(may_write());
	restart(SIGTERM); /* nothing was kept: neither islands, nor a change that waited */
	assert_true(may_write());
	assert_false(gate_note_wait(before, "rollback", 0));
}

/* Full in the middle: all of the state directory is as it was. */
static void
full_disk_changes_nothing(void **state)
{
	start();
	gate_stop(SIGTERM);
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "mount -t tmpfs -o size=64k full %s && chmod 700 %s",
		gate_state(), gate_state()),
	    0);
	gate_start(lab_path("life.conf"), NULL);
	lab_shell(LAB_GATEWAY, "cat /dev/zero >%s/filler 2>/dev/null", gate_state());
	assert_int_equal(life_sluice("apply", "--confirm", "1h", strict(), NULL), 1);
	assert_true(life_said("the change can't be kept"));
	assert_true(may_write());
	restart(SIGTERM);
	assert_true(may_write());
	assert_int_equal(lab_shell(LAB_GATEWAY, "rm %s/filler", gate_state()), 0);
	assert_int_equal(life_sluice("apply", "--confirm", "1h", strict(), NULL), 0);
	gate_stop(SIGTERM);
	assert_int_equal(lab_shell(LAB_GATEWAY, "umount %s", gate_state()), 0);
}

static void
who_has_no_rights_changes_nothing(void **state)
{
	start();
	assert_int_equal(
	    lab_shell(LAB_GATEWAY, "chmod 755 $(dirname %s); %s apply --control %s %s",
		lab_path("control"), life_as_nobody(SLUICE), lab_path("control"), strict()),
	    2);
	assert_true(may_write());
}

/* A machine zone without a channel for SSH. */
static const char *
without_ssh(void)
{
	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "sed 's/^zones: {/zones: {\\n  box: { class = \"gateway\"; networks = "
			     "[\"10.10.0.1\\/32\"]; };/' %s >%s",
			     lab_path("life.conf"), lab_path("box.conf")),
	    0);
	return lab_path("box.conf");
}

static void
change_that_cuts_off_who_makes_it_asks_for_a_confirmation(void **state)
{
	size_t before;

	start();
	assert_int_equal(life_sluice("apply", without_ssh(), NULL), 1);
	assert_true(life_said("nobody could come to this machine by SSH any more"));
	setenv("SSH_CONNECTION", "10.10.0.5 50000 10.10.0.1 2222", 1);
	assert_int_equal(life_sluice("apply", lab_path("box.conf"), NULL), 1);
	assert_true(life_said("you came by SSH from 10.10.0.5 to 10.10.0.1 port 2222"));
	before = lab_file_size(gate_events());
	assert_int_equal(life_sluice("apply", "--confirm", "1s", lab_path("box.conf"), NULL), 0);
	assert_true(life_said("you came by SSH"));
	assert_true(gate_note_wait(before, "rollback", WAIT_MS));
	assert_int_equal(life_sluice("apply", "--force", lab_path("box.conf"), NULL), 0);
	unsetenv("SSH_CONNECTION");
}

/* What the HMI asks for is denied, or has no channel any more: back long before the time is over.
 */
static void
guard_goes_back_when_what_worked_is_only_denied(void **state)
{
	static const struct gate_policy wrong[] = {{.rules = "{ access = [\"write\"]; }"},
	    {.rules = "{ access = [\"write\"]; }", .on_deny = "refuse"},
	    {.clients = "\"attacker\""}};
	struct poller poller;

	start();
	for (unsigned i = 0; i < 3; i++) {
		size_t before = lab_file_size(gate_events());

		poller_start(&poller, PLC1);
		assert_true(poller_wait(&poller, 20, WAIT_MS));
		assert_int_equal(life_sluice("apply", "--confirm", "1h", "--guard",
				     gate_write_policy("wrong.conf", &wrong[i]), NULL),
		    0);
		assert_true(gate_note_wait(before, "rollback", 4 * WAIT_MS));
		assert_true(lab_file_wait(gate_events(), before,
		    "conduit line carried traffic before, and only denies since", 0));
		assert_true(poller_wait(&poller, 20, WAIT_MS));
		poller_stop(&poller);
	}
}

static void
guard_leaves_what_works(void **state)
{
	size_t before;
	struct poller poller;

	start();
	poller_start(&poller, PLC1);
	assert_true(poller_wait(&poller, 20, WAIT_MS));
	before = lab_file_size(gate_events());
	assert_int_equal(life_sluice("apply", "--confirm", "8s", "--guard", strict(), NULL), 0);
	assert_true(poller_wait(&poller, 500, 2 * WAIT_MS)); /* longer than the guard waits */
	assert_int_equal(life_sluice("confirm", NULL), 0);
	assert_false(gate_note_wait(before, "rollback", 0));
	poller_stop(&poller);
	assert_int_equal(poller.failed, 0);
	assert_false(may_write());
	assert_int_equal(life_sluice("apply", "--guard", strict(), NULL), 1);
	assert_true(life_said("a guard needs a time to watch"));
}

/* All that a plan might have touched, as bytes: the kernel's rules, and what is kept. */
static char *
all_state(void)
{
	const char *path = lab_path("state.txt");

	assert_int_equal(lab_shell(LAB_GATEWAY,
			     "{ nft -s list ruleset; find %s -type f | sort | xargs cat; } >%s",
			     gate_state(), path),
	    0);
	return lab_file_read(path, 0);
}

static void
plan_changes_nothing(void **state)
{
	char *before, *after;
	int fd, other;

	start();
	fd = life_connect();
	assert_true(client_ask(fd, message_permitted, REQUEST_MS, NULL));
	before = all_state();
	assert_int_equal(life_sluice("plan", strict(), NULL), 0);
	assert_true(life_said("  + rule line/hmi  { access = [\"read\"]; }\n"));
	assert_true(life_said("  - rule line/hmi  { functions = [\"write-single-register\"];"));
	assert_true(life_said("Kernel: 0 changes\n"));
	assert_true(life_said("Connections: 0 cut, 1 kept, 1 of them under other rules\n"));
	gate_write_policy(
	    "strict.conf", &(struct gate_policy){.clients = "\"attacker\"", .when_down = "open"});
	assert_int_equal(life_sluice("plan", lab_path("strict.conf"), NULL), 0);
	assert_true(life_said("  ~ channel line/hmi\n"));
	assert_true(life_said("  ~ conduit line\n"));
	assert_true(life_said("  chain inspect-open: 1 more, 0 gone\n"));
	assert_true(life_said("  set channels4: 0 more, 3 gone\n"));
	assert_true(life_said("Connections: 1 cut, 0 kept"));
	assert_true(life_said(" > 10.20.0.11:502 line/hmi\n"));
	assert_int_equal(life_sluice("plan", "--json", lab_path("strict.conf"), NULL), 0);
	assert_true(life_said("\"cut_count\":1"));
	assert_int_equal(life_sluice("plan", lab_path("life.conf"), NULL), 0);
	assert_true(life_said(": 0 changes\n"));
	gate_write_policy("bad.conf", &(struct gate_policy){.on_deny = "sometimes"});
	assert_int_equal(life_sluice("plan", lab_path("bad.conf"), NULL), 1);
	assert_true(life_said("bad.conf:13: "));
	assert_int_equal(life_sluice("plan", without_ssh(), NULL), 0);
	assert_true(life_said("Beware: nobody could come"));
	after = all_state();
	assert_string_equal(before, after);
	free(before);
	free(after);
	/* it was right: what was said to be cut is */
	other = life_connect();
	assert_int_equal(life_sluice("apply", lab_path("strict.conf"), NULL), 0);
	assert_false(life_reads(fd, 300));
	assert_false(life_reads(other, 300));
	client_close(other);
	client_close(fd);
}

/* As sluice(1) has it. */
static void
example_of_the_manual(void **state)
{
	start();
	assert_int_equal(
	    life_sluice("apply", "--confirm", "5m", "--reason", "fewer rights", strict(), NULL), 0);
	assert_true(life_said("; it goes back in 300 seconds unless 'sluice confirm' follows\n"));
	assert_int_equal(life_sluice("confirm", NULL), 0);
	assert_true(life_said(" is confirmed\n"));
	assert_int_equal(life_sluice("history", NULL), 0);
	assert_true(life_said("  apply     "));
	assert_true(life_said(": fewer rights\n"));
	assert_int_equal(life_sluice("rollback", "1", NULL), 0);
	assert_true(life_said(" is in force, after "));
}

const struct CMUnitTest life_change_tests[] = {
    LIFE_TEST(applied_policy_is_in_force_and_stays),
    LIFE_TEST(reload_ends_what_was_applied),
    LIFE_TEST(unconfirmed_policy_goes_back_by_itself),
    LIFE_TEST(confirmed_policy_never_goes_back),
    LIFE_TEST(end_between_two_records_opens_nothing),
    LIFE_TEST(unconfirmed_policy_goes_back_through_a_restart),
    LIFE_TEST(unconfirmed_policy_is_not_started_from),
    LIFE_TEST(unconfirmed_policy_file_is_not_started_from),
    LIFE_TEST(unconfirmed_policy_goes_back_at_a_boot),
    LIFE_TEST(record_of_what_waits_that_is_damaged_goes_back),
    LIFE_TEST(rollback_takes_back),
    LIFE_TEST(history_tells_when),
    LIFE_TEST(history_tells_texts_and_what_is_damaged),
    LIFE_TEST(history_is_bounded),
    LIFE_TEST(broken_policy_changes_nothing),
    LIFE_TEST(included_files_are_put_in),
    LIFE_TEST(only_sealed_memory_is_read),
    LIFE_TEST(second_change_is_refused_while_one_waits),
    LIFE_TEST(change_that_can_not_be_kept_is_refused),
    LIFE_TEST(full_disk_changes_nothing),
    LIFE_TEST(who_has_no_rights_changes_nothing),
    LIFE_TEST(change_that_cuts_off_who_makes_it_asks_for_a_confirmation),
    LIFE_TEST(guard_goes_back_when_what_worked_is_only_denied),
    LIFE_TEST(guard_leaves_what_works),
    LIFE_TEST(plan_changes_nothing),
    LIFE_TEST(example_of_the_manual),
};
const size_t life_change_count = sizeof(life_change_tests) / sizeof(life_change_tests[0]);
