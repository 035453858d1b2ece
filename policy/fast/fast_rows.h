/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fast rows: a channel as the recogniser understands it.
 *
 * What a row says the channel's rules say too; what they say and no row can say is left to the
 * engine.  Offsets and limits of messages are not written here again: the dissector is asked.
 */
#ifndef SLUICE_FAST_ROWS_H
#define SLUICE_FAST_ROWS_H

#include "fast.h"
#include "model.h"

/* Why nothing of a channel is vouched for in the kernel. */
enum fast_bar {
	FAST_SERVED = 0,
	FAST_BAR_PROTOCOL, /* not Modbus/TCP */
	FAST_BAR_MONITOR,
	FAST_BAR_ISOLATED,
	FAST_BAR_LOG,     /* every message is told */
	FAST_BAR_ROWS,    /* more than FAST_ROWS_MAX would be needed */
	FAST_BAR_NOTHING, /* its rules permit nothing that a row could say */
	FAST_BAR_COUNT
};

/* For people: "the channel tells of every message". */
const char *fast_bar_text(enum fast_bar bar);

/* Fill `rows`, of FAST_ROWS_MAX; *ret_count is 0 unless FAST_SERVED. */
enum fast_bar fast_compile(
    const struct channel *channel, struct fast_row *rows, uint32_t *ret_count);

/* How many points a function may read or write at once, by its code, as the dissector has it. */
void fast_quantities(uint16_t quantity_max[FAST_FUNCTIONS]);

#endif
