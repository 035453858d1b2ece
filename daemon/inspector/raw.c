/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw: sockets through which an inspector sends the segments that end a connection.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "raw.h"

int
raw_open(enum family family, uint32_t mark, int *ret_fd)
{
	bool four = family == FAMILY_IPV4;
	int fd, one = 1;

	fd =
	    socket(four ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	if (fd < 0)
		return -errno;
	/* the segments carry their own headers, with the other end's address as source */
	if (setsockopt(fd, four ? IPPROTO_IP : IPPROTO_IPV6, four ? IP_HDRINCL : IPV6_HDRINCL, &one,
		sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int
raw_send(int fd, const struct segment *segment)
{
	uint8_t packet[SEGMENT_SIZE_MAX];
	size_t length = segment_build(segment, packet);
	struct sockaddr_in to4 = {.sin_family = AF_INET};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6};
	const struct sockaddr *to = (const struct sockaddr *)&to4;
	socklen_t size = sizeof(to4);

	if (segment->family == FAMILY_IPV4) {
		memcpy(&to4.sin_addr, segment->destination.bytes, sizeof(to4.sin_addr));
	} else {
		memcpy(&to6.sin6_addr, segment->destination.bytes, sizeof(to6.sin6_addr));
		to = (const struct sockaddr *)&to6;
		size = sizeof(to6);
	}
	return sendto(fd, packet, length, 0, to, size) < 0 ? -errno : 0;
}
