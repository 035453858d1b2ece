#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares, for every DNP3 frame in a directory of captures, what our dissector says with what tshark
says: addresses, link function, CRC verdicts, application control and function, object headers with
qualifiers and ranges.

usage: witness_dnp3.py TELL [RUN_VECTORS VECTORS]

With a vectors file, its frames are packed into a capture for tshark instead.
TELL is the program built from tell.c; where captures are is said in witness.py.  Frames are tshark's own, so none of our
stream code takes part.  What we refuse and tshark reads on must be explained by a row of EXPLAINED.
"""
import json
import os
import sys

sys.dont_write_bytecode = True
import witness  # noqa: E402

# Reasons for which we refuse what tshark, which judges nothing, shows; clauses are those of IEEE 1815.
EXPLAINED = {
    "link-direction": "9: DIR tells the master; the witness takes it from the port where it can",
    "link-function": "9: reserved link functions, FCV where there is no count, confirmed data over IP (13)",
    "link-address": "9: reserved addresses; only unconfirmed data may go to all",
    "link-count": "9: the frame count bit goes on from frame to frame",
    "length-invalid": "9: user data has a transport header and at least one byte of a fragment",
    "transport-first": "8: a first segment ends a request that was not complete; we refuse that",
    "transport-sequence": "8: the capture begins in the middle, lost a segment, or repeats one",
    "transport-interleaved": "ours: the datagrams of one request follow each other",
    "fragment-too-long": "4: more than 2048 bytes",
    "application-control": "4: FIR, FIN, CON and UNS of requests and unsolicited responses",
    "function-unknown": "4: reserved function codes",
    "function-direction": "4: a request from an outstation, a response from a master",
    "response-unmatched": "4, 9: the capture lacks the fragment or request before it",
    "object-unknown": "Annex A: reserved groups and variations",
    "object-function": "4, Annex A: objects that the function does not take",
    "qualifier-invalid": "4: reserved or obsolete qualifiers, or ones that do not go with the object",
    "quantity-invalid": "4: a count of none",
    "range-reversed": "4: stop below start",
    "length-mismatch": "4: objects that do not fit what is left",
    "trailing-bytes": "4: bytes left over",
    "value-invalid": "Annex A: control codes that are reserved",
    "points-too-many": "ours: more points than can be listed",
    "selects-full": "ours: four selects at a time",
    "assemblies-full": "ours: 128 fragments are put together at a time",
    "undecided": "tshark hands over less than the frame that the length tells",
}


# What tshark does not take for a frame: reasons of ours, and bytes too few.
UNSEEN = {"link-start", "link-crc", "length-invalid", "undecided"}

# Groups with objects whose length tshark does not know or reads otherwise, so that what it shows behind
# them means nothing; what comes before and the header itself are compared.
LOST = {31, 33, 43, 50, 51, 52, 82, 85, 101, 120, 122}

# The same of single forms: the list of attributes, and empty strings to a terminal, behind whose first header it
# stops.
LOST_FORMS = {0x00ff, 0x7000}

# Groups of which Sluice reads no more than the header, because it does not know their objects (nor does tshark).
UNTOLD = {114, 115}


class Frame:
    """One frame as tshark sees it."""

    def __init__(self, capture, number, stream, raw, fields):
        self.number = number
        self.where = f"{capture} frame {number}"
        self.stream = f"{capture} {stream}"
        self.raw = raw
        self.fields = fields

    def text(self, name):
        witness.must_know(name)
        return [value for field, value in self.fields if field == name]

    def all(self, name):
        try:
            return [int(value, 0) for value in self.text(name)]
        except ValueError:
            return None


def read_packets(path):
    layers = "frame ip ipv6 tcp udp dnp3"
    found = list(witness.read_packets(path, b"\x05\x64", "dnp3", layers, "-o", "dnp3.heuristics:TRUE"))
    # a tshark without that preference
    return found or list(witness.read_packets(path, b"\x05\x64", "dnp3", layers))


def read_capture(path):
    """All frames of one capture; a packet may hold several."""
    name = os.path.basename(path)
    for number, layers in read_packets(path):
        transport = witness.first(layers, "tcp") or witness.first(layers, "udp") or []
        stream = witness.first(transport, "tcp.stream") or witness.first(transport, "udp.stream")
        raw, fields = None, []
        for key, value in layers + [("dnp3_raw", None)]:
            if key == "dnp3_raw":
                if raw is not None:
                    yield Frame(name, number, stream, raw, fields)
                raw, fields = value and value[0], []
            elif key == "dnp3":
                witness.walk(value, fields)


def plain(number):
    return number & 0xff00 if 110 <= number >> 8 <= 113 else number


def compare(frame, ours):
    """Sentences, one for each point in which the two disagree."""
    wrong = []
    broken_crc = 0 in (frame.all("dnp.hdr.CRC.status") or []) or 0 in (frame.all("dnp.data_chunk.CRC.status") or [])
    fields = ours["fields"]

    def ours_of(name):
        return [value for key, value in fields if key == name]

    def check(what, theirs, our):
        if theirs and theirs != our:
            wrong.append(f"{what}: tshark {theirs}, we {our}")

    for field, name in (("dnp3.ctl", "link control"), ("dnp3.dst", "destination"), ("dnp3.src", "source")):
        if ours_of(name):
            check(name, frame.all(field)[:1], ours_of(name))
    if frame.all("dnp.hdr.CRC.status") not in ([0], [1]):
        wrong.append("tshark does not tell whether the CRC of the header is right")
    if broken_crc != (ours["reason"] == "link-crc"):
        wrong.append(f"CRC: tshark says {'wrong' if broken_crc else 'right'}, we {ours['reason']}")
    if ours["result"] != "complete":
        if ours["reason"] not in EXPLAINED and ours["reason"] != "link-crc":
            wrong.append(f"we say {ours['result']} {ours['reason']}")
        return wrong
    function = frame.all("dnp3.al.func")
    # tshark joins a fragment to the remains of an older one whose end the capture lacks
    if frame.text("dnp3.al.fragment.overlap") or frame.text("dnp3.al.fragment.overlap.conflict"):
        return wrong
    if ours["unfinished"] or not function:
        if function and ours["unfinished"]:
            wrong.append("tshark sees the whole message, we only a part")
        return wrong
    check("application control", frame.all("dnp3.al.ctl"), ours_of("application control"))
    check("function", function, ours_of("function"))
    # the variation of a string is its length, which tshark leaves out, but not always
    objects = [plain(g << 8 | v) for g, v in zip(ours_of("group"), ours_of("variation"))]
    theirs = [plain(value) for value in frame.all("dnp3.al.obj") or []]
    lost = next((i + 1 for i, o in enumerate(objects) if o >> 8 in LOST or o in LOST_FORMS), len(objects))
    check("objects", theirs[:lost], objects[:lost])
    check("prefixes", (frame.all("dnp3.al.objq.prefix") or [])[:lost], [q >> 4 for q in ours_of("qualifier")][:lost])
    check("ranges", (frame.all("dnp3.al.objq.range") or [])[:lost], [q & 15 for q in ours_of("qualifier")][:lost])
    if lost < len(objects) or lost < len(theirs) or any(o >> 8 in UNTOLD for o in objects):
        return wrong
    for field, name in (("dnp3.al.range.start", "start"), ("dnp3.al.range.stop", "stop"),
                        ("dnp3.al.range.quantity", "count")):
        check(name, frame.all(field), ours_of(name))
    return wrong


def read_vectors(run_vectors, vectors):
    """The frames of a vectors file as a capture of UDP datagrams, each a flow of its own; and those that tshark does
    not take for frames, as lines for tell: start bytes and the CRC of the header are what it looks at."""
    seeds = witness.read_seeds(run_vectors, "dnp3", vectors)
    frames = witness.read_packed(
        [witness.udp_packet(20000, number, seed[0] & 1, seed[1:]) for number, seed in enumerate(seeds)], read_capture)
    seen = {int(frame.number) for frame in frames}
    unseen = [seed for number, seed in enumerate(seeds, 1) if number not in seen]
    return frames, [f"{witness.arrow(seed[0] & 1)} {seed[1:].hex()}" for seed in unseen]


def compare_unseen(tell, lines):
    """Sentences for what we take for a frame and tshark does not."""
    answers = witness.ask(tell, "dnp3", [line for pair in (("-", line) for line in lines) for line in pair])
    return [f"tshark sees no frame, we say {ours['result']} {ours['reason']}: {line[:200]}"
            for line, ours in zip(lines, answers)
            if ours["result"] == "complete" or ours["reason"] not in UNSEEN]


def ask(tell, frames):
    """Our opinion of each frame; connections one behind the other."""
    order = sorted(range(len(frames)), key=lambda i: frames[i].stream)
    lines, last = [], None
    for i in order:
        if frames[i].stream != last:
            lines.append("-")
            last = frames[i].stream
        master = int(frames[i].raw[6:8] or "00", 16) & 0x80
        lines.append(f"{witness.arrow(not master)} {frames[i].raw}")
    answers = [None] * len(frames)
    for i, ours in zip(order, witness.ask(tell, "dnp3", lines)):
        answers[i] = ours
    return answers


def main():
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    witness.find_tshark()
    wrong, unseen = [], []
    if len(sys.argv) == 4:
        frames, unseen = read_vectors(*sys.argv[2:])
        wrong = compare_unseen(sys.argv[1], unseen)
    else:
        frames = [frame for path in witness.find_captures() for frame in read_capture(path)]
    failed, refused = len(wrong), {}
    for sentence in wrong:
        print(sentence)
    for frame, ours in zip(frames, ask(sys.argv[1], frames)):
        for sentence in compare(frame, ours):
            failed += 1
            print(f"{frame.where}: {sentence}\n    {frame.raw[:200]}")
        if ours["result"] != "complete":
            if os.environ.get("SLUICE_WITNESS_TELL") in (ours["reason"], "all"):
                print(f"{frame.where}: {ours['reason']}\n    {frame.raw}")
            refused[ours["reason"]] = refused.get(ours["reason"], 0) + 1
    print(f"{len(frames)} frames and {len(unseen)} that tshark takes for none, {failed} disagreements; refused: {json.dumps(refused)}")
    return 1 if failed or not frames else 0


if __name__ == "__main__":
    sys.exit(main())
