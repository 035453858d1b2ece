#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Count what ran: meson's testlog.json files and lines of tests/check/run in, one line out.

   count.py [--here=CIRCUMSTANCE...] FILE...

Prints the failures, the skips with their reasons, then "N passed, N failed, N skipped"; exit status 1 if any
failed.  A program with subtests (TAP, or cmocka's own output) counts as many tests as it has subtests.  A skip
that the file expected-skips beside this program does not expect under the circumstances named is a failure.
"""
import fnmatch
import json
import os
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
SKIPPED_NAME = re.compile(r"^(?:ok \d+(?: - \S+)? *# SKIP *(\S*)|\[  SKIPPED \] (\D.*))", re.M)
STEP = re.compile(r"^(ok|FAIL|skip) {2,4}(.*)$")


def read_expected(here):
    """Patterns of the skips that are in order here."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected-skips")
    with open(path, encoding="utf-8") as lines:
        rows = [line.split(None, 2) for line in lines if line.strip() and not line.startswith("#")]
    return [pattern for pattern, circumstance, _ in rows if circumstance in here]


class Count:
    def __init__(self, expected):
        self.expected = expected
        self.totals = {"passed": 0, "failed": 0, "skipped": 0}
        self.failures = []

    def skip(self, test, subtest, why):
        """One test that did not run, or one of its subtests."""
        names = [test, f"{test}/{subtest}"] if subtest else [test]
        if any(fnmatch.fnmatchcase(name, p) for name in names for p in self.expected):
            self.totals["skipped"] += 1
            print("skipped", names[-1] + (": " + why if why else ""))
        else:
            self.totals["failed"] += 1
            self.failures.append(names[-1] + ": skipped, which nothing here explains" +
                                 (": " + why if why else ""))

    def test(self, test):
        name = test["name"].split(" / ")[-1].replace(" ", "-").replace(":", "")
        result = RESULTS.get(test["result"], "failed")
        output = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
        found = {"passed": 0, "failed": 0, "skipped": 0}
        for pattern, word in SUBTESTS:
            found[word] += len(pattern.findall(output))
        if result == "failed":
            names = sorted({a or b for a, b in FAILED_NAME.findall(output)}) or [test["result"].lower()]
            self.failures.extend(name + ": " + sub for sub in names)
            found["failed"] = max(found["failed"], 1)
        if result == "skipped" or sum(found.values()) == 0:
            found = {word: int(word == result) for word in found}
        self.totals["passed"] += found["passed"]
        self.totals["failed"] += found["failed"]
        subtests = [a or b for a, b in SKIPPED_NAME.findall(output)]
        subtests += [""] * (found["skipped"] - len(subtests))
        for subtest in subtests[:found["skipped"]]:
            self.skip(name, subtest, "" if subtest else last_line(output))

    def line(self, line):
        if line.startswith("{"):
            self.test(json.loads(line))
            return
        step = STEP.match(line)
        if step is None:
            return
        if step[1] == "skip":
            name, _, why = step[2].partition(": ")
            self.skip("check-" + name.replace(" ", "-"), "", why)
            return
        self.totals["passed" if step[1] == "ok" else "failed"] += 1
        if step[1] == "FAIL":
            self.failures.append("check: " + step[2])


def last_line(output):
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1].removeprefix("1..0 # SKIP ") if lines else ""


def main(arguments):
    here = [a.removeprefix("--here=") for a in arguments if a.startswith("--here=")]
    count = Count(read_expected(here))
    for name in arguments:
        if name.startswith("--here="):
            continue
        with open(name, encoding="utf-8", errors="replace") as log:
            for line in log:
                count.line(line)
    for failure in count.failures:
        print("FAILED", failure)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**count.totals))
    return 1 if count.totals["failed"] or not count.totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
