#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of sluice-s7comm-plus(7) with peers: see pages.py.

    lab.sh s7plus.py PAGE SLUICED

Nobody packages a client or a server of S7comm-plus, so that both are our own, and the TLS inside is OpenSSL's.
"""
import os
import sys

sys.dont_write_bytecode = True
from pages import PUMPS, SUPERVISION, Job, Lab, Need, Trial  # noqa: E402

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "plus_peer.py")
CONTROLLER = "10.20.0.11"


def job(*words, says=None):
    done = ".*".join(f"^{word}$" if word == "keep-alive" else "^done delete-object$" if word == "session-end" else
                     f"^done {word}$" for word in words)
    return Job(words, says or "\n".join([r"yes \w+"] * len(words)), done)


# the first one is the session
SECOND = Job(("create-object",), r"yes \w+", "^done create-object$.*^done create-object$")
TLS = Job(("tls",), "yes terces", "^tls secret$")
NEEDS = [
    Need("Values that are shown", [
        job("get-multi-variables", "keep-alive", "get-variable", "get-multi-variables", "session-end")],
        [job("set-multi-variables"), job("set-variable"), job("explore"), job("invoke"), SECOND, job("get-link"), TLS]),
    Need("Values that are written", [
        job("get-multi-variables", "set-multi-variables", "keep-alive", "session-end")],
        [job("set-variable"), job("explore"), job("invoke"), job("delete-object"), TLS]),
    Need(r"Access \(dqopaque\(dq", [
        job("get-multi-variables", "session-end"), TLS],
        [job("set-multi-variables"), job("explore"), job("set-variable"),
         Job(("s7comm",), r"yes \w+", "^s7comm$", reasons=frozenset({"protocol-id"}))]),
]


class Peers:
    """Of S7comm-plus."""

    everybody = ["plus"]

    def __init__(self, lab):
        self.lab, self.hurry, self.before = lab, False, 0
        lab.start(PUMPS, [PEER, "server", CONTROLLER, lab.path("log")], "server")
        lab.ready("log")

    def clients(self, _):
        return self.everybody

    def begin(self, _):
        self.before = self.lab.size("log")

    def do(self, _, job_):
        return self.lab.run(SUPERVISION, [PEER, "client", CONTROLLER, *job_.does])

    def said(self, _):
        return self.lab.said("log", self.before)


def main():
    page, sluiced = sys.argv[1:]
    lab = Lab(sluiced, "s7comm-plus")
    try:
        return Trial(lab, Peers(lab)).run(page, NEEDS)
    finally:
        lab.stop()


if __name__ == "__main__":
    sys.exit(main())
