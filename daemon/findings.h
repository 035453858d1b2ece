/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings: what of the running daemon needs a look, in one list; empty where all is fine.
 *
 * Each is a condition that lasts: what was once and is over stands in events and counters.
 */
#ifndef SLUICE_FINDINGS_H
#define SLUICE_FINDINGS_H

#include <jansson.h>

#include "state.h"

/* A new array of {"what": word, "text": sentence}. */
json_t *findings_array(struct supervisor *supervisor);

#endif
