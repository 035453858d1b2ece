#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares, for every S7comm message in a directory of captures, what our dissector says with what tshark
says: kind, reference, lengths, function, user data group and sub-function, items with element, count, block,
area and address, sizes of values, status lists, PI services and names of blocks.

usage: witness_s7comm.py TELL [RUN_VECTORS VECTORS]

With a vectors file, its complete messages are packed into a capture for tshark instead: functions that no
capture holds have a witness too.
TELL is the program built from tell.c.  SLUICE_CAPTURES names the directory of captures; without it the one
beside the source tree, ../shared/captures, is tried.  Messages are tshark's own (put together by it from data
TPDUs), so none of our code for streams and pieces takes part.  Each disagreement must be explained by a row of
EXPLAINED.
"""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

SKIP = 77

AREAS = {0x84: "DB", 0x83: "M", 0x81: "I", 0x82: "Q", 0x85: "DI", 0x80: "P", 0x86: "L", 0x87: "V", 0x03: "SYS",
         0x05: "SM", 0x06: "AI", 0x07: "AQ", 0x1c: "C", 0x1d: "T", 0x1e: "IC", 0x1f: "IT"}
SIZES = {2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 4, 8: 4, 10: 4, 11: 4, 12: 2, 15: 8}
SERVICES = {"plc-start": "P_PROGRAM", "plc-cold-start": "P_PROGRAM", "plc-stop": "P_PROGRAM", "insert-block": "_INSE",
            "insert-block-2": "_INS2", "delete-block": "_DELE", "copy-ram-to-rom": "_MODU", "compress-memory": "_GARB"}

# tshark's field, ours
HEADER = [("s7comm.header.rosctr", "rosctr"), ("s7comm.header.pduref", "pdu reference"),
          ("s7comm.header.parlg", "parameter length"), ("s7comm.header.datlg", "data length"),
          ("s7comm.header.errcls", "error class"), ("s7comm.header.errcod", "error code")]
JOB = [("s7comm.param.func", "function"), ("s7comm.param.itemcount", "items"),
       ("s7comm.param.pdu_length", "pdu length"), ("s7comm.param.maxamq_calling", "amq calling"),
       ("s7comm.param.item.transp_size", "transport size"), ("s7comm.param.item.length", "count"),
       ("s7comm.param.item.area", "area"), ("s7comm.data.transportsize", "data size"),
       ("s7comm.data.length", "data length of item")]
USER = [("s7comm.param.userdata.subfunc", "sub-function"), ("s7comm.param.userdata.seq_num", "sequence"),
        ("s7comm.param.userdata.dataunitref", "data unit"), ("s7comm.param.userdata.lastdataunit", "more follows"),
        ("s7comm.data.userdata.szl_id", "szl id"), ("s7comm.data.userdata.szl_index", "szl index")]


class Message:
    """One S7comm message as tshark sees it: bytes, direction, fields in order."""

    def __init__(self, capture, frame, response, raw, fields):
        self.where = f"{capture} frame {frame}"
        self.response = response
        self.raw = bytes.fromhex(raw)
        self.fields = fields

    def text(self, name):
        return [value for field, value in self.fields if field == name]

    def all(self, name):
        return [int(value, 0) for value in self.text(name)]


def walk(pairs, found):
    for key, value in pairs:
        if isinstance(value, list) and value and isinstance(value[0], tuple):
            walk(value, found)
        elif isinstance(value, str):
            found.append((key, value))


def first(pairs, key):
    return next((value for k, value in pairs if k == key), None)


def read_capture(tshark, directory, name):
    path = os.path.join(directory, name)
    with open(path, "rb") as file:
        if b"\x03\x00\x00" not in file.read():
            return
    command = [tshark, "-n", "-r", path, "-Y", "s7comm", "-T", "json", "-x", "-J", "frame tcp s7comm"]
    done = subprocess.run(command, capture_output=True, check=False)
    if not done.stdout.strip():
        return
    for packet in json.loads(done.stdout, object_pairs_hook=lambda pairs: pairs):
        layers = first(first(packet, "_source"), "layers")
        number = first(first(layers, "frame"), "frame.number")
        response = first(first(layers, "tcp"), "tcp.srcport") == "102"
        raw = None
        for key, value in layers:
            if key == "s7comm_raw":
                raw = value[0]
            elif key == "s7comm" and raw is not None:
                fields = []
                walk(value, fields)
                yield Message(name, number, response, raw, fields)
                raw = None


def frame(message):
    return struct.pack(">BBH", 3, 0, len(message) + 7) + b"\x02\xf0\x80" + message


def lines(message):
    """For tell: another connection, the server's job if this is an answer to one, the message."""
    told = ["-"]
    raw = message.raw
    if not message.response and raw[1] == 3 and len(raw) > 5:
        function = raw[12:13] or b"\x1b"
        job = b"\x32\x01\x00\x00" + raw[4:6] + b"\x00\x12\x00\x00" + function + bytes(7) + b"\x09_0A00001P"
        told.append("< " + frame(job).hex())
    told.append(("< " if message.response else "> ") + frame(raw).hex())
    return told


