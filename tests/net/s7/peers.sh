#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# S7comm between peers that are not ours, through sluiced: Snap7's server, its client, and nodes7.
#
#   lab.sh peers.sh SLUICED        needs root, node, and NODE_PATH with the npm packages node-snap7 and nodes7
#
# Each job is tried through a gateway without Sluice, with a policy that permits it, and with one that does not.
# Whether it happened is asked of the server itself, never of the client: its memory, its CPU, what reached it.
# Snap7's server gives no blocks away and takes none; blocks.js does, for Snap7's client.
set -u
here=$(cd "$(dirname "$0")" && pwd)
sluiced=$1
work=$(mktemp -d)
failed=0 count=0 pids=() gate=
trap 'kill "${pids[@]}" $gate 2>/dev/null; wait; rm -rf "$work"' EXIT

command -v node >/dev/null || { echo "skipped: node is missing"; exit 77; }
node -e 'require("node-snap7"); require("nodes7")' 2>/dev/null ||
	{ echo "skipped: NODE_PATH has no node-snap7 and nodes7"; exit 77; }

# JOB  SIGNAL-BEFORE  WHAT-THE-SERVER-SAYS-AFTERWARDS  ANSWER-WHEN-PERMITTED
snap7_jobs='
connect             USR1 ^event.NegotiatePDU          yes
read                USR1 ^event.DataRead.0.132.10.0.4 yes.00000000
read-flags          USR1 ^event.DataRead.0.131.0.0.4  yes.00000000
read-several        USR1 ^event.DataRead.0.132.10.4.2 yes.3
write               USR1 ^db10.1234                   yes
write-bit           USR1 ^m.00000008                  yes
write-several       USR1 ^db10.000100020003           yes.3
list-blocks         USR1 ^event.Directory.0.1         yes.*"DBCount":2
list-blocks-of-type USR1 ^event.Directory.0.2         yes.*10,11
block-info          USR1 ^event.Directory.0.4.65.10   yes.*"BlkNumber":10
read-szl            USR1 ^event.ReadSZL.0.17          yes
read-szl-list       USR1 ^event.ReadSZL.0.0           yes
order-code          USR1 ^event.ReadSZL.0.17          yes.*6ES7
read-clock          USR1 ^event.Clock.0.1             yes
set-clock           USR1 ^event.Clock.0.2             yes
password            USR1 ^event.Security.0.1          yes
clear-password      USR1 ^event.Security.0.2          yes
stop                USR1 ^cpu.4                       yes
start               HUP  ^cpu.8                       yes
cold-start          HUP  ^cpu.8                       yes
compress            USR1 ^event.Control.0.4           yes
copy-ram-to-rom     USR1 ^event.Control.0.5           yes
delete              USR1 ^event.Control.0.6           yes
upload              USR1 ^event.Upload.14             no.CPU
download            USR1 ^event.Upload.15             no.CPU
nodes7-connect      USR1 ^event.NegotiatePDU          yes
nodes7-read         USR1 ^event.DataRead.0.132.10.0.2 yes
nodes7-read-several USR1 ^event.DataRead.0.132.10.100 yes
nodes7-write        USR1 ^db10.0000004d               yes
nodes7-write-several USR1 ^db10.00110012              yes
nodes7-write-bit    USR1 ^m.00000008                  yes'
block_jobs='
upload              USR1 ^sent.0A00010                yes.7070.*5555
download            USR1 ^block.0A00020.7070.*7777$   yes
delete              USR1 !^block.0A00010              yes'
# beyond what the policy `some` permits, and as much as possible like what it does
snap7_others='
read-beyond         USR1 ^event.DataRead.0.132.10.125 yes
read-other          USR1 ^event.DataRead.0.132.11     yes
read-all            USR1 ^event.DataRead.0.132.10     yes
read-several-one-other USR1 ^event.DataRead           yes
write-beyond        USR1 ^db10.0000005678             yes
write-other         USR1 ^db11.5678                   yes
write-several       USR1 ^db10.0001                   yes
write-bit           USR1 ^m.00000008                  yes
cold-start          HUP  ^cpu.8                       yes
set-clock           USR1 ^event.Clock.0.2             yes
nodes7-read-other   USR1 ^event.DataRead              yes
nodes7-write-beyond USR1 ^event.DataWrite             yes
nodes7-write-several USR1 ^db10.0011                  yes'
block_others='
upload-other        USR1 ^sent.0A00011                yes
download-other      USR1 ^block.0A00021               yes
delete-other        USR1 !^block.0A00011              yes'
snap7_some='
read                USR1 ^event.DataRead.0.132.10.0.4 yes.00000000
read-end            USR1 ^event.DataRead.0.132.10.124 yes
write               USR1 ^db10.1234                   yes
list-blocks         USR1 ^event.Directory.0.1         yes
read-szl            USR1 ^event.ReadSZL.0.17          yes
read-clock          USR1 ^event.Clock.0.1             yes
start               HUP  ^cpu.8                       yes
nodes7-read         USR1 ^event.DataRead.0.132.10.0.2 yes
nodes7-write-small  USR1 ^db10.000d                   yes'

