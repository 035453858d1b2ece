/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Router: one more namespace, between the gateway and pumps. See router.h. */
#include "router.h"

#include "lab.h"

void
router_up(void)
{
	static const char *const steps[] = {
	    "ip netns add router",
	    "ip netns exec router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 "
	    "net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0",
	    "ip -n $LAB_PUMPS link set eth0 netns router",
	    "ip -n router link add eth1 mtu 1300 type veth peer name eth0 mtu 1500 "
	    "netns $LAB_PUMPS",
	    "ip -n router link set eth0 up; ip -n router link set eth1 up",
	    "ip -n router addr add 192.0.2.2/30 dev eth0; ip -n router addr add 10.20.0.1/24 dev "
	    "eth1",
	    "ip -n router addr add 2001:db8:99::2/64 dev eth0 nodad",
	    "ip -n router addr add fd00:20::1/64 dev eth1 nodad",
	    "ip -n router route add default via 192.0.2.1 src 192.0.2.2",
	    "ip -n router route add default via 2001:db8:99::1 src 2001:db8:99::2",
	    "ip addr del 10.20.0.1/24 dev eth1; ip addr del fd00:20::1/64 dev eth1",
	    "ip addr add 192.0.2.1/30 dev eth1; ip addr add 2001:db8:99::1/64 dev eth1 nodad",
	    "ip route add 10.20.0.0/24 via 192.0.2.2",
	    "ip route add fd00:20::/64 via 2001:db8:99::2",
	    "ip -n $LAB_PUMPS link set eth0 up",
	    "ip -n $LAB_PUMPS addr add 10.20.0.11/24 dev eth0",
	    "ip -n $LAB_PUMPS addr add fd00:20::11/64 dev eth0 nodad",
	    "ip -n $LAB_PUMPS route add default via 10.20.0.1",
	    "ip -n $LAB_PUMPS route add default via fd00:20::1",
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (lab_shell(LAB_GATEWAY, "set -e; %s", steps[i]) != 0)
			lab_fail("%s:\n%s", steps[i], lab_file_read(lab_path("shell.err"), 0));
	}
}
