#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Poll a Modbus server over several connections until the file STOP appears; then say how it went, as JSON.

    poller.py [--forbidden] ADDRESS CONNECTIONS PAUSE STOP

Each connection reads registers 0 to 3, waits PAUSE seconds, and reads again; one that breaks is made anew.  With
--forbidden there are also write, over connections of its own, that the policy does not permit:
what is counted as "passed" is an answer that is no exception.  Members of the answer: requests, lost (no answer to a
request that was sent), broken (connections that ended), passed, longest_ms (between two answers).
"""
import json
import os
import socket
import struct
import sys
import threading
import time

LOCK = threading.Lock()
COUNTS = {"requests": 0, "lost": 0, "broken": 0, "passed": 0, "longest_ms": 0}
READ = bytes((3,)) + struct.pack(">HH", 0, 4)
WRITE = bytes((6,)) + struct.pack(">HH", 7, 4711)


def count(name, number=1):
    with LOCK:
        COUNTS[name] += number


def longest(milliseconds):
    with LOCK:
        COUNTS["longest_ms"] = max(COUNTS["longest_ms"], int(milliseconds))


def receive(connection, length):
    data = b""
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            raise ConnectionResetError("closed")
        data += more
    return data


def ask(connection, transaction, body):
    """One request and its answer's body."""
    connection.sendall(struct.pack(">HHHB", transaction, 0, len(body) + 1, 1) + body)
    head = receive(connection, 7)
    number, _, length, _ = struct.unpack(">HHHB", head)
    answer = receive(connection, length - 1)
    if number != transaction:
        raise ConnectionResetError("an answer to another request")
    return answer


def dial(address):
    connection = socket.create_connection((address, 502), timeout=2)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def poll(address, pause, stop):
    connection, transaction, last = None, 0, time.monotonic()
    while not os.path.exists(stop):
        try:
            connection = connection or dial(address)
        except OSError:
            time.sleep(0.05)
            continue
        transaction = (transaction + 1) & 0xffff
        count("requests")
        try:
            ask(connection, transaction, READ)
            longest((time.monotonic() - last) * 1000)
            last = time.monotonic()
        except OSError:
            count("lost")
            count("broken")
            connection.close()
            connection = None
        time.sleep(pause)
    longest((time.monotonic() - last) * 1000)


def trespass(address, stop):
    while not os.path.exists(stop):
        try:
            connection = dial(address)
            with connection:
                if not ask(connection, 1, WRITE)[0] & 0x80:
                    count("passed")
        except OSError:
            pass
        time.sleep(0.2)


def main():
    words = [word for word in sys.argv[1:] if word != "--forbidden"]
    address, connections, pause, stop = words[0], int(words[1]), float(words[2]), words[3]
    threads = [threading.Thread(target=poll, args=(address, pause, stop)) for _ in range(connections)]
    if "--forbidden" in sys.argv:
        threads.append(threading.Thread(target=trespass, args=(address, stop)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(COUNTS))


main()
