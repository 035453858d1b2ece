/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walls hold: a child enters the sandbox and tries what a hijacked inspector would try.
 *
 * Needs root, without which nobody can become somebody else.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "landlock.h"
#include "sandbox.h"

enum { NOBODY = 65534 };

/* Exit statuses of the child; being killed by SIGSYS is what most attempts should end in. */
enum { CHILD_DONE = 0, CHILD_FAILED = 1, CHILD_OUTSIDE = 2 };

enum { TALK, DEAF, FILES_MAX = 16 };

static char root[] = "/tmp/sluice-sandbox-XXXXXX";
static int pair[2];

static void
enter(void)
{
	struct sandbox sandbox = {
	    .user = NOBODY,
	    .group = NOBODY,
	    .root = root,
	    .receive = {{pair[TALK]}, 1},
	    .send = {{pair[TALK]}, 1},
	    .read = {{pair[TALK]}, 1},
	    .write = {{pair[TALK]}, 1},
	    .files_max = FILES_MAX,
	};
	const char *step = "";
	int r = sandbox_enter(&sandbox, &step);

	if (r < 0) {
		fprintf(stderr, "%s: %s\n", step, strerror(-r));
		_exit(CHILD_OUTSIDE);
	}
}

/* Run `attempt` in a child inside the sandbox; its wait status. */
static int
inside(int (*attempt)(void))
{
	pid_t pid;
	int status = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		enter();
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(pair[TALK]);
	close(pair[DEAF]);
	return status;
}

static void
assert_killed(int (*attempt)(void))
{
	int status = inside(attempt);

	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		fail_msg("not killed: wait status %#x", status);
}

static int
attempt_work(void)
{
	static struct mmsghdr headers[1];
	void *memory;
	char byte = 1;

	if (send(pair[TALK], &byte, 1, 0) != 1 || write(pair[TALK], &byte, 1) != 1)
		return CHILD_FAILED;
	if (recvmmsg(pair[TALK], headers, 1, MSG_WAITFORONE, NULL) >= 0 || errno != EAGAIN)
		return CHILD_FAILED;
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? CHILD_FAILED : CHILD_DONE;
}

static void
what_an_inspector_needs_works(void **state)
{
	int status = inside(attempt_work);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CHILD_DONE);
}

static int
attempt_abort(void)
{
	abort();
}

static void
abort_ends_as_abort(void **state)
{
	int status = inside(attempt_abort);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_false(WCOREDUMP(status));
}

static int
attempt_open(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static int
attempt_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int
attempt_execve(void)
{
	char *arguments[] = {root, NULL};

	return execv("/bin/true", arguments);
}

static int
attempt_ptrace(void)
{
	return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static int
attempt_fork(void)
{
	return fork();
}

static int
attempt_kill(void)
{
	return kill(1, SIGUSR1);
}

static int
attempt_kill_thread(void)
{
	return (int)syscall(SYS_tgkill, 1, 1, SIGUSR1);
}

static int
attempt_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0) == MAP_FAILED;
}

static int
attempt_protect(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static int
attempt_option(void)
{
	int one = 1;

	return setsockopt(pair[TALK], SOL_SOCKET, SO_MARK, &one, sizeof(one));
}

static int
attempt_other_send(void)
{
	return (int)send(pair[DEAF], "x", 1, 0);
}

static int
attempt_other_write(void)
{
	return (int)write(STDOUT_FILENO, "escaped\n", 8);
}

static int
attempt_other_read(void)
{
	char byte;

	return (int)read(STDIN_FILENO, &byte, 1);
}

static int
attempt_duplicate(void)
{
	return dup(pair[TALK]);
}

static int
attempt_setuid(void)
{
	return setuid(0);
}

static void
everything_else_kills(void **state)
{
	static int (*const attempts[])(void) = {attempt_open, attempt_socket, attempt_execve,
	    attempt_ptrace, attempt_fork, attempt_kill, attempt_kill_thread, attempt_code,
	    attempt_protect, attempt_option, attempt_other_send, attempt_other_write,
	    attempt_other_read, attempt_duplicate, attempt_setuid};

	for (unsigned i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		print_message("attempt %u\n", i);
		assert_killed(attempts[i]);
	}
}

/* One byte more than there may be: an error that says so, and the process lives on. */
static int
attempt_memory(void)
{
	const size_t page = 4096, most = SANDBOX_MEMORY_MORE;
	const int kind = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	if (mmap(NULL, most + page, PROT_READ | PROT_WRITE, kind, -1, 0) != MAP_FAILED ||
	    errno != ENOMEM)
		return CHILD_FAILED;
	return attempt_work();
}

static void
memory_beyond_the_limit_is_refused(void **state)
{
	int status = inside(attempt_memory);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CHILD_DONE);
}

