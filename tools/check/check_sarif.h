/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check, SARIF: errors and findings of policies in the Static Analysis Results Interchange Format
 * 2.1.0 of OASIS, which tools for the review of code show at their lines.
 */
#ifndef SLUICE_CHECK_SARIF_H
#define SLUICE_CHECK_SARIF_H

#include <jansson.h>

#include "diagnostics.h"

/* A log with one run and no results yet; NULL if memory is out. */
json_t *check_sarif_new(void);

/* Add what was found in one file.  What is accepted on the day `today` is marked as suppressed. */
void check_sarif_add(json_t *log, const struct diagnostics *diagnostics, const char *today);

#endif
