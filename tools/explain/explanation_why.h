/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanation, why: which number is wrong and what the right one would be, which requests wait, and
 * which key of the policy governs it.
 */
#ifndef SLUICE_EXPLANATION_WHY_H
#define SLUICE_EXPLANATION_WHY_H

#include "explanation.h"

/* A number of a message that is not what it has to be. */
struct why_number {
	const char *name;
	uint64_t found;
	uint64_t first; /* what is right: first to last, or either of the two */
	uint64_t last;
	bool either;
};

enum { WHY_NUMBERS_MAX = 4 };

/* The wrong numbers, as far as they can be told; returns how many. */
unsigned why_numbers(const struct explanation *e, struct why_number ret_numbers[WHY_NUMBERS_MAX]);

/* For people, under the reason: numbers, and requests that wait. */
void why_print(const struct explanation *e);

/* The keys that govern a reason, with what they are; `channel` and `function` may be NULL. */
void why_print_keys(const struct policy *policy, const struct channel *channel,
    const struct function *function, enum reason reason);

/* For programs: members "numbers", "waiting" and "keys". */
void why_json(const struct explanation *e, json_t *object);

#endif
