/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draft policy: the text of a policy from what captures showed.
 *
 * Everything in it cites the frames that it comes from.  Two forms: one that permits all, to look
 * by it (draft_policy_open), and the learned one.
 */
#ifndef SLUICE_LEARN_DRAFT_POLICY_H
#define SLUICE_LEARN_DRAFT_POLICY_H

#include <stdio.h>

#include "lesson.h"

/* Zones as learned, and a channel "tN" for each talk N, which permits and monitors everything. */
void draft_policy_open(const struct lesson *lesson, FILE *out);

/* What was learned, for what it would deny to be counted: monitored, and picked up in the middle.
 */
void draft_policy_try(const struct lesson *lesson, FILE *out);

/* What was learned, and as comments what was left out. */
void draft_policy_write(const struct lesson *lesson, FILE *out);

#endif