# limits of values, whatever sizes the clients write elements in
typed_jobs='
write-word          USR1 ^db10.0063                   yes
write-words         USR1 ^db10.00620063               yes
nodes7-write        USR1 ^db10.0000004d               yes
nodes7-write-small  USR1 ^db10.000d                   yes
nodes7-write-several USR1 ^db10.00110012              yes
nodes7-write-real   USR1 ^db10.0\{200\}41cc0000       yes
nodes7-write-both   USR1 ^db10.00620063.*c1180000     yes'
typed_others='
write-word-101      USR1 ^db10.0065                   yes
write-word-between  USR1 ^db10.00000b                 yes
write-bit-of-word   USR1 ^db10.80                     yes
nodes7-write-200    USR1 ^db10.00c8                   yes
nodes7-write-25700  USR1 ^db10.6464                   yes
nodes7-write-byte   USR1 ^db10.0007                   yes
nodes7-write-real-125 USR1 ^db10.0\{200\}42fb0000     yes
nodes7-write-both-101 USR1 ^db10.0065                 yes'

all='{ access = ["read", "write", "control", "program", "diagnose"]; units = ["PG 0/2"]; }'
none='{ access = ["read"]; units = ["PG 0/2"]; points = ["DB12:0"]; }'
elsewhere='{ access = ["any"]; units = ["PG 0/3", "OP 0/2"]; }'
some='{ access = ["read"]; units = ["PG 0/2"]; points = ["DB10:0-127"]; },
	{ functions = ["write-var"]; units = ["PG 0/2"]; points = ["DB10:0-1"]; },
	{ functions = ["list-blocks", "read-szl", "read-clock", "plc-start"]; units = ["PG 0/2"]; },
	{ functions = ["start-upload", "upload", "end-upload", "delete-block"]; units = ["PG 0/2"]; points = ["block:DB10"]; },
	{ functions = ["request-download", "download-block", "download-ended", "insert-block"]; units = ["PG 0/2"];
	  points = ["block:DB20"]; }'

typed='{ access = ["read"]; units = ["PG 0/2"]; },
	{ functions = ["write-var"]; units = ["PG 0/2"]; points = ["DB10:0-3"]; type = "int"; values = ["0-100"]; },
	{ functions = ["write-var"]; units = ["PG 0/2"]; points = ["DB10:100-107"]; type = "real"; values = ["-10-100"]; }'

# in_time CONDITION...
in_time()
{
	local i
	for ((i = 0; i < 1500; i++)); do
		"$@" && return
		sleep 0.02
	done
	return 1
}

# start_server SCRIPT ADDRESS: $! is its process
start_server()
{
	: >"$work/$1"
	ip netns exec "$LAB_PUMPS" node "$here/$1" "$2" >>"$work/$1" 2>&1 &
	pids+=($!)
	in_time grep -q ready "$work/$1" || { echo "FAIL $1 does not start"; exit 1; }
}

has_ended()
{
	tail -n "+$2" "$work/$1" | grep -q '^end$'
}

# state SCRIPT PID SIGNAL: what the server says
state()
{
	local line
	line=$(($(wc -l <"$work/$1") + 1))
	kill "-$3" "$2"
	in_time has_ended "$1" "$line" || { echo "FAIL $1 says nothing"; exit 1; }
	tail -n "+$line" "$work/$1"
}

