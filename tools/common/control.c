/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control: see control.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "terminal.h"

const char control_default_path[] = "/run/sluice/control.sock";

/* Longer than a reload takes, during which the daemon answers nobody. */
enum { PATIENCE_S = 10 };

enum { RETRY_MS = 300 };

static void
set_patience(int fd, time_t seconds)
{
	struct timeval time = {.tv_sec = seconds};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

static int
connect_to(int fd, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

static int
tell_refusal(const char *command, const char *path, int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		complain("%s: nobody listens at %s; is sluiced running? (%s)", command, path,
		    strerror(error));
		break;
	case EACCES:
	case EPERM:
		complain(
		    "%s: no permission to speak to %s: expected root, or a member of the group "
		    "sluice-observe, sluice-operate or sluice-admin since its login",
		    command, path);
		break;
	default:
		complain("%s: %s: %s", command, path, strerror(error));
	}
	return -error;
}

/* A stream to the daemon, NULL after the error was told. */
static FILE *
dial(const char *command, const char *path, int *ret_error)
{
	FILE *stream;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -errno : 0;

	if (r == 0) {
		set_patience(fd, PATIENCE_S);
		r = connect_to(fd, path);
	}
	if (r < 0) {
		*ret_error = tell_refusal(command, path, -r);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	stream = fdopen(fd, "r+");
	if (!stream) {
		*ret_error = tell_refusal(command, path, errno);
		close(fd);
	}
	return stream;
}

/* One line without its line feed; -errno, -EPIPE at the end of the stream. */
static int
read_line(FILE *stream, char **line, size_t *size)
{
	ssize_t length;

	errno = 0;
	length = getline(line, size, stream);
	if (length <= 0)
		return errno ? -errno : -EPIPE;
	if ((*line)[length - 1] == '\n')
		(*line)[length - 1] = '\0';
	return 0;
}

/* The first byte of a request, with a file. */
static int
send_file(int fd, int file)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	char blank = ' '; /* a file needs a byte to come with */
	struct iovec bytes = {&blank, 1};
	struct msghdr message = {.msg_iov = &bytes,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof(control)};
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(part), &file, sizeof(int));
	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int
send_request(FILE *stream, const json_t *request, int file)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	int r = file < 0 ? 0 : send_file(fileno(stream), file);

	errno = 0;
	if (r == 0 &&
	    (json_dumpf(request, stream, JSON_COMPACT) < 0 || fputc('\n', stream) == EOF ||
		fflush(stream) == EOF))
		r = errno ? -errno : -EIO;
	signal(SIGPIPE, before);
	return r == -EPIPE ? 0 : r; /* it has gone; what it said before can still be read */
}

/* The daemon's answer; -EBADMSG after its refusal was told, which is then the answer. */
static int
take_answer(const char *command, const char *line, json_t **ret_answer)
{
	json_t *answer = json_loads(line, 0, NULL);
	const char *error = json_string_value(json_object_get(answer, "error"));

	*ret_answer = answer;
	if (json_is_true(json_object_get(answer, "ok")))
		return 0;
	complain(
	    "%s: the daemon answers: %s", command, error ? error : "something that is no answer");
	return -EBADMSG;
}

static int
converse(const char *command, FILE *stream, const json_t *request, int file, json_t **ret_answer,
    bool (*each)(void *context, const char *line), void *context)
{
	char *line = NULL;
	size_t size = 0;
	int r = send_request(stream, request, file);

	if (r == 0)
		r = read_line(stream, &line, &size);
	if (r == -EAGAIN)
		complain("%s: the daemon has not answered for %d seconds", command, PATIENCE_S);
	else if (r < 0)
		complain("%s: the daemon does not answer: %s", command, strerror(-r));
	else
		r = take_answer(command, line, ret_answer);
	if (r == 0 && each) {
		set_patience(fileno(stream), 0);
		while ((r = read_line(stream, &line, &size)) == 0 && each(context, line))
			continue;
		if (r == -ECONNRESET)
			r = -EPIPE; /* it went without having read all that was said to it */
		if (r < 0)
			complain("%s: the daemon has ended the connection", command);
	}
	free(line);
	return r;
}

/* As control_ask(), with the answer that is a refusal. */
static int
ask(const char *command, const char *path, json_t *request, int file, json_t **ret_answer,
    bool (*each)(void *context, const char *line), void *context)
{
	json_t *answer = NULL;
	int r = -ENOMEM;
	FILE *stream;

	if (!request) {
		complain("%s: out of memory", command);
		return r;
	}
	stream = dial(command, path, &r);
	if (stream) {
		r = converse(command, stream, request, file, &answer, each, context);
		fclose(stream);
	}
	json_decref(request);
	*ret_answer = answer;
	return r;
}

int
control_ask(const char *command, const char *path, json_t *request, json_t **ret_answer,
    bool (*each)(void *context, const char *line), void *context)
{
	json_t *answer = NULL;
	int r = ask(command, path, request, -1, &answer, each, context);

	if (r < 0)
		json_decref(answer);
	else
		*ret_answer = answer;
	return r;
}

int
control_order(const char *command, const char *path, json_t *request, json_t **ret_answer)
{
	return control_order_file(command, path, request, -1, ret_answer);
}

int
control_order_file(
    const char *command, const char *path, json_t *request, int file, json_t **ret_answer)
{
	json_t *answer = NULL;
	int r = ask(command, path, request, file, &answer, NULL, NULL);

	if (r < 0 && r != -EBADMSG)
		json_decref(answer);
	else
		*ret_answer = answer;
	return r;
}

int
control_wait(const char *command, const char *path)
{
	struct timespec pause = {.tv_nsec = RETRY_MS * 1000000L};
	int r;

	do {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		nanosleep(&pause, NULL);
		r = fd < 0 ? -errno : connect_to(fd, path);
		if (fd >= 0)
			close(fd);
	} while (r == -ENOENT || r == -ECONNREFUSED);
	return r < 0 ? tell_refusal(command, path, -r) : 0;
}
