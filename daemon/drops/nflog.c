/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nflog: see nflog.h.  The envelope is the kernel's (libmnl); the packet in it is anybody's, and is
 * read by dissectors/wire.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>

#include "cursor.h"
#include "nflog.h"
#include "packet.h"

enum {
	COPY_BYTES = 128,
	BUFFER_SIZE = 65536,
	SOCKET_BYTES = 1 << 20, /* what finds no room is lost, and the kernel's counters have it */
	THRESHOLD = 32,         /* packets of one message ... */
	DELAY_CS = 20,          /* ... that wait for each other no longer, in 1/100 s */
};

static struct nlmsghdr *
message_start(void *buffer, uint16_t group, uint32_t sequence)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *generic;

	header->nlmsg_type = (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_CONFIG;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	header->nlmsg_seq = sequence;
	generic = mnl_nlmsg_put_extra_header(header, sizeof(*generic));
	generic->nfgen_family = AF_UNSPEC;
	generic->version = NFNETLINK_V0;
	generic->res_id = htons(group);
	return header;
}

/* Send it and wait for its acknowledgement; packets that come before are passed over. */
static int
message_ask(int fd, const struct nlmsghdr *header)
{
	_Alignas(NLMSG_ALIGNTO) uint8_t reply[8192];
	const struct nlmsghdr *answer = (const struct nlmsghdr *)reply;
	ssize_t n;

	if (send(fd, header, header->nlmsg_len, 0) < 0)
		return -errno;
	do {
		n = recv(fd, reply, sizeof(reply), 0);
		if (n < 0 && errno != EINTR && errno != ENOBUFS)
			return -errno;
	} while (n < 0 || !mnl_nlmsg_ok(answer, (int)n) || answer->nlmsg_type != NLMSG_ERROR ||
	    answer->nlmsg_seq != header->nlmsg_seq);
	return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(answer))->error;
}

static int
group_take(int fd, uint16_t group)
{
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[256];
	struct nfulnl_msg_config_mode mode = {
	    .copy_range = htonl(COPY_BYTES), .copy_mode = NFULNL_COPY_PACKET};
	struct nfulnl_msg_config_cmd command = {.command = NFULNL_CFG_CMD_BIND};
	struct nlmsghdr *header = message_start(buffer, group, 1);
	int r;

	mnl_attr_put(header, NFULA_CFG_CMD, sizeof(command), &command);
	r = message_ask(fd, header);
	if (r < 0)
		return r;
	header = message_start(buffer, group, 2);
	mnl_attr_put(header, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(header, NFULA_CFG_QTHRESH, htonl(THRESHOLD));
	mnl_attr_put_u32(header, NFULA_CFG_TIMEOUT, htonl(DELAY_CS));
	return message_ask(fd, header);
}

int
nflog_open(uint16_t group, unsigned wait_ms, int *ret_fd)
{
	struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
	struct sockaddr_nl address = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), r = 0;
	int bytes = SOCKET_BYTES;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0)
		r = -errno;
	if (r == 0)
		r = group_take(fd, group);
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

static int
attribute_read(const struct nlattr *attribute, void *data)
{
	const struct nlattr **attributes = data;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type <= NFULA_MAX)
		attributes[type] = attribute;
	return MNL_CB_OK;
}

/* The prefix is a reason's word, which the rule has given. */
static enum reason
reason_of(const struct nlattr *prefix)
{
	static const enum reason reasons[] = {REASON_INVALID, REASON_WRONG_ZONE, REASON_NO_CHANNEL,
	    REASON_WRONG_PORT, REASON_FRAME, REASON_UNGUARDED, REASON_PEER_BARRED};

	for (unsigned i = 0; prefix && i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		const char *word = reason_word(reasons[i]);

		if (mnl_attr_get_payload_len(prefix) >= strlen(word) &&
		    memcmp(mnl_attr_get_payload(prefix), word, strlen(word)) == 0)
			return reasons[i];
	}
	return REASON_NO_CHANNEL;
}

