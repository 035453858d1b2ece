/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failure: the errors of a policy that could not be put in force, kept to be asked for. */
#ifndef SLUICE_FAILURE_H
#define SLUICE_FAILURE_H

#include "state.h"

/* One more line, of the heap, which is taken; NULL counts as one that found no place. */
void failure_add(struct failure *failure, char *line);

/* A loaded_teller, `context` being a failure: all on standard error, and errors here too. */
void failure_tell(void *context, const struct diagnostic *diagnostic);

/* Forget what has failed. */
void failure_done(struct failure *failure);

#endif
