#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Count what ran: meson's testlog.json files and lines of tests/check/run in, one line out.

   count.py FILE...      prints the failures, then "N passed, N failed, N skipped"; exit status 1 if any failed

A program with subtests (TAP, or cmocka's own output) counts as many tests as it has subtests.
"""
import json
import re
import sys

SUBTESTS = (
    (re.compile(r"^ok \d+.*# SKIP", re.M), "skipped"),
    (re.compile(r"^ok \d+(?!.*# SKIP)", re.M), "passed"),
    (re.compile(r"^not ok \d+", re.M), "failed"),
    (re.compile(r"^\[       OK \]", re.M), "passed"),
    (re.compile(r"^\[  FAILED  \] (?!\d+ test)", re.M), "failed"),
    (re.compile(r"^\[  SKIPPED \] (?!\d+ test)", re.M), "skipped"),
)
RESULTS = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}
FAILED_NAME = re.compile(r"^(?:not ok \d+ - (.*)|\[  FAILED  \] (\D.*))$", re.M)
STEP = re.compile(r"^(ok|FAIL|skip) {2,4}(.*)$")


def count_test(test, totals, failures):
    result = RESULTS.get(test["result"], "failed")
    output = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    found = {"passed": 0, "failed": 0, "skipped": 0}
    for pattern, word in SUBTESTS:
        found[word] += len(pattern.findall(output))
    if result == "failed":
        names = sorted({a or b for a, b in FAILED_NAME.findall(output)}) or [test["result"].lower()]
        failures.extend(test["name"] + ": " + name for name in names)
        found["failed"] = max(found["failed"], 1)
    elif sum(found.values()) == 0 or result == "skipped":
        found = {word: int(word == result) for word in found}
    for word, number in found.items():
        totals[word] += number


def count_line(line, totals, failures):
    if line.startswith("{"):
        count_test(json.loads(line), totals, failures)
        return
    step = STEP.match(line)
    if step:
        totals[{"ok": "passed", "FAIL": "failed", "skip": "skipped"}[step[1]]] += 1
        if step[1] == "FAIL":
            failures.append("check: " + step[2])


totals, failures = {"passed": 0, "failed": 0, "skipped": 0}, []
for name in sys.argv[1:]:
    with open(name, encoding="utf-8", errors="replace") as log:
        for line in log:
            count_line(line, totals, failures)
for failure in failures:
    print("FAILED", failure)
print("{passed} passed, {failed} failed, {skipped} skipped".format(**totals))
sys.exit(1 if totals["failed"] or not totals["passed"] else 0)
