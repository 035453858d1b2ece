/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft bridge: see nft_bridge.h.  (libmnl)
 */
#include "nft_bridge.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

enum { REQUEST_SIZE = 256, ANSWER_SIZE = 32 * 1024 };

struct link_state {
	unsigned master;
	bool bridge;
	bool shows; /* nf_call_iptables */
};

bool
nft_bridge_netfilter(void)
{
	return access("/proc/sys/net/bridge/bridge-nf-call-iptables", F_OK) == 0;
}

static int
take_bridge(const struct nlattr *attribute, void *context)
{
	struct link_state *state = context;

	if (mnl_attr_get_type(attribute) == IFLA_BR_NF_CALL_IPTABLES &&
	    mnl_attr_get_payload_len(attribute) >= 1)
		state->shows = mnl_attr_get_u8(attribute) != 0;
	return MNL_CB_OK;
}

static void
take_info(const struct nlattr *info, struct link_state *state)
{
	const struct nlattr *attribute, *data = NULL;

	mnl_attr_for_each_nested(attribute, info)
	{
		if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND &&
		    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
			state->bridge = strcmp(mnl_attr_get_str(attribute), "bridge") == 0;
		if (mnl_attr_get_type(attribute) == IFLA_INFO_DATA)
			data = attribute;
	}
	if (state->bridge && data)
		mnl_attr_parse_nested(data, take_bridge, state);
}

static int
take_link(const struct nlmsghdr *message, void *context)
{
	struct link_state *state = context;
	const struct nlattr *attribute;

	if (message->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(struct ifinfomsg))
	{
		if (mnl_attr_get_type(attribute) == IFLA_MASTER &&
		    mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
			state->master = mnl_attr_get_u32(attribute);
		if (mnl_attr_get_type(attribute) == IFLA_LINKINFO)
			take_info(attribute, state);
	}
	return MNL_CB_OK;
}

/* A request about one interface. */
static struct nlmsghdr *
begin(void *buffer, uint16_t type, unsigned index)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	message->nlmsg_seq = 1;
	link = mnl_nlmsg_put_extra_header(message, sizeof(*link));
	link->ifi_index = (int)index;
	return message;
}

/* Send it, and read until its acknowledgement. */
static int
ask(const struct nlmsghdr *message, struct link_state *state)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	_Alignas(struct nlmsghdr) static char answer[ANSWER_SIZE];
	int r = MNL_CB_OK;

	if (socket == NULL)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, message, message->nlmsg_len) < 0)
		r = MNL_CB_ERROR;
	while (r == MNL_CB_OK) {
		ssize_t size = mnl_socket_recvfrom(socket, answer, sizeof(answer));

		r = size < 0 ? MNL_CB_ERROR
			     : mnl_cb_run(answer, (size_t)size, 1, mnl_socket_get_portid(socket),
				   take_link, state);
	}
	r = r < 0 ? -errno : 0;
	mnl_socket_close(socket);
	return r;
}

static int
read_link(const char *name, struct link_state *ret_state, unsigned *ret_index)
{
	_Alignas(struct nlmsghdr) char request[REQUEST_SIZE];
	struct link_state state = {0};
	unsigned index = if_nametoindex(name);
	int r = index == 0 ? -ENODEV : ask(begin(request, RTM_GETLINK, index), &state);

	if (r < 0)
		return r;
	*ret_state = state;
	*ret_index = index;
	return 0;
}

int
nft_bridge_show(const char *bridge)
{
	_Alignas(struct nlmsghdr) char request[REQUEST_SIZE];
	struct link_state state;
	struct nlmsghdr *message;
	struct nlattr *info, *data;
	unsigned index;
	int r = read_link(bridge, &state, &index);

	if (r < 0)
		return r;
	if (!state.bridge)
		return -ENOTTY;
	if (state.shows)
		return 0;
	message = begin(request, RTM_NEWLINK, index);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	mnl_attr_put_u8(message, IFLA_BR_NF_CALL_IPTABLES, 1);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	r = ask(message, &state);
	return r < 0 ? r : 1;
}

unsigned
nft_bridge_of(const char *port)
{
	struct link_state state;
	unsigned index;

	return read_link(port, &state, &index) == 0 ? state.master : 0;
}
