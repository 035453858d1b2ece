# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules of a manual page, each tried by a peer.

A page offers rules to copy.  Each of them is read from the page itself, stands alone in the policy of a gateway, and
peers that are not ours do through it what the page says that it is for.  Then they do what stands beside it.  What
happened is asked of the servers, never of the clients alone.  A rule without a job, or a job without a rule, is a
failure: the list of rules is the page's.

Each job is tried without Sluice first, where all of them must work, the ones beside too: or the test could not fail.
"""
import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

SUPERVISION, GATEWAY, PUMPS = (os.environ.get(f"LAB_{name}", "") for name in ("SUPERVISION", "GATEWAY", "PUMPS"))
START_S = 30
TELL_S = 5
DENIED = frozenset({"function-denied", "unit-denied", "point-denied", "value-denied", "value-type"})
POLICY = """
zones: {
	supervision: { class = "control"; sl_t = 2; interfaces = ["eth0"]; networks = ["10.10.0.0/24"]; };
	pumps: { class = "control"; sl_t = 2; interfaces = ["eth1"]; networks = ["10.20.0.0/24"]; };
};
conduits: { c: { from = "supervision"; to = "pumps"; on_deny = "reset"; rationale = "test"; channels: (
	{ name = "page"; clients = ["supervision"]; servers = ["pumps"]; protocol = "%s"; rules: (
%s
	); }
); }; };
"""


@dataclasses.dataclass
class Job:
    """What a client does on one connection, what it is told, and what the server says of it.

    `says` and `reached` are patterns; the latter is looked for in what the servers have said since the job began.
    `blind`: the client is told the same whether it was refused or not, as for broadcasts.
    """
    does: object
    says: str
    reached: str
    blind: bool = False
    reasons: frozenset = DENIED  # those that the denial may give, where the job stands beside a rule


@dataclasses.dataclass
class Need:
    """The jobs of one rule of a page, and those beside it."""
    section: str
    jobs: list
    beside: list


def blocks(path):
    """Heading and rules of each "rules: ( ... );" of a page."""
    found, heading, inside = [], None, None
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for line in text.splitlines():
        if line.startswith((".Sh ", ".Ss ")):
            heading = line[4:]
        elif line == "rules: (":
            inside = []
        elif line == ");" and inside is not None:
            found.append((heading, "\n".join(inside)))
            inside = None
        elif re.fullmatch(r"rules: \(.*\);", line):
            found.append((heading, line[len("rules: ("):-len(");")]))
        elif inside is not None:
            inside.append(line)
    assert len(found) == text.count("rules: ("), "rules of another form than those that are read"
    return found


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)


def node_has(*modules):
    """Are there node and these modules?"""
    program = "; ".join(f'require("{module}")' for module in modules)
    return shutil.which("node") is not None and subprocess.run(
        ["node", "-e", program], stderr=subprocess.DEVNULL, check=False).returncode == 0


class Lab:
    """Programs in the namespaces, and the gateway."""

    def __init__(self, sluiced, protocol):
        self.work = tempfile.mkdtemp(prefix="pages-")
        self.sluiced, self.protocol = sluiced, protocol
        self.started, self.gate = [], None

    def path(self, name):
        return os.path.join(self.work, name)

    def start(self, namespace, argv, output):
        """A program that goes on; what it says is in the file `output`."""
        with open(self.path(output), "ab") as file:
            process = subprocess.Popen(["ip", "netns", "exec", namespace, *argv], stdout=file, stderr=file)
        self.started.append(process)
        return process

    def ready(self, output, word="ready"):
        wait_for(lambda: re.search(word, self.said(output)), START_S, f"{output} does not start")

    def said(self, output, since=0):
        try:
            with open(self.path(output), "rb") as file:
                file.seek(since)
                return file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""

    def size(self, output):
        return os.path.getsize(self.path(output)) if os.path.exists(self.path(output)) else 0

    @staticmethod
    def run(namespace, argv, seconds=20):
        """What a program says; the beginning of it if it does not end."""
        try:
            done = subprocess.run(["ip", "netns", "exec", namespace, *argv], stdin=subprocess.DEVNULL, timeout=seconds,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            return done.stdout.decode(errors="replace")
        except subprocess.TimeoutExpired as late:
            return (late.output or b"").decode(errors="replace")

    def open_gate(self, rules):
        self.close_gate()
        with open(self.path("policy.conf"), "w", encoding="utf-8") as file:
            file.write(POLICY % (self.protocol, rules))
        with open(self.path("events"), "wb"):
            pass
        self.gate = self.start(GATEWAY, [self.sluiced, "-c", self.path("policy.conf"), "--events", self.path("events"),
                                         "--control", self.path("control"), "--state", self.path("state")], "sluiced")
        wait_for(lambda: any(event["event_type"] == "start" for event in self.events()) or self.gate.poll() is not None,
                 START_S, "sluiced does not start")
        if self.gate.poll() is not None:
            raise RuntimeError(self.said("sluiced"))

    def close_gate(self):
        if not self.gate:
            return
        self.gate.send_signal(signal.SIGTERM)
        self.gate.wait()
        self.started.remove(self.gate)
        self.gate = None
        self.run(GATEWAY, [self.sluiced, "--flush", "--control", self.path("control")])

    def events(self):
        return [json.loads(line) for line in self.said("events").splitlines(keepends=True) if line.endswith("\n")]

    def denials(self):
        return [event["sluice"] for event in self.events() if event.get("sluice", {}).get("verdict") == "deny"]

    def stop(self):
        self.close_gate()
        for process in self.started:
            process.terminate()
        for process in self.started:
            process.wait()
        subprocess.run(["rm", "-rf", self.work], check=False)


class Trial:
    """Tries the jobs of a page.  `peers` has everybody, clients(job), begin(job), do(client, job) and said(job); with
    `hurry` it expects no answer."""

    def __init__(self, lab, peers):
        self.lab, self.peers = lab, peers
        self.count = self.failed = 0
        self.worked = set()
        self.turns = {}  # who does what stands beside a rule

    def judge(self, right, *what):
        self.count += 1
        if not right:
            self.failed += 1
        print("ok  " if right else "FAIL", *what, flush=True)

    def attempt(self, client, job, hurry=False):
        """The client's answer, and whether what it wanted has happened."""
        self.peers.hurry = hurry
        self.peers.begin(job)
        answer = self.peers.do(client, job).strip()
        said = self.peers.said(job)
        return answer, re.search(job.reached, said, re.MULTILINE | re.DOTALL) is not None, said

    def must_work(self, where, client, job):
        answer, happened, said = self.attempt(client, job)
        right = happened and re.fullmatch(job.says, answer, re.DOTALL) is not None
        self.judge(right, f"{where}: {client} {job.does}: {answer!r}"[:160])
        if right:
            self.worked.add(client)
        else:
            print(f"     expected {job.says!r}, and {job.reached!r} in:\n{said[-2000:]}")

    def must_not(self, where, client, job):
        before = len(self.lab.denials())
        answer, happened, said = self.attempt(client, job, True)
        refused = job.blind or re.fullmatch(job.says, answer, re.DOTALL) is None
        try:
            wait_for(lambda: len(self.lab.denials()) > before, TELL_S, "no denial")
        except TimeoutError:
            pass
        reasons = [denial["reason"] for denial in self.lab.denials()[before:]]
        right = refused and not happened and reasons and set(reasons) <= set(job.reasons)
        self.judge(right, f"{where}: {client} {job.does}: {answer!r} {reasons}"[:160])
        if not right:
            print(f"     expected a refusal, and no {job.reached!r} in:\n{said[-2000:]}")

    def takes_turn(self, job):
        able = self.peers.clients(job)
        self.turns[id(job)] = able[len(self.turns) % len(able)]
        return self.turns[id(job)]

    def try_rules(self, section, rules, need):
        self.lab.open_gate(rules)
        for job in need.jobs:
            for client in self.peers.clients(job):
                self.must_work(section, client, job)
        self.judge(not self.lab.denials(), f"{section}: nothing is told as denied: {self.lab.denials()}"[:160])
        for job in need.beside:
            self.must_not(f"beside {section}", self.turns[id(job)], job)

    def run(self, page, needs):
        """The whole page; its exit status."""
        rules = blocks(page)
        print(f"{page}: {len(rules)} rules to copy")
        known = {need.section: need for need in needs}
        self.judge(len(known) == len(needs) and sorted(known) == sorted(section for section, _ in rules),
                   f"each rule of the page has jobs: {sorted(set(known) ^ {section for section, _ in rules})}")
        for need in needs:
            self.judge(need.jobs and need.beside, f"{need.section}: there are jobs, and others beside it")
            for job in need.beside:
                self.must_work("without Sluice", self.takes_turn(job), job)
        self.worked.clear()
        for section, text in rules:
            if section in known:
                self.try_rules(section, text, known[section])
        self.judge(self.worked == set(self.peers.everybody), f"each client had work: {sorted(self.worked)}")
        print(f"{self.count} trials, {self.failed} failed")
        return 1 if self.failed or not rules else 0
