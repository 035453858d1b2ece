/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: the pairs of addresses of which a connection has something to remember.
 */
#ifndef SLUICE_DNP3_PAIRS_H
#define SLUICE_DNP3_PAIRS_H

#include "dnp3_read.h"

/* Index of the pair, DNP3_NONE if nothing is remembered of it. */
uint8_t dnp3_find_pair(const struct dnp3_state *state, uint16_t master, uint16_t outstation);

/* Something of the pair will have to be remembered: fails if there is no room. */
void dnp3_want_pair(struct dnp3_read *r, struct cursor *c);

/* The pair of the frame that is read; NULL if nothing is remembered of it. */
const struct dnp3_pair *dnp3_pair(const struct dnp3_read *r);

/* The frame was let through: the place of its pair, taken now if need be; NULL if it needs none. */
struct dnp3_pair *dnp3_keep_pair(
    struct dnp3_state *state, const struct dnp3_work *w, uint64_t now_ms);

#endif
