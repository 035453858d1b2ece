/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeper: what a service manager does for sluiced, as far as descriptors go: it starts the program,
 * takes what it sends to NOTIFY_SOCKET (sd_pid_notify_with_fds(3)), gives it to the next run
 * (sd_listen_fds(3)) and starts that as soon as the one before has ended.
 *
 *   keeper SOCKET PROGRAM [ARGUMENT...]     until SIGTERM
 *
 * KEEPER_SPOIL=NAME=HOW in the environment: from the second run on the descriptor of that name is
 * `foreign` (something else), `short` (a page of zeros), `torn` (its first bytes are others),
 * `missing`, or, of a record, `rebuilt` (by a version that keeps connections in another way).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEPT_MAX = 160, FDS_MAX = 8, FIRST = 3, HIGH = 400 };

struct kept {
	char name[64];
	int fd;
};

static struct kept kept[KEPT_MAX];
static unsigned kept_count;

static void
die(const char *what)
{
	perror(what);
	exit(2);
}

static void
forget(const char *name)
{
	unsigned to = 0;

	for (unsigned i = 0; i < kept_count; i++) {
		if (strcmp(kept[i].name, name) == 0)
			close(kept[i].fd);
		else
			kept[to++] = kept[i];
	}
	kept_count = to;
}

static void
keep(const char *name, int fd)
{
	if (kept_count == KEPT_MAX)
		die("too many descriptors");
	snprintf(kept[kept_count].name, sizeof(kept[0].name), "%s", name);
	kept[kept_count++].fd = fd;
}

/* One datagram of lines. */
static void
take(int socket_fd)
{
	char text[4096], name[64] = "stored", *rest = text, *line;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
	} control;
	struct iovec part = {text, sizeof(text) - 1};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	int fds[FDS_MAX], store = 0, removal = 0;
	size_t count = 0;

	if (n < 0)
		return;
	text[n] = '\0';
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(fds, CMSG_DATA(c), count * sizeof(int));
		}
	while ((line = strsep(&rest, "\n")) != NULL) {
		store |= strcmp(line, "FDSTORE=1") == 0;
		removal |= strcmp(line, "FDSTOREREMOVE=1") == 0;
		if (strncmp(line, "FDNAME=", 7) == 0)
			snprintf(name, sizeof(name), "%s", line + 7);
	}
	if (removal)
		forget(name);
	for (size_t i = 0; i < count; i++) {
		if (store)
			keep(name, fds[i]);
		else
			close(fds[i]); /* a barrier: that it is closed is the answer */
	}
}

static int
sealed(const char *text, size_t length)
{
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, text, length) != (ssize_t)length ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0)
		die("memfd");
	return fd;
}

static int
rebuilt(int fd)
{
	static char text[1 << 20];
	static const char word[] = "\"layout\":\"";
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
	char *at = length > 0 ? strstr(text, word) : NULL;

	if (!at)
		die("no layout");
	memcpy(at + sizeof(word) - 1, "abad1dea", 8);
	close(fd);
	return sealed(text, (size_t)length);
}

static int
spoilt(const char *how, int fd)
{
	static const char page[4096];
	void *head;

	if (strcmp(how, "rebuilt") == 0)
		return rebuilt(fd);
	if (strcmp(how, "torn") != 0)
		close(fd);
	if (strcmp(how, "foreign") == 0)
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	if (strcmp(how, "short") == 0)
		return sealed(page, sizeof(page));
	head = mmap(NULL, sizeof(page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (head == MAP_FAILED)
		die("mmap");
	memset(head, 0xa5, 256);
	munmap(head, sizeof(page));
	return fd;
}

static void
spoil(void)
{
	char text[128], *how = text, *name;
	const char *wanted = getenv("KEEPER_SPOIL");

	if (!wanted)
		return;
	snprintf(text, sizeof(text), "%s", wanted);
	name = strsep(&how, "=");
	if (how && strcmp(how, "missing") == 0) {
		forget(name);
		return;
	}
	for (unsigned i = 0; how && i < kept_count; i++)
		if (strcmp(kept[i].name, name) == 0)
			kept[i].fd = spoilt(how, kept[i].fd);
}

static void
child(char **argv)
{
	char number[16], names[2 * KEPT_MAX * sizeof(kept[0].name)] = "";
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (unsigned i = 0; i < kept_count; i++) {
		snprintf(&names[strlen(names)], sizeof(names) - strlen(names), "%s%s", i ? ":" : "",
		    kept[i].name);
		kept[i].fd = fcntl(kept[i].fd, F_DUPFD_CLOEXEC, HIGH);
	}
	for (unsigned i = 0; i < kept_count; i++)
		if (dup2(kept[i].fd, FIRST + (int)i) < 0)
			die("dup2");
	if (kept_count > 0) {
		snprintf(number, sizeof(number), "%d", (int)getpid());
		setenv("LISTEN_PID", number, 1);
		snprintf(number, sizeof(number), "%u", kept_count);
		setenv("LISTEN_FDS", number, 1);
		setenv("LISTEN_FDNAMES", names, 1);
	}
	execv(argv[0], argv);
	die(argv[0]);
}

static pid_t
start(char **argv, int *ret_process)
{
	pid_t pid = fork();

	if (pid == 0)
		child(argv);
	*ret_process = pid < 0 ? -1 : pidfd_open(pid, 0);
	if (*ret_process < 0)
		die("fork");
	fcntl(*ret_process, F_SETFD, FD_CLOEXEC);
	return pid;
}

int
main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct pollfd files[3] = {{.events = POLLIN}, {.events = POLLIN}, {.events = POLLIN}};
	struct signalfd_siginfo info;
	int stopping = 0, status = 0;
	sigset_t set;
	pid_t pid;

	if (argc < 3)
		return 2;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
	unlink(argv[1]);
	files[0].fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (files[0].fd < 0 || bind(files[0].fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die(argv[1]);
	setenv("NOTIFY_SOCKET", argv[1], 1);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	files[2].fd = signalfd(-1, &set, SFD_CLOEXEC);
	pid = start(&argv[2], &files[1].fd);
	while (poll(files, 3, -1) >= 0 || errno == EINTR) {
		if (files[0].revents)
			take(files[0].fd);
		if (files[2].revents && read(files[2].fd, &info, sizeof(info)) > 0) {
			stopping = 1;
			kill(pid, SIGTERM);
		}
		if (!files[1].revents || files[0].revents)
			continue; /* what it has said is heard first */
		waitpid(pid, &status, 0);
		close(files[1].fd);
		if (stopping)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
		spoil();
		pid = start(&argv[2], &files[1].fd);
	}
	return 2;
}
