/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft build: what the two files that use libnftnl share; nobody else includes it.
 */
#ifndef SLUICE_NFT_BUILD_H
#define SLUICE_NFT_BUILD_H

#include "nft_objects.h"

/* One printing of a ruleset as messages. */
struct nft_build {
	struct nft_batch *batch;
	const struct ruleset *ruleset;
	const char *table;
	bool scratch;
	bool failed; /* out of memory, now or before: what follows does not matter */
};

/* Returns `object`; remembers that it is NULL. */
void *nft_build_check(struct nft_build *build, void *object);

/* nft_batch_begin(), checked. */
struct nlmsghdr *nft_build_begin(struct nft_build *build, uint16_t type, uint16_t flags);

/* Number by which messages of one batch know a set; 0: none of that name. */
uint32_t nft_build_set_id(const struct nft_build *build, const char *name);

/* Add rule `index` of a chain. */
void nft_build_rule(struct nft_build *build, const struct ruleset_chain *chain, size_t index);

#endif
