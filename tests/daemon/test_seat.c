/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name that one sluiced has, and users without rights who crowd round it. */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "seat.h"

enum { CROWD = 8, CONNECTIONS = 64, SERVED_S = 5, NOBODY = 65534 };

/* Connect once; what comes of it does not matter. */
static int
knock(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0sluice"};
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof("sluice"));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	connect(fd, (const struct sockaddr *)&address, length);
	return fd;
}

static pid_t
child(void (*work)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		work();
		_exit(0);
	}
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
knock_for_ever(void)
{
	for (;;)
		close(knock());
}

/* Whoever has the seat has other work. */
static void
a_crowd_does_not_hold_the_holder_up(void **state)
{
	pid_t crowd[CROWD], holder;
	int fd = -1;

	assert_int_equal(seat_take(&fd, &holder), 0);
	assert_true(fd >= 0);
	for (unsigned i = 0; i < CROWD; i++)
		crowd[i] = child(knock_for_ever);
	alarm(SERVED_S);
	for (unsigned i = 0; i < 1000; i++)
		seat_serve(fd);
	alarm(0);
	for (unsigned i = 0; i < CROWD; i++)
		end(crowd[i]);
	close(fd);
}

static int seat;

static void
hold(void)
{
	for (;;) {
		seat_serve(seat);
		usleep(200000);
	}
}

static void
a_crowd_does_not_hide_the_holder(void **state)
{
	pid_t found = 0, holder;
	int waiting[CONNECTIONS];

	assert_int_equal(seat_take(&seat, &found), 0);
	assert_true(seat >= 0);
	for (unsigned i = 0; i < CONNECTIONS; i++)
		waiting[i] = knock();
	holder = child(hold);
	for (unsigned i = 0; i < CONNECTIONS; i++)
		close(waiting[i]);
	for (unsigned i = 0; i < CONNECTIONS; i++)
		waiting[i] = knock();
	assert_int_equal(seat_find(&found), 0);
	assert_int_equal(found, getpid()); /* it listened, whoever answers */
	end(holder);
	for (unsigned i = 0; i < CONNECTIONS; i++)
		close(waiting[i]);
	close(seat);
	assert_int_not_equal(seat_find(&found), 0);
}

static void
squat(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0sluice"};
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof("sluice"));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (setuid(NOBODY) < 0 || bind(fd, (const struct sockaddr *)&address, length) < 0 ||
	    listen(fd, 0) < 0)
		_exit(1);
	knock();
	knock();
	pause();
}

/* Nor do they keep sluiced from starting by taking the name and answering nobody. */
static void
the_name_in_wrong_hands_matters_not(void **state)
{
	pid_t squatter = child(squat), holder = 0;
	int fd = 0;

	usleep(100000);
	assert_int_equal(seat_take(&fd, &holder), 0);
	assert_int_equal(fd, -1);
	assert_int_not_equal(seat_find(&holder), 0);
	end(squatter);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_crowd_does_not_hold_the_holder_up),
	    cmocka_unit_test(a_crowd_does_not_hide_the_holder),
	    cmocka_unit_test(the_name_in_wrong_hands_matters_not),
	};

	if (unshare(CLONE_NEWNET) < 0) {
		print_message("1..0 # SKIP a network namespace of its own needs root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
