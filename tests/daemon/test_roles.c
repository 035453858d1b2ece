/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Roles: from groups, by the kernel's word; who keeps a place free for whom.  The second half needs
 * root, without which nobody can become somebody else.
 */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "answers.h"
#include "control.h"
#include "refusal.h"

enum { OBSERVERS = 47101, OPERATORS, ADMINISTRATORS, OTHERS };

static char directory[] = "/tmp/sluice-roles-XXXXXX";
static char path[64], file[64];

static void
write_groups(const char *text)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static struct role_groups
all_groups(void)
{
	struct role_groups groups;

	write_groups("root:x:0:\nsluice-observe:x:47101:anna\nsluice-operate:x:47102:\n"
		     "sluice-admin:x:47103:\nusers:x:47104:\n");
	assert_true(role_groups_find(&groups, file));
	return groups;
}

static void
groups_are_found(void **state)
{
	struct role_groups groups = all_groups();

	assert_int_equal(groups.ids[ROLE_OBSERVE], OBSERVERS);
	assert_int_equal(groups.ids[ROLE_OPERATE], OPERATORS);
	assert_int_equal(groups.ids[ROLE_ADMINISTER], ADMINISTRATORS);
	write_groups("sluice:x:47101:\nxsluice-observe:x:47101:\n");
	assert_false(role_groups_find(&groups, file));
	/* a line that makes everybody of root's group an administrator is none */
	write_groups("sluice-admin:x:0:\n");
	assert_false(role_groups_find(&groups, file));
	assert_false(role_groups_find(&groups, "/nonexistent/group"));
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		assert_true(groups.ids[i] == ROLE_GROUP_NONE);
}

static void
the_highest_counts(void **state)
{
	struct role_groups groups = all_groups(), none;
	const gid_t all[] = {OTHERS, OPERATORS, OBSERVERS}, other[] = {OTHERS},
		    unset[] = {ROLE_GROUP_NONE}, admin[] = {ADMINISTRATORS};

	assert_false(role_groups_find(&none, "/nonexistent/group"));
	assert_int_equal(role_of(&groups, 70000, all, 3), ROLE_OPERATE);
	assert_int_equal(role_of(&groups, 70000, other, 1), ROLE_NONE);
	assert_int_equal(role_of(&groups, 70000, NULL, 0), ROLE_NONE);
	assert_int_equal(role_of(&groups, 70000, admin, 1), ROLE_ADMINISTER);
	assert_int_equal(role_of(&none, 70000, unset, 1), ROLE_NONE);
	assert_int_equal(role_of(&none, 0, NULL, 0), ROLE_ADMINISTER);
	assert_int_equal(role_of(&none, geteuid(), NULL, 0), ROLE_ADMINISTER);
}

static void
what_is_not_said_is_the_highest(void **state)
{
	assert_int_equal(role_needed(ROLE_NONE), ROLE_ADMINISTER);
	assert_int_equal(role_needed(ROLE_COUNT), ROLE_ADMINISTER);
	assert_int_equal(role_needed((enum role) - 1), ROLE_ADMINISTER);
	assert_int_equal(role_needed(ROLE_OBSERVE), ROLE_OBSERVE);
}

static void
one_refusal_too_many_is_counted(void **state)
{
	struct refusal refusal = {0};
	uint64_t now = 7, untold = 99;

	for (unsigned i = 0; i < REFUSALS_PER_MINUTE; i++) {
		assert_true(refusal_due(&refusal, now, &untold));
		assert_int_equal(untold, 0);
	}
	assert_false(refusal_due(&refusal, now, &untold));
	assert_false(refusal_due(&refusal, now + 59 * UINT64_C(1000000000), &untold));
	assert_true(refusal_due(&refusal, now + 60 * UINT64_C(1000000000), &untold));
	assert_int_equal(untold, 2);
}

/* The rest is tried with processes of other users. */

static struct control control;

static json_t *
answer(void *context, const json_t *request, const char **ret_error)
{
	return json_object();
}

static const struct control_command commands[] = {
    {"look", answer, false, ROLE_OBSERVE},
    {NULL, NULL, false, ROLE_NONE},
};

static void
serve(void)
{
	struct pollfd files[CONTROL_CLIENTS_MAX + 1];

	for (int i = 0; i < 50; i++) {
		control_poll(&control, files);
		if (poll(files, CONTROL_CLIENTS_MAX + 1, 20) <= 0)
			return;
		control_serve(&control, files);
	}
}

/* Connect and stay: 1 answered, 0 refused by the daemon, -1 by the file's list. */
static int
come(pid_t *ret_pid, uid_t user, gid_t group, const gid_t *more, size_t count)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int told[2];
	char word = 0;

	strcpy(address.sun_path, path);
	assert_int_equal(pipe(told), 0);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		const char look[] = "{\"request\":\"look\"}\n";
		char text[512] = "";
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		if (setgroups(count, more) < 0 || setgid(group) < 0 || setuid(user) < 0 ||
		    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
			_exit(9);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
			word = errno == EACCES ? 'd' : 'e';
		} else {
			(void)!send(fd, look, sizeof(look) - 1, MSG_NOSIGNAL);
			(void)!recv(fd, text, sizeof(text) - 1, 0);
			word = strstr(text, "\"ok\":true") ? 'y' : 'n';
		}
		(void)!write(told[1], &word, 1);
		pause();
		_exit(0);
	}
	close(told[1]);
	serve();
	assert_int_equal(read(told[0], &word, 1), 1);
	close(told[0]);
	assert_int_not_equal(word, 'e');
	return word == 'y' ? 1 : word == 'n' ? 0 : -1;
}

