/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Amend, words: what else a change permits, and how much that is. */
#ifndef SLUICE_AMEND_WORDS_H
#define SLUICE_AMEND_WORDS_H

#include "amendment.h"

/* Fill `permits`, `alone` and `weight`. */
void amend_tell(const struct amend_question *question, struct amendment *amendment);

#endif
