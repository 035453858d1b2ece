# SPDX-License-Identifier: GPL-2.0-or-later
"""Modbus/TCP for the differential test: MODBUS Application Protocol Specification V1.1b3, read once more.

read() gives the message that bytes are, None if they are not exactly one canonical message, or UNSURE where
the specification leaves room.
"""
import struct

from opinion import WHOLE_DEVICE, Message, Points, Rule, Touch, number

UNSURE = object()
NAME = "modbus"
BEGIN = []

READS = {1: ("read-coils", "coil", 2000), 2: ("read-discrete-inputs", "discrete", 2000),
         3: ("read-holding-registers", "holding", 125), 4: ("read-input-registers", "input", 125)}
BARE = {7: "read-exception-status", 11: "get-comm-event-counter", 12: "get-comm-event-log", 17: "report-server-id"}
DIAGNOSTICS = {0: ("return-query-data", "diagnose"), 1: ("restart-communications", "control"),
               2: ("return-diagnostic-register", "diagnose"), 4: ("force-listen-only", "control"),
               10: ("clear-counters", "control"), 11: ("return-bus-message-count", "diagnose"),
               20: ("clear-overrun-counter", "control")}
ACCESS = {"write-single-coil": "write", "write-single-register": "write", "write-multiple-coils": "write",
          "write-multiple-registers": "write", "mask-write-register": "write",
          "read-write-multiple-registers": "write", "read-fifo-queue": "read", "write-file-record": "file",
          "read-file-record": "file"}
FUNCTIONS = ([name for name, _, _ in READS.values()] + list(BARE.values()) + [n for n, _ in DIAGNOSTICS.values()] +
             list(ACCESS) + ["user-defined-65", "reserved-90"])
SPACES = ["coil", "discrete", "input", "holding"]
TYPES = {"int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "float32": 2, "int32-swapped": 2, "float32-swapped": 2,
         "int64": 4}


def touch_range(space, first, count, values=None):
    """Points first to first + count - 1, read, or written with values."""
    if first + count > 65536:
        return None
    if values is None:
        return [Touch(space, 0, first + i) for i in range(count)]
    return [Touch(space, 0, first + i, True, values[i]) for i in range(count)]


def read_write_many(body):
    if len(body) < 10:
        return None
    read, read_count, first, count, size = struct.unpack(">HHHHB", body[:9])
    data = body[9:]
    if not 1 <= read_count <= 125 or not 1 <= count <= 121 or size != 2 * count or len(data) != size:
        return None
    written = touch_range("holding", first, count, struct.unpack(f">{count}H", data))
    wanted = touch_range("holding", read, read_count)
    return None if written is None or wanted is None else wanted + written


