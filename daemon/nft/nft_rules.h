/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft rules: the rules of a ruleset as messages of a transaction, by libnftnl.
 */
#ifndef SLUICE_NFT_RULES_H
#define SLUICE_NFT_RULES_H

#include "nft_build.h"

/* Add rule `index` of a chain. */
void nft_rules_put(struct nft_build *build, const struct ruleset_chain *chain, size_t index);

#endif
