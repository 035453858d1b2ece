#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers of the manuals: each is that of the constant which the program uses.

A row: the constant's file and name, what it is divided by, the page, and the sentence, in which {} is the number,
written as a word up to twelve or in digits.
"""
import pathlib
import re
import sys

WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]

REASONS, CONF, SLUICED = "dissectors/core/sluice-reasons.7", "policy/language/sluice.conf.5", "daemon/sluiced.8"
DNP3, S7 = "dissectors/dnp3/sluice-dnp3.7", "dissectors/s7/sluice-s7comm.7"
DECISION, MODEL = "policy/decision/", "policy/model/model.h"
ROOM, CODES = "policy/decision/room.c", "dissectors/dnp3/dnp3_codes.h"

ROWS = [
    (DECISION + "engine_tcp.c", "GAP_LASTS_MS", 1000, REASONS, "A gap that is still there after {} seconds"),
    (DECISION + "engine_syn.c", "SETTLE_MS", 1000, REASONS, "The sender will repeat the segment; after {} seconds"),
    (DECISION + "engine_outstanding.h", "OUTSTANDING_AGE_S", 1, REASONS, "A request that has waited for {} second makes"),
    (DECISION + "engine_outstanding.h", "OUTSTANDING_AGE_S", 1, CONF, "its request goes on waiting for a second"),
    (DECISION + "engine_outstanding.h", "OUTSTANDING_LATE_MAX", 1, REASONS, "if not more than {} others were left behind"),
    (DECISION + "engine_outstanding.h", "PROOF_AGE_S", 1, REASONS, "when {} seconds have brought no answer"),
    (DECISION + "engine_verdict.h", "REPETITIONS_DROPPED", 1, REASONS, "when it has been repeated {} times"),
    (DECISION + "engine_verdict.h", "REPETITIONS_DROPPED", 1, CONF, "when it has been repeated {} times"),
    (DECISION + "decide.c", "RATES_USED_MAX", 1, REASONS, "the message needs more than {} rules with a rate"),
    (DECISION + "decide.c", "RATES_USED_MAX", 1, CONF, "one that needs more than {} rules with a rate"),
    (DECISION + "flow_table.h", "OWN_BYTES_MAX", 1, REASONS, "half of a message of more than {} bytes"),
    (DECISION + "flow_table.h", "OWN_BYTES_MAX", 1, CONF, "not for more than {} bytes"),
    ("dissectors/core/message.h", "SPANS_MAX", 1, REASONS, "more points than can be listed: {} ranges"),
    ("dissectors/core/message.h", "SPANS_MAX", 1, DNP3, "A message may name at most {} ranges of points"),
    (MODEL, "PAUSE_NORMAL_S", 1, REASONS, "permits, {} seconds if it does not say"),
    (MODEL, "PAUSE_NORMAL_S", 1, CONF, "{} if left out. A server that gives up waiting"),
    (MODEL, "PAUSE_MAX_S", 1, CONF, "connection, 1 to {};"),
    (MODEL, "OUTSTANDING_MAX", 1, CONF, "may wait for their responses, 1 to {};"),
    (MODEL, "LIMITS_STATES", 1, CONF, "If left out, {};"),
    (ROOM, "AGE_HALF_OPEN_S", 1, CONF, "(for {} seconds), closed or refused"),
    (ROOM, "AGE_CLOSED_S", 1, CONF, "closed or refused ({} seconds)"),
    (ROOM, "AGE_UNUSED_S", 60, CONF, "open without a single message (a minute)"),
    (ROOM, "AGE_HALF_CLOSED_S", 3600, CONF, "closed by one end (an hour)"),
    (ROOM, "AGE_DATAGRAMS_S", 60, CONF, "datagrams that rest ({} minutes)"),
    (ROOM, "AGE_IDLE_S", 86400, CONF, "idle for a day"),
    (CODES, "DNP3_ASSEMBLIES_MAX", 1, REASONS, "are being put together: more than {}, or"),
    (CODES, "DNP3_ASSEMBLIES_MAX", 1, DNP3, "puts together at most {} messages at a time"),
    (CODES, "DNP3_PAIRS_MAX", 1, DNP3, "something of at most {} pairs of addresses"),
    (CODES, "DNP3_SELECTS_MAX", 1, DNP3, "remembers at most {} selects"),
    (CODES, "DNP3_PIECES_OF_REQUESTS", 1, DNP3, "and at least {} whatever responses do"),
    (CODES, "DNP3_FRAGMENT_NORMAL", 1, DNP3, "of more than {} bytes is refused as"),
    ("dissectors/s7/cotp.h", "COTP_EMPTY_PAUSE_MS", 1000, S7, "begins anew behind a pause of {} second"),
    ("dissectors/s7/s7comm.c", "EMPTIES_MAX", 1, S7, "towards the server {} of them in a row"),
    ("daemon/control.h", "CONTROL_CLIENTS_MAX", 1, SLUICED, "{} clients of the control socket"),
    ("daemon/control.h", "CONTROL_OBSERVERS_MAX", 1, SLUICED, "{} at most are for those who may observe"),
    ("daemon/control.h", "CONTROL_OPERATORS_MAX", 1, SLUICED, "{} at most for those who may not administer"),
    ("daemon/control.h", "CONTROL_USER_MAX", 1, SLUICED, "and {} at most for one such user"),
    ("daemon/refusal.h", "REFUSALS_PER_MINUTE", 1, SLUICED, "{} times a minute at most"),
    ("daemon/control.c", "OBSERVER_LIMIT", 1 << 20, SLUICED, "{} MiB of those who may only observe"),
    ("daemon/inspector/sandbox.h", "SANDBOX_MEMORY_MORE", 1 << 20, SLUICED, "and {} MiB of memory beyond"),
    ("daemon/control.c", "CLIENT_LIMIT", 1 << 20, SLUICED, "{} MiB of unread answers each"),
    ("daemon/output/events.c", "OUTLET_LIMIT", 1 << 20, SLUICED, "{} MiB of events that wait for a slow reader"),
    ("daemon/inspector/crew.c", "EVENT_PIPE", 1 << 20, SLUICED, "{} MiB of event records between an inspector"),
    ("daemon/inspector/crew.c", "CRASH_LOOP", 1, SLUICED, "After more than {} of them in"),
    ("daemon/table.c", "REPAIR_PAUSE_S", 1, SLUICED, "After each repair the next one waits for a second"),
]


def plain(page):
    """The text of a page: without macros and what they decorate, a blank for any space."""
    text = pathlib.Path(page).read_text()
    text = re.sub(r"^\.(?:Ic|Li|Cm|Va|Ql|Em|Fl) ", "", text, flags=re.M)
    text = re.sub(r"^\.(?:Pq|It|Sx|Xr|Pp).*", "", text, flags=re.M)
    return re.sub(r"\s+", " ", text)


def constant(file, name):
    found = re.search(rf"\b{name}\s*=\s*([^,}}\n]+?)\s*(?:,|}}|/\*|\n)", pathlib.Path(file).read_text())
    if not found:
        return None
    expression = found.group(1).strip()
    if not re.fullmatch(r"[0-9x<>+*()\s-]+", expression):
        return None
    return eval(expression, {})  # digits and operators only, of our own source


def main():
    wrong = 0
    for file, name, unit, page, sentence in ROWS:
        number = constant(file, name)
        if number is None or number % unit:
            print(f"{file}: no constant {name} that is whole in units of {unit}")
            wrong += 1
            continue
        number //= unit
        forms = [str(number)] + (WORDS[number:number + 1] if number < len(WORDS) else [])
        expected = [sentence.replace("{}", form) for form in forms]
        # "a second" and its like are one
        if "{}" not in sentence and number != 1:
            expected = []
        text = plain(page)
        if not any(line in text for line in expected):
            print(f"{page}: expected \"{sentence}\" with {number}, which {name} of {file} is")
            wrong += 1
    print(f"{len(ROWS)} numbers, {wrong} wrong")
    return wrong > 0


sys.exit(main())