def addresses(message):
    """Points of the items as tshark has them."""
    blocks = iter(message.all("s7comm.param.item.db"))
    points = []
    for size, count, area, address in zip(*(message.all(f"s7comm.param.item.{name}")
                                            for name in ("transp_size", "length", "area", "address"))):
        block = next(blocks, 0)
        name = AREAS[area]
        width = 1 if name in ("T", "C", "IT", "IC") or size == 1 else SIZES[size] * 8
        points.append([name, block if name in ("DB", "DI") else 0, address, address + count * width - 1])
    for block, start, length in zip(*(message.all(f"s7comm.param.item.dbread.{name}")
                                      for name in ("db", "startaddress", "length"))):
        points.append(["DB", block, start * 8, (start + length) * 8 - 1])
    return points


def value_bytes(mine, lengths):
    """tshark tells bytes, whatever the element; so does a piece of a block."""
    sizes = mine("data size")
    return [(length + 7) // 8 if size in (3, 4, 5) else length for size, length in zip(sizes, lengths)] + \
        mine("piece length")


def block_names(message):
    return [[int(name[-7], 16), int(name[-6:-1])] for name in message.text("s7comm.param.blockcontrol.filename")]


def compare(message, ours):
    if ours["result"] != "complete":
        return [f"we say {ours['result']} {ours['reason']}"]
    wrong = []

    def check(what, theirs, our):
        if theirs != our:
            wrong.append(f"{what}: tshark {theirs}, we {our}")

    def mine(name):
        return [value for key, value in ours["fields"] if key == name]

    kind = message.raw[1]
    lengths = mine("data length")
    check("header data length", message.all("s7comm.header.datlg"), lengths[:1])
    for field, name in HEADER:
        if name != "data length":
            check(field, message.all(field), mine(name))
    if kind == 7 and ours["function"] != 0x700:
        compare_user(message, ours, check, mine)
    elif kind != 7 and ours["exception"] < 0:
        check("function", message.all("s7comm.param.func"), mine("function"))
        for field, name in JOB[1:]:
            our = value_bytes(mine, lengths[1:]) if name == "data length of item" else mine(name)
            if message.all(field):
                check(field, message.all(field), our)
        if kind == 1 and not message.response:
            spans = [span[1:5] for span in ours["spans"]]
            symbols = 0xb2 in message.all("s7comm.param.item.syntaxid")  # tshark tells no area of them
            if ours["name"] in ("read-var", "write-var") and not symbols:
                check("points", addresses(message), spans)
            elif ours["name"] in SERVICES:
                check("service", message.text("s7comm.param.pistart.servicename")[:1] or ["P_PROGRAM"],
                      [SERVICES[ours["name"]]])
        if kind == 1 and message.text("s7comm.param.blockcontrol.filename"):
            check("block", block_names(message), [[span[2], span[3]] for span in ours["spans"]])
    return wrong


def compare_user(message, ours, check, mine):
    check("group", message.all("s7comm.param.userdata.funcgroup"), [ours["function"] & 0xff])
    check("type", message.all("s7comm.param.userdata.type"), [value >> 4 for value in mine("type and group")])
    request = not message.response
    for field, name in USER:
        if message.all(field) and (request or not name.startswith("szl")):
            check(field, message.all(field), mine(name))
    if request and ours["name"] == "cyclic-transfer":
        check("points", addresses(message), [span[1:5] for span in ours["spans"]])


# Where tshark reads on and we refuse: why, our reason, and what is wrong with the bytes (b, of the message).
def function(raw):
    return raw[12 if raw[1] in (2, 3) else 10]


EXPLAINED = [
    ("set-up has eight bytes of parameters", "length-mismatch",
     lambda m, b: function(b) == 0xf0 and b[1] != 7 and b[6:8] != b"\0\x08"),
    ("an answer to read-var has a function and a number of items", "length-mismatch",
     lambda m, b: b[1] == 3 and function(b) == 4 and b[6:8] != b"\0\x02"),
    ("the data of a write have the length that they say: 8 bits are one byte", "length-mismatch",
     lambda m, b: b[1] == 1 and function(b) == 5 and b[8:10] == b"\0\x06" and b[26:28] == b"\0\x08"),
    ("an acknowledgement without data and without error has no parameters", "length-mismatch",
     lambda m, b: b[1] == 2 and b[10:12] == b"\0\0" and b[6:8] != b"\0\0"),
    ("a request for a status list names it", "length-mismatch",
     lambda m, b: b[1] == 7 and b[15:17] == b"\x44\x01" and b[8:10] == b"\0\x04"),
    ("a server does not ask for status lists", "function-direction",
     lambda m, b: m.response and b[1] == 7 and b[15] == 0x44),
    ("a PI service has a name", "length-mismatch", lambda m, b: function(b) == 0x28 and b[6:8] == b"\0\x0b"),
    ("PLC stop names P_PROGRAM", "length-mismatch", lambda m, b: function(b) == 0x29 and b[6:8] == b"\0\x07"),
]


def explain(message, ours, used):
    for why, reason, applies in EXPLAINED:
        if ours["result"] == "malformed" and ours["reason"] == reason and applies(message, message.raw):
            used[why] = used.get(why, 0) + 1
            return True
    return False


def read_captures(tshark):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    directory = os.environ.get("SLUICE_CAPTURES") or os.path.join(root, "..", "shared", "captures")
    names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    names = [name for name in names if name.endswith((".pcap", ".pcapng"))]
    if not names:
        print(f"skipped: no captures in {directory}; SLUICE_CAPTURES names another directory")
        sys.exit(SKIP)
    print(f"{len(names)} captures")
    return [message for name in names for message in read_capture(tshark, directory, name)]


def packet(number, response, payload):
    """A raw IPv4 packet, each in a connection of its own; checksums are left out."""
    client = 20000 + number
    ports = (102, client) if response else (client, 102)
    tcp = struct.pack(">HHIIBBHHH", *ports, 1, 1, 0x50, 0x18, 8192, 0, 0)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0, b"\n\0\0\1", b"\n\0\0\2")
    return struct.pack("<IIII", number, 0, 40 + len(payload), 40 + len(payload)) + ip + tcp + payload


