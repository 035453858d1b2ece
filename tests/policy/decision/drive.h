/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drive: a hostile client, steered by bytes, against the engine.
 *
 * Splits, repeats, changes, reorders, resynchronises; then says whether the server got something
 * that the policy forbids.  The judge of that is written anew here and knows nothing of the engine.
 */
#ifndef SLUICE_TEST_DRIVE_H
#define SLUICE_TEST_DRIVE_H

#include "sim.h"

/* The policy that drive() expects: FC 3 anywhere, FC 6 to 40-42 with 0-1500; `on_deny` as in it. */
struct sim *drive_new(const char *on_deny);

/* NULL if every promise held, else what went wrong. */
const char *drive(struct sim *sim, const uint8_t *steering, size_t size);

#endif
