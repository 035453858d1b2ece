#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Modbus devices on pymodbus for the rules of the manual page.

    modbus_device.py device ADDRESS LOG              a device that can be asked who it is
    modbus_device.py gateway ADDRESS LOG TTY         a gateway to a serial line

Each request that is carried out is a line of LOG: unit, function and the rest in hexadecimal digits.  The gateway asks
the line by pymodbus' client; for a device that is silent it answers with exception 11, and to all of them it
sends what is for unit 0, to which nobody answers.
"""
import sys

from pymodbus.client import ModbusSerialClient
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.pdu import ExceptionResponse, ModbusExceptions
from pymodbus.server import StartTcpServer
from pymodbus.server.async_io import ModbusConnectedRequestHandler

role, address, log = sys.argv[1], sys.argv[2], open(sys.argv[3], "a", buffering=1, encoding="ascii")
line = ModbusSerialClient(sys.argv[4], baudrate=115200, timeout=1, retries=0, broadcast_enable=True) \
    if role == "gateway" else None


def tell(request):
    print(bytes([request.unit_id, request.function_code]).hex() + request.encode().hex(), file=log)


class Device(ModbusConnectedRequestHandler):
    def execute(self, request, *addr):
        tell(request)
        super().execute(request, *addr)


class Gateway(ModbusConnectedRequestHandler):
    def execute(self, request, *addr):
        tell(request)
        unit, transaction = request.unit_id, request.transaction_id
        answer = line.execute(request)
        if unit == 0:
            return
        if not hasattr(answer, "function_code"):  # nobody has answered in time
            answer = ExceptionResponse(request.function_code, ModbusExceptions.GatewayNoResponse)
        answer.transaction_id, answer.unit_id = transaction, unit
        self.send(answer, *addr)


blocks = {name: ModbusSequentialDataBlock(0, [0] * 1000) for name in ("di", "co", "hr", "ir")}
identity = ModbusDeviceIdentification(info_name={"VendorName": "Pumps", "ProductCode": "P7", "MajorMinorRevision": "1.2"})
if line and not line.connect():
    sys.exit("the line can't be opened")
print("ready", file=log)
StartTcpServer(context=ModbusServerContext(slaves=ModbusSlaveContext(zero_mode=True, **blocks), single=True),
               identity=identity, address=(address, 502), handler=Gateway if line else Device)
