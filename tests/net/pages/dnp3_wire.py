# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames and segments of DNP3 (IEEE 1815 clauses 8 and 9) for the master and the outstation of the page's test.

Knows nothing of the dissector, nor of the other peers of the tests.
"""
import struct

DIRECTION, PRIMARY = 0x80, 0x40
RESET, CONFIRMED_DATA, DATA, ASK_STATUS = 0, 3, 4, 9
ACK, STATUS = 0, 11
FINAL, FIRST = 0x80, 0x40


def checked(data):
    """With its CRC behind it."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xa6bc if crc & 1 else crc >> 1
    return data + struct.pack("<H", crc ^ 0xffff)


def frame(control, destination, source, user=b""):
    head = struct.pack("<BBBBHH", 5, 0x64, 5 + len(user), control, destination, source)
    return checked(head) + b"".join(checked(user[i:i + 16]) for i in range(0, len(user), 16))


class End:
    """One end of a connection: sends fragments, and takes frames and fragments apart that come."""

    def __init__(self, connection, own, other, master):
        self.connection, self.own, self.other = connection, own, other
        self.direction = DIRECTION if master else 0
        self.bytes = self.fragment = b""
        self.sequence = 0

    def link(self, function, primary=True):
        control = self.direction | (PRIMARY if primary else 0) | function
        self.connection.sendall(frame(control, self.other, self.own))

    def send(self, fragment):
        pieces = [fragment[i:i + 249] for i in range(0, len(fragment), 249)]
        for i, piece in enumerate(pieces):
            head = self.sequence & 0x3f | (FIRST if i == 0 else 0) | (FINAL if i == len(pieces) - 1 else 0)
            self.sequence += 1
            self.connection.sendall(frame(self.direction | PRIMARY | DATA, self.other, self.own,
                                          bytes([head]) + piece))

    def frames(self, more):
        """Control and user data of each frame that is complete with these bytes."""
        self.bytes += more
        while len(self.bytes) >= 10:
            length = self.bytes[2] - 5
            size = 10 + length + 2 * ((length + 15) // 16)
            assert self.bytes[:2] == b"\x05\x64" and checked(self.bytes[:8]) == self.bytes[:10]
            if len(self.bytes) < size:
                return
            body, user = self.bytes[10:size], b""
            for i in range(0, len(body), 18):
                assert checked(body[i:i + 18][:-2]) == body[i:i + 18]
                user += body[i:i + 18][:-2]
            control = self.bytes[3]
            self.bytes = self.bytes[size:]
            yield control, user

    def joined(self, user):
        """The fragment that a segment completes, or nothing."""
        self.fragment = user[1:] if user[0] & FIRST else self.fragment + user[1:]
        return self.fragment if user[0] & FINAL else None
