/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNP3: object headers (IEEE 1815 clause 4) and what stands behind them.
 */
#ifndef SLUICE_DNP3_OBJECTS_H
#define SLUICE_DNP3_OBJECTS_H

#include "dnp3_read.h"

/* All of them, to the end of the fragment. */
void dnp3_read_objects(struct dnp3_read *r, struct cursor *a);

#endif
