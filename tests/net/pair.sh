#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two gateways of which one fails, with keepalived and conntrackd set up by the files of tools/package/pair: what a
# switch-over costs, and that nothing forbidden passes in it.
#
#   lab.sh pair.sh SLUICED MODBUS_SERVER
#
# The laboratory's own gateway is two bridges here, on which both gateways stand.
set -u
here=$(cd "$(dirname "$0")" && pwd)
sluiced=$1 modbus_server=$2
example=$here/../../tools/package/pair
for program in keepalived conntrackd conntrack; do
	command -v "$program" >/dev/null || { echo "skipped: $program is missing"; exit 77; }
done
work=$(mktemp -d)
failed=0 pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT

in_time()
{
	local i
	for ((i = 0; i < 500; i++)); do
		"$@" && return
		sleep 0.02
	done
	echo "in vain: $*" >&2
	return 1
}

# expect WHAT EXPECTED GOT
expect()
{
	if [ "$2" = "$3" ]; then
		echo "ok   $1: $3"
	else
		echo "FAIL $1: $3, expected $2"
		failed=1
	fi
}

inside()
{
	ip netns exec "$@"
}

# begin NAMESPACE PROGRAM...: in the background
begin()
{
	ip netns exec "$@" >>"$work/$1.said" 2>&1 &
	pids+=($!)
}

bridges()
{
	local side
	for side in 0 1; do
		ip -n "$LAB_GATEWAY" addr flush dev eth$side
		ip -n "$LAB_GATEWAY" link add br$side type bridge
		ip -n "$LAB_GATEWAY" link set eth$side master br$side
		ip -n "$LAB_GATEWAY" link set br$side up
	done
}

# gateway NAME NUMBER: interfaces and addresses
gateway()
{
	local side
	ip netns add "$1"
	for side in 0 1; do
		ip -n "$LAB_GATEWAY" link add "$1-$side" type veth peer name eth$side netns "$1"
		ip -n "$LAB_GATEWAY" link set "$1-$side" master br$side up
		ip -n "$1" addr add "10.$((10 * (side + 1))).0.$2/24" dev eth$side
		ip -n "$1" link set eth$side up
	done
	ip -n "$1" link set lo up
	inside "$1" sysctl -q -w net.ipv4.ip_forward=1
}

sync_link()
{
	ip -n one link add eth2 type veth peer name eth2 netns two
	ip -n one addr add 192.0.2.2/24 dev eth2
	ip -n two addr add 192.0.2.3/24 dev eth2
	ip -n one link set eth2 up
	ip -n two link set eth2 up
}

# policy PICKUP
policy()
{
	cat >"$work/policy.conf" <<-END
	zones: {
		supervision: { class = "control"; sl_t = 2; interfaces = ["eth0"]; networks = ["10.10.0.0/24"]; };
		pumps: { class = "control"; sl_t = 2; interfaces = ["eth1"]; networks = ["10.20.0.0/24"]; };
	};
	conduits: { c: { from = "supervision"; to = "pumps"; rationale = "test"; channels: (
		{ name = "modbus"; clients = ["supervision"]; servers = ["pumps"]; protocol = "modbus"; pickup = "$1";
		  rules: ( { access = ["read"]; } ); },
		{ name = "plain"; clients = ["supervision"]; servers = ["pumps"]; protocol = "tcp"; port = 8080; }
	); }; };
	END
}

# serve NAME: the three programs of one gateway, from the example with other paths
serve()
{
	local name=$1 dir=$work/$1
	rm -rf "$dir"
	mkdir "$dir"
	sed "s,/run/conntrackd,$dir/conntrackd,
	    $([ "$name" = one ] || echo 's/192.0.2.2$/192.0.2.x/; s/Destination_Address 192.0.2.3/Destination_Address 192.0.2.2/; s/192.0.2.x/192.0.2.3/')" \
	    "$example/conntrackd.conf" >"$dir/conntrackd.conf"
	printf '#!/bin/sh\nexport CONNTRACKD_CONF=%s\nexec %s "$@"\n' "$dir/conntrackd.conf" "$example/take-over" \
	    >"$dir/take-over"
	chmod 755 "$dir/take-over"
	sed "s,/etc/sluice/pair,$dir," "$example/keepalived.conf" >"$dir/keepalived.conf"
	begin "$name" "$sluiced" -c "$work/policy.conf" --events "$dir/events" --control "$dir/control" \
	    --state "$dir/state"
	in_time grep -qs '"event_type": *"start"' "$dir/events" || { cat "$work/$name.said"; exit 1; }
	begin "$name" conntrackd -C "$dir/conntrackd.conf"
	in_time test -S "$dir/conntrackd.ctl"
}

# elect NAME
elect()
{
	local dir=$work/$1
	begin "$1" keepalived -n -l -D -f "$dir/keepalived.conf" -p "$dir/k.pid" -r "$dir/v.pid"
}

is_router()
{
	ip -n "$1" -4 addr show dev eth0 | grep -q 10.10.0.1/ && ip -n "$1" -4 addr show dev eth1 | grep -q 10.20.0.1/
}

# It has been told of all connections.
knows()
{
	[ "$(inside "$1" conntrack -L 2>/dev/null | grep -c ESTABLISHED)" -ge 25 ]
}

# The power of a gateway fails: nothing comes from it any more.
fail()
{
	ip -n "$LAB_GATEWAY" link set "$1-0" down
	ip -n "$LAB_GATEWAY" link set "$1-1" down
}

# try PICKUP INSPECTED-THAT-END
try()
{
	local load inspected plain answered slowest
	policy "$1"
	serve one
	serve two
	elect one
	in_time is_router one || { cat "$work"/one.said; exit 1; }
	elect two
	sleep 2 # it has heard of the first
	ip netns exec "$LAB_SUPERVISION" python3 "$here/pair_load.py" 10.20.0.11 "$work/ready" >"$work/load" 2>&1 &
	load=$!
	in_time test -e "$work/ready" || { cat "$work/load"; exit 1; }
	in_time knows two
	sleep 1
	fail one
	in_time is_router two
	kill -USR1 $load
	sleep 4
	kill $load
	wait $load
	read -r inspected plain answered slowest <"$work/load"
	expect "pickup $1: inspected connections of 20 that ended" "$2" "$inspected"
	expect "pickup $1: plain connections of 5 that ended" 0 "$plain"
	echo "     $answered requests answered, the slowest after $slowest ms"
	expect "pickup $1: forbidden writes that have arrived" 0 "$(grep -c '060032' "$work/device")"
	kill "${pids[@]:2}"
	wait "${pids[@]:2}" 2>/dev/null
	pids=("${pids[@]:0:2}")
	rm -f "$work/ready"
	ip -n "$LAB_GATEWAY" link set one-0 up
	ip -n "$LAB_GATEWAY" link set one-1 up
	for name in one two; do
		inside $name nft flush ruleset
		inside $name conntrack -F >/dev/null 2>&1
		ip -n $name addr del 10.10.0.1/24 dev eth0 2>/dev/null
		ip -n $name addr del 10.20.0.1/24 dev eth1 2>/dev/null
	done
}

bridges
gateway one 2
gateway two 3
sync_link
begin "$LAB_PUMPS" "$modbus_server" "$work/device" 502 10.20.0.11
begin "$LAB_PUMPS" "$modbus_server" - 8080 10.20.0.11
try resync 0
try reset 20
exit $failed
