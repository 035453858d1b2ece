#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Learn: what is learned is a policy, lets pass what it was learned from, and leaves out what should be.

  learn_test.py SLUICE MAKE-CAPTURE CASES           over the captures that the cases describe, and one with an attack
  learn_test.py SLUICE MAKE-CAPTURE CASES --real    over captures of others
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sluice, make, cases = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
work = pathlib.Path(tempfile.mkdtemp())

PLANT = """flow hmi 10.10.0.5 40112 10.20.0.11 502
hmi open
{polls}hmi > 0101 0000 0006 01 06 0028 04b0
hmi < 0101 0000 0006 01 06 0028 04b0
hmi > 0102 0000 0006 01 06 0028 0514
hmi < 0102 0000 0006 01 06 0028 0514
flow evil 10.10.0.77 40113 10.20.0.11 502
evil open
evil > 0001 0000 0006 01 08 0001 0000
evil < 0001 0000 0006 01 08 0001 0000
evil > 0002 0000 0006 01 63 0000 0000
"""


def run(*words):
    return subprocess.run([sluice, *map(str, words)], capture_output=True, text=True, errors="replace")


def learn(*words):
    """The learned policy as a file; None where there is nothing to learn."""
    done = run("learn", *words)
    assert done.returncode in (0, 2), (words, done.returncode, done.stderr)
    if done.returncode == 2:
        assert "nothing can be learned" in done.stderr or "cannot" in done.stderr or "no capture" in done.stderr or \
            "not" in done.stderr, (words, done.stderr)
        assert done.stdout == "", words
        return None
    file = work / "learned.conf"
    file.write_text(done.stdout)
    checked = run("check", "-q", file)
    assert checked.returncode == 0, (words, checked.stderr, done.stdout)
    return file


def denials(policy, capture):
    """Reasons of what the policy's rules deny, where it monitors."""
    watched = work / "watched.conf"
    watched.write_text(policy.read_text().replace('mode = "enforce"', 'mode = "monitor"'))
    said = run("replay", "--denied", watched, capture).stdout
    return set(re.findall(r": ((?:function|unit|point|value)-denied|rate-exceeded|value-type)\b", said))


def made(script):
    file, capture = work / "script", work / "made.pcap"
    file.write_text(script)
    subprocess.run([make, file, capture], check=True)
    return capture


def check_attack():
    polls = "".join(f"hmi > {i:04x} 0000 0006 01 03 0028 0003\nhmi < {i:04x} 0000 0009 01 03 06 0384 0390 02ee\n" for i in range(1, 30))
    capture = made(PLANT.format(polls=polls))
    policy = learn(capture)
    text = policy.read_text()
    rules = text.split("// Left out:")[0]
    assert 'points = ["holding:40-42"]' in rules and 'functions = ["write-single-register"]' in rules
    assert 'values = ["1190-1310"]' in rules and 'rate = "4/min"' in rules, rules
    assert re.search(r"// 29 messages, frame \d+ of made.pcap to \d+", rules)
    assert "function-unknown" in text.split("// Left out:")[1], text
    assert not denials(policy, capture)
    narrow = learn("--margin", "0", capture)
    assert 'values = ["1200-1300"]' in narrow.read_text()
    assert run("learn", "--include", "everything", capture).returncode == 2
    assert learn(capture, capture).read_text().count("name =") == text.count("name =")
    # what it did not see, it does not permit
    policy = learn(capture)
    other = made(PLANT.format(polls=polls).replace("0028 0514", "0028 07d0").replace("06 0028 04b0", "06 0032 04b0"))
    assert {"value-denied", "point-denied"} <= denials(policy, other)


def check_made():
    learned = 0
    for case in sorted(cases.iterdir()):
        capture = work / "case.pcap"
        if subprocess.run([make, case / "script", capture], capture_output=True).returncode != 0:
            continue
        policy = learn(capture)
        learned += policy is not None
        policy is None or denials(policy, capture)
    assert learned > 50, learned
    check_attack()


def check_real():
    folder = pathlib.Path(os.environ.get("SLUICE_CAPTURES") or cases / "../../../../../shared/captures")
    captures = sorted(file for file in folder.glob("*.pcap*"))
    if not captures:
        print("SKIP: other people's captures are not here")
        sys.exit(77)
    learned = sum(learn(capture) is not None for capture in captures)
    print(f"{learned} of {len(captures)} captures taught a policy that denies nothing of them but what was left out")
    assert learned > len(captures) * 9 // 10


try:
    check_real() if "--real" in sys.argv else check_made()
finally:
    shutil.rmtree(work)
