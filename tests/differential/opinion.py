# SPDX-License-Identifier: GPL-2.0-or-later
"""Opinion: what sluice.conf(5) says of a message, written from its text alone.

A message is what it does to a device: a function, its class, a unit, and touches, each a point that is read,
or written with a number (None: the message does not tell which).  A rule allows; what it does not limit it
leaves open.
"""
from dataclasses import dataclass, field
import struct

WHOLE_DEVICE = ("write", "control", "program")


@dataclass(frozen=True)
class Touch:
    space: str
    block: int
    index: int
    write: bool = False
    value: float = None


@dataclass
class Message:
    function: str
    access: str
    unit: int = None
    touches: list = field(default_factory=list)
    opaque: bool = False  # what it touches can't be told
    named: str = ""       # the word by which rules must name its unit


@dataclass(frozen=True)
class Points:
    space: str
    block: tuple
    first: int
    last: int

    def contain(self, touch):
        return (self.space == touch.space and self.block[0] <= touch.block <= self.block[1] and
                self.first <= touch.index <= self.last)


@dataclass
class Rule:
    functions: list = field(default_factory=list)
    access: list = field(default_factory=list)
    units: list = None   # pairs of numbers, or words
    points: list = None
    values: list = None  # pairs of numbers
    type: str = None

    def matches(self, message):
        if message.function not in self.functions and message.access not in self.access and "any" not in self.access:
            return False
        return self.matches_unit(message)

    def matches_unit(self, message):
        if message.named:
            return self.units is not None and message.named in self.units
        return self.units is None or any(u[0] <= message.unit <= u[1] for u in self.units if isinstance(u, tuple))

    def holds(self, touch, message, elements):
        """Does this rule alone allow what the message does to one point?"""
        limited = self.values is not None and touch.write
        if self.points is None:
            return not limited or self.within(touch.value)
        for points in self.points:
            if not points.contain(touch):
                continue
            if not limited:
                return True
            value = touch.value if self.type is None else elements(message, self.type, points, touch)
            if self.within(value):
                return True
        return False

    def within(self, value):
        return value is not None and any(low <= value <= high for low, high in self.values)


def allows(rules, message, elements=None):
    """Do these rules, taken together, allow the message?"""
    matching = [rule for rule in rules if rule.matches(message)]
    if message.opaque:
        return any(rule.points is None and rule.values is None for rule in matching)
    if not message.touches:
        if message.access in WHOLE_DEVICE:
            return any(rule.points is None and rule.values is None for rule in matching)
        return bool(matching)
    # the half of a message that reads may also be allowed by a rule that grants reading
    readers = [rule for rule in rules if "read" in rule.access and rule.matches_unit(message)]
    return bool(matching) and all(
        any(rule.holds(touch, message, elements) for rule in (matching if touch.write else matching + readers))
        for touch in message.touches)


NUMBERS = {"int8": ">b", "uint8": ">B", "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I",
           "float32": ">f", "int64": ">q", "uint64": ">Q", "float64": ">d"}


def number(name, memory):
    """The number that bytes of memory are, highest byte first; None if it is none."""
    value = struct.unpack(NUMBERS[name], memory)[0]
    return None if value != value else value
