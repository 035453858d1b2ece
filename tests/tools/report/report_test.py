#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Report: the page and the drawing, read by parsers that are not ours.

  report_test.py SLUICE EXAMPLES       pages and drawings of the examples, of random and of hostile policies
  report_test.py SLUICE EXAMPLES --browser
                                       a page in Chromium: the drawing is there, nothing is asked of a network, nothing
                                       is complained of
"""
import html.parser
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

sluice, examples = sys.argv[1], pathlib.Path(sys.argv[2])
work = pathlib.Path(tempfile.mkdtemp())
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</td><script>alert(1)</script><img src=http://192.0.2.1/x onerror=alert(1)>\" onload='x' & \u202eback\u202c"


def run(*words):
    done = subprocess.run([sluice, *map(str, words)], capture_output=True)
    assert done.returncode == 0, (words, done.returncode, done.stderr)
    return done.stdout.decode("utf-8")


class Page(html.parser.HTMLParser):
    """Tags that are opened are closed, in their order; what could fetch or run anything is not there."""

    EMPTY = {"meta", "br", "link", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "srcset", "data", "action", "style"), (tag, name)
            assert name != "href" or value.startswith("#"), value
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


def check_page(text):
    page = Page(text)
    for tag in ("script", "img", "link", "iframe", "object", "form", "base"):
        assert tag not in page.tags, tag
    assert "url(" not in text and "@import" not in text
    assert page.tags.count("h1") == 1 and "main" in page.tags and "svg" in page.tags
    for tag in ("header", "footer", "title", "desc"):
        assert tag in page.tags, tag
    links = set(re.findall(r'href="#([a-z-]+)"', text))
    ids = re.findall(r'\bid="([a-z-]+)"', text)
    assert links <= set(ids) and len(ids) == len(set(ids)), (links, ids)
    return page


def segments(path):
    """Of a way: M x y, then V and H."""
    words = re.findall(r"([MVH])([\d ]+)", path)
    x, y = map(int, words[0][1].split())
    for kind, number in words[1:]:
        before = (x, y)
        x, y = (x, int(number)) if kind == "V" else (int(number), y)
        yield before, (x, y)


def overlap(a, b):
    """Do two segments lie on each other for more than a point?"""
    for axis in (0, 1):
        other = 1 - axis
        if len({a[0][axis], a[1][axis], b[0][axis], b[1][axis]}) == 1:
            lows = max(min(p[other] for p in a), min(p[other] for p in b))
            highs = min(max(p[other] for p in a), max(p[other] for p in b))
            return highs > lows
    return False


def check_drawing(text):
    """Zones apart from each other and within the picture, conduits through none of them and on no other's track."""
    root = tree.fromstring(text)
    width, height = map(int, root.get("viewBox").split()[2:])
    boxes = []
    for rect in root.iter(SVG + "rect"):
        if rect.get("class", "").startswith("box"):
            boxes.append([int(rect.get(k)) for k in ("x", "y", "width", "height")])
    for i, (x, y, w, h) in enumerate(boxes):
        assert 0 <= x and x + w <= width and 0 <= y and y + h <= height
        for X, Y, W, H in boxes[:i]:
            assert x >= X + W or X >= x + w or y >= Y + H or Y >= y + h, "zones overlap"
    ways = [list(segments(path.get("d"))) for path in root.iter(SVG + "path") if path.get("class").split()[0] == "w"]
    for i, way in enumerate(ways):
        for a, b in way:
            assert 0 <= min(a[0], b[0]) and max(a[0], b[0]) <= width and max(a[1], b[1]) <= height
            for x, y, w, h in boxes:
                assert max(a[0], b[0]) <= x or min(a[0], b[0]) >= x + w or max(a[1], b[1]) <= y or min(a[1], b[1]) >= y + h, \
                    "a conduit runs through a zone"
        for other in ways[:i]:
            assert not any(overlap(s, t) for s in way for t in other), "conduits lie on each other"
    return len(boxes), len(ways)


def policy_of(zones, conduits, seed, text=None):
    """A policy with so many zones and conduits, written to a file."""
    chance = random.Random(seed)
    classes = ["external", "enterprise", "wireless", "dmz", "control", "control", "control", "safety"]
    lines = [f'site: {{ name = {json.dumps(text, ensure_ascii=False)}; owner = {json.dumps(text, ensure_ascii=False)}; }};' if text else "", "zones: {"]
    for i in range(zones):
        lines.append(f'z{i}: {{ class = "{chance.choice(classes)}"; sl_t = {chance.randrange(5)}; interfaces = ["e{i}"]; '
                     f'networks = ["10.{i // 250}.{i % 250}.0/24"]; }};')
    lines += ["};", "conduits: {"]
    for i in range(conduits):
        a, b = chance.sample(range(zones), 2)
        what = 'protocol = "modbus"; rules: ( { access = ["read"]; } );' if chance.random() < 0.5 else f'protocol = "tcp"; port = {3000 + i};'
        more = f' rationale = {json.dumps(text, ensure_ascii=False)};' if text else ""
        lines.append(f'c{i}: {{ from = "z{a}"; to = "z{b}"; mode = "{chance.choice(["enforce", "monitor"])}";{more} channels: ( '
                     f'{{ name = "x"; clients = ["10.{a // 250}.{a % 250}.{i % 250 + 1}"]; servers = ["z{b}"]; {what} }} ); }};')
    file = work / f"{zones}-{conduits}-{seed}.conf"
    file.write_text("\n".join(lines + ["};", ""]), encoding="utf-8")
    return file


