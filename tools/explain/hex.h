/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hex: bytes from hexadecimal text, in the forms in which people have them.
 */
#ifndef SLUICE_HEX_H
#define SLUICE_HEX_H

#include "hex_reader.h"

/*
 * Read one of: pairs of digits, one sign (blank, ":", "," or "-") between groups of them or none;
 * "0x01 0x02" or "0x0102"; "\x01\x02" in quotes or not; "<Buffer 01 02>"; a C array; a dump with
 * offsets and perhaps characters, as Wireshark, tcpdump, xxd and hexdump -C print it.  What is not
 * surely one of these is refused.  Returns 0, -EINVAL or -ENOMEM after it was told what is wrong,
 * where, and what was expected.
 */
int hex_parse(const char *text, struct hex *ret_hex);
void hex_done(struct hex *hex);

#endif
