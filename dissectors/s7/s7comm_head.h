/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: the header of a message.
 */
#ifndef SLUICE_S7COMM_HEAD_H
#define SLUICE_S7COMM_HEAD_H

#include "s7comm_reader.h"

enum {
	S7_HEADER_SHORT = 10,
	S7_HEADER_LONG = 12, /* of acknowledgements: with their error */
	S7_SETUP_SIZE = 8,   /* bytes of parameters */
};

uint32_t s7_header_size(uint8_t rosctr);

/* Is there a message whose header begins like this?  `known` bytes of it are here. */
bool s7_header_possible(const struct s7_reader *r, const uint8_t *bytes, uint32_t known);

/* Read up to the length of the data into r->head, whose first fields are set. */
void s7_read_head(struct s7_reader *r);

#endif
