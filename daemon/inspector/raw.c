/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw: sockets through which an inspector sends the segments that end a connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
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

int
raw_open_bridge(uint32_t mark, int *ret_fd)
{
	/* of no protocol: nothing is received */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* where there are none, or may be none, only what is sent by them fails */
	if (fd < 0 && errno == EAFNOSUPPORT) {
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		*ret_fd = fd;
		return 0;
	}
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int
raw_send_bridged(
    int fd, const struct segment *segment, const struct station *to, const struct station *from)
{
	uint8_t frame[ETH_HLEN + SEGMENT_SIZE_MAX];
	uint8_t type[2] = {ETH_P_IP >> 8, ETH_P_IP & 0xff};
	struct sockaddr_ll port = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_IP),
	    .sll_ifindex = (int)to->port,
	    .sll_halen = ETH_ALEN};
	size_t length;

	if (from == NULL || segment->family != FAMILY_IPV4)
		return -EHOSTUNREACH;
	memcpy(port.sll_addr, to->mac, ETH_ALEN);
	memcpy(frame, to->mac, ETH_ALEN);
	memcpy(&frame[ETH_ALEN], from->mac, ETH_ALEN);
	memcpy(&frame[2 * ETH_ALEN], type, sizeof(type));
	length = ETH_HLEN + segment_build(segment, &frame[ETH_HLEN]);
	return sendto(fd, frame, length, 0, (const struct sockaddr *)&port, sizeof(port)) < 0
	    ? -errno
	    : 0;
}
