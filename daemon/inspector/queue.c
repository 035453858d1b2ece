/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queue: packets from the kernel's nfnetlink_queue, and verdicts back to it (libmnl).
 *
 * Settings go out in messages of their own, each with an acknowledgement: one flag that a kernel
 * does not know discards the whole message that it stands in, copy mode included.
 *
 * What leaves is what was judged: the verdict that lets a packet go on carries its bytes, and the
 * kernel puts them into the packet.  Its own may be others by then.  Pages that a local sender
 * shares with them (sendfile, splice) can be written to until the last receiver has read them, and
 * nothing in the message tells which packets have such; so all carry, short ones too.  Memory that
 * senders map (MSG_ZEROCOPY, transmit rings, guests) the kernel has copied when the packet came in.
 *
 * NFQA_CFG_F_GSO is never set, so that the kernel finishes a packet before it makes the message:
 * large segments are cut, checksums "to be filled in" are filled in, wherever their sender wants
 * them.  The bytes that are judged show it then, and nothing is left to be written on the way out.
 * With the flag it would be the other way round; and a large segment that carries its bytes back
 * would have lost what the kernel needs to cut it.  The checksum that is in the bytes leaves with
 * them: the engine verifies it, whatever the kernel says of it.
 *
 * NETLINK_CAP_ACK is set: the error that answers a verdict too late does not bring the packet back.
 * NETLINK_NO_ENOBUFS is set: without it one overflow makes the kernel refuse everything until the
 * socket is empty.  Overflows are not silent for that: the socket counts them (queue_overflows()).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/sock_diag.h>

#include "clock.h"
#include "queue.h"

enum {
	COPY_RANGE = 0xffff,
	/* a whole packet and its attributes; an odd multiple of 64, so that the heads of a batch do
	   not share the same lines of the first-level cache */
	BUFFER_SIZE = COPY_RANGE + 1 + 1088,
	VERDICT_SIZE = 64, /* of one verdict message without its packet, rounded up */
	VERDICTS_SIZE = 4 * VERDICT_SIZE + QUEUE_BATCH_MAX * (VERDICT_SIZE + COPY_RANGE + 1),
	SEND_MAX = 4 * (COPY_RANGE + 1), /* bytes of verdicts that are sent at once */
	SEND_BUFFER = 2 * SEND_MAX,
	REPLY_SIZE = 8192,
	ALONE_ENOUGH = 8, /* packets that came alone, before they are expected to */
	PROBE_EVERY = 16, /* and how often it is asked whether they still do */
	DENSE_NS = 50000, /* packets that come closer than this are worth watching for */
};

struct queue_batch {
	size_t verdicts_used;
	unsigned alone;  /* how often, one after the other, a packet came alone */
	unsigned probes; /* receptions since then */
	bool dense;      /* the last packet was waited for less than DENSE_NS */
	struct mmsghdr headers[QUEUE_BATCH_MAX];
	struct iovec parts[QUEUE_BATCH_MAX];
	_Alignas(16) uint8_t verdicts[VERDICTS_SIZE];
	_Alignas(64) uint8_t buffers[QUEUE_BATCH_MAX][BUFFER_SIZE];
};

int
queue_open(size_t bytes, struct queue *ret_queue)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int size = (int)bytes, send_size = SEND_BUFFER, one = 1, r;

	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) <
		0 ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_SNDBUFFORCE, &send_size,
		sizeof(send_size)) < 0 ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)) <
		0 ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_NETLINK, NETLINK_NO_ENOBUFS, &one,
		sizeof(one)) < 0) {
		r = -errno;
		mnl_socket_close(socket);
		return r;
	}
	*ret_queue = (struct queue){.socket = socket, .fd = mnl_socket_get_fd(socket)};
	return 0;
}

void
queue_close(struct queue *queue)
{
	if (queue->socket)
		mnl_socket_close(queue->socket);
	*queue = (struct queue){.fd = -1};
}

