/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Harm: see harm.h. */
#include "harm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "device.h"
#include "gate.h"
#include "lab.h"
#include "raw.h"

enum { STRIKE_MS = 100, BETWEEN_MS = 5, LIFETIME_S = 600, PORTS = 60000, MESSAGE_SIZE = 8192 };

static struct raw crowd[HARM_CROWD_MAX];
static unsigned crowd_count;

static pthread_t striker;
static atomic_bool striking;

static void *
strike(void *context)
{
	while (striking) {
		int fd = client_connect_from(HARM_STRIKER, PLC1, STRIKE_MS);

		if (fd >= 0) {
			client_ask(fd, message_forbidden, STRIKE_MS, NULL);
			client_close(fd);
		}
		lab_sleep_ms(BETWEEN_MS);
	}
	return NULL;
}

void
harm_strike_start(void)
{
	striking = true;
	if (pthread_create(&striker, NULL, strike, NULL) != 0)
		lab_fail("no thread");
}

void
harm_strike_stop(void)
{
	if (!striking)
		return;
	striking = false;
	pthread_join(striker, NULL);
}

void
harm_crowd(unsigned count, const char *server, uint16_t port, const void *bytes, size_t length)
{
	for (crowd_count = 0; crowd_count < count; crowd_count++) {
		struct raw *raw = &crowd[crowd_count];

		raw_open(raw, server, port);
		if (raw_connect(raw, false)) {
			raw_data(raw, 0, bytes, length);
			continue;
		}
		raw_close(raw);
		return;
	}
}

void
harm_crowd_leave(void)
{
	while (crowd_count > 0)
		raw_close(&crowd[--crowd_count]);
}

static void
put_tuple(
    struct nlmsghdr *nlh, uint16_t type, const uint32_t addresses[2], uint16_t from, uint16_t to)
{
	struct nlattr *tuple = mnl_attr_nest_start(nlh, type), *part;

	part = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);
	mnl_attr_put_u32(nlh, CTA_IP_V4_SRC, addresses[0]);
	mnl_attr_put_u32(nlh, CTA_IP_V4_DST, addresses[1]);
	mnl_attr_nest_end(nlh, part);
	part = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(nlh, CTA_PROTO_NUM, IPPROTO_UDP);
	mnl_attr_put_u16(nlh, CTA_PROTO_SRC_PORT, htons(from));
	mnl_attr_put_u16(nlh, CTA_PROTO_DST_PORT, htons(to));
	mnl_attr_nest_end(nlh, part);
	mnl_attr_nest_end(nlh, tuple);
}

/* The kernel's own makes room for nothing that was answered. */
static int
add_connection(struct mnl_socket *socket, uint32_t n)
{
	char buffer[MESSAGE_SIZE];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *extra;
	const uint32_t there[] = {htonl(0x7f010000 + n / PORTS), htonl(0x7f020000)};
	const uint32_t back[] = {there[1], there[0]};
	uint16_t port = (uint16_t)(1 + n % PORTS);
	ssize_t got;

	nlh->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	extra = mnl_nlmsg_put_extra_header(nlh, sizeof(*extra));
	*extra = (struct nfgenmsg){.nfgen_family = AF_INET, .version = NFNETLINK_V0};
	put_tuple(nlh, CTA_TUPLE_ORIG, there, port, 9);
	put_tuple(nlh, CTA_TUPLE_REPLY, back, 9, port);
	mnl_attr_put_u32(nlh, CTA_STATUS, htonl(IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED));
	mnl_attr_put_u32(nlh, CTA_TIMEOUT, htonl(LIFETIME_S));
	if (mnl_socket_sendto(socket, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	got = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	if (got < 0)
		return -errno;
	return mnl_cb_run(buffer, (size_t)got, 0, 0, NULL, NULL) < 0 ? -errno : 0;
}

static pthread_t filler;
static atomic_bool filling, filled;

/* Places that others give back are taken again, as long as it lasts. */
static void *
fill(void *context)
{
	struct mnl_socket *socket;

	lab_enter(LAB_GATEWAY);
	socket = mnl_socket_open(NETLINK_NETFILTER);
	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		lab_fail("netlink: %s", strerror(errno));
	for (uint32_t n = 0; filling;) {
		int r = add_connection(socket, n);

		if (r == 0) {
			n++;
			continue;
		}
		if (r != -ENOMEM)
			lab_fail("a connection could not be added: %s", strerror(-r));
		filled = true;
		lab_sleep_ms(1);
	}
	mnl_socket_close(socket);
	return NULL;
}

void
harm_fill_tracking(void)
{
	filling = true;
	filled = false;
	if (pthread_create(&filler, NULL, fill, NULL) != 0)
		lab_fail("no thread");
	while (!filled)
		lab_sleep_ms(5);
}

void
harm_empty_tracking(void)
{
	if (!filling)
		return;
	filling = false;
	pthread_join(filler, NULL);
	lab_shell(LAB_GATEWAY, "conntrack -D -p udp --orig-port-dst 9 >/dev/null 2>&1");
}

void
harm_starve(bool starve)
{
	const struct rlimit limit = {
	    .rlim_cur = starve ? 1 << 20 : RLIM_INFINITY, .rlim_max = RLIM_INFINITY};

	if (prlimit(gate_pid(), RLIMIT_AS, &limit, NULL) < 0)
		lab_fail("prlimit: %s", strerror(errno));
}

void
harm_signal_inspectors(int number)
{
	pid_t pids[GATE_INSPECTORS_MAX];
	size_t count = gate_inspectors(pids);

	if (count == 0)
		lab_fail("no inspectors");
	for (size_t i = 0; i < count; i++)
		kill(pids[i], number);
}