def events_of(text):
    """Event lines that hold hostile text wherever a text may stand, and lines that are none."""
    verdict = {"timestamp": "2026-11-20T05:10:00.000000+0000", "event_type": "verdict", "src_ip": text, "dest_ip": "10.0.1.5",
               "app_proto": "modbus", "modbus": {"function_name": text},
               "sluice": {"conduit": text, "channel": text, "zone_from": text, "zone_to": "z1", "verdict": "deny", "reason": text}}
    storm = json.loads(json.dumps(verdict))
    storm["event_type"], storm["sluice"]["count"] = "storm", 40
    allowed = json.loads(json.dumps(verdict))
    allowed["sluice"]["verdict"] = "allow"
    wrong = ['{"timestamp":', "[]", '{"sluice":{"verdict":"deny"}}', '{"timestamp":5,"sluice":7}', "x" * 3000]
    file = work / "events.json"
    file.write_text("\n".join([json.dumps(e) for e in (verdict, storm, allowed)] + wrong) + "\n", encoding="utf-8")
    return file


def check_all():
    for file in sorted(examples.glob("*.conf")):
        check_page(run("report", "--on", "2026-11-20", file))
        boxes, _ = check_drawing(run("draw", file))
        assert boxes == len(json.loads(run("report", "--json", file))["zones"])
    for seed in range(40):
        zones = 2 + seed % 30
        file = policy_of(zones, seed * 2, seed)
        assert check_drawing(run("draw", file)) == (zones, seed * 2)
    for zones, conduits in ((49, 100), (300, 500)):
        boxes, ways = check_drawing(run("draw", policy_of(zones, conduits, 1)))
        assert boxes <= 45 and ways <= boxes * (boxes + 1) // 2
        check_page(run("report", policy_of(zones, conduits, 1)))
    hostile, events = policy_of(5, 6, 2, HOSTILE), events_of(HOSTILE)
    text = run("report", "--on", "2026-11-20", hostile, events)
    page = check_page(text)
    assert "\u202e" not in text and "<script" not in text
    assert "".join(page.text).count("alert(1)") > 8
    check_drawing(run("draw", hostile))
    traffic = json.loads(run("report", "--json", hostile, events))["traffic"]
    assert (traffic["events"], traffic["denials"], traffic["unreadable"]) == (3, 41, 5), traffic
    assert traffic["top"][0]["count"] == 41 and traffic["hours"][0]["hour"] == "2026-11-20T05"
    assert run("report", "--on", "2026-11-20", hostile, events) == text, "two reports of one thing differ"


def check_browser():
    chromium = shutil.which("chromium")
    if not chromium:
        print("SKIP: chromium is not installed")
        sys.exit(77)
    file, log = work / "report.html", work / "net.json"
    file.write_text(run("report", "--on", "2026-11-20", policy_of(8, 12, 3, HOSTILE), events_of(HOSTILE)), encoding="utf-8")
    done = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={work}/profile", "--enable-logging=stderr",
                           "--window-size=1200,1600", f"--log-net-log={log}", f"--screenshot={work}/page.png", file.as_uri()],
                          capture_output=True, timeout=120)
    said = done.stderr.decode(errors="replace")
    assert done.returncode == 0 and (work / "page.png").stat().st_size > 20000, said
    assert ":CONSOLE" not in said, said
    asked = set(re.findall(r'"url":"([^"]*)"', log.read_text(errors="replace")))
    # what the browser asks for by itself when it starts is not the page's; the page's own addresses are none of these
    own = {url for url in asked if "192.0.2.1" in url or url.startswith("file:") and "report.html" not in url}
    assert not own, own
    dom = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={work}/profile", "--dump-dom", file.as_uri()],
                         capture_output=True, timeout=120).stdout.decode(errors="replace")
    assert dom.count("class=\"box s") == 8 and dom.count("<circle") == 12 and "<script" not in dom


try:
    check_browser() if "--browser" in sys.argv else check_all()
finally:
    shutil.rmtree(work)
