#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Circles: do files of the product use each other in both directions?

    tests/check/circles.py BUILD [--arrows]

Two files are joined by an arrow where one includes the other (the compiler's own dependency output)
or where its object needs a symbol that the other's object defines (nm).  A header and the .c file of
the same name are one place.  Prints each circle with the arrows that close it; exit status 1 if there
is one, 2 if the build could not be read.  --arrows prints all arrows instead.
"""
import collections
import os
import re
import subprocess
import sys

ROOMS = ('dissectors', 'policy', 'daemon', 'tools')


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def place(path):
    """policy/model/model.h and policy/model/model.c are one place."""
    return os.path.splitext(path)[0]


def ours(build, path):
    """The path from the root of the source, or None where the file is not of the product."""
    path = os.path.relpath(os.path.join(build, path))
    return path if path.split('/')[0] in ROOMS and path.endswith(('.c', '.h')) else None


def read_deps(build):
    """Object -> its files as the compiler read them, its own source first."""
    objects, current = {}, None
    for line in run('ninja', '-C', build, '-t', 'deps').splitlines():
        if line and not line[0].isspace() and ': #deps' in line:
            current = objects.setdefault(line.split(': #deps')[0], [])
        elif line.strip() and current is not None:
            path = ours(build, line.strip())
            if path:
                current.append(path)
    return {o: files for o, files in objects.items()
            if o.endswith('.o') and files and o.split('/')[0] in ROOMS}


def include_arrows(files):
    """A file's own #include lines, resolved among the files that the compiler found."""
    arrows = collections.defaultdict(set)
    names = collections.defaultdict(set)
    for path in files:
        names[os.path.basename(path)].add(path)
    for path in files:
        with open(path, encoding='utf-8') as text:
            for line in text:
                match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
                if match:
                    near = os.path.join(os.path.dirname(path), match[1])
                    found = {near} if near in files else names.get(os.path.basename(match[1]), ())
                    for other in found:
                        arrows[place(path), place(other)].add('includes ' + match[1])
    return arrows


def symbol_arrows(build, objects):
    arrows = collections.defaultdict(set)
    defined, needed = {}, collections.defaultdict(set)
    for name, files in objects.items():
        source = place(files[0])
        for line in run('nm', '-g', os.path.join(build, name)).splitlines():
            kind, symbol = line.split()[-2:]
            if kind == 'U':
                needed[source].add(symbol)
            elif symbol != 'main':
                defined.setdefault(symbol, source)
    for source, symbols in needed.items():
        for symbol in symbols:
            if defined.get(symbol, source) != source:
                arrows[source, defined[symbol]].add('needs ' + symbol)
    return arrows


def components(arrows):
    """Strongly connected places, by Tarjan's method without recursion."""
    after = collections.defaultdict(list)
    for a, b in arrows:
        if a != b:
            after[a].append(b)
    index, low, stack, found = {}, {}, [], []
    for root in sorted(after):
        if root in index:
            continue
        work = [(root, iter(after[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, rest = work[-1]
            step = next(rest, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    at = stack.index(node)
                    if len(stack) - at > 1:
                        found.append(sorted(stack[at:]))
                    del stack[at:]
            elif step not in index:
                index[step] = low[step] = len(index)
                stack.append(step)
                work.append((step, iter(after[step])))
            elif step in stack:
                low[node] = min(low[node], index[step])
    return found


def main():
    if len(sys.argv) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    build = os.path.relpath(sys.argv[1])
    objects = read_deps(build)
    if not objects:
        print(f'{build}: no object of the product has dependencies there; build it with ninja first',
              file=sys.stderr)
        return 2
    files = {path for found in objects.values() for path in found}
    arrows = include_arrows(files)
    for pair, why in symbol_arrows(build, objects).items():
        arrows[pair] |= why
    if '--arrows' in sys.argv:
        for (a, b), why in sorted(arrows.items()):
            if a != b:
                print(f'{a} -> {b}: {", ".join(sorted(why))}')
        return 0
    found = components(arrows)
    for circle in found:
        print('a circle of ' + ', '.join(circle))
        for (a, b), why in sorted(arrows.items()):
            if a != b and a in circle and b in circle:
                print(f'    {a} -> {b}: {", ".join(sorted(why))}')
    if not found:
        print(f'{len(objects)} objects, {len(files)} files, {len(arrows)} arrows, no circle')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
