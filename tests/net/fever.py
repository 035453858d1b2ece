#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fever: do the denials in an event file pass a reader of Suricata's events that is not ours?

Debian's fever reads each line into fields of fixed types, and hands on those that it understands.  Every denial must
come out of it with what it went in with.

    fever.py FILE
"""
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time

WAIT_S = 20
AGAIN_S = 1


def connected(path):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(path)
            return client
        except OSError:
            client.close()
            time.sleep(0.05)
    sys.exit("fever does not listen")


def is_denial(event):
    return event["event_type"] == "alert"


def line_of(reader, waiting):
    """The next line that comes out, None if there is none for a while; `waiting` is what came behind it."""
    while b"\n" not in waiting:
        if not select.select([reader], [], [], AGAIN_S)[0]:
            return None
        waiting += reader.recv(65536)
    line, _, rest = bytes(waiting).partition(b"\n")
    waiting[:] = rest
    return json.loads(line)


def through(sender, reader, waiting, line, before):
    """The event that comes out for a line; sent again while it was thrown away, and what came twice is left out."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        sender.sendall(line.encode())
        event = line_of(reader, waiting)
        while event is not None and event == before:
            event = line_of(reader, waiting)
        if event is not None:
            return event
    raise TimeoutError


def handed_on(directory, lines):
    """The events that come out for the lines that go in."""
    back = socket.socket(socket.AF_UNIX)
    back.bind(directory + "/out")
    back.listen()
    back.settimeout(WAIT_S)
    fever = subprocess.Popen(
        ["fever", "run", "--in-socket", directory + "/in", "--out-socket", directory + "/out", "--mgmt-socket", directory + "/mgmt",
         "--fwd-event-types", "alert", "--logfile", directory + "/log"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    out = []
    try:
        sender = connected(directory + "/in")
        reader = back.accept()[0]
        waiting = bytearray()
        for line in lines:  # one by one: it throws away what it can't hand on at once
            if is_denial(json.loads(line)):
                out.append(through(sender, reader, waiting, line, out[-1] if out else None))
            else:
                sender.sendall(line.encode())
    except TimeoutError:
        print(open(directory + "/log").read(), file=sys.stderr)
        sys.exit(f"fever hands {len(out)} on and no more")
    finally:
        fever.kill()
        fever.wait()
    return out


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.readlines()
    denials = [event for event in map(json.loads, lines) if is_denial(event)]
    if not denials:
        sys.exit("there is no denial")
    with tempfile.TemporaryDirectory() as directory:
        out = handed_on(directory, lines)
    if len(out) != len(denials):
        sys.exit(f"{len(denials)} denials went in, {len(out)} came out")
    for event, back in zip(denials, out):
        for name in ("timestamp", "event_type", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "flow_id"):
            if event.get(name) != back.get(name):
                sys.exit(f"{name}: {event.get(name)} went in, {back.get(name)} came out")
        for name in ("action", "signature_id", "severity", "signature", "category", "gid", "rev"):
            if event["alert"][name] != back.get("alert", {}).get(name):
                sys.exit(f"alert.{name}: {event['alert'][name]} went in, {back.get('alert')} came out")
    print(f"{len(denials)} denials")


os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
main()
