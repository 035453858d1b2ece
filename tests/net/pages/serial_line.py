#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A serial line: what one end writes all others read.

    serial_line.py PATH...      makes these terminals, "ready" when they are there; ends when it is ended
"""
import os
import select
import sys
import tty

ends = {}
for path in sys.argv[1:]:
    end, terminal = os.openpty()
    tty.setraw(terminal)  # and stays open, so that an end without a program loses nothing
    os.symlink(os.ttyname(terminal), path)
    ends[end] = terminal
print("ready", flush=True)
while True:
    for end in select.select(list(ends), [], [])[0]:
        said = os.read(end, 4096)
        for other in ends:
            if other != end:
                os.write(other, said)
