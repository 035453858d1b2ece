/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies: random ones as text, for the product to load.
 */
#ifndef SLUICE_TEST_POLICIES_H
#define SLUICE_TEST_POLICIES_H

#include "load.h"
#include "own.h"

enum { TEXT_MAX = 8192 };

struct text {
	char data[TEXT_MAX];
	size_t length;
};

/* A policy with one channel, as own.c has it and as text. */
void policies_make(const struct protocol *protocol, struct own_policy *own, struct text *text);

void policies_print(
    const struct protocol *protocol, const struct own_policy *own, struct text *text);

/* A policy that the product does not understand is a failure as well: ends the program. */
struct policy *policies_load(const struct text *text);

#endif