/* A packet that is cut off, as most are here, is read as far as it goes. */
static void
packet_read(const struct nlattr *payload, struct event *event)
{
	struct packet packet;
	enum reason reason;

	packet_parse(
	    mnl_attr_get_payload(payload), mnl_attr_get_payload_len(payload), &packet, &reason);
	event->family = (uint8_t)packet.family;
	event->transport = packet.protocol;
	event->source = packet.source;
	event->destination = packet.destination;
	event->source_port = packet.source_port;
	event->destination_port = packet.destination_port;
}

/* Whose addresses an ARP message speaks of, of which the rules let only one form come here. */
static void
arp_read(const struct nlattr *payload, struct event *event)
{
	size_t length = mnl_attr_get_payload_len(payload);
	const uint8_t *source, *destination;
	struct cursor c;

	cursor_init(&c, mnl_attr_get_payload(payload), length, length);
	cursor_take(&c, 8 + ETH_ALEN, "head and sender's hardware");
	source = cursor_take(&c, 4, "sender");
	cursor_take(&c, ETH_ALEN, "target's hardware");
	destination = cursor_take(&c, 4, "target");
	if (!cursor_ok(&c))
		return;
	event->family = FAMILY_IPV4;
	memcpy(event->source.bytes, source, 4);
	memcpy(event->destination.bytes, destination, 4);
}

/* As the frame's type says; of what else a bridge got, nothing is known but that it came. */
static void
payload_read(const struct nlattr *header, const struct nlattr *payload, struct event *event)
{
	uint16_t type = ETH_P_IP;

	if (header && mnl_attr_get_payload_len(header) >= sizeof(struct nfulnl_msg_packet_hdr)) {
		const struct nfulnl_msg_packet_hdr *packet = mnl_attr_get_payload(header);

		type = ntohs(packet->hw_protocol);
	}
	if (type == ETH_P_IP || type == ETH_P_IPV6)
		packet_read(payload, event);
	else if (type == ETH_P_ARP)
		arp_read(payload, event);
}

/* The port of a bridge, or else the interface. */
static uint32_t
interface_of(const struct nlattr *const attributes[])
{
	const struct nlattr *port = attributes[NFULA_IFINDEX_PHYSINDEV],
			    *interface = port ? port : attributes[NFULA_IFINDEX_INDEV];

	return interface && mnl_attr_validate(interface, MNL_TYPE_U32) == 0
	    ? ntohl(mnl_attr_get_u32(interface))
	    : 0;
}

void
nflog_parse(const void *data, size_t size, struct event *ret_event)
{
	const struct nlattr *attributes[NFULA_MAX + 1] = {0};
	struct event event = {
	    .type = EVENT_DROP,
	    .channel = EVENT_NO_INDEX,
	    .rule = EVENT_NO_INDEX,
	    .function = EVENT_NO_INDEX,
	    .refused = EVENT_NO_INDEX,
	    .verdict = VERDICT_DENY,
	};

	mnl_attr_parse_payload(data, size, attribute_read, attributes);
	event.reason = (uint16_t)reason_of(attributes[NFULA_PREFIX]);
	event.unit = interface_of(attributes);
	if (attributes[NFULA_PAYLOAD])
		payload_read(attributes[NFULA_PACKET_HDR], attributes[NFULA_PAYLOAD], &event);
	*ret_event = event;
}

int
nflog_read(int fd, nflog_teller *teller, void *context)
{
	static _Alignas(NLMSG_ALIGNTO) uint8_t buffer[BUFFER_SIZE];
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
	int left = (int)n;

	if (n < 0)
		return errno == EINTR || errno == ENOBUFS ? 0 : -errno;
	for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
		struct event event;

		if (header->nlmsg_type != ((NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_PACKET) ||
		    mnl_nlmsg_get_payload_len(header) < sizeof(struct nfgenmsg))
			continue;
		nflog_parse(mnl_nlmsg_get_payload_offset(header, sizeof(struct nfgenmsg)),
		    mnl_nlmsg_get_payload_len(header) - sizeof(struct nfgenmsg), &event);
		teller(context, &event);
	}
	return 0;
}
