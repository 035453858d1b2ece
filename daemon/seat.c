/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Seat: one sluiced in a network namespace, for there is one table.
 *
 * Abstract names of unix(7) sockets have no permissions.  Who listens there is asked for its
 * credentials, so that a user without rights can't keep the firewall from starting.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "seat.h"

enum { BACKLOG = 16, PATIENCE_S = 3 };

static const char name[] = "sluice";

static socklen_t
address_fill(struct sockaddr_un *ret_address)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(&address.sun_path[1], name, sizeof(name) - 1);
	*ret_address = address;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name));
}

/*
 * Waits while the holder is crowded, who serves about once a second: to be seen by nobody else
 * would be worth somebody's while.
 */
int
seat_find(pid_t *ret_holder)
{
	static const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_un address;
	socklen_t length = address_fill(&address), size = sizeof(struct ucred);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ucred holder;
	bool found;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	found = connect(fd, (const struct sockaddr *)&address, length) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &holder, &size) == 0 &&
	    (holder.uid == 0 || holder.uid == geteuid());
	close(fd);
	if (!found)
		return -ENOENT;
	*ret_holder = holder.pid;
	return 0;
}

int
seat_take(int *ret_fd, pid_t *ret_holder)
{
	struct sockaddr_un address;
	socklen_t length = address_fill(&address);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r = 0;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, length) < 0 || listen(fd, BACKLOG) < 0) {
		r = -errno;
		close(fd);
		fd = -1;
	}
	if (r == -EADDRINUSE && seat_find(ret_holder) == -ENOENT)
		r = 0;
	if (r == 0)
		*ret_fd = fd;
	return r;
}

/* Not more than can have waited: those who come meanwhile would keep us for ever. */
void
seat_serve(int fd)
{
	for (int i = 0; fd >= 0 && i <= BACKLOG; i++) {
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (client < 0)
			return;
		close(client);
	}
}
