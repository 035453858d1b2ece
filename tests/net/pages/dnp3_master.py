#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A DNP3 master, link address 1 unless told, of the outstation with address 10: commands on one connection, a line of
answer for each.

    dnp3_master.py ADDRESS COMMAND...      the connection; a command is one argument

    reset | status         of the link layer: "yes" when it is answered
    ask HEX                a request from its function code on: "yes", indications and objects of the response
    tell HEX               one that is not answered
    await                  an unsolicited response: "yes" and its objects
    from N, to N           the addresses of what follows

What wants to be confirmed is confirmed.  "no" and why, where the outstation does not answer or says that it does not
know the function, the object or the number.
"""
import socket
import sys

import dnp3_wire as wire

RESPONSE, UNSOLICITED, CONFIRM = 129, 130, 0
WAIT_S = 1.5


class Master:
    def __init__(self, address):
        self.end = wire.End(socket.create_connection((address, 20000), 5), 1, 10, True)
        self.end.connection.settimeout(WAIT_S)
        self.sequence = 0
        self.unsolicited = []

    def answers(self):
        """Frames without user data, and fragments, as they come."""
        while True:
            more = self.end.connection.recv(4096)
            if not more:
                raise ConnectionError("it is closed")
            for control, user in self.end.frames(more):
                yield control, self.end.joined(user) if user else None

    def link(self, function, answer):
        self.end.link(function)
        for control, _ in self.answers():
            if control & 0x4f == answer:
                return "yes"
        return "no answer"

    def confirm(self, fragment):
        if fragment[0] & 0x20:
            self.end.send(bytes([0xc0 | fragment[0] & 0x1f, CONFIRM]))

    def tell(self, request):
        self.end.send(bytes([0xc0 | self.sequence]) + request)
        self.sequence = self.sequence + 1 & 15
        return "yes"

    def ask(self, request):
        sequence = self.sequence
        self.tell(request)
        objects = b""
        for _, fragment in self.answers():
            if not fragment:
                continue
            self.confirm(fragment)
            if fragment[1] == UNSOLICITED:
                self.unsolicited.append(fragment)
            elif fragment[1] == RESPONSE and fragment[0] & 15 == sequence:
                objects += fragment[4:]
                if fragment[3] & 7:
                    return f"no, indications {fragment[2:4].hex()}"
                if fragment[0] & 0x40:
                    return f"yes {fragment[2:4].hex()} {objects.hex()}".strip()
                sequence = sequence + 1 & 15
        return "no answer"

    def wait(self):
        for _, fragment in iter([(0, kept) for kept in self.unsolicited]) if self.unsolicited else self.answers():
            if fragment and fragment[1] == UNSOLICITED:
                if not self.unsolicited:
                    self.confirm(fragment)
                return f"yes {fragment[4:].hex()}"
        return "no answer"

    def obey(self, word, rest):
        if word in ("from", "to"):
            setattr(self.end, "own" if word == "from" else "other", int(rest))
            return "yes"
        if word in ("reset", "status"):
            return self.link(*((wire.RESET, wire.ACK) if word == "reset" else (wire.ASK_STATUS, wire.STATUS)))
        if word == "await":
            return self.wait()
        return (self.ask if word == "ask" else self.tell)(bytes.fromhex(rest))


def main():
    try:
        master = Master(sys.argv[1])
        for command in sys.argv[2:]:
            word, _, rest = command.partition(" ")
            print(master.obey(word, rest), flush=True)
    except OSError as error:
        print("no", error)


main()
