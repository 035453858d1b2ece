#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lab: three network namespaces in a row, supervision - gateway - pumps, for tests, benches and tools/try.
#
#   lab.sh COMMAND [ARGUMENT...]   run COMMAND beside a laboratory of its own, which ends with it
#   . lab.sh; lab_up PREFIX        make one whose namespaces have names that other terminals can use
#   lab_down                       remove it
#
# In the first form the names live in a private mount namespace and all processes in a private process
# namespace: however COMMAND ends, nothing is left behind and nothing else on the machine was touched.
# The gateway forwards everything; what it does beyond that is up to the test.
#
# With LAB_BRIDGE=yes it is a flat network: the gateway is a bridge without an address, br0, whose ports are eth0
# and eth1, and all hosts think that they are on one wire.
#
# Checksums and the cutting of large packets are left to the receiving end, as virtual interfaces do by
# themselves; with LAB_OFFLOADS=off in the environment every interface does its own work, as a plain card.
#
#   supervision 10.10.0.5 .9 .20     gateway eth0 10.10.0.1, eth1 10.20.0.1     pumps 10.20.0.11 .12 .31
#   the same in fd00:10::/64 and fd00:20::/64; 10.10.0.66 belongs to nobody's kernel (see raw.h)

# Who reads TAP wants to be told of a skip in its words.
lab_die()
{
	[ "${CMOCKA_MESSAGE_OUTPUT-}" != TAP ] || { echo "1..0 # SKIP $*"; exit 0; }
	echo "lab: $*" >&2
	exit 77
}

lab_namespace()
{
	ip netns add "$1" && ip -n "$1" link set lo up &&
	    ip netns exec "$1" sysctl -q -w net.ipv6.conf.all.accept_dad=0 \
	        net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0
}

# lab_wire NAMESPACE HARDWARE-ADDRESS GATEWAY-INTERFACE HARDWARE-ADDRESS NETWORK-NUMBER
lab_wire()
{
	ip -n "$LAB_GATEWAY" link add "$3" address "$4" type veth peer name eth0 address "$2" netns "$1" &&
	    ip -n "$LAB_GATEWAY" link set "$3" up && ip -n "$1" link set eth0 up || return 1
	if [ "${LAB_BRIDGE-}" = yes ]; then
		ip -n "$LAB_GATEWAY" link set "$3" master br0
		return
	fi
	ip -n "$LAB_GATEWAY" addr add "10.$5.0.1/24" dev "$3" &&
	    ip -n "$LAB_GATEWAY" addr add "fd00:$5::1/64" dev "$3" nodad
}

# lab_hosts NAMESPACE NETWORK-NUMBER HOST-NUMBER...
lab_hosts()
{
	local namespace=$1 network=$2 host
	shift 2
	if [ "${LAB_BRIDGE-}" = yes ]; then
		for host; do
			ip -n "$namespace" addr add "10.$network.0.$host/8" dev eth0 &&
			    ip -n "$namespace" addr add "fd00:$network::$host/16" dev eth0 nodad || return 1
		done
		return
	fi
	for host; do
		ip -n "$namespace" addr add "10.$network.0.$host/24" dev eth0 &&
		    ip -n "$namespace" addr add "fd00:$network::$host/64" dev eth0 nodad || return 1
	done
	ip -n "$namespace" route add default via "10.$network.0.1" &&
	    ip -n "$namespace" route add default via "fd00:$network::1"
}

# lab_plain_card NAMESPACE INTERFACE
lab_plain_card()
{
	ip netns exec "$1" ethtool -K "$2" rx off tx off sg off tso off gso off gro off >/dev/null
}

lab_offloads()
{
	[ "${LAB_OFFLOADS-on}" = off ] || return 0
	command -v ethtool >/dev/null || lab_die "the program ethtool is missing (package ethtool)"
	lab_plain_card "$LAB_SUPERVISION" eth0 && lab_plain_card "$LAB_GATEWAY" eth0 &&
	    lab_plain_card "$LAB_GATEWAY" eth1 && lab_plain_card "$LAB_PUMPS" eth0
}

