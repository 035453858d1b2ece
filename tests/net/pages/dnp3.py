#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of sluice-dnp3(7) with peers: see pages.py.

    lab.sh dnp3.py PAGE SLUICED

Nobody packages a master or an outstation of DNP3, so that both are our own; they share nothing with the dissector.
"""
import os
import signal
import sys

sys.dont_write_bytecode = True
from pages import PUMPS, SUPERVISION, Job, Lab, Need, Trial  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
OUTSTATION = "10.20.0.11"
TIME, TIME_MS = "010203040506", 0x060504030201
ANSWERED = "(yes|no, ind).*"


def latch(code, count="01", index="0700"):
    return f"0c01 28 0100 {index} {code} {count} f4010000 00000000 00"


def breaker(code, on):
    return f"0c01 17 01 00 {code} 01 {on}0000 00000000 00"


def file_mode(function, mode):
    return f"{function} 4603 5b 01 1c00 1a00 0200 000000000000 0000 00000000 00000000 {mode} 0000 0000 2f61"


def asks(*requests, says, did):
    """Requests on one connection, behind what every master asks of the link layer."""
    return Job(("reset", "status", *[f"ask {request}" for request in requests]), f"yes\nyes\n{says}", did)


def message(request):
    return f"^message {bytes.fromhex(request).hex()}$"


def beside(*requests, before=()):
    """The last one is what stands beside the rule."""
    does = (*before, *[f"ask {request}" for request in requests])
    says = "yes.*\n" * (len(does) - 1) + ANSWERED
    return Job(does, says, message(requests[-1]))


def unanswered(request):
    return Job((f"tell {request}", "status"), "yes\nyes", message(request))


READ = beside("01 3c0106")
NEEDS = [
    Need("Start-up and polls", [
        Job(("reset", "status", "ask 15 3c0206 3c0306 3c0406", "ask 02 5001 00 07 07 00",
             "ask 01 3c0206 3c0306 3c0406 3c0106", "ask 14 3c0206 3c0306 3c0406", "await", "ask 01 3c0206"),
            "yes\nyes\nyes 8000\nyes 0000\nyes 0000 0201170100811e02000001012a00012b00\nyes 0000\nyes 020117010581\n"
            "yes 0000 020117010081",
            "unsolicited off 1 2 3$.*restart cleared.*confirmed.*unsolicited on 1 2 3$.*confirmed.*confirmed")],
        [beside("02 5001 00 07 07 01"), beside("02 5001 00 04 04 00"), beside("02 0a01 00 00 00 01"),
         beside(f"02 3201 07 01 {TIME}"), beside("0d"), beside(f"03 {latch('03')}"),
         beside("01 3c0106", before=("from 2",)), beside("01 3c0106", before=("to 11",)),
         Job(("to 65533", "tell 15 3c0206", "to 10", "status"), "yes\nyes\nyes\nyes", message("15 3c0206"))]),
    Need("Time over a network", [
        asks("18", f"02 3203 07 01 {TIME}", says="yes 8000\nyes 8000", did=f"recorded.*time {TIME_MS} by g50v3")],
        [beside(f"02 3201 07 01 {TIME}"), beside("17"), beside("02 5001 00 07 07 00"), READ]),
    Need("Time over a serial line", [
        asks("17", f"02 3201 07 01 {TIME}", says="yes 8000 340207010500\nyes 8000", did=f"time {TIME_MS} by g50v1")],
        [beside(f"02 3203 07 01 {TIME}"), beside("18"), READ]),
    Need("Controls and set-points", [
        asks(f"03 {latch('03')}", f"04 {latch('03')}", f"03 {latch('04')}", f"04 {latch('04')}",
             says=r"yes 8000 \w+\nyes 8000 \w+\nyes 8000 \w+\nyes 8000 \w+",
             did="selected.*output 7 3 1 500.*selected.*output 7 4 1 500"),
        asks("05 2902 17 01 03 dc05 00", "03 2901 17 01 03 00000000 00", "04 2901 17 01 03 00000000 00",
             says=r"yes 8000 \w+\nyes 8000 \w+\nyes 8000 \w+", did="analog 3 1500.*selected.*analog 3 0$")],
        [beside(f"05 {latch('03')}"), beside(f"04 {latch('03')}"), beside(f"03 {latch('03', '02')}"),
         beside(f"03 {latch('81')}"), beside(f"03 {latch('23')}"), beside(f"03 {latch('13')}"),
         beside(f"03 {latch('03', index='0800')}"), beside(f"03 {latch('03')}", f"04 {latch('04')}"),
         beside("05 2902 17 01 03 dd05 00"), beside("05 2902 17 01 04 dc05 00"), unanswered(f"06 {latch('03')}"), READ]),
    Need("Breakers", [
        asks(f"03 {breaker('81', 'e803')}", f"04 {breaker('81', 'e803')}", f"03 {breaker('41', '0100')}",
             f"04 {breaker('41', '0100')}", says=r"yes 8000 \w+\nyes 8000 \w+\nyes 8000 \w+\nyes 8000 \w+",
             did="selected.*output 0 129 1 1000.*selected.*output 0 65 1 1")],
        [beside(f"03 {breaker('81', 'e903')}"), beside(f"03 {breaker('91', 'e803')}"),
         beside(f"03 {breaker('a1', 'e803')}"), beside(f"03 {breaker('03', 'e803')}"),
         beside(f"05 {breaker('81', 'e803')}"), beside(f"03 {latch('03')}")]),
    Need("Counters that are frozen", [
        asks("07 140006", "09 1400 00 00 03", "01 150006", "01 140006",
             says="yes 8000\nyes 8000\nyes 8000 15010000030164000000(01..000000){3}\nyes 8000 1401000003(0100000000){4}",
             did="frozen.*frozen.*cleared")],
        [beside("07 1e0006"), unanswered("08 140006"), beside("01 1e0006"), READ, beside("0b 140006")]),
    Need("Classes that are assigned", [
        asks("16 3c0206 010006 3c0306 1e00 00 00 09", "16 3c0106 1e00 00 00 09", says="yes 8000\nyes 8000",
             did=r"class 1 of g1.*class 2 of g30 \(0, 9\).*class 0 of g30 \(0, 9\)")],
        [beside("16 3c0206 1e00 00 00 0a"), beside("16 3c0206 1e0006"), beside("16 3c0206 140006"), READ]),
    Need("Files that are read", [
        asks(file_mode("19", "0100"), "01 4605 5b 01 0800 01000000 00000000",
             "1a 4604 5b 01 0d00 01000000 00000000 0000 0000 00",
             says=rf"yes 8000 \w+\nyes 8000 \w+{b'records of the day'.hex()}\nyes 8000 \w+",
             did="file open 1.*file read 0.*file closed")],
        [beside(file_mode("19", "0200")), beside(file_mode("19", "0300")), beside(file_mode("1b", "0100")),
         beside("02 4605 5b 01 0a00 01000000 00000000 6162"), 
         beside("1c 4607 5b 01 1500 1400 0100 0000 00000000 000000000000 0000 0000 61"), READ]),
]


class Peers:
    """Of DNP3."""

    everybody = ["master"]

    def __init__(self, lab):
        self.lab, self.hurry = lab, False
        self.outstation = lab.start(PUMPS, [f"{HERE}/dnp3_outstation.py", OUTSTATION, lab.path("log")], "outstation")
        lab.ready("log")
        while "LISTEN" not in lab.run(PUMPS, ["ss", "-ltn", f"src {OUTSTATION}:20000"]):
            assert self.outstation.poll() is None, lab.said("outstation")

    def clients(self, _):
        return self.everybody

    def begin(self, _):
        before = self.lab.size("log")
        self.outstation.send_signal(signal.SIGUSR1)
        while "ready" not in self.lab.said("log", before):
            assert self.outstation.poll() is None, self.lab.said("outstation")
        self.before = self.lab.size("log")

    def do(self, _, job):
        return self.lab.run(SUPERVISION, [f"{HERE}/dnp3_master.py", OUTSTATION, *job.does])

    def said(self, _):
        return self.lab.said("log", self.before)


def main():
    page, sluiced = sys.argv[1:]
    lab = Lab(sluiced, "dnp3")
    try:
        return Trial(lab, Peers(lab)).run(page, NEEDS)
    finally:
        lab.stop()


if __name__ == "__main__":
    sys.exit(main())