/* Without the filter, by landlock alone: nothing can be opened, made or run. */
static int
try_files(void)
{
	char name[] = "true", *arguments[] = {name, NULL};
	int error;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || landlock_leave_nothing() < 0)
		return CHILD_OUTSIDE;
	error = open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
	if (error != EACCES)
		return CHILD_FAILED;
	if (open("/tmp/sluice-sandbox-new", O_WRONLY | O_CREAT, 0600) >= 0 || errno != EACCES)
		return CHILD_FAILED;
	if (mkdir("/tmp/sluice-sandbox-new", 0700) == 0 || errno != EACCES)
		return CHILD_FAILED;
	execv("/bin/true", arguments);
	return errno == EACCES ? CHILD_DONE : CHILD_FAILED;
}

static void
landlock_leaves_no_file(void **state)
{
	int status = 0;
	pid_t pid;

	if (landlock_version() == 0) {
		print_message("this kernel has no landlock\n");
		skip();
	}
	pid = fork();
	if (pid == 0)
		_exit(try_files());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CHILD_DONE);
}

/* What the kernel says about a process inside. */
static void
identity(void **state)
{
	char name[64], line[256];
	unsigned found = 0;
	pid_t pid;
	FILE *in;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		char byte = 1;

		enter();
		(void)!write(pair[TALK], &byte, 1);
		(void)!read(pair[TALK], &byte, 1);
		_exit(CHILD_DONE);
	}
	assert_int_equal(read(pair[DEAF], line, 1), 1);
	snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	in = fopen(name, "r");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		found += strcmp(line, "Uid:\t65534\t65534\t65534\t65534\n") == 0;
		found += strcmp(line, "Gid:\t65534\t65534\t65534\t65534\n") == 0;
		found += strcmp(line, "Groups:\t \n") == 0;
		found += strcmp(line, "CapPrm:\t0000000000001000\n") == 0; /* CAP_NET_ADMIN */
		found += strcmp(line, "CapEff:\t0000000000001000\n") == 0;
		found += strcmp(line, "CapInh:\t0000000000000000\n") == 0;
		found += strcmp(line, "CapBnd:\t0000000000000000\n") == 0;
		found += strcmp(line, "NoNewPrivs:\t1\n") == 0;
		found += strcmp(line, "Seccomp:\t2\n") == 0;
	}
	fclose(in);
	assert_int_equal(write(pair[DEAF], "x", 1), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(found, 9);
	close(pair[TALK]);
	close(pair[DEAF]);
}

/* An inspector without a supervisor must not go on. */
static void
dies_with_its_parent(void **state)
{
	int ends[2];
	char byte;
	pid_t parent;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	parent = fork();
	if (parent == 0) {
		pid_t child = fork();

		if (child == 0) {
			char word = 1;

			close(ends[0]);
			enter();
			(void)!write(pair[TALK], &word, 1);
			(void)!read(pair[TALK], &word, 1); /* for ever */
			_exit(CHILD_DONE);
		}
		close(ends[1]);
		(void)!read(pair[DEAF], &byte, 1); /* the child is inside */
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	alarm(10);
	assert_int_equal(read(ends[0], &byte, 1), 0); /* its end of the pipe is gone, so it is */
	alarm(0);
	close(ends[0]);
	close(pair[TALK]);
	close(pair[DEAF]);
}

static void
root_is_refused(void **state)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		struct sandbox sandbox = {.user = 0, .root = root, .files_max = FILES_MAX};
		const char *step = "";

		_exit(sandbox_enter(&sandbox, &step) == -EINVAL ? CHILD_DONE : CHILD_FAILED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == CHILD_DONE);
}

static int
make_root(void **state)
{
	return mkdtemp(root) ? 0 : -1;
}

static int
remove_root(void **state)
{
	return rmdir(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_an_inspector_needs_works),
	    cmocka_unit_test(abort_ends_as_abort),
	    cmocka_unit_test(everything_else_kills),
	    cmocka_unit_test(memory_beyond_the_limit_is_refused),
	    cmocka_unit_test(landlock_leaves_no_file),
	    cmocka_unit_test(identity),
	    cmocka_unit_test(dies_with_its_parent),
	    cmocka_unit_test(root_is_refused),
	};

	if (geteuid() != 0) {
		puts("needs root: only root can become another user");
		return 77;
	}
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
