/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ruleset chains: which chains a ruleset has, those of ruleset_rules.c and the setters.
 *
 * Setters are there where others have bits of marks, too.  To keep these, a mark must be put
 * together of what it was and of what a map says; older kernels (6.1) can't do that with two values
 * that are both found out on the way.  So each mark has a chain of its own, which sets it as a
 * constant, and the map leads to the chain.
 */
#ifndef SLUICE_RULESET_CHAINS_H
#define SLUICE_RULESET_CHAINS_H

#include "model.h"
#include "ruleset_ir.h"

/* Make ruleset->setters, if the ruleset shares marks. 0 or -ENOMEM. */
int ruleset_chains_make(struct ruleset *ruleset, const struct policy *policy);
void ruleset_chains_free(struct ruleset_setters *setters);

/* The chain behind `chain`, the first for NULL; NULL at the end.  Base chains come first. */
const struct ruleset_chain *ruleset_chains_next(
    const struct ruleset *ruleset, const struct ruleset_chain *chain);

/* The name of the setter for a channel's mark on the connection, or on the packet. */
const char *ruleset_chains_connection(
    const struct ruleset *ruleset, uint32_t channel_index, bool back);
const char *ruleset_chains_packet(const struct ruleset *ruleset, uint32_t channel_index, bool back);

#endif
