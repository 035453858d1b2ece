#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Threats: tests/THREATS.md names tests that there are, and leaves no asset and no boundary without a threat.
The tests that `sluice report` names as evidence are looked for, too.

A test is there if its file is, is built by a meson.build of its folder or one above, and has the name twice at least, as
a function and in its list, or once in quotes or in a macro that takes it.
"""
import pathlib
import re
import sys

PAGE = pathlib.Path("tests/THREATS.md")
REQUIREMENTS = pathlib.Path("tools/report/requirements.c")


def rows(text, prefix):
    """The cells of each table row whose first cell is an id with the prefix."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and re.fullmatch(prefix + r"\d+", cells[0]):
            found.append(cells)
    return found


def built(file):
    folder = file.parent
    while folder != pathlib.Path("."):
        build = folder / "meson.build"
        text = build.read_text() if build.exists() else ""
        if re.search(rf"\b{re.escape(file.stem.removeprefix('test_').removeprefix('fuzz_'))}\b", text):
            return True
        folder = folder.parent
    return False


def missing(file, name):
    """What is wrong with a test that is named, or None."""
    if not file.exists():
        return "is not there"
    if not built(file):
        return "is built by no meson.build"
    if name is None:
        return None
    # without comments: what a sentence speaks of is no test
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", file.read_text(), flags=re.S)
    # a list has it in braces, in a macro, or as a string
    if not re.search(rf'(?:"{name}"|\b[A-Za-z_]*(?:TEST|unit_test)[A-Za-z_]*\(\s*{name}\b)', text):
        return f"has no test {name}"
    return None


def named(cell):
    """Pairs of file and name (None: the file as a whole) of the last column."""
    for part in cell.split(";"):
        words = re.findall(r"`([^`]+)`", part)
        if not words:
            continue
        for name in words[1:] or [None]:
            yield pathlib.Path(words[0]), name


def main():
    text = PAGE.read_text()
    assets, boundaries, threats = ([row for row in rows(text, prefix)] for prefix in "ABT")
    wrong = []
    for prefix, list_ in (("A", assets), ("B", boundaries), ("T", threats)):
        if [row[0] for row in list_] != [f"{prefix}{i + 1}" for i in range(len(list_))]:
            wrong.append(f"the ids {prefix}1, {prefix}2, ... have gaps or come twice")
    for kind, column, list_ in (("boundary", 1, boundaries), ("asset", 2, assets)):
        for row in list_:
            if not any(threat[column] == row[0] for threat in threats):
                wrong.append(f"the {kind} {row[0]} has no threat")
        known = {row[0] for row in list_}
        wrong += [f"{threat[0]}: there is no {kind} {threat[column]}" for threat in threats if threat[column] not in known]
    count = 0
    for threat in threats:
        tests = list(named(threat[-1])) if len(threat) == 6 else []
        if not tests:
            wrong.append(f"{threat[0]}: expected six cells and a test in the last")
        for file, name in tests:
            count += 1
            what = missing(file, name)
            if what:
                wrong.append(f"{threat[0]}: {file} {what}")
    for file, name in re.findall(r'"(tests/[\w/.]+) (\w+)"', REQUIREMENTS.read_text()):
        count += 1
        what = missing(pathlib.Path(file), name)
        if what:
            wrong.append(f"{REQUIREMENTS}: {file} {what}")
    for line in wrong:
        print(f"{PAGE}: {line}")
    print(f"{len(threats)} threats, {count} tests, {len(wrong)} wrong")
    return bool(wrong) or not threats


sys.exit(main())
