/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: what was selected, for the OPERATE that must repeat it.
 */
#ifndef SLUICE_DNP3_SELECTS_H
#define SLUICE_DNP3_SELECTS_H

#include "dnp3_read.h"

/* A SELECT will have to be kept: fails if there is no room. */
void dnp3_want_select(struct dnp3_read *r, struct cursor *c);

/* Is there a SELECT for this OPERATE?  *ret_same tells whether its objects are the same so far. */
bool dnp3_selected(const struct dnp3_read *r, bool *ret_same);

/* A whole request was let through. */
void dnp3_keep_request(struct dnp3_state *state, const struct dnp3_work *w, uint64_t now_ms);

#endif
