/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amend: the changes of a policy that would allow what it denies, the one first that permits least
 * besides.
 *
 * Decides nothing: each change is made in a copy of the text, loaded, and asked about by decide();
 * what else it permits is the symbolic difference of the two policies.
 */
#ifndef SLUICE_AMEND_H
#define SLUICE_AMEND_H

#include "amendment.h"
#include "remedies.h"

/* Memory that is out ends the program. */
void amend_find(const struct amend_question *question, struct amendments *ret_amendments);
void amendments_done(struct amendments *amendments);

#endif
