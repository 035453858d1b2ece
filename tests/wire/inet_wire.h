/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inet wire: numbers and sums as packets of IP have them, for tests and benches.
 *
 * Written anew here, so that a test does not ask the product what is right.
 */
#ifndef SLUICE_TEST_INET_WIRE_H
#define SLUICE_TEST_INET_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* In network order. */
void inet_put16(uint8_t *bytes, unsigned value);
void inet_put32(uint8_t *bytes, uint32_t value);

/* The sum of RFC 1071 over 16-bit words, folded; `sum` begins it. A checksum is its complement. */
uint16_t inet_sum(uint32_t sum, const uint8_t *bytes, size_t length);

#endif