def write_many(code, body):
    if len(body) < 6:
        return None
    first, count, size = struct.unpack(">HHB", body[:5])
    data = body[5:]
    if code == 16:
        if not 1 <= count <= 123 or size != 2 * count or len(data) != size:
            return None
        return touch_range("holding", first, count, struct.unpack(f">{count}H", data))
    if not 1 <= count <= 1968 or size != (count + 7) // 8 or len(data) != size:
        return None
    bits = [data[i // 8] >> (i % 8) & 1 for i in range(8 * size)]
    return None if any(bits[count:]) else touch_range("coil", first, count, bits[:count])


def read_points(code, body):
    """Name and touches of the functions about points; None for either where the bytes are wrong."""
    if code in READS:
        name, space, most = READS[code]
        if len(body) != 4:
            return name, None
        first, count = struct.unpack(">HH", body)
        return name, touch_range(space, first, count) if 1 <= count <= most else None
    if code in (5, 6) and len(body) == 4:
        point, value = struct.unpack(">HH", body)
        if code == 6:
            return "write-single-register", touch_range("holding", point, 1, [value])
        bits = {0: 0, 0xff00: 1}
        return "write-single-coil", touch_range("coil", point, 1, [bits[value]]) if value in bits else None
    if code == 22 and len(body) == 6:
        return "mask-write-register", touch_range("holding", struct.unpack(">H", body[:2])[0], 1, [None])
    if code == 24 and len(body) == 2:
        return "read-fifo-queue", touch_range("holding", struct.unpack(">H", body)[0], 1)
    if code == 23:
        return "read-write-multiple-registers", read_write_many(body)
    if code in (15, 16):
        return ("write-multiple-coils" if code == 15 else "write-multiple-registers"), write_many(code, body)
    return "", None


def read_diagnostic(unit, body):
    if len(body) < 2:
        return None
    sub = struct.unpack(">H", body[:2])[0]
    if sub not in DIAGNOSTICS:
        return UNSURE
    if len(body) < 4 or len(body) % 2:
        return None
    name, access = DIAGNOSTICS[sub]
    fitting = {0: len(body) == 4 or UNSURE, 1: body[2:] in (b"\0\0", b"\xff\0")}.get(sub, body[2:] == b"\0\0")
    if fitting is UNSURE:
        return UNSURE
    return named(Message(name, access, unit)) if fitting else None


def read(data):
    if len(data) < 8:
        return None
    protocol, length, unit, code = struct.unpack(">HHBB", data[2:8])
    body = data[8:]
    if protocol != 0 or length != len(data) - 6 or not 2 <= length <= 254:
        return None
    if code == 8:
        return read_diagnostic(unit, body)
    if code in BARE:
        return None if body else Message(BARE[code], "diagnose", unit)
    if code in (65, 90):
        name = "user-defined-65" if code == 65 else "reserved-90"
        return named(Message(name, "program", unit, opaque=True))
    if code in READS or code in (5, 6, 15, 16, 22, 23, 24):
        name, touches = read_points(code, body)
        return None if touches is None else named(Message(name, ACCESS.get(name, "read"), unit, touches))
    return None if code > 127 or code == 0 else UNSURE


def named(message):
    """What changes something at unit 0 is a broadcast, which rules must name."""
    if message.unit == 0 and message.access in WHOLE_DEVICE:
        message.named = "broadcast"
    return message


def end(data):
    """Where the first message ends, as it says."""
    return struct.unpack(">H", data[4:6])[0] + 6


def elements(message, name, points, touch):
    """The number of this type that the message leaves around one register, by a rule's points."""
    width = TYPES[name]
    first = touch.index - (touch.index - points.first) % width
    written = [[t for t in message.touches if t.write and t.space == touch.space and t.index == first + i]
               for i in range(width)]
    if first + width - 1 > points.last or any(len(w) != 1 or w[0].value is None for w in written):
        return None
    words = [w[0].value for w in written]
    if name.endswith("-swapped"):
        words.reverse()
    return number(name.removesuffix("-swapped"), struct.pack(f">{width}H", *words))


# ---- making ----

def near(rng, *places):
    """A number at or beside one of the places where limits are, or anywhere."""
    if rng.random() < 0.1:
        return rng.randrange(65536)
    return min(65535, max(0, rng.choice(places) + rng.randint(-2, 2)))


def make_body(rng, code, places, values):
    at, value = near(rng, *places), near(rng, *values)
    count = rng.choice([1, 1, 2, 2, 3, 4, rng.randrange(130)])
    if code in READS:
        return struct.pack(">HH", at, count)
    if code in (5, 6):
        return struct.pack(">HH", at, rng.choice([0, 0xff00]) if code == 5 else value)
    if code == 22:
        return struct.pack(">HHH", at, rng.randrange(65536), rng.randrange(65536))
    if code == 24:
        return struct.pack(">H", at)
    if code == 8:
        return struct.pack(">HH", rng.choice(list(DIAGNOSTICS)), rng.choice([0, 0, 0xff00]))
    if code in (65, 90):
        return bytes(rng.randrange(256) for _ in range(rng.randrange(4)))
    if code == 15:
        bits = [rng.randrange(2) for _ in range(count)]
        data = bytearray((count + 7) // 8)
        for i, bit in enumerate(bits):
            data[i // 8] |= bit << (i % 8)
        return struct.pack(">HHB", at, count, len(data) & 255) + bytes(data)
    if code in (16, 23):
        count = min(count, 120)
        data = struct.pack(f">{count}H", *(near(rng, *values) for _ in range(count)))
        head = struct.pack(">HH", near(rng, *places), rng.randint(1, 4)) if code == 23 else b""
        return head + struct.pack(">HHB", at, count, len(data) & 255) + data
    return b""


def make(rng, rules):
    """Bytes of a message that has something to do with the rules, now and then a broken one."""
    places = [p for r in rules for q in r.points or [] for p in (q.first, q.last)] or [0, 65535]
    values = [v % 65536 for r in rules for pair in r.values or [] for v in map(int, pair)] or [0, 1]
    code = rng.choice([*READS, 5, 6, 6, 15, 16, 16, 16, 22, 23, 24, 8, 8, *BARE, 65, 90])
    body = make_body(rng, code, places, values)
    unit = rng.choice([0, 0, 1, 1, 2, 3, 10, 255])
    data = bytearray(struct.pack(">HHHBB", rng.randrange(65536), 0, len(body) + 2, unit, code) + body)
    if rng.random() < 0.25:
        change = rng.randrange(4)
        if change == 0:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        elif change == 1:
            data += b"\0"
            data[5] = (data[5] + 1) & 255
        elif change == 2 and len(data) > 8:
            del data[-1]
            data[5] = (data[5] - 1) & 255
        else:
            data[rng.randrange(2, len(data))] = rng.randrange(256)
    return bytes(data)


def make_points(rng):
    first = rng.choice([0, 1, 40, 41, 100, 65530, 65535])
    return Points(rng.choice(SPACES + ["holding"] * 4), (0, 0), first, min(65535, first + rng.choice([0, 1, 3, 7, 40])))


def make_rule(rng):
    rule = Rule()
    if rng.random() < 0.5:
        rule.functions = rng.sample(FUNCTIONS, rng.randint(1, 6))
    if not rule.functions or rng.random() < 0.4:
        rule.access = rng.sample(["read", "write", "control", "program", "diagnose", "file"], rng.randint(1, 4))
    if rng.random() < 0.5:
        rule.units = [rng.choice([(1, 1), (2, 3), (1, 10), (0, 255), "broadcast"]) for _ in range(rng.randint(1, 2))]
    if rng.random() < 0.7:
        rule.points = [make_points(rng) for _ in range(rng.randint(1, 3))]
    writes = bool({"write", "control", "file"} & set(rule.access) or
                  any(ACCESS.get(f) in ("write", "file") or f in ("restart-communications", "force-listen-only",
                      "clear-counters", "clear-overrun-counter") for f in rule.functions))
    if writes and rng.random() < 0.5:
        low = rng.choice([0, 1, 10, 1000])
        rule.values = [(low, low + rng.choice([0, 1, 500])) for _ in range(rng.randint(1, 2))]
        make_typed(rng, rule)
    return rule


def make_typed(rng, rule):
    """Points that hold whole elements of a type, now and then."""
    name = rng.choice(list(TYPES))
    if rule.points is None or rng.random() < 0.5:
        return
    rule.type = name
    rule.points = [Points("holding", (0, 0), 40, 40 + 4 * rng.randint(1, 3) - 1)]
    if "64" not in name:
        rule.points.append(Points("holding", (0, 0), 101, 104))
