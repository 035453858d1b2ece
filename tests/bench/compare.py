# SPDX-License-Identifier: GPL-2.0-or-later
"""
Compare two revisions by what their benches have printed, row by row.

  compare.py BEFORE NOW          directories with the outputs of several runs

Prints medians of both and how much better the second is: above 1 whatever the row counts, below 1
it has become worse.  Rows that only one of them prints are left out.  Asserts nothing.
"""

import pathlib
import re
import statistics
import sys

TABLE = re.compile(r"(\d+) +([\d.]+) \| +([\d.]+) +([\d.]+) \| +([\d.]+) +([\d.]+) \| ([\d.]+)")
SECTION = re.compile(r"(\S+): closed-loop ")
LABEL_WIDTH = 58  # of the rows that are no table


def rows_of(text):
    """The figures of one run by the name of their row."""
    rows, columns, section = {}, [], ""
    for line in text.splitlines():
        if found := SECTION.match(line):
            section = found.group(1)
        elif found := TABLE.match(line):
            name = f"{section}, {found.group(1)} connections: "
            rows[name + "Sluice / plain"] = float(found.group(5))
            rows[name + "Sluice / accept-all"] = float(found.group(7))
            rows[name + "CPU us"] = float(found.group(6))
        elif line.startswith("In memory"):
            columns = line[LABEL_WIDTH:].split()
        else:
            label = line[:LABEL_WIDTH].strip()
            figures = line[LABEL_WIDTH:].split("aim")[0].split()
            if not label or not figures or not all(re.fullmatch(r"[\d.]+", f) for f in figures):
                continue
            names = [f"{c}: {label}" for c in columns] if len(figures) > 1 else [label]
            rows.update(zip(names, map(float, figures)))
    return rows


def medians(directory):
    """Median of each row over all runs in which it stands."""
    found = {}
    for path in sorted(pathlib.Path(directory).iterdir()):
        for name, figure in rows_of(path.read_text(encoding="utf-8")).items():
            found.setdefault(name, []).append(figure)
    return {name: statistics.median(figures) for name, figures in found.items()}


def gain(name, before, now):
    """How much better: times, memory and calls are better where they are less."""
    if re.search(r"\bms to\b|MiB|CPU us|calls of malloc", name):
        before, now = now, before
    if before == now:
        return 1.0
    return now / before if before else float("inf")


def main():
    before, now = medians(sys.argv[1]), medians(sys.argv[2])
    print(f"{'':66} {'before':>10} {'now':>10} {'times as good':>14}")
    for name in (n for n in before if n in now):
        print(f"{name:66} {before[name]:10.2f} {now[name]:10.2f}"
              f" {gain(name, before[name], now[name]):14.2f}")


if __name__ == "__main__":
    main()
