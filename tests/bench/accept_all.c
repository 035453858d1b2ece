/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accept all: the least that a program behind a netfilter queue can do, as a yardstick.
 *
 *   accept_all QUEUE [carry]
 *
 * Takes whole packets, looks at nothing, lets everything pass.  One system call to receive, one for
 * each verdict.  With `carry` each verdict brings the packet back, as it must where what leaves is
 * to be what was seen.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

static struct mnl_socket *queue_socket;
static uint16_t queue;
static bool carry;

static void
die(const char *what)
{
	fprintf(stderr, "accept_all: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct nlmsghdr *
begin(char *buffer, unsigned type, unsigned flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *generic;

	header->nlmsg_type = (uint16_t)(NFNL_SUBSYS_QUEUE << 8 | type);
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	generic = mnl_nlmsg_put_extra_header(header, sizeof(*generic));
	generic->nfgen_family = AF_UNSPEC;
	generic->version = NFNETLINK_V0;
	generic->res_id = htons(queue);
	return header;
}

static void
transmit(const struct nlmsghdr *header)
{
	if (mnl_socket_sendto(queue_socket, header, header->nlmsg_len) < 0)
		die("send");
}

static void
configure(void)
{
	struct nfqnl_msg_config_cmd bind = {.command = NFQNL_CFG_CMD_BIND, .pf = htons(AF_INET)};
	struct nfqnl_msg_config_params whole = {
	    .copy_range = htonl(0xffff), .copy_mode = NFQNL_COPY_PACKET};
	char buffer[256];
	struct nlmsghdr *header = begin(buffer, NFQNL_MSG_CONFIG, 0);

	mnl_attr_put(header, NFQA_CFG_CMD, sizeof(bind), &bind);
	transmit(header);
	header = begin(buffer, NFQNL_MSG_CONFIG, NLM_F_ACK);
	mnl_attr_put(header, NFQA_CFG_PARAMS, sizeof(whole), &whole);
	transmit(header);
}

static int
accept_packet(const struct nlmsghdr *packet, void *context)
{
	const struct nlattr *attribute;
	struct nfqnl_msg_verdict_hdr verdict = {.verdict = htonl(NF_ACCEPT)};
	static char buffer[0xffff + 256];
	const struct nlattr *bytes = NULL;
	struct nlmsghdr *header;

	mnl_attr_for_each(attribute, packet, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attribute) == NFQA_PACKET_HDR) {
			const struct nfqnl_msg_packet_hdr *about = mnl_attr_get_payload(attribute);

			verdict.id = about->packet_id;
		} else if (carry && mnl_attr_get_type(attribute) == NFQA_PAYLOAD) {
			bytes = attribute;
		}
	}
	header = begin(buffer, NFQNL_MSG_VERDICT, 0);
	mnl_attr_put(header, NFQA_VERDICT_HDR, sizeof(verdict), &verdict);
	if (bytes)
		mnl_attr_put(header, NFQA_PAYLOAD, mnl_attr_get_payload_len(bytes),
		    mnl_attr_get_payload(bytes));
	transmit(header);
	return MNL_CB_OK;
}

int
main(int argc, char **argv)
{
	static char buffer[0xffff + 4096];

	queue = (uint16_t)(argc > 1 ? atoi(argv[1]) : 0);
	carry = argc > 2 && strcmp(argv[2], "carry") == 0;
	queue_socket = mnl_socket_open(NETLINK_NETFILTER);
	if (!queue_socket || mnl_socket_bind(queue_socket, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	configure();
	for (;;) {
		ssize_t length = mnl_socket_recvfrom(queue_socket, buffer, sizeof(buffer));

		if (length < 0 && errno == ENOBUFS)
			continue;
		if (length < 0 || mnl_cb_run(buffer, (size_t)length, 0, 0, accept_packet, NULL) < 0)
			die("receive");
	}
}
