/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lab: namespaces, programs and files of a network test. See lab.h. */
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct {
	int namespaces[3];
	char directory[64];
} lab;

static const char *const place_variables[] = {"LAB_SUPERVISION", "LAB_GATEWAY", "LAB_PUMPS"};

void
lab_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("laboratory: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(99);
}

void
lab_skip(const char *format, ...)
{
	const char *output = getenv("CMOCKA_MESSAGE_OUTPUT");
	bool tap = output && strcmp(output, "TAP") == 0;
	va_list arguments;

	if (tap)
		fputs("1..0 # SKIP ", stdout);
	va_start(arguments, format);
	vfprintf(tap ? stdout : stderr, format, arguments);
	fputc('\n', tap ? stdout : stderr);
	va_end(arguments);
	exit(tap ? 0 : 77);
}

static void
remove_directory(void)
{
	char command[128];

	if (getenv("LAB_KEEP"))
		fprintf(stderr, "laboratory: files are kept in %s\n", lab.directory);
	else if (snprintf(command, sizeof(command), "rm -rf '%s'", lab.directory) > 0 &&
	    system(command))
		fprintf(stderr, "laboratory: %s is left\n", lab.directory);
}

bool
lab_bridged(void)
{
	const char *word = getenv("LAB_BRIDGE");

	return word && strcmp(word, "yes") == 0;
}

void
lab_init(void)
{
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		const char *name = getenv(place_variables[i]);

		if (!name)
			lab_skip("no laboratory: run this program by lab.sh as root");
		snprintf(path, sizeof(path), "/run/netns/%s", name);
		lab.namespaces[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (lab.namespaces[i] < 0)
			lab_skip("no laboratory: %s: %s", path, strerror(errno));
	}
	snprintf(lab.directory, sizeof(lab.directory), "/tmp/sluice-lab.XXXXXX");
	if (!mkdtemp(lab.directory))
		lab_fail("%s: %s", lab.directory, strerror(errno));
	atexit(remove_directory);
}

const char *
lab_path(const char *name)
{
	static char buffers[8][128];
	static unsigned next;
	char *buffer = buffers[next++ % 8];

	snprintf(buffer, sizeof(buffers[0]), "%s/%s", lab.directory, name);
	return buffer;
}

void
lab_enter(enum lab_place place)
{
	if (setns(lab.namespaces[place], CLONE_NEWNET) < 0)
		lab_fail("cannot enter a namespace: %s", strerror(errno));
}

static void
redirect(const char *name, const char *suffix, int target)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s.%s", lab.directory, name, suffix);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (fd < 0 || dup2(fd, target) < 0)
		_exit(126);
}

pid_t
lab_start(enum lab_place place, const char *name, const char *const argv[])
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		lab_fail("fork: %s", strerror(errno));
	if (pid == 0) {
		lab_enter(place);
		redirect(name, "out", STDOUT_FILENO);
		redirect(name, "err", STDERR_FILENO);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[0], (char *const *)argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	return pid;
}

static int
status_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
lab_run(enum lab_place place, const char *name, const char *const argv[])
{
	int status;

	if (waitpid(lab_start(place, name, argv), &status, 0) < 0)
		lab_fail("waitpid: %s", strerror(errno));
	return status_code(status);
}

int
lab_shell(enum lab_place place, const char *format, ...)
{
	char command[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	return lab_run(place, "shell", (const char *[]){"/bin/sh", "-c", command, NULL});
}

int
lab_stop(pid_t pid, int signal_number)
{
	int status;

	if (pid <= 0 || kill(pid, signal_number) < 0)
		lab_fail("kill %d: %s", (int)pid, strerror(errno));
	for (unsigned i = 0; i < 400; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status_code(status);
		lab_sleep_ms(5);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return 128 + SIGKILL;
}

int
lab_socket(enum lab_place place, int domain, int type, int protocol)
{
	int fd;

	lab_enter(place);
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		lab_fail("socket: %s", strerror(errno));
	return fd;
}

uint64_t
lab_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void
lab_sleep_ms(unsigned ms)
{
	poll(NULL, 0, (int)ms);
}

size_t
lab_file_size(const char *path)
{
	struct stat state;

	return stat(path, &state) == 0 ? (size_t)state.st_size : 0;
}

char *
lab_file_read(const char *path, size_t offset)
{
	size_t size = lab_file_size(path), length = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	size = size > offset ? size - offset : 0;
	text = calloc(1, size + 1);
	if (!text)
		lab_fail("no memory");
	while (fd >= 0 && length < size) {
		ssize_t got = pread(fd, text + length, size - length, (off_t)(offset + length));

		if (got <= 0)
			break;
		length += (size_t)got;
	}
	if (fd >= 0)
		close(fd);
	return text;
}

bool
lab_file_wait(const char *path, size_t offset, const char *text, unsigned timeout_ms)
{
	uint64_t end = lab_now_ms() + timeout_ms;

	for (;;) {
		char *content = lab_file_read(path, offset);
		bool found = strstr(content, text) != NULL;

		free(content);
		if (found)
			return true;
		if (lab_now_ms() >= end)
			return false;
		lab_sleep_ms(2);
	}
}

void
lab_file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		lab_fail("%s: %s", path, strerror(errno));
}
