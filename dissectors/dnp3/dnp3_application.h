/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: the application layer (IEEE 1815 clause 4).
 */
#ifndef SLUICE_DNP3_APPLICATION_H
#define SLUICE_DNP3_APPLICATION_H

#include "dnp3_read.h"

void dnp3_read_fragment(struct dnp3_read *r, struct cursor *a);

/* A whole response was let through. */
void dnp3_keep_response(struct dnp3_pair *pair, const struct dnp3_work *w);

#endif
