#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Modbus client on pymodbus: commands on one connection, a line of answer for each, as modbus_client.c says.

    modbus_client.py ADDRESS UNIT COMMAND...

Unit 0 is a broadcast, to which pymodbus waits for no answer.
"""
import sys

from pymodbus.client import ModbusTcpClient
from pymodbus.constants import Endian
from pymodbus.diag_message import ClearCountersRequest, RestartCommunicationsOptionRequest, ReturnQueryDataRequest
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.other_message import ReportSlaveIdRequest
from pymodbus.payload import BinaryPayloadBuilder

address, unit = sys.argv[1], int(sys.argv[2])
client = ModbusTcpClient(address, timeout=2, retries=0, broadcast_enable=True)


def bits(count):
    return lambda answer: [int(bit) for bit in answer.bits[:count]]


def registers(answer):
    return answer.registers


def nothing(_):
    return []


def floats(numbers):
    builder = BinaryPayloadBuilder(byteorder=Endian.Big, wordorder=Endian.Big)
    for number in numbers:
        builder.add_32bit_float(number)
    return builder.to_registers()


def identity(answer):
    return [text.decode() for text in answer.information.values()]


# word: the request, and what is told of the answer
COMMANDS = {
    "read-coils": lambda a, n: (client.read_coils(a, n, slave=unit), bits(n)),
    "read-discrete": lambda a, n: (client.read_discrete_inputs(a, n, slave=unit), bits(n)),
    "read-input": lambda a, n: (client.read_input_registers(a, n, slave=unit), registers),
    "read-holding": lambda a, n: (client.read_holding_registers(a, n, slave=unit), registers),
    "write-coil": lambda a, v: (client.write_coil(a, bool(v), slave=unit), nothing),
    "write-coils": lambda a, *v: (client.write_coils(a, [bool(x) for x in v], slave=unit), nothing),
    "write-register": lambda a, v: (client.write_register(a, v, slave=unit), nothing),
    "write-registers": lambda a, *v: (client.write_registers(a, list(v), slave=unit), nothing),
    "write-floats": lambda a, *v: (client.write_registers(a, floats(v), slave=unit), nothing),
    "mask": lambda a, x, o: (client.mask_write_register(a, x, o, unit=unit), nothing),
    "read-write": lambda a, n, b, *v: (client.readwrite_registers(
        read_address=a, read_count=n, write_address=b, write_registers=list(v), unit=unit), registers),
    "device-id": lambda: (client.execute(ReadDeviceInformationRequest(read_code=1, unit=unit)), identity),
    "server-id": lambda: (client.execute(ReportSlaveIdRequest(unit=unit)),
                          lambda answer: [answer.identifier.hex()]),
    "echo": lambda high, low: (client.execute(ReturnQueryDataRequest(high << 8 | low, unit=unit)),
                               lambda answer: ["".join(f"{word:04x}" for word in answer.message)]),
    "restart": lambda: (client.execute(RestartCommunicationsOptionRequest(unit=unit)), nothing),
    "clear-counters": lambda: (client.execute(ClearCountersRequest(unit=unit)), nothing),
}


def number(text):
    return float(text) if "." in text else int(text)


if not client.connect():
    sys.exit("no connection")
for text in sys.argv[3:]:
    word, *numbers = text.split()
    try:
        answer, tell = COMMANDS[word](*map(number, numbers))
        if unit == 0:
            print("yes", answer.decode() if isinstance(answer, bytes) else answer)
        elif answer.isError():
            print("no", answer)
        else:
            print(" ".join(["yes", *map(str, tell(answer))]))
    except Exception as error:  # whatever a program that uses it would get
        print("no", type(error).__name__, error)