def read_vectors(tshark, tell, run_vectors, vectors):
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([run_vectors, "s7comm", vectors, "--seeds", directory], check=True)
        seeds = [open(os.path.join(directory, n), "rb").read() for n in sorted(os.listdir(directory))]
        # whole messages in one data TPDU; where they stand in a session does not matter to tshark
        seeds = [seed for seed in seeds if seed[5:8] == b"\x02\xf0\x80" and seed[8:9] == b"\x32"]
        text = "".join(f"-\n{'<' if seed[0] & 1 else '>'} {seed[1:].hex()}\n" for seed in seeds)
        told = subprocess.run([tell, "s7comm"], input=text, capture_output=True, text=True, check=True)
        whole = [json.loads(line)["result"] == "complete" for line in told.stdout.splitlines()]
        seeds = [seed for seed, complete in zip(seeds, whole) if complete]
        with open(os.path.join(directory, "vectors.pcap"), "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
            for number, seed in enumerate(seeds):
                file.write(packet(number, seed[0] & 1, seed[1:]))
        messages = list(read_capture(tshark, directory, "vectors.pcap"))
    assert len(messages) == len(seeds), "tshark must see every vector"
    return messages


def main():
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    tell = sys.argv[1]
    tshark = shutil.which("tshark")
    if not tshark:
        print("skipped: tshark is not installed")
        return SKIP
    messages = read_captures(tshark) if len(sys.argv) == 2 else read_vectors(tshark, *sys.argv[1:])
    text, last = [], []
    for message in messages:
        told = lines(message)
        text += told
        last += [False] * (len(told) - 2) + [True]
    done = subprocess.run([tell, "s7comm"], input="\n".join(text) + "\n", capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line, wanted in zip(done.stdout.splitlines(), last) if wanted]
    assert len(answers) == len(messages)
    unexplained, used = 0, {}
    for message, ours in zip(messages, answers):
        wrong = compare(message, ours)
        if wrong and not explain(message, ours, used):
            unexplained += 1
            if unexplained <= 100:
                side = "response" if message.response else "request"
                print(f"{message.where}: {side} {message.raw.hex()[:120]}: {'; '.join(wrong)}")
    print(f"{len(messages)} messages, {sum(used.values())} disagreements explained, {unexplained} not explained")
    for name, count in used.items():
        print(f"  {count} {name}")
    if not messages:
        print("no S7comm message was found: nothing was compared")
        return 1
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
