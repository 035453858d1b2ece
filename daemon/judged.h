/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judged: how long the inspectors take, for the status and the metrics.
 */
#ifndef SLUICE_JUDGED_H
#define SLUICE_JUDGED_H

#include <jansson.h>
#include <stdio.h>

#include "member.h"

/* Of all inspectors together: "packets", "total_ns" and "buckets", up to the last that has any. */
json_t *judged_object(const struct crew *crew);

/* A histogram of each inspector in the text format of Prometheus. */
void judged_metrics(FILE *out, const struct crew *crew);

#endif
