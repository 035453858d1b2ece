#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A gate with fast_path = "auto": pollers whose messages the kernel vouches for, while everything around them changes.
#
#   lab.sh fast.sh SLUICED SLUICE MODBUS_SERVER     needs root; skips where the kernel takes no recogniser
set -u
here=$(cd "$(dirname "$0")" && pwd)
sluiced=$1 sluice=$2 modbus_server=$3
work=$(mktemp -d)
server='' gate=''
trap 'kill $server $gate 2>/dev/null; wait; rm -rf "$work"' EXIT

in_time()
{
	local i
	for ((i = 0; i < 1500; i++)); do
		"$@" && return
		sleep 0.02
	done
	return 1
}

write_policy()
{
	cat >"$work/policy.conf" <<-END
	fast_path = "auto";
	site: { name = "$1"; };
	zones: {
		supervision: { class = "control"; sl_t = 2; interfaces = ["eth0"]; networks = ["10.10.0.0/24"]; };
		pumps: { class = "control"; sl_t = 2; interfaces = ["eth1"]; networks = ["10.20.0.0/24"]; };
	};
	conduits: { c: { from = "supervision"; to = "pumps"; rationale = "test"; channels: (
		{ name = "modbus"; clients = ["supervision"]; servers = ["pumps"]; protocol = "modbus"; rules: (
			{ access = ["read"]; points = ["holding:0-99"]; },
			{ functions = ["write-single-register"]; points = ["holding:40-42"]; values = ["0-1500"]; } ); }
	); }; };
	END
}

status()
{
	"$sluice" status --json --control "$work/control"
}

listens()
{
	ip netns exec "$LAB_PUMPS" ss -Hltn 'src 10.20.0.11:502' | grep -q .
}

ip netns exec "$LAB_PUMPS" "$modbus_server" - 502 10.20.0.11 >"$work/server" 2>&1 &
server=$!
write_policy first
ip netns exec "$LAB_GATEWAY" "$sluiced" -c "$work/policy.conf" --events "$work/events" --control "$work/control" \
	--state "$work/state" >"$work/sluiced" 2>&1 &
gate=$!
in_time grep -qs '"event_type": *"start"' "$work/events" || { cat "$work/sluiced"; exit 1; }
in_time listens || { echo "the server does not listen"; exit 1; }
status | grep -q '"serving": *true' || { grep fast_path "$work/sluiced"; echo "skipped: the kernel takes no recogniser"; exit 77; }

ip netns exec "$LAB_SUPERVISION" python3 "$here/fast.py" "$work" "$sluice" "$gate" || { cat "$work/sluiced"; exit 1; }
