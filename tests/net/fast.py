#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pollers through a gate that vouches in the kernel, and what must hold while everything changes around them.

    fast.py WORK SLUICE PID-OF-SLUICED

Runs beside the clients; the gate is asked by its control socket.
"""
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

work, sluice, gate = sys.argv[1], sys.argv[2], int(sys.argv[3])
SERVER = ("10.20.0.11", 502)
POLLERS = 20


def tool(*arguments):
    done = subprocess.run([sluice, *arguments, "--control", f"{work}/control"], capture_output=True, text=True,
                          check=False)
    return done.stdout


def status():
    return json.loads(tool("status", "--json"))


def judged():
    """Packets that inspectors have seen."""
    return status()["judging"]["packets"]


def messages():
    return status()["channels"][0]["messages"]


class Poller(threading.Thread):
    """Reads and writes in turn on one connection, and compares every answer."""

    def __init__(self, number, rounds=0):
        super().__init__()
        self.connection = socket.create_connection(SERVER, 5)
        self.connection.settimeout(5)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number, self.rounds, self.done, self.wrong, self.over = number, rounds, 0, None, False

    def ask(self, pdu):
        self.done += 1
        head = struct.pack(">HHHB", self.done & 0xffff, 0, len(pdu) + 1, 1)
        self.connection.sendall(head + pdu)
        answer = b""
        while len(answer) < 6 or len(answer) < 6 + struct.unpack(">H", answer[4:6])[0]:
            part = self.connection.recv(600)
            if not part:
                raise OSError("the connection was closed")
            answer += part
        if answer[:2] != head[:2]:
            raise OSError("the answer is to something else")
        return answer[7:]

    def turn(self):
        if self.done % 3 == 2:
            pdu = struct.pack(">BHH", 6, 40 + self.number % 3, self.done % 1500)
            right = self.ask(pdu) == pdu
        else:
            right = len(self.ask(struct.pack(">BHH", 3, self.done % 50, 10))) == 22
        if not right:
            raise OSError("another answer")

    def run(self):
        try:
            while not self.over and (self.rounds == 0 or self.done < self.rounds):
                self.turn()
                if self.rounds == 0:
                    time.sleep(0.02)
        except OSError as error:
            self.wrong = f"poller {self.number}, request {self.done}: {error}"


failed = 0


def expect(what, holds, detail=""):
    global failed
    print(("ok   " if holds else "FAIL ") + what + ("" if holds else f": {detail}"), flush=True)
    failed += not holds


def finish(pollers):
    for poller in pollers:
        poller.over = True
    for poller in pollers:
        poller.join()
    return [poller.wrong for poller in pollers if poller.wrong]


def vouches():
    before, told = judged(), messages()
    pollers = [Poller(i, 500) for i in range(POLLERS)]
    for poller in pollers:
        poller.start()
    for poller in pollers:
        poller.join()
    wrong = [poller.wrong for poller in pollers if poller.wrong]
    expect("every request is answered", not wrong, wrong[:3])
    for poller in pollers:
        poller.connection.close()
    time.sleep(0.5)
    asked, seen = sum(poller.done for poller in pollers), judged() - before
    expect("inspectors see few of the packets", seen < asked / 4, f"{seen} packets for {asked} requests")
    expect("all messages are counted once", messages() - told == 2 * asked, f"{messages() - told} of {2 * asked}")


def denies():
    poller = Poller(0)
    for _ in range(100):
        poller.turn()
    try:
        poller.ask(struct.pack(">BHH", 6, 40, 1501))
        expect("a forbidden value does not pass", False, "it was answered")
    except OSError:
        expect("a forbidden value does not pass", True)
    other = Poller(1)
    value = struct.unpack(">BBH", other.ask(struct.pack(">BHH", 3, 40, 1)))[2]
    expect("and the register is not changed", value != 1501, value)
    other.connection.close()


def change(count):
    """What happens to a gate, again and again."""
    for i in range(count):
        kind = i % 3
        if kind == 0:
            os.kill(gate, signal.SIGHUP)
        elif kind == 1:
            inspectors = status()["inspectors"]
            os.kill(inspectors[i // 3 % len(inspectors)]["pid"], signal.SIGKILL)
        else:
            subprocess.run(["ip", "netns", "exec", os.environ["LAB_GATEWAY"], "tc", "filter", "del", "dev", "eth0",
                            "ingress"], check=False, capture_output=True)
        time.sleep(0.15)


def survives():
    pollers = [Poller(i) for i in range(POLLERS)]
    for poller in pollers:
        poller.start()
    time.sleep(0.5)
    change(40)
    time.sleep(1.5)
    wrong = finish(pollers)
    asked = sum(poller.done for poller in pollers)
    expect(f"{POLLERS} connections outlive 40 changes and {asked} requests", not wrong, wrong[:3])
    before = judged()
    for poller in pollers:
        poller.over, poller.wrong = False, None
    for poller in pollers[:5]:
        for _ in range(100):
            poller.turn()
    seen = judged() - before
    expect("and are vouched for afterwards", seen < 250, f"{seen} packets for 500 requests")


vouches()
denies()
survives()
sys.exit(failed > 0)
