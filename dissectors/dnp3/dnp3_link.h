/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: the data link layer (IEEE 1815 clause 9).
 */
#ifndef SLUICE_DNP3_LINK_H
#define SLUICE_DNP3_LINK_H

#include "dnp3_read.h"

/* The CRC of so many bytes, as frames carry it. */
uint16_t dnp3_crc(const uint8_t *data, size_t length);

/* The header of a frame; its user data into work->user, without CRCs. */
void dnp3_read_header(struct dnp3_read *r, struct cursor *c);
void dnp3_read_blocks(struct dnp3_read *r, struct cursor *c);

/* A frame without user data is a message of its own, and so is one that comes again as it was. */
void dnp3_read_link_message(struct dnp3_read *r, struct cursor *c);
void dnp3_read_repeated(struct dnp3_read *r, struct cursor *c);

/* The frame was let through; `pair` is the place of its addresses, NULL if they have none. */
void dnp3_keep_frame(struct dnp3_state *state, struct dnp3_pair *pair, enum direction direction,
    const struct dnp3_work *w);

#endif
