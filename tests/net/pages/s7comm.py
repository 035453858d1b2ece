#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of sluice-s7comm(7) with peers: see pages.py.

    lab.sh s7comm.py PAGE SLUICED     NODE_PATH has the npm packages node-snap7 and nodes7

Snap7 and nodes7 against Snap7's server.  What these can't say (subscriptions, messages, alarms, test functions, blocks)
is said by panel.js and Snap7 to blocks.js.
"""
import os
import signal
import sys

sys.dont_write_bytecode = True
from pages import PUMPS, SUPERVISION, Job, Lab, Need, Trial, node_has, wait_for  # noqa: E402

S7 = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "s7")
SERVERS = {"server": "10.20.0.11", "blocks": "10.20.0.12"}
PATIENCE_MS, HURRY_MS = "4000", "400"
PG, OP, BASIC = "1/2", "2/2", "3/2"
PANEL = {"cyclic-transfer", "cyclic-transfer-other", "change-driven-transfer", "change-driven-modify", "block-status",
         "variable-status", "modify-variable", "message-service", "alarm-8-lock", "alarm-acknowledge", "alarm-query"}


def job(name, reached, says="yes.*", place=PG, start=signal.SIGUSR1, server="server"):
    """`start`: SIGHUP begins with the controller stopped."""
    return Job((server, name, place, start), says, reached)


def blocks(name, reached, says="yes.*", place=PG):
    return job(name, reached, says, place, server="blocks")


def panel(name, group, sub, place, pushes=False):
    answer = rf"yes 3207\w*1208128{group}{sub:02x}\w*" + (r" 32070000\w*" if pushes else "")
    return blocks(name, f"^user {group} {sub}$", answer, place)


READ = job("read", "^event DataRead 0 132 10 0 4", "yes 00000000")
STOP = job("stop", "^cpu 4")
SET_CLOCK = job("set-clock", "^event Clock 0 2")
WRITE_1501 = job("write-word-1501", "^db10 05dd")
UPLOAD = blocks("upload", "^sent 0A00010", "yes 7070.*5555.*")
DOWNLOAD = blocks("download", "^block 0A00020 7070.*7777$")
DELETE = blocks("delete", r"\A(?!.*^block 0A00010)")


def as_(place, job_):
    server, name, _, start = job_.does
    return Job((server, name, place, start), job_.says, job_.reached)


NEEDS = [
    Need("EXAMPLES", [
        READ, as_(OP, READ),
        job("read-flags", "^event DataRead 0 131 0 0 4", "yes 00000000"),
        job("write-words", "^db10 00620063"),
        job("nodes7-write", "^db10 0000004d")],
        [WRITE_1501, STOP, DELETE,
         job("write-word-between", "^db10 00000b"),
         job("write-beyond", "^db10 0000005678"),
         job("read", "^event DataRead 0 132 10 0 4", "yes 00000000", "1/3"),
         job("order-code", "^event ReadSZL 0 17", "yes.*6ES7.*")]),
    Need("Node-RED (nodes7)", [
        job("nodes7-connect", "^event NegotiatePDU"),
        job("nodes7-read-several", "^event DataRead 0 132 10 100"),
        job("nodes7-write-both", "^db10 00620063.*c1180000"),
        job("nodes7-write-real", r"^db10 0{200}41cc0000"),
        job("nodes7-write-bit", "^m 00000008")],
        [job("nodes7-read-other", "^event DataRead"),
         job("nodes7-write-200", "^db10 00c8"),
         job("nodes7-write-25700", "^db10 6464"),
         job("nodes7-write-byte", "^db10 0007"),
         job("nodes7-write-real-125", r"^db10 0{200}42fb0000"),
         job("nodes7-write-both-101", "^db10 0065"),
         job("nodes7-write-beyond", "^event DataWrite"), STOP]),
    Need("Snap7 and what is built on it", [
        job("connect", "^event NegotiatePDU"), READ,
        job("write-word", "^db10 0063"),
        job("write-word-1500", "^db10 05dc"),
        job("list-blocks", "^event Directory 0 1", 'yes.*"DBCount":2.*'),
        job("order-code", "^event ReadSZL 0 17", "yes.*6ES7.*"),
        job("read-szl-list", "^event ReadSZL 0 0"),
        job("status", "^event ReadSZL 0 1060", "yes 08"),
        job("read-clock", "^event Clock 0 1")],
        [WRITE_1501, STOP, SET_CLOCK,
         job("read-beyond", "^event DataRead 0 132 10 125"),
         job("write-words", "^db10 00620063"),
         job("write-bit", "^m 00000008"),
         job("block-info", "^event Directory 0 4 65 10")]),
    Need("Kepware and other OPC servers", [
        *[as_(place, wanted) for place in (PG, OP, BASIC) for wanted in (
            READ, job("read-flags", "^event DataRead 0 131 0 0 4", "yes 00000000"),
            job("read-inputs", "^event DataRead 0 129 0 0 8"), job("read-outputs", "^event DataRead 0 130 0 0 8"),
            job("read-several", "^event DataRead 0 132 10 4 2", "yes 3"),
            job("write-real", r"^db10 0{200}42a00000"))],
        job("nodes7-write-real", r"^db10 0{200}41cc0000")],
        [job("write-real-81", r"^db10 0{200}42a20000"),
         job("write-real-81", r"^db10 0{200}42a20000", place=BASIC),
         job("write-word", "^db10 0063", place=OP),
         job("write-bit", "^m 00000008"),
         job("read-beyond", "^event DataRead 0 132 10 125"),
         job("read-other", "^event DataRead 0 132 11"),
         job("order-code", "^event ReadSZL 0 17", "yes.*6ES7.*"),
         job("read", "^event DataRead 0 132 10 0 4", "yes 00000000", "2/3"), as_(OP, STOP)]),
    Need("WinCC and operator panels", [
        as_(OP, READ), job("read-all", "^event DataRead 0 132 10", place=OP),
        job("write-words", "^db10 00620063", place=OP),
        job("read-szl", "^event ReadSZL 0 17", place=OP),
        job("read-clock", "^event Clock 0 1", place=OP),
        panel("cyclic-transfer", 2, 1, OP, True),
        panel("change-driven-transfer", 2, 5, OP),
        panel("change-driven-modify", 2, 7, OP),
        panel("message-service", 4, 2, OP, True),
        panel("alarm-query", 4, 19, OP),
        panel("alarm-acknowledge", 4, 11, OP)],
        [as_(OP, WRITE_1501), as_(OP, STOP), as_(OP, SET_CLOCK), READ,
         job("write-bit", "^m 00000008", place=OP),
         job("read-other", "^event DataRead 0 132 11", place=OP),
         panel("cyclic-transfer-other", 2, 1, OP, True),
         panel("alarm-8-lock", 4, 7, OP),
         panel("modify-variable", 1, 8, OP), as_(OP, UPLOAD)]),
    Need("STEP 7 and TIA Portal, to look only", [
        READ, job("read-szl", "^event ReadSZL 0 17"),
        job("list-blocks-of-type", "^event Directory 0 2", "yes.*10,11.*"),
        job("block-info", "^event Directory 0 4 65 10", 'yes.*"BlkNumber":10.*'),
        job("read-clock", "^event Clock 0 1"), UPLOAD,
        panel("variable-status", 1, 2, PG),
        panel("block-status", 1, 1, PG)],
        [job("write", "^db10 1234"), STOP, SET_CLOCK, DOWNLOAD, DELETE,
         job("password", "^event Security 0 1"),
         job("compress", "^event Control 0 4"),
         panel("modify-variable", 1, 8, PG), as_(OP, READ)]),
    Need("STEP 7 and TIA Portal, to work", [
        READ, job("write", "^db10 1234"), STOP, job("start", "^cpu 8", start=signal.SIGHUP),
        job("cold-start", "^cpu 8", start=signal.SIGHUP), SET_CLOCK,
        job("password", "^event Security 0 1"),
        job("compress", "^event Control 0 4"),
        job("copy-ram-to-rom", "^event Control 0 5"), UPLOAD, DOWNLOAD, DELETE,
        panel("modify-variable", 1, 8, PG)],
        [as_(OP, READ), job("stop", "^cpu 4", place="1/3"),
         blocks("download", "^block 0A00020 7070.*7777$", place=OP)]),
]


class Peers:
    """Of S7comm."""

    def __init__(self, lab):
        self.lab, self.hurry = lab, False
        self.everybody = ["snap7", "nodes7", "panel"]
        self.processes = {}
        for name, address in SERVERS.items():
            self.processes[name] = lab.start(PUMPS, ["node", f"{S7}/{name}.js", address], name)
            lab.ready(name)

    def clients(self, job_):
        _, name, _, _ = job_.does
        return ["nodes7" if name.startswith("nodes7") else "panel" if name in PANEL else "snap7"]

    def state(self, server, number):
        before = self.lab.size(server)
        self.processes[server].send_signal(number)
        wait_for(lambda: self.lab.said(server, before).endswith("end\n"), 10, f"{server}.js says nothing")
        return self.lab.said(server, before)

    def begin(self, job_):
        server, _, _, start = job_.does
        self.state(server, start)

    def do(self, client, job_):
        server, name, place, _ = job_.does
        program = "panel.js" if client == "panel" else "client.js"
        answer = self.lab.run(SUPERVISION, ["node", f"{S7}/{program}", SERVERS[server], name,
                                            HURRY_MS if self.hurry else PATIENCE_MS, place])
        return answer.strip().splitlines()[-1] if answer.strip() else ""

    def said(self, job_):
        return self.state(job_.does[0], signal.SIGUSR2)


def main():
    page, sluiced = sys.argv[1:]
    if not node_has("node-snap7", "nodes7"):
        print("skipped: NODE_PATH has no node-snap7 and nodes7")
        return 77
    lab = Lab(sluiced, "s7comm")
    try:
        return Trial(lab, Peers(lab)).run(page, NEEDS)
    finally:
        lab.stop()


if __name__ == "__main__":
    sys.exit(main())
