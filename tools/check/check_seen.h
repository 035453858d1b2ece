/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check, seen: what a capture shows of a policy's channels and rules in use.
 */
#ifndef SLUICE_CHECK_SEEN_H
#define SLUICE_CHECK_SEEN_H

#include "diagnostics.h"
#include "model.h"

/* Add a finding for each channel and rule that no packet of the capture needed.  Returns 0, or
 * -errno after an error was told. */
int check_seen(const struct policy *policy, const char *capture, struct diagnostics *diagnostics);

#endif
