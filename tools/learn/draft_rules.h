/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draft rules: the least that permits what the messages of a talk did. */
#ifndef SLUICE_LEARN_DRAFT_RULES_H
#define SLUICE_LEARN_DRAFT_RULES_H

#include <stdio.h>

#include "lesson.h"

/* Is there anything that a rule would permit? */
bool draft_rules_any(const struct lesson *lesson, uint32_t talk);

/* " rules: ( ... );" */
void draft_rules_write(const struct lesson *lesson, uint32_t talk, FILE *out);

/* Comments: functions that were left out, and messages that no rule permits. */
void draft_rules_doubts(const struct lesson *lesson, FILE *out);

#endif