lab_up()
{
	LAB_SUPERVISION=$1supervision LAB_GATEWAY=$1gateway LAB_PUMPS=$1pumps
	export LAB_SUPERVISION LAB_GATEWAY LAB_PUMPS
	lab_namespace "$LAB_SUPERVISION" && lab_namespace "$LAB_GATEWAY" && lab_namespace "$LAB_PUMPS" &&
	    lab_bridge &&
	    lab_wire "$LAB_SUPERVISION" 02:00:00:00:10:05 eth0 02:00:00:00:10:01 10 &&
	    lab_wire "$LAB_PUMPS" 02:00:00:00:20:11 eth1 02:00:00:00:20:01 20 &&
	    lab_hosts "$LAB_SUPERVISION" 10 5 9 20 && lab_hosts "$LAB_PUMPS" 20 11 12 31 &&
	    lab_offloads && lab_stranger
}

# The bridge forwards without netfilter, as one does on a machine that has no firewall.
lab_bridge()
{
	[ "${LAB_BRIDGE-}" = yes ] || return 0
	ip netns exec "$LAB_GATEWAY" sysctl -q -w net.ipv6.conf.default.disable_ipv6=1 &&
	    { [ ! -e /proc/sys/net/bridge ] || ip netns exec "$LAB_GATEWAY" sysctl -q -w \
	        net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0; } &&
	    ip -n "$LAB_GATEWAY" link add br0 address 02:00:00:00:00:01 type bridge forward_delay 0 mcast_snooping 0 &&
	    ip -n "$LAB_GATEWAY" link set br0 up
}

# Who has packets for 10.10.0.66 knows where it is.
lab_stranger()
{
	if [ "${LAB_BRIDGE-}" = yes ]; then
		ip -n "$LAB_PUMPS" neigh add 10.10.0.66 lladdr 02:00:00:00:10:05 dev eth0 nud permanent
		return
	fi
	ip -n "$LAB_GATEWAY" neigh add 10.10.0.66 lladdr 02:00:00:00:10:05 dev eth0 nud permanent &&
	    ip -n "$LAB_GATEWAY" neigh add fd00:10::66 lladdr 02:00:00:00:10:05 dev eth0 nud permanent &&
	    ip netns exec "$LAB_GATEWAY" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

lab_down()
{
	local namespace
	for namespace in "$LAB_SUPERVISION" "$LAB_GATEWAY" "$LAB_PUMPS"; do
		[ ! -e "/run/netns/$namespace" ] || ip netns del "$namespace"
	done
}

# lab_sweep PREFIX: remove what was left by a lab_up PREFIX<PID>- whose process was killed
lab_sweep()
{
	local path name pid
	for path in /run/netns/"$1"[0-9]*-*; do
		name=${path##*/}
		pid=${name#"$1"}
		pid=${pid%%-*}
		[ -e "$path" ] && [ ! -d "/proc/$pid" ] || continue
		ip netns pids "$name" | while read -r pid; do
			kill "$pid" 2>/dev/null
		done
		ip netns del "$name"
	done
}

lab_run()
{
	mount -t tmpfs -o mode=755 lab /run/netns || lab_die "no private mounts here"
	lab_up "" || lab_die "cannot make network namespaces here"
	if [ "${CMOCKA_MESSAGE_OUTPUT-}" = TAP ]; then
		# cmocka says "not ok" of a test that it skips, and meson would count a failure
		set -o pipefail
		{ "$@" | sed -u 's/^not ok \([0-9]* # SKIP\)/ok \1/'; } &
	else
		"$@" &
	fi
	wait $!
}

[ "${BASH_SOURCE[0]}" = "$0" ] || return 0
[ $# -gt 0 ] || { sed -n '4,7s/^# *//p' "$0" >&2; exit 2; }
if [ "$1" = --inside ]; then
	shift
	lab_run "$@"
	exit $?
fi
[ "$(id -u)" = 0 ] || lab_die "network namespaces need root"
command -v ip >/dev/null || lab_die "the program ip is missing (package iproute2)"
mkdir -p /run/netns
unshare --mount true 2>/dev/null ||
    lab_die "no private mounts here; in a chroot, / must be a mount point: mount --bind DIR DIR before chroot DIR"
exec unshare --mount --pid --fork --kill-child --mount-proc -- "$0" --inside "$@"
