/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Surroundings: what the machine must have, and sluiced leaves to its administrator.
 *
 * Only told: interfaces come and go, and a firewall that does not start protects nothing.
 */
#ifndef SLUICE_SURROUNDINGS_H
#define SLUICE_SURROUNDINGS_H

#include "model.h"

/* Told of each thing that is missing: a word and a sentence. */
typedef void surroundings_teller(void *context, const char *what, const char *text);

/* Look for what `policy` needs now. */
void surroundings_look(const struct policy *policy, surroundings_teller *teller, void *context);

/* Warn of interfaces that are not there, and of those from which the kernel does not forward. */
void surroundings_tell(const struct policy *policy);

/* An interface carries nothing while nobody has taken it up, or plugged it in. */
enum wire { WIRE_UP = 0, WIRE_DOWN, WIRE_UNPLUGGED };

/* Where the kernel does not say, it is up. */
enum wire surroundings_wire(const char *interface);

/* "up", "down", "without a carrier". */
const char *surroundings_wire_word(enum wire wire);

#endif
