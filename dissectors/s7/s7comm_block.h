/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * S7comm: blocks by name.
 */
#ifndef SLUICE_S7COMM_BLOCK_H
#define SLUICE_S7COMM_BLOCK_H

#include "s7comm_reader.h"

/* "0A00001P": type, number and file system of a block, which becomes a point of the message. */
void s7_read_block(struct cursor *c, struct message *m, enum access access);

/* "0A": the type alone. */
uint8_t s7_read_block_type(struct cursor *c);

/* The length of a name that follows, and the name. */
void s7_read_file_name(struct s7_reader *r);

#endif
