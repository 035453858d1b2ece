#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A pymodbus client that reads, is refused, and goes on reading on the same connection.

   refused.py ADDRESS

A line for each step: what the program that uses pymodbus gets to know.
"""
import sys

from pymodbus.client import ModbusTcpClient

client = ModbusTcpClient(sys.argv[1], timeout=5, retries=0)
assert client.connect()
own = client.socket.getsockname()


def say(what, answer):
    if answer.isError():
        print(what, "exception", getattr(answer, "exception_code", "none"), "function", getattr(answer, "original_code", 0))
    else:
        print(what, "right")


for round in range(3):
    say("read", client.read_holding_registers(0, 10, slave=1))
    say("write-single", client.write_register(50, 7, slave=1))
    say("write-multiple", client.write_registers(50, [1, 2, 3], slave=1))
    say("write-coil", client.write_coil(3, True, slave=1))
    say("read-outside", client.read_holding_registers(500, 1, slave=1))
say("read", client.read_holding_registers(0, 10, slave=1))
print("the same connection" if client.socket and client.socket.getsockname() == own else "another connection")
