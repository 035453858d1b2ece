/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Isolate: make an island of a zone, and end that.
 *
 * All conduits of the zone are cut: their channels are no more in the kernel's table, which changes
 * in one transaction, and inspectors reset their connections.  That holds under every policy, until
 * the zone is rejoined: the record is kept in the state directory.
 */
#ifndef SLUICE_ISOLATE_H
#define SLUICE_ISOLATE_H

#include <jansson.h>

#include "state.h"

/* Read what is kept, before the first policy is loaded. Always 0. */
int isolate_begin(struct supervisor *supervisor);

/* Once the first policy is in force: what could not be read is told, and becomes a record of all
 * zones. */
void isolate_settle(struct supervisor *supervisor);

/*
 * Answers to requests with "zone" and "reason".  What refuses has "error" and "unchanged".  A zone
 * that is isolated already, or not, is no error: "already" says so.
 */
json_t *isolate_answer(void *context, const json_t *request, const char **ret_error);
json_t *isolate_answer_rejoin(void *context, const json_t *request, const char **ret_error);

/* A new array of the islands: zone, who, why, since, and whether the policy has the zone. */
json_t *isolate_array(const struct supervisor *supervisor);

#endif
