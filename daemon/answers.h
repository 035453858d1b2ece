/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers: what the daemon answers at its control socket; sluiced(8) describes each.
 */
#ifndef SLUICE_ANSWERS_H
#define SLUICE_ANSWERS_H

#include "control.h"

/* Ended by a name of NULL; their context is the struct supervisor. */
extern const struct control_command answers[];

/* A control_refusal whose context is the struct supervisor. */
void answers_refused(void *context, const struct control_command *command);

#endif
