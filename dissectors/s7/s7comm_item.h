/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: variables by address, and their values.
 */
#ifndef SLUICE_S7COMM_ITEM_H
#define SLUICE_S7COMM_ITEM_H

#include "s7comm_reader.h"

/* Can parameters of this length behind the number of items be items? */
bool s7_items_fit(uint32_t length, bool write);

/* Can such items have lo to hi bytes of data? */
bool s7_item_data_fits(uint32_t length, uint32_t lo, uint32_t hi);

/* The request, behind the function; and its answer. */
void s7_read_items(struct s7_reader *r, bool write);
void s7_read_values(struct s7_reader *r);

/* `count` items to read, to the end of the cursor. */
void s7_read_item_list(struct s7_reader *r, uint32_t count);

#endif