/* Start a message about one queue in `buffer`. */
static struct nlmsghdr *
message_start(void *buffer, uint16_t number, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *generic;

	header->nlmsg_type = (NFNL_SUBSYS_QUEUE << 8) | type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	generic = mnl_nlmsg_put_extra_header(header, sizeof(*generic));
	generic->nfgen_family = AF_UNSPEC;
	generic->version = NFNETLINK_V0;
	generic->res_id = htons(number);
	return header;
}

/*
 * Send a configuration message and wait for its acknowledgement.  Packets of a queue that is bound
 * already may arrive first; they are not read here, so nothing may flow yet: the ruleset that fills
 * the queues is loaded afterwards.
 */
static int
message_ask(struct queue *queue, struct nlmsghdr *header)
{
	uint8_t reply[REPLY_SIZE];
	const struct nlmsghdr *answer = (const struct nlmsghdr *)reply;
	static uint32_t sequence;
	ssize_t n;

	header->nlmsg_seq = ++sequence;
	if (mnl_socket_sendto(queue->socket, header, header->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(queue->socket, reply, sizeof(reply));
		if (n < 0 && errno != EINTR && errno != ENOSPC)
			return -errno;
	} while (n < 0 || !mnl_nlmsg_ok(answer, (int)n) || answer->nlmsg_type != NLMSG_ERROR ||
	    answer->nlmsg_seq != sequence);
	return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(answer))->error;
}

static int
bind_number(struct queue *queue, uint16_t number)
{
	uint8_t buffer[REPLY_SIZE];
	struct nlmsghdr *header = message_start(buffer, number, NFQNL_MSG_CONFIG, NLM_F_ACK);
	struct nfqnl_msg_config_cmd command = {.command = NFQNL_CFG_CMD_BIND};

	mnl_attr_put(header, NFQA_CFG_CMD, sizeof(command), &command);
	return message_ask(queue, header);
}

static int
set_copy_mode(struct queue *queue, uint16_t number)
{
	uint8_t buffer[REPLY_SIZE];
	struct nlmsghdr *header = message_start(buffer, number, NFQNL_MSG_CONFIG, NLM_F_ACK);
	struct nfqnl_msg_config_params params = {
	    .copy_range = htonl(COPY_RANGE), .copy_mode = NFQNL_COPY_PACKET};

	mnl_attr_put(header, NFQA_CFG_PARAMS, sizeof(params), &params);
	return message_ask(queue, header);
}

static int
set_length(struct queue *queue, uint16_t number, uint32_t length)
{
	uint8_t buffer[REPLY_SIZE];
	struct nlmsghdr *header = message_start(buffer, number, NFQNL_MSG_CONFIG, NLM_F_ACK);

	mnl_attr_put_u32(header, NFQA_CFG_QUEUE_MAXLEN, htonl(length));
	return message_ask(queue, header);
}

static int
set_flag(struct queue *queue, uint16_t number, uint32_t flag)
{
	uint8_t buffer[REPLY_SIZE];
	struct nlmsghdr *header = message_start(buffer, number, NFQNL_MSG_CONFIG, NLM_F_ACK);

	mnl_attr_put_u32(header, NFQA_CFG_FLAGS, htonl(flag));
	mnl_attr_put_u32(header, NFQA_CFG_MASK, htonl(flag));
	return message_ask(queue, header);
}

/*
 * Find a queue in the kernel's list, whose columns have no other description than its source, and
 * the port of the socket that it is bound to.
 */
static bool
stats_find(uint16_t number, struct queue_stats *ret_stats, uint32_t *ret_port)
{
	FILE *list = fopen("/proc/self/net/netfilter/nfnetlink_queue", "re");
	struct queue_stats stats;
	unsigned listed, port = 0;
	bool found = false;

	if (!list)
		return false;
	/* number, port, waiting, copy mode, copy range, full, unsent, last number, 1 */
	while (!found &&
	    fscanf(list, "%u %u %u %*u %*u %u %u %u%*[^\n]", &listed, &port, &stats.waiting,
		&stats.full, &stats.unsent, &stats.last_id) == 6)
		found = listed == number;
	fclose(list);
	if (found) {
		*ret_stats = stats;
		*ret_port = port;
	}
	return found;
}

