/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Amend, messages. */
#ifndef SLUICE_AMEND_MESSAGE_H
#define SLUICE_AMEND_MESSAGE_H

#include "trial.h"

/* Try rules that are widened or added, for a message that the rules of its channel deny. */
void amend_message(struct amend *a);

#endif
