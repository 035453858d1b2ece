#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does tshark have every field that the witnesses ask for?  A comparison with a field that it does not have agrees
with anything, so each name in their text, those put together by f-strings and patterns among them, is looked up
in what `tshark -G fields` lists.

    names.py WITNESS...     the witnesses' files; exit status 1 if a name is unknown
"""
import ast
import re
import subprocess
import sys

import witness

NAME = re.compile(r"[a-z]\w*(\\?\.[\w{}]+)+(\\d\*)?")
HOLE = "{}"


def fields():
    told = subprocess.run([witness.find_tshark(), "-G", "fields"], capture_output=True, text=True, check=True).stdout
    return {line.split("\t")[2] for line in told.splitlines() if line.startswith("F\t")}


def text_of(node):
    """A string of the program, with HOLE where an f-string puts something in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else HOLE for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def names_in(path):
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    texts = {text_of(node) for node in ast.walk(tree) if id(node) not in inside}
    return sorted(text for text in texts if NAME.fullmatch(text))


def known(name, have):
    if HOLE not in name and "\\" not in name:
        return name in have
    pattern = name if "\\" in name else re.escape(name).replace(re.escape(HOLE), HOLE)
    pattern = re.compile(pattern.replace(HOLE, r"\w+"))
    return any(pattern.fullmatch(field) for field in have)


def main():
    have = fields()
    unknown = count = 0
    for path in sys.argv[1:]:
        names = names_in(path)
        if not names:
            sys.exit(f"{path}: no name of a field was found in it")
        count += len(names)
        for name in names:
            if not known(name, have):
                unknown += 1
                print(f"{path}: tshark has no field {name}")
    print(f"{count} names of fields in {len(sys.argv) - 1} witnesses, {unknown} unknown")
    return 1 if unknown or not count else 0


if __name__ == "__main__":
    sys.exit(main())