void
queue_stats_read(uint16_t number, struct queue_stats *ret_stats)
{
	struct queue_stats stats = {0};
	uint32_t port;

	stats_find(number, &stats, &port);
	*ret_stats = stats;
}

/*
 * The kernel answers EPERM both to who lacks CAP_NET_ADMIN and to who asks for a queue that another
 * process has bound; its list of queues tells which it was.
 */
static bool
number_in_use(uint16_t number)
{
	struct queue_stats stats;
	uint32_t port;

	return stats_find(number, &stats, &port);
}

int
queue_bind(
    struct queue *queue, const struct queue_settings *settings, struct queue_features *ret_features)
{
	struct queue_features features = {0};
	int r = bind_number(queue, settings->number);

	if ((r == -EPERM || r == -EBUSY) && number_in_use(settings->number))
		return -EBUSY;
	if (r < 0)
		return r;
	r = set_copy_mode(queue, settings->number);
	if (r < 0)
		return r;
	r = set_length(queue, settings->number, settings->length);
	if (r < 0)
		return r;
	if (settings->fail_open) {
		r = set_flag(queue, settings->number, NFQA_CFG_F_FAIL_OPEN);
		if (r < 0)
			return r;
		features.fail_open = true;
	}
	*ret_features = features;
	return 0;
}

static bool
is_netfilter(int fd)
{
	int domain = 0, protocol = 0;
	socklen_t domain_size = sizeof(domain), protocol_size = sizeof(protocol);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &protocol_size) == 0 &&
	    domain == AF_NETLINK && protocol == NETLINK_NETFILTER;
}

static bool
is_bound(const struct mnl_socket *socket, uint16_t number)
{
	struct queue_stats stats;
	uint32_t port = 0;

	return stats_find(number, &stats, &port) && port == mnl_socket_get_portid(socket);
}

int
queue_adopt(int fd, const uint16_t numbers[2], struct queue *ret_queue)
{
	struct mnl_socket *socket;

	if (fd < 0 || !is_netfilter(fd))
		return -EBADMSG;
	socket = mnl_socket_fdopen(fd);
	if (!socket)
		return -errno;
	if (!is_bound(socket, numbers[0]) || !is_bound(socket, numbers[1])) {
		free(socket); /* the descriptor stays the caller's, so it is not closed */
		return -EBADMSG;
	}
	*ret_queue = (struct queue){.socket = socket, .fd = fd};
	return 0;
}

/* No acknowledgement is asked for: whoever waited for it would meet packets first. */
void
queue_lengthen(const struct queue *queue, uint16_t number, uint32_t length)
{
	uint8_t buffer[REPLY_SIZE];
	struct nlmsghdr *header = message_start(buffer, number, NFQNL_MSG_CONFIG, 0);

	mnl_attr_put_u32(header, NFQA_CFG_QUEUE_MAXLEN, htonl(length));
	mnl_socket_sendto(queue->socket, header, header->nlmsg_len);
}

uint64_t
queue_overflows(const struct queue *queue)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t size = sizeof(info);

	if (getsockopt(queue->fd, SOL_SOCKET, SO_MEMINFO, info, &size) < 0)
		return 0;
	return info[SK_MEMINFO_DROPS];
}

