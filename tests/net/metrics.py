#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is a file in the text format of Prometheus, and as its documentation asks?

Stricter than the format: each name is told with HELP and TYPE once, in front of all its samples; counters end in
_total; no sample stands there twice; the buckets of a histogram grow, end in +Inf and agree with its count.

    metrics.py FILE              says what is wrong; exit status 1 if anything is
    metrics.py --names FILE      the names of all samples, for those who look for one
    metrics.py --try             does it refuse what it should?
    metrics.py --dashboard DASHBOARD [FILE]
                                 is a dashboard of Grafana sound, and is every metric that it names among those of FILE?
"""
import json
import math
import re
import sys

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf'^({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)$')
TOLD = re.compile(rf'^# (HELP|TYPE) ({NAME}) (\S.*)$')
TYPES = ('counter', 'gauge', 'histogram')
PARTS = ('_bucket', '_sum', '_count')


class Reader:
    def __init__(self):
        self.help, self.type, self.samples = {}, {}, {}
        self.wrong = []
        self.family = None
        self.closed = set()

    def complain(self, number, text):
        self.wrong.append(f'{number}: {text}')

    def open_family(self, number, name):
        if name == self.family:
            return
        if name in self.closed:
            self.complain(number, f'{name} stands in two places')
        self.closed.add(self.family)
        self.family = name

    def told(self, number, what, name, text):
        known = self.help if what == 'HELP' else self.type
        if name in known:
            self.complain(number, f'{what} of {name} twice')
        known[name] = text
        self.open_family(number, name)
        if what == 'TYPE' and text not in TYPES:
            self.complain(number, f'no type: {text}')
        if what == 'TYPE' and (text == 'counter') != name.endswith('_total'):
            self.complain(number, f'{name} is a {text}; counters, and nothing else, end in _total')

    def family_of(self, name):
        for part in PARTS:
            base = name.removesuffix(part)
            if base != name and self.type.get(base) == 'histogram':
                return base
        return name

    def sample(self, number, name, labels, value):
        base = self.family_of(name)
        if base not in self.help or base not in self.type:
            self.complain(number, f'{name} without HELP and TYPE in front of it')
        elif self.type[base] == 'histogram' and base == name:
            self.complain(number, f'{name} is a histogram and no part of one')
        self.open_family(number, base)
        labels = tuple(sorted(re.findall(r'([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"', labels or '')))
        if len({key for key, _ in labels}) != len(labels):
            self.complain(number, 'a label twice')
        if (name, labels) in self.samples:
            self.complain(number, 'the same sample twice')
        try:
            self.samples[name, labels] = float(value)
        except ValueError:
            self.complain(number, f'no number: {value}')
            return
        if not math.isfinite(float(value)) or float(value) < 0:
            self.complain(number, f'not to be expected: {value}')

    def line(self, number, line):
        if match := TOLD.match(line):
            self.told(number, *match.groups())
        elif match := SAMPLE.match(line):
            self.sample(number, *match.groups())
        else:
            self.complain(number, f'neither sample nor HELP or TYPE: {line!r}')

    def histogram(self, name):
        rows = {}
        for (sample, labels), value in self.samples.items():
            if sample == f'{name}_bucket':
                end = float(dict(labels).get('le', 'nan').replace('+Inf', 'inf'))
                rest = tuple(label for label in labels if label[0] != 'le')
                rows.setdefault(rest, []).append((end, value))
        for rest, buckets in rows.items():
            counts = [count for _, count in buckets]
            if buckets != sorted(buckets) or counts != sorted(counts):
                self.complain(name, f'buckets {rest} shrink, or are not in order')
            if buckets[-1] != (math.inf, self.samples.get((f'{name}_count', rest))):
                self.complain(name, f'buckets {rest} do not end in the count')
            if (f'{name}_sum', rest) not in self.samples:
                self.complain(name, f'no sum {rest}')


def read(text):
    reader = Reader()
    if not text.endswith('\n'):
        reader.complain('end', 'no line feed')
    for number, line in enumerate(text.split('\n')[:-1], 1):
        reader.line(number, line)
    for name, kind in reader.type.items():
        if kind == 'histogram':
            reader.histogram(name)
    return reader


HEAD = '# HELP a_total A.\n# TYPE a_total counter\n'
HISTOGRAM = '# HELP h H.\n# TYPE h histogram\n'
RIGHT = (
    HEAD + 'a_total 1\n',
    HEAD + 'a_total{b="c"} 1\na_total{b="\\\\\\"d"} 2.5\n',
    HISTOGRAM + 'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n',
)
WRONG = (
    '', 'a_total 1\n', HEAD + 'a_total 1', HEAD + 'a_total x\n', HEAD + 'a_total NaN\n', HEAD + 'a_total -1\n',
    HEAD + HEAD + 'a_total 1\n', HEAD + 'a_total 1\na_total 1\n', HEAD + 'a_total{b="c",b="d"} 1\n',
    HEAD + 'a_total{b=c} 1\n', HEAD + 'a_total{b="c"d"} 1\n', HEAD + '\na_total 1\n', HEAD + 'a_total  1\n',
    HEAD.replace('a_total', 'a') + 'a 1\n', HEAD.replace('counter', 'gauge') + 'a_total 1\n',
    HEAD.replace('counter', 'number') + 'a_total 1\n',
    HEAD + 'a_total 1\n# HELP b B.\n# TYPE b gauge\nb 1\na_total{c="d"} 1\n',
    HISTOGRAM + 'h_bucket{le="1"} 3\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n',
    HISTOGRAM + 'h_bucket{le="2"} 1\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n',
    HISTOGRAM + 'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 3\n',
    HISTOGRAM + 'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_count 2\n',
    HISTOGRAM + 'h_bucket{le="1"} 1\nh_sum 3\nh_count 1\n', HISTOGRAM + 'h 1\n',
)


def sound(text):
    reader = read(text)
    return bool(reader.samples) and not reader.wrong


def try_texts():
    bad = [text for text in RIGHT if not sound(text)] + [text for text in WRONG if sound(text)]
    for text in bad:
        print(f'misjudged: {text!r}', file=sys.stderr)
    return 1 if bad else 0


def expressions(dashboard):
    for variable in dashboard['templating']['list']:
        if variable['type'] == 'query':
            yield variable['query']
    for panel in dashboard['panels']:
        for target in panel['targets']:
            yield target['expr']


def overlap(a, b):
    a, b = a['gridPos'], b['gridPos']
    return (a['x'] < b['x'] + b['w'] and b['x'] < a['x'] + a['w'] and
            a['y'] < b['y'] + b['h'] and b['y'] < a['y'] + a['h'])


def look_at_dashboard(dashboard, names):
    """What is wrong with it; names is None where the metrics are not known."""
    panels = dashboard['panels']
    ids = [panel['id'] for panel in panels]
    wrong = [f'id {number} twice' for number in set(ids) if ids.count(number) > 1]
    titles = [panel['title'] for panel in panels]
    wrong += [f'title {title!r} twice' for title in set(titles) if titles.count(title) > 1]
    for panel in panels:
        references = [target['refId'] for target in panel['targets']]
        if not references or len(set(references)) != len(references):
            wrong.append(f'{panel["title"]}: queries without names of their own')
        wrong += [f'{panel["title"]} lies over {other["title"]}' for other in panels
                  if other is not panel and overlap(panel, other)]
    for text in expressions(dashboard):
        used = re.findall(r'\bsluice_[a-z_]+', text)
        if not used or any(text.count(a) != text.count(b) for a, b in ('()', '[]', '{}')):
            wrong.append(f'no query: {text}')
        wrong += [f'{name} is not exported' for name in used if names is not None and name not in names]
    return wrong


def dashboard(path, metrics):
    names = None
    if metrics:
        with open(metrics, encoding='utf-8') as file:
            reader = read(file.read())
        names = {name for name, _ in reader.samples} | set(reader.type)
    with open(path, encoding='utf-8') as file:
        wrong = look_at_dashboard(json.load(file), names)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def main(words):
    if words[:1] == ['--dashboard']:
        return dashboard(words[1], words[2] if len(words) > 2 else None)
    if words == ['--try']:
        return try_texts()
    names = words[:1] == ['--names']
    with open(words[-1], encoding='utf-8') as file:
        reader = read(file.read())
    if names:
        print('\n'.join(sorted({name for name, _ in reader.samples} | set(reader.type))))
    for line in reader.wrong:
        print(line, file=sys.stderr)
    if not reader.samples:
        print('no samples', file=sys.stderr)
    return 1 if reader.wrong or not reader.samples else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
