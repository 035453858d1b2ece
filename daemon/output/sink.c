/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sink: see sink.h.
 *
 * Why not syslog(3) or sd_journal_send(3): both wait when the other end is slow, and who waits here
 * neither replaces an inspector that has died nor answers anybody.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sink.h"

enum { SEND_BUFFER = 1 << 20 };

void
sink_init(struct sink *sink, const char *path)
{
	*sink = (struct sink){.path = path, .fd = -1};
}

static void
sink_close(struct sink *sink)
{
	if (sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
}

void
sink_done(struct sink *sink)
{
	if (!sink->path)
		return;
	sink_flush(sink);
	sink_close(sink);
	for (; sink->count > 0; sink->count--)
		free(sink->waiting[sink->first++ % SINK_WAITING_MAX].bytes);
	sink->path = NULL;
}

static int
sink_open(struct sink *sink)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int size = SEND_BUFFER, r;

	if (strlen(sink->path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, sink->path);
	sink->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sink->fd < 0)
		return -errno;
	setsockopt(sink->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (connect(sink->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	r = -errno;
	sink_close(sink);
	return r;
}

/* 0 or -errno. One that was started anew has another socket under the same name. */
static int
send_one(struct sink *sink, const struct sink_message *message)
{
	for (unsigned attempt = 0;; attempt++) {
		int r = sink->fd < 0 ? sink_open(sink) : 0;

		if (r == 0 && send(sink->fd, message->bytes, message->length, MSG_NOSIGNAL) < 0)
			r = errno == EWOULDBLOCK || errno == ENOBUFS || errno == EINTR ? -EAGAIN
										       : -errno;
		if (r == 0 || r == -EAGAIN || r == -EMSGSIZE)
			return r;
		sink_close(sink);
		if (attempt == 1)
			return r;
	}
}

static void
count_lost(struct sink *sink)
{
	sink->lost++;
	sink->lost_total++;
}

void
sink_flush(struct sink *sink)
{
	if (!sink->path)
		return;
	sink->error = 0;
	while (sink->count > 0) {
		struct sink_message *message = &sink->waiting[sink->first % SINK_WAITING_MAX];
		int r = send_one(sink, message);

		if (r < 0 && r != -EMSGSIZE) {
			sink->error = -r;
			return;
		}
		sink->sent += r == 0;
		if (r == -EMSGSIZE)
			count_lost(sink);
		free(message->bytes);
		sink->first = (sink->first + 1) % SINK_WAITING_MAX;
		sink->count--;
	}
}

void
sink_send(struct sink *sink, char *bytes, size_t length)
{
	if (!sink->path || !bytes || length > SINK_MESSAGE_MAX || sink->count == SINK_WAITING_MAX) {
		if (sink->path)
			count_lost(sink);
		free(bytes);
	} else {
		sink->waiting[(sink->first + sink->count) % SINK_WAITING_MAX] =
		    (struct sink_message){bytes, length};
		sink->count++;
	}
	/* one that is not there is not asked again for each message: sinks_tick() does that */
	if (sink->error == 0 || sink->error == EAGAIN)
		sink_flush(sink);
}

int
sink_file(const struct sink *sink)
{
	return sink->path && sink->count > 0 && sink->error == EAGAIN ? sink->fd : -1;
}