int
queue_batch_new(struct queue_batch **ret_batch)
{
	struct queue_batch *batch =
	    mmap(NULL, sizeof(*batch), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (batch == MAP_FAILED)
		return -errno;
	for (unsigned i = 0; i < QUEUE_BATCH_MAX; i++) {
		batch->parts[i] = (struct iovec){batch->buffers[i], BUFFER_SIZE};
		batch->headers[i].msg_hdr.msg_iov = &batch->parts[i];
		batch->headers[i].msg_hdr.msg_iovlen = 1;
	}
	*ret_batch = batch;
	return 0;
}

void
queue_batch_free(struct queue_batch *batch)
{
	if (batch)
		munmap(batch, sizeof(*batch));
}

static void
read_mac(const struct nlattr *attribute, struct queue_packet *packet)
{
	const struct nfqnl_msg_packet_hw *hardware = mnl_attr_get_payload(attribute);

	packet->has_mac = mnl_attr_get_payload_len(attribute) >= sizeof(*hardware) &&
	    ntohs(hardware->hw_addrlen) == sizeof(packet->mac);
	if (packet->has_mac)
		memcpy(packet->mac, hardware->hw_addr, sizeof(packet->mac));
}

/* Read one packet message; false if it is none (the kernel does not send such). */
static bool
packet_read(const struct nlmsghdr *header, struct queue_packet *ret_packet)
{
	const struct nfgenmsg *generic = mnl_nlmsg_get_payload(header);
	struct queue_packet packet = {.queue = ntohs(generic->res_id)};
	const struct nfqnl_msg_packet_hdr *numbered = NULL;
	const struct nlattr *attribute;
	uint32_t info = 0;

	mnl_attr_for_each(attribute, header, sizeof(*generic))
	{
		switch (mnl_attr_get_type(attribute)) {
		case NFQA_PACKET_HDR:
			numbered = mnl_attr_get_payload(attribute);
			break;
		case NFQA_PAYLOAD:
			packet.data = mnl_attr_get_payload(attribute);
			packet.length = mnl_attr_get_payload_len(attribute);
			break;
		case NFQA_IFINDEX_INDEV:
			packet.interface = ntohl(mnl_attr_get_u32(attribute));
			break;
		case NFQA_IFINDEX_PHYSINDEV:
			packet.port = ntohl(mnl_attr_get_u32(attribute));
			break;
		case NFQA_HWADDR:
			read_mac(attribute, &packet);
			break;
		case NFQA_SKB_INFO:
			info = ntohl(mnl_attr_get_u32(attribute));
			break;
		case NFQA_MARK:
			packet.mark = ntohl(mnl_attr_get_u32(attribute));
			break;
		case NFQA_CAP_LEN:
			packet.truncated = true;
			break;
		}
	}
	if (!numbered)
		return false;
	packet.id = ntohl(numbered->packet_id);
	/* neither is to be expected: the queue was set up not to get such */
	packet.unfinished = info & (NFQA_SKB_GSO | NFQA_SKB_CSUMNOTREADY);
	*ret_packet = packet;
	return true;
}

/*
 * Many packets by one call, or one packet by a cheaper call while packets come one by one: looking
 * in vain for a second packet would delay the verdict on the first.
 */
static int
take(int fd, struct queue_batch *batch, int flags)
{
	int received;
	ssize_t length;

	if (batch->alone < ALONE_ENOUGH || batch->probes % PROBE_EVERY == 0) {
		received =
		    recvmmsg(fd, batch->headers, QUEUE_BATCH_MAX, flags | MSG_WAITFORONE, NULL);
		if (received > 0) {
			batch->alone = received == 1 ? batch->alone + 1 : 0;
			batch->probes++;
		}
		return received;
	}
	length = recv(fd, batch->buffers[0], BUFFER_SIZE, flags);
	if (length < 0)
		return -1;
	batch->probes++;
	batch->headers[0].msg_len = (unsigned)length;
	return 1;
}

/*
 * While packets come close together, watch for the next one instead of sleeping at once: whoever
 * sends it would pay for waking us, and the kernel's way to the queue is the narrow part.  Where
 * packets are rare this costs nothing: after one longer wait, the next is slept through.
 */
static int
receive(int fd, struct queue_batch *batch)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	int received;

	while (batch->dense) {
		received = take(fd, batch, MSG_DONTWAIT);
		if (received > 0 || errno != EAGAIN)
			return received;
		batch->dense = clock_ns(CLOCK_MONOTONIC) - start < DENSE_NS;
	}
	received = take(fd, batch, 0);
	batch->dense = clock_ns(CLOCK_MONOTONIC) - start < DENSE_NS;
	return received;
}

