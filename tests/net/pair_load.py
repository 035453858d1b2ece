# SPDX-License-Identifier: GPL-2.0-or-later
"""Polling through a pair of gateways, and half a forbidden message.

pair_load.py SERVER READY: inspected connections (port 502) and plain ones (8080) until SIGTERM; READY is made
when all have been answered.  On SIGUSR1 the second half of the forbidden write follows.  At the end a line:
connections of each kind that ended, requests, the longest time that one took in milliseconds."""
import selectors
import signal
import socket
import sys
import time

READ = bytes([0, 3, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10])
FORBIDDEN = bytes([0, 1, 0, 0, 0, 6, 1, 6, 0, 50, 0, 7])
INSPECTED, PLAIN, PERIOD = 20, 5, 0.05
server, ready = sys.argv[1:]
stop, second_half = [], []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
signal.signal(signal.SIGUSR1, lambda *_: second_half.append(1))


class Poller:
    def __init__(self, port):
        self.port, self.ended, self.answered, self.slowest = port, 0, 0, 0.0
        self.connect()

    def connect(self):
        self.socket = socket.create_connection((server, self.port), 5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.asked_at, self.next_at = 0.0, time.monotonic()

    def turn(self, now):
        if not self.asked_at and now >= self.next_at:
            self.socket.send(READ)
            self.asked_at, self.next_at = now, now + PERIOD

    def take(self, now):
        if not self.socket.recv(512):
            raise ConnectionResetError
        if self.asked_at:
            self.slowest = max(self.slowest, now - self.asked_at)
            self.asked_at, self.answered = 0.0, self.answered + 1


def guarded(poller, action, selector):
    try:
        action(time.monotonic())
    except BlockingIOError:
        pass
    except OSError:
        poller.ended += 1
        selector.unregister(poller.socket)
        poller.socket.close()
        poller.connect()
        selector.register(poller.socket, selectors.EVENT_READ, poller)


def main():
    half = socket.create_connection((server, 502), 5)
    half.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    half.send(FORBIDDEN[:6])
    pollers = [Poller(502) for _ in range(INSPECTED)] + [Poller(8080) for _ in range(PLAIN)]
    selector = selectors.DefaultSelector()
    for poller in pollers:
        selector.register(poller.socket, selectors.EVENT_READ, poller)
    told = False
    while not stop:
        for poller in pollers:
            guarded(poller, poller.turn, selector)
        for key, _ in selector.select(0.01):
            guarded(key.data, key.data.take, selector)
        if not told and all(p.answered for p in pollers):
            open(ready, "w").close()
            told = True
        if second_half:
            second_half.clear()
            try:
                half.send(FORBIDDEN[6:])
            except OSError:
                pass
    kinds = [[p for p in pollers if p.port == port] for port in (502, 8080)]
    print(*(sum(p.ended for p in kind) for kind in kinds), sum(p.answered for p in pollers),
          int(1000 * max(p.slowest for p in pollers)))


main()
