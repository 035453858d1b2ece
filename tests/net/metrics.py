#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is a file in the text format of Prometheus, and as its documentation asks?

Stricter than the format: each name is told with HELP and TYPE once, in front of all its samples; counters end in
_total; no sample stands there twice; the buckets of a histogram grow, end in +Inf and agree with its count.

    metrics.py FILE              says what is wrong; exit status 1 if anything is
    metrics.py --names FILE      the names of all samples, for those who look for one
    metrics.py --try             does it refuse what it should?
    metrics.py --dashboard DASHBOARD [FILE]
                                 is a dashboard of Grafana sound, and is every metric that it names, with the labels
                                 that it asks for, among those of FILE?
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


EXPORTED = {'sluice_a_total': {'b', 'c'}, 'sluice_d': set(), 'sluice_h_bucket': {'le'}}
RIGHT_QUERIES = (
    'sum(sluice_d{instance=~"$instance"})', 'sum by (b, c) (rate(sluice_a_total{c!="x",b=~"y"}[1m]))',
    'sum by (instance, le) (rate(sluice_h_bucket[1m]))', 'label_values(sluice_a_total{b="x"}, c)',
    'label_values(sluice_d, instance)',
)
WRONG_QUERIES = (
    'sum(sluice_e)', 'sum(sluice_h_sum)', 'sum(sluice_d) / sum(sluice_e)', 'sum(sluice_d{b="x"})',
    'sum(sluice_a_total{b="x",d=~"y"})', 'sum by (c, d) (sluice_a_total)', 'sum by (b) (sluice_a_total) / sluice_d',
    'label_values(sluice_a_total, d)', 'label_values(sluice_a_total{d="x"}, c)',
)


def try_texts():
    bad = [text for text in RIGHT if not sound(text)] + [text for text in WRONG if sound(text)]
    bad += [text for text in RIGHT_QUERIES if list(not_exported(text, EXPORTED))]
    bad += [text for text in WRONG_QUERIES if not list(not_exported(text, EXPORTED))]
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


GIVEN = {'instance', 'job'}  # Prometheus itself says whom it asked
SELECTOR = re.compile(r'\b(sluice_[a-z_]+)(?:\{([^}]*)\})?')
MATCHER = re.compile(r'([a-zA-Z_]+) *(?:=~|!~|!=|=) *"')


def asked_for(text):
    """Each metric of a query with the labels that it must have."""
    grouped = {label.strip() for found in re.findall(r'\b(?:by|without) *\(([^)]*)\)', text)
               for label in found.split(',')}
    listed = re.fullmatch(r'label_values\((.*), *([a-z_]+)\)', text)
    if listed:
        grouped.add(listed[2])
    for name, matchers in SELECTOR.findall(text):
        yield name, (grouped | set(MATCHER.findall(matchers))) - GIVEN


def not_exported(text, exported):
    """exported: the labels of each name."""
    for name, labels in asked_for(text):
        if name not in exported:
            yield f'{name} is not exported'
        else:
            yield from (f'{name} has no label {label}' for label in sorted(labels - exported[name]))


def labels_of(reader):
    """The labels that all samples of a name have."""
    exported = {}
    for name, labels in reader.samples:
        keys = {key for key, _ in labels}
        exported[name] = exported.get(name, keys) & keys
    return exported


def look_at_dashboard(dashboard, exported):
    """What is wrong with it; exported is None where the metrics are not known."""
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
        if exported is not None:
            wrong += not_exported(text, exported)
    return wrong


def dashboard(path, metrics):
    exported = None
    if metrics:
        with open(metrics, encoding='utf-8') as file:
            exported = labels_of(read(file.read()))
    with open(path, encoding='utf-8') as file:
        wrong = look_at_dashboard(json.load(file), exported)
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
