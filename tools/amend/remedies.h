/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Remedies: what answers each reason, a change of the policy or something else.
 */
#ifndef SLUICE_REMEDIES_H
#define SLUICE_REMEDIES_H

#include "reason.h"

enum remedy_kind {
	REMEDY_SENTENCE = 0, /* no change of the policy */
	REMEDY_RULES,
	REMEDY_CONNECTIONS,
	REMEDY_SETTING,
};

enum setting_place { PLACE_CHANNEL = 0, PLACE_LIMITS, PLACE_POLICY };

struct remedy {
	enum remedy_kind kind;
	enum setting_place place;
	const char *key;
	const char *word;  /* what it is set to; NULL: twice the number that it is */
	const char *helps; /* what to do where no change is an answer, or none was found */
};

/* By reason; each has a sentence. */
extern const struct remedy remedies[REASON_COUNT];

#endif
