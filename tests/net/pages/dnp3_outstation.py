#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A DNP3 outstation with link address 10 that does what a usual master wants, and says what it has done.

    dnp3_outstation.py ADDRESS LOG         SIGUSR1: as after a restart

Its lines: "message HEX" for every fragment from the function code on, and behind it what was carried out:

    restart cleared, unsolicited off|on CLASSES, confirmed, time MILLISECONDS by GROUP-VARIATION, recorded,
    selected, output INDEX CODE COUNT ON-TIME, analog INDEX VALUE, frozen, cleared, class N of HEX,
    file open MODE, file read BLOCK, file closed, restarted
"""
import signal
import socketserver
import struct
import sys

import dnp3_wire as wire

RESPONSE, UNSOLICITED = 129, 130
NO_FUNCTION, UNKNOWN_OBJECT, PARAMETER = 1, 2, 4
COUNTERS, FILE_TEXT = 4, b"records of the day"
SIZES = {(12, 1): 11, (41, 1): 5, (41, 2): 3, (41, 3): 5, (50, 1): 6, (50, 3): 6}
log = open(sys.argv[2], "a", buffering=1, encoding="ascii")


class State:
    def __init__(self, *_):
        self.restarted, self.unsolicited = True, set()
        self.counters, self.frozen = [100 + i for i in range(COUNTERS)], [0] * COUNTERS
        print("ready", file=log)


def say(*what):
    print(*what, file=log)


def again(*_):
    global state
    state = State()


def headers(data, bodies):
    """Group, variation and (index or range, object) of each header; with `bodies` the objects stand behind it."""
    while data:
        group, variation, qualifier = data[:3]
        data, items = data[3:], []
        size = SIZES.get((group, variation), 0) if bodies else 0
        if qualifier == 0x5b:
            length = struct.unpack("<H", data[1:3])[0]
            items, data = [(0, data[3:3 + length])], data[3 + length:]
        elif qualifier in (0x00, 0x01):
            width = 1 + qualifier
            first, last = (int.from_bytes(data[i * width:(i + 1) * width], "little") for i in (0, 1))
            data = data[2 * width:]
            length = (last - first + 8) // 8 if bodies and group == 80 else size * (last - first + 1)
            items, data = [((first, last), data[:length])], data[length:]
        elif qualifier == 0x07:
            count, data = data[0], data[1:]
            for i in range(count):
                items.append((i, data[:size]))
                data = data[size:]
        elif qualifier in (0x17, 0x28):
            width = 1 if qualifier == 0x17 else 2
            count, data = int.from_bytes(data[:width], "little"), data[width:]
            for _ in range(count):
                items.append((int.from_bytes(data[:width], "little"), data[width:width + size]))
                data = data[width + size:]
        yield group, variation, items


class Session(socketserver.BaseRequestHandler):
    def handle(self):
        self.end = wire.End(self.request, 10, 1, False)
        self.selected = self.select_next = None
        while more := self.request.recv(4096):
            for control, user in self.end.frames(more):
                self.take(control, user)

    def take(self, control, user):
        if not user:
            if control & wire.PRIMARY:
                self.end.link(wire.STATUS if control & 15 == wire.ASK_STATUS else wire.ACK, False)
            return
        fragment = self.end.joined(user)
        if fragment:
            say("message", fragment[1:].hex())
            self.judge(fragment[0] & 15, fragment[1], fragment[2:])

    def answer(self, sequence, objects=b"", indications=0, confirm=False):
        control = 0xc0 | (0x20 if confirm else 0) | sequence
        self.end.send(bytes([control, RESPONSE, 0x80 if state.restarted else 0, indications]) + objects)

    def judge(self, sequence, function, data):
        if function == 0:
            say("confirmed")
            return
        work = self.WORK.get(function)
        done = work(self, sequence, function, data) if work else NO_FUNCTION
        if isinstance(done, bytes):
            self.answer(sequence, done, 0, function == 1 and done[:1] == b"\x02")
        elif done is not None:
            self.answer(sequence, b"", done)
        if function == 20:
            self.end.send(bytes([0xf0, UNSOLICITED, 0, 0]) + bytes.fromhex("02 01 17 01 05 81"))

    def read(self, _sequence, _function, data):
        objects = b""
        for group, variation, items in headers(data, False):
            if (group, variation) == (60, 1):
                objects += bytes.fromhex("1e 02 00 00 01 01 2a00 01 2b00")
            elif group == 60 and variation == 2:
                objects = bytes.fromhex("02 01 17 01 00 81") + objects
            elif group in (20, 21):
                values = state.counters if group == 20 else state.frozen
                objects += bytes([group, 1, 0, 0, COUNTERS - 1]) + b"".join(struct.pack("<BI", 1, v) for v in values)
            elif group == 30:
                objects += bytes.fromhex("1e 02 00 00 01 01 2a00 01 2b00")
            elif group == 70:
                say("file read", struct.unpack("<I", items[0][1][4:8])[0])
                body = items[0][1][:4] + struct.pack("<I", 0x80000000) + FILE_TEXT
                objects += struct.pack("<BBBBH", 70, 5, 0x5b, 1, len(body)) + body
        return objects

    def write(self, _sequence, _function, data):
        for group, variation, items in headers(data, True):
            for where, body in items:
                if group == 80 and where == (7, 7) and body == b"\0":
                    state.restarted = False
                    say("restart cleared")
                elif group == 80:
                    say("indication", where, body.hex())
                elif group == 50:
                    say("time", int.from_bytes(body, "little"), f"by g50v{variation}")
                elif group == 70:
                    say("file written")
                else:
                    return UNKNOWN_OBJECT
        return 0

    def operate(self, sequence, function, data):
        if function == 3:
            self.selected, self.select_next = data, sequence + 1 & 15
            say("selected")
            return data
        if function == 4 and (self.selected != data or self.select_next != sequence):
            return PARAMETER
        for group, variation, items in headers(data, True):
            for index, body in items:
                if group == 12:
                    say("output", index, *struct.unpack("<BBI", body[:6]))
                else:
                    form = {1: "<i", 2: "<h", 3: "<f"}[variation]
                    say("analog", index, struct.unpack(form, body[:-1])[0])
        return data if function != 6 else None

    def freeze(self, _sequence, function, data):
        for group, _, _ in headers(data, False):
            if group != 20:
                return UNKNOWN_OBJECT
            state.frozen = list(state.counters)
            say("frozen")
            if function in (9, 10):
                state.counters = [0] * COUNTERS
                say("cleared")
        return 0 if function in (7, 9) else None

    def unsolicited(self, _sequence, function, data):
        say("unsolicited", "on" if function == 20 else "off", *(variation - 1 for _, variation, _ in headers(data, False)))
        return 0

    def assign(self, _sequence, _function, data):
        number = None
        for group, variation, items in headers(data, False):
            if group == 60:
                number = variation - 1
            else:
                say("class", number, "of", f"g{group}", *(where for where, _ in items))
        return 0

    def measure(self, _sequence, _function, _data):
        return bytes.fromhex("34 02 07 01 0500")

    def record(self, _sequence, _function, _data):
        say("recorded")
        return 0

    def restart(self, _sequence, _function, _data):
        say("restarted")
        return self.measure(0, 0, b"")

    def file(self, _sequence, function, data):
        (_, _, items), = headers(data, False)
        body = items[0][1]
        if function == 27:
            say("file deleted")
        elif function == 25:
            say("file open", struct.unpack("<H", body[20:22])[0])
        else:
            say("file closed")
        status = struct.pack("<IIHHB", 1, len(FILE_TEXT) if function == 25 else 0, 200, 0, 0)
        return struct.pack("<BBBBH", 70, 4, 0x5b, 1, len(status)) + status

    WORK = {1: read, 2: write, 3: operate, 4: operate, 5: operate, 6: operate, 7: freeze, 8: freeze, 9: freeze, 10: freeze,
            13: restart, 20: unsolicited, 21: unsolicited, 22: assign, 23: measure, 24: record, 25: file, 26: file,
            27: file}


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


state = State()
signal.signal(signal.SIGUSR1, again)
Server((sys.argv[1], 20000), Session).serve_forever()
