#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Differential: random policies and messages, judged twice.

    differential.py ANSWER [--seconds N] [--seed N] [--protocol NAME]

ANSWER is the program built from answer.c.  The second opinion (opinion.py and a reader for each protocol) is
written from the manual pages and the protocols' specifications and shares no code with the product.  Each
disagreement is printed with policy and bytes; exit status 1 if there is one.
"""
import argparse
import random
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import modbus  # noqa: E402
import opinion  # noqa: E402

PROTOCOLS = {protocol.NAME: protocol for protocol in (modbus,)}
ROUND = 200  # messages for each policy
SHOWN = 10   # disagreements that are printed


def words(values):
    return "[" + ", ".join(f'"{v}"' for v in values) + "]"


def text_of_range(first, last):
    return str(first) if first == last else f"{first}-{last}"


def text_of_points(points):
    block = f"{text_of_range(*points.block)}:" if points.block != (0, 0) else ""
    return f"{points.space}:{block}{text_of_range(points.first, points.last)}"


def text_of(rule):
    """A rule in the words of the policy language."""
    parts = []
    if rule.access:
        parts.append(f"access = {words(rule.access)};")
    if rule.functions:
        parts.append(f"functions = {words(rule.functions)};")
    if rule.units is not None:
        parts.append(f"units = {words(text_of_range(*u) if isinstance(u, tuple) else u for u in rule.units)};")
    if rule.points is not None:
        parts.append(f"points = {words(map(text_of_points, rule.points))};")
    if rule.values is not None:
        parts.append(f"values = {words(text_of_range(*v) for v in rule.values)};")
    if rule.type:
        parts.append(f'type = "{rule.type}";')
    return "{ " + " ".join(parts) + " }"


class Engine:
    """The product, asked by lines."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()
        answers = [self.process.stdout.readline().strip() for _ in lines]
        if not all(answers):
            raise RuntimeError(f"{self.process.args[0]} ended; asked: {lines[0]}")
        return answers


class Tally:
    def __init__(self):
        self.asked = self.allowed = self.unsure = self.wrong = 0

    def compare(self, protocol, rules, data, answer):
        end = protocol.end(data)
        message = protocol.read(data[:end])
        expected = message is not None and message is not protocol.UNSURE and opinion.allows(rules, message, protocol.elements)
        # what does not end here, or goes on with something else, may be let through so far
        if message is protocol.UNSURE or end > len(data) or (end < len(data) and expected):
            self.unsure += 1
            return
        self.asked += 1
        self.allowed += expected
        if answer.startswith("yes") == expected:
            return
        self.wrong += 1
        if self.wrong <= SHOWN:
            print(f"{protocol.NAME}: {data.hex()}\n  the second opinion: {'yes' if expected else 'no'}, "
                  f"the engine: {answer}\n  {message}")
            print("  rules: ( " + ",\n           ".join(map(text_of, rules)) + " )")


def play(engine, rng, protocol, tally):
    """One policy and its messages."""
    rules = [protocol.make_rule(rng) for _ in range(rng.randint(1, 4))]
    messages = [protocol.make(rng, rules) for _ in range(ROUND)]
    policy = f"policy {protocol.NAME} {', '.join(map(text_of, rules))}"
    begin = "begin " + " ".join(protocol.BEGIN)
    answers = engine.ask([policy, begin] + [f"ask {data.hex()}" for data in messages])
    if answers[0] != "ok":
        raise RuntimeError(f"{policy}: {answers[0]}")
    for data, answer in zip(messages, answers[2:]):
        tally.compare(protocol, rules, data, answer)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("answer")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--protocol", choices=sorted(PROTOCOLS))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    rng = random.Random(arguments.seed)
    engine = Engine(arguments.answer)
    chosen = [PROTOCOLS[arguments.protocol]] if arguments.protocol else list(PROTOCOLS.values())
    tallies = {protocol.NAME: Tally() for protocol in chosen}
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        for protocol in chosen:
            play(engine, rng, protocol, tallies[protocol.NAME])
    for name, tally in tallies.items():
        print(f"{name}: {tally.asked} messages, {tally.allowed} of them permitted, {tally.unsure} left open, "
              f"{tally.wrong} disagreements")
    silly = any(t.allowed < t.asked / 50 or t.allowed > t.asked * 49 / 50 for t in tallies.values())
    if silly:
        print("nearly all messages have the same verdict: this proves nothing")
    return 1 if silly or any(t.wrong for t in tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
