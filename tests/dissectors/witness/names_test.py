#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What names.py says of a witness that asks for fields which tshark does not have, in each way of writing them."""
import sys
import unittest

sys.dont_write_bytecode = True
import names  # noqa: E402
import witness  # noqa: E402

HAVE = {"modbus.mei", "s7comm.param.item.db"}


def said(program):
    return names.complaints(names.names_in(program), HAVE)


class Names(unittest.TestCase):
    def test_right_names(self):
        self.assertEqual(said('all("modbus.mei"); FIELDS = [("s7comm.param.item.db", "block")]'), [])

    def test_what_is_no_field(self):
        self.assertEqual(said('"a sentence. And more"; open("vectors.pcap"); f"{path} frame {number}"'), [])

    def test_unknown_name(self):
        self.assertEqual(len(said('all("modbus.mie")')), 1)

    def test_names_that_are_put_together(self):
        for program in ('f"s7comm.param.item.{name}"', 'f"s7comm.{name}.db"', '"s7comm.param.item." + name',
                        '"s7comm.param.item.%s" % name', '"s7comm.param.{}.db".format(name)'):
            self.assertEqual(len(said(program)), 1, program)

    def test_patterns(self):
        for program in (r'r"modbus\.mei\d*"', r'rf"modbus\.{kind}"', r'"modbus.m.*"'):
            self.assertEqual(len(said(program)), 1, program)

    def test_witness_asks_for_it(self):
        message = witness.Message("capture", 1, False, "", [])
        self.assertEqual(message.all("modbus.mei"), [])
        with self.assertRaises(LookupError):
            message.all("modbus" + ".mie")


if __name__ == "__main__":
    witness.find_tshark()
    unittest.main()