stop_gate()
{
	[ -n "$gate" ] || return 0
	kill "$gate"
	wait "$gate"
	gate=
	ip netns exec "$LAB_GATEWAY" "$sluiced" --flush --control "$work/control" >"$work/flush" 2>&1
}

# start_gate RULES
start_gate()
{
	stop_gate
	cat >"$work/policy.conf" <<-END
	zones: {
		supervision: { class = "control"; sl_t = 2; interfaces = ["eth0"]; networks = ["10.10.0.0/24"]; };
		pumps: { class = "control"; sl_t = 2; interfaces = ["eth1"]; networks = ["10.20.0.0/24"]; };
	};
	conduits: { c: { from = "supervision"; to = "pumps"; on_deny = "reset"; rationale = "test"; channels: (
		{ name = "s7"; clients = ["supervision"]; servers = ["pumps"]; protocol = "s7comm"; rules: ( $1 ); }
	); }; };
	END
	: >"$work/events"
	ip netns exec "$LAB_GATEWAY" "$sluiced" -c "$work/policy.conf" --events "$work/events" \
		--control "$work/control" --state "$work/state" >"$work/sluiced" 2>&1 &
	gate=$!
	in_time grep -q '"event_type": *"start"' "$work/events" || { cat "$work/sluiced"; exit 1; }
}

# happened STATE EVIDENCE
happened()
{
	if [ "${2#!}" = "$2" ]; then
		grep -q -- "$2" <<<"$1"
	else
		! grep -q -- "${2#!}" <<<"$1"
	fi
}

# try WHAT-GATE yes|no SCRIPT PID ADDRESS JOB SIGNAL EVIDENCE ANSWER
try()
{
	local answer said is=no patience=2000
	[ "$2" = yes ] || patience=300
	state "$3" "$4" "$7" >/dev/null
	answer=$(ip netns exec "$LAB_SUPERVISION" timeout 20 node "$here/client.js" "$5" "$6" "$patience" 2>&1 | tail -n 1)
	said=$(state "$3" "$4" USR2)
	happened "$said" "$8" && is=yes
	count=$((count + 1))
	if [ $is = "$2" ] && { [ "$2" = no ] && [[ $answer == no* || $answer == *errors ]] || [[ $answer =~ ^$9 ]]; }; then
		echo "ok   $1 $6: ${answer:0:60}"
	else
		echo "FAIL $1 $6: $answer, expected $9 and happened: $2; the server says:"
		cut -c 1-100 <<<"$said"
		failed=1
	fi
}

# try_all WHAT-GATE yes|no SNAP7-JOBS BLOCK-JOBS
try_all()
{
	local job
	while read -r job; do
		# shellcheck disable=SC2086
		[ -z "$job" ] || try "$1" "$2" server.js "$snap7" 10.20.0.11 $job
	done <<<"$3"
	while read -r job; do
		# shellcheck disable=SC2086
		[ -z "$job" ] || try "$1" "$2" blocks.js "$blocks" 10.20.0.12 $job
	done <<<"$4"
}

start_server server.js 10.20.0.11
snap7=$!
start_server blocks.js 10.20.0.12
blocks=$!

try_all "without Sluice" yes "$snap7_jobs$snap7_others$typed_jobs$typed_others" "$block_jobs$block_others"
start_gate "$all"
try_all "all permitted" yes "$snap7_jobs" "$block_jobs"
start_gate "$some"
try_all "some permitted" yes "$snap7_some" "$block_jobs"
try_all "others denied" no "$snap7_others" "$block_others"
for reason in function-denied point-denied; do
	grep -q "\"reason\": *\"$reason\"" "$work/events" || { echo "FAIL no event tells $reason"; failed=1; }
done
start_gate "$typed"
try_all "within limits" yes "$typed_jobs" ""
try_all "outside limits" no "$typed_others" ""
for reason in value-denied value-type; do
	grep -q "\"reason\": *\"$reason\"" "$work/events" || { echo "FAIL no event tells $reason"; failed=1; }
done
start_gate "$none"
try_all "all denied" no "$(grep -v connect <<<"$snap7_jobs")" "$block_jobs"
start_gate "$elsewhere"
try_all "another place" no "$(grep -E 'connect|stop|^write ' <<<"$snap7_jobs")" ""
stop_gate
echo "$count jobs"
exit $failed
