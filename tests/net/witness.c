/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Witness: see witness.h. */
#include "witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "blow.h"
#include "lab.h"

enum { BUFFER = 64 << 20, FRAME_MAX = 65600, TURN_MS = 100 };

static pthread_t thread;
static atomic_bool stop;
static atomic_ullong packets;
static atomic_uint forbidden, missed;
static int fd;

static void
count_missed(void)
{
	struct tpacket_stats stats = {0};
	socklen_t size = sizeof(stats);

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
		missed += stats.tp_drops;
}

static void *
look(void *context)
{
	static uint8_t frame[FRAME_MAX];
	struct pollfd file = {.fd = fd, .events = POLLIN};

	while (!stop || poll(&file, 1, 0) > 0) {
		struct sockaddr_ll from = {0};
		socklen_t size = sizeof(from);
		ssize_t length;

		if (poll(&file, 1, TURN_MS) <= 0)
			continue;
		length = recvfrom(fd, frame, sizeof(frame), 0, (struct sockaddr *)&from, &size);
		if (length <= 0 || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		packets++;
		forbidden += blow_is_in(frame, (size_t)length);
	}
	return NULL;
}

void
witness_start(void)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int room = BUFFER;

	fd = lab_socket(LAB_PUMPS, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	address.sll_ifindex = (int)if_nametoindex("eth0");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		lab_fail("witness: %s", strerror(errno));
	stop = false;
	if (pthread_create(&thread, NULL, look, NULL) != 0)
		lab_fail("no thread");
}

void
witness_stop(void)
{
	stop = true;
	pthread_join(thread, NULL);
	close(fd);
	fd = -1;
}

uint64_t
witness_packets(void)
{
	return packets;
}

unsigned
witness_forbidden(void)
{
	return forbidden;
}

unsigned
witness_missed(void)
{
	count_missed();
	return missed;
}
