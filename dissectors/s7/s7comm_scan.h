/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: texts of policies, read piece by piece.
 */
#ifndef SLUICE_S7COMM_SCAN_H
#define SLUICE_S7COMM_SCAN_H

#include <stdbool.h>
#include <stdint.h>

/* Where a text is read; NULL after the first thing that was not there. */
struct s7_scanner {
	const char *at;
};

/* Does it go on with this?  Then it is behind it. */
bool s7_scan(struct s7_scanner *s, const char *text);

/* Decimal digits, or hexadecimal ones behind "0x"; at most `max`. */
uint32_t s7_scan_number(struct s7_scanner *s, uint32_t max);

#endif
