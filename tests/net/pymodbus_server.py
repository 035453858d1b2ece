#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Modbus server on pymodbus: a second opinion for the tests.

   pymodbus_server.py ADDRESS [PORT]

Unlike libmodbus it finds the end of a message by the length in the header, and answers unknown functions
with an exception without losing its place.  Registers, inputs and coils 0..999.
"""
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartTcpServer

blocks = {name: ModbusSequentialDataBlock(0, [0] * 1000) for name in ("di", "co", "hr", "ir")}
slave = ModbusSlaveContext(zero_mode=True, **blocks)
port = int(sys.argv[2]) if len(sys.argv) > 2 else 502
StartTcpServer(context=ModbusServerContext(slaves=slave, single=True), address=(sys.argv[1], port))
