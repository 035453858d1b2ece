/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: the transport function (IEEE 1815 clause 8).
 */
#ifndef SLUICE_DNP3_SEGMENT_H
#define SLUICE_DNP3_SEGMENT_H

#include "dnp3_read.h"

/* Put together what is here of the fragment; false if there is nothing that can be read. */
bool dnp3_read_segment(struct dnp3_read *r, struct cursor *c, struct cursor *ret_fragment);

/* The segment was let through. */
void dnp3_keep_segment(
    struct dnp3_state *state, const struct context *context, const struct dnp3_work *w);

#endif
