#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of sluice-modbus(7) with peers: see pages.py.

    lab.sh modbus.py PAGE SLUICED MODBUS_SERVER MODBUS_CLIENT MODBUS_LINE

Clients are libmodbus, pymodbus, mbpoll, and where NODE_PATH has them modbus-serial and jsmodbus; servers libmodbus and
pymodbus, and devices of libmodbus on a serial line behind a gateway of pymodbus.
"""
import os
import re
import sys

sys.dont_write_bytecode = True
from pages import PUMPS, SUPERVISION, Job, Lab, Need, Trial, node_has  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DEVICE, ASKED, GATEWAY = "10.20.0.11", "10.20.0.12", "10.20.0.31"
LINE_UNITS = ("1", "8", "9")

WRITES = {"write-coil", "write-coils", "write-register", "write-registers"}
READS = {"read-coils", "read-discrete", "read-input", "read-holding"}
CAN = {
    "libmodbus": READS | WRITES | {"mask", "read-write", "server-id"},
    "pymodbus": READS | WRITES | {"write-floats", "mask", "read-write", "device-id", "server-id", "echo", "restart",
                                  "clear-counters"},
    "mbpoll": {"read-input", "read-holding", "write-register"},
    "modbus-serial": READS | WRITES | {"write-floats", "mask", "device-id"},
    "jsmodbus": READS | WRITES | {"write-floats", "device-id"},
}


def words(*commands, server=DEVICE, unit=1):
    return server, unit, commands


def job(does, says, reached, memory="", blind=False):
    """`reached`: unit and function and what follows, in hexadecimal digits, of all commands; `memory`: what local
    questions are answered then."""
    patterns = [bytes.fromhex(hexadecimal).hex() + "$.*" for hexadecimal in reached.split(";")]
    return Job(does, says, "".join(patterns) + memory, blind)


NUMBERS = " ".join(str(i) for i in range(20))
NEEDS = [
    Need("Values that are shown", [
        job(words("read-holding 0 3", "read-coils 0 16", "read-discrete 0 16", "read-input 0 20", "read-holding 98 2",
                  "read-holding 0 100"),
            rf"yes 7 8 9\nyes 0 0 0 1( 0){{12}}\nyes( 0){{16}}\nyes {NUMBERS}\nyes 0 0\nyes 7 8 9( [0-9]+){{97}}",
            "01 03 0000 0003; 01 01 0000 0010; 01 02 0000 0010; 01 04 0000 0014; 01 03 0062 0002; 01 03 0000 0064"),
        job(words("read-holding 0 3"), "yes 7 8 9", "01 03 0000 0003"),
        job(words("read-input 1 19"), f"yes {NUMBERS[2:]}", "01 04 0001 0013")],
        [job(words("read-holding 99 2"), "yes 0 0", "01 03 0063 0002"),
         job(words("read-input 19 2"), "yes 19 20", "01 04 0013 0002"),
         job(words("read-holding 0 1", unit=2), "yes 7", "02 03 0000 0001"),
         job(words("read-coils 15 2"), "yes 0 0", "01 01 000f 0002"),
         job(words("write-register 0 7"), "yes", "01 06 0000 0007"),
         job(words("write-coil 3 1"), "yes", "01 05 0003 ff00"),
         job(words("read-write 0 1 5 6"), "yes 7", "01 17 0000 0001 0005 0001 02 0006")]),
    Need("Set-points and switches", [
        job(words("write-register 40 1500"), "yes", "01 06 0028 05dc", memory="read-holding 40 3: yes 1500 "),
        job(words("write-registers 40 1 2 1500", "write-coil 3 0", "write-coils 3 1", "write-register 42 1499"),
            "yes\nyes\nyes\nyes",
            "01 10 0028 0003 06 0001 0002 05dc; 01 05 0003 0000; 01 0f 0003 0001 01 01; 01 06 002a 05db",
            memory="read-holding 40 3: yes 1 2 1499.read-coils 3 1: yes 1")],
        [job(words("write-register 40 1501"), "yes", "01 06 0028 05dd"),
         job(words("write-registers 40 1 1501"), "yes", "01 10 0028 0002 04 0001 05dd"),
         job(words("write-registers 42 1 1"), "yes", "01 10 002a 0002 04 0001 0001"),
         job(words("write-register 39 1"), "yes", "01 06 0027 0001"),
         job(words("write-coil 4 1"), "yes", "01 05 0004 ff00"),
         job(words("write-coils 3 1 1"), "yes", "01 0f 0003 0002 01 03"),
         job(words("mask 40 65535 0"), "yes", "01 16 0028 ffff 0000"),
         job(words("write-register 40 1", unit=2), "yes", "02 06 0028 0001"),
         job(words("read-holding 40 1"), "yes .*", "01 03 0028 0001")]),
    Need("Numbers with decimals", [
        job(words("write-floats 100 40.0", "write-floats 100 40.0 -20.0", "write-floats 102 59.5"), "yes\nyes\nyes",
            "01 10 0064 0002 04 42200000; 01 10 0064 0004 08 42200000 c1a00000; 01 10 0066 0002 04 426e0000",
            memory="read-holding 100 4: yes 16928 0 17006 0")],
        [job(words("write-floats 100 60.5"), "yes", "01 10 0064 0002 04 42720000"),
         job(words("write-register 100 16928"), "yes", "01 06 0064 4220"),
         job(words("write-registers 100 16928"), "yes", "01 10 0064 0001 02 4220"),
         job(words("write-floats 101 40.0"), "yes", "01 10 0065 0002 04 42200000"),
         job(words("write-floats 104 40.0"), "yes", "01 10 0068 0002 04 42200000")]),
    Need("Asking who is there", [
        job(words("device-id", server=ASKED), "yes Pumps P7 1.2", "01 2b 0e 01 00"),
        job(words("server-id", server=ASKED), f"yes .*{b'Pumps'.hex()}.*", "01 11"),
        job(words("echo 165 55", server=ASKED), "yes a537", "01 08 0000 a537")],
        [job(words("restart", server=ASKED), "yes.*", "01 08 0001 0000"),
         job(words("clear-counters", server=ASKED), "yes.*", "01 08 000a 0000"),
         job(words("read-holding 0 1", server=ASKED), "yes 0", "01 03 0000 0001"),
         job(words("device-id", server=ASKED, unit=2), "yes Pumps P7 1.2", "02 2b 0e 01 00")]),
    Need("Behind a serial gateway", [
        job(words("read-holding 1 15", server=GATEWAY), f"yes {' '.join(NUMBERS.split()[1:16])}", "01 03 0001 000f",
            memory="unit 1 "),
        job(words("write-register 0 100", server=GATEWAY, unit=8), "yes", "08 06 0000 0064",
            memory="unit 8 holding0 100 "),
        # nobody has unit 3
        job(words("read-holding 0 1", server=GATEWAY, unit=3), "no .*", "03 03 0000 0001"),
        job(words("write-coil 7 0", server=GATEWAY, unit=0), "yes.*", "00 05 0007 0000",
            memory="(unit [189] holding0 [0-9]+ coil7 0.){3}", blind=True)],
        [job(words("read-holding 1 1", server=GATEWAY, unit=9), "yes 1", "09 03 0001 0001", memory="unit 9 "),
         job(words("read-holding 15 2", server=GATEWAY), "yes 15 16", "01 03 000f 0002"),
         job(words("write-register 0 101", server=GATEWAY, unit=8), "yes", "08 06 0000 0065"),
         job(words("write-register 0 1", server=GATEWAY), "yes", "01 06 0000 0001"),
         job(words("write-coil 7 0", server=GATEWAY), "yes", "01 05 0007 0000"),
         job(words("write-coil 7 1", server=GATEWAY, unit=0), "yes.*", "00 05 0007 ff00",
             memory="(unit [189] holding0 [0-9]+ coil7 1.){3}", blind=True),
         job(words("write-register 0 1", server=GATEWAY, unit=0), "yes.*", "00 06 0000 0001", blind=True)]),
]


class Peers:
    """Of Modbus."""

    def __init__(self, server, client, line):
        self.server, self.client, self.line = server, client, line
        self.everybody = ["libmodbus", "pymodbus", "mbpoll"]
        if node_has("modbus-serial", "jsmodbus"):
            self.everybody += ["modbus-serial", "jsmodbus"]
        else:
            print("NODE_PATH has no modbus-serial and jsmodbus: without these")

    def start(self, lab):
        self.lab = lab
        terminals = [lab.path(f"tty{unit}") for unit in ("", *LINE_UNITS)]
        lab.start(PUMPS, [self.server, lab.path("device"), "502", DEVICE], "device.out")
        lab.start(PUMPS, [f"{HERE}/modbus_device.py", "device", ASKED, lab.path("asked")], "asked.out")
        lab.start(PUMPS, [f"{HERE}/serial_line.py", *terminals], "line.out")
        lab.ready("line.out")
        for unit, terminal in zip(LINE_UNITS, terminals[1:]):
            lab.start(PUMPS, [self.line, terminal, unit, lab.path("units")], "units.out")
        lab.ready("units", r"(unit . ready\s+){3}")
        lab.start(PUMPS, [f"{HERE}/modbus_device.py", "gateway", GATEWAY, lab.path("gateway"), terminals[0]],
                  "gateway.out")
        for name, address in (("device", DEVICE), ("asked", ASKED), ("gateway", GATEWAY)):
            while "LISTEN" not in lab.run(PUMPS, ["ss", "-ltn", f"src {address}:502"]):
                assert all(process.poll() is None for process in lab.started), lab.said(f"{name}.out")

    def clients(self, job):
        _, unit, commands = job.does
        # the other ones wait for an answer to what goes to all
        able = ["pymodbus"] if unit == 0 else self.everybody
        able = [client for client in able if {command.split()[0] for command in commands} <= CAN[client]]
        assert able, f"no client can do {commands}"
        return able

    def local(self, *commands):
        """At the device itself, past the gateway."""
        told = self.lab.run(PUMPS, [self.client, DEVICE, "1", *commands]).splitlines()
        return "".join(f"{command}: {answer}\n" for command, answer in zip(commands, told))

    def begin(self, _):
        self.local("write-registers 0 7 8 9", "write-coils 0 0 0 0 1 0 0 0 0", "write-registers 40 0 0 0",
                   "write-registers 100 0 0 0 0")
        self.before = {name: self.lab.size(name) for name in ("device", "asked", "gateway", "units")}

    def do(self, client, job):
        server, unit, commands = job.does
        programs = {
            "libmodbus": [self.client, server, str(unit), *commands],
            "pymodbus": [f"{HERE}/modbus_client.py", server, str(unit), *commands],
            "modbus-serial": ["node", f"{HERE}/modbus_client.js", client, server, str(unit), *commands],
            "jsmodbus": ["node", f"{HERE}/modbus_client.js", client, server, str(unit), *commands],
        }
        if client in programs:
            return self.lab.run(SUPERVISION, programs[client])
        return "\n".join(self.mbpoll(server, unit, *command.split()) for command in commands)

    def mbpoll(self, server, unit, word, first, *numbers):
        kind = "3" if word == "read-input" else "4"
        argv = ["mbpoll", "-m", "tcp", "-a", str(unit), "-t", kind, "-0", "-1", "-o", "2", "-r", first]
        writes = word.startswith("write")
        told = self.lab.run(SUPERVISION, [*argv, server, *numbers] if writes else [*argv, "-c", numbers[0], server])
        if writes:
            return "yes" if re.search(r"Written \d+ reference", told) else f"no {told[-60:]!r}"
        values = re.findall(r"^\[\d+\]:\s+(\d+)", told, re.MULTILINE)
        return f"yes {' '.join(values)}" if values else f"no {told[-60:]!r}"

    def said(self, job):
        """The requests that servers had, what is in the device's memory, and what the line's devices hold."""
        logs = "".join(self.lab.said(name, self.before[name]) for name in ("device", "asked", "gateway"))
        memory = self.local("read-holding 40 3", "read-coils 3 1", "read-holding 100 4")
        return logs + memory + self.lab.said("units", self.before["units"])


def main():
    try:
        import pymodbus  # noqa: F401
    except ImportError:
        print("skipped: python3-pymodbus is missing")
        return 77
    page, sluiced, *programs = sys.argv[1:]
    lab = Lab(sluiced, "modbus")
    try:
        peers = Peers(*programs)
        peers.start(lab)
        return Trial(lab, peers).run(page, NEEDS)
    finally:
        lab.stop()


if __name__ == "__main__":
    sys.exit(main())
