#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does tshark have every field that the witnesses ask for?  A comparison with a field that it does not have agrees
with anything, so each name in their text is looked up in what `tshark -G fields` lists, whether a test runs that
line or not.  Only whole names can be looked up: one that is put together, or a pattern, is refused.

    names.py WITNESS...     the witnesses' files; exit status 1 if a name is unknown
"""
import ast
import re
import sys

import witness

# Of the protocols whose fields the witnesses read; the dot may stand in a pattern.
BEGINNING = re.compile(r"(dnp3?|frame|ip|ipv6|mbtcp|modbus|s7comm|tcp|udp)\\?\.")
PREFERENCE = re.compile(r"[\w.]+:[A-Z]+")
HOLE = "{}"


def text_of(node):
    """A string of the program, with HOLE where an f-string puts something in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else HOLE for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def names_in(text):
    """All strings of a program that begin like the name of a field."""
    tree = ast.parse(text)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    return sorted({text_of(node) for node in ast.walk(tree) if id(node) not in inside
                   and BEGINNING.match(text_of(node)) and not PREFERENCE.fullmatch(text_of(node))})


def complaints(names, have):
    """A sentence for each name that can't be looked up or is unknown."""
    return [f"tshark has no field {name}" if re.fullmatch(r"[\w.]+", name) and not name.endswith(".")
            else f"{name} is a part or pattern of a name; expected whole ones, which can be looked up"
            for name in names if name not in have]


def main():
    have = witness.known_fields()
    wrong = count = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            names = names_in(file.read())
        if not names:
            sys.exit(f"{path}: no name of a field was found in it")
        count += len(names)
        for sentence in complaints(names, have):
            wrong += 1
            print(f"{path}: {sentence}")
    print(f"{count} names of fields in {len(sys.argv) - 1} witnesses, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