static void
go(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	serve();
}

static void
open_control(void)
{
	struct control_owner owner = {
	    .commands = commands, .groups = all_groups(), .grouped = true};

	assert_int_equal(control_init(&control, path, &owner), 0);
}

static void
the_list_admits_members(void **state)
{
	const gid_t observers[] = {OBSERVERS}, two[] = {OTHERS, OPERATORS};
	pid_t pid;

	if (geteuid() != 0)
		skip();
	open_control();
	if (control.admit_error == EOPNOTSUPP)
		skip();
	assert_int_equal(control.admit_error, 0);
	assert_int_equal(come(&pid, 70001, OTHERS, NULL, 0), -1);
	go(pid);
	assert_int_equal(come(&pid, 70001, OBSERVERS, NULL, 0), 1);
	go(pid);
	assert_int_equal(come(&pid, 70001, OTHERS, observers, 1), 1);
	go(pid);
	assert_int_equal(come(&pid, 70001, OTHERS, two, 2), 1);
	assert_int_equal(control.clients[CONTROL_CLIENTS_MAX - 1].role, ROLE_OPERATE);
	go(pid);
	assert_int_equal(come(&pid, 0, 0, NULL, 0), 1);
	go(pid);
	/* a file that everybody reaches is no way in */
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(come(&pid, 70001, OTHERS, NULL, 0), 0);
	assert_int_equal(control.forbidden, 1);
	go(pid);
	control_done(&control);
}

static void
nobody_keeps_an_administrator_out(void **state)
{
	pid_t pids[CONTROL_CLIENTS_MAX], pid;
	unsigned count = 0;

	if (geteuid() != 0)
		skip();
	open_control();
	if (control.admit_error == EOPNOTSUPP)
		skip();
	/* of one user */
	for (; count < CONTROL_USER_MAX; count++)
		assert_int_equal(come(&pids[count], 70001, OBSERVERS, NULL, 0), 1);
	assert_int_equal(come(&pid, 70001, OBSERVERS, NULL, 0), 0);
	go(pid);
	/* of one role */
	for (; count < CONTROL_OBSERVERS_MAX; count++)
		assert_int_equal(come(&pids[count], 70100 + count, OBSERVERS, NULL, 0), 1);
	assert_int_equal(come(&pid, 70002, OBSERVERS, NULL, 0), 0);
	go(pid);
	for (; count < CONTROL_OPERATORS_MAX; count++)
		assert_int_equal(come(&pids[count], 70200 + count, OPERATORS, NULL, 0), 1);
	assert_int_equal(come(&pid, 70002, OPERATORS, NULL, 0), 0);
	go(pid);
	for (; count < CONTROL_CLIENTS_MAX; count++)
		assert_int_equal(
		    come(&pids[count], count % 2 ? 0 : 70003, ADMINISTRATORS, NULL, 0), 1);
	assert_int_equal(come(&pid, 0, 0, NULL, 0), 0);
	go(pid);
	assert_int_equal(control.refused, 4);
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		assert_int_equal(control.clients[i].outlet.limit,
		    control.clients[i].role == ROLE_OBSERVE ? 4 << 20 : 16 << 20);
	while (count > 0)
		go(pids[--count]);
	control_done(&control);
}

static int
make_directory(void **state)
{
	if (!mkdtemp(directory) || chmod(directory, 0755) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/socket", directory);
	snprintf(file, sizeof(file), "%s/group", directory);
	return 0;
}

static int
remove_directory(void **state)
{
	unlink(path);
	unlink(file);
	return rmdir(directory);
}

/* What the manual lets each group ask for is what the table of requests does. */
static void
the_manual_has_every_request(void **state)
{
	FILE *page = fopen(getenv("SLUICED_8"), "r");
	unsigned found[ROLE_COUNT] = {0}, expected[ROLE_COUNT] = {0};
	char line[512];

	assert_non_null(page);
	for (const struct control_command *row = answers; row->name; row++)
		expected[row->role]++;
	while (fgets(line, sizeof(line), page)) {
		char start[64], *rest = line, *word;
		enum role role = ROLE_OBSERVE;

		for (; role < ROLE_ADMINISTER; role++) {
			snprintf(start, sizeof(start), ".It %s Ta ", role_group(role));
			if (strncmp(line, start, strlen(start)) == 0)
				break;
		}
		if (role == ROLE_ADMINISTER)
			continue;
		rest = strstr(line + strlen(start), "Ta ");
		assert_non_null(rest);
		rest += strlen("Ta ");
		while ((word = strsep(&rest, ", \n"))) {
			const struct control_command *row = answers;

			if (*word == '\0')
				continue;
			while (row->name && strcmp(row->name, word) != 0)
				row++;
			if (!row->name || row->role != role)
				fail_msg("sluiced(8): \"%s\" is no request for %s", word,
				    role_name(role));
			found[role]++;
		}
	}
	fclose(page);
	for (enum role role = ROLE_OBSERVE; role < ROLE_ADMINISTER; role++)
		assert_int_equal(found[role], expected[role]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(groups_are_found),
	    cmocka_unit_test(the_highest_counts),
	    cmocka_unit_test(what_is_not_said_is_the_highest),
	    cmocka_unit_test(one_refusal_too_many_is_counted),
	    cmocka_unit_test(the_list_admits_members),
	    cmocka_unit_test(nobody_keeps_an_administrator_out),
	    cmocka_unit_test(the_manual_has_every_request),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
