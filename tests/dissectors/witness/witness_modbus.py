#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares, for every Modbus/TCP message in a directory of captures, what our dissector says with what
tshark says: transaction, unit, function, sub-function, exception, addresses, counts, written registers.

usage: witness_modbus.py TELL [RUN_VECTORS VECTORS]

With a vectors file, its complete messages are packed into a capture for tshark instead: functions that
no capture holds have a witness too.
TELL is the program built from tell.c; where captures are is said in witness.py.  Messages are tshark's own
(reassembled by it), so none of our stream code takes part.  Each disagreement must be explained by a row of EXPLAINED, which cites the
section of the MODBUS Application Protocol Specification V1.1b3 that tshark is more lenient about.
"""
import os
import sys

sys.dont_write_bytecode = True
import witness  # noqa: E402

# Functions that the MODBUS Application Protocol Specification V1.1b3 names or lists (6, 5.1, Annex A)
KNOWN = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 21, 22, 23, 24, 41, 42, 43,
         *range(65, 73), 90, 91, *range(100, 111), 125, 126, 127}

# tshark's field, the name of ours (or names), functions for which it is compared
FIELDS = [
    ("modbus.reference_num", "address", {1, 2, 3, 4, 5, 6, 15, 16, 22, 24}),
    ("modbus.bit_cnt", "quantity", {1, 2, 15}),
    ("modbus.word_cnt", "quantity", {3, 4, 16}),
    ("modbus.and_mask", "and mask", {22}),
    ("modbus.or_mask", "or mask", {22}),
    ("modbus.byte_cnt", "byte count, record data length", {1, 2, 3, 4, 12, 15, 16, 17, 20, 21, 23}),
    ("modbus.byte_cnt_16", "byte count", {24}),
    ("modbus.diagnostic_code", "sub-function", {8}),
    ("modbus.mei", "interface type", {43}),
    ("modbus.read_device_id", "read code", {43}),
    ("modbus.conformity_level", "conformity level", {43}),
    ("modbus.num_objects", "objects", {43}),
    ("modbus.objects_len", "object length", {43}),
    ("modbus.reference_type", "reference type", {20, 21}),
    ("modbus.exception_code", "exception", KNOWN),
]


def read_capture(path):
    """All Modbus messages of one capture; a frame may hold several.  tshark looks for them at port 502 only."""
    for number, layers in witness.read_packets(path, b"\x01\xf6", "mbtcp", "frame tcp mbtcp modbus"):
        response = witness.first(witness.first(layers, "tcp"), "tcp.srcport") == "502"
        raw, fields = None, []
        for key, value in layers + [("mbtcp_raw", None)]:
            if key == "mbtcp_raw":
                if raw is not None:
                    yield witness.Message(os.path.basename(path), number, response, raw, fields)
                raw, fields = value and value[0], []
            elif key in ("mbtcp", "modbus"):
                witness.walk(value, fields)


def compare(message, ours):
    """Sentences, one for each point in which the two disagree."""
    if ours["result"] != "complete":
        return [f"we say {ours['result']} {ours['reason']}"]
    wrong = []

    def check(what, theirs, our):
        if theirs != our:
            wrong.append(f"{what}: tshark {theirs}, we {our}")

    function = ours["function"]
    check("unit", message.all("mbtcp.unit_id"), [ours["unit"]])
    check("length", message.all("mbtcp.len"), [ours["length"] - 6])
    check("transaction", message.all("mbtcp.trans_id"), [ours["fields"][0][1]])
    check("function", [code & 0x7f for code in message.all("modbus.func_code")], [function])
    # tshark takes the code 0 for no exception, and reads on
    if ours["exception"] == 0:
        return wrong
    check("exception", message.all("modbus.exception_code") or [-1], [ours["exception"]])
    for field, name, functions in FIELDS:
        theirs = message.all(field)
        if function in functions and theirs:
            check(field, theirs, [value for key, value in ours["fields"] if key in name.split(", ")])
    if ours["exception"] < 0:
        compare_spans(message, ours, check)
    return wrong


def compare_spans(message, ours, check):
    """The points: what we say is touched must be what tshark's address and count say."""
    function = ours["function"]
    spans = [(access, space, first_, last - first_ + 1) for access, space, _, first_, last, _ in ours["spans"]]
    address = message.all("modbus.reference_num")
    count = message.all("modbus.bit_cnt") or message.all("modbus.word_cnt") or [1]
    space = {1: "coil", 2: "discrete", 4: "input", 5: "coil", 15: "coil"}.get(function, "holding")
    if function in (1, 2, 3, 4) and not message.response:
        check("span", [("read", space, address[0], count[0])], spans)
    elif function in (5, 6, 15, 16, 22):
        check("span", [("write", space, address[0], 1 if function in (5, 6, 22) else count[0])], spans)
    elif function == 23 and not message.response:
        theirs = [("read", space, message.all("modbus.read_reference_num")[0], message.all("modbus.read_word_cnt")[0]),
                  ("write", space, message.all("modbus.write_reference_num")[0], message.all("modbus.write_word_cnt")[0])]
        check("spans", theirs, spans)
    elif function in (20, 21):
        references = message.all("modbus.reference_num_32")
        theirs = [(reference >> 16, reference & 0xffff) for reference in references]
        check("file and record", theirs, [(block, first_) for _, _, block, first_, _, _ in ours["spans"]])
    if function == 16 and not message.response:
        check("values", message.all("modbus.regval_uint16"), [int(v) for v in ours["spans"][0][5]])


