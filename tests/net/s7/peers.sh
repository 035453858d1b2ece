#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# S7comm between peers that are not ours, through sluiced: Snap7's server, its client, and nodes7.
#
#   lab.sh peers.sh SLUICED        needs root, node, and NODE_PATH with the npm packages node-snap7 and nodes7
#
# What was refused must not have happened: the server's memory is read back by a connection that does not cross
# the gateway.
set -u
here=$(cd "$(dirname "$0")" && pwd)
sluiced=$1
work=$(mktemp -d)
failed=0 pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT

command -v node >/dev/null || { echo "skipped: node is missing"; exit 77; }
node -e 'require("node-snap7"); require("nodes7")' 2>/dev/null ||
	{ echo "skipped: NODE_PATH has no node-snap7 and nodes7"; exit 77; }

cat >"$work/policy.conf" <<'END'
zones: {
	supervision: { class = "control"; sl_t = 2; interfaces = ["eth0"]; networks = ["10.10.0.0/24"]; assets: { hmi = "10.10.0.5"; }; };
	pumps: { class = "control"; sl_t = 2; interfaces = ["eth1"]; networks = ["10.20.0.0/24"]; assets: { plc = "10.20.0.11"; }; };
};
conduits: { c: { from = "supervision"; to = "pumps"; on_deny = "reset"; rationale = "test"; channels: (
	{ name = "s7"; clients = ["supervision"]; servers = ["plc"]; protocol = "s7comm"; rules: (
		{ access = ["read"]; units = ["PG 0/2"]; points = ["DB10:0-127"]; },
		{ functions = ["write-var"]; units = ["PG 0/2"]; points = ["DB10:0-3"]; },
		{ functions = ["list-blocks", "read-szl", "read-clock"]; units = ["PG 0/2"]; }
	); } ); }; };
END

ip netns exec "$LAB_PUMPS" node "$here/server.js" >"$work/server" 2>&1 &
pids+=($!)
ip netns exec "$LAB_GATEWAY" "$sluiced" -c "$work/policy.conf" --events "$work/events" --control "$work/control" >"$work/sluiced" 2>&1 &
pids+=($!)
for _ in $(seq 50); do
	grep -q ready "$work/server" && ip netns exec "$LAB_GATEWAY" nft list table inet sluice >/dev/null 2>&1 && break
	sleep 0.1
done

through()
{
	ip netns exec "$LAB_SUPERVISION" timeout 20 node "$here/client.js" 10.20.0.11 "$1" 2>&1 | tail -n 1
}

beside()
{
	ip netns exec "$LAB_PUMPS" timeout 20 node "$here/client.js" 127.0.0.1 "$1" 2>&1 | tail -n 1
}

# expect WHERE JOB BEGINNING-OF-ANSWER
expect()
{
	local answer
	answer=$("$1" "$2")
	if [[ $answer == "$3"* ]]; then
		echo "ok   $1 $2: $answer"
	else
		echo "FAIL $1 $2: $answer, expected $3"
		failed=1
	fi
}

expect beside read "yes 00000000"
expect through read "yes 00000000"
expect through read-end yes
expect through read-beyond no
expect through read-other no
expect through read-all no
expect through write yes
expect beside read "yes 12340000"
expect through write-beyond no
expect through write-other no
expect beside read "yes 12340000"
expect beside read-other "yes 00000000"
expect through list-blocks yes
expect through read-szl yes
expect through read-clock yes
expect through set-clock no
before=$(beside status)
expect through stop no
expect beside status "$before"
expect through start no
expect through download no
expect through nodes7-read "yes"
expect through nodes7-write yes
expect beside read "yes 1234004d"
expect through nodes7-write-beyond no
# without Sluice between them, all of this works: refusals were Sluice's
for job in read-beyond read-other read-all write-beyond write-other nodes7-write-beyond set-clock stop start; do
	expect beside $job yes
done
expect beside read "yes 12340056"
expect through read "yes 12340056"
grep -q '"reason": *"function-denied"' "$work/events" && grep -q '"reason": *"point-denied"' "$work/events" ||
	{ echo "FAIL the events do not tell the reasons"; failed=1; }
[ $failed = 0 ] || tail -n 5 "$work/sluiced"
exit $failed
