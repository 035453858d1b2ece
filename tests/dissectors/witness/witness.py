# SPDX-License-Identifier: GPL-2.0-or-later
"""What the witnesses share: the captures and what tshark says of them, vectors packed into a capture for
tshark, and what our dissector says (by the program built from tell.c).  Compares nothing itself.

SLUICE_CAPTURES names the directory of captures; without it the one beside the source tree,
../shared/captures, is tried.
"""
import functools
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

SKIP = 77


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def find_tshark():
    return shutil.which("tshark") or skip("tshark is not installed")


@functools.lru_cache
def known_fields():
    """Names of all fields that tshark has."""
    told = subprocess.run([find_tshark(), "-G", "fields"], capture_output=True, text=True, check=True).stdout
    return {line.split("\t")[2] for line in told.splitlines() if line.startswith("F\t")}


def must_know(name):
    """A field that tshark does not have is never there, and would agree with anything."""
    if name not in known_fields():
        raise LookupError(f"tshark has no field {name}")


def first(pairs, key):
    return next((value for k, value in pairs if k == key), None)


def walk(pairs, found):
    """Fields of a layer in order; -x gives each a twin NAME_raw, whose first item is its bytes."""
    for key, value in pairs:
        if isinstance(value, list) and value and isinstance(value[0], tuple):
            walk(value, found)
        elif isinstance(value, str):
            found.append((key, value))


def fields_of(layer):
    found = []
    walk(layer, found)
    return found


def read_packets(path, mark, shown, layers, *options):
    """Number and layers of each packet that tshark's filter `shown` lets through.  A file without the bytes `mark`
    holds none of the protocol."""
    with open(path, "rb") as file:
        if mark not in file.read():
            return
    command = [find_tshark(), "-n", "-r", path, "-Y", shown, "-T", "json", "-x", "-J", layers, *options]
    done = subprocess.run(command, capture_output=True, check=False)
    for packet in json.loads(done.stdout.strip() or "[]", object_pairs_hook=lambda pairs: pairs):
        found = first(first(packet, "_source"), "layers")
        yield first(first(found, "frame"), "frame.number"), found


class Message:
    """One message as tshark sees it: bytes, direction, fields in order."""

    def __init__(self, capture, frame, response, raw, fields):
        self.where = f"{capture} frame {frame}"
        self.response = response
        self.raw = bytes.fromhex(raw)
        self.fields = fields

    def text(self, name):
        must_know(name)
        return [value for field, value in self.fields if field == name]

    def all(self, name):
        return [int(value, 0) for value in self.text(name)]


def find_captures():
    """Paths of all captures."""
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
    directory = os.environ.get("SLUICE_CAPTURES") or os.path.join(root, "..", "shared", "captures")
    names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    names = [name for name in names if name.endswith((".pcap", ".pcapng"))]
    if not names:
        skip(f"no captures in {directory}; SLUICE_CAPTURES names another directory")
    print(f"{len(names)} captures")
    return [os.path.join(directory, name) for name in names]


def read_seeds(run_vectors, protocol, vectors):
    """The messages of a vectors file in order: one byte that tells the direction, then the message."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([run_vectors, protocol, vectors, "--seeds", directory], check=True)
        seeds = []
        for name in sorted(os.listdir(directory), key=lambda name: int(name.rsplit("-", 1)[1])):
            with open(os.path.join(directory, name), "rb") as file:
                seeds.append(file.read())
        return seeds


def ip_packet(protocol, payload):
    """Checksums are left out."""
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0,
                       b"\n\0\0\1", b"\n\0\0\2") + payload


def ports(port, number, response):
    """Each message in a connection of its own."""
    return (port, 20000 + number) if response else (20000 + number, port)


def tcp_packet(port, number, response, payload):
    return ip_packet(6, struct.pack(">HHIIBBHHH", *ports(port, number, response), 1, 1, 0x50, 0x18, 8192, 0, 0)
                     + payload)


def udp_packet(port, number, response, payload):
    return ip_packet(17, struct.pack(">HHHH", *ports(port, number, response), len(payload) + 8, 0) + payload)


def read_packed(packets, read_capture):
    """What read_capture() finds in a capture of these IP packets."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "vectors.pcap")
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
            for number, packet in enumerate(packets):
                file.write(struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet)
        return list(read_capture(path))


def ask(tell, protocol, lines):
    """What our dissector says of each line that holds a message."""
    done = subprocess.run([tell, protocol], input="".join(f"{line}\n" for line in lines), capture_output=True,
                          text=True, check=True)
    return [json.loads(re.sub(r"\b-?(nan|inf)\b", "0", line)) for line in done.stdout.splitlines()]


def arrow(response):
    return "<" if response else ">"


def judge(messages, answers, compare, explain):
    """Compare all and tell what nobody explains; returns an exit status.  explain() gives the sentence that does, or
    None."""
    assert len(answers) == len(messages)
    unexplained, used = 0, {}
    for message, ours in zip(messages, answers):
        wrong = compare(message, ours)
        why = explain(message, ours) if wrong else None
        if why:
            used[why] = used.get(why, 0) + 1
        elif wrong:
            unexplained += 1
            if unexplained <= 100:
                side = "response" if message.response else "request"
                print(f"{message.where}: {side} {message.raw.hex()[:120]}: {'; '.join(wrong)}")
    print(f"{len(messages)} messages, {sum(used.values())} disagreements explained, {unexplained} not explained")
    for why, count in used.items():
        print(f"  {count} {why}")
    if not messages:
        print("no message was found: nothing was compared")
    return 1 if unexplained or not messages else 0
