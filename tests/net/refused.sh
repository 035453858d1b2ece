#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Clients that are not ours through a gate of on_deny = "refuse": each shows its user a refusal, and goes on polling.
#
#   lab.sh refused.sh SLUICED MODBUS_SERVER     needs root; of the clients and servers each is tried that is there
#
# mbpoll and pymodbus against libmodbus and pymodbus; Snap7 and nodes7 against Snap7's server.
set -u
here=$(cd "$(dirname "$0")" && pwd)
sluiced=$1 modbus_server=$2
work=$(mktemp -d)
failed=0 pids=() gate=
trap 'kill "${pids[@]}" $gate 2>/dev/null; wait; rm -rf "$work"' EXIT

in_time()
{
	local i
	for ((i = 0; i < 1500; i++)); do
		"$@" && return
		sleep 0.02
	done
	return 1
}

pumps()
{
	ip netns exec "$LAB_PUMPS" "$@" &
	pids+=($!)
}

supervision()
{
	ip netns exec "$LAB_SUPERVISION" "$@"
}

listens()
{
	ip netns exec "$LAB_PUMPS" ss -Hltn "src $1" | grep -q .
}

# expect WHAT LINES-EXPECTED LINES
expect()
{
	if [ "$2" = "$3" ]; then
		echo "ok   $1"
	else
		echo "FAIL $1: (expected, got)"
		diff <(echo "$2") <(echo "$3")
		failed=1
	fi
}

start_gate()
{
	cat >"$work/policy.conf" <<-END
	zones: {
		supervision: { class = "control"; sl_t = 2; interfaces = ["eth0"]; networks = ["10.10.0.0/24"]; };
		pumps: { class = "control"; sl_t = 2; interfaces = ["eth1"]; networks = ["10.20.0.0/24"]; };
	};
	conduits: { c: { from = "supervision"; to = "pumps"; on_deny = "refuse"; rationale = "test"; channels: (
		{ name = "modbus"; clients = ["supervision"]; servers = ["pumps"]; protocol = "modbus"; rules: (
			{ functions = ["read-holding-registers"]; points = ["holding:0-99"]; } ); },
		{ name = "s7"; clients = ["supervision"]; servers = ["pumps"]; protocol = "s7comm"; rules: (
			{ access = ["read"]; points = ["DB10:0-255"]; } ); }
	); }; };
	END
	ip netns exec "$LAB_GATEWAY" "$sluiced" -c "$work/policy.conf" --events "$work/events" \
		--control "$work/control" --state "$work/state" >"$work/sluiced" 2>&1 &
	gate=$!
	in_time grep -q '"event_type": *"start"' "$work/events" || { cat "$work/sluiced"; exit 1; }
}

# A poller that is refused each time has one connection for all of its polls.
try_mbpoll()
{
	local out

	out=$(supervision timeout 5 mbpoll -m tcp -a 1 -t 4 -0 -r 50 "$1" 7 2>&1 | grep -o "Illegal function" | head -n 1)
	expect "mbpoll writes to $2" "Illegal function" "$out"
	out=$(supervision timeout 5 mbpoll -m tcp -a 1 -t 4 -0 -r 0 -c 5 -1 "$1" 2>&1 | grep -c '^\[')
	expect "mbpoll reads from $2" 5 "$out"
	: >"$work/events"
	out=$(supervision timeout 6 mbpoll -m tcp -a 1 -t 4 -0 -r 500 -l 700 "$1" 2>&1 | grep -c "Illegal function")
	[ "$out" -ge 3 ] && out=three
	expect "mbpoll goes on polling $2" three "$out"
	out=$(grep -o '"src_port": *[0-9]*' "$work/events" | sort -u | wc -l)
	expect "on one connection to $2" 1 "$out"
}

pymodbus_round='read right
write-single exception 1 function 6
write-multiple exception 1 function 16
write-coil exception 1 function 5
read-outside exception 1 function 3'
snap7_round='read: right
write: CPU : Function not available
read-other: CLI : function refused by CPU (Unknown error)
stop: CPU : Cannot stop PLC'
nodes7_round='read: right
write: bad'

# rounds ROUND LAST: a round three times, a last read, and what is said of the connection
rounds()
{
	printf '%s\n%s\n%s\n%s\nthe same connection' "$1" "$1" "$1" "$2"
}

: >"$work/events"
start_gate
pumps "$modbus_server" "$work/modbus" 502 10.20.0.11
in_time listens 10.20.0.11:502 || { echo "FAIL the server does not start"; exit 1; }
command -v mbpoll >/dev/null && try_mbpoll 10.20.0.11 libmodbus
if /usr/bin/python3 -c 'import pymodbus' 2>/dev/null; then
	pumps /usr/bin/python3 "$here/pymodbus_server.py" 10.20.0.12 2>"$work/pymodbus"
	in_time listens 10.20.0.12:502 || { echo "FAIL pymodbus does not start"; exit 1; }
	command -v mbpoll >/dev/null && try_mbpoll 10.20.0.12 pymodbus
	for server in 11 12; do
		expect "pymodbus against .$server" "$(rounds "$pymodbus_round" "read right")" \
			"$(supervision timeout 60 /usr/bin/python3 "$here/refused.py" "10.20.0.$server" 2>&1)"
	done
else
	echo "skipped: python3-pymodbus is missing"
fi
# no write got to the device, and what was refused did in its place
grep -q '01060032' "$work/modbus" && { echo "FAIL a forbidden write has reached the server"; failed=1; }
if command -v node >/dev/null && node -e 'require("node-snap7"); require("nodes7")' 2>/dev/null; then
	pumps node "$here/s7/server.js" 10.20.0.31 >"$work/snap7" 2>&1
	in_time grep -q ready "$work/snap7" || { echo "FAIL Snap7's server does not start"; exit 1; }
	expect "Snap7" "$(rounds "$snap7_round" "read: right")" \
		"$(supervision timeout 60 node "$here/s7/refused.js" snap7 10.20.0.31 2>&1)"
	expect "nodes7" "$(rounds "$nodes7_round" "read: right")" \
		"$(supervision timeout 60 node "$here/s7/refused.js" nodes7 10.20.0.31 2>&1)"
else
	echo "skipped: NODE_PATH has no node-snap7 and nodes7"
fi
grep -q '"on_deny": *"reset"' "$work/events" && { echo "FAIL a connection was ended"; failed=1; }
exit $failed
