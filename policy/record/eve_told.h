/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eve, inside: what eve.c takes from eve_told.c.  Nobody else includes this. */
#ifndef SLUICE_EVE_TOLD_H
#define SLUICE_EVE_TOLD_H

#include <jansson.h>

#include "event.h"

/*
 * A whole number as an integer, so that 1500 is not written 1500.0; NULL for what JSON has no word
 * for: not a number, infinity.
 */
json_t *eve_value(double value);

/* Put what the protocol's headers say into the object named after it. */
void eve_put_told(json_t *object, const struct dissector *dissector, const struct event *event);

#endif
