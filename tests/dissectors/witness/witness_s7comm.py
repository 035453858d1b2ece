#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares, for every S7comm message in a directory of captures, what our dissector says with what tshark
says: kind, reference, lengths, function, user data group and sub-function, items with element, count, block,
area and address, sizes of values, status lists, PI services and names of blocks.

usage: witness_s7comm.py TELL [RUN_VECTORS VECTORS]

With a vectors file, its complete messages are packed into a capture for tshark instead: functions that no
capture holds have a witness too.
TELL is the program built from tell.c; where captures are is said in witness.py.  Messages are tshark's own (put together by it from data
TPDUs), so none of our code for streams and pieces takes part.  Each disagreement must be explained by a row of
EXPLAINED.
"""
import os
import struct
import sys

sys.dont_write_bytecode = True
import witness  # noqa: E402

AREAS = {0x84: "DB", 0x83: "M", 0x81: "I", 0x82: "Q", 0x85: "DI", 0x80: "P", 0x86: "L", 0x87: "V", 0x03: "SYS",
         0x05: "SM", 0x06: "AI", 0x07: "AQ", 0x1c: "C", 0x1d: "T", 0x1e: "IC", 0x1f: "IT"}
SIZES = {2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 4, 8: 4, 9: 2, 10: 4, 11: 4, 12: 2, 15: 8}
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


def read_capture(path):
    for number, layers in witness.read_packets(path, b"\x03\x00\x00", "s7comm", "frame tcp s7comm"):
        response = witness.first(witness.first(layers, "tcp"), "tcp.srcport") == "102"
        raw = None
        for key, value in layers:
            if key == "s7comm_raw":
                raw = value[0]
            elif key == "s7comm" and raw is not None:
                yield witness.Message(os.path.basename(path), number, response, raw, witness.fields_of(value))
                raw = None


def frame(message):
    return struct.pack(">BBH", 3, 0, len(message) + 7) + b"\x02\xf0\x80" + message


def job_of(reference, function, block):
    """The server's, about the block that these first bytes are of."""
    name = f"\t_0{block[5]:X}{int.from_bytes(block[6:8], 'big'):05}P".encode()
    return "< " + frame(b"\x32\x01\x00\x00" + reference + b"\x00\x12\x00\x00" + function + bytes(7) + name).hex()


def lines(message):
    """For tell: another connection, the server's job if this is an answer to one, the message."""
    told = ["-"]
    raw = message.raw
    if not message.response and raw[1] == 3 and len(raw) > 5:
        function = raw[12:13] or b"\x1b"
        block = raw[18:26]
        if block[:2] != b"pp" or len(block) < 8:
            block = b"pp\x01\x01\x05\x0a\x00\x01"
            if function == b"\x1b":  # a later piece: the first one is in front of it
                other = bytes([raw[4] ^ 0xff, raw[5]])
                told.append(job_of(other, function, block))
                told.append("> " + frame(b"\x32\x03\x00\x00" + other + b"\x00\x02\x00\x0c\x00\x00\x1b\x01"
                                         b"\x00\x08\x00\xfb" + block).hex())
        told.append(job_of(raw[4:6], function, block))
    told.append(("< " if message.response else "> ") + frame(raw).hex())
    return told


def addresses(message):
    """Points of the items as tshark has them."""
    blocks = iter(message.all("s7comm.param.item.db"))
    points = []
    for size, count, area, address in zip(
            message.all("s7comm.param.item.transp_size"), message.all("s7comm.param.item.length"),
            message.all("s7comm.param.item.area"), message.all("s7comm.param.item.address")):
        block = next(blocks, 0)
        name = AREAS[area]
        width = 1 if name in ("T", "C", "IT", "IC") or size == 1 else SIZES[size] * 8
        points.append([name, block if name in ("DB", "DI") else 0, address, address + count * width - 1])
    for block, start, length in zip(
            message.all("s7comm.param.item.dbread.db"), message.all("s7comm.param.item.dbread.startaddress"),
            message.all("s7comm.param.item.dbread.length")):
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


def explain(message, ours):
    for why, reason, applies in EXPLAINED:
        if ours["result"] == "malformed" and ours["reason"] == reason and applies(message, message.raw):
            return why
    return None


def read_captures():
    return [message for path in witness.find_captures() for message in read_capture(path)]


def read_vectors(tell, run_vectors, vectors):
    seeds = witness.read_seeds(run_vectors, "s7comm", vectors)
    # whole messages in one data TPDU; where they stand in a session does not matter to tshark
    seeds = [seed for seed in seeds if seed[5:8] == b"\x02\xf0\x80" and seed[8:9] == b"\x32"]
    told = witness.ask(tell, "s7comm", [f"-\n{witness.arrow(seed[0] & 1)} {seed[1:].hex()}" for seed in seeds])
    seeds = [seed for seed, ours in zip(seeds, told) if ours["result"] == "complete"]
    messages = witness.read_packed(
        [witness.tcp_packet(102, number, seed[0] & 1, seed[1:]) for number, seed in enumerate(seeds)], read_capture)
    assert len(messages) == len(seeds), "tshark must see every vector"
    return messages


def main():
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    witness.find_tshark()
    messages = read_captures() if len(sys.argv) == 2 else read_vectors(*sys.argv[1:])
    text, last = [], []
    for message in messages:
        told = lines(message)
        text += told
        last += [False] * (len(told) - 2) + [True]
    answers = [ours for ours, wanted in zip(witness.ask(sys.argv[1], "s7comm", text), last) if wanted]
    return witness.judge(messages, answers, compare, explain)


if __name__ == "__main__":
    sys.exit(main())
