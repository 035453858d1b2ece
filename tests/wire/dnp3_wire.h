/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3 wire: frames as a device would send them, for tests and benches (IEEE 1815, clause 9).
 *
 * Written anew here, so that a test does not ask the dissector what is right.
 */
#ifndef SLUICE_TEST_DNP3_WIRE_H
#define SLUICE_TEST_DNP3_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum { DNP3_WIRE_USER_MAX = 250, DNP3_WIRE_FRAME_MAX = 292 };

/* Write the CRC of `length` bytes behind them. */
void dnp3_wire_put_crc(uint8_t *bytes, size_t length);

/* Write a frame with at most DNP3_WIRE_USER_MAX bytes of user data; its length. */
size_t dnp3_wire_frame(uint8_t control, unsigned destination, unsigned source, const uint8_t *user,
    size_t length, uint8_t *frame);

#endif
