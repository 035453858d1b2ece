/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Status: what the running daemon tells about itself, as JSON and as metrics.
 */
#ifndef SLUICE_STATUS_H
#define SLUICE_STATUS_H

#include <jansson.h>

#include "state.h"

/* Everything but the channels; NULL when memory is out. */
json_t *status_daemon(struct supervisor *supervisor);

/* One object for each channel, with its counters. */
json_t *status_channels(struct supervisor *supervisor);

/* "2026-10-05T12:00:00Z" */
json_t *status_moment(uint64_t wall_ns);

/* Why and when a policy file could not be put in force, and its lines. */
json_t *status_failure(const struct failure *failure);

/* Prometheus' text format, newly allocated. */
char *status_metrics(struct supervisor *supervisor);

#endif