int
queue_receive(
    int fd, struct queue_batch *batch, struct queue_packet *ret_packets, uint32_t *ret_errors)
{
	int received = receive(fd, batch);
	uint32_t errors = 0;
	int count = 0;

	if (received < 0)
		return -errno;
	for (int i = 0; i < received; i++) {
		const struct nlmsghdr *header = (const struct nlmsghdr *)batch->buffers[i];
		const uint16_t packet_type = (NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_PACKET;

		if (mnl_nlmsg_ok(header, (int)batch->headers[i].msg_len) &&
		    header->nlmsg_type == packet_type && packet_read(header, &ret_packets[count]))
			count++;
		else
			errors++;
	}
	*ret_errors = errors;
	return count;
}

/* Begin a verdict; `more` bytes will follow in it. */
static struct nlmsghdr *
verdict_start(struct queue_batch *batch, uint16_t type, uint16_t queue, uint32_t id,
    uint32_t verdict, size_t more)
{
	struct nfqnl_msg_verdict_hdr body = {.verdict = htonl(verdict), .id = htonl(id)};
	struct nlmsghdr *header;

	if (batch->verdicts_used + VERDICT_SIZE + more > sizeof(batch->verdicts))
		abort(); /* more verdicts than packets: the caller is broken */
	header = message_start(&batch->verdicts[batch->verdicts_used], queue, type, 0);
	mnl_attr_put(header, NFQA_VERDICT_HDR, sizeof(body), &body);
	return header;
}

static void
verdict_end(struct queue_batch *batch, const struct nlmsghdr *header)
{
	batch->verdicts_used += MNL_ALIGN(header->nlmsg_len);
}

void
queue_accept(struct queue_batch *batch, const struct queue_packet *packet)
{
	struct nlmsghdr *header = verdict_start(
	    batch, NFQNL_MSG_VERDICT, packet->queue, packet->id, NF_ACCEPT, packet->length);

	mnl_attr_put(header, NFQA_PAYLOAD, packet->length, packet->data);
	verdict_end(batch, header);
}

void
queue_drop(struct queue_batch *batch, const struct queue_packet *packet)
{
	verdict_end(
	    batch, verdict_start(batch, NFQNL_MSG_VERDICT, packet->queue, packet->id, NF_DROP, 0));
}

void
queue_discard(struct queue_batch *batch, uint16_t queue, uint32_t id)
{
	verdict_end(batch, verdict_start(batch, NFQNL_MSG_VERDICT_BATCH, queue, id, NF_DROP, 0));
}

/* Bytes of whole messages from `from` on, as many as one call takes and at least one. */
static size_t
verdicts_portion(const struct queue_batch *batch, size_t from)
{
	size_t to = from;

	do {
		const struct nlmsghdr *header = (const struct nlmsghdr *)&batch->verdicts[to];
		size_t next = to + MNL_ALIGN(header->nlmsg_len);

		if (to > from && next - from > SEND_MAX)
			break;
		to = next;
	} while (to < batch->verdicts_used);
	return to - from;
}

int
queue_send(int fd, struct queue_batch *batch)
{
	int r = 0;

	for (size_t at = 0; at < batch->verdicts_used && r == 0;) {
		size_t size = verdicts_portion(batch, at);

		/* no address: a netlink socket without a peer sends to the kernel */
		if (send(fd, &batch->verdicts[at], size, 0) < 0)
			r = -errno;
		at += size;
	}
	batch->verdicts_used = 0;
	return r;
}
