/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft watch: does somebody else change our table? (libmnl)
 *
 * The kernel tells each object of a transaction in a message of its own, with the number of the
 * socket that sent the transaction, and ends with the number of the new generation and the name of
 * the process.  What we do ourselves is left out by a filter inside the kernel, so that a large
 * policy does not fill the socket's buffer.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <libmnl/libmnl.h>

#include "nft_netlink.h"
#include "nft_watch.h"
#include "ruleset_ir.h"

enum {
	RECEIVE_SIZE = 64 * 1024,
	RECEIVE_BUFFER = 4 * 1024 * 1024, /* others may have large tables */
	WHO_SIZE = 64,
};

struct nft_watch {
	struct mnl_socket *socket;
	uint32_t own;     /* number of the socket by which we write */
	bool touched;     /* by a transaction whose end was not told yet */
	uint32_t toucher; /* number of the socket that did it */
	bool flow_tables; /* of anybody's: some may have come or gone */
	char who[WHO_SIZE];
};

/* Messages of one datagram are of one transaction: the first tells whose it is. */
static int
leave_out(int fd, uint32_t own)
{
	struct sock_filter code[] = {
	    /* the filter loads in network order, netlink is in the machine's */
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(own), 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno
											   : 0;
}

static int
listen_to_all(struct nft_watch *watch)
{
	int size = RECEIVE_BUFFER, group = NFNLGRP_NFTABLES, fd;

	watch->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (watch->socket == NULL || mnl_socket_bind(watch->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	fd = mnl_socket_get_fd(watch->socket);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (leave_out(fd, watch->own) < 0 ||
	    mnl_socket_setsockopt(watch->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	return 0;
}

int
nft_watch_open(const struct nft *nft, struct nft_watch **ret_watch)
{
	struct nft_watch *watch = calloc(1, sizeof(*watch));
	int r;

	if (watch == NULL)
		return -ENOMEM;
	watch->own = nft_port(nft);
	r = listen_to_all(watch);
	if (r < 0) {
		nft_watch_close(watch);
		return r;
	}
	*ret_watch = watch;
	return 0;
}

void
nft_watch_close(struct nft_watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->socket != NULL)
		mnl_socket_close(watch->socket);
	free(watch);
}

int
nft_watch_file(const struct nft_watch *watch)
{
	return mnl_socket_get_fd(watch->socket);
}

/* Every kind of object names its table in its first attribute. */
_Static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 &&
	NFTA_SET_TABLE == 1 && NFTA_SET_ELEM_LIST_TABLE == 1 && NFTA_OBJ_TABLE == 1 &&
	NFTA_FLOWTABLE_TABLE == 1,
    "the table is attribute 1");

static bool
is_about_ours(const struct nlmsghdr *message)
{
	const struct nfgenmsg *extra = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute;

	if (extra->nfgen_family != NFPROTO_INET && extra->nfgen_family != NFPROTO_BRIDGE)
		return false;
	mnl_attr_for_each(attribute, message, sizeof(*extra))
	{
		if (mnl_attr_get_type(attribute) == NFTA_TABLE_NAME)
			return mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0 &&
			    strcmp(mnl_attr_get_str(attribute), RULESET_TABLE) == 0;
	}
	return false;
}

/* The end of a transaction. */
static void
note_who(struct nft_watch *watch, const struct nlmsghdr *message)
{
	const char *name = "?";
	uint32_t process = 0;
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct nfgenmsg))
	{
		switch (mnl_attr_get_type(attribute)) {
		case NFTA_GEN_PROC_NAME:
			if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
				name = mnl_attr_get_str(attribute);
			break;
		case NFTA_GEN_PROC_PID:
			if (mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
				process = ntohl(mnl_attr_get_u32(attribute));
			break;
		}
	}
	if (process > 0)
		snprintf(watch->who, sizeof(watch->who), "%s[%" PRIu32 "]", name, process);
	else
		snprintf(watch->who, sizeof(watch->who), "?");
}

/* True at the end of a transaction that touched our table. */
static bool
take_message(struct nft_watch *watch, const struct nlmsghdr *message)
{
	if (message->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES || message->nlmsg_pid == watch->own ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
		return false;
	if ((message->nlmsg_type & 0xff) == NFT_MSG_NEWFLOWTABLE ||
	    (message->nlmsg_type & 0xff) == NFT_MSG_DELFLOWTABLE)
		watch->flow_tables = true;
	if ((message->nlmsg_type & 0xff) != NFT_MSG_NEWGEN) {
		if (is_about_ours(message)) {
			watch->touched = true;
			watch->toucher = message->nlmsg_pid;
		}
		return false;
	}
	if (!watch->touched || message->nlmsg_pid != watch->toucher)
		return false;
	watch->touched = false;
	note_who(watch, message);
	return true;
}

enum nft_watch_result
nft_watch_read(struct nft_watch *watch, const char **ret_who)
{
	_Alignas(struct nlmsghdr) char buffer[RECEIVE_SIZE];
	enum nft_watch_result result = NFT_WATCH_QUIET;

	for (;;) {
		ssize_t size = recv(nft_watch_file(watch), buffer, sizeof(buffer), MSG_DONTWAIT);
		void *start = buffer;
		struct nlmsghdr *message = start;
		int left = (int)size;

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && errno == ENOBUFS) {
			watch->flow_tables = true;
			if (result == NFT_WATCH_QUIET)
				result = NFT_WATCH_LOST;
			continue;
		}
		if (size <= 0)
			break;
		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
			if (take_message(watch, message))
				result = NFT_WATCH_CHANGED;
		}
	}
	/* of a change that began, the end may be what was lost */
	if (result == NFT_WATCH_LOST && watch->touched) {
		watch->touched = false;
		snprintf(watch->who, sizeof(watch->who), "?");
		result = NFT_WATCH_CHANGED;
	}
	*ret_who = watch->who;
	return result;
}

bool
nft_watch_flow_tables(struct nft_watch *watch)
{
	bool changed = watch->flow_tables;

	watch->flow_tables = false;
	return changed;
}