# Where tshark reads on and we refuse.  What must be wrong with the bytes is said from the bytes alone (b: the
# message, f: its function code), our reason, and the section that forbids it.
EXPLAINED = [
    ("exceptions have one byte behind the function code", "7",
     "length-mismatch", lambda m, b, f: m.response and f >= 0x80 and len(b) != 9),
    ("functions that are neither public, user-defined nor reserved", "5.1 and Annex A",
     "function-unknown", lambda m, b, f: (f & 0x7f if m.response else f) not in KNOWN),
    ("requests for device identification have three bytes behind the function code", "6.21",
     "length-mismatch", lambda m, b, f: not m.response and f == 43 and b[8] == 14 and len(b) != 11),
    ("conformity levels are 1 to 3, with or without 0x80", "6.21",
     "value-invalid", lambda m, b, f: m.response and f == 43 and b[8] == 14 and b[10] & 0x7f not in (1, 2, 3)),
    ("reads of file records ask for one group at least", "6.14",
     "length-mismatch", lambda m, b, f: f == 20 and b[8] == 0),
    ("writes of file records have one group at least", "6.15",
     "length-mismatch", lambda m, b, f: f == 21 and b[8] == 0),
    ("requests for the server's identification have no data", "6.13",
     "length-mismatch", lambda m, b, f: not m.response and f == 17 and len(b) != 8),
    ("a message has 253 bytes behind the unit at most", "4.1",
     "length-invalid", lambda m, b, f: len(b) - 7 > 253),
    ("reads of registers ask for 1 to 125 of them", "6.3, 6.4",
     "quantity-invalid", lambda m, b, f: f in (3, 4) and not 1 <= b[10] << 8 | b[11] <= 125),
    ("read and write: the byte count is twice the quantity to write, and the data end there", "6.17",
     "length-mismatch", lambda m, b, f: f == 23 and len(b) != 17 + 2 * (b[14] << 8 | b[15])),
]


def explain(message, ours):
    for why, section, reason, applies in EXPLAINED:
        if ours["result"] == "malformed" and ours["reason"] == reason and applies(message, message.raw, message.raw[7]):
            return f"{why} (section {section})"
    return None


def read_captures():
    return [message for path in witness.find_captures() for message in read_capture(path)]


def read_vectors(tell, run_vectors, vectors):
    seeds = witness.read_seeds(run_vectors, "modbus", vectors)
    told = witness.ask(tell, "modbus", [f"{witness.arrow(seed[0])} {seed[1:].hex()}" for seed in seeds])
    seeds = [seed for seed, ours in zip(seeds, told) if ours["result"] == "complete"]
    messages = witness.read_packed(
        [witness.tcp_packet(502, number, seed[0], seed[1:]) for number, seed in enumerate(seeds)], read_capture)
    assert len(messages) == len(seeds), "tshark must see every vector"
    return messages


def main():
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    witness.find_tshark()
    messages = read_captures() if len(sys.argv) == 2 else read_vectors(*sys.argv[1:])
    answers = witness.ask(sys.argv[1], "modbus", [f"{witness.arrow(m.response)} {m.raw.hex()}" for m in messages])
    return witness.judge(messages, answers, compare, explain)


if __name__ == "__main__":
    sys.exit(main())
