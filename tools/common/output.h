/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output: what the commands print under --json, and how they tell what is wrong with a policy.
 *
 * Every command that answers in JSON prints one object a line.
 */
#ifndef SLUICE_OUTPUT_H
#define SLUICE_OUTPUT_H

#include <jansson.h>

#include "load.h"

/* Print an object in one line on standard output and give up the reference to it. */
void output_json(json_t *object);

/* A string, JSON null for NULL. */
json_t *output_string(const char *text);

/*
 * Diagnostics for people, coloured, on standard error: "file:line: error: what".  Without what the
 * policy accepts on the day `today` (YYYY-MM-DD; NULL: whatever day it is).
 */
void output_diagnostics(const struct diagnostics *diagnostics, const char *today);

/* All of them as a JSON array. */
json_t *output_diagnostics_json(const struct diagnostics *diagnostics, const char *today);

/*
 * Load the policy that a command needs.  Errors are told on standard error, warnings are not (they
 * are for `sluice check`).  NULL if there is no policy to work with.
 */
struct policy *output_load_policy(const char *command, const char *file);

#endif
