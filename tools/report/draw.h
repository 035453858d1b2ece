/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draw: zones and conduits of a policy as a picture (SVG), which needs nothing but itself.
 *
 * A conduit is a line with its number; below the picture stands which that is.  Arrows show who may
 * begin a connection, full lines that all of its channels are inspected, dotted ones that it only
 * monitors.  Where there are very many zones, those of one class and target are drawn as one.
 */
#ifndef SLUICE_DRAW_H
#define SLUICE_DRAW_H

#include <stdio.h>

#include "model.h"

/* `alone`: a file of its own, with the list of its conduits.  Returns 0 or -ENOMEM. */
int draw_policy(const struct policy *policy, bool alone, FILE *out);

/* What a conduit's line says: "inspected", "inspected in part", "not inspected". */
const char *draw_inspection(const struct conduit *conduit);

#endif
