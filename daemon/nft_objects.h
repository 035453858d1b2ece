/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft objects: a ruleset as messages of a transaction.  The one place that uses libnftnl.
 */
#ifndef SLUICE_NFT_OBJECTS_H
#define SLUICE_NFT_OBJECTS_H

#include "nft_names.h"
#include "nft_netlink.h"
#include "ruleset_ir.h"

/* The table as it is: names sorted. */
struct nft_present {
	bool table;
	struct nft_names base_chains;
	struct nft_names chains;
	struct nft_names sets;
	struct nft_names counters;
};

/*
 * Add to the batch everything that turns a table from what is `present` into the ruleset.
 * `scratch`: in a table of another name and without hooks, for a transaction that is never
 * committed.  Returns 0 or -ENOMEM.
 */
int nft_objects_replace(struct nft_batch *batch, const struct ruleset *ruleset,
    const struct nft_present *present, bool scratch);

/* Add the removal of our table with all that is in it. */
int nft_objects_remove(struct nft_batch *batch);

#endif
